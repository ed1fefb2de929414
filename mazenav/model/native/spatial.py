"""The spatial network over bound tasks as a native function: `Transition`, `Prediction` and `BoundModel`, compiled.

Every function here is the twin of one in PyTorch, which says what it means; the tests hold them against each other.
"""

from __future__ import annotations

import math

import numpy as np
from numba import carray, njit

from mazenav.model.native.product import LANES, affine

(
    HIDDEN,
    RANK,
    KNOTS,
    ACTIONS,
    REACH,
    PREDICTION,
    DEPTH,
    KNOT_ROWS,
    KNOT_COLUMNS,
    FIELD_ROWS,
    FIELD_COLUMNS,
    FIELD_LEAVES,
    BODY,
    FREE_WAY,
    FREE_CHANGE,
    BASIS,
    MIDDLE,
    LAST,
    CHANGE,
    GOAL,
    MIRROR,
    LAYERS,
    FIELD,
    OPENNESS,
    GOALS,
    OFFSETS,
) = range(26)
"""Places in `Kernel.sizes`. Widths, and whether values are read off the field alone; from `BODY` to `LAYERS` where
parts begin in the weights, a linear layer's packed matrix with its padded bias behind it; then where parts begin in the
tasks (the predicted first layer at 0); from `OFFSETS` on the offsets of `symmetry.patch_offsets`."""
_ENDLESS = 1 << 40  # length of arrays whose own length nobody tells
_LATENT = 6
_SENSED = 5


@njit(cache=True)
def padded(width: int) -> int:
    """As `product.padded_width`."""
    return (width + LANES - 1) // LANES * LANES


@njit(cache=True)
def scratch_width(size: np.ndarray) -> int:
    """Places of working memory a row."""
    view, wide = _LATENT + 3 * (2 * size[REACH] + 1) ** 2, padded(size[PREDICTION])
    advance = 2 * size[RANK] + 2 * padded(size[HIDDEN])
    return max(advance, view + wide + max(wide, padded(size[ACTIONS])) + 1)


@njit
def _linear(x, x_row, weights, begin, depth, width, y, rows):
    """Write y = x @ W + b for a layer that begins at `begin` of the weights; `y` has padded rows."""
    wide = padded(width)
    affine(x, 0, x_row, weights, begin, depth, weights, begin + depth * wide, 0, y, 0, wide, wide, rows)


@njit
def _rectify(x, length):
    """relu(x), in place; what is not a number stays so."""
    for index in range(length):
        x[index] = np.float32(0) if x[index] < 0 else x[index]


@njit
def _rectify_onto(x, onto, length):
    """Add relu(x) to `onto`."""
    for index in range(length):
        onto[index] += np.float32(0) if x[index] < 0 else x[index]


@njit
def _cell(position, limit):
    """The whole part of a coordinate, brought into [0, limit]."""
    low = math.floor(position)
    low = low if low > 0.0 else 0.0
    return np.int64(low if low < limit else limit)


@njit
def _read_knots(tasks, size, context, row, column, out, begin):
    """`Transition.read_map` at one position: write Q coefficients to `out` from `begin` on."""
    height, width, rank = size[KNOT_ROWS], size[KNOT_COLUMNS], size[RANK]
    down = (row + np.float32(1)) * np.float32(size[KNOTS]) - np.float32(0.5)
    along = (column + np.float32(1)) * np.float32(size[KNOTS]) - np.float32(0.5)
    top, left = np.float32(math.floor(down)), np.float32(math.floor(along))
    far_down, far_along = down - top, along - left
    near_down, near_along = np.float32(1) - far_down, np.float32(1) - far_along
    above, below = _cell(top, height - 1), _cell(top + np.float32(1), height - 1)
    west, east = _cell(left, width - 1), _cell(left + np.float32(1), width - 1)
    base = context * height
    north_west, north_east = ((base + above) * width + west) * rank, ((base + above) * width + east) * rank
    south_west, south_east = ((base + below) * width + west) * rank, ((base + below) * width + east) * rank
    for index in range(rank):
        out[begin + index] = (
            near_down * near_along * tasks[north_west + index]
            + near_down * far_along * tasks[north_east + index]
            + far_down * near_along * tasks[south_west + index]
            + far_down * far_along * tasks[south_east + index]
        )


