"""`mazenav bench layouts`: the C reference makes mazes, every row is there, and what is asked is judged."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest

from mazenav.bench import layouts, maze_peers
from mazenav.bench.compiled import compile_c
from mazenav.bench.table import Row, markdown
from mazenav.layout.formats.scenario import write_scenario
from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.generate import GENERATORS, generate
from mazenav.layout.graph import components
from mazenav.types import Layout
from tests.layout.mazes import dead_ends, loops


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small work in place of the real, so that a run of all takes seconds."""
    monkeypatch.setattr(layouts, "SECONDS", 0.0)
    monkeypatch.setattr(layouts, "BATCHES", {7: 20, 11: 5})
    monkeypatch.setattr(layouts, "SET", 100)
    monkeypatch.setattr(layouts, "FIELD", 51)
    monkeypatch.setattr(layouts, "LARGE_RUN", "print(0.5, 100.0)")


def scenario(folder: Path, letters: str, optimal: float) -> None:
    """A map of one row with a scenario from end to end."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.map").write_text(f"type octile\nheight 1\nwidth {len(letters)}\nmap\n{letters}\n")
    last = len(letters) - 1
    (folder / "a.scen").write_text(f"version 1\n0 a.map {len(letters)} 1 0 0 {last} 0 {optimal}\n")


def test_the_c_reference_makes_mazes_as_ours() -> None:
    library = compile_c("backtracker.c")
    if library is None:
        pytest.skip("there is no C compiler on this machine, and the package needs none")
    n, rows, columns = 300, 21, 27
    walls = np.empty((n, rows, columns), np.uint8)
    seeds = np.random.default_rng(0).integers(1 << 63, size=n, dtype=np.uint64)
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (walls, seeds)]
    assert library.backtrack(*pointers, ctypes.c_int64(n), rows, columns) == 0
    ours = GENERATORS["backtracker"].walls((rows, columns), seeds)
    for each in (walls != 0)[:20]:
        assert each[[0, -1]].all() and each[:, [0, -1]].all() and not each[1::2, 1::2].any()
        assert loops(each) == 0 and components(each).max() == 0
    assert len({each.tobytes() for each in walls}) == n
    # The same distribution: as many dead ends, to a few parts in a hundred.
    theirs = np.mean([dead_ends(each != 0) for each in walls])
    assert abs(theirs / np.mean([dead_ends(each) for each in ours]) - 1) < 0.05


@pytest.mark.usefixtures("quick")
def test_every_row_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fails() -> object:
        raise RuntimeError("out of order")

    peers = {
        "one": {"prim": lambda side: lambda: generate("prim", (side, side), np.random.default_rng(0))},
        "two": {"prim": lambda side: fails, "backtracker": lambda side: maze_peers._mazelib("absent", "Absent", side)},
    }
    monkeypatch.setattr(layouts, "PEERS", peers)
    monkeypatch.setenv(layouts.MAPS, str(tmp_path))
    scenario(tmp_path / "movingai", "....", 3.0)
    said: list[str] = []
    rows = layouts.measure(lambda done, total, what: said.append(what))
    works = [row.work for row in rows]
    assert works == [
        *["backtracker 7 x 7"] * 2,
        *["backtracker 11 x 11"] * 2,
        *["prim 7 x 7", "prim 11 x 11"],
        *["one backtracker 4001 x 4001"] * 2,
        *["writing 100 layouts of 13 x 13 as .npz", "reading 100 layouts of 13 x 13 as .npz"],
        "distances 51 x 51",
        "octile lengths of 1 pairs on 1 MovingAI maps",
    ]
    assert {layouts.PLAIN_C} == {*rows[0].others, *rows[0].missing}
    assert rows[1].missing["two"].startswith("not installed (mazelib")
    assert set(rows[4].others) == {"one"} and rows[4].missing == {"two": "fails with RuntimeError: out of order"}
    assert all(row.ours > 0 for row in rows[:-1])
    assert all(row.floor is not None for row in rows)
    assert "prim 11 x 11" in said


def test_lengths_are_held_against_those_told(tmp_path: Path) -> None:
    scenario(tmp_path / "right", ".....", 4.0)
    assert layouts.octile_row(tmp_path / "right").ours == 0
    assert layouts.octile_row(tmp_path / "right").judged == "1e-05: met"
    scenario(tmp_path / "wrong", ".....", 4.001)
    assert layouts.octile_row(tmp_path / "wrong").judged == "1e-05: missed"
    scenario(tmp_path / "wet", "..WW.", 9.0)
    assert layouts.octile_row(tmp_path / "wet").missing == {"MovingAI": "no scenario in wet"}
    way = Layout(np.zeros((6, 9), bool), "hall")
    (tmp_path / "own").mkdir()
    write_layouts([way], tmp_path / "own" / "a.map")
    write_scenario(way, [((0, 0), (5, 8)), ((5, 0), (2, 1))], tmp_path / "own" / "a.scen", "a.map")
    assert layouts.octile_row(tmp_path / "own").ours < 1e-8


def test_the_real_lengths(external: Path) -> None:
    row = layouts.octile_row(external / "movingai")
    assert row.judged.endswith("met") and "maps" in row.work


@pytest.mark.parametrize(
    ("row", "judged"),
    [
        (Row("w", "mazes/s", 10.0, {"a": 1.0, "b": 2.0}, floor=6.0), "x 6: missed"),
        (Row("w", "mazes/s", 10.0, {"a": 1.0, "b": 2.0}, floor=5.0), "x 5: met"),
        (Row("w", "ms", 10.0, {"a": 100.0}, floor=10.0), "x 10: met"),
        (Row("w", "mazes/s", 10.0, {}, {"a": "not installed"}, floor=5.0), ""),
        (Row("w", "mazes/s", 10.0, floor=5.0), "5: met"),
        (Row("w", "s", 10.0, floor=5.0), "5: missed"),
        (Row("w", "MiB", 10.0, floor=1024.0), "1,024: met"),
        (Row("w", "s", 10.0), ""),
        (Row("w", "mazes/s", 10.0, {"a": 1.0}, floor=5.0, least=11.0), "11: missed, x 5: met"),
        (Row("w", "mazes/s", 10.0, {}, {"a": "not installed"}, floor=5.0, least=9.0), "9: met"),
    ],
)
def test_floors_are_judged(row: Row, judged: str) -> None:
    assert row.judged == judged
    assert markdown("title", [row]).endswith(f"| {judged} |\n")


@pytest.mark.parametrize(("peer", "kind"), [(peer, kind) for peer, kinds in maze_peers.PEERS.items() for kind in kinds])
def test_peers_have_only_kinds_of_ours_and_make_mazes_where_they_are_installed(peer: str, kind: str) -> None:
    assert kind in GENERATORS
    try:
        make = maze_peers.PEERS[peer][kind](13)
    except ImportError as error:
        assert (error.name or "").partition(".")[0] in ("labmaze", "mazelib", "maze_dataset")
        return
    assert make() is not None
