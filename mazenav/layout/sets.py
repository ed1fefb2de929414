"""The named sets of layouts that travel with the package, and layouts by whatever name a person gives them."""

from __future__ import annotations

from pathlib import Path

from mazenav.data import data_folder
from mazenav.layout.formats.scenario import Scenario, is_scenario, scenario_of
from mazenav.layout.formats.source_file import load_file
from mazenav.layout.manifest import read_set
from mazenav.types import Layout, LayoutError


def set_names() -> list[str]:
    """The names of the shipped sets, sorted."""
    return sorted(file.stem for file in data_folder("layouts").glob("*.txt"))


def load_set(name: str) -> list[Layout]:
    """The layouts of a shipped set, such as `test-13`, in a fixed order that mixes the kinds evenly.

    Raises:
        LayoutError: if there is no such set, or it is not what its manifest says.
    """
    if name not in set_names():
        raise LayoutError(f"no shipped set of layouts is called {name!r}; there are {', '.join(set_names())}")
    return read_set(data_folder("layouts") / f"{name}.txt")


def resolve_layouts(spec: str, format: str | None = None) -> list[Layout]:
    """Layouts by the name of a shipped set, or by the path of a file or folder in any format that can be read.

    A name that is both a set and a path means the set; write `./NAME` for the path. A MovingAI scenario stands for the
    maps that it names. A format, a key of `FORMATS`, is that of files and folders; by default it is told from content.

    Raises:
        LayoutError: if `spec` is neither, a file cannot be read, or it is not what the manifest beside it says.
    """
    if spec in set_names():
        return load_set(spec)
    scenario = resolve_scenario(spec)
    if scenario is not None:
        return list(scenario.maps.values())
    if not _exists(spec):
        raise LayoutError(f"{spec!r} is neither a file or folder nor a shipped set ({', '.join(set_names())})")
    return read_set(spec, format)


def resolve_scenario(spec: str) -> Scenario | None:
    """The MovingAI scenario in the file that `spec` names; None if it names something else.

    Raises:
        LayoutError: if the file cannot be read, or begins like a scenario and goes wrong.
    """
    if spec in set_names() or not _exists(spec) or Path(spec).is_dir():
        return None
    source = load_file(spec)
    return scenario_of(source) if is_scenario(source) else None


def _exists(spec: str) -> bool:
    try:
        return Path(spec).exists()
    except (OSError, ValueError):
        return False
