"""Settings go to TOML and come back; what cannot be a setting is one sentence that names the field."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError, asdict, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.config import LossConfig, ModelConfig, TrainConfig, dump_toml, from_table, read_toml
from mazenav.config.modelfree import QModelConfig, QTrainConfig, ReplayConfig
from mazenav.config.policy import PolicyConfig
from mazenav.config.toml import tomllib
from mazenav.config.vin import VinModelConfig, VinTrainConfig
from mazenav.planner.settings import SearchConfig
from mazenav.types import MazenavError

BASELINES = (QModelConfig, ReplayConfig, QTrainConfig, VinModelConfig, VinTrainConfig, PolicyConfig)
KINDS = (ModelConfig, LossConfig, TrainConfig, SearchConfig, *BASELINES)


def through_a_file(folder: Path, value: Any) -> Any:
    path = folder / "config.toml"
    path.write_text(dump_toml({"it": value}), encoding="utf-8")
    return from_table(type(value), read_toml(path)["it"], "config.toml")


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_come_back(kind: type, tmp_path: Path) -> None:
    assert through_a_file(tmp_path, kind()) == kind()
    assert from_table(kind, {}, "nowhere") == kind(), "a table may leave everything out"


def test_nested_tuples_booleans_and_none_come_back(tmp_path: Path) -> None:
    changed = TrainConfig(
        model=ModelConfig(channels=5, mirror=(1, 0, 2, 3), temperature=0.25, blind=("body",)),
        loss=LossConfig(trace=0.5, unroll=3),
        seed=123456789012,
        learning_rate=3e-5,
        sizes=(5, 9),
        autocast=False,
    )
    back = through_a_file(tmp_path, changed)
    assert back == changed and asdict(back) != asdict(TrainConfig())
    assert isinstance(back.sizes, tuple) and isinstance(back.model.mirror, tuple) and back.autocast is False
    for search in (SearchConfig(), SearchConfig(max_depth=7, value_clip=12.5)):
        assert through_a_file(tmp_path, search) == search
    assert "max_depth" not in dump_toml({"search": SearchConfig()})


@given(
    st.floats(min_value=1e-9, max_value=1e6),
    st.integers(min_value=0, max_value=2**62),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_any_number_and_text_comes_back_exactly(rate: float, seed: int, text: str) -> None:
    tables = tomllib.loads(dump_toml({"train": TrainConfig(learning_rate=rate, seed=seed), "note": text}))
    assert from_table(TrainConfig, tables["train"], "here") == TrainConfig(learning_rate=rate, seed=seed)
    assert tables["note"] == text


def test_a_whole_number_may_stand_for_a_fraction() -> None:
    config = from_table(LossConfig, {"trace": 1}, "here")
    assert config.trace == 1.0 and isinstance(config.trace, float)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_writes_to_settings(kind: type) -> None:
    for entry in fields(kind):
        with pytest.raises(FrozenInstanceError):
            setattr(kind(), entry.name, None)


BAD: list[tuple[type, object, str]] = [
    (TrainConfig, {"speed": 3}, "here: no field is called 'speed' (there are agents, "),
    (TrainConfig, {"model": {"speed": 3}}, "here, field model: no field is called 'speed' (there are blind, "),
    (TrainConfig, {"model": 3}, "here, field model: a table is expected, found 3"),
    (TrainConfig, [], "here: a table is expected, found []"),
    (TrainConfig, None, "here: a table is expected, found None"),
    (TrainConfig, {"seed": 1.0}, "here, field seed: int is expected, found 1.0"),
    (TrainConfig, {"seed": "1"}, "here, field seed: int is expected, found '1'"),
    (TrainConfig, {"seed": True}, "here, field seed: int is expected, found True"),
    (TrainConfig, {"autocast": 1}, "here, field autocast: bool is expected, found 1"),
    (TrainConfig, {"learning_rate": "fast"}, "here, field learning_rate: float is expected, found 'fast'"),
    (TrainConfig, {"learning_rate": False}, "here, field learning_rate: float is expected, found False"),
    (TrainConfig, {"sizes": 7}, "here, field sizes: "),
    (TrainConfig, {"sizes": ["7", "9"]}, "here, field sizes: "),
    (TrainConfig, {"sizes": [7.5, 9.5]}, "here, field sizes: "),
    (TrainConfig, {"sizes": [True, 9]}, "here, field sizes: int is expected, found True"),
    (TrainConfig, {"model": {"blind": [1]}}, "here, field model, field blind: str is expected, found 1"),
    (SearchConfig, {"max_depth": "deep"}, "here, field max_depth: int is expected, found 'deep'"),
    (SearchConfig, {"algorithm": 1}, "here, field algorithm: str is expected, found 1"),
]


@pytest.mark.parametrize(("kind", "table", "beginning"), BAD)
def test_a_table_that_cannot_be_is_one_sentence(kind: type, table: object, beginning: str) -> None:
    with pytest.raises(MazenavError) as error:
        from_table(kind, table, "here")
    assert str(error.value).startswith(beginning)
    assert "\n" not in str(error.value)


def test_a_value_out_of_range_is_named() -> None:
    with pytest.raises(MazenavError, match=r"simulations must be an integer from 0 to 1e\+06, found -5"):
        from_table(SearchConfig, {"simulations": -5}, "here")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot read {}: No such file or directory"),
        (b"a = ", "{} is not a TOML file: "),
        (b"a = 1\na = 2\n", "{} is not a TOML file: "),
        (b"\xff\xfe", "{} is not a TOML file: "),
        (b"\x00" * 40, "{} is not a TOML file: "),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MazenavError) as error:
        read_toml(path)
    assert str(error.value).startswith(sentence.format(path))
    assert "\n" not in str(error.value)


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(MazenavError, match=r"^cannot read "):
        read_toml(tmp_path)


@pytest.mark.parametrize(
    ("kind", "table", "said"),
    [
        (ModelConfig, {"channels": -1}, "channels must lie between 1 and 4096, found -1"),
        (ModelConfig, {"mirror": [0, 0, 2, 3]}, "mirror must name each of 4 actions once"),
        (ModelConfig, {"speed_scale": float("nan")}, "speed_scale must lie between"),
        (LossConfig, {"trace": 1.5}, "trace must lie between 0 and 1, found 1.5"),
        (TrainConfig, {"sizes": [7]}, "sizes must be a smallest and a largest side"),
        (TrainConfig, {"sizes": [9, 7]}, "sizes must be a smallest and a largest side"),
        (TrainConfig, {"agents": 10, "replay_capacity": 5}, "replay_capacity must be at least agents"),
        (TrainConfig, {"iterations": 0}, "iterations must lie between 1"),
    ],
)
def test_values_out_of_range_are_told_with_file_and_field(kind: type, table: dict[str, object], said: str) -> None:
    with pytest.raises(MazenavError, match=f"^here: .*{re.escape(said)}"):
        from_table(kind, table, "here")