@njit
def _sense(weights, size, tasks, latent, row, action, context, x, state):
    """A row's inputs of the first layer: what the map says here and ahead in `x`, what the body says in `state`."""
    at, rank, wide = row * _LATENT, size[RANK], padded(size[HIDDEN])
    ahead_row, ahead_column = np.float32(0), np.float32(0)
    for index in range(_SENSED):
        sensed = latent[at + 2 + index] if index < 4 else np.float32(1)
        way = size[FREE_WAY] + (action * _SENSED + index) * 2
        ahead_row += sensed * weights[way]
        ahead_column += sensed * weights[way + 1]
    _read_knots(tasks, size, context, latent[at], latent[at + 1], x, row * 2 * rank)
    ahead_row, ahead_column = latent[at] + math.tanh(ahead_row), latent[at + 1] + math.tanh(ahead_column)
    _read_knots(tasks, size, context, ahead_row, ahead_column, x, row * 2 * rank + rank)
    # Heading and velocity lie side by side in the latent; what is always sensed is the layer's bias.
    body = size[BODY] + action * _SENSED * wide
    affine(latent, at + 2, 0, weights, body, 4, weights, body + 4 * wide, 0, state, row * wide, 0, wide, 1)


@njit(error_model="numpy")
def _apply_change(weights, size, latent, row, action, change, following):
    """`Transition.apply_change` with the linear part of the change added and all of it bounded."""
    at = row * _LATENT
    for part in range(_LATENT):
        wished = change[row * LANES + part]
        for index in range(_SENSED):
            sensed = latent[at + 2 + index] if index < 4 else np.float32(1)
            wished += sensed * weights[size[FREE_CHANGE] + (action * _SENSED + index) * _LATENT + part]
        change[row * LANES + part] = np.float32(4) * math.tanh(wished / np.float32(4))
    cosine, sine = change[row * LANES + 2] + np.float32(1), change[row * LANES + 3]
    turned_row = cosine * latent[at + 2] - sine * latent[at + 3]
    turned_column = cosine * latent[at + 3] + sine * latent[at + 2]
    length = max(np.float32(math.sqrt(turned_row * turned_row + turned_column * turned_column)), np.float32(1e-12))
    following[at] = latent[at] + change[row * LANES]
    following[at + 1] = latent[at + 1] + change[row * LANES + 1]
    following[at + 2] = turned_row / length
    following[at + 3] = turned_column / length
    following[at + 4] = latent[at + 4] + change[row * LANES + 4]
    following[at + 5] = latent[at + 5] + change[row * LANES + 5]


@njit
def _advance(weights, tasks, size, rows, latent, action, context, following, room):
    """`Transition.forward`."""
    rank, hidden = size[RANK], size[HIDDEN]
    wide = padded(hidden)
    x, state = room[: rows * 2 * rank], room[rows * 2 * rank : rows * (2 * rank + wide)]
    inner = room[rows * (2 * rank + wide) : rows * (2 * rank + 2 * wide)]
    for row in range(rows):
        _sense(weights, size, tasks, latent, row, action[row], context[row], x, state)
    affine(x, 0, 2 * rank, weights, size[BASIS], 2 * rank, state, 0, wide, state, 0, wide, wide, rows)
    _rectify(state, rows * wide)
    _linear(state, wide, weights, size[MIDDLE], hidden, hidden, inner, rows)
    _rectify_onto(inner, state, rows * wide)
    _linear(state, wide, weights, size[LAST], hidden, hidden, inner, rows)
    _rectify_onto(inner, state, rows * wide)
    _linear(state, wide, weights, size[CHANGE], hidden, _LATENT, inner, rows)
    for row in range(rows):
        _apply_change(weights, size, latent, row, action[row], inner, following)


@njit
def _code(row, column):
    """`symmetry.canonical_code` of one heading."""
    swap = abs(row) > abs(column)
    first, second = (column, row) if swap else (row, column)
    return (1 if swap else 0) + (2 if first < 0 else 0) + (4 if second < 0 else 0)


@njit
def _turn(row, column, code):
    """`symmetry.transform` of one vector."""
    first, second = (column, row) if code & 1 else (row, column)
    return -first if code & 2 else first, -second if code & 4 else second


@njit
def _look(tasks, size, latent, row, context, view):
    """`Prediction.local_view` of one row: write it to `view`; returns the field at the body's cell."""
    at, reach = row * _LATENT, size[REACH]
    height, width, cells = size[FIELD_ROWS], size[FIELD_COLUMNS], (2 * size[REACH] + 1) ** 2
    here, there = _cell(latent[at], height - 2 * reach - 1), _cell(latent[at + 1], width - 2 * reach - 1)
    code = _code(latent[at + 2], latent[at + 3])
    begin = row * (_LATENT + 3 * cells)
    within = (latent[at] - np.float32(here) - np.float32(0.5), latent[at + 1] - np.float32(there) - np.float32(0.5))
    view[begin], view[begin + 1] = _turn(within[0] * np.float32(2), within[1] * np.float32(2), code)
    view[begin + 2], view[begin + 3] = _turn(latent[at + 2], latent[at + 3], code)
    view[begin + 4], view[begin + 5] = _turn(latent[at + 4], latent[at + 5], code)
    field = (context * height + here + reach) * width + there + reach
    goal_row = np.int64(math.floor(tasks[size[GOALS] + 2 * context])) - here
    goal_column = np.int64(math.floor(tasks[size[GOALS] + 2 * context + 1])) - there
    centre = tasks[size[FIELD] + field]
    for cell in range(cells):
        offset = OFFSETS + (code * cells + cell) * 2
        place = field + size[offset] * width + size[offset + 1]
        slope = (tasks[size[FIELD] + place] - centre) / np.float32(5)
        view[begin + _LATENT + cell] = min(max(slope, np.float32(-3)), np.float32(3))
        view[begin + _LATENT + cells + cell] = tasks[size[OPENNESS] + place]
        at_goal = size[offset] == goal_row and size[offset + 1] == goal_column
        view[begin + _LATENT + 2 * cells + cell] = np.float32(1) if at_goal else np.float32(0)
    return centre


