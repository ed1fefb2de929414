"""`mazenav bench sim`: every figure that is asked for is a row, and a peer that is not there says so."""

from __future__ import annotations

import importlib
import sys

import pytest

from mazenav.bench import rollouts, sensors, sim
from mazenav.bench.table import best_rate, markdown

PEERS = ("gymnasium_robotics", "ogbench", "minigrid", "jax", "xminigrid", "pybullet")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small work in place of the real, and no peers."""
    monkeypatch.setattr(sim, "FRAMES", 1)
    monkeypatch.setattr(sim, "SHAPE", (7, 7))
    monkeypatch.setattr(sim, "DECISIONS", 200)
    monkeypatch.setattr(sensors, "AGENTS", 4)
    monkeypatch.setattr(sensors, "RAYS_AT_LEAST", 1)
    monkeypatch.setattr(rollouts, "SCALE", 1000)
    for module in (sim, sensors):
        monkeypatch.setattr(module, "best_rate", lambda work, repeats=1: best_rate(work, 1))
    for peer in PEERS:
        monkeypatch.setitem(sys.modules, peer, None)


@pytest.mark.usefixtures("quick")
def test_every_row_is_measured() -> None:
    said: list[tuple[int, int]] = []
    rows = sim.measure(lambda done, total, what: said.append((done, total)))
    assert said[-1] == (len(rows), len(rows))
    assert all(row.ours > 0 for row in rows)
    told = {name for row in rows for name, why in row.missing.items() if why.startswith("not installed")}
    assert told == {
        *sim.SINGLE_PEERS,
        *sim.VECTOR_PEERS,
        "PyBullet rayTestBatch",
        "PyBullet TinyRenderer",
        "Minari's DataCollector on PointMaze",
    }
    figures = {row.least for row in rows if row.least}
    assert {25e6, 1e6, 60e3, 80e6, 20e3} <= figures, "the floors that were asked for"
    words = " ".join(row.work for row in rows)
    for word in ("dmlab", "diffdrive", "make_vec", "range_scan", "render_rgb", "rollout", "Lab.step", "LabNav", "mmn"):
        assert word in words
    assert all(row.judged or row.floor is None for row in rows if not row.missing)
    assert markdown("bench sim", rows).count("\n|") == len(rows) + 2


@pytest.mark.parametrize("peer", [*sim.SINGLE_PEERS, *sim.VECTOR_PEERS])
def test_peers_step_where_they_are_installed(peer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = (sim.SINGLE_PEERS | sim.VECTOR_PEERS)[peer]
    monkeypatch.setattr(sim, "best_rate", lambda work, repeats=1: best_rate(work, 1))
    try:
        rate = measured()
    except ImportError as error:
        assert (error.name or "").partition(".")[0] in PEERS
        with pytest.raises(ImportError):
            importlib.import_module(str(error.name))
        return
    assert rate is not None and rate > 0
