"""The variations layer of a text level: letters that tell which parts of it look alike."""

from __future__ import annotations

import numpy as np

from mazenav.sim.sensors.scene import usual_styles
from mazenav.sim.sensors.textures import STYLES
from mazenav.topdown.occupancy import world_grid
from mazenav.types import Layout


def styles_of(layout: Layout, shape: tuple[int, ...], patch: int) -> np.ndarray:
    """The style of every cell and of the ring around, uint8 `[1, X + 2, Y + 2]`.

    Letters become styles, `.` is style 0; a wall without a letter takes that of a cell beside it.

    Args:
        layout: the level; one of thin walls has no layer.
        shape: X + 2 and Y + 2 of the grid.
        patch: cells of the grid a side of squares of one style, where there is no layer.
    """
    layer = layout.source.get("variations")
    if layout.thin_walls or not isinstance(layer, list) or len(layer) != layout.shape[0]:
        return usual_styles(*shape, patch)
    rows, columns = layout.shape
    letters = np.array([[ord(letter) for letter in str(row)[:columns].ljust(columns, ".")] for row in layer])
    styles = np.where(letters == ord("."), 0, (letters - ord("A") + 1) % STYLES)
    ringed = np.pad(styles, 1)
    around = np.zeros_like(styles)
    for down in range(3):
        for right in range(3):
            around = np.maximum(around, ringed[down : down + rows, right : right + columns])
    styles = np.where(layout.walls & (styles == 0), around, styles)
    return np.pad(world_grid(styles), 1, mode="edge")[None]
