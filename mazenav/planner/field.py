"""Value iteration on the predicted cell-level network, run to its fixed point.

The network is a graph with positive costs, so the fixed point of V(c) = min_d cost(c, d) + V(c + d), V(goal) = 0 is
found exactly by settling cells in the order of their value (Dijkstra), whatever the size of the map. Its gradient is
exact too: a cell's value is the sum of the costs along its best path, so a gradient at a cell runs down that path.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import njit
from torch import Tensor

UNREACHED = 1e5
"""Value of cells from which no path leads to the goal, in decisions."""
_ROWS = np.array([-1, 1, 0, 0, -1, -1, 1, 1])
_COLUMNS = np.array([0, 0, -1, 1, -1, 1, -1, 1])


@njit(cache=True)
def _push(heap_key, heap_item, size, key, item):
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if heap_key[parent] <= key:
            break
        heap_key[place], heap_item[place] = heap_key[parent], heap_item[parent]
        place = parent
    heap_key[place], heap_item[place] = key, item
    return size + 1


@njit(cache=True)
def _pop(heap_key, heap_item, size):
    size -= 1
    key, item = heap_key[size], heap_item[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and heap_key[child + 1] < heap_key[child]:
            child += 1
        if heap_key[child] >= key:
            break
        heap_key[place], heap_item[place] = heap_key[child], heap_item[child]
        place = child
    heap_key[place], heap_item[place] = key, item
    return size


@njit(cache=True, nogil=True)
def settle(costs, goals, values, best_move, order):
    """Fill `values` `[B, R, C]`, `best_move` int8 `[B, R, C]` (-1 at the goal and where unreached) and `order`.

    Args:
        costs: float32 `[B, 8, R, C]`, positive.
        goals: int64 `[B, 2]`.
        values: float32 `[B, R, C]`, written.
        best_move: int8 `[B, R, C]`, written.
        order: int32 `[B, R * C]`, cells in the order in which they were settled, -1 behind the last; written.
    """
    batch, _, rows, columns = costs.shape
    heap_key = np.empty(8 * rows * columns + 1, np.float32)
    heap_item = np.empty(8 * rows * columns + 1, np.int32)
    done = np.empty((rows, columns), np.bool_)
    for b in range(batch):
        done[:] = False
        values[b] = UNREACHED
        best_move[b] = -1
        order[b] = -1
        settled = 0
        values[b, goals[b, 0], goals[b, 1]] = 0
        size = _push(heap_key, heap_item, 0, np.float32(0), np.int32(goals[b, 0] * columns + goals[b, 1]))
        while size > 0:
            cell = heap_item[0]
            size = _pop(heap_key, heap_item, size)
            row, column = cell // columns, cell % columns
            if done[row, column]:
                continue
            done[row, column] = True
            order[b, settled] = cell
            settled += 1
            for move in range(8):
                r, c = row - _ROWS[move], column - _COLUMNS[move]
                if r < 0 or r >= rows or c < 0 or c >= columns or done[r, c]:
                    continue
                value = values[b, row, column] + costs[b, move, r, c]
                if value < values[b, r, c]:
                    values[b, r, c] = value
                    best_move[b, r, c] = move
                    size = _push(heap_key, heap_item, size, value, np.int32(r * columns + c))


@njit(cache=True, nogil=True)
def run_down(gradient, best_move, order, cost_gradient):
    """Carry gradients `[B, R, C]` down the best paths (written over) and leave them on the moves `[B, 8, R, C]`."""
    batch, rows, columns = gradient.shape
    for b in range(batch):
        for k in range(rows * columns - 1, -1, -1):
            cell = order[b, k]
            if cell < 0:
                continue
            row, column = cell // columns, cell % columns
            move = best_move[b, row, column]
            if move < 0:
                continue
            share = gradient[b, row, column]
            cost_gradient[b, move, row, column] = share
            gradient[b, row + _ROWS[move], column + _COLUMNS[move]] += share


class _Field(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, costs: Tensor, goals: Tensor) -> Tensor:
        batch, _, rows, columns = costs.shape
        values = np.empty((batch, rows, columns), np.float32)
        best_move = np.empty((batch, rows, columns), np.int8)
        order = np.empty((batch, rows * columns), np.int32)
        settle(costs.detach().float().cpu().numpy(), goals.cpu().numpy(), values, best_move, order)
        ctx.paths = (best_move, order)
        return torch.from_numpy(values).to(costs.device)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        best_move, order = ctx.paths
        running = gradient.detach().float().cpu().numpy().copy()
        batch, rows, columns = running.shape
        cost_gradient = np.zeros((batch, 8, rows, columns), np.float32)
        run_down(running, best_move, order, cost_gradient)
        return torch.from_numpy(cost_gradient).to(gradient.device), None


def value_field(costs: Tensor, goals: Tensor) -> Tensor:
    """Decisions to the goal from every cell, `[B, R, C]`, differentiable in the costs.

    Args:
        costs: `[B, 8, R, C]`, positive: what each of `hypermodel.MOVES` out of each cell costs, in decisions.
        goals: int64 `[B, 2]`, goal cells (row, column).
    """
    return _Field.apply(costs, goals)
