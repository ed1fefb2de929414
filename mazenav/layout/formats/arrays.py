"""Arrays of other people: `.npy` and `.npz` files with walls `[R, C]` or `[N, R, C]`, booleans or 0 and 1, 1 is wall.

mazelib's grids and the arrays of most repositories are that. What else an array may be is told from its shape and
values: the connection lists of maze-dataset (`[2, H, W]`, nothing leads out of the last row and the last column) and
MiniGrid's encoded grids (uint8 `[W, H, 3]`). Of an archive, the members with a telling name count if there are any, and
else all that fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mazenav.files import replacing
from mazenav.layout.formats.npy import NPY, ZIP, Archive, array_of
from mazenav.layout.formats.source_file import SourceFile
from mazenav.layout.formats.source_text import MAX_CELLS
from mazenav.types import Layout, LayoutError

TELLING = {
    "connections": {"connection_list", "connection_lists", "maze_connection_lists"},
    "walls": {"walls", "maze", "mazes", "layout", "layouts", "grid", "grids", "map", "maps"},
}
MAX_COUNT = 2**20


def is_binary(source: SourceFile) -> bool:
    """Whether the file begins like a `.npy` or a zip archive."""
    return source.content.startswith((NPY, ZIP))


def convention(source: SourceFile) -> str | None:
    """What the arrays of a file are: "connections", "minigrid", "walls", or None where they are none of those."""
    if not is_binary(source):
        return None
    try:
        kinds = {kind_of(array, name) for name, array in named_arrays(source).items()}
    except LayoutError:
        return None
    return next((kind for kind in ("connections", "minigrid", "walls") if kind in kinds), None)


def kind_of(array: np.ndarray, name: str = "") -> str | None:
    """What one array is, with the name it has in its archive."""
    if name in TELLING["connections"]:
        return "connections"
    if array.ndim in (3, 4) and array.shape[-1] == 3 and array.dtype == np.uint8 and _is_encoded(array):
        return "minigrid"
    if array.ndim not in (2, 3, 4) or not _is_zero_or_one(array):
        return None
    if array.ndim >= 3 and array.shape[-3] == 2 and name not in TELLING["walls"]:
        down, right = array[..., 0, -1, :], array[..., 1, :, -1]
        if not down.any() and not right.any():
            return "connections"
    return "walls" if array.ndim < 4 else None


def named_arrays(source: SourceFile) -> dict[str, np.ndarray]:
    """The arrays of a file by name; the name is empty in a `.npy`.

    Raises:
        LayoutError: if the file is neither, or broken.
    """
    if source.content.startswith(NPY):
        return {"": array_of(source.content, source.name)}
    if not source.content.startswith(ZIP):
        raise LayoutError(f"{source.name}: expected a .npy or .npz file, found other content")
    archive = Archive(source)
    members = {name.removesuffix(".npy"): name for name in archive.names if name.endswith(".npy")}
    for names in TELLING.values():
        if names & set(members):
            members = {name: member for name, member in members.items() if name in names}
            break
    if not members:
        raise LayoutError(f"{source.name}: the archive holds no arrays")
    if sum(archive.size_of(member) for member in members.values()) > 2**29:
        raise LayoutError(f"{source.name}: the arrays of the archive are larger than 512 MiB together")
    return {name: archive.array(member) for name, member in members.items()}


def parse_all(source: SourceFile) -> list[Layout]:
    """All layouts of arrays of walls.

    Raises:
        LayoutError: if an array has another shape or other values, or is too large.
    """
    arrays = named_arrays(source)
    if len(arrays) > 1:
        arrays = {name: array for name, array in arrays.items() if kind_of(array) == "walls"} or arrays
    layouts: list[Layout] = []
    for name, array in arrays.items():
        shown = f"{source.name}, member {name[:80]!r}" if name else source.name
        if array.ndim not in (2, 3):
            raise LayoutError(f"{shown}: found an array of shape {array.shape}, expected [R, C] or [N, R, C]")
        if not _is_zero_or_one(array):
            other = array[(array != 0) & (array != 1)].flat[0]
            raise LayoutError(f"{shown}: found the value {other}, expected 0 (free) or 1 (wall) only")
        called = f"{source.stem}-{name}" if len(arrays) > 1 else source.stem
        grids = array[None] if array.ndim == 2 else array
        check_count(shown, grids.shape[0], grids.shape[1] * grids.shape[2])
        layouts += layouts_of(grids != 0, source, "array", called)
    return layouts


def layouts_of(grids: np.ndarray, source: SourceFile, format: str, name: str, *, thin: bool = False) -> list[Layout]:
    """Layouts of walls bool `[N, R, C]`, numbered where there are several."""
    names = [name] if len(grids) == 1 else [f"{name}-{number}" for number in range(len(grids))]
    return [
        Layout(walls, each, {"file": source.name, "format": format}, thin_walls=thin)
        for walls, each in zip(grids, names, strict=True)
    ]


def check_count(shown: str, count: int, cells: int) -> None:
    """Refuse more layouts, or larger ones, than a file may hold.

    Raises:
        LayoutError: if there are.
    """
    if cells > MAX_CELLS or count > MAX_COUNT:
        raise LayoutError(
            f"{shown}: {count} layouts of {cells} cells each are more than may be ({MAX_COUNT} of {MAX_CELLS})"
        )


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write walls as uint8, `[R, C]` of one layout and `[N, R, C]` of several; names and sources have no place in it.

    Raises:
        LayoutError: if the layouts have different shapes.
        MazenavError: if the file cannot be written.
    """
    shapes = sorted({layout.shape for layout in layouts})
    if len(shapes) > 1:
        found = " and ".join(f"{rows} x {columns}" for rows, columns in shapes[:2])
        raise LayoutError(f"{path}: an array holds layouts of one shape, found {found}; a set (.npz) holds any")
    walls = np.stack([layout.walls for layout in layouts]).astype(np.uint8)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, walls[0] if len(layouts) == 1 else walls, allow_pickle=False)


def _is_zero_or_one(array: np.ndarray) -> bool:
    return array.dtype == np.bool_ or bool(((array == 0) | (array == 1)).all())


def _is_encoded(array: np.ndarray) -> bool:
    """Whether kinds, colours and states of things are MiniGrid's, and there is a wall."""
    kinds = array[..., 0]
    return bool((array <= (10, 5, 3)).all() and (kinds == 2).any())
