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
    ACTIONS,
    REACH,
    PREDICTION,
    DEPTH,
    KIND_ROWS,
    KIND_COLUMNS,
    FIELD_ROWS,
    FIELD_COLUMNS,
    FIELD_LEAVES,
    BODY,
    FREE_WAY,
    FREE_CHANGE,
    VECTORS,
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
) = range(24)
"""Places in `Kernel.sizes`. Widths, and whether values are read off the field alone; from `BODY` to `LAYERS` where
parts begin in the weights, a linear layer's packed matrix with its padded bias behind it (of the first layer, `VECTORS`
holds what each kind of neighbourhood adds here, and ahead); then where parts begin in the tasks (the kinds of cells at
0); from `OFFSETS` on the offsets of `symmetry.patch_offsets`."""
_ENDLESS = 1 << 40  # length of arrays whose own length nobody tells
_LATENT = 6
_SENSED = 5
_TURNED = 4  # heading and velocity
_CODES = 8


@njit(cache=True)
def padded(width: int) -> int:
    """As `product.padded_width`."""
    return (width + LANES - 1) // LANES * LANES


@njit(cache=True)
def scratch_width(size: np.ndarray) -> int:
    """Places of working memory a row."""
    view, wide = _LATENT + 3 * (2 * size[REACH] + 1) ** 2, padded(size[PREDICTION])
    advance = _TURNED + 2 * padded(size[HIDDEN])
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
def _turn_back(row, column, code):
    """`symmetry.transform_back` of one vector."""
    first, second = -row if code & 2 else row, -column if code & 4 else column
    return (second, first) if code & 1 else (first, second)


@njit
def _is_mirror(code):
    """`symmetry.is_mirror` of one code."""
    return ((code & 1) + (code >> 1 & 1) + (code >> 2 & 1)) & 1


@njit
def _add_map(weights, tasks, size, context, code, row, column, ahead, state, begin):
    """Add what `Transition.read_map` at one position comes to in the first layer, to `state` from `begin` on."""
    height, width, wide = size[KIND_ROWS], size[KIND_COLUMNS], padded(size[HIDDEN])
    down, along = row + np.float32(0.5), column + np.float32(0.5)
    top, left = np.float32(math.floor(down)), np.float32(math.floor(along))
    far_down, far_along = down - top, along - left
    near_down, near_along = np.float32(1) - far_down, np.float32(1) - far_along
    above, below = _cell(top, height - 1), _cell(top + np.float32(1), height - 1)
    west, east = _cell(left, width - 1), _cell(left + np.float32(1), width - 1)
    base, vectors = context * height, size[VECTORS] + ahead * wide
    north_west = vectors + np.int64(tasks[((base + above) * width + west) * _CODES + code]) * 2 * wide
    north_east = vectors + np.int64(tasks[((base + above) * width + east) * _CODES + code]) * 2 * wide
    south_west = vectors + np.int64(tasks[((base + below) * width + west) * _CODES + code]) * 2 * wide
    south_east = vectors + np.int64(tasks[((base + below) * width + east) * _CODES + code]) * 2 * wide
    for index in range(wide):
        state[begin + index] += (
            near_down * near_along * weights[north_west + index]
            + near_down * far_along * weights[north_east + index]
            + far_down * near_along * weights[south_west + index]
            + far_down * far_along * weights[south_east + index]
        )


@njit
def _seen_action(weights, size, action, code):
    """The action as it is in the canonical frame: in a mirror, left is right."""
    return np.int64(weights[size[MIRROR] + action]) if _is_mirror(code) else action


