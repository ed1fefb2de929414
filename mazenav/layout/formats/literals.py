"""Lists of lists and strings in JSON or Python source, found by a scanner of our own: nothing is evaluated.

The peers keep their mazes as Python literals, `U_MAZE = [[1, 1, ...], ...]` or strings joined by `+`, in modules with
other code around. The scanner goes over the tokens once, keeps no more than one table, and does not recurse.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from mazenav.layout.formats.source_text import SourceText
from mazenav.types import LayoutError

MAX_DEPTH = 32
MAX_TOKENS = 500_000
"""Names, strings and signs around the tables at most; the tables' own cells are not counted."""

CELL = r"""(?:[01](?![\w.])|(?:"[rgc]"|'[rgc]')(?!\w)|(?:R|G|C|RESET|GOAL|COMBINED)(?!\w))"""
"""A cell of a maze map: a number, a letter in quotes, or the name that the peers' modules give to that letter."""

_FILLER = r"(?:[ \t\r\n\f]|\\\n|\#[^\n]*(?=\n|\Z))*"
_STRING = (
    r"""[rRbBuUfF]{0,2}(?:\"{3}(?s:.*?)\"{3}|'{3}(?s:.*?)'{3}|"(?:[^"\\\n]|\\(?s:.))*"|'(?:[^'\\\n]|\\(?s:.))*')"""
)
_TOKEN = re.compile(rf"(?P<string>{_STRING})|(?P<name>[A-Za-z_]\w*)|(?P<other>\d[\w.]*|(?s:.))")
_TABLE_SEEN = re.compile(rf"(?:\A|[^\w\])\"' \t])[ \t]{{0,99}}\[\s{{0,99}}\[\s{{0,99}}{CELL}")
_OPEN_TABLE = re.compile(rf"\[{_FILLER}\[{_FILLER}{CELL}")
_ROW = re.compile(rf"\[{_FILLER}(?:{CELL}{_FILLER}(?:,{_FILLER}|(?=\])))*\]")
_BETWEEN = re.compile(_FILLER)
_BETWEEN_ROWS = re.compile(rf"{_FILLER},?{_FILLER}")
_COMMENT = re.compile(r"\#[^\n]*")
_CELL = re.compile(CELL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|(?s:.))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
_NOT_CELLS = {ord(letter): None for letter in "[]'\", \t\r\n\f\\"}


class Found(NamedTuple):
    """Something that the scanner found.

    Attributes:
        name: the variable or key that it is the value of; empty if there is none.
        label: the string before the last colon outside of brackets, as in `elif maze == "arena":`; may be empty.
        line: the index of its first line.
        value: the rows of a table, each a string of `0 1 r g c`; or one string.
    """

    name: str
    label: str
    line: int
    value: list[str] | str


