from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mazenav.layout.split import canonical_form, check_disjoint, content_hash, duplicates, symmetries
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
