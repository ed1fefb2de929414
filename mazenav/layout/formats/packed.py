"""Sets of many layouts in one `.npz`, a bit a cell: mazenav's own, for sets too large for text.

Members: `mazenav_layouts` int64 `[1]`, the version; `shapes` int32 `[N, 2]`; `walls` uint8, the layouts in order, each
row by row and from the first bit of a new byte on (as `numpy.packbits` packs); `cell_sizes` float64 `[N]`;
`thin_walls` bool `[N]`; `names` and `sources` uint8, each the UTF-8 bytes of a JSON list with an entry a layout.
Everything that a layout is survives; tuples in a source come back as lists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mazenav.files import replacing
from mazenav.layout.formats.npy import ZIP, Archive
from mazenav.layout.formats.source_file import SourceFile
from mazenav.layout.formats.source_text import MAX_CELLS
from mazenav.types import Layout, LayoutError

MARK, VERSION = "mazenav_layouts.npy", 1
MAX_LAYOUTS = 2**20
MAX_SET_CELLS = 2**28


def recognise(source: SourceFile) -> bool:
    """Whether the file is a zip archive with the member that says so."""
    if not source.content.startswith(ZIP):
        return False
    try:
        return MARK in Archive(source).names
    except LayoutError:
        return False


def parse_all(source: SourceFile) -> list[Layout]:
    """All layouts of a set.

    Raises:
        LayoutError: naming the member that is missing, broken or does not fit the others.
    """
    archive = Archive(source)
    version = archive.array(MARK)
    if version.shape != (1,) or version[0] != VERSION:
        raise LayoutError(f"{source.name}: expected a set of version {VERSION}, found {str(version)[:40]}")
    shapes = _shapes(archive)
    sizes = _column(archive, "cell_sizes.npy", "f", len(shapes))
    thin = _column(archive, "thin_walls.npy", "b", len(shapes))
    names = _json_list(archive, "names.npy", len(shapes))
    sources = _json_list(archive, "sources.npy", len(shapes))
    if not all(isinstance(name, str) for name in names) or not all(isinstance(each, dict) for each in sources):
        raise LayoutError(f"{source.name}: the names of a set are texts and the sources are objects, found others")
    if not (np.isfinite(sizes) & (sizes > 0)).all():
        raise LayoutError(f"{source.name}, member 'cell_sizes.npy': cells have sizes above 0")
    if (thin & (shapes % 2 == 0).any(axis=1)).any():
        raise LayoutError(f"{source.name}: a lattice of thin walls has odd sides (2n + 1), found even ones in the set")
    walls = _walls(archive, shapes)
    columns = zip(walls, names, sources, sizes.tolist(), thin.tolist(), strict=True)
    return [Layout(*fields) for fields in columns]


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write a set.

    Raises:
        LayoutError: if there are more than a set may hold, or a source holds what JSON cannot.
        MazenavError: if the file cannot be written.
    """
    shapes = np.array([layout.shape for layout in layouts], np.int32)
    cells = int(shapes.prod(axis=1, dtype=np.int64).sum())
    if len(layouts) > MAX_LAYOUTS or cells > MAX_SET_CELLS:
        raise LayoutError(
            f"{path}: {len(layouts)} layouts of {cells} cells in all are more than a set may hold "
            f"({MAX_LAYOUTS} layouts, {MAX_SET_CELLS} cells); write several"
        )
    try:
        sources = json.dumps([dict(layout.source) for layout in layouts], default=_plain, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise LayoutError(f"{path}: the source of a layout holds what JSON cannot: {error}") from error
    names = json.dumps([layout.name for layout in layouts], separators=(",", ":"))
    members: dict[str, np.ndarray] = {
        MARK.removesuffix(".npy"): np.array([VERSION], np.int64),
        "shapes": shapes,
        "walls": _packed(layouts, shapes),
        "cell_sizes": np.array([layout.cell_size for layout in layouts], np.float64),
        "thin_walls": np.array([layout.thin_walls for layout in layouts], np.bool_),
        "names": np.frombuffer(names.encode(), np.uint8),
        "sources": np.frombuffer(sources.encode(), np.uint8),
    }
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **members)


