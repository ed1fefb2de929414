"""Every measure against its definition, in slow Python or by SciPy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import label
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path as all_distances

from mazenav.layout.difficulty import MEASURES, difficulties, difficulty, plain_path, task_difficulty
from mazenav.layout.generate import generate
from mazenav.layout.graph import components, distances
from mazenav.layout.measuring import measure_cells
from mazenav.rng import stream
from mazenav.topdown.occupancy import occupancy
from mazenav.types import Layout, LayoutError
from tests.topdown.hand import layout_of

FORK = """
#########
#       #
# ##### #
# #   # #
#   # # #
#########
"""


@st.composite
def drawn_layouts(draw, most: int = 9) -> Layout:
    shape = draw(st.integers(1, most)), draw(st.integers(1, most))
    return Layout(stream(draw(st.integers(0, 10**6)), "drawn").random(shape) < draw(st.floats(0.05, 0.7)))


def ways(layout: Layout) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Each free cell's free neighbours."""
    cells = {(int(row), int(column)) for row, column in layout.free_cells()}
    steps = ((-1, 0), (1, 0), (0, -1), (0, 1))
    around = {(row, column): [(row + r, column + c) for r, c in steps] for row, column in cells}
    return {cell: [beside for beside in places if beside in cells] for cell, places in around.items()}


def pair_distances(layout: Layout) -> np.ndarray:
    """Steps between all pairs of free cells `[F, F]`, infinite where there is no way, by SciPy."""
    graph = ways(layout)
    numbers = {cell: number for number, cell in enumerate(graph)}
    edges = np.array([(numbers[a], numbers[b]) for a, beside in graph.items() for b in beside], int).reshape(-1, 2)
    matrix = csr_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(graph), len(graph)))
    return all_distances(matrix, unweighted=True)


def slow_runs(graph: dict[tuple[int, int], list[tuple[int, int]]]) -> int:
    """Connected sets of cells with two exits."""
    waiting = {cell for cell, beside in graph.items() if len(beside) == 2}
    runs = 0
    while waiting:
        runs += 1
        heap = [waiting.pop()]
        while heap:
            for beside in graph[heap.pop()]:
                if beside in waiting:
                    waiting.remove(beside)
                    heap.append(beside)
    return runs


def islands(layout: Layout) -> int:
    """Walls, joined across corners too, that do not reach the outside."""
    return label(np.pad(layout.walls, 1, constant_values=True), np.ones((3, 3)))[1] - 1


@settings(max_examples=150)
@given(drawn_layouts())
def test_every_measure_is_what_it_says(layout: Layout) -> None:
    graph = ways(layout)
    exits = {cell: len(beside) for cell, beside in graph.items()}
    found = difficulty(layout)
    assert (found.rows, found.columns) == layout.shape
    assert found.free_cells == len(graph)
    assert found.free_share == pytest.approx(len(graph) / layout.walls.size)
    assert found.pieces == components(layout.walls).max(initial=-1) + 1
    assert found.dead_ends == sum(count == 1 for count in exits.values())
    junctions = [count - 1 for count in exits.values() if count >= 3]
    assert found.decision_points == len(junctions)
    assert found.branching == pytest.approx(np.mean(junctions) if junctions else 0.0)
    assert found.corridors == slow_runs(graph)
    passing = [cell for cell, count in exits.items() if count == 2]
    assert found.corridor_length * max(1, found.corridors) == pytest.approx(len(passing))
    bends = [abs(a - c) == abs(b - d) == 1 for (a, b), (c, d) in (graph[cell] for cell in passing)]
    assert found.turns == sum(bends)
    assert found.loops == sum(exits.values()) // 2 - len(graph) + found.pieces
    assert found.islands == islands(layout)
    steps = pair_distances(layout)
    reached = steps[np.isfinite(steps)]
    assert found.diameter == reached.max(initial=0)
    others = reached[reached > 0]
    assert found.mean_distance == pytest.approx(others.mean() if len(others) else 0.0)
    assert found.exact == 1


@given(drawn_layouts(), st.integers(0, 7))
def test_no_measure_but_the_sides_depends_on_the_orientation(layout: Layout, image: int) -> None:
    turned = np.rot90(layout.walls, image % 4)
    one, other = difficulty(layout), difficulty(Layout(turned[:, ::-1] if image >= 4 else turned))
    for name in MEASURES[2:]:
        assert getattr(one, name) == pytest.approx(getattr(other, name)), name


