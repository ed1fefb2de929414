"""Where the layouts of an environment come from: a kind of generator, a named set or folder, a list, or a function."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mazenav.layout.generate import GENERATORS, generate
from mazenav.layout.sets import resolve_layouts, set_names
from mazenav.types import Layout, LayoutError, MazenavError

Layouts = str | Layout | Sequence[Layout] | Callable[[np.random.Generator], Layout]
"""What the environments take as `layouts`."""

DEFAULT_SHAPE = (13, 13)


class LayoutSource:
    """Draws a layout for every episode.

    Attributes:
        shape: rows and columns that every layout fits into.
        thin: whether the layouts are lattices of thin walls and are to be driven as such.
    """

    def __init__(
        self,
        layouts: Layouts,
        shape: tuple[int, int] | None = None,
        parameters: Mapping[str, float] | None = None,
        thin_walls: bool = False,
    ) -> None:
        """Choose where layouts come from.

        Args:
            layouts: the name of a generator (a new layout every episode); the name of a shipped set, a file or a
                folder of layouts; one layout; several of them (drawn uniformly); or a function of a NumPy generator.
            shape: rows and columns. For a generator the size of its layouts, 13 x 13 unless given. For layouts that
                exist, room for the largest that `reset` may be given; the largest of them unless given. A function
                needs it.
            parameters: of the generator, such as `{"loop_ratio": 0.1}`.
            thin_walls: drive lattices of thin walls as such; without it their walls are as thick as their cells.

        Raises:
            MazenavError: if these cannot be used together.
        """
        self._draw: Callable[[np.random.Generator], Layout] | None = None
        self._kind, self._parameters = "", _checked_parameters(parameters)
        self._layouts: list[Layout] = []
        self._tells_thin, self.thin = thin_walls, False
        if isinstance(layouts, str) and layouts in GENERATORS:
            self._kind, self.shape = layouts, _checked_shape(DEFAULT_SHAPE if shape is None else shape)
            example = self.draw(np.random.default_rng(0))  # a bad shape or parameter shows now, not at the first reset
            self.thin = thin_walls and example.thin_walls
            return
        if parameters:
            raise MazenavError(f"parameters {sorted(parameters)} belong to a generator, one of {', '.join(GENERATORS)}")
        if callable(layouts):
            if shape is None:
                raise MazenavError("a function of layouts needs shape=(rows, columns), room for the largest it returns")
            self._draw, self.shape = layouts, _checked_shape(shape)
            if thin_walls:  # it is asked once, for an example
                example = layouts(np.random.default_rng(0))
                self.thin = isinstance(example, Layout) and example.thin_walls
            return
        self._layouts = _listed(layouts)
        largest = tuple(max(layout.shape[axis] for layout in self._layouts) for axis in (0, 1))
        self.shape = _checked_shape((largest[0], largest[1]) if shape is None else shape)
        self.thin = thin_walls and self._layouts[0].thin_walls
        for layout in self._layouts:
            self.check_fits(layout)

    def draw(self, rng: np.random.Generator) -> Layout:
        """The layout of the next episode.

        Raises:
            LayoutError: if a function returned something that is not a layout, or a layout that is too large.
        """
        if self._kind:
            return generate(self._kind, self.shape, rng, **self._parameters)
        if self._draw is None:
            return self._layouts[int(rng.integers(len(self._layouts)))]
        layout = self._draw(rng)
        self.check_fits(layout)
        return layout

    def check_fits(self, layout: object) -> Layout:
        """`layout` itself.

        Raises:
            LayoutError: if it is not a layout, larger than `shape`, or its walls are not thin or thick as the others'.
        """
        if not isinstance(layout, Layout):
            raise LayoutError(f"a mazenav Layout is expected, found {type(layout).__name__}")
        if layout.shape[0] > self.shape[0] or layout.shape[1] > self.shape[1]:
            raise LayoutError(
                f"layout {layout.name!r} has {layout.shape[0]} x {layout.shape[1]} cells, "
                f"more than the {self.shape[0]} x {self.shape[1]} of this environment's shape"
            )
        if self._tells_thin and layout.thin_walls != self.thin:
            found, others = ("thin", "thick") if layout.thin_walls else ("thick", "thin")
            raise LayoutError(
                f"layout {layout.name!r} has {found} walls, the layouts of this environment {others} ones"
            )
        return layout


def _checked_shape(shape: tuple[int, int]) -> tuple[int, int]:
    sides = tuple(shape) if isinstance(shape, (tuple, list)) else ()
    whole = [isinstance(side, (int, np.integer)) and not isinstance(side, bool) and side > 0 for side in sides]
    if whole != [True, True]:
        raise MazenavError(f"shape must be two positive whole numbers (rows, columns), found {shape!r}")
    return int(sides[0]), int(sides[1])


def _checked_parameters(parameters: Mapping[str, float] | None) -> dict[str, float]:
    given = {} if parameters is None else parameters
    if not isinstance(given, Mapping) or any(not isinstance(each, (int, float, np.number)) for each in given.values()):
        raise MazenavError(f"parameters are a dict of names and numbers, found {parameters!r}")
    return dict(given)


def _listed(layouts: object) -> list[Layout]:
    if isinstance(layouts, str):
        if layouts not in set_names() and not os.path.exists(layouts):  # Path.exists raises where a name is too long
            names = ", ".join([*GENERATORS, *set_names()])
            raise LayoutError(f"{layouts!r} is neither a generator, a shipped set ({names}), a file nor a folder")
        return resolve_layouts(layouts)
    if isinstance(layouts, Layout):
        return [layouts]
    if not isinstance(layouts, Sequence) or not layouts:
        raise MazenavError(
            f"layouts must be a generator ({', '.join(GENERATORS)}), a set, file or folder, a layout, "
            f"a list with at least one layout, or a function, found {layouts!r}"
        )
    for layout in layouts:
        if not isinstance(layout, Layout):
            raise MazenavError(f"every entry of layouts must be a mazenav Layout, found {type(layout).__name__}")
    return list(layouts)
