"""Layouts told apart by their content, up to the 8 symmetries of the square, never by seed range."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from mazenav.types import Layout, LayoutError


def symmetries(walls: np.ndarray) -> list[np.ndarray]:
    """The 8 images of a map `[R, C]` under rotation and reflection; shapes `[R, C]` and `[C, R]`."""
    turned = [np.rot90(walls, quarter) for quarter in range(4)]
    return turned + [image[:, ::-1] for image in turned]


def canonical_form(walls: np.ndarray) -> bytes:
    """The smallest of the 8 images as bytes, shape first: the same for all layouts that are images of each other."""
    return min(np.array(image.shape, ">i8").tobytes() + np.packbits(image).tobytes() for image in symmetries(walls))


def content_hash(layout: Layout) -> str:
    """32 hexadecimal digits that are the same for a layout and its 8 images, and differ for all others."""
    return hashlib.blake2b(canonical_form(layout.walls), digest_size=16).hexdigest()


def duplicates(layouts: Sequence[Layout]) -> list[list[int]]:
    """Groups of indices, each of two or more layouts with the same content hash."""
    groups: dict[str, list[int]] = {}
    for index, layout in enumerate(layouts):
        groups.setdefault(content_hash(layout), []).append(index)
    return [group for group in groups.values() if len(group) > 1]


def check_disjoint(sets: Mapping[str, Sequence[Layout]]) -> None:
    """Check that no two sets share a layout; repeats within one set are allowed.

    Raises:
        LayoutError: naming the first two layouts that are the same up to symmetry, and their sets.
    """
    seen: dict[str, tuple[str, str]] = {}
    for set_name, layouts in sets.items():
        for layout in layouts:
            other_set, other_name = seen.setdefault(content_hash(layout), (set_name, layout.name))
            if other_set != set_name:
                raise LayoutError(
                    f"layout {layout.name!r} of {set_name} is layout {other_name!r} of {other_set} up to symmetry"
                )
