"""maze-dataset: lattices told by their connections, as that library stores them.

A connection list is `[2, H, W]`: `[0]` says whether a cell is open to the one below, `[1]` to the one on its right.
Read are its JSON (`LatticeMaze.serialize`, and whole data sets), its `.zanj` archives, and bare arrays in `.npy` and
`.npz` (`[2, H, W]` or `[N, 2, H, W]`). Its drawings in text are plain text. Source: maze_dataset/maze/lattice_maze.py
and dataset/maze_dataset.py of https://github.com/understanding-search/maze-dataset.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats import arrays
from mazenav.layout.formats.limits import check_lattice
from mazenav.layout.formats.marks import goals_of, starts_of
from mazenav.layout.formats.npy import ZIP, Archive
from mazenav.layout.formats.source_file import SourceFile
from mazenav.types import Cell, Layout, LayoutError

MAX_JSON = 32 * 2**20
_DOCUMENT = "__zanj__.json"
_KEYS = ("connection_list", "maze_connection_lists", "mazes")
_SOLUTION_KEYS = ("start_pos", "end_pos")


def recognise(source: SourceFile) -> bool:
    """Whether it is a JSON object with connection lists, an archive with that, or an array that looks like one."""
    if source.content.startswith(ZIP) and _DOCUMENT.encode() in source.content[-65536:]:
        return True
    if arrays.is_binary(source):
        return arrays.convention(source) == "connections"
    begin = source.content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return begin.startswith(b"{") and b"connection_list" in source.content


def parse_all(source: SourceFile) -> list[Layout]:
    """All layouts of a file.

    Raises:
        LayoutError: naming the field or the shape that is wrong.
    """
    if not arrays.is_binary(source):
        return _of_document(_document(source.content, source.name), source, None)
    if source.content.startswith(ZIP):
        archive = Archive(source)
        if _DOCUMENT in archive.names:
            return _of_document(_document(archive.bytes_of(_DOCUMENT), source.name), source, archive)
    found = arrays.named_arrays(source)
    if len(found) > 1:
        found = {name: each for name, each in found.items() if arrays.kind_of(each, name) == "connections"} or found
    layouts: list[Layout] = []
    for name, array in found.items():
        called = f"{source.stem}-{name}" if len(found) > 1 else source.stem
        walls = _lattices(array, f"{source.name}, member {name[:80]!r}" if name else source.name)
        layouts += arrays.layouts_of(walls, source, "maze_dataset", called, thin=True)
    return layouts


def write(layouts: Sequence[Layout], path: Path) -> None:
    """Write JSON as that library serialises it; of several layouts an object with the list `mazes`.

    There, `zanj.loading.load_item_recursive(json.load(file), ())` makes its mazes of it.

    Start and goal go with it where the layout's source has both.

    Raises:
        LayoutError: for a layout that is no lattice, or has an open border.
        MazenavError: if the file cannot be written.
    """
    mazes = [_serialised(layout, path) for layout in layouts]
    document = mazes[0] if len(mazes) == 1 else {"mazes": mazes}
    write_text_whole(path, json.dumps(document, separators=(",", ":")) + "\n")


def _serialised(layout: Layout, path: Path) -> dict[str, object]:
    check_lattice(layout, path, "maze-dataset")
    walls = layout.walls
    if not (walls[[0, -1]].all() and walls[:, [0, -1]].all()):
        raise LayoutError(f"{path}: maze-dataset holds mazes with a closed border, found an opening in it")
    connections = np.stack([~walls[2::2, 1::2], ~walls[1::2, 2::2]])
    fields: dict[str, object] = {"connection_list": _described(connections), "generation_meta": None}
    ends = [cell for cell in (*starts_of(layout)[:1], *goals_of(layout)[:1]) if cell[0] % 2 and cell[1] % 2]
    kind = "LatticeMaze"
    if len(ends) == 2:
        kind = "TargetedLatticeMaze"
        places = [_described(np.array(cell) // 2) for cell in ends]
        fields |= dict(zip(_SOLUTION_KEYS, places, strict=True))
    return {"__muutils_format__": f"{kind}(SerializableDataclass)", **fields}


def _described(array: np.ndarray) -> dict[str, object]:
    """An array with its description, as muutils serialises it."""
    kind = {"__muutils_format__": "numpy.ndarray:array_list_meta", "data": array.tolist()}
    return {**kind, "shape": list(array.shape), "dtype": str(array.dtype), "n_elements": array.size}


def _document(content: bytes, name: str) -> dict:
    """The object that a JSON file of at most 32 MiB is."""
    if len(content) > MAX_JSON:
        raise LayoutError(f"{name}: {len(content)} bytes of JSON are more than may be ({MAX_JSON})")
    try:
        document = json.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise LayoutError(f"{name}: this is no JSON: {error}"[:300].replace("\n", " ")) from error
    if not isinstance(document, dict):
        raise LayoutError(
            f"{name}: expected an object with one of {', '.join(_KEYS)}, found a {type(document).__name__}"
        )
    return document


def _of_document(document: dict, source: SourceFile, archive: Archive | None) -> list[Layout]:
    """The layouts of one maze, of a data set's list of mazes, or of its one large array."""
    key = next((key for key in _KEYS if key in document), None)
    if key is None:
        raise LayoutError(f"{source.name}: expected an object with one of {', '.join(_KEYS)}, found none of them")
    if key == "maze_connection_lists":
        array = _array(document[key], f"{source.name}, field {key}", archive)
        if array.ndim != 4:
            raise LayoutError(f"{source.name}, field {key}: found shape {array.shape}, expected [N, 2, H, W]")
        return arrays.layouts_of(
            _lattices(array, f"{source.name}, field {key}"), source, "maze_dataset", source.stem, thin=True
        )
    if key == "connection_list":
        return [_of_maze(document, source, archive, source.stem)]
    mazes = document[key]
    if not isinstance(mazes, list) or not mazes:
        raise LayoutError(f"{source.name}, field mazes: expected a list of mazes")
    return [_of_maze(maze, source, archive, f"{source.stem}-{number}") for number, maze in enumerate(mazes)]


