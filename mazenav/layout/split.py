"""Layouts told apart by their content, up to the 8 symmetries of the square, and dealt into sets that share none."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence

import numpy as np
from numba import njit

from mazenav.types import Layout, LayoutError

_CHUNK_CELLS = 1 << 24
"""Cells that are stacked into one array at a time, so that memory stays bounded."""


def symmetries(walls: np.ndarray) -> list[np.ndarray]:
    """The 8 images of a map `[R, C]` under rotation and reflection; shapes `[R, C]` and `[C, R]`."""
    turned = [np.rot90(walls, quarter) for quarter in range(4)]
    return turned + [image[:, ::-1] for image in turned]


def canonical_form(walls: np.ndarray) -> bytes:
    """The smallest of the 8 images as bytes, shape first: the same for all layouts that are images of each other."""
    walls = np.ascontiguousarray(walls, np.bool_)
    return _shape_bytes(walls.shape) + _canonical(walls.view(np.uint8)[None])[0].tobytes()


def content_hash(layout: Layout) -> str:
    """32 hexadecimal digits that are the same for a layout and its 8 images, and differ for all others."""
    return hashlib.blake2b(canonical_form(layout.walls), digest_size=16).hexdigest()


def content_hashes(layouts: Sequence[Layout]) -> list[str]:
    """The content hash of each layout; the same as `content_hash` gives, some ten times quicker for many."""
    hashes = [""] * len(layouts)
    for shape, indices in _chunks_by_shape(layouts):
        stacked = np.stack([layouts[index].walls for index in indices]).view(np.uint8)
        packed = _canonical(stacked)
        head = _shape_bytes(shape)
        for index, row in zip(indices, packed, strict=True):
            hashes[index] = hashlib.blake2b(head + row.tobytes(), digest_size=16).hexdigest()
    return hashes


def duplicates(layouts: Sequence[Layout]) -> list[list[int]]:
    """Groups of indices, each of two or more layouts with the same content hash, in order of their first members."""
    return [group for group in _groups(content_hashes(layouts)).values() if len(group) > 1]


def unique(layouts: Sequence[Layout]) -> list[Layout]:
    """The layouts without those that are, up to symmetry, one that came before."""
    return [layouts[group[0]] for group in _groups(content_hashes(layouts)).values()]


def check_disjoint(sets: Mapping[str, Sequence[Layout]]) -> None:
    """Check that no two sets share a layout; repeats within one set are allowed.

    Raises:
        LayoutError: naming the first two layouts that are the same up to symmetry, and their sets.
    """
    seen: dict[str, tuple[str, str]] = {}
    for set_name, layouts in sets.items():
        for layout, digest in zip(layouts, content_hashes(layouts), strict=True):
            other_set, other_name = seen.setdefault(digest, (set_name, layout.name))
            if other_set != set_name:
                raise LayoutError(
                    f"layout {layout.name!r} of {set_name} is layout {other_name!r} of {other_set} up to symmetry"
                )


def split_layouts(
    layouts: Sequence[Layout],
    parts: Mapping[str, float],
    rng: np.random.Generator,
    strata: Sequence[Hashable] | None = None,
) -> dict[str, list[Layout]]:
    """Deal layouts into parts that cannot overlap: layouts that are images of each other go into the same part.

    Which layout goes where depends on the contents and on `rng`, not on the order in which the layouts come.

    Args:
        layouts: what is dealt.
        parts: name -> how many different layouts: a whole number is a count, a float a share in [0, 1] of what the
            counts leave over. Layouts beyond them go into no part.
        rng: draws who goes where.
        strata: a label for each layout; every part then gets its share of every label, to within one layout or two.

    Returns:
        name -> its layouts, in the order in which they came.

    Raises:
        LayoutError: if the parts ask for more than there is, or a share or count is out of range.
    """
    if strata is not None and len(strata) != len(layouts):
        raise LayoutError(f"expected a stratum for each of the {len(layouts)} layouts, found {len(strata)}")
    groups = _groups(content_hashes(layouts))
    labels = [repr(strata[group[0]]) if strata is not None else "" for group in groups.values()]
    order = sorted(zip(labels, groups, strict=True))
    shuffled = [order[place] for place in rng.permutation(len(order))]
    # The sort is stable, so each stratum keeps the order that the generator drew.
    dealt = sorted(shuffled, key=lambda pair: pair[0])
    chosen: dict[str, list[int]] = {name: [] for name in parts}
    for (_, digest), name in zip(dealt, _deal(part_sizes(parts, len(groups)), len(groups)), strict=True):
        if name is not None:
            chosen[name] += groups[digest]
    return {name: [layouts[index] for index in sorted(indices)] for name, indices in chosen.items()}


def part_sizes(parts: Mapping[str, float], total: int) -> dict[str, int]:
    """How many of `total` layouts each part gets: counts as they are, shares of the rest by largest remainder.

    Raises:
        LayoutError: if a count or share is out of range, or they ask for more than there is.
    """
    counts = {name: int(part) for name, part in parts.items() if isinstance(part, (int, np.integer))}
    shares = {name: float(part) for name, part in parts.items() if name not in counts}
    for name, count in counts.items():
        if count < 0:
            raise LayoutError(f"the part {name} cannot have {count} layouts")
    for name, share in shares.items():
        if not 0.0 <= share <= 1.0:
            raise LayoutError(f"the share of the part {name} must lie between 0 and 1, found {share}")
    if sum(shares.values()) > 1.0 + 1e-9:
        raise LayoutError(f"the shares of the parts add up to {sum(shares.values()):g}, which is more than 1")
    rest = total - sum(counts.values())
    if rest < 0:
        raise LayoutError(f"the parts ask for {total - rest} layouts, but there are only {total} different ones")
    exact = {name: share * rest for name, share in shares.items()}
    sizes = {name: math.floor(size + 1e-9) for name, size in exact.items()}
    missing = round(sum(exact.values()) - sum(sizes.values()))
    for name in sorted(shares, key=lambda name: sizes[name] - exact[name])[:missing]:
        sizes[name] += 1
    return {name: counts[name] if name in counts else sizes[name] for name in parts}


def _deal(sizes: Mapping[str, int], total: int) -> list[str | None]:
    """`total` labels, each part's spread evenly over the list, so that any stretch of it holds its share of each."""
    unused = total - sum(sizes.values())
    hands = [((turn + 0.5) / size, name) for name, size in sizes.items() for turn in range(size)]
    hands += [((turn + 0.5) / unused, "") for turn in range(unused)]
    return [name or None for _, name in sorted(hands)]