class _Scan:
    """One pass over a text; `found` does it."""

    def __init__(self, text: SourceText) -> None:
        self._text = text
        self._content = "\n".join(text.lines)
        self._starts = [0, *accumulate(len(line) + 1 for line in text.lines)]
        self._name = self._label = self._word = self._annotated = ""
        self._before = "="  # the token before; at first a value may begin
        self._depth = 0
        self._strings: list[str] = []
        self._first = 0
        self._tokens = 0

    def found(self) -> Iterator[Found]:
        """Tables and strings in order; strings that stand beside each other or are joined by `+` are one."""
        at = 0
        # The blanks are skipped on their own: a pattern that may give them back would go over them again and again.
        while (match := _TOKEN.match(self._content, _skip(_BETWEEN, self._content, at))) is not None:
            kind, token, start, at = match.lastgroup, match[0], match.start(), match.end()
            if kind == "string":
                if not self._strings:
                    self._first = start
                self._strings.append(_unquoted(token))
            elif self._strings and token not in "+()":
                yield from self._joined(token)
            if token == "[" and self._begins_value() and _OPEN_TABLE.match(self._content, start):
                rows, at = self._rows(start)
                yield Found(self._name, self._label, self._line(start), rows)
                token = "]"
            else:
                self._note(kind, token, start)
            self._before = token
        if self._strings:
            yield from self._joined("")

    def _joined(self, token: str) -> Iterator[Found]:
        """The strings before `token` as one, unless they are the key of what follows."""
        joined = "".join(self._strings)
        self._strings = []
        if token == ":":
            self._word = joined
            self._label = joined if self._depth == 0 else ""
        else:
            yield Found(self._name, self._label, self._line(self._first), joined)

    def _note(self, kind: str | None, token: str, at: int) -> None:
        """Remember names that values are given, and how deep the brackets are."""
        self._tokens += 1
        if self._tokens > MAX_TOKENS:
            raise self._text.error(self._line(at), f"more than {MAX_TOKENS} words and signs that are no maze")
        if kind == "name":
            self._word = token
        elif token == ":":
            self._name = self._word
            self._annotated = self._word if self._depth == 0 else ""
        elif token == "=":
            self._name = self._annotated or self._word
            self._annotated = ""
        elif token in "[({":
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise self._text.error(self._line(at), f"lists nested more than {MAX_DEPTH} deep are no maze")
        elif token in "])}":
            self._depth = max(0, self._depth - 1)
        elif token in "\"'":
            raise self._text.error(self._line(at), "a string begins here and does not end")

    def _begins_value(self) -> bool:
        return not (self._before[:1].isalnum() or self._before[:1] in "_])\"'") or self._before == "return"

    def _rows(self, start: int) -> tuple[list[str], int]:
        """The rows of the table whose `[` lies at `start`, and where it ends."""
        rows = []
        at = _skip(_BETWEEN, self._content, start + 1)
        while not self._content.startswith("]", at):
            row = _ROW.match(self._content, at)
            if row is None:
                raise self._bad_row(at)
            rows.append(_letters(row[0]))
            at = _skip(_BETWEEN_ROWS, self._content, row.end())
        return rows, at + 1

    def _bad_row(self, at: int) -> LayoutError:
        """What is wrong with a row, by its first token that is no cell."""
        expected = "expected 0, 1, 'r', 'g' or 'c'"
        if at >= len(self._content):
            return self._text.error(len(self._text.lines) - 1, "the file ends within a list, expected ']'")
        if self._content[at] != "[":
            return self._text.error(self._line(at), f"expected a row '[...]', found {self._shown(at)!r}")
        at = _skip(_BETWEEN, self._content, at + 1)
        while (cell := _CELL.match(self._content, at)) is not None:
            at = _skip(_BETWEEN, self._content, cell.end())
            if not self._content.startswith(",", at):
                expected = "expected ',' or ']'"
                break
            at = _skip(_BETWEEN, self._content, at + 1)
        if at >= len(self._content):
            return self._text.error(len(self._text.lines) - 1, "the file ends within a row, expected ']'")
        return self._text.error(self._line(at), f"{expected}, found {self._shown(at)!r}")

    def _shown(self, at: int) -> str:
        return self._content[at : at + 20].split("\n")[0].split(",")[0]

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1


def scan(text: SourceText) -> Iterator[Found]:
    """The tables of maze cells and the strings in a text, with the names that they are given.

    Raises:
        LayoutError: naming the line where a table goes wrong, lists are nested too deep or there is too much else.
    """
    return _Scan(text).found()


def has_table(text: SourceText) -> bool:
    """Whether a list of lists of maze cells begins anywhere in the text."""
    return any("[" in line for line in text.lines) and _TABLE_SEEN.search("\n".join(text.lines)) is not None


def _skip(pattern: re.Pattern[str], content: str, at: int) -> int:
    match = pattern.match(content, at)
    return at if match is None else match.end()


def _letters(row: str) -> str:
    """The cells of a matched row, one character each."""
    if "#" in row:
        row = _COMMENT.sub("", row)
    for name, letter in (("RESET", "r"), ("GOAL", "g"), ("COMBINED", "c"), ("R", "r"), ("G", "g"), ("C", "c")):
        if name in row:
            row = row.replace(name, letter)
    return row.translate(_NOT_CELLS)


def _unquoted(token: str) -> str:
    """The text of a string literal."""
    quote = min(at for at in (token.find('"'), token.find("'")) if at >= 0)
    prefix, body = token[:quote], token[quote:]
    marks = 3 if body[:3] in ('"""', "'''") and len(body) >= 6 else 1
    body = body[marks:-marks]
    return body if "r" in prefix.lower() or "\\" not in body else _ESCAPE.sub(_character, body)


def _character(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)
