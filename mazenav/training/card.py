"""The card of a trained agent: how it was made, what it can do, where it ends."""

from __future__ import annotations

import platform
from pathlib import Path

import torch

from mazenav import __version__
from mazenav.config import TrainConfig
from mazenav.files import write_text_whole

NAME = "card.md"


def write_card(out: Path, config: TrainConfig, seconds: float, success: float) -> None:
    """Write `card.md` into the agent's folder."""
    decisions = config.iterations * config.agents * config.segment
    sizes = f"{config.sizes[0]} to {config.sizes[1]}"
    text = f"""# An agent for zero-shot navigation from a map

The spatial hypermodel of mazenav {__version__}, after Zhao & Wong's Map-conditioned Multi-task Navigator
(arXiv 2412.12024).

## How it was made
- `mazenav train base --seed {config.seed}`: {config.iterations} iterations, {decisions / 1e6:.1f} M decisions at most,
  {seconds / 60:.1f} minutes of wall time with {torch.get_num_threads()} threads of {platform.machine()}, no GPU needed.
- Layouts: drawn afresh for every episode (mazes with and without loops, rooms, clutter, wide corridors, open
  halls), sides of {sizes} cells; layouts of the shipped test sets are left out by content hash.
- Learnt from its own experience alone: unrolled model loss, passability of borders, lambda-returns, hindsight goals.
  No oracle, no demonstration.
- Success over the last 2,000 training episodes, exploring: {success:.4f}.

## Limits
- The body is `dmlab` at action repeat 10, look +-30 pixels; another body needs another training.
- One map cell is one square of wall or floor: thin walls must be drawn as cells of their own.
- The map is taken at its word; where it is wrong, the agent does not notice.
"""
    write_text_whole(out / NAME, text)
