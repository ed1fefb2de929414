"""How sure a reading is: the probability that all of it is right, from what can be seen without the truth."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from mazenav.picture.lattice import run_lengths
from mazenav.picture.read import Read

PLAIN = 0.985
"""Confidence in a picture of whole cells, where nothing had to be measured."""
BLURRED = 0.25
"""Margin at which the odds of a cell being wrong are 1/e of those at a margin of nothing, one in two."""
FEW = 6
"""So few cells are a lattice by chance one time in two."""

LOOSE = (1.0, 1.0, 0.9, 0.5, 0.3)
"""How sure it is that what is drawn as a lattice's border is one, where no wall reaches 0, 1, ... 4 of its sides."""
SIDES = ("top", "bottom", "left", "right")


def confidence(read: Read) -> float:
    """The probability, 0 to 1, that every cell of a reading is right; `PLAIN` at most."""
    values = features(read)
    return float(np.clip(np.prod(values), 0.0, PLAIN))


def features(read: Read) -> np.ndarray:
    """What the probability is made of, each in 0 to 1 and 1 where all is well, float64 `[13]`.

    They are: how well the lattice fits; how much of the ink is accounted for; how far walls and passages are apart;
    the probability that no single cell is wrong; how clear all are on average; how much hangs together; whether cells
    are as large as they should be; whether there are enough cells to speak of a lattice; whether there are enough
    walls to speak of a maze; how sure it is where the maze ends; how quiet it is beyond;
    how much of the picture is the maze's; on how many of the lattice's lines there is anything.
    """
    seen: np.ndarray = np.ones(read.walls.shape, np.bool_)
    lines = {"top": seen[0], "bottom": seen[-1], "left": seen[:, 0], "right": seen[:, -1]}
    for side in read.assumed:
        lines[side][:] = False
    if read.is_thin:
        seen &= np.add.outer(np.arange(seen.shape[0]), np.arange(seen.shape[1])) % 2 == 1
    margin = read.margin[seen].astype(np.float64)
    return np.asarray(
        [
            _step(read.coherence, 0.4, 0.85),
            _step(read.explained, 0.35, 0.85) if read.is_thin else _step(read.explained, 0.4, 0.9),
            _step(read.contrast, 0.25, 0.5),
            float(np.exp(-0.5 * np.exp(-((margin / BLURRED) ** 2)).sum())),
            _step(float(margin.mean()) if margin.size else 0.0, 0.45, 0.75),
            _step(connected(read.walls), 0.3, 0.7),
            1.0 if read.is_thin else 0.4 + 0.6 * _step(narrow(read.walls), 0.0, 0.05),
            1.0 - 0.5 ** (_cells(read) / FEW),
            1.0 - 0.5 ** float(_inner(read).sum()),
            _ends(read),
            _step(read.quiet, 0.6, 0.85),
            _step(read.share, 0.1, 0.35),
            _step(_used(read), 0.05, 0.3),
        ]
    )


def _cells(read: Read) -> int:
    rows, columns = read.walls.shape
    return (rows // 2) * (columns // 2) if read.is_thin else rows * columns


def _inner(read: Read) -> np.ndarray:
    """The walls within the border; of a lattice those between cells."""
    walls = read.walls[1:-1, 1:-1]
    if not read.is_thin:
        return walls
    return walls & (np.add.outer(np.arange(walls.shape[0]), np.arange(walls.shape[1])) % 2 == 1)


def _used(read: Read) -> float:
    """Share of the lines between rows, or columns if that is less, at which a wall begins, ends or lies."""
    lattice = read.walls[::2, 1::2], read.walls[1::2, ::2].T
    cells = read.walls[1:] != read.walls[:-1], (read.walls[:, 1:] != read.walls[:, :-1]).T
    return float(min(lines.any(axis=1).sum() / max(len(lines), 1) for lines in (lattice if read.is_thin else cells)))


def _ends(read: Read) -> float:
    """How sure it is that the maze ends at each side: something must, walls or the line that is drawn.

    A drawn line that no wall of a lattice reaches may be a frame around the maze.
    """
    open_ends = [side for side in read.assumed if side not in read.beyond]
    sure = float(np.prod([1.0 - 0.25 ** _held_up(read, side) for side in open_ends]))
    if not read.is_thin:
        return sure
    return sure * LOOSE[sum(_held_up(read, side) == 0 for side in SIDES if side not in read.assumed)]


def _held_up(read: Read, side: str) -> int:
    """How many walls end at a side: each is a reason to believe that the maze ends there."""
    line = {"top": read.walls[1], "bottom": read.walls[-2], "left": read.walls[:, 1], "right": read.walls[:, -2]}[side]
    return int(line[2:-2].sum())


def connected(walls: np.ndarray) -> float:
    """Share of the free cells in the largest connected piece."""
    labels, count = ndimage.label(~walls)
    return float(np.bincount(labels.ravel())[1:].max() / (~walls).sum()) if count else 0.0


def narrow(walls: np.ndarray) -> float:
    """Share of the free cells in passages of at most three times the usual thickness of walls.

    Where there is none, the cells may well be smaller than they should be, and the walls be lines.
    """
    thick = np.minimum(run_lengths(walls), run_lengths(walls.T).T)
    usual = float(np.median(thick[walls])) if walls.any() else 1.0
    return float((thick[~walls] <= 3 * usual).mean()) if not walls.all() else 1.0


def _step(value: float, none: float, full: float) -> float:
    return float(np.clip((value - none) / (full - none), 0.0, 1.0))
