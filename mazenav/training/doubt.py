"""Teaches the doubt reader: maps made wrong on purpose, labelled by what trajectories proved of the borders."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from mazenav.model.doubt import Belief
from mazenav.replay.segment import Segments
from mazenav.topdown.occupancy import world_to_cells
from mazenav.topdown.perturb import PERTURBATIONS, perturb
from mazenav.training.passability import BorderLabels

CLEAN = 0.1
"""Share of maps that are left as they are."""
MOST_WRONG = 0.4
"""Strength of a perturbation at most."""
PRIOR_WRONG, PRIOR_CELLS = 0.5, 10.0
"""Before anything is found out, a map counts as if so many wrong cells had been found among so many."""


def wrong_shares(given: np.ndarray, map: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often maps are thought to be wrong, from what was found out: bool or float `[N, R, C]` -> float `[N]` each.

    Returns:
        The share of walls that are missing from the map, and of free cells that it shows as wall.
    """
    known, given, map = known >= 0.5, given >= 0.5, map >= 0.5
    walls, free = known & map, known & ~map
    missing = ((walls & ~given).sum(axis=(1, 2)) + PRIOR_WRONG) / (walls.sum(axis=(1, 2)) + PRIOR_CELLS)
    invented = ((free & given).sum(axis=(1, 2)) + PRIOR_WRONG) / (free.sum(axis=(1, 2)) + PRIOR_CELLS)
    return missing, invented


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
    segment, time = np.nonzero(np.arange(steps) <= until[:, None])
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


def doubtful(
    segments: Segments, labels: tuple[BorderLabels, BorderLabels], rng: np.random.Generator
) -> tuple[Belief, torch.Tensor, torch.Tensor]:
    """Beliefs of agents that were given wrong maps and have driven a part of these segments, and what all of it proves.

    Returns:
        The beliefs, and the cells found free and found to be wall, bool `[N, R, C]`, that are not known yet.
    """
    kinds = list(PERTURBATIONS)
    given = np.empty_like(segments.maps)
    rows = segments.maps.shape[1]
    starts = world_to_cells(segments.states[:, 0, :2], rows)
    for index, right in enumerate(segments.maps):
        kind = kinds[rng.integers(len(kinds))]
        strength = 0.0 if rng.random() < CLEAN else float(rng.uniform(0, MOST_WRONG))
        keep = [tuple(segments.goals[index]), tuple(starts[index])]
        given[index] = perturb(right, kind, strength, rng, keep) >= 0.5
    n, steps = segments.actions.shape
    count = sum(len(family.crossed) for family in labels)
    all_free, all_wall = found_out(segments, labels, np.full(n, steps), np.ones(count, np.bool_))
    until = np.where(rng.random(n) < 0.3, 0, rng.integers(steps, size=n))
    free, wall = found_out(segments, labels, until, rng.random(count) < 0.5)
    wall &= ~all_free
    known = free | wall
    believed = np.where(known, wall, given >= 0.5).astype(np.float32)
    shares = wrong_shares(given, believed, known)
    everywhere = (torch.from_numpy(share).float().view(-1, 1, 1).expand(given.shape) for share in shares)
    belief = Belief(*map(torch.from_numpy, (given, believed, known.astype(np.float32))), *everywhere)
    return belief, torch.from_numpy(all_free & ~known), torch.from_numpy(all_wall & ~known)


def doubt_loss(logits: torch.Tensor, free: torch.Tensor, wall: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of cells found free and found to be wall, either kind with half of the weight.

    A body comes by many free cells for every wall that it runs into; in a maze they are about as many.
    """
    there = F.softplus(-logits[free]).mean() if free.any() else logits.sum() * 0
    gone = F.softplus(logits[wall]).mean() if wall.any() else logits.sum() * 0
    return (there + gone) / 2
