"""The C references do the same work as the kernel, and are told about where they cannot be had."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from mazenav.bench import compiled, sim
from mazenav.bench.comparing import compared, rate_or_reason
from mazenav.bench.compiled import compile_c
from mazenav.bench.sim import C_FORMS, batch_in_mazes, c_rate
from mazenav.sim.lanes import look_around
from mazenav.types import MazenavError


@pytest.mark.parametrize("form", C_FORMS.values())
def test_c_follows_the_kernel(form: str) -> None:
    library = compile_c("frames.c", sim.C_FLAGS)
    if library is None:
        pytest.skip("there is no C compiler on this machine, and the package needs none")
    batch, rng = batch_in_mazes(150), np.random.default_rng(0)
    states, walls = batch.states.copy(), batch.solid
    if form == "frames_simd":
        walls = np.zeros(batch.solid.shape, np.int32)
        look_around(batch.solid, np.arange(150), walls)
    constants = batch.body.constants()
    for actions in rng.integers(0, 4, (40, 150)):
        commands = batch.body.commands()[actions]
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (states, walls, commands, constants)]
        getattr(library, form)(pointers[0], pointers[1], *walls.shape[1:], pointers[2], 150, 10, pointers[3])
        batch.step(actions)
    apart = np.abs(states[:, :2] - batch.states[:, :2]).max(axis=1)
    assert (apart < 1e-3).mean() > 0.95  # fast arithmetic may pass a corner on the other side
    assert np.hypot(*(batch.states[:, 3:5]).T).max() > 1


def test_without_a_compiler_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled.shutil, "which", lambda name: None)
    assert compile_c("frames.c") is None
    assert c_rate(8, "frames_scalar") is None
    assert rate_or_reason(lambda: c_rate(8, "frames_scalar")) == compiled.NO_COMPILER


def test_a_flag_that_no_compiler_knows() -> None:
    if compile_c("frames.c") is None:
        pytest.skip("there is no C compiler on this machine, and the package needs none")
    with pytest.raises(MazenavError, match=r"cannot compile frames\.c"):
        compile_c("frames.c", ["--no-such-flag"])


def test_peers_that_fail_are_told_and_stop_nothing() -> None:
    def absent() -> float:
        raise ModuleNotFoundError("No module named 'peer'", name="peer")

    def broken() -> float:
        raise RuntimeError("it broke\nbadly")

    row = compared("work", "steps/s", lambda: 10.0, {"a": absent, "b": broken, "c": lambda: 4.0}, 1.0)
    assert row.missing == {"a": "not installed (peer)", "b": "fails with RuntimeError: it broke"}
    assert row.others == {"c": 4.0}
    assert row.ratio("c") == 2.5
