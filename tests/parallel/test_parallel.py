"""How rows are shared, without processes: what each of several would do, put together."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mazenav import parallel
from mazenav.parallel import Crew, OwnDraws
from mazenav.types import MazenavError


def each(ranks: int) -> list[Crew]:
    return [Crew(rank, ranks) for rank in range(ranks)]


@given(n=st.integers(0, 50), ranks=st.integers(1, 9))
def test_every_row_and_every_task_is_somebodys(n: int, ranks: int) -> None:
    found: list[int] = []
    tasks: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        for crew in each(ranks):
            patch.setattr(parallel, "_crew", crew)
            own = list(range(n)[parallel.own_rows(n)])
            assert n // ranks <= len(own) <= -(-n // ranks)
            found += own
            tasks += parallel.own_tasks(list(range(n)))
    assert found == list(range(n)) == sorted(tasks)


@given(n=st.integers(1, 20), ranks=st.integers(1, 4), width=st.integers(1, 3), seed=st.integers(0, 99))
def test_draws_of_all_are_those_of_one(n: int, ranks: int, width: int, seed: int) -> None:
    one = np.random.default_rng(seed)
    expected, after = one.integers(7, size=(n, width)), one.random()
    parts = []
    with pytest.MonkeyPatch.context() as patch:
        for crew in each(ranks):
            patch.setattr(parallel, "_crew", crew)
            own, rng = parallel.own_rows(n), np.random.default_rng(seed)
            parts.append(OwnDraws(rng, n).integers(7, size=(own.stop - own.start, width)))
            assert rng.random() == after, "all go on with the same stream"
    np.testing.assert_array_equal(np.concatenate(parts), expected)


def test_more_processes_than_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_crew", Crew(0, 4))
    parallel.check_share("agents", 4)
    with pytest.raises(MazenavError, match="4 processes cannot share 3 agents"):
        parallel.check_share("agents", 3)


def test_alone_nothing_is_shared() -> None:
    array = np.arange(3)
    assert parallel.leads() and parallel.ranks() == 1 and not parallel.launched()
    assert parallel.all_rows(array, 3) is array and parallel.gathered(array)[0] is array
    assert parallel.average(torch.tensor(6.0), torch.tensor(4)) == 1.5
    assert parallel.average(torch.tensor(0.0), torch.tensor(0)) == 0
    with parallel.joined("cuda") as device:
        assert device == "cuda" and not torch.distributed.is_initialized()