def _plain(value: object) -> object:
    """What numpy and mappings become in JSON."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is neither a number, a text, a list nor a mapping")


def _packed(layouts: Sequence[Layout], shapes: np.ndarray) -> np.ndarray:
    """The bits of all layouts, uint8 `[B]`; layouts of one shape are packed at once."""
    lengths, offsets = _places(shapes)
    bits = np.zeros(int(lengths.sum()), np.uint8)
    for _, members in _by_shape(shapes):
        flat = np.stack([layouts[index].walls for index in members]).reshape(len(members), -1)
        bits[offsets[members, None] + np.arange(lengths[members[0]])] = np.packbits(flat, axis=1)
    return bits


def _walls(archive: Archive, shapes: np.ndarray) -> list[np.ndarray]:
    """The walls of all layouts, bool `[R, C]` each, in order."""
    bits = archive.array("walls.npy")
    lengths, offsets = _places(shapes)
    if bits.dtype != np.uint8 or bits.shape != (lengths.sum(),):
        raise LayoutError(
            f"{archive.name}, member 'walls.npy': found {bits.dtype} of shape {bits.shape}, "
            f"expected {lengths.sum()} bytes for the shapes of the set"
        )
    walls: list[np.ndarray] = [bits] * len(shapes)
    for shape, members in _by_shape(shapes):
        rows = bits[offsets[members, None] + np.arange(lengths[members[0]])]
        flat = np.unpackbits(rows, axis=1, count=shape[0] * shape[1]).view(np.bool_)
        for index, each in zip(members.tolist(), flat.reshape(len(members), *shape), strict=True):
            walls[index] = each
    return walls


def _places(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many bytes each layout takes and where they begin: two int64 `[N]`."""
    lengths = (shapes.prod(axis=1, dtype=np.int64) + 7) // 8
    return lengths, np.cumsum(lengths) - lengths


def _by_shape(shapes: np.ndarray) -> list[tuple[tuple[int, int], np.ndarray]]:
    """The different shapes, each with the indices of its layouts."""
    unique, inverse = np.unique(shapes, axis=0, return_inverse=True)
    order = np.argsort(inverse.ravel(), kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(inverse.ravel()))[:-1])
    return [((int(rows), int(columns)), group) for (rows, columns), group in zip(unique, groups, strict=True)]


def _shapes(archive: Archive) -> np.ndarray:
    """The shapes as int64 `[N, 2]`, none of them too large, and not too many."""
    shapes = archive.array("shapes.npy")
    shown = f"{archive.name}, member 'shapes.npy'"
    if shapes.ndim != 2 or shapes.shape[1] != 2 or shapes.dtype.kind not in "iu":
        raise LayoutError(f"{shown}: found {shapes.dtype} of shape {shapes.shape}, expected rows and columns, N x 2")
    if len(shapes) > MAX_LAYOUTS:
        raise LayoutError(f"{shown}: {len(shapes)} layouts are more than a set may hold ({MAX_LAYOUTS})")
    if shapes.min() < 1 or shapes.max() > MAX_CELLS:
        raise LayoutError(f"{shown}: rows and columns lie between 1 and {MAX_CELLS}")
    shapes = shapes.astype(np.int64)
    cells = shapes.prod(axis=1)
    if cells.max() > MAX_CELLS or cells.sum() > MAX_SET_CELLS:
        raise LayoutError(
            f"{shown}: {cells.max()} cells in one layout, {cells.sum()} in all are more than may be "
            f"({MAX_CELLS} and {MAX_SET_CELLS})"
        )
    return shapes


def _column(archive: Archive, member: str, kind: str, count: int) -> np.ndarray:
    """A member with one number a layout: `[N]`, of a dtype of that kind."""
    column = archive.array(member)
    if column.shape != (count,) or column.dtype.kind != kind:
        raise LayoutError(
            f"{archive.name}, member {member!r}: found {column.dtype} of shape {column.shape}, expected {count} numbers"
        )
    return column


def _json_list(archive: Archive, member: str, count: int) -> list:
    """A member that is a JSON list with an entry a layout."""
    shown = f"{archive.name}, member {member!r}"
    content = archive.array(member)
    if content.ndim != 1 or content.dtype != np.uint8:
        raise LayoutError(f"{shown}: found {content.dtype} of shape {content.shape}, expected the bytes of a JSON list")
    try:
        entries = json.loads(content.tobytes())
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"{shown}: this is no JSON: {error}"[:300].replace("\n", " ")) from error
    if not isinstance(entries, list) or len(entries) != count:
        found = len(entries) if isinstance(entries, list) else type(entries).__name__
        raise LayoutError(f"{shown}: found {found}, expected a list of {count} entries")
    return entries
