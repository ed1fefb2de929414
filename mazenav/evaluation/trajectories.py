"""Millions of decisions in a folder: shards of whole episodes, each a file of episodes, and an index of them.

`index.json`: `format`; `run`, all that decided what the shards hold (agent, seed, tasks, map, ...); `shards`, for each
`file`, `first` (number of its first episode), `episodes`, `steps`, `reached`, `bytes` and `blake2b`; `largest`, rows
and columns that every layout fits into; `complete`, whether the run came to its end. Nothing in it tells time or place,
so that the same run leaves the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from mazenav.evaluation.episode_file import unpack_episodes
from mazenav.files import write_text_whole
from mazenav.replay.segment import Segments
from mazenav.topdown.occupancy import pad_cell, pad_maps
from mazenav.types import Episode, MazenavError

FORMAT = "mazenav trajectories 1"
INDEX = "index.json"
SHARD = re.compile(r"shard-\d{5,}\.npz")
MOST_INDEX_BYTES = 1 << 28


@dataclass(frozen=True)
class Shard:
    """One file of a folder of trajectories.

    Attributes:
        file: its name.
        first: number of its first episode.
        episodes: how many it holds.
        steps: decisions in them.
        reached: how many of them ended at their goal.
        bytes: its size.
        blake2b: digest of its content, 32 hexadecimal digits.
    """

    file: str
    first: int
    episodes: int
    steps: int
    reached: int
    bytes: int
    blake2b: str


@dataclass(frozen=True)
class Index:
    """What a folder of trajectories holds.

    Attributes:
        run: all that decided what the shards hold.
        shards: the files, in the order of their episodes.
        largest: rows and columns that every layout fits into.
        complete: whether the run came to its end.
    """

    run: Mapping[str, object]
    shards: tuple[Shard, ...] = ()
    largest: tuple[int, int] = (0, 0)
    complete: bool = False

    @property
    def episodes(self) -> int:
        """Episodes in all shards."""
        return sum(shard.episodes for shard in self.shards)

    @property
    def steps(self) -> int:
        """Decisions in all shards."""
        return sum(shard.steps for shard in self.shards)

    @property
    def reached(self) -> int:
        """Episodes that ended at their goal."""
        return sum(shard.reached for shard in self.shards)

    def with_shard(self, shard: Shard, largest: tuple[int, int]) -> Index:
        """The index with one shard more."""
        rows, columns = (max(one, other) for one, other in zip(self.largest, largest, strict=True))
        return replace(self, shards=(*self.shards, shard), largest=(rows, columns))


def digest(content: bytes) -> str:
    """What tells a shard's content from any other."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def write_index(folder: Path, index: Index) -> None:
    """Write the index of a folder, whole or not at all."""
    write_text_whole(folder / INDEX, json.dumps({"format": FORMAT, **asdict(index)}, indent=1) + "\n")