def _of_maze(maze: object, source: SourceFile, archive: Archive | None, name: str) -> Layout:
    """One maze of a document, with its start and end."""
    if not isinstance(maze, dict) or "connection_list" not in maze:
        raise LayoutError(f"{source.name}, {name[:80]}: expected an object with connection_list, found none")
    shown = f"{source.name}, {name[:80]}, field connection_list"
    array = _array(maze["connection_list"], shown, archive)
    if array.ndim != 3:
        raise LayoutError(f"{shown}: found shape {array.shape}, expected [2, H, W]")
    walls = _lattices(array, shown)[0]
    found: dict[str, object] = {"file": source.name, "format": "maze_dataset"}
    ends = [_end(maze.get(key), walls.shape, f"{source.name}, {name[:80]}, field {key}") for key in _SOLUTION_KEYS]
    if any(ends):
        found |= {key: [list(end)] if end else [] for key, end in zip(("starts", "goals"), ends, strict=True)}
    return Layout(walls, name, found, thin_walls=True)


def _array(field: object, shown: str, archive: Archive | None) -> np.ndarray:
    """An array as nested lists, with its description around it, or as a member of the archive."""
    if isinstance(field, dict):
        reference = field.get("$ref")
        if archive is not None and isinstance(reference, str):
            return archive.array(reference)
        field = field.get("data")
    try:
        array = np.array(field)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise LayoutError(f"{shown}: expected nested lists of the same lengths, found ragged ones") from error
    if array.dtype.kind not in "biuf":
        raise LayoutError(f"{shown}: expected nested lists of true and false, found other things in it")
    return array


def _lattices(connections: np.ndarray, shown: str) -> np.ndarray:
    """The lattices bool `[N, 2 H + 1, 2 W + 1]` of connection lists `[2, H, W]` or `[N, 2, H, W]`."""
    if connections.ndim not in (3, 4) or connections.shape[-3] != 2 or connections.size == 0:
        raise LayoutError(f"{shown}: found shape {connections.shape}, expected [2, H, W] or [N, 2, H, W]")
    if not ((connections == 0) | (connections == 1)).all():
        raise LayoutError(f"{shown}: a connection list holds true and false (or 1 and 0), found others")
    many = connections.reshape(-1, *connections.shape[-3:]) != 0
    if many[:, 0, -1].any() or many[:, 1, :, -1].any():
        raise LayoutError(f"{shown}: a connection leads out of the last row or the last column, expected none there")
    count, _, rows, columns = many.shape
    arrays.check_count(shown, count, (2 * rows + 1) * (2 * columns + 1))
    if count * (2 * rows + 1) * (2 * columns + 1) > 2**29:
        raise LayoutError(f"{shown}: {count} mazes of {rows} x {columns} cells are more than may be in one file")
    walls = np.ones((count, 2 * rows + 1, 2 * columns + 1), np.bool_)
    walls[:, 1::2, 1::2] = False
    walls[:, 2::2, 1::2] = ~many[:, 0]
    walls[:, 1::2, 2::2] = ~many[:, 1]
    return walls


def _end(place: object, shape: tuple[int, ...], shown: str) -> Cell | None:
    """Start or end of a maze as a cell of its lattice."""
    if isinstance(place, dict):
        place = place.get("data")
    if place is None:
        return None
    rows, columns = (side // 2 for side in shape)
    if isinstance(place, list) and len(place) == 2 and all(type(number) is int for number in place):
        row, column = place
        if 0 <= row < rows and 0 <= column < columns:
            return 2 * row + 1, 2 * column + 1
    raise LayoutError(f"{shown}: expected [row, column] of a maze of {rows} x {columns} cells, found another")