def _groups(hashes: Sequence[str]) -> dict[str, list[int]]:
    """Hash -> the indices that have it, in order of their first members."""
    groups: dict[str, list[int]] = {}
    for index, digest in enumerate(hashes):
        groups.setdefault(digest, []).append(index)
    return groups


def _chunks_by_shape(layouts: Sequence[Layout]) -> Iterator[tuple[tuple[int, int], list[int]]]:
    """(shape, indices of layouts of that shape), few enough at a time to be stacked."""
    by_shape: dict[tuple[int, int], list[int]] = {}
    for index, layout in enumerate(layouts):
        by_shape.setdefault(layout.shape, []).append(index)
    for shape, indices in by_shape.items():
        step = max(1, _CHUNK_CELLS // (shape[0] * shape[1]))
        for begin in range(0, len(indices), step):
            yield shape, indices[begin : begin + step]


def _shape_bytes(shape: tuple[int, ...]) -> bytes:
    return np.array(sorted(shape), ">i8").tobytes()


@njit(cache=True)
def _canonical(maps: np.ndarray) -> np.ndarray:
    """The smallest image of each map uint8 `[N, R, C]`, read row by row, as bits: uint8 `[N, ceil(R * C / 8)]`.

    An image is a walk through the map's cells: where it begins, how far to the next column and to the next row. Those
    whose shape has more rows than columns are never the smallest, for the shape stands before the cells.
    """
    n, rows, columns = maps.shape
    total = rows * columns
    packed = np.zeros((n, (total + 7) // 8), np.uint8)
    wide = max(rows, columns)
    for index in range(n):
        cells = maps[index].reshape(total)
        best_begin, best_across, best_down = -1, 0, 0
        for image in range(8):
            turned = image >= 4
            if (turned and rows < columns) or (not turned and rows > columns):
                continue
            row_step = -columns if image & 1 else columns
            column_step = -1 if image & 2 else 1
            begin = ((rows - 1) * columns if image & 1 else 0) + (columns - 1 if image & 2 else 0)
            across, down = (row_step, column_step) if turned else (column_step, row_step)
            if best_begin < 0 or _comes_first(cells, begin, across, down, best_begin, best_across, best_down, wide):
                best_begin, best_across, best_down = begin, across, down
        for place in range(total):
            row, column = place // wide, place % wide
            if cells[best_begin + row * best_down + column * best_across]:
                packed[index, place >> 3] |= np.uint8(128 >> (place & 7))
    return packed


@njit(cache=True)
def _comes_first(
    cells: np.ndarray,
    begin: int,
    across: int,
    down: int,
    other_begin: int,
    other_across: int,
    other_down: int,
    wide: int,
) -> bool:
    """Whether one walk through the cells reads smaller than another, both `wide` cells across."""
    for row in range(len(cells) // wide):
        place, other = begin + row * down, other_begin + row * other_down
        for _ in range(wide):
            if cells[place] != cells[other]:
                return bool(cells[place] < cells[other])
            place += across
            other += other_across
    return False