def read_index(folder: str | Path) -> Index:
    """The index of a folder of trajectories.

    Raises:
        MazenavError: if there is none, it cannot be read, or it is no index of this version.
    """
    path = Path(folder) / INDEX
    try:
        if path.stat().st_size > MOST_INDEX_BYTES:
            raise MazenavError(f"{path}: an index of trajectories has less than {MOST_INDEX_BYTES} bytes")
        table = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MazenavError(f"{folder} holds no trajectories (a folder with {INDEX} is expected)") from None
    except OSError as error:
        raise MazenavError(f"{path}: the file cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise MazenavError(f"{path}: this is not JSON, or it is damaged") from error
    found = table.get("format") if isinstance(table, dict) else None
    if found != FORMAT:
        raise MazenavError(f"{path}: expected the format {FORMAT!r}, found {found!r}")
    try:
        return _index(table)
    except (KeyError, TypeError, ValueError) as error:
        raise MazenavError(f"{path}: the index is damaged: {error}") from error


def _index(table: Mapping[str, object]) -> Index:
    shards, run, largest = table["shards"], table["run"], table["largest"]
    if not isinstance(shards, list) or not isinstance(run, dict) or not isinstance(largest, list):
        raise TypeError("expected a list of shards, an object that tells the run, and the largest shape")
    found = []
    first = 0
    for entry in shards:
        shard = Shard(**entry)
        if not (isinstance(shard.file, str) and SHARD.fullmatch(shard.file)):
            raise ValueError(f"{shard.file!r} is no name of a shard")
        if shard.first != first or shard.episodes < 1:
            raise ValueError(f"{shard.file} begins at episode {shard.first}, expected {first}")
        first += shard.episodes
        found.append(shard)
    rows, columns = (int(side) for side in largest)
    return Index(run, tuple(found), (rows, columns), bool(table["complete"]))


def read_shard(folder: Path, shard: Shard) -> bytes:
    """The content of a shard.

    Raises:
        MazenavError: if it is missing, cannot be read, or is not the file that the index was written for.
    """
    path = folder / shard.file
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size == shard.bytes else b""
    except FileNotFoundError:
        raise MazenavError(f"{path} is missing, which {INDEX} names") from None
    except OSError as error:
        raise MazenavError(f"{path}: the file cannot be read: {error.strerror or error}") from error
    if digest(content) != shard.blake2b:
        raise MazenavError(f"{path} is damaged, or from another run: it is not the file that {INDEX} was written for")
    return content


def is_whole(folder: Path, shard: Shard) -> bool:
    """Whether a shard is the file that the index was written for."""
    try:
        read_shard(folder, shard)
    except MazenavError:
        return False
    return True


class Trajectories:
    """Episodes of a folder, read shard by shard when they are asked for; iterating goes over all of them.

    Attributes:
        folder: where they lie.
        index: what there is.
    """

    def __init__(self, folder: Path, index: Index) -> None:
        self.folder = folder
        self.index = index

    def __len__(self) -> int:
        return self.index.episodes

    def __iter__(self) -> Iterator[Episode]:
        return self.episodes()

    def shard(self, number: int) -> list[Episode]:
        """The episodes of one shard.

        Raises:
            MazenavError: if its file is missing, damaged, or from another run.
        """
        shard = self.index.shards[number]
        episodes = unpack_episodes(read_shard(self.folder, shard), str(self.folder / shard.file))
        if len(episodes) != shard.episodes:
            raise MazenavError(f"{self.folder / shard.file}: expected {shard.episodes} episodes, found {len(episodes)}")
        return episodes

    def episodes(self, first: int = 0, last: int | None = None) -> Iterator[Episode]:
        """Episodes `first` to `last` (without it; the end unless given); no other shards than theirs are read.

        Raises:
            MazenavError: as `shard`.
        """
        end = len(self) if last is None else min(last, len(self))
        for number, shard in enumerate(self.index.shards):
            if shard.first < end and shard.first + shard.episodes > first:
                yield from self.shard(number)[max(0, first - shard.first) : end - shard.first]

    def segments(self, length: int, batch: int = 1024) -> Iterator[Segments]:
        """All episodes cut into pieces of `length` decisions, `batch` of them at a time, the last batch smaller.

        Maps are padded to `index.largest`. The last piece of an episode is filled up with its last state, not valid.

        Raises:
            MazenavError: as `shard`, or if a number is below 1.
        """
        if length < 1 or batch < 1:
            raise MazenavError(f"segments need a length and a batch of at least 1, found {length} and {batch}")
        pieces: list[tuple[Episode, int]] = []
        for episode in self:
            for begin in range(0, len(episode), length):
                pieces.append((episode, begin))
                if len(pieces) == batch:
                    yield cut(pieces, length, self.index.largest)
                    pieces = []
        if pieces:
            yield cut(pieces, length, self.index.largest)


def open_trajectories(folder: str | Path) -> Trajectories:
    """The trajectories in a folder that `mazenav rollout` wrote, be it complete or not.

    Raises:
        MazenavError: if the folder holds none.
    """
    return Trajectories(Path(folder), read_index(folder))


def cut(pieces: list[tuple[Episode, int]], length: int, shape: tuple[int, int]) -> Segments:
    """Segments of `length` decisions from episodes, each from a decision on; maps padded to `shape`."""
    n = len(pieces)
    states = np.empty((n, length + 1, 6), np.float32)
    actions = np.zeros((n, length), np.int64)
    reached, valid = np.zeros((n, length), np.bool_), np.zeros((n, length), np.bool_)
    for row, (episode, begin) in enumerate(pieces):
        taken = min(length, len(episode) - begin)
        states[row, : taken + 1] = episode.states[begin : begin + taken + 1]
        states[row, taken + 1 :] = episode.states[begin + taken]
        actions[row, :taken] = episode.actions[begin : begin + taken]
        valid[row, :taken] = True
        reached[row, taken - 1] = episode.terminated and begin + taken == len(episode)
    maps = pad_maps([np.ones(shape, np.bool_), *(episode.layout.walls for episode, _ in pieces)])[1:]
    goals = [pad_cell(episode.goal, episode.layout.shape[0], shape[0]) for episode, _ in pieces]
    return Segments(maps.astype(np.float32), np.array(goals, np.int64), states, actions, reached, valid)
