from __future__ import annotations

import numpy as np
import pytest
import torch

from mazenav.bench import search as bench
from mazenav.planner.search import search
from mazenav.planner.settings import SearchConfig


@pytest.mark.parametrize("algorithm", ["gumbel", "puct"])
@pytest.mark.parametrize("batch", [1, 37])
def test_what_is_measured_is_the_same_search(algorithm: str, batch: int) -> None:
    weights, latent = bench.make_weights(), torch.from_numpy(bench.make_roots(batch))
    config = SearchConfig(algorithm=algorithm, simulations=bench.SIMULATIONS)
    plain, compiled = (search(kind(weights), latent, config) for kind in (bench.Mlp, bench.CompiledMlp))
    assert plain.trace is not None and compiled.trace is not None
    assert np.array_equal(plain.trace.node_parents, compiled.trace.node_parents)
    assert np.array_equal(plain.action, compiled.action)
    np.testing.assert_allclose(plain.trace.node_values, compiled.trace.node_values, atol=1e-4)
    np.testing.assert_allclose(plain.trace.node_latents, compiled.trace.node_latents, atol=1e-4)
    assert len(np.unique(compiled.trace.node_latents[0, :, 0])) > bench.SIMULATIONS // 2


def test_rows_tell_of_mctx_or_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "SECONDS", 0.01)
    monkeypatch.setattr(bench, "MAZES", 2)
    monkeypatch.setattr(bench, "mctx_rate", lambda algorithm, batch: 1000.0 if algorithm == "gumbel" else 1 / 0)
    told: list[tuple[int, int, str]] = []
    rows = bench.measure(lambda *step: told.append(step))
    assert [step[:2] for step in told] == [(number + 1, 4) for number in range(4)]
    floors = {row.work: row.floor for row in rows[:-2] if row.floor is not None}
    assert floors == {"Gumbel MuZero, B = 1": 2.0, "Gumbel MuZero, B = 128": 1.0}
    assert [(row.unit, row.floor) for row in rows[-2:]] == [("ms", 2.0), ("ms", 20.0)]
    assert all(row.ours > 0 for row in rows)
    assert all(("mctx" in row.others) == ("Gumbel" in row.work) for row in rows[:-2] if "PyTorch" not in row.work)
    assert rows[-4].missing["mctx"].startswith("fails with ZeroDivisionError")
