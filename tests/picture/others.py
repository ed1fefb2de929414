"""Pictures that show no rectangular maze."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np

Maker = Callable[[np.random.Generator], np.ndarray]
WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "lazy", "dogs", "while", "seven", "wizards", "make", "toxic")


def blank(rng: np.random.Generator) -> np.ndarray:
    return np.full((400, 500, 3), rng.integers(0, 256), np.uint8)


def gradient(rng: np.random.Generator) -> np.ndarray:
    ramp = np.linspace(rng.integers(0, 60), rng.integers(180, 256), 500)
    return np.tile(ramp[None, :, None], (400, 1, 3)).astype(np.uint8)


def noise(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, (300, 400, 3)).astype(np.uint8)


def black_and_white_noise(rng: np.random.Generator) -> np.ndarray:
    return np.repeat((rng.random((200, 200, 1)) < 0.5) * np.uint8(255), 3, axis=-1)


def coarse_noise(rng: np.random.Generator) -> np.ndarray:
    blocks = ((rng.random((30, 40)) < 0.5) * 255).astype(np.uint8)
    return cv2.cvtColor(cv2.resize(blocks, (400, 300), interpolation=cv2.INTER_NEAREST), cv2.COLOR_GRAY2RGB)


def clouds(rng: np.random.Generator) -> np.ndarray:
    """What a photo of no maze is like: soft shapes of all sizes."""
    total = np.zeros((300, 400), np.float64)
    for reach in (2.0, 5.0, 12.0, 30.0):
        total += cv2.GaussianBlur(rng.normal(0, 1, total.shape), (0, 0), reach) * reach
    levels = cv2.normalize(total, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    return cv2.applyColorMap(levels, cv2.COLORMAP_OCEAN)


def text_page(rng: np.random.Generator) -> np.ndarray:
    page = np.full((700, 600, 3), 255, np.uint8)
    for line in range(30):
        words = " ".join(rng.choice(WORDS, 9))
        cv2.putText(page, words, (30, 40 + 21 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return page


def round_maze(rng: np.random.Generator) -> np.ndarray:
    page = np.full((500, 500, 3), 255, np.uint8)
    for ring in range(2, 12):
        for part in range(12):
            if rng.random() < 0.75:
                begin = part * 30
                cv2.ellipse(page, (250, 250), (ring * 20, ring * 20), 0, begin, begin + 30, (0, 0, 0), 3)
            elif ring < 11:
                angle = np.radians(part * 30)
                along = np.asarray([np.cos(angle), np.sin(angle)])
                ends = [np.rint(250 + reach * along).astype(int).tolist() for reach in (ring * 20, ring * 20 + 20)]
                cv2.line(page, ends[0], ends[1], (0, 0, 0), 3)
    return page


def honeycomb(rng: np.random.Generator) -> np.ndarray:
    page = np.full((500, 500, 3), 255, np.uint8)
    for row in range(14):
        for column in range(16):
            x, y = 30 + 28 * column + 14 * (row % 2), 30 + 24 * row
            corners = [(x + 16 * np.sin(a), y + 16 * np.cos(a)) for a in np.radians(np.arange(0, 361, 60))]
            for begin, end in pairwise(corners):
                if rng.random() < 0.55:
                    ends = [(round(float(p)), round(float(q))) for p, q in (begin, end)]
                    cv2.line(page, ends[0], ends[1], (0, 0, 0), 2, cv2.LINE_AA)
    return page


def chessboard(rng: np.random.Generator) -> np.ndarray:
    side = int(rng.integers(20, 40))
    board = (np.indices((8, 8)).sum(0) % 2 * 255).astype(np.uint8).repeat(side, 0).repeat(side, 1)
    return cv2.cvtColor(np.pad(board, 20, constant_values=255), cv2.COLOR_GRAY2RGB)


def table(rng: np.random.Generator) -> np.ndarray:
    """A full grid of lines with numbers in it."""
    page = np.full((400, 500, 3), 255, np.uint8)
    for line in range(13):
        cv2.line(page, (20, 20 + 30 * line), (470, 20 + 30 * line), (0, 0, 0), 2)
    for line in range(10):
        cv2.line(page, (20 + 50 * line, 20), (20 + 50 * line, 380), (0, 0, 0), 2)
    for row in range(12):
        for column in range(9):
            place = (28 + 50 * column, 42 + 30 * row)
            cv2.putText(page, str(rng.integers(1000)), place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1)
    return page


def scribble(rng: np.random.Generator) -> np.ndarray:
    page = np.full((400, 400, 3), 255, np.uint8)
    points = np.cumsum(rng.normal(0, 25, (200, 2)), axis=0) % 380 + 10
    cv2.polylines(page, [points.astype(np.int32)], False, (0, 0, 0), 2, cv2.LINE_AA)
    return page


def chart(rng: np.random.Generator) -> np.ndarray:
    page = np.full((400, 500, 3), 255, np.uint8)
    cv2.line(page, (40, 20), (40, 360), (0, 0, 0), 2)
    cv2.line(page, (40, 360), (480, 360), (0, 0, 0), 2)
    for bar in range(10):
        height = int(rng.integers(30, 320))
        cv2.rectangle(page, (55 + 42 * bar, 360 - height), (85 + 42 * bar, 360), (70, 120, 200), cv2.FILLED)
    return page


OTHERS: dict[str, Maker] = {
    "blank": blank,
    "gradient": gradient,
    "noise": noise,
    "black and white noise": black_and_white_noise,
    "coarse noise": coarse_noise,
    "clouds": clouds,
    "text page": text_page,
    "round maze": round_maze,
    "honeycomb": honeycomb,
    "chessboard": chessboard,
    "table": table,
    "scribble": scribble,
    "chart": chart,
}
