"""Teaches the doubt reader: maps made wrong on purpose, labelled by what trajectories proved of the borders."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from mazenav.model.doubt import Belief, DoubtReader, believe
from mazenav.parallel import average, own_rows
from mazenav.replay.segment import Segments
from mazenav.sim.body import DMLAB
from mazenav.sim.borders import BorderLabels, border_labels
from mazenav.topdown.occupancy import world_to_cells
from mazenav.topdown.perturb import PERTURBATIONS, perturb

CLEAN = 0.1
"""Share of maps that are left as they are."""
MOST_WRONG = 0.4
"""Strength of a perturbation at most."""


def found_out(
    segments: Segments, labels: tuple[BorderLabels, BorderLabels], until: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What a part of each segment proves of its map: cells found free and cells found to be wall, bool `[N, R, C]`.

    Args:
        segments: the experience.
        labels: its border labels.
        until: int `[N]`, states up to this one count.
        share: bool `[K0]` and `[K1]` one after the other, which border labels count.
    """
    n, rows, columns = segments.maps.shape
    steps = segments.states.shape[1]
    cells = world_to_cells(segments.states[..., :2], rows)
    free = np.zeros((n, rows, columns), np.bool_)
    lived = np.concatenate([segments.valid.any(axis=1, keepdims=True), segments.valid], axis=1)
    segment, time = np.nonzero(lived & (np.arange(steps) <= until[:, None]))
    free[segment, cells[segment, time, 0], cells[segment, time, 1]] = True
    wall = np.zeros_like(free)
    first = 0
    for family, (down, across) in zip(labels, ((0, 1), (1, 0)), strict=True):
        kept = (family.crossed == 0) & share[first : first + len(family.crossed)]
        first += len(family.crossed)
        segment, row, column = family.segment[kept], family.row[kept], family.column[kept]
        near = free[segment, row, column]
        far = free[segment, row + down, column + across]
        wall[segment[near], row[near] + down, column[near] + across] = True
        wall[segment[far], row[far], column[far]] = True
    return free, wall & ~free


def made_wrong(segments: Segments, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The maps of N segments as somebody might have drawn them wrongly, start and goal excepted.

    Returns:
        The wrong maps, float32 `[N, R, C]` of 0 and 1, and what is padding around the maps, bool `[N, R, C]`.
    """
    kinds = list(PERTURBATIONS)
    given, outside = np.ones_like(segments.maps), np.ones(segments.maps.shape, np.bool_)
    rows = segments.maps.shape[1]
    starts = world_to_cells(segments.states[:, 0, :2], rows)
    for index, right in enumerate(segments.maps):
        free = np.nonzero(right < 0.5)
        top, right_most = int(free[0].min()) - 1, int(free[1].max()) + 2
        own = slice(top, rows), slice(0, right_most)
        kind = kinds[rng.integers(len(kinds))]
        strength = 0.0 if rng.random() < CLEAN else float(rng.uniform(0, MOST_WRONG))
        marked = [segments.goals[index], *([starts[index]] if segments.valid[index].any() else [])]
        keep = [(int(row) - top, int(column)) for row, column in marked]
        given[index][own] = perturb(right[own], kind, strength, rng, keep) >= 0.5
        outside[index][own] = False
    return given, outside


def doubtful(segments: Segments, rng: np.random.Generator) -> tuple[Belief, torch.Tensor, torch.Tensor]:
    """Beliefs of agents that were given wrong maps and have driven a part of these segments, and what all of it proves.

    Returns:
        The beliefs, and the cells found free and found to be wall, bool `[N, R, C]`, that are not known yet.
    """
    given, outside = made_wrong(segments, rng)
    labels = border_labels(segments.pushes(), segments.maps.shape[1:], DMLAB)
    n, steps = segments.actions.shape
    count = sum(len(family.crossed) for family in labels)
    all_free, all_wall = found_out(segments, labels, np.full(n, steps), np.ones(count, np.bool_))
    until = np.where(rng.random(n) < 0.3, 0, rng.integers(steps, size=n))
    free, wall = found_out(segments, labels, until, rng.random(count) < 0.5)
    wall &= ~all_free
    known = free | wall
    believed = np.where(known, wall, given >= 0.5).astype(np.float32)
    belief = believe(*map(torch.from_numpy, (given, believed, known.astype(np.float32), outside)))
    return belief, torch.from_numpy(all_free & ~known), torch.from_numpy(all_wall & ~known)


def mending_loss(reader: DoubtReader, segments: Segments, rng: np.random.Generator) -> torch.Tensor:
    """The loss of a reader of maps that may be wrong, this process's share of it; it reaches no other network."""
    device = next(reader.parameters()).device
    belief, free, wall = doubtful(segments, rng)
    own = own_rows(len(segments))
    logits = reader(Belief(*(part[own].to(device) for part in belief)))
    return doubt_loss(logits, free[own].to(device), wall[own].to(device))


def doubt_loss(logits: torch.Tensor, free: torch.Tensor, wall: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of cells found free and found to be wall, either kind with half of the weight.

    A body comes by many free cells for every wall that it runs into; in a maze they are about as many.
    """
    there = average(F.softplus(-logits[free]).sum(), free.sum())
    gone = average(F.softplus(logits[wall]).sum(), wall.sum())
    return (there + gone) / 2
