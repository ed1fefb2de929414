"""The numbers of an evaluation, against examples worked out by hand and a plain bootstrap."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from mazenav.evaluation.metrics import (
    DISTANCE_BINS,
    exact_interval,
    interval,
    path_weights,
    print_table,
    summarise,
    write_json,
)
from mazenav.rng import stream
from mazenav.types import Episode, Layout, MazenavError


def strip(length: int) -> Layout:
    """A corridor; every length is another layout."""
    walls = np.ones((3, length + 2), np.bool_)
    walls[1, 1:-1] = False
    return Layout(walls)


def episode(layout: Layout, decisions: int, reached: bool, distance: int = 3, limit: int = 100) -> Episode:
    return Episode(
        layout=layout,
        start=(1, 1),
        goal=(1, 1 + distance),
        states=np.zeros((decisions + 1, 6), np.float32),
        actions=np.zeros(decisions, np.int64),
        terminated=reached,
        truncated=not reached,
        limit=limit,
        distance=distance,
    )


A, B, C = strip(5), strip(6), strip(300)

OWN = [
    episode(A, 10, True),
    episode(A, 100, False),
    episode(B, 8, True),
    episode(C, 40, True, distance=9),
    episode(C, 100, False, distance=170),
    episode(C, 60, True, distance=160),
]
ORACLE = [
    episode(A, 5, True),
    episode(A, 7, True),
    episode(B, 12, True),
    episode(C, 20, True, distance=9),
    episode(C, 50, True, distance=170),
    episode(C, 100, False, distance=160, limit=120),
]


def test_path_weights_by_hand() -> None:
    # Half as fast; failed; faster than the oracle; half as fast; failed; the oracle failed within 120 decisions.
    assert path_weights(OWN, ORACLE) == pytest.approx([0.5, 0, 1, 0.5, 0, 1])


def test_summary_by_hand() -> None:
    summary = summarise("somebody", OWN, ORACLE, np.array([1.0, 2.0, 3.0, 100.0]), seed=0)
    assert list(summary) == [
        "agent",
        "episodes",
        "layouts",
        "success_rate",
        "success_ci95",
        "spl",
        "oracle_success_rate",
        "by_distance",
        "decision_ms",
    ]
    assert summary["agent"] == "somebody"
    assert summary["episodes"] == 6
    assert summary["layouts"] == 3
    assert summary["success_rate"] == pytest.approx(4 / 6)
    assert summary["spl"] == pytest.approx(3 / 6)
    assert summary["oracle_success_rate"] == pytest.approx(5 / 6)
    assert summary["decision_ms"] == {"median": 2.5, "p99": pytest.approx(97.09)}
    near, middle, far = summary["by_distance"]
    assert (near["from"], near["to"], near["episodes"]) == (1, 4, 3)
    assert near["success_rate"] == pytest.approx(2 / 3)
    assert near["spl"] == pytest.approx(0.5)
    assert (middle["from"], middle["to"], middle["episodes"], middle["spl"]) == (5, 9, 1, 0.5)
    assert (far["from"], far["to"], far["episodes"], far["success_rate"]) == (160, None, 2, 0.5)


def test_every_distance_falls_into_one_bin() -> None:
    for distance in range(1, 400):
        inside = [first for first, last in DISTANCE_BINS if distance >= first and (last is None or distance <= last)]
        assert len(inside) == 1
    distances = [4, 5, 9, 10, 19, 20, 39, 40, 79, 80, 159, 160]
    runs = [episode(C, 1, True, distance=distance) for distance in distances]
    summary = summarise("a", runs, runs, np.ones(1), seed=0)
    assert [part["episodes"] for part in summary["by_distance"]] == [1, 2, 2, 2, 2, 2, 1]
    assert sum(part["episodes"] for part in summary["by_distance"]) == summary["episodes"]


def test_equal_layouts_count_once_whatever_their_object() -> None:
    runs = [episode(strip(5), 3, True), episode(strip(5), 3, True), episode(strip(6), 3, True)]
    assert summarise("a", runs, runs, np.ones(1), seed=0)["layouts"] == 2


def plain_bootstrap(rates: dict[int, list[bool]], resamples: int) -> tuple[float, float]:
    """Draw layouts with replacement, one at a time; the 2.5 % and 97.5 % quantiles of the pooled success."""
    rng, names, means = random.Random(1), list(rates), []
    for _ in range(resamples):
        drawn = [success for name in rng.choices(names, k=len(names)) for success in rates[name]]
        means.append(sum(drawn) / len(drawn))
    means.sort()
    return means[int(0.025 * resamples)], means[int(0.975 * resamples)]


def test_interval_agrees_with_a_plain_bootstrap() -> None:
    rng = stream(1, "rates")
    rates = {layout: [bool(x) for x in rng.random(rng.integers(1, 6)) < rng.random()] for layout in range(40)}
    success = np.array([x for tried in rates.values() for x in tried])
    layouts = np.array([layout for layout, tried in rates.items() for _ in tried])
    low, high = interval(success, layouts, stream(2))
    plain_low, plain_high = plain_bootstrap(rates, 4000)
    assert low == pytest.approx(plain_low, abs=0.015)
    assert high == pytest.approx(plain_high, abs=0.015)
    assert low < success.mean() < high


def test_interval_is_over_layouts_not_episodes() -> None:
    success = np.repeat(np.arange(20) < 10, 50)  # each layout all or nothing
    by_layout = interval(success, np.repeat(np.arange(20), 50), stream(3))
    by_episode = interval(success, np.arange(1000), stream(3))
    assert by_layout[1] - by_layout[0] > 5 * (by_episode[1] - by_episode[0])
    assert by_layout == pytest.approx([0.3, 0.7], abs=0.051)
    assert by_episode == pytest.approx([0.469, 0.531], abs=0.01)


def test_interval_covers_the_true_rate_about_95_times_in_100() -> None:
    rng, covered = stream(4, "coverage"), 0
    for trial in range(300):
        rate = np.repeat(rng.beta(8, 2, size=60), 3)
        low, high = interval(rng.random(180) < rate, np.repeat(np.arange(60), 3), stream(5, trial))
        covered += low <= 0.8 <= high
    assert 0.90 <= covered / 300 <= 0.985


def test_interval_without_any_failure_is_not_a_point() -> None:
    assert interval(np.ones(200, np.bool_), np.repeat(np.arange(100), 2), stream(6)) == pytest.approx(
        [0.96378, 1.0], abs=1e-5
    )
    assert interval(np.zeros(100, np.bool_), np.arange(100), stream(6)) == pytest.approx([0.0, 0.03622], abs=1e-5)
    low, high = interval(np.array([True, False]), np.zeros(2, np.int64), stream(6))
    assert low < 0.05  # one layout says little of others
    assert high > 0.95


def test_exact_interval_by_the_rule_of_three_and_a_table() -> None:
    assert exact_interval(1000, 1000) == pytest.approx([0.025 ** (1 / 1000), 1])
    assert exact_interval(8, 10) == pytest.approx([0.4439, 0.9748], abs=1e-4)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40), st.integers(0, 9))
def test_interval_holds_the_rate_and_repeats(drawn: list[tuple[bool, int]], seed: int) -> None:
    success, layouts = np.array([x for x, _ in drawn]), np.array([layout for _, layout in drawn])
    low, high = interval(success, layouts, stream(seed))
    assert 0 <= low <= high <= 1
    assert [low, high] == interval(success, layouts, stream(seed))
    # Shifting the layouts' numbers changes nothing.
    assert [low, high] == interval(success, layouts + 7, stream(seed))


def test_many_layouts_are_resampled_in_chunks() -> None:
    success = np.arange(5000) % 10 > 0
    assert interval(success, np.arange(5000), stream(7)) == pytest.approx([0.8916, 0.9082], abs=0.002)


def test_what_cannot_be_summarised() -> None:
    with pytest.raises(MazenavError, match="found 0 and 1"):
        summarise("a", [], [], np.ones(1), seed=0)
    with pytest.raises(MazenavError, match="found 6 and 0"):
        summarise("a", OWN, ORACLE, np.ones(0), seed=0)
    with pytest.raises(MazenavError, match="same tasks in the same order"):
        summarise("a", OWN, ORACLE[::-1], np.ones(1), seed=0)
    with pytest.raises(MazenavError, match="same tasks in the same order"):
        summarise("a", OWN, ORACLE[:-1], np.ones(1), seed=0)


def test_json_round_trip_and_a_folder_in_the_way(tmp_path: Path) -> None:
    summary = summarise("a", OWN, ORACLE, np.ones(1), seed=0)
    path = tmp_path / "results" / "a.json"
    write_json(summary, path)
    assert json.loads(path.read_text()) == summary
    assert [entry.name for entry in path.parent.iterdir()] == ["a.json"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(MazenavError, match="cannot write"):
        write_json(summary, tmp_path / "folder")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["folder", "results"]


def test_table_shows_every_bin_and_the_oracle() -> None:
    out = io.StringIO()
    print_table(summarise("a", OWN, ORACLE, np.ones(1), seed=0), Console(file=out, width=100))
    shown = out.getvalue()
    for text in ("1 - 4", "5 - 9", "160 and more", "all", "0.667", "oracle success 0.833", "1.000 ms (median)"):
        assert text in shown
