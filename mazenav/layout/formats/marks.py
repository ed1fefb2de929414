"""Starts, goals and other things that a file marks on free cells, as `Layout.source` keeps them.

A list of `[row, column]` under the keys `starts` and `goals`, which every format uses that has such marks.
"""

from __future__ import annotations

from mazenav.types import Cell, Layout


def marked_cells(places: object, layout: Layout) -> list[Cell]:
    """The cells of such a list that are free cells of the layout; whatever else stands there is passed over."""
    if not isinstance(places, (list, tuple)):
        return []
    found = [_cell(place) for place in places]
    return [cell for cell in found if cell is not None and layout.is_free(cell)]


def starts_of(layout: Layout) -> list[Cell]:
    """The free cells that the layout's file marks as starts."""
    return marked_cells(layout.source.get("starts"), layout)


def goals_of(layout: Layout) -> list[Cell]:
    """The free cells that the layout's file marks as goals."""
    return marked_cells(layout.source.get("goals"), layout)


def _cell(place: object) -> Cell | None:
    """A `[row, column]` pair as a cell, None if it is none."""
    if not isinstance(place, (list, tuple)) or len(place) != 2:
        return None
    if not all(isinstance(number, int) and not isinstance(number, bool) for number in place):
        return None
    return place[0], place[1]
