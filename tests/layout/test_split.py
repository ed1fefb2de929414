from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.split import (
    canonical_form,
    check_disjoint,
    content_hash,
    content_hashes,
    duplicates,
    part_sizes,
    split_layouts,
    symmetries,
    unique,
)
from mazenav.rng import stream
from mazenav.types import Layout, LayoutError


@st.composite
def drawn_layouts(draw, most=7):
    rows, columns = draw(st.integers(1, most)), draw(st.integers(1, most))
    cells = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    return Layout(np.array(cells).reshape(rows, columns))


@given(drawn_layouts())
def test_the_hash_is_the_same_for_all_eight_images(layout):
    images = symmetries(layout.walls)
    assert len(images) == 8
    assert len({content_hash(Layout(image)) for image in images}) == 1


@given(drawn_layouts(3), drawn_layouts(3))
def test_equal_hashes_mean_images_of_each_other(one, two):
    related = any(np.array_equal(one.walls, image) for image in symmetries(two.walls))
    assert (content_hash(one) == content_hash(two)) == related


def test_the_eight_images_of_an_asymmetric_layout_differ():
    images = symmetries(np.array([[1, 1, 0], [0, 1, 0], [0, 0, 0]], bool))
    assert len({image.tobytes() for image in images}) == 8


def test_shapes_with_the_same_cells_differ():
    assert canonical_form(np.zeros((2, 8), bool)) != canonical_form(np.zeros((4, 4), bool))
    assert canonical_form(np.zeros((2, 8), bool)) == canonical_form(np.zeros((8, 2), bool))


def test_the_hash_never_changes():
    layout = Layout(np.array([[1, 1, 1, 1], [1, 0, 0, 1], [1, 1, 1, 1]], bool))
    assert content_hash(layout) == "96ff9d28a1c33dffbb6fe58c2da60e12"


def test_duplicates_are_found_up_to_symmetry():
    corner = np.array([[1, 0], [0, 0]], bool)
    layouts = [Layout(corner), Layout(np.zeros((2, 2), bool)), Layout(corner[::-1]), Layout(corner[:, ::-1])]
    assert duplicates(layouts) == [[0, 2, 3]]
    assert duplicates(layouts[:2]) == []


def test_sets_that_share_a_layout_are_refused():
    corner = np.array([[1, 0], [0, 0]], bool)
    one, two = Layout(corner, "first"), Layout(corner[::-1], "second")
    with pytest.raises(LayoutError, match="'second' of test is layout 'first' of train"):
        check_disjoint({"train": [one], "test": [two]})


def test_a_repeat_within_one_set_is_no_overlap():
    one, other = Layout(np.zeros((2, 2), bool)), Layout(np.zeros((2, 3), bool))
    check_disjoint({"train": [one, one], "test": [other]})
    assert duplicates([one, one]) == [[0, 1]]


def slow_canonical_form(walls: np.ndarray) -> bytes:
    """The definition: all eight images as bytes, shape first, and the smallest of them."""
    return min(np.array(image.shape, ">i8").tobytes() + np.packbits(image).tobytes() for image in symmetries(walls))


@given(drawn_layouts(11))
def test_the_canonical_form_is_the_smallest_image(layout):
    assert canonical_form(layout.walls) == slow_canonical_form(layout.walls)


@given(st.lists(drawn_layouts(4), max_size=12))
def test_hashes_of_many_are_those_of_each(layouts):
    hashes = content_hashes(layouts)
    assert hashes == [content_hash(layout) for layout in layouts]
    repeated = [index for index, digest in enumerate(hashes) if hashes.count(digest) > 1]
    assert sorted(index for group in duplicates(layouts) for index in group) == repeated
    first = [id(layouts[index]) for index, digest in enumerate(hashes) if hashes.index(digest) == index]
    assert [id(layout) for layout in unique(layouts)] == first


@given(st.lists(drawn_layouts(3), min_size=1, max_size=30), st.floats(0, 1), st.floats(0, 1), st.integers(0, 99))
def test_no_split_overlaps_and_none_depends_on_the_order(layouts, one, other, seed):
    shares = {"train": one * (1 - other), "validation": other * one, "test": 1 - one}
    dealt = split_layouts(layouts, shares, stream(seed))
    check_disjoint(dealt)
    turned = [Layout(np.rot90(layout.walls)) for layout in reversed(layouts)]
    again = split_layouts(turned, shares, stream(seed))
    for name, part in dealt.items():
        assert Counter(content_hashes(part)) == Counter(content_hashes(again[name]))
    sizes = part_sizes(shares, len(set(content_hashes(layouts))))
    assert {name: len(set(content_hashes(part))) for name, part in dealt.items()} == sizes


def many(count: int, seed: int = 0) -> list[Layout]:
    rng = stream(seed, "many")
    return [Layout(rng.random((6, 7)) < 0.5, str(index)) for index in range(count)]


def test_another_seed_deals_otherwise_and_keeps_the_order_within_a_part():
    layouts = many(100)
    first, second = (split_layouts(layouts, {"a": 0.5, "b": 0.5}, stream(seed)) for seed in (0, 1))
    names = [layout.name for layout in first["a"]]
    assert names == sorted(names, key=int)
    assert names != [layout.name for layout in second["a"]]
    assert len(names) == 50


def test_every_part_gets_its_share_of_every_stratum():
    layouts = many(300)
    strata = ["rare" if index % 10 == 0 else f"kind {index % 3}" for index in range(300)]
    dealt = split_layouts(layouts, {"train": 0.8, "validation": 0.1, "test": 0.1}, stream(3), strata)
    totals = Counter(strata)
    for name, share in (("train", 0.8), ("validation", 0.1), ("test", 0.1)):
        found = Counter(strata[int(layout.name)] for layout in dealt[name])
        assert all(abs(found[label] - share * total) <= 2 for label, total in totals.items()), (name, found)


@pytest.mark.parametrize(
    ("parts", "total", "sizes"),
    [
        ({"a": 0.8, "b": 0.1, "c": 0.1}, 11, {"a": 9, "b": 1, "c": 1}),
        ({"a": 1.0, "b": 30}, 100, {"a": 70, "b": 30}),
        ({"a": 0.5, "b": 0.25}, 8, {"a": 4, "b": 2}),
        ({"a": 3, "b": 0}, 8, {"a": 3, "b": 0}),
        ({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, 10, {"a": 4, "b": 3, "c": 3}),
    ],
)
def test_counts_come_first_and_shares_are_of_the_rest(parts, total, sizes):
    assert part_sizes(parts, total) == sizes


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"a": 0.8, "b": 0.3}, "add up to 1.1"),
        ({"a": 1.5}, "between 0 and 1"),
        ({"a": float("nan")}, "between 0 and 1"),
        ({"a": -1}, "cannot have -1"),
        ({"a": 9, "b": 2}, "ask for 11 layouts, but there are only 10"),
    ],
)
def test_parts_that_cannot_be_are_refused(parts, words):
    with pytest.raises(LayoutError, match=words):
        split_layouts(many(10), parts, stream(0))
