"""Success by distance as an SVG picture that stands in a page: a dot a bin, its 95 % interval, the oracle's line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 560, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 18, 60
_FLOORS = (0.98, 0.95, 0.9, 0.8, 0.5, 0.0)
"""Where the axis of success may begin: the highest of these below every interval."""


def percent(rate: float) -> str:
    """A share as a percentage with one decimal, or none at 0 and 1; nothing else is rounded to 0 or 100."""
    number = f"{100 * rate:.0f}" if rate in (0.0, 1.0) else f"{min(max(100 * rate, 0.1), 99.9):.1f}"
    return number + "\u00a0%"


def bin_words(part: Mapping[str, Any]) -> str:
    """A bin of distances: `5-9`, or `160+` where it has no end."""
    return f"{part['from']}+" if part["to"] is None else f"{part['from']}\u2013{part['to']}"


def axis_floor(lows: Sequence[float]) -> float:
    """Where the axis of success begins, so that differences near 100 % can be seen."""
    lowest = min(lows, default=0.0)
    return next(floor for floor in _FLOORS if floor < lowest or floor == 0.0)


def success_chart(bins: Sequence[Mapping[str, Any]], oracle: float | None = None) -> str:
    """The chart as SVG text; colours come from the page's style by class.

    Args:
        bins: `by_distance` of the summary.
        oracle: success rate of the oracle over all episodes, drawn as a dashed line if given.
    """
    if not bins:
        return ""
    lows = [float(part["success_ci95"][0]) for part in bins]
    floor = axis_floor(lows if oracle is None else [*lows, oracle])
    parts = [*_axis(floor), *_oracle_line(oracle, floor)]
    step = (WIDTH - _LEFT - _RIGHT) / len(bins)
    points = [
        (_LEFT + step * (index + 0.5), _height(float(part["success_rate"]), floor)) for index, part in enumerate(bins)
    ]
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    parts.append(f'<polyline class="curve" points="{corners}"/>')
    for part, (x, y) in zip(bins, points, strict=True):
        parts.append(_bin(part, x, y, floor))
    parts.append(f'<text class="word" x="{(_LEFT + WIDTH - _RIGHT) / 2}" y="{HEIGHT - 4}">shortest path, cells</text>')
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Success by distance">'
        + "".join(parts)
        + "</svg>"
    )


def _height(rate: float, floor: float) -> float:
    share = (max(rate, floor) - floor) / (1.0 - floor)
    return _TOP + (1.0 - share) * (HEIGHT - _TOP - _BOTTOM)


def _axis(floor: float) -> list[str]:
    parts = []
    for index in range(6):
        rate = floor + (1.0 - floor) * index / 5
        y = _height(rate, floor)
        digits = 0 if abs(100 * rate - round(100 * rate)) < 1e-6 else 1
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick end" x="{_LEFT - 8}" y="{y + 5:.1f}">{100 * rate:.{digits}f} %</text>')
    return parts


def _oracle_line(oracle: float | None, floor: float) -> list[str]:
    if oracle is None:
        return []
    y = _height(oracle, floor)
    return [
        f'<line class="oracle" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}">'
        f"<title>oracle, all distances: {percent(oracle)}</title></line>"
    ]


def _bin(part: Mapping[str, Any], x: float, y: float, floor: float) -> str:
    low, high = (float(end) for end in part["success_ci95"])
    bottom, top = _height(low, floor), _height(high, floor)
    words = f"{bin_words(part)} cells: {percent(part['success_rate'])}, 95 % interval {percent(low)} to {percent(high)}"
    base = HEIGHT - _BOTTOM
    return (
        f"<g><title>{words}, {part['episodes']:,} episodes</title>"
        f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>'
        f'<line class="whisker" x1="{x - 7:.1f}" x2="{x + 7:.1f}" y1="{top:.1f}" y2="{top:.1f}"/>'
        f'<line class="whisker" x1="{x - 7:.1f}" x2="{x + 7:.1f}" y1="{bottom:.1f}" y2="{bottom:.1f}"/>'
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'
        f'<text class="tick" x="{x:.1f}" y="{base + 19}">{bin_words(part)}</text>'
        f'<text class="count" x="{x:.1f}" y="{base + 35}">n = {part["episodes"]:,}</text></g>'
    )
