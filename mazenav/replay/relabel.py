"""Hindsight goals: what an agent came by is taken as what it was after (HER; n-step in MMN, arXiv 2412.12024)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mazenav.replay.segment import Kind
from mazenav.topdown.occupancy import cells_to_world, world_to_cells
from mazenav.types import GOAL_RADIUS


def approach(states: np.ndarray, goals: np.ndarray) -> np.ndarray:
    """Closest approach `[N, T]` to goals `[N, 2]` (x, y) on the straight way between states `[N, T + 1, 6]`."""
    start, way = states[:, :-1, :2], states[:, 1:, :2] - states[:, :-1, :2]
    target = goals[:, None]
    share = ((target - start) * way).sum(-1) / np.maximum((way**2).sum(-1), 1e-6)
    nearest = start + np.clip(share, 0, 1)[..., None] * way
    return np.linalg.norm(nearest - target, axis=-1)


def relabel(segments: Kind, rng: np.random.Generator) -> Kind:
    """The same segments with goals drawn among the cells that each agent came to later in its segment."""
    n, steps = segments.actions.shape
    lengths = np.maximum(segments.valid.sum(axis=1), 1)
    chosen = 1 + (rng.random(n) * lengths).astype(np.int64)
    spots = segments.states[np.arange(n), np.minimum(chosen, steps), :2]
    return towards(segments, world_to_cells(spots, segments.maps.shape[1]))


def relabel_elsewhere(segments: Kind, rng: np.random.Generator) -> Kind:
    """The same segments with goals drawn among all free cells of the maps, most of which no agent came to."""
    n, rows, columns = segments.maps.shape
    free = (segments.maps < 0.5).reshape(n, rows * columns)
    # The cell with the largest of as many draws is uniform among the free ones.
    cells = np.where(free, rng.random(free.shape), -1.0).argmax(axis=1)
    return towards(segments, np.stack([cells // columns, cells % columns], axis=1))


def towards(segments: Kind, goals: np.ndarray) -> Kind:
    """The same segments as if their agents had been after other goals, int64 `[N, 2]` in the padded maps.

    Once the new goal is reached the rest of a segment no longer counts, nor does a decision that the old goal cut
    short: the body stopped within it, so that it is no example of what its action does. The start of a segment never
    lies within the new goal: where an agent stayed about, its first decision would have nothing to reach.
    """
    centres = cells_to_world(goals, segments.maps.shape[1])
    reached = (approach(segments.states, centres) < GOAL_RADIUS) & segments.valid
    outside = np.linalg.norm(segments.states[:, 0, :2] - centres, axis=-1) >= GOAL_RADIUS
    before = np.cumsum(reached, axis=1) - reached == 0
    cut_short = segments.reached & ~reached
    valid = segments.valid & before & outside[:, None] & ~cut_short
    return replace(segments, goals=goals, reached=reached & valid, valid=valid)
