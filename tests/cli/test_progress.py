"""Progress where there is no terminal: a line now and then, with a rate and the time that is left."""

from __future__ import annotations

import pytest

from mazenav.cli.progress import bar, lines


def test_lines_tell_the_rate_and_the_time_that_is_left() -> None:
    now, said = [0.0], []
    show = lines("walking", "steps", said.append, clock=lambda: now[0])
    for second in range(0, 121):
        now[0] = float(second)
        show(100_000 + 10 * second, 200_000, "all well" if second > 60 else "")
    assert said == [
        "walking: 100,300 of 200,000 steps, 10.0/s, ETA 2:46:10",
        "walking: 100,600 of 200,000 steps, 10.0/s, ETA 2:45:40",
        "walking: 100,900 of 200,000 steps, 10.0/s, ETA 2:45:10, all well",
        "walking: 101,200 of 200,000 steps, 10.0/s, ETA 2:44:40, all well",
    ]


def test_slow_work_and_work_without_an_end() -> None:
    now, said = [0.0], []
    show = lines("thinking", "answers", said.append, clock=lambda: now[0])
    for second, done in ((0, 0), (40, 0), (100, 2), (101, 3)):
        now[0] = float(second)
        show(done, None, "")
    assert said == ["thinking: 0 answers, 0.0/s", "thinking: 2 answers, 50.0 s each"]


def test_short_work_says_nothing_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("walking", "steps") as show:
        show(1, 2, "")
        show(2, None, "")
    assert capsys.readouterr() == ("", "")
