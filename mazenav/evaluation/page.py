"""The frame of a self-contained HTML page: style, headings, pictures inlined as data; everything escaped."""

from __future__ import annotations

import base64
from html import escape

STYLE = """
:root { color-scheme: light dark; --paper: #fcfbf8; --card: #ffffff; --ink: #262b38; --faint: #666d7f; --line: #e5e1d8;
  --good: #1b7f52; --bad: #c8323c; --accent: #426cd6; --soft: #eef1fa; }
@media (prefers-color-scheme: dark) { :root { --paper: #15171e; --card: #1d2029; --ink: #e8e6e1; --faint: #9aa1b3;
  --line: #323744; --good: #4cc38a; --bad: #ff7b82; --accent: #8fabff; --soft: #252a38; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 2rem 1.1rem 4rem; }
h1 { font-size: clamp(1.5rem, 4.5vw, 2.3rem); line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em;
  overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.8rem 0 .3rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .6rem; }
p { margin: .3rem 0 .9rem; max-width: 46rem; }
p.lead, .note { color: var(--faint); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem; margin: 1.5rem 0; }
.number { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: .8rem 1rem; }
.number b { display: block; font-size: 1.6rem; line-height: 1.3; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; }
.number span { display: block; font-size: .84rem; color: var(--faint); }
.number.first { background: var(--soft); border-color: transparent; }
.wide { overflow-x: auto; } .wide.few { max-width: 34rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { text-align: right; padding: .45rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; color: var(--faint); font-size: .84rem; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
tr.all td { font-weight: 650; border-bottom: 0; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 2rem; align-items: center; }
@media (max-width: 56rem) { .pair { grid-template-columns: minmax(0, 1fr); gap: .5rem; } }
@media (max-width: 30rem) { th, td { padding: .4rem .35rem; font-size: .85rem; } main { padding-top: 1.2rem; } }
.chart { width: 100%; height: auto; display: block; font-size: 14px; }
.chart text { fill: var(--ink); text-anchor: middle; }
.chart .end { text-anchor: end; } .chart .count, .chart .word { fill: var(--faint); font-size: 12px; }
.chart .word { font-size: 13px; }
.chart .grid { stroke: var(--line); } .chart .oracle { stroke: var(--good); stroke-width: 2; stroke-dasharray: 6 5; }
.chart .curve { fill: none; stroke: var(--accent); stroke-width: 2; opacity: .45; }
.chart .whisker { stroke: var(--accent); stroke-width: 2; }
.chart .dot { fill: var(--accent); stroke: var(--card); stroke-width: 2; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 44vw), 1fr)); gap: .9rem;
  align-items: start; }
.sheet.large { grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); }
figure { margin: 0; } figure img { display: block; width: 100%; height: auto; border-radius: .4rem; }
.episode img { border: 3px solid var(--good); } .episode.failed img { border-color: var(--bad); }
figcaption { font-size: .84rem; color: var(--faint); padding-top: .3rem; overflow-wrap: anywhere; line-height: 1.4; }
figcaption b { color: var(--good); } .failed figcaption b { color: var(--bad); }
.film img { max-width: 46rem; border: 1px solid var(--line); }
pre { background: var(--soft); border-radius: .6rem; padding: .8rem 1rem; overflow-x: auto; font-size: .88rem;
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1.2rem; margin: 0;
  font-size: .95rem; }
dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--faint); margin-top: 1.2rem; }
footer { margin-top: 3rem; color: var(--faint); font-size: .84rem; }
"""


def page(title: str, body: str) -> str:
    """A whole HTML document; `title` is escaped, `body` is HTML already."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def section(title: str, *parts: str, note: str = "") -> str:
    """A heading, a note under it (both escaped) and HTML; nothing at all where there is no HTML."""
    content = "\n".join(part for part in parts if part)
    if not content:
        return ""
    words = f'<p class="note">{escape(note)}</p>' if note else ""
    return f"<section>\n<h2>{escape(title)}</h2>\n{words}\n{content}\n</section>"


def figure(
    data: bytes, kind: str, size: tuple[int, int], alt: str, caption: str, label: str = "", css: str = ""
) -> str:
    """A picture with its caption.

    Args:
        data: the bytes of the picture's file, written into the page.
        kind: `png` or `gif`.
        size: (height, width) in pixels.
        alt: what a person who cannot see it reads.
        caption: text under it.
        label: bold word before the caption.
        css: classes of the figure.
    """
    bold = f"<b>{escape(label)}</b> " if label else ""
    coded = base64.b64encode(data).decode("ascii")
    return (
        f'<figure class="{escape(css)}"><img loading="lazy" width="{size[1]}" height="{size[0]}" alt="{escape(alt)}" '
        f'src="data:image/{kind};base64,{coded}"><figcaption>{bold}{escape(caption)}</figcaption></figure>'
    )


def definitions(rows: list[tuple[str, str]]) -> str:
    """Names and values, both escaped, one pair a line."""
    if not rows:
        return ""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows) + "</dl>"
