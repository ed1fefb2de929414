"""What was read from a picture, in one line."""

from __future__ import annotations

from mazenav.picture.reading import PictureReading


def describe(reading: PictureReading) -> str:
    """Size, walls, confidence, and what is not as clear as it should be; one line."""
    rows, columns = reading.layout.shape
    if reading.layout.thin_walls:
        rows, columns = rows // 2, columns // 2
    kind = "thin walls" if reading.layout.thin_walls else "thick walls"
    words = [f"{rows} x {columns} cells", kind, f"confidence {reading.confidence:.2f}"]
    doubtful = int(reading.doubtful.sum())
    if doubtful and not reading.assumed:
        words.append(f"{doubtful} doubtful")
    if reading.assumed:
        words.append(f"{' and '.join(reading.assumed)} side taken for walls")
    return ", ".join(words)
