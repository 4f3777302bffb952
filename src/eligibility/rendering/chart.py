"""Lanes of days as a drawing: each stretch has a colour, a pattern and a mark, so that none of them is needed alone.

Places are shares of the width, sizes are fixed: a drawing is as wide as the screen, and its letters stay as large as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final
from urllib.parse import quote

from eligibility.rendering.blocks import MARKS, Chart, Lane, Stretch, Tone
from eligibility.rendering.elements import Child, Element, element

_PERCENT: Final = 100  # places and widths are counted in hundredths of it
_WHOLE: Final = 100 * _PERCENT
_HEIGHT: Final = 26  # of a lane
_ROW: Final = 20  # of the line of text below it
_BADGE: Final = 20  # width of a mark
_NARROW: Final = 7 * _PERCENT  # what a mark needs on a phone
_WIDE: Final = 5 * _PERCENT // 2  # and on a desktop
_DATE_NARROW: Final = 28 * _PERCENT  # what a date needs on a phone
_DATE_WIDE: Final = 10 * _PERCENT
_TICKS: Final = 6  # at most
_TICK_ENDS: Final = 84 * _PERCENT  # where a tick is too close to the end for its label
_STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 240)  # months between ticks
_YEAR: Final = 12  # months
_MONTH: Final = 31  # days, at most
_DAY: Final = timedelta(days=1)


def chart_drawing(chart: Chart) -> list[Child]:
    """The lanes of a chart below each other between two axes, and what their marks mean."""
    first, last = chart.lanes[0].stretches[0].first, chart.lanes[0].stretches[-1].last
    scale = _Scale(first, last)
    lanes = [_lane(lane, chart.doubt, scale) for lane in chart.lanes]
    return [_patterns(), _legend(chart), element("div", _axis(scale), *lanes, _axis(scale), class_="lanes")]


class _Scale:
    """Days as places on the width of a drawing."""

    def __init__(self, first: date, last: date) -> None:
        self.first = first
        self.last = last
        self.days = (last - first).days + 1

    def at(self, day: date) -> int:
        """Where a day begins, in ten-thousandths of the width."""
        return (day - self.first).days * _WHOLE // self.days

    def ticks(self) -> Iterator[tuple[date, str]]:
        """Beginnings of months or years, few enough for a phone, and how they are called."""
        months = -(-self.days // _MONTH)
        step = next((step for step in _STEPS if months <= step * (_TICKS - 1)), _STEPS[-1])
        first = self.first.year * _YEAR // step * step
        for month in range(first, (self.last.year + 1) * _YEAR, step):
            day = date(month // _YEAR, month % _YEAR + 1, 1)
            if self.first <= day <= self.last:
                yield day, f"{day.year}" if step >= _YEAR else f"{day:%Y-%m}"


def _place(share: int) -> str:
    return f"{share // _PERCENT}.{share % _PERCENT:02}%"


def _axis(scale: _Scale) -> Element:
    """The months or years; for eyes only, as every stretch says its days."""
    parts: list[Child] = []
    for day, label in scale.ticks():
        at = scale.at(day)
        parts.append(element("rect", class_="tick", x=_place(at), width="1", height=str(_ROW)))
        if at <= _TICK_ENDS:
            parts.append(element("text", label, class_="axis", x=_place(at), dx="4", y="14"))
    if not parts:
        parts = [element("text", f"{scale.first} to {scale.last}", class_="axis", x="0", y="14")]
    return element("svg", *parts, width="100%", height=str(_ROW), aria_hidden="true")


def _lane(lane: Lane, doubt: str, scale: _Scale) -> Element:
    name: Child = lane.name if lane.leads_to is None else element("a", lane.name, href=f"#{quote(lane.leads_to)}")
    told = "; ".join(f"{each.days}: {each.words}" for each in lane.stretches)
    if lane.doubtful_from is not None:
        told = f"{told}; from {lane.doubtful_from} on: {doubt}"
    drawing = element(
        "svg",
        element("title", lane.name),
        element("desc", told),
        *(_stretch(each, lane, scale) for each in lane.stretches),
        *_doubt(lane, scale),
        *_dates(lane, scale),
        class_="lane",
        role="group",
        width="100%",
        height=str(_HEIGHT + _ROW),
    )
    return element("div", element("p", name, class_="lane-name"), drawing)


def _stretch(stretch: Stretch, lane: Lane, scale: _Scale) -> Element:
    start, end = scale.at(stretch.first), scale.at(stretch.last + _DAY)
    tone, width = stretch.tone or "dim", _place(max(end - start, 1))
    more = f"; {stretch.more}" if stretch.more else ""
    parts: list[Child] = [
        element("title", f"{stretch.days}: {stretch.words}{more}"),
        element("rect", class_=f"ground {tone}", x=_place(start), width=width, height=str(_HEIGHT)),
    ]
    if tone in _PATTERNS:
        parts.append(element("rect", fill=f"url(#pattern-{tone})", x=_place(start), width=width, height=str(_HEIGHT)))
    if end - start >= _WIDE:
        kind = "badge" if end - start >= _NARROW else "badge wide"
        parts.append(element("svg", *_badge(stretch.tone), class_=kind, x=_place(start), overflow="visible"))
    if stretch.first != scale.first:
        parts.append(element("rect", class_="flip", x=_place(start), width="2", height=str(_HEIGHT)))
    parts.append(element("text", f"{stretch.days}: {stretch.words}", class_="tip", y=str(_HEIGHT + _ROW - 2), aria_hidden="true"))
    if lane.leads_to is None:
        return element("g", *parts, class_="stretch", role="img")
    return element("a", *parts, class_="stretch", href=f"#{quote(lane.leads_to)}")


def _badge(tone: Tone) -> list[Child]:
    return [
        element("rect", class_=f"ground {tone or 'dim'}", width=str(_BADGE + 2), height=str(_HEIGHT)),
        element("text", MARKS.get(tone, ""), class_="letter", x=str(_BADGE // 2 + 1), y="18", aria_hidden="true"),
    ]


def _doubt(lane: Lane, scale: _Scale) -> Iterator[Element]:
    """A line under the days that are not certain."""
    if lane.doubtful_from is not None:
        at = scale.at(lane.doubtful_from)
        yield element("rect", class_="doubt", x=_place(at), width=_place(_WHOLE - at), y=str(_HEIGHT + 2), height="2")


def _dates(lane: Lane, scale: _Scale) -> Iterator[Element]:
    """The days of the flips; where two are too close for a phone, or for any screen, the later is left to the list below."""
    flips = [each.first for each in lane.stretches if each.first != scale.first]
    narrow: list[int] = []
    for day in flips:
        at = scale.at(day)
        if all(abs(at - other) >= _DATE_NARROW for other in narrow):
            narrow.append(at)
    shown = list(narrow)
    for day in flips:
        at = scale.at(day)
        if at not in shown and all(abs(at - other) >= _DATE_WIDE for other in shown):
            shown.append(at)
    for day in flips:
        at = scale.at(day)
        if at in shown:
            shown.remove(at)
            edge = "start" if at < _DATE_NARROW // 2 else "end" if at > _WHOLE - _DATE_NARROW // 2 else "middle"
            kind = f"date {edge}" if at in narrow else f"date {edge} wide"
            yield element("text", str(day), class_=kind, x=_place(at), y=str(_HEIGHT + _ROW - 2), aria_hidden="true")


# what stands for what

_PATTERNS: Final[dict[Tone, tuple[tuple[int, int, int, int], ...]]] = {
    "judgement": ((0, 0, 3, 10),),
    "unknown": ((1, 1, 3, 3), (6, 6, 3, 3)),
    "not_met": ((0, 0, 2, 10), (0, 0, 10, 2)),
    "not_applicable": ((0, 0, 10, 6),),
}
_TURNED: Final = ("judgement", "not_met")


def _patterns() -> Element:
    """The patterns by tone, made of rectangles x, y, width and height in a square of 10."""
    found = [
        element(
            "pattern",
            *(element("rect", class_="hatch", x=str(x), y=str(y), width=str(w), height=str(h)) for x, y, w, h in parts),
            id=f"pattern-{tone}",
            width="10",
            height="10",
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)" if tone in _TURNED else None,
        )
        for tone, parts in _PATTERNS.items()
    ]
    return element("svg", *found, class_="patterns", width="0", height="0", aria_hidden="true")


def _legend(chart: Chart) -> Element:
    """What each look stands for, of those that are there."""
    words: dict[Tone, list[str]] = {}
    for stretch in (each for lane in chart.lanes for each in lane.stretches):
        if stretch.words not in words.setdefault(stretch.tone, []):
            words[stretch.tone].append(stretch.words)
    entries = []
    for tone in (tone for tone in MARKS if tone in words):
        parts: list[Child] = [element("rect", class_=f"ground {tone}", width="48", height=str(_HEIGHT))]
        if tone in _PATTERNS:
            parts.append(element("rect", fill=f"url(#pattern-{tone})", width="48", height=str(_HEIGHT)))
        drawing = element("svg", *parts, *_badge(tone), width="48", height=str(_HEIGHT), aria_hidden="true")
        entries.append(element("li", drawing, f" {' or '.join(words[tone])}"))
    if any(lane.doubtful_from is not None for lane in chart.lanes):
        line = element("rect", class_="doubt", y="12", width="48", height="2")
        drawing = element("svg", line, width="48", height=str(_HEIGHT), aria_hidden="true")
        entries.append(element("li", drawing, f" {chart.doubt}"))
    return element("ul", *entries, class_="legend")
