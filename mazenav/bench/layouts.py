"""Speed of generators, sets and distances beside labmaze, maze-dataset, mazelib and plain C.

Rates are per second of this process' own time on one thread, so that neighbours on the machine count little. A peer is
asked for the same algorithm at the same size: an odd side of 2n + 1 cells is n cells of a lattice to those that count
so.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from mazenav.bench.comparing import Measured, compared
from mazenav.bench.compiled import compile_c
from mazenav.bench.maze_peers import PEERS
from mazenav.bench.table import Row
from mazenav.layout.formats.reading import read_layouts
from mazenav.layout.formats.scenario import Scenario, lengths, read_scenario
from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.generate import GENERATORS, generate, generate_batch
from mazenav.layout.graph import distances

BATCHES = {13: 20_000, 101: 200}
"""Side -> layouts in one of our batches."""
SECONDS = 1.0
"""How long a measurement goes on at least; the best rate within counts."""
OF_C, OF_PEERS = 0.75, 10.0
"""How many times the speed of plain C, and of the fastest peer, is expected."""
PLAIN_C = "C, one maze at a time"
LARGE, LARGE_SECONDS, LARGE_MEBIBYTES = 4001, 2.0, 1024.0
SET, SET_SECONDS = 100_000, 5.0
FIELD, FIELD_MILLISECONDS = 1001, 60.0
MAPS = "MAZENAV_EXTERNAL"
"""The variable of the environment that names a folder whose `movingai` holds maps and scenarios."""
LENGTH_ERROR = 1e-5

Progress = Callable[[int, int, str], None]

LARGE_RUN = f"""
import resource, time
import numpy as np
from mazenav.layout.generate import generate
generate("backtracker", (13, 13), np.random.default_rng(0))
begin = time.perf_counter()
generate("backtracker", ({LARGE}, {LARGE}), np.random.default_rng(0))
print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
"""A program of its own, so that the most memory it ever held is told apart from ours: seconds and MiB."""


def best_rate_within(work: Callable[[], int]) -> float:
    """Units a second of this process' own time in the best of the runs that fit into `SECONDS`.

    One run that takes longer than that warms itself up and counts.
    """
    best, begin = 0.0, time.process_time()
    while best == 0.0 or time.process_time() - begin < SECONDS:
        start = time.process_time()
        done = work()
        best = max(best, done / max(time.process_time() - start, 1e-9))
    return best


def our_rate(kind: str, side: int) -> float:
    """Mazes/s of a batch on one thread."""
    seeds = np.random.default_rng(0).integers(1 << 63, size=BATCHES[side], dtype=np.uint64)
    GENERATORS[kind].walls((side, side), seeds[:2], threads=1)
    return best_rate_within(lambda: len(GENERATORS[kind].walls((side, side), seeds, threads=1)))


def c_rate(side: int) -> float | None:
    """Mazes/s of `backtracker.c`."""
    library = compile_c("backtracker.c")
    if library is None:
        return None
    pointer, whole = ctypes.c_void_p, ctypes.c_int32
    library.backtrack.argtypes = [pointer, pointer, ctypes.c_int64, whole, whole]
    n = BATCHES[side]
    seeds = np.random.default_rng(0).integers(1 << 63, size=n, dtype=np.uint64)

    def work() -> int:
        # Memory is taken anew every time, as ours is.
        walls = np.empty((n, side, side), np.uint8)
        if library.backtrack(walls.ctypes.data, seeds.ctypes.data, n, side, side):
            raise MemoryError("no memory for the way back")
        return n

    return best_rate_within(work)


def peer_rate(peer: str, kind: str, side: int) -> float:
    """Mazes/s of a peer, one call a maze: many in turns, since some mazes take less time than others."""
    make = PEERS[peer][kind](side)
    start = time.process_time()
    make()
    turns = max(1, int(min(SECONDS, 1.0) / 20 / max(time.process_time() - start, 1e-6)))

    def work() -> int:
        for _ in range(turns):
            make()
        return turns

    return best_rate_within(work)


