"""What a set of layouts is sworn to hold: a JSON file beside it, with the layouts' hashes and the command behind them.

    {"set": NAME, "command": COMMAND, "seed": SEED, "digest": DIGEST,
     "layouts": [{"name": NAME, "hash": CONTENT HASH, ...}, ...]}

`seed` and `digest` may be missing. The content hash knows a layout up to the 8 symmetries, as splits need it; the
digest is that of all cells in their order, so that a layout turned or mirrored is noticed too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mazenav.files import write_text_whole
from mazenav.layout.formats.reading import read_layouts
from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.split import content_hashes
from mazenav.types import Layout, LayoutError

LARGEST_FILE = 1 << 28
"""Bytes beyond which a manifest is refused unread: two million layouts."""


@dataclass(frozen=True)
class Entry:
    """One layout of a set: its name, its content hash, and whatever else the manifest notes of it."""

    name: str
    hash: str
    notes: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """What a set holds and how it was made.

    Attributes:
        set: name of the set, the same as its file's without the ending.
        command: the command line that makes it again.
        seed: the seed behind it, if there is one.
        layouts: an entry for each, in order.
        digest: 32 hexadecimal digits of all cells in order; "" if the manifest has none.
    """

    set: str
    command: str
    seed: int | None
    layouts: tuple[Entry, ...]
    digest: str = ""


def make_manifest(
    name: str,
    layouts: Sequence[Layout],
    command: str,
    seed: int | None = None,
    notes: Sequence[Mapping[str, object]] = (),
) -> Manifest:
    """The manifest of a set.

    Args:
        name: name of the set.
        layouts: what it holds.
        command: the command line that makes it.
        seed: the seed behind it.
        notes: what else is noted of each layout; none unless given.
    """
    given = notes or [{}] * len(layouts)
    hashes = content_hashes(layouts)
    entries = [Entry(one.name, digest, note) for one, digest, note in zip(layouts, hashes, given, strict=True)]
    return Manifest(name, command, seed, tuple(entries), cells_digest(layouts))


def cells_digest(layouts: Sequence[Layout]) -> str:
    """32 hexadecimal digits of the shapes and cells of all layouts in their order."""
    digest = hashlib.blake2b(digest_size=16)
    for layout in layouts:
        digest.update(np.array(layout.shape, ">i8").tobytes())
        digest.update(np.packbits(layout.walls).tobytes())
    return digest.hexdigest()


def manifest_path(path: str | Path) -> Path:
    """Where the manifest of a layout file lies: beside it, ending in `.json`."""
    return Path(path).with_suffix(".json")


def write_manifest(manifest: Manifest, path: str | Path) -> None:
    """Write a manifest as JSON, a line for each layout.

    Raises:
        MazenavError: if the file cannot be written.
    """
    head: dict[str, object] = {"set": manifest.set, "command": manifest.command}
    head |= {} if manifest.seed is None else {"seed": manifest.seed}
    head |= {"digest": manifest.digest} if manifest.digest else {}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items()]
    entries = [json.dumps({"name": each.name, **each.notes, "hash": each.hash}) for each in manifest.layouts]
    body = ",\n".join(f"    {entry}" for entry in entries)
    write_text_whole(path, "{\n" + "".join(lines) + f'  "layouts": [\n{body}\n  ]\n}}\n')


def read_manifest(path: str | Path) -> Manifest:
    """The manifest in a file.

    Raises:
        LayoutError: naming the file and what is wrong with it.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise LayoutError(f"{path}: a manifest of {path.stat().st_size} bytes is larger than {LARGEST_FILE}")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LayoutError(f"{path}: the manifest cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise LayoutError(f"{path}: this is not a manifest, which is JSON: {error}") from error
    return _manifest(content, path)


def check_manifest(layouts: Sequence[Layout], manifest: Manifest, file: str | Path) -> None:
    """Hold the layouts of a file against their manifest.

    Raises:
        LayoutError: naming the file and the first layout that is not what the manifest says.
    """
    if len(layouts) != len(manifest.layouts):
        raise LayoutError(
            f"{file}: the file holds {len(layouts)} layouts, but its manifest has {len(manifest.layouts)}"
        )
    found = zip(layouts, content_hashes(layouts), manifest.layouts, strict=True)
    for number, (layout, digest, entry) in enumerate(found, 1):
        if layout.name != entry.name:
            raise LayoutError(f"{file}: layout {number} is {layout.name!r}, but its manifest has {entry.name!r} there")
        if digest != entry.hash:
            raise LayoutError(
                f"{file}: layout {number}, {layout.name!r}, has the content hash {digest}, but its manifest says "
                f"{entry.hash}: one of the two was changed"
            )
    if manifest.digest and cells_digest(layouts) != manifest.digest:
        raise LayoutError(f"{file}: a layout was turned or mirrored since the manifest was written")


def write_set(
    layouts: Sequence[Layout],
    path: str | Path,
    command: str,
    seed: int | None = None,
    notes: Sequence[Mapping[str, object]] = (),
) -> None:
    """Write layouts as one file and their manifest beside it.

    The manifest tells of what stands in the file, so that it holds whatever a format does to names.

    Raises:
        LayoutError: if there is none to write, or the name ends in `.json`.
        MazenavError: if a file cannot be written.
    """
    path = Path(path)
    if manifest_path(path) == path:
        raise LayoutError(f"{path}: the manifest needs this name, so the layouts themselves must have another ending")
    write_layouts(layouts, path)
    write_manifest(make_manifest(path.stem, read_layouts(path), command, seed, notes), manifest_path(path))


def read_set(path: str | Path, format: str | None = None) -> list[Layout]:
    """The layouts of a file or folder; those of a file with a manifest beside it are held against that.

    A `.json` file of the same name that is no manifest is passed over. The format is told from the content of each file
    unless given.

    Raises:
        LayoutError: if a file cannot be read, or the layouts are not those that the manifest has.
    """
    path = Path(path)
    layouts = read_layouts(path, format)
    if not path.is_dir():
        _check_against_manifest(layouts, path)
        return layouts
    for file in sorted(path.iterdir()):
        if file.is_file() and _has_manifest(file):
            _check_against_manifest(read_layouts(file, format), file)
    return layouts


def _check_against_manifest(layouts: Sequence[Layout], path: Path) -> None:
    if _has_manifest(path):
        check_manifest(layouts, read_manifest(manifest_path(path)), path)


def _has_manifest(path: Path) -> bool:
    """Whether the file of the manifest's name is there, another one, and begins as `write_manifest` begins it."""
    beside = manifest_path(path)
    if beside == path or not beside.is_file():
        return False
    try:
        with beside.open("rb") as file:
            begin = file.read(64)
    except OSError as error:
        raise LayoutError(f"{beside}: the manifest cannot be read: {error.strerror or error}") from error
    return b"".join(begin.split()).startswith(b'{"set":')


def _manifest(content: Any, path: Path) -> Manifest:
    """The manifest that JSON stands for."""
    if not isinstance(content, dict) or not isinstance(content.get("layouts"), list):
        raise LayoutError(f'{path}: this is not a manifest, which has a list "layouts"')
    for key in ("set", "command"):
        if not isinstance(content.get(key), str):
            raise LayoutError(f"{path}: {key!r} of a manifest must be text, found {content.get(key)!r}")
    seed, digest = content.get("seed"), content.get("digest", "")
    if not (seed is None or (isinstance(seed, int) and not isinstance(seed, bool))) or not isinstance(digest, str):
        raise LayoutError(f"{path}: expected a whole number as seed and text as digest, found {seed!r} and {digest!r}")
    entries = tuple(_entry(entry, number, path) for number, entry in enumerate(content["layouts"], 1))
    return Manifest(content["set"], content["command"], seed, entries, digest)


def _entry(entry: Any, number: int, path: Path) -> Entry:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("name", "hash")):
        raise LayoutError(
            f"{path}: entry {number} of the manifest must have a name and a hash, found {str(entry)[:60]}"
        )
    return Entry(entry["name"], entry["hash"], {key: entry[key] for key in entry if key not in ("name", "hash")})
