"""The whole protocol in one command: trains every agent that is missing, then measures every table and figure.

Example: python scripts/protocol.py --list
         python scripts/protocol.py                      # everything; days of a core, goes on where it was stopped
         python scripts/protocol.py transfer ablations   # some pages, with the trainings that they need

Agents come to lie in runs/NAME-SEED, pages in docs/results. Shipped agents (seed 0) are taken from models, other seeds
from docs/results/agents, where they are there; a run that was stopped is resumed, rows that were measured are kept. The
real layouts are left out unless MAZENAV_EXTERNAL names their folder.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNS, SHIPPED, KEPT = Path("runs"), Path("models"), Path("docs/results/agents")
SHORT = ("mmn", "--iterations", "200")
"""Ablations get a fifth of the training, and so does what they are held against."""
TRAININGS: dict[str, tuple[list[str], int]] = {
    "mmn": (["mmn"], 5),
    "mmn-dense": (["mmn-dense"], 3),
    "no-hyper": (["no-hyper"], 3),
    "mah": (["mah"], 3),
    "vin": (["vin"], 3),
    "dqn": (["dqn"], 3),
    "mmn-20-maps": (["mmn", "--layouts", "train-20"], 3),
    "mmn-200": ([*SHORT], 3),
    "no-model-loss": ([*SHORT, "--loss.model-weight", "0"], 3),
    "no-passability-loss": ([*SHORT, "--loss.passability-weight", "0"], 3),
    "no-reached-loss": ([*SHORT, "--loss.reached-weight", "0"], 3),
    "no-search-targets": ([*SHORT, "--loss.search-weight", "0"], 3),
    "no-hindsight": ([*SHORT, "--replayed", "0"], 3),
    "blind-cells": ([*SHORT, "--model.blind", "cells"], 3),
    "blind-body": ([*SHORT, "--model.blind", "body"], 3),
}
"""What `mazenav train` is told, and how many seeds there are."""
ABLATIONS = [name for name in TRAININGS if name.startswith(("no-", "blind-")) and name != "no-hyper"]
SIMULATIONS = (0, 1, 2, 4, 8, 16, 32, 50, 100, 200)


@dataclass(frozen=True)
class Page:
    """A page of results: the trainings it needs, and the script that measures it with its arguments."""

    needs: Sequence[str]
    script: str
    arguments: Sequence[str]


def folders(name: str, seeds: int | None = None) -> str:
    """The agents of a training, or the first so many, as scripts are given them."""
    return ",".join(str(RUNS / f"{name}-{seed}") for seed in range(seeds or TRAININGS[name][1]))


def side_by_side(names: Sequence[str]) -> list[str]:
    """METHOD=FOLDER,... of some trainings."""
    return [f"{name}={folders(name)}" for name in names]


BASELINES = ("mmn-dense", "no-hyper", "mah", "vin")
PAGES: dict[str, Page] = {
    "transfer": Page(
        ("mmn", *BASELINES),
        "results_transfer.py",
        ["transfer", *side_by_side(("mmn", *BASELINES)), "classic", "random"],
    ),
    "maps": Page(
        ("mmn", "mmn-20-maps"),
        "results_transfer.py",
        [
            "maps",
            f"mmn={folders('mmn', 3)}",
            *side_by_side(("mmn-20-maps",)),
            *("--sets", "train-20", "test-13", "test-25", "--max-layouts", "200"),
        ],
    ),
    "ablations": Page(
        ("mmn-200", *ABLATIONS),
        "results_transfer.py",
        ["ablations", *side_by_side(("mmn-200", *ABLATIONS)), "--sets", "test-13", "test-25", "--max-layouts", "200"],
    ),
    "simulations": Page(
        ("mmn",),
        "results_transfer.py",
        [
            "simulations",
            *(f"{n}=" + ",".join(f"{RUNS}/mmn-{seed}@{n}" for seed in range(3)) for n in SIMULATIONS),
            *("--sets", "test-13", "test-51"),
        ],
    ),
    "single-task": Page(("dqn", "mmn"), "results_single_task.py", [folders("dqn"), folders("mmn", 3)]),
    "controls": Page(("mmn",), "results_controls.py", folders("mmn", 3).split(",")),
    "wrong-maps": Page(("mmn",), "results_wrong_maps.py", [*folders("mmn", 3).split(","), "--max-layouts", "200"]),
    "hierarchy": Page(
        ("mmn", "mmn-dense", "mah", "vin"),
        "results_hierarchy.py",
        [f"mmn={folders('mmn', 3)}", *side_by_side(("mmn-dense", "mah", "vin"))],
    ),
    "bullet": Page(("mmn",), "results_bullet.py", folders("mmn", 3).split(",")),
}


def train(name: str) -> None:
    """Train all seeds of a training that are not there yet."""
    arguments, seeds = TRAININGS[name]
    for seed in range(seeds):
        out = RUNS / f"{name}-{seed}"
        trained = KEPT / out.name if seed else SHIPPED / name
        if not out.exists() and trained.is_dir():
            shutil.copytree(trained, out)
        if (out / "weights.safetensors").is_file():
            continue
        resume = ["--resume"] if (out / "checkpoint.safetensors").is_file() else []
        command = [
            sys.executable,
            "-m",
            "mazenav",
            "train",
            *arguments,
            "--seed",
            str(seed),
            "--out",
            str(out),
            *resume,
        ]
        print(" ".join(command), flush=True)
        subprocess.run(command, check=True)


def main() -> None:
    """Train what is missing and measure the pages asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"of {', '.join(PAGES)}; by default all")
    parser.add_argument("--list", action="store_true", help="print the commands, run none")
    options = parser.parse_args()
    unknown = set(options.pages) - set(PAGES)
    if unknown:
        parser.error(f"there is no page {', '.join(sorted(unknown))}; there are {', '.join(PAGES)}")
    for name in options.pages or PAGES:
        page = PAGES[name]
        command = [sys.executable, f"scripts/{page.script}", *page.arguments]
        if options.list:
            print(f"{name} (needs {', '.join(page.needs)}):\n  {' '.join(command)}")
            continue
        for needed in page.needs:
            train(needed)
        print(" ".join(command), flush=True)
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
