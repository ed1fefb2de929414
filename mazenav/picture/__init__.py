"""Pictures of rectangular mazes, drawn, rendered or photographed, read as layouts."""

from mazenav.picture.overlay import draw_overlay
from mazenav.picture.reading import PictureReading, read_picture, read_pixels

__all__ = ["PictureReading", "draw_overlay", "read_picture", "read_pixels"]
