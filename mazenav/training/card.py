"""The card of a trained agent: how it was made, what it can do, where it ends."""

from __future__ import annotations

import platform
from pathlib import Path

import torch

from mazenav import __version__
from mazenav.config import TrainConfig
from mazenav.config.dense import DenseTrainConfig
from mazenav.files import write_text_whole
from mazenav.parallel import ranks

NAME = "card.md"


def write_card(out: Path, config: TrainConfig, seconds: float, success: float) -> None:
    """Write `card.md` into the agent's folder."""
    decisions = config.iterations * config.agents * config.segment
    sizes = f"{config.sizes[0]} to {config.sizes[1]}"
    mends = config.model.doubt_channels > 0
    command = f"mazenav train mmn --seed {config.seed}"
    drawn = (
        f"""drawn afresh for every episode (mazes with and without loops, rooms, clutter, wide corridors, open
  halls), sides of {sizes} cells"""
        if not config.layouts
        else f"those of the set {config.layouts}, over and over"
    )
    command += f" --layouts {config.layouts}" if config.layouts else ""
    command += "" if mends else " --model.doubt-channels 0"
    learnt = "unrolled model loss, passability of borders, lambda-returns, hindsight goals"
    if config.loss.search_weight:
        learnt += f",\n  search results (in the last {config.loss.search_share:.0%} of the run)"
    limit = "The map is taken at its word; where it is wrong, the agent does not notice."
    if mends:
        learnt += ", and from maps made wrong on purpose, by what was then driven"
        limit = (
            "A wrong map is mended by what happens on the way; that takes decisions that a right map would have saved."
        )
    threads = torch.get_num_threads() + (mends and ranks() == 1)  # the reader of wrong maps learns in one of its own
    text = f"""# An agent for zero-shot navigation from a map

The spatial hypermodel of mazenav {__version__}, after Zhao & Wong's Map-conditioned Multi-task Navigator
(arXiv 2412.12024).

## How it was made
- `{command}`: {config.iterations} iterations, {decisions / 1e6:.1f} M decisions at most,
  {seconds / 60:.1f} minutes of wall time with {threads} threads of {platform.machine()}, no GPU needed.
- Layouts: {drawn}; layouts of the shipped test sets are left out by content hash.
- Learnt from its own experience alone: {learnt}.
  No oracle, no demonstration.
- Success over the last 2,000 training episodes, exploring: {success:.4f}.

## Limits
- The body is `dmlab` at action repeat 10, look +-30 pixels; another body needs another training.
- One map cell is one square of wall or floor: thin walls must be drawn as cells of their own.
- {limit}
"""
    write_text_whole(out / NAME, text)


def write_dense_card(out: Path, config: DenseTrainConfig, seconds: float, success: float, farthest: int) -> None:
    """Write `card.md` into the folder of an agent with a dense hypermodel, or without one."""
    decisions = config.iterations * config.agents * config.segment
    predicted = config.model.conditioning == "weights"
    what = (
        "The dense hypermodel: it predicts all weights of the latent transition network from map, start and goal."
        if predicted
        else "The baseline without a hypermodel: the map's embedding is one more input of the transition network."
    )
    text = f"""# {"The paper's agent" if predicted else "An agent without a hypermodel"}

{what}
Zhao & Wong's Map-conditioned Multi-task Navigator (arXiv 2412.12024) as mazenav {__version__} builds it.

## How it was made
- `mazenav train {"mmn-dense" if predicted else "no-hyper"} --seed {config.seed}`: {config.iterations} iterations,
  {decisions / 1e6:.1f} M decisions at most, {seconds / 60:.1f} minutes of wall time with {torch.get_num_threads()}
  threads of {platform.machine()}, no GPU needed.
- Layouts: drawn afresh for every episode, sides of {config.sizes[0]} to {config.sizes[1]} cells; layouts of the shipped
  test sets are left out by content hash.
- Learnt from its own experience alone: MuZero with {config.loss.unroll} steps of unrolling, searched policies and
  n-step returns as labels, the auxiliary model loss, n-step hindsight goals. No oracle, no demonstration.
- Goals moved away from {config.nearest} to {farthest} cells as they were reached. Success over the last 2,000 training
  episodes, exploring: {success:.4f}.

## Limits
- Maps of up to {config.model.side} x {config.model.side} cells; it was made for goals near by, as in the paper.
- The body is `dmlab` at action repeat 10, look +-30 pixels; another body needs another training.
- The map is taken at its word; where it is wrong, the agent does not notice.
"""
    write_text_whole(out / NAME, text)
