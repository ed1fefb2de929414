"""Frozen, documented settings, one file a method; on disk they are TOML."""

from __future__ import annotations

from mazenav.config.spatial import LossConfig, ModelConfig, TrainConfig
from mazenav.config.toml import dump_toml, from_table, read_toml

__all__ = ["LossConfig", "ModelConfig", "TrainConfig", "dump_toml", "from_table", "read_toml"]
