"""How many pictures are read exactly: every manner of drawing, and every disturbance, as a table.

Example: python scripts/results_pictures.py --seeds 20 --out docs/results
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mazenav.files import write_text_whole
from tests.picture.protocol import DISTURBANCES, LINES_ONLY, MANNERS, UNDEFINED, Outcome, make_case, outcome

FIRST_SEED = 1000
"""Seeds below are those that the reader was made with."""
TOGETHER = ("nothing", "all but noise", "photo")
"""Disturbances that every manner of drawing is measured under; plain drawings are under all."""
COMMAND = "python scripts/results_pictures.py"


def measure(manner: str, disturbance: str, seeds: int) -> list[Outcome]:
    """What came of all pictures of a manner and a disturbance, of thin and of thick walls."""
    kinds = (True,) if manner in LINES_ONLY else (True, False)
    first = range(FIRST_SEED, FIRST_SEED + seeds)
    return [outcome(make_case(manner, disturbance, is_thin, seed)) for is_thin in kinds for seed in first]


def table(found: dict[str, dict[str, list[Outcome]]], seeds: int) -> str:
    """All that was found, as Markdown."""
    names = list(DISTURBANCES)
    lines = [
        "# Pictures read exactly",
        "",
        f"Made by `{COMMAND} --seeds {seeds}`. A picture counts if the kind of its walls and all of its",
        "cells are right; nothing but the pixels is known. Each entry is right / all:",
        f"{seeds} drawings of thin walls and, where the manner exists for them, {seeds} of thick ones, of 5 to 20",
        "cells a side by random generators, in random pitch, width of lines, margin and ways out.",
        "",
        "| drawn | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for manner, row in found.items():
        entries = [f"{sum(o.is_exact for o in row[name])} / {len(row[name])}" if name in row else "" for name in names]
        lines.append(f"| {manner} | " + " | ".join(entries) + " |")
    every = [each for row in found.values() for outcomes in row.values() for each in outcomes]
    right = sum(each.is_exact for each in every)
    accepted = sum(each.confidence > 0 and not each.is_exact for each in every)
    refused = len(every) - right - accepted
    lines += [
        "",
        f"Together {right} of {len(every)} ({100 * right / len(every):.1f} %); {refused} were refused, and",
        f"{accepted} were accepted and wrong.",
        "",
        "Rotation: up to 10 degrees. Perspective: each corner moved in by up to 6 % of the sides. Uneven light:",
        "up to 60 % lost, with a shadow's edge. Blur: Gaussian of 0.8 to 1.6 pixels, where lines are 1.2 pixels wide",
        "at least. Noise: 18 levels. JPEG: quality 40. All but noise: those in a row at full strength. Photo: the",
        "sheet on a dark table, turned, tilted, shaded, blurred, noisy, JPEG of quality 70.",
        "",
        "| confidence | pictures | exact |",
        "|---|---|---|",
    ]
    for low, high in ((0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        part = [each for each in every if low <= each.confidence < high]
        share = f"{sum(each.is_exact for each in part) / len(part):.3f}" if part else ""
        lines.append(f"| {low} - {high} | {len(part)} | {share} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="pictures of each manner, disturbance and kind of walls")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--out", type=Path, default=Path("docs/results"))
    options = parser.parse_args()
    found: dict[str, dict[str, list[Outcome]]] = {manner: {} for manner in MANNERS}
    pairs = [*product(["plain"], DISTURBANCES), *product([name for name in MANNERS if name != "plain"], TOGETHER)]
    pairs = [pair for pair in pairs if pair not in UNDEFINED]
    with ProcessPoolExecutor(options.jobs) as pool:
        outcomes = pool.map(partial(measure, seeds=options.seeds), *zip(*pairs, strict=True))
        for (manner, disturbance), each in zip(pairs, outcomes, strict=True):
            found[manner][disturbance] = each
            print(f"{manner}, {disturbance}: {sum(one.is_exact for one in each)} of {len(each)}", flush=True)
    text = table(found, options.seeds)
    print(text)
    write_text_whole(options.out / "pictures.md", text)


if __name__ == "__main__":
    main()