@njit
def _sense(weights, size, tasks, latent, row, action, context, turned, state):
    """A row's first layer: what the body and the map say goes to `state`, heading and velocity turned to `turned`."""
    at, to, wide = row * _LATENT, row * _TURNED, padded(size[HIDDEN])
    code = _code(latent[at + 2], latent[at + 3])
    turned[to], turned[to + 1] = _turn(latent[at + 2], latent[at + 3], code)
    turned[to + 2], turned[to + 3] = _turn(latent[at + 4], latent[at + 5], code)
    seen = _seen_action(weights, size, action, code)
    # What is always sensed is the layer's bias.
    body = size[BODY] + seen * _SENSED * wide
    affine(turned, to, 0, weights, body, 4, weights, body + 4 * wide, 0, state, row * wide, 0, wide, 1)
    _add_map(weights, tasks, size, context, code, latent[at], latent[at + 1], 0, state, row * wide)
    far_row, far_column = np.float32(0), np.float32(0)
    for index in range(_SENSED):
        sensed = turned[to + index] if index < 4 else np.float32(1)
        way = size[FREE_WAY] + (seen * _SENSED + index) * 2
        far_row += sensed * weights[way]
        far_column += sensed * weights[way + 1]
    far_row, far_column = _turn_back(np.float32(math.tanh(far_row)), np.float32(math.tanh(far_column)), code)
    far_row, far_column = latent[at] + far_row, latent[at + 1] + far_column
    _add_map(weights, tasks, size, context, code, far_row, far_column, 1, state, row * wide)


@njit(error_model="numpy")
def _apply_change(weights, size, latent, row, action, turned, change, following):
    """`Transition.apply_change` with the linear part of the change added and all of it bounded and turned back."""
    at, code = row * _LATENT, _code(latent[row * _LATENT + 2], latent[row * _LATENT + 3])
    seen, by = _seen_action(weights, size, action, code), row * LANES
    for part in range(_LATENT):
        wished = change[by + part]
        for index in range(_SENSED):
            sensed = turned[row * _TURNED + index] if index < 4 else np.float32(1)
            wished += sensed * weights[size[FREE_CHANGE] + (seen * _SENSED + index) * _LATENT + part]
        change[by + part] = np.float32(4) * math.tanh(wished / np.float32(4))
    cosine, sine = change[by + 2] + np.float32(1), -change[by + 3] if _is_mirror(code) else change[by + 3]
    down, along = _turn_back(change[by], change[by + 1], code)
    faster_down, faster_along = _turn_back(change[by + 4], change[by + 5], code)
    turned_row = cosine * latent[at + 2] - sine * latent[at + 3]
    turned_column = cosine * latent[at + 3] + sine * latent[at + 2]
    length = max(np.float32(math.sqrt(turned_row * turned_row + turned_column * turned_column)), np.float32(1e-12))
    following[at] = latent[at] + down
    following[at + 1] = latent[at + 1] + along
    following[at + 2] = turned_row / length
    following[at + 3] = turned_column / length
    following[at + 4] = latent[at + 4] + faster_down
    following[at + 5] = latent[at + 5] + faster_along


@njit
def _advance(weights, tasks, size, rows, latent, action, context, following, room):
    """`Transition.forward`."""
    hidden, wide = size[HIDDEN], padded(size[HIDDEN])
    turned, state = room[: rows * _TURNED], room[rows * _TURNED : rows * (_TURNED + wide)]
    inner = room[rows * (_TURNED + wide) : rows * (_TURNED + 2 * wide)]
    for row in range(rows):
        _sense(weights, size, tasks, latent, row, action[row], context[row], turned, state)
    _rectify(state, rows * wide)
    _linear(state, wide, weights, size[MIDDLE], hidden, hidden, inner, rows)
    _rectify_onto(inner, state, rows * wide)
    _linear(state, wide, weights, size[LAST], hidden, hidden, inner, rows)
    _rectify_onto(inner, state, rows * wide)
    _linear(state, wide, weights, size[CHANGE], hidden, _LATENT, inner, rows)
    for row in range(rows):
        _apply_change(weights, size, latent, row, action[row], turned, inner, following)


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
    begin, least = row * (3 + n_actions), np.float32(np.inf)
    for action in range(n_actions):
        named = _seen_action(weights, size, action, code)
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
