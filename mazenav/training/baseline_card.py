"""The card of a learned baseline: how it was made, and what it is for."""

from __future__ import annotations

import platform
from pathlib import Path

import torch

from mazenav import __version__
from mazenav.config.modelfree import QTrainConfig
from mazenav.config.vin import VinTrainConfig
from mazenav.files import write_text_whole
from mazenav.training.curriculum import GrowingCollector
from mazenav.training.value_run import ValueRun

NAME = "card.md"

WHAT = {
    "mah": "Map-conditioned and model-free, after the baseline MAH of Zhao & Wong (arXiv 2412.12024): an n-step\n"
    "double dueling Q-network in the manner of Ape-X, with hindsight goals, that is given map and goal as an image.",
    "dqn": "Model-free in a single layout, after the baseline DQN of Zhao & Wong (arXiv 2412.12024): an n-step\n"
    "double dueling Q-network with hindsight goals that is given no map; it knows its one layout by heart.",
    "vin": "A value iteration network (Tamar et al. 2016) on the map's cells, with the local controller of mazenav's\n"
    "spatial agent behind it. It learns values alone, no model.",
}


def write_baseline_card(out: Path, name: str, config: QTrainConfig | VinTrainConfig, run: ValueRun) -> None:
    """Write `card.md` into the agent's folder."""
    decisions = run.done * config.agents * config.segment
    layouts = (
        "- One layout, `layout.txt`, drawn by the seed."
        if name == "dqn"
        else f"- Layouts: drawn afresh for every episode, sides of {config.sizes[0]} to {config.sizes[1]} cells;\n"
        "  layouts of the shipped test sets are left out by content hash."
    )
    text = f"""# A learned baseline: {name}

{WHAT[name]}

## How it was made
- `mazenav train {name} --seed {config.seed}` with mazenav {__version__}: {run.done} iterations, {decisions / 1e6:.1f} M
  decisions at most, {run.seconds / 60:.1f} minutes of wall time with {torch.get_num_threads()} threads of
  {platform.machine()}.
{layouts}
- Learnt from its own experience alone. No oracle, no demonstration.
- Success over the last 2,000 training episodes, exploring{_farthest(run)}: {run.collector.success():.4f}.

## Limits
- The body is `dmlab` at action repeat 10, look +-30 pixels; another body needs another training.
- It draws its actions from a softmax over its values (`config.toml`, table policy); it has no model to search in.
"""
    write_text_whole(out / NAME, text)


def _farthest(run: ValueRun) -> str:
    """How far off the goals of those episodes were, if that grew."""
    collector = run.collector
    return f", with goals up to {collector.farthest} cells away" if isinstance(collector, GrowingCollector) else ""
