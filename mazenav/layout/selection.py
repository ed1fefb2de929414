"""Choosing among layouts: conditions on what is measured of them, labels to deal them by, and sets made one."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mazenav.layout.difficulty import FRACTIONS, MEASURES, Progress, difficulties
from mazenav.layout.split import unique
from mazenav.types import Layout, LayoutError

_COMPARISONS: Mapping[str, Callable[[np.ndarray, float], np.ndarray]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"\s*([a-z_]+)\s*(>=|<=|==|!=|>|<)\s*(-?\d+(?:\.\d+)?)\s*", re.ASCII)

LABELS: tuple[str, ...] = ("kind", "size")
"""What layouts can be labelled by besides the quarters of a measure."""
QUARTERS = 4


class Condition(NamedTuple):
    """A measure, how it is compared, and with which number: `dead_ends>=3`."""

    measure: str
    comparison: str
    number: float

    def holds(self, table: Mapping[str, np.ndarray]) -> np.ndarray:
        """Bool `[N]`: of which layouts it is true, by the table that `difficulties` gives."""
        return _COMPARISONS[self.comparison](table[self.measure], self.number)


def parse_condition(text: str) -> Condition:
    """The condition that a text such as `dead_ends>=3` or `free_share < 0.5` stands for.

    Raises:
        LayoutError: if it is none, or its measure is unknown.
    """
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise LayoutError(
            f"a condition is a measure, one of {' '.join(_COMPARISONS)} and a number, such as dead_ends>=3, "
            f"found {text!r}"
        )
    name, comparison, number = found.groups()
    if name not in MEASURES:
        raise LayoutError(f"no measure of a layout is called {name!r}; there are {', '.join(MEASURES)}")
    return Condition(name, comparison, float(number))


def keep_layouts(
    layouts: Sequence[Layout], conditions: Sequence[Condition], progress: Progress | None = None
) -> list[Layout]:
    """The layouts of which every condition is true, in their order."""
    if not conditions:
        return list(layouts)
    table = difficulties(layouts, progress)
    kept = np.logical_and.reduce([condition.holds(table) for condition in conditions])
    return [layout for layout, keep in zip(layouts, kept, strict=True) if keep]


def kind_of(layout: Layout) -> str:
    """What kind of layout it is, as far as its source tells: its recipe, its generator, or its file's format."""
    for key in ("recipe", "generator", "format"):
        if key in layout.source:
            return str(layout.source[key])
    return "unknown"


def labels(layouts: Sequence[Layout], key: str, progress: Progress | None = None) -> list[str]:
    """A label for each layout: its kind, its size, or the quarter of all that it lies in by a measure.

    Raises:
        LayoutError: if `key` is neither `kind` nor `size` nor a measure.
    """
    if key == "kind":
        return [kind_of(layout) for layout in layouts]
    if key == "size":
        return [f"{layout.shape[0]}x{layout.shape[1]}" for layout in layouts]
    if key not in MEASURES:
        raise LayoutError(f"layouts are dealt by {', '.join(LABELS)} or a measure ({', '.join(MEASURES)}), not {key!r}")
    values = difficulties(layouts, progress)[key]
    bounds = np.quantile(values, np.arange(1, QUARTERS) / QUARTERS) if len(values) else np.empty(0)
    return [f"{key} quarter {quarter + 1}" for quarter in np.searchsorted(bounds, values)]


def merge(sets: Sequence[Sequence[Layout]]) -> list[Layout]:
    """All layouts of several sets, each content once, under names that all differ.

    A layout that is, up to symmetry, one that came before is left out. Of two layouts with the same name the later one
    gets a number behind it.
    """
    merged: list[Layout] = []
    taken: dict[str, int] = {}
    for layout in unique([layout for layouts in sets for layout in layouts]):
        name = layout.name or "layout"
        while name in taken:
            taken[name] += 1
            name = f"{layout.name or 'layout'}-{taken[name]}"
        taken[name] = 1
        merged.append(layout if name == layout.name else _renamed(layout, name))
    return merged


def _renamed(layout: Layout, name: str) -> Layout:
    return Layout(layout.walls, name, layout.source, layout.cell_size, layout.thin_walls)


def show_number(measure: str, value: float) -> str:
    """A measure's number as a person writes it: whole, or with three decimals where it is a fraction."""
    return f"{value:.3f}" if measure in FRACTIONS else f"{value:,.0f}"