@njit(error_model="numpy")
def _reached_logit(weights, tasks, size, latent, following, row, context):
    """`Prediction.reached_logit` of one row."""
    at, goal = row * _LATENT, size[GOALS] + 2 * context
    way_row, way_column = following[at] - latent[at], following[at + 1] - latent[at + 1]
    to_row, to_column = tasks[goal] - latent[at], tasks[goal + 1] - latent[at + 1]
    length = max(way_row * way_row + way_column * way_column, np.float32(1e-6))
    share = min(max((to_row * way_row + to_column * way_column) / length, np.float32(0)), np.float32(1))
    left_row, left_column = share * way_row - to_row, share * way_column - to_column
    distance = math.sqrt(max(left_row * left_row + left_column * left_column, np.float32(1e-8)))
    return weights[size[GOAL] + 1] * (weights[size[GOAL]] - distance)


@njit(error_model="numpy")
def _decide(weights, size, row, code, centre, residual, outcome):
    """`predict` of one row, from the field at its cell and the residual of its decisions to go."""
    n_actions = size[ACTIONS]
    mirrored = ((code & 1) + (code >> 1 & 1) + (code >> 2 & 1)) & 1
    begin, least = row * (3 + n_actions), np.float32(np.inf)
    for action in range(n_actions):
        named = np.int64(weights[size[MIRROR] + action]) if mirrored else action
        to_go = centre + residual[row * padded(n_actions) + named]
        least = least if least <= to_go else to_go
        outcome[begin + 3 + action] = -to_go / weights[size[GOAL] + 2]
    outcome[begin + 2] = -centre if size[FIELD_LEAVES] else -least


@njit
def _predict(weights, tasks, size, rows, latent, context, outcome, room):
    """`Prediction.forward` and `BoundModel.predict`."""
    inputs, hidden = _LATENT + 3 * (2 * size[REACH] + 1) ** 2, size[PREDICTION]
    wide = padded(hidden)
    view, local = room[: rows * inputs], room[rows * inputs : rows * (inputs + wide)]
    spare = max(wide, padded(size[ACTIONS]))
    inner, centres = room[rows * (inputs + wide) :], room[rows * (inputs + wide + spare) :]
    for row in range(rows):
        centres[row] = _look(tasks, size, latent, row, context[row], view)
    begin = size[LAYERS]
    _linear(view, inputs, weights, begin, inputs, hidden, local, rows)
    _rectify(local, rows * wide)
    begin += (inputs + 1) * wide
    for _ in range(1, size[DEPTH]):
        _linear(local, wide, weights, begin, hidden, hidden, inner, rows)
        _rectify_onto(inner, local, rows * wide)
        begin += (hidden + 1) * wide
    _linear(local, wide, weights, begin, hidden, size[ACTIONS], inner, rows)
    for row in range(rows):
        code = _code(latent[row * _LATENT + 2], latent[row * _LATENT + 3])
        _decide(weights, size, row, code, centres[row], inner, outcome)


def evaluate(weights, tasks, sizes, rows, latent, action, context, following, outcome, scratch):
    """See `Kernel`."""
    size = carray(sizes, _ENDLESS)
    parameters, bound = carray(weights, _ENDLESS), carray(tasks, _ENDLESS)
    here, there = carray(latent, rows * _LATENT), carray(following, rows * _LATENT)
    actions, contexts = carray(action, rows), carray(context, rows)
    said, room = carray(outcome, rows * (3 + size[ACTIONS])), carray(scratch, rows * scratch_width(size))
    if actions[0] < 0:
        there[:] = here
    else:
        _advance(parameters, bound, size, rows, here, actions, contexts, there, room)
        for row in range(rows):
            logit = _reached_logit(parameters, bound, size, here, there, row, contexts[row])
            said[row * (3 + size[ACTIONS])] = -1.0
            said[row * (3 + size[ACTIONS]) + 1] = 1.0 - 1.0 / (1.0 + math.exp(-np.float64(logit)))
    _predict(parameters, bound, size, rows, there, contexts, said, room)
