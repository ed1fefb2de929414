"""The report of an evaluation: one HTML page that holds everything, pictures included, and works offline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from mazenav.evaluation.chart import bin_words, percent, success_chart
from mazenav.evaluation.page import definitions, figure, page, section
from mazenav.files import replacing
from mazenav.topdown.heat import draw_field
from mazenav.topdown.picture_file import small_png_bytes
from mazenav.topdown.render import Marks, cell_pixels_for, draw_episode
from mazenav.types import Cell, Episode, Layout, MazenavError

MAX_FAILURES = 60
"""Failed episodes drawn at most."""
MAX_SUCCESSES = 12
"""Successful episodes drawn at most, spread over the distances."""
_DRAWN = 400
"""Pixels of the longer side of a drawn episode; about twice what it takes on the page."""
_NUMBERS = ("agent", "episodes", "layouts", "success_rate", "success_ci95", "spl", "oracle_success_rate")
_KNOWN = {*_NUMBERS, "by_distance", "decision_ms", "controls"}


class DrawnField(NamedTuple):
    """A predicted field to draw in a report.

    Attributes:
        layout: the layout that it lies over.
        field: float `[R, C]`, predicted decisions to go.
        caption: text under the picture.
        goal: the goal cell, marked if given.
    """

    layout: Layout
    field: np.ndarray
    caption: str
    goal: Cell | None = None


def write_report(
    folder: str | Path,
    summary: Mapping[str, Any],
    episodes: Sequence[Episode],
    fields: Sequence[DrawnField | tuple[Layout, np.ndarray, str]] = (),
    extras: Mapping[str, object] | None = None,
    *,
    film: str | Path | None = None,
) -> Path:
    """Write `index.html` into a folder, through a temporary file and a rename.

    Args:
        folder: made if there is none.
        summary: the JSON of `mazenav evaluate`. Optional: `controls`, a mapping from the name of a control (such as
            `blank map`) to its `success_rate` and `success_ci95`; other keys with a plain value are listed. A `map`
            that is `blank` or `shuffled`, here or in `extras`, is named in the page's first lines.
        episodes: what was driven; all failures up to `MAX_FAILURES` are drawn, and some successes.
        fields: predicted fields of decisions to go, each a `DrawnField` or its first three parts.
        extras: how to reproduce: `command` is shown as a command line, other entries (seed, version) as a list.
        film: an animated GIF that is written into the page.

    Returns:
        The path of the page.

    Raises:
        MazenavError: if the summary lacks a number, the film cannot be read, or the page cannot be written.
    """
    missing = [key for key in (*_NUMBERS, "by_distance") if key not in summary]
    if missing:
        raise MazenavError(f"a report needs the summary of an evaluation: {', '.join(missing)} not found in it")
    target = Path(folder) / "index.html"
    plain = {key: summary[key] for key in summary if key not in _KNOWN and not isinstance(summary[key], (dict, list))}
    known = {**plain, **(extras or {})}
    parts = [
        _head(summary, known.get("map", "true")),
        _film_section(film),
        _distance_section(summary),
        _controls_section(summary),
        _episodes_section(episodes),
        _fields_section(fields),
        _reproduce_section(known, summary),
    ]
    text = page(f"mazenav: {summary['agent']}", "\n".join(part for part in parts if part))
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return target


def choose_drawn(episodes: Sequence[Episode]) -> tuple[list[Episode], list[Episode]]:
    """The failures and the successes to draw: failures by distance, successes spread evenly over the distances."""
    ranked = sorted(episodes, key=lambda episode: episode.distance)
    failures = [episode for episode in ranked if not episode.terminated]
    successes = [episode for episode in ranked if episode.terminated]
    count = min(MAX_SUCCESSES, len(successes))
    places = np.linspace(0, len(successes) - 1, count).round().astype(int)
    return failures[:MAX_FAILURES], [successes[place] for place in places]


def _head(summary: Mapping[str, Any], given_map: object) -> str:
    low, high = summary["success_ci95"]
    cards = [
        _card(
            percent(summary["success_rate"]), f"success, 95 % interval {percent(low)} to {percent(high)}", first=True
        ),
        _card(f"{summary['spl']:.3f}", "SPL, in decisions, against the oracle"),
        _card(percent(summary["oracle_success_rate"]), "the oracle's success, which knows the maze"),
    ]
    if "decision_ms" in summary:
        times = summary["decision_ms"]
        cards.append(_card(f"{times['median']:.2g} ms", f"a decision, median; 99th percentile {times['p99']:.2g} ms"))
    episodes, layouts = summary["episodes"], summary["layouts"]
    reached = round(summary["success_rate"] * episodes)
    wrong = "the map" if given_map == "true" else f"a map made wrong ({given_map})"
    given = {"blank": "a blank map (a control)", "shuffled": "a shuffled map (a control)"}.get(str(given_map), wrong)
    return (
        f"<header>\n<h1>{escape(str(summary['agent']))} reached {reached:,} of {episodes:,} goals</h1>\n"
        f'<p class="lead">In {layouts:,} {"layout" if layouts == 1 else "layouts"}. The agent is given {given}, '
        "its start and its goal. It succeeds when its centre comes within 0.4 cells of the goal's before "
        "20 + 12 &times; distance decisions are over.</p>\n"
        f'<div class="numbers">{"".join(cards)}</div>\n</header>'
    )


def _card(number: str, words: str, first: bool = False) -> str:
    css = "number first" if first else "number"
    return f'<div class="{css}"><b>{escape(number)}</b><span>{escape(words)}</span></div>'


def _film_section(film: str | Path | None) -> str:
    if film is None:
        return ""
    try:
        data = Path(film).read_bytes()
        with Image.open(film) as opened:
            kind, size = opened.format, (opened.height, opened.width)
    except OSError as error:
        raise MazenavError(f"cannot read the film {film}: {error.strerror or error}") from error
    if kind != "GIF":
        raise MazenavError(f"a film in a report must be a GIF, found {kind} in {film}")
    words = "Each panel is an episode of its own; the path's colour is time."
    return section("On the way", figure(data, "gif", size, "Film of episodes side by side", words, css="film"))


def _distance_section(summary: Mapping[str, Any]) -> str:
    bins = summary["by_distance"]
    rows = [_row(bin_words(part), part) for part in bins] + [_row("all", summary, "all")]
    head = "<tr><th>distance</th><th>episodes</th><th>success</th><th>95 % interval</th><th>SPL</th></tr>"
    table = f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'
    chart = success_chart(bins, float(summary["oracle_success_rate"]))
    note = (
        "Distance is the shortest path in cells. Intervals are 95 % bootstrap intervals over layouts. "
        "The dashed line is the oracle over all distances."
    )
    return section("By distance", f'<div class="pair">{table}{chart}</div>', note=note)


def _row(name: str, part: Mapping[str, Any], css: str = "") -> str:
    low, high = part["success_ci95"]
    cells = (name, f"{part['episodes']:,}", percent(part["success_rate"]), f"{percent(low)} \u2013 {percent(high)}")
    tail = f"<td>{part['spl']:.3f}</td>" if "spl" in part else "<td></td>"
    return f'<tr class="{css}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + tail + "</tr>"


def _controls_section(summary: Mapping[str, Any]) -> str:
    controls: Mapping[str, Mapping[str, Any]] = summary.get("controls", {})
    if not controls:
        return ""
    whole = {"success_rate": summary["success_rate"], "success_ci95": summary["success_ci95"]}
    rows = []
    for name, numbers in {"true map": whole, **controls}.items():
        low, high = numbers["success_ci95"]
        cells = (name, percent(numbers["success_rate"]), f"{percent(low)} \u2013 {percent(high)}")
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "<tr><th>given map</th><th>success</th><th>95 % interval</th></tr>"
    table = f'<div class="wide few"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>'
    return section("Does it read the map?", table, note="With another map an agent that trusts it must do worse.")


def _episodes_section(episodes: Sequence[Episode]) -> str:
    failures, successes = choose_drawn(episodes)
    failed = sum(not episode.terminated for episode in episodes)
    parts = []
    if failures:
        some = f"the first {len(failures)} of {failed:,}, by distance" if failed > len(failures) else f"all {failed:,}"
        parts += [f"<h3>Failures ({some})</h3>", _sheet(failures)]
    if successes:
        parts += [f"<h3>Successes ({len(successes)} of {len(episodes) - failed:,}, spread over the distances)</h3>"]
        parts += [_sheet(successes)]
    note = "Ring: start. Star in its circle: goal, and what counts as reached. Arrow: the body at the end."
    words = "No episode failed. " if episodes and not failed else ""
    return section("Episodes", *parts, note=words + note)


def _sheet(episodes: Sequence[Episode]) -> str:
    return '<div class="sheet">' + "\n".join(_episode_figure(episode) for episode in episodes) + "</div>"


def _episode_figure(episode: Episode) -> str:
    rows, columns = episode.layout.shape
    picture = draw_episode(episode, title="", cell_pixels=cell_pixels_for((rows, columns), _DRAWN))
    label = "Reached" if episode.terminated else "Failed"
    name = episode.layout.name or "maze"
    caption = (
        f"{name}, {rows}\u00d7{columns}: {episode.distance} cells away, {len(episode)} of {episode.limit} decisions"
    )
    css = "episode" if episode.terminated else "episode failed"
    alt = f"{label}: path driven in {name}"
    return figure(small_png_bytes(picture), "png", picture.shape[:2], alt, caption, label, css)


def _fields_section(fields: Sequence[DrawnField | tuple[Layout, np.ndarray, str]]) -> str:
    figures = []
    for entry in fields:
        drawn = DrawnField(*entry)
        picture = draw_field(drawn.layout, drawn.field, Marks(goal=drawn.goal))
        alt = "Predicted decisions to go over a map"
        figures.append(figure(small_png_bytes(picture, 200), "png", picture.shape[:2], alt, drawn.caption))
    sheet = f'<div class="sheet large">{"".join(figures)}</div>' if figures else ""
    note = "Predicted decisions to go from every cell, read off the map alone: light is near the goal, dark is far."
    return section("What it makes of the map", sheet, note=note)


def _reproduce_section(known: Mapping[str, object], summary: Mapping[str, Any]) -> str:
    rows = [(str(key), str(value)) for key, value in known.items() if key != "command"]
    command = f'<pre class="command">{escape(str(known["command"]))}</pre>' if "command" in known else ""
    numbers = escape(json.dumps(summary, indent=2, default=str))
    details = f"<details><summary>All numbers as JSON</summary><pre>{numbers}</pre></details>"
    return section("How to reproduce", command, definitions(rows), details)