def generator_rows(progress: Progress) -> list[Row]:
    """The backtracker beside C, and every algorithm that a peer has too beside all peers that have it."""
    kinds = [kind for kind in GENERATORS if any(kind in theirs for theirs in PEERS.values())]
    rows = []
    for number, kind in enumerate(kinds):
        for side in BATCHES:
            progress(number, len(kinds) + 4, f"{kind} {side} x {side}")
            work, ours = f"{kind} {side} x {side}", our_rate(kind, side)
            if kind == "backtracker":
                c: dict[str, Measured] = {PLAIN_C: partial(c_rate, side)}
                rows.append(compared(work, "mazes/s", partial(float, ours), c, OF_C))
            others: dict[str, Measured] = {
                peer: partial(peer_rate, peer, kind, side) for peer, theirs in PEERS.items() if kind in theirs
            }
            rows.append(compared(work, "mazes/s", partial(float, ours), others, OF_PEERS))
    return rows


def large_rows() -> list[Row]:
    """One large maze: how long, and how much memory its process takes at most."""
    done = subprocess.run([sys.executable, "-c", LARGE_RUN], capture_output=True, text=True, check=True)
    seconds, mebibytes = map(float, done.stdout.split())
    work = f"one backtracker {LARGE} x {LARGE}"
    return [Row(work, "s", seconds, floor=LARGE_SECONDS), Row(work, "MiB", mebibytes, floor=LARGE_MEBIBYTES)]


def set_rows() -> list[Row]:
    """Writing and reading a set of many small layouts."""
    layouts = generate_batch("backtracker", (13, 13), SET, np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "set.npz")
        begin = time.process_time()
        write_layouts(layouts, path)
        written = time.process_time() - begin
        begin = time.process_time()
        count = len(read_layouts(path))
        read = time.process_time() - begin
    if count != SET:
        raise RuntimeError(f"{SET} layouts were written and {count} read")
    work = f"{SET:,} layouts of 13 x 13 as .npz"
    return [
        Row(f"writing {work}", "s", written, floor=SET_SECONDS),
        Row(f"reading {work}", "s", read, floor=SET_SECONDS),
    ]


def field_row() -> Row:
    """Distances from one cell to all others of a large maze."""
    walls = generate("backtracker", (FIELD, FIELD), np.random.default_rng(0)).walls
    rate = best_rate_within(lambda: int(distances(walls, (1, 1)).size > 0))
    return Row(f"distances {FIELD} x {FIELD}", "ms", 1000 / rate, floor=FIELD_MILLISECONDS)


def octile_row(folder: Path) -> Row:
    """The optimal lengths that MovingAI's scenarios tell, computed anew on the maps without swamp and water."""
    scenarios = [scenario for path in sorted(folder.glob("*.scen")) if not _is_wet(scenario := read_scenario(path))]
    if not scenarios:
        return Row("octile lengths", "relative error", 0.0, missing={"MovingAI": f"no scenario in {folder.name}"})
    told = np.concatenate([[pair.optimal for pair in scenario.pairs] for scenario in scenarios])
    found = np.concatenate([lengths(scenario) for scenario in scenarios])
    error = float((np.abs(found - told) / np.maximum(told, 1.0)).max())
    work = f"octile lengths of {len(told):,} pairs on {len(scenarios)} MovingAI maps"
    return Row(work, "relative error", error, floor=LENGTH_ERROR)


def _is_wet(scenario: Scenario) -> bool:
    """Whether a map has swamp or water, where other rules of movement hold than free and blocked."""
    return any(set("SW") & set(str(layout.source.get("terrain"))) for layout in scenario.maps.values())


def measure(progress: Progress) -> list[Row]:
    """All rows of `mazenav bench layouts`."""
    rows = generator_rows(progress)
    for part in (large_rows, set_rows):
        progress(0, 0, part.__name__.replace("_", " "))
        rows += part()
    rows.append(field_row())
    if folder := os.environ.get(MAPS):
        rows.append(octile_row(Path(folder, "movingai")))
    return rows
