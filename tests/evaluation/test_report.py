"""The report: one file that needs nothing else, tells failures first, and escapes every name."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from mazenav.evaluation.chart import axis_floor, bin_words, percent, success_chart
from mazenav.evaluation.report import (
    MAX_FAILURES,
    MAX_SUCCESSES,
    DrawnField,
    choose_drawn,
    write_report,
)
from mazenav.topdown.film import Film, save_film
from mazenav.types import Episode, Layout, MazenavError
from tests.topdown.hand import CORRIDOR, drive, layout_of

EVIL = "<script>alert('&')</script>\"x\""


def part(first: int, last: int | None, rate: float, low: float, high: float) -> dict[str, Any]:
    return {"from": first, "to": last, "episodes": 40, "success_rate": rate, "success_ci95": [low, high], "spl": 0.9}


def summary(**more: Any) -> dict[str, Any]:
    return {
        "agent": "base",
        "episodes": 80,
        "layouts": 40,
        "success_rate": 0.9625,
        "success_ci95": [0.9, 1.0],
        "spl": 0.871,
        "oracle_success_rate": 1.0,
        "by_distance": [part(1, 4, 1.0, 0.95, 1.0), part(160, None, 0.925, 0.83, 0.98)],
        "decision_ms": {"median": 0.02, "p99": 0.3},
        **more,
    }


def episodes(name: str = "corridor", failures: int = 2) -> list[Episode]:
    layout = layout_of(CORRIDOR, name)
    return [drive(layout, (1, 1), (4, 7), success=index >= failures) for index in range(5)]


class Page(HTMLParser):
    """What a browser would make of a page: tags with attributes, visible text, and whether tags are balanced."""

    EMPTY = ("meta", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def pictures(self) -> Iterator[Image.Image]:
        for tag, attributes in self.tags:
            if tag == "img":
                kind, coded = str(attributes["src"]).split(",")
                assert kind in ("data:image/png;base64", "data:image/gif;base64")
                yield Image.open(io.BytesIO(base64.b64decode(coded)))


def read(path: Path) -> Page:
    page = Page(path.read_text(encoding="utf-8"))
    assert page.open == []
    return page


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    gif = save_film(Film(episodes(), panel=64, steps=1), tmp_path / "film.gif").path
    fields = [(layout_of(CORRIDOR), np.arange(54.0).reshape(6, 9), "predicted")]
    path = write_report(tmp_path / "report", summary(), episodes(), fields, {"command": "mazenav demo"}, film=gif)
    assert path == tmp_path / "report" / "index.html"
    assert [entry.name for entry in path.parent.iterdir()] == ["index.html"]
    text, page = path.read_text(encoding="utf-8"), read(path)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", re.sub(r"base64,[^\"]*", "", text))
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "iframe", "object"} & set(names)
    assert all(
        str(value).startswith("data:image/") for _, tag in page.tags for key, value in tag.items() if key == "src"
    )
    assert not any(key.startswith("on") or key == "href" for _, tag in page.tags for key in tag)
    formats = [picture.format for picture in page.pictures()]
    assert formats.count("GIF") == 1 and formats.count("PNG") == 5 + 1
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.tags
    assert "prefers-color-scheme: dark" in text


def test_the_numbers_are_in_it(tmp_path: Path) -> None:
    page = read(write_report(tmp_path, summary(), episodes(), extras={"command": "mazenav evaluate base", "seed": 7}))
    words = page.text.replace("\u00a0", " ")
    for expected in (
        "77 of 80",
        "96.2 %",
        "0.871",
        "1\u20134",
        "160+",
        "83.0 % \u2013 98.0 %",
        "mazenav evaluate base",
    ):
        assert expected in words
    assert re.search(r"seed\s*7", words)
    shown = json.loads(re.search(r"\{\s*\"agent\".*\}", page.text, re.S).group())
    assert shown == summary()


def test_failures_come_first_and_are_labelled(tmp_path: Path) -> None:
    page = read(write_report(tmp_path, summary(), episodes(failures=2)))
    figures = [str(tag["class"]) for name, tag in page.tags if name == "figure"]
    assert figures == ["episode failed"] * 2 + ["episode"] * 3
    assert page.text.count("Failed") == 2 and page.text.count("Reached") == 3
    assert "Failures (all 2)" in page.text


def test_all_failures_up_to_the_cap_and_successes_of_every_distance() -> None:
    layout = Layout(np.zeros((3, 40), bool))
    lost = [drive(layout, (0, 0), (0, 3), success=False)] * (MAX_FAILURES + 7)
    won = [drive(layout, (1, 0), (1, column)) for column in range(1, 40)]
    failures, successes = choose_drawn([*won, *lost])
    assert len(failures) == MAX_FAILURES and not any(episode.terminated for episode in failures)
    assert len(successes) == MAX_SUCCESSES and all(episode.terminated for episode in successes)
    assert [episode.distance for episode in successes][:: MAX_SUCCESSES - 1] == [1, 39]
    assert choose_drawn([]) == ([], [])
    assert choose_drawn(won[:3]) == ([], won[:3])


def test_a_capped_sheet_says_so(tmp_path: Path) -> None:
    lost = [drive(layout_of(CORRIDOR), (1, 1), (1, 4), success=False)] * (MAX_FAILURES + 3)
    page = read(write_report(tmp_path, summary(), lost))
    assert f"the first {MAX_FAILURES} of {MAX_FAILURES + 3}" in page.text
    assert sum(name == "figure" for name, _ in page.tags) == MAX_FAILURES


def test_names_are_escaped(tmp_path: Path) -> None:
    controls = {EVIL: {"success_rate": 0.1, "success_ci95": [0.0, 0.2]}}
    fields = [DrawnField(layout_of(CORRIDOR), np.ones((6, 9)), EVIL, (1, 1))]
    extras = {"command": EVIL, EVIL: EVIL}
    path = write_report(tmp_path, summary(agent=EVIL, controls=controls, note=EVIL), episodes(EVIL), fields, extras)
    page = read(path)
    assert not any(name == "script" for name, _ in page.tags)
    assert not any("alert" in key for _, tag in page.tags for key in tag)
    assert page.text.count(EVIL) >= 9


def test_controls_and_given_map_are_named(tmp_path: Path) -> None:
    controls = {"blank map": {"success_rate": 0.2, "success_ci95": [0.15, 0.25]}}
    page = read(write_report(tmp_path, summary(controls=controls), []))
    assert "blank map20.0\u00a0%" in page.text and "true map96.2\u00a0%" in page.text
    assert "given a shuffled map" in read(write_report(tmp_path, summary(), [], extras={"map": "shuffled"})).text
    assert "given the map" in read(write_report(tmp_path, summary(), [])).text


def test_without_episodes_or_times_the_page_still_stands(tmp_path: Path) -> None:
    bare = summary(by_distance=[])
    del bare["decision_ms"]
    page = read(write_report(tmp_path, bare, []))
    assert "77 of 80" in page.text and not list(page.pictures())


def test_bad_input_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here already")
    with pytest.raises(MazenavError, match="cannot write"):
        write_report(tmp_path / "file", summary(), [])
    with pytest.raises(MazenavError, match="spl"):
        write_report(tmp_path / "report", {key: value for key, value in summary().items() if key != "spl"}, [])
    with pytest.raises(MazenavError, match="cannot read the film"):
        write_report(tmp_path / "report", summary(), [], film=tmp_path / "no.gif")
    with pytest.raises(MazenavError, match="cannot read the film"):
        write_report(tmp_path / "report", summary(), [], film=tmp_path / "file")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_the_chart_puts_better_bins_higher() -> None:
    bins = [part(1, 4, 0.6, 0.5, 0.7), part(5, 9, 0.9, 0.85, 1.0), part(10, 19, 1.0, 0.97, 1.0)]
    drawn = ElementTree.fromstring(success_chart(bins, oracle=0.95).replace("\u00a0", " "))
    dots = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in drawn.iter("circle")]
    assert dots == sorted(dots) and [y for _, y in dots] == sorted((y for _, y in dots), reverse=True)
    whiskers = [line for line in drawn.iter("line") if line.get("class") == "whisker"]
    assert len(whiskers) == 9
    for (_, y), whisker in zip(dots, whiskers[::3], strict=True):
        assert float(whisker.get("y1", "")) <= y <= float(whisker.get("y2", ""))
    (oracle,) = [line for line in drawn.iter("line") if line.get("class") == "oracle"]
    assert dots[2][1] < float(oracle.get("y1", "")) < dots[1][1]
    assert success_chart([]) == ""


def test_the_axis_begins_below_every_interval() -> None:
    assert axis_floor([0.99, 0.985]) == 0.98
    assert axis_floor([0.99, 0.83]) == 0.8
    assert axis_floor([0.3, 0.99]) == axis_floor([0.0]) == axis_floor([]) == 0.0


@pytest.mark.parametrize(
    ("rate", "words"), [(1.0, "100 %"), (0.0, "0 %"), (0.99996, "99.9 %"), (0.00001, "0.1 %"), (0.5, "50.0 %")]
)
def test_nothing_is_rounded_to_perfection(rate: float, words: str) -> None:
    assert percent(rate).replace("\u00a0", " ") == words


def test_bins_without_end_are_named() -> None:
    assert bin_words(part(160, None, 1, 1, 1)) == "160+" and bin_words(part(5, 9, 1, 1, 1)) == "5\u20139"
