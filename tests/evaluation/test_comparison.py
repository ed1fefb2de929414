from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from mazenav.agent.baselines import Oracle, RandomAgent
from mazenav.evaluation.comparison import (
    SEED,
    Bench,
    Found,
    against,
    gathered,
    plot_by_distance,
    rate,
    resampled,
    spread,
)
from mazenav.evaluation.protocol import make_tasks
from mazenav.layout.generate import generate
from mazenav.rng import stream
from mazenav.types import MazenavError


def bench_of(layouts: int, episodes: int = 1) -> Bench:
    rng = stream(5, "comparison")
    return Bench("some", make_tasks([generate("backtracker", (9, 9), rng) for _ in range(layouts)], episodes, SEED))


def found_of(success: np.ndarray, agents: str = "") -> Found:
    return Found(success, success * 0.9, 10.0, tuple(agents))


def interval(text: str) -> tuple[float, float]:
    low, high = text[text.index("(") + 1 : text.index(")")].split(" to ")
    return float(low), float(high)


def test_a_row_says_who_arrived_and_how_directly() -> None:
    bench = bench_of(6, 2)
    row, other = bench.drive(Oracle()), {**bench.drive(RandomAgent()), "made_of": {"weights": "ab12"}}
    assert row["reached"] == "1" * 12 and row["weights"] == [1000] * 12
    assert row["decisions"] == np.mean([len(episode) for episode in bench.oracle])
    assert other["reached"].count("1") < 12 and other["decisions"] > row["decisions"]
    both = gathered([row, other])
    assert isinstance(both, Found) and both.success.shape == both.weights.shape == (2, 12)
    assert both.agents == ("", "ab12")
    assert both.decisions == pytest.approx((row["decisions"] + other["decisions"]) / 2)


def test_what_an_agent_refuses_is_said_instead_of_numbers() -> None:
    class Refuses(Oracle):
        def begin(self, contexts: object, rngs: object) -> None:
            raise MazenavError("maps of at most 5 x 5 cells")

    row = bench_of(2).drive(Refuses())
    assert row == {"refused": "maps of at most 5 x 5 cells"}
    assert gathered([row, {"reached": "11", "weights": [1000, 1000], "decisions": 1.0}]) == row["refused"]


def test_intervals_are_as_wide_as_layouts_and_seeds_differ() -> None:
    bench, rng = bench_of(100), np.random.default_rng(3)
    same = np.repeat((rng.random((1, 100)) < 0.8).astype(float), 4, axis=0)
    alike = resampled(same, bench).std()
    assert alike == pytest.approx(same[0].std() / 10, rel=0.05)  # seeds that agree add nothing
    apart = same * np.array([[1.0], [0.5], [1.0], [0.5]])
    assert resampled(apart, bench).std() > 1.5 * alike


def test_tasks_of_a_layout_are_drawn_together() -> None:
    bench = bench_of(20, 10)
    values = np.repeat((np.arange(20) % 2).astype(float), 10)[None]
    assert resampled(values, bench).std() == pytest.approx(0.5 / np.sqrt(20), rel=0.05)


def test_where_nothing_failed_the_interval_is_exact_with_layouts_as_trials() -> None:
    text = rate(np.ones((2, 40)), bench_of(20, 2))
    assert text == "1.000 (0.832 - 1.000; seeds 1.000 - 1.000)"
    assert rate(np.ones((1, 20)), bench_of(20)) == "1.000 (0.832 - 1.000)"


def test_differences_are_paired_by_layout() -> None:
    bench, rng = bench_of(100), np.random.default_rng(4)
    theirs = (rng.random((1, 100)) < 0.5).astype(float)
    ours = theirs.copy()
    ours[0, np.flatnonzero(theirs[0] == 0)[:10]] = 1.0
    success, weights = against(found_of(ours), found_of(theirs), bench).split(" | ")
    assert success.startswith("+0.100 (") and weights.startswith("+0.090 (")
    low, high = interval(success)
    # Of two unpaired rates the interval would be 0.28 wide.
    assert 0.03 < low < 0.07 and 0.13 < high < 0.18
    assert float(success.rpartition("p = ")[2]) == pytest.approx(0.0016, rel=0.05)
    assert against(found_of(ours), found_of(ours), bench).split(" | ")[0] == "+0.000 (+0.000 to +0.000), p = 1"


def test_differences_are_paired_by_seed_where_the_same_agents_are_driven_in_two_ways() -> None:
    bench = bench_of(100)
    theirs = np.repeat([[0.2], [0.5], [0.8]], 100, axis=1)
    ours = theirs + 0.1
    same, apart = (against(found_of(ours, "abc"), found_of(theirs, who), bench) for who in ("abc", "xyz"))
    assert same.startswith("+0.100 (+0.100 to +0.100)")
    low, high = interval(apart)
    # Means of three of 0.2, 0.5 and 0.8 differ by up to 0.6; of two such, all but a twentieth by up to 0.4.
    assert low == pytest.approx(-0.3, abs=0.05) and high == pytest.approx(0.5, abs=0.05)


def test_bins_hold_every_task_once_and_a_figure_has_a_line_a_method() -> None:
    bench = bench_of(40)
    assert sum(inside.astype(int) for _, inside in bench.bins()).tolist() == [1] * 40
    panel = Figure().subplots()
    reached = found_of(np.ones((3, 40)))
    plot_by_distance(panel, bench, {"a": (reached, "#000000"), "b": ("refused", "#ff0000")}, "SPL")
    (line,) = panel.get_lines()
    assert line.get_label() == "a" and np.allclose(line.get_ydata(), 0.9)
    assert [tick.get_text() for tick in panel.get_xticklabels()] == [name for name, _ in bench.bins()]


def test_a_spread_is_a_mean_and_its_ends() -> None:
    assert spread([0.25, 1.0, 0.5]) == "0.583 (0.250 - 1.000)" and spread([7.0], 1) == "7.0 (7.0 - 7.0)"
