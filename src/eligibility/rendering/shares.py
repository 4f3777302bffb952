"""How many rows come out how, as one bar of shares for each rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from eligibility.rendering.blocks import TONES
from eligibility.rendering.elements import Child, Element, element
from eligibility.report_model import StatusName

STATUSES: Final[tuple[StatusName, ...]] = (
    "eligible",
    "subject_to_judgement",
    "undetermined",
    "not_eligible",
    "not_available",
    "not_applicable",
)
_WIDTH: Final = 1000
_HEIGHT: Final = 16
_FAINT: Final = ("not_available", "not_applicable")  # drawn as the ground of the bar, so that they do not look like refusals


def percent(rows: int, of: int) -> str:
    """A share in percent with one decimal; what is not exactly nothing or everything is never rounded to it.

    >>> percent(1, 3), percent(0, 3), percent(3, 3), percent(1, 100_000), percent(99_999, 100_000), percent(0, 0)
    ('33.3%', '0%', '100%', '<0.1%', '>99.9%', '0%')
    """
    if rows == 0 or of == 0:
        return "0%"
    if rows == of:
        return "100%"
    tenths = round(Fraction(rows * 1000, of))
    if tenths in (0, 1000):
        return "<0.1%" if tenths == 0 else ">99.9%"
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth}%" if tenth else f"{whole}%"


def words(status: str) -> str:
    """A status in words."""
    return status.replace("_", " ")


def shares_bar(counts: Mapping[StatusName, int]) -> Element:
    """The rows of each status as the parts of one bar, which also says them in words."""
    total = sum(counts.values())
    parts: list[Child] = [element("rect", class_="track", width=str(_WIDTH), height=str(_HEIGHT))]
    start = 0
    for status in STATUSES:
        rows = counts.get(status, 0)
        end = start + rows
        left, right = (_WIDTH * place // max(1, total) for place in (start, end))
        if right > left and status not in _FAINT:
            tone = TONES[status]
            parts.append(element("rect", class_=tone, x=str(left), width=str(right - left), height=str(_HEIGHT)))
        start = end
    said = ", ".join(f"{percent(counts[each], total)} {words(each)}" for each in STATUSES if counts.get(each))
    return element(
        "svg",
        *parts,
        class_="bar shares",
        role="img",
        aria_label=said or "no rows",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        preserveAspectRatio="none",
    )


def shares_chart(caption: str, rows: Sequence[tuple[str, Sequence[tuple[str, Mapping[StatusName, int]]]]]) -> Element:
    """A chart: titles, each with one or more named bars below it, and a legend."""
    entries: list[Child] = []
    for title, bars in rows:
        named = [
            element("div", element("span", name, class_="dim"), " ", shares_bar(counts), class_="lane") for name, counts in bars
        ]
        entries.append(element("div", element("div", title), *named, class_="shares"))
    legend = [
        element("span", element("span", "\N{BLACK SQUARE}", aria_hidden="true"), f" {words(status)} ", class_=f"status {tone}")
        for status in STATUSES
        if (tone := TONES[status]) and status not in _FAINT
    ]
    rest = element("span", "\N{WHITE SQUARE} not available or not applicable", class_="dim")
    legend_line = element("p", *legend, rest, class_="legend")
    return element("section", element("h2", caption), legend_line, *entries)