def test_trees_of_any_size_are_measured_exactly() -> None:
    layout = generate("backtracker", (121, 121), stream(0))
    found = difficulty(layout)
    assert found.exact == 1
    ends = np.argwhere(~layout.walls & (components(layout.walls) == 0))
    far = distances(layout.walls, tuple(ends[0].tolist()))
    sweep = distances(layout.walls, tuple(np.argwhere(far == far.max())[0].tolist()))
    assert found.diameter == sweep.max()
    assert found.loops == found.islands == 0


def test_large_pieces_with_loops_are_estimated_and_say_so() -> None:
    layout = generate("backtracker", (25, 25), stream(1), loop_ratio=1.0)
    exact, table = difficulty(layout), np.empty((1, len(MEASURES)))
    measure_cells(layout.walls.ravel(), np.array([layout.shape]), 10, table)
    rough = dict(zip(MEASURES, table[0], strict=True))
    assert (exact.exact, rough["exact"]) == (1, 0)
    assert 0.9 * exact.diameter <= rough["diameter"] <= exact.diameter
    assert rough["mean_distance"] == pytest.approx(exact.mean_distance, rel=0.1)


def test_a_ring_is_one_corridor_and_one_loop_around_one_island() -> None:
    ring = difficulty(layout_of("#####\n#   #\n# # #\n#   #\n#####"))
    assert (ring.corridors, ring.corridor_length, ring.loops, ring.islands, ring.turns) == (1, 8, 1, 1, 4)
    assert (ring.diameter, ring.dead_ends, ring.branching) == (4, 0, 0)


def test_many_layouts_of_many_shapes_in_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts = [Layout(stream(seed).random((3 + seed % 5, 4 + seed % 3)) < 0.4) for seed in range(60)]
    monkeypatch.setattr("mazenav.layout.difficulty.CHUNK_CELLS", 100)
    told: list[tuple[int, int]] = []
    table = difficulties(layouts, lambda done, total: told.append((done, total)))
    assert told[-1] == (60, 60) and len(told) > 3
    for index, layout in enumerate(layouts):
        assert [table[name][index] for name in MEASURES] == [getattr(difficulty(layout), name) for name in MEASURES]
    assert all(len(column) == 0 for column in difficulties([]).values())


def test_a_task_of_which_everything_is_known() -> None:
    task = task_difficulty(layout_of(FORK), (1, 1), (4, 5))
    assert task == (9, 4, 0, 1, 9 / 7)


def slow_fewest_turns(layout: Layout, start: tuple[int, int], goal: tuple[int, int]) -> int:
    """Fewest turns over all shortest paths, each of them walked."""
    to_go = distances(layout.walls, goal)
    graph = ways(layout)
    best = 10**9
    heap = [(start, None, 0)]
    while heap:
        cell, came, turns = heap.pop()
        if cell == goal:
            best = min(best, turns)
        for beside in graph[cell]:
            if to_go[beside] == to_go[cell] - 1:
                step = (beside[0] - cell[0], beside[1] - cell[1])
                heap.append((beside, step, turns + (came is not None and step != came)))
    return best


@given(st.integers(0, 10**6))
def test_the_plain_path_is_a_shortest_one_with_the_fewest_turns(seed: int) -> None:
    layout = Layout(stream(seed, "plain").random((6, 6)) < 0.25)
    pieces = components(layout.walls)
    cells = np.argwhere(pieces == 0)
    if len(cells) < 2:
        return
    start, goal = tuple(cells[0].tolist()), tuple(cells[-1].tolist())
    path = plain_path(layout, start, goal)
    task = task_difficulty(layout, start, goal)
    assert (path[0], path[-1]) == (start, goal)
    assert len(path) == 1 + task.distance == 1 + distances(layout.walls, goal)[start]
    assert all(abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 for a, b in pairwise(path))
    assert not occupancy(layout)[tuple(np.transpose(path))].any()
    assert task.turns == slow_fewest_turns(layout, start, goal)
    off = [cell for cell, beside in ways(layout).items() if len(beside) == 1 and pieces[cell] == 0 and cell not in path]
    assert task.dead_ends == len(off)


def test_tasks_that_are_none_are_refused() -> None:
    layout = layout_of(FORK)
    for start, goal in (((0, 0), (1, 1)), ((1, 1), (1, 1)), ((1, 1), (9, 9))):
        with pytest.raises(LayoutError):
            task_difficulty(layout, start, goal)
