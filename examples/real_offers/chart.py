"""Shares as bars: a drawing with a bar for each year of each country, readable without colour and aloud."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 760
LEFT: Final = 64  # where bars begin
SCALE: Final = 6  # of a percent
HEIGHT, GAP, TITLE = 20, 4, 30
FILLS: Final = ("#1b6e4b", "url(#open)", "#b9471f")
INKS: Final = ("#ffffff", "#1a1a1a", "#ffffff")
NARROW: Final = 7  # percent that a number needs
STYLE: Final = (
    "text{font:14px system-ui,sans-serif;fill:#1a1a1a}.title{font-weight:600}"
    ".year{text-anchor:end}.share{text-anchor:middle;font-size:13px}"
)
PATTERN: Final = (
    '<pattern id="open" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="#e4e4e4"/><rect width="2" height="8" fill="#b5b5b5"/></pattern>'
)


def drawing(bars: Sequence[tuple[str, str, Sequence[int]]], answers: Sequence[str]) -> str:
    """An SVG of bars, each with its group, its name and the percent of each answer."""
    parts: list[str] = []
    top = 50
    for group, members in groupby(bars, lambda bar: bar[0]):
        top += TITLE
        parts.append(f'<text class="title" x="{LEFT}" y="{top - 8}">{escape(group)}</text>')
        for _, name, percents in members:
            parts += _bar(top, name, percents, answers)
            top += HEIGHT + GAP
    title = "Shares of real offers that reach the pay the law asks for, by country and year of law"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 12}" role="img" aria-labelledby="title">'
        f'<title id="title">{title}</title><style>{STYLE}</style><defs>{PATTERN}</defs>'
        f'<rect width="{WIDTH}" height="{top + 12}" fill="#ffffff"/>{_legend(answers)}{"".join(parts)}</svg>\n'
    )


def _legend(answers: Sequence[str]) -> str:
    parts = []
    for place, (answer, fill) in enumerate(zip(answers, FILLS, strict=True)):
        left = LEFT + place * 150
        parts.append(
            f'<rect x="{left}" y="18" width="16" height="16" fill="{fill}"/><text x="{left + 24}" y="31">{answer}</text>'
        )
    return "".join(parts)


def _bar(top: int, name: str, percents: Sequence[int], answers: Sequence[str]) -> list[str]:
    middle = top + 15
    said = ", ".join(f"{percent} % {answer}" for percent, answer in zip(percents, answers, strict=True))
    parts = [f"<g><title>{name}: {said}</title>", f'<text class="year" x="{LEFT - 8}" y="{middle}">{name}</text>']
    left = LEFT
    for percent, fill, ink in zip(percents, FILLS, INKS, strict=True):
        width = percent * SCALE
        if width:
            parts.append(f'<rect x="{left}" y="{top}" width="{width}" height="{HEIGHT}" fill="{fill}" stroke="#ffffff"/>')
        if percent >= NARROW:
            at = left + width // 2
            if fill.startswith("url"):
                parts.append(
                    f'<rect x="{at - 24}" y="{top + 2}" width="48" height="{HEIGHT - 4}" fill="#ffffff" opacity="0.85"/>'
                )
            parts.append(f'<text class="share" x="{at}" y="{middle}" style="fill:{ink}">{percent} %</text>')
        left += width
    return [*parts, "</g>"]
