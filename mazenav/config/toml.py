"""Frozen, documented settings; nothing writes to them. On disk they are TOML."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import tomli_w

from mazenav.types import MazenavError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Config = TypeVar("Config")


def check_range(config: object, name: str, low: float, high: float) -> None:
    """Raises MazenavError, naming the field, unless its value lies in [low, high]."""
    value = getattr(config, name)
    if not low <= value <= high:
        raise MazenavError(f"{name} must lie between {low:g} and {high:g}, found {value!r}")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        MazenavError: if it cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MazenavError(f"cannot read {path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MazenavError(f"{path} is not a TOML file: {error}") from error


def dump_toml(tables: Mapping[str, Any]) -> str:
    """TOML text of values and of frozen configs by name; fields that are None are left out."""
    return tomli_w.dumps({name: _plain(value) for name, value in tables.items()})


def from_table(kind: type[Config], table: object, where: str) -> Config:
    """A config dataclass from a TOML table; fields that are not there keep their defaults.

    Raises:
        MazenavError: naming `where` and the field, if one is unknown or of a wrong type, or a value is out of range.
    """
    if not isinstance(table, dict):
        raise MazenavError(f"{where}: a table is expected, found {table!r}")
    hints = typing.get_type_hints(kind)
    known = {entry.name for entry in fields(kind)}  # type: ignore[arg-type]  # kind is a dataclass
    values = {}
    for name, value in table.items():
        if name not in known:
            raise MazenavError(f"{where}: no field is called {name!r} (there are {', '.join(sorted(known))})")
        values[name] = _converted(hints[name], value, f"{where}, field {name}")
    try:
        return kind(**values)
    except MazenavError as error:
        raise MazenavError(f"{where}: {error}") from error


def _converted(hint: Any, value: object, where: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return from_table(hint, value, where)
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        part, *_ = typing.get_args(hint)
        return tuple(_converted(part, entry, where) for entry in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(hint, type) or not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise MazenavError(f"{where}: {getattr(hint, '__name__', hint)} is expected, found {value!r}")
    return value


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items() if part is not None}
    return list(value) if isinstance(value, tuple) else value
