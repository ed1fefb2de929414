from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.difficulty import MEASURES, difficulty
from mazenav.layout.selection import Condition, keep_layouts, kind_of, labels, merge, parse_condition, show_number
from mazenav.layout.sets import load_set
from mazenav.layout.split import content_hashes
from mazenav.types import Layout, LayoutError


@given(
    st.sampled_from(MEASURES), st.sampled_from([">=", "<=", "==", "!=", ">", "<"]), st.integers(-99, 999), st.text(" ")
)
def test_conditions_are_read_as_they_are_written(name: str, comparison: str, number: int, space: str) -> None:
    space = space[:3]
    assert parse_condition(f"{space}{name}{space}{comparison}{space}{number}{space}") == (name, comparison, number)


@pytest.mark.parametrize("text", ["", "turns", "turns=3", "turns>=x", ">=3", "turns>=3 loops<2", "a>=1e9"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(LayoutError, match=r"such as dead_ends>=3, found"):
        parse_condition(text)


def test_an_unknown_measure_is_named_with_the_known_ones() -> None:
    with pytest.raises(LayoutError, match=r"called 'beauty'; there are rows, columns.*dead_ends"):
        parse_condition("beauty>3")


def test_layouts_are_kept_of_which_every_condition_is_true() -> None:
    layouts = load_set("train-20")
    conditions = [parse_condition("dead_ends>=2"), parse_condition("free_share<0.5")]
    kept = keep_layouts(layouts, conditions)
    expected = [one for one in layouts if difficulty(one).dead_ends >= 2 and difficulty(one).free_share < 0.5]
    assert [layout.name for layout in kept] == [layout.name for layout in expected]
    assert 0 < len(kept) < len(layouts)
    assert keep_layouts(layouts, []) == layouts


@pytest.mark.parametrize(
    ("comparison", "kept"),
    [(">=", [1, 2]), ("<=", [0, 1]), ("==", [1]), ("!=", [0, 2]), (">", [2]), ("<", [0])],
)
def test_every_comparison(comparison: str, kept: list[int]) -> None:
    holds = Condition("turns", comparison, 5.0).holds({"turns": np.array([4.0, 5.0, 6.0])})
    assert np.flatnonzero(holds).tolist() == kept


def test_labels_by_kind_size_and_quarter() -> None:
    layouts = load_set("train-20")
    assert labels(layouts, "kind")[:2] == ["perfect", "loops"]
    assert set(labels(layouts, "size")) == {"13x13"}
    quarters = Counter(labels(layouts, "diameter"))
    assert len(quarters) == 4 and max(quarters.values()) <= 8
    with pytest.raises(LayoutError, match="not 'beauty'"):
        labels(layouts, "beauty")
    assert labels([], "diameter") == []


def test_kinds_come_from_the_source() -> None:
    walls = np.zeros((2, 2), bool)
    sources = [{"recipe": "a", "generator": "b"}, {"generator": "b"}, {"format": "lab"}, {}]
    assert [kind_of(Layout(walls, source=source)) for source in sources] == ["a", "b", "lab", "unknown"]


def test_merging_drops_repeats_and_keeps_names_apart() -> None:
    walls = np.eye(3, dtype=bool)
    other = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0]], bool)
    third = np.array([[1, 0, 0], [0, 0, 0], [0, 0, 0]], bool)
    merged = merge(
        [[Layout(walls, "a"), Layout(other, "b")], [Layout(walls[:, ::-1], "c"), Layout(third, "a", {"k": 1})]]
    )
    assert [layout.name for layout in merged] == ["a", "b", "a-2"]
    assert len(set(content_hashes(merged))) == 3
    assert merged[2].source == {"k": 1}
    assert [layout.name for layout in merge([[Layout(walls), Layout(other)]])] == ["layout", "layout-2"]


def test_numbers_are_whole_where_they_are_counts() -> None:
    assert (show_number("turns", 1234.0), show_number("free_share", 0.5)) == ("1,234", "0.500")
