"""Episodes as one `.npz` file without pickle: trajectories end to end, with the layouts that they were driven in.

Arrays of E episodes in K layouts:
    states float32 `[sum(T + 1), 6]` and actions uint8 `[sum(T)]`, episode after episode; lengths int64 `[E]` (T)
    starts, goals int64 `[E, 2]` (row, column); limits, distances int64 `[E]`; terminated, truncated bool `[E]`
    layout int64 `[E]` (index into the layouts); walls bool `[sum(R * C)]`; shapes int64 `[K, 2]`
    names text `[K]`; cell_sizes float64 `[K]`; thin_walls bool `[K]` (older files have none); format text
    sources uint8 `[bytes]`: a list of K objects, how each layout was made, as JSON in UTF-8 (older files have none)
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mazenav.files import write_bytes_whole
from mazenav.types import Episode, Layout, MazenavError

FORMAT = "mazenav episodes 1"
INFLATED, RATIO = 1 << 28, 100
"""Bytes that a file may inflate to: so many, and so many times its own."""
DAMAGE = (
    KeyError, IndexError, TypeError, ValueError, AttributeError, EOFError, MemoryError, OverflowError,
    NotImplementedError, RuntimeError, RecursionError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading other content may raise."""


def save_episodes(episodes: Sequence[Episode], path: str | Path) -> Path:
    """Write episodes to a `.npz` file, through a temporary file and a rename.

    Raises:
        MazenavError: if there is none to write, the name does not end in `.npz`, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix != ".npz":
        raise MazenavError(
            f"episodes are written as NumPy archives: expected a name that ends in .npz, found {target.name!r}"
        )
    if not episodes:
        raise MazenavError(f"{target}: no episodes to write")
    write_bytes_whole(target, pack_episodes(episodes))
    return target


def pack_episodes(episodes: Sequence[Episode], compressed: bool = True) -> bytes:
    """The content of a file of at least one episode; the same bytes for the same episodes."""
    content = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    save(content, allow_pickle=False, **_arrays(episodes))
    return content.getvalue()


def load_episodes(path: str | Path) -> list[Episode]:
    """The episodes in a file that `save_episodes` wrote; episodes driven in one layout share it.

    Raises:
        MazenavError: if the file cannot be read, or is not such a file.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise MazenavError(f"{path}: the file cannot be read: {error.strerror or error}") from error
    return unpack_episodes(content, str(path))


def unpack_episodes(content: bytes, name: str) -> list[Episode]:
    """The episodes in the content of a file, which `name` stands for in errors.

    Raises:
        MazenavError: if it is not the content of such a file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:  # of what is no archive, np.load would return an array
            if sum(member.file_size for member in file.infolist()) > INFLATED + RATIO * len(content):
                raise ValueError("more than episodes may hold")
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {member: archive[member] for member in archive.files}
        if str(arrays["format"]) != FORMAT:
            raise MazenavError(f"{name}: expected {FORMAT!r}, found {str(arrays['format'])!r}")
        return _episodes(arrays)
    except MazenavError:
        raise
    except DAMAGE as error:
        raise MazenavError(f"{name}: this is not a file of mazenav episodes, or it is damaged") from error


def _arrays(episodes: Sequence[Episode]) -> dict[str, np.ndarray]:
    """The arrays of the file, each layout once."""
    numbers: dict[int, int] = {}
    layouts: list[Layout] = []
    for episode in episodes:
        if id(episode.layout) not in numbers:
            numbers[id(episode.layout)] = len(layouts)
            layouts.append(episode.layout)
    return {
        "format": np.array(FORMAT),
        "states": np.concatenate([episode.states for episode in episodes]).astype(np.float32),
        "actions": _small(np.concatenate([episode.actions for episode in episodes])),
        "lengths": np.array([len(episode) for episode in episodes], np.int64),
        "starts": np.array([episode.start for episode in episodes], np.int64),
        "goals": np.array([episode.goal for episode in episodes], np.int64),
        "terminated": np.array([episode.terminated for episode in episodes], np.bool_),
        "truncated": np.array([episode.truncated for episode in episodes], np.bool_),
        "limits": np.array([episode.limit for episode in episodes], np.int64),
        "distances": np.array([episode.distance for episode in episodes], np.int64),
        "layout": np.array([numbers[id(episode.layout)] for episode in episodes], np.int64),
        "walls": np.concatenate([layout.walls.ravel() for layout in layouts]),
        "shapes": np.array([layout.shape for layout in layouts], np.int64),
        "names": np.array([layout.name for layout in layouts], np.str_),
        "cell_sizes": np.array([layout.cell_size for layout in layouts], np.float64),
        "thin_walls": np.array([layout.thin_walls for layout in layouts], np.bool_),
        "sources": np.frombuffer(
            json.dumps([dict(layout.source) for layout in layouts], default=str).encode(), np.uint8
        ),
    }


def _small(actions: np.ndarray) -> np.ndarray:
    """Actions in a byte each, where that holds them."""
    return actions.astype(np.uint8) if actions.size == 0 or actions.max() < 256 else actions.astype(np.int64)


def _episodes(arrays: dict[str, np.ndarray]) -> list[Episode]:
    """The episodes that the arrays hold."""
    ends = np.cumsum(arrays["shapes"].prod(axis=1))
    grids = np.split(arrays["walls"], ends)[:-1]
    sources = json.loads(arrays["sources"].tobytes()) if "sources" in arrays else [{}] * len(grids)
    thin = arrays["thin_walls"] if "thin_walls" in arrays else np.zeros(len(grids), np.bool_)
    layouts = [
        Layout(grid.reshape(shape), str(name), dict(source), float(size), bool(is_thin))
        for grid, shape, name, source, size, is_thin in zip(
            grids, arrays["shapes"], arrays["names"], sources, arrays["cell_sizes"], thin, strict=True
        )
    ]
    lengths = arrays["lengths"]
    states = np.split(arrays["states"], np.cumsum(lengths + 1))
    actions = np.split(arrays["actions"].astype(np.int64), np.cumsum(lengths))
    if len(states[-1]) or len(actions[-1]) or any(len(states[i]) != n + 1 for i, n in enumerate(lengths)):
        raise ValueError("the trajectories have not the lengths that the file says")
    return [
        Episode(
            layout=layouts[arrays["layout"][i]],
            start=(int(arrays["starts"][i, 0]), int(arrays["starts"][i, 1])),
            goal=(int(arrays["goals"][i, 0]), int(arrays["goals"][i, 1])),
            states=states[i],
            actions=actions[i],
            terminated=bool(arrays["terminated"][i]),
            truncated=bool(arrays["truncated"][i]),
            limit=int(arrays["limits"][i]),
            distance=int(arrays["distances"][i]),
        )
        for i in range(len(lengths))
    ]
