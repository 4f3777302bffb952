"""Margins as bars: how much was found, beside a line at what is required; how far a value can move, beside a line where it is."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from eligibility.datatypes import exact
from eligibility.english import counted
from eligibility.language import ENGLISH, Language
from eligibility.rendering.blocks import Bar, Tone
from eligibility.rendering.elements import Element, element
from eligibility.report_model import ExplanationNode
from eligibility.sensitivity_model import EdgePart, LeewayPart

_WIDTH: Final = 120
_LINE: Final = Fraction(2, 3)  # where the line stands in each bar, so that bars one below the other can be compared
_REACH: Final = Fraction(1, 2)  # as far as a value can be seen to move: half as much again, or half a year
_YEAR: Final = 365


def drawn(bar: Bar) -> Element:
    """A bar as a picture."""
    first, last, line = (int(share * _WIDTH) for share in (bar.low, bar.high, bar.line))
    return element(
        "svg",
        element("rect", class_="track", width=str(_WIDTH), height="10", y="3"),
        element("rect", class_=bar.tone or "dim", x=str(first), width=str(last - first), height="10", y="3"),
        element("rect", class_="line", x=str(line - 1), width="3", height="16"),
        class_="bar",
        role="img",
        aria_label=bar.words,
        viewBox=f"0 0 {_WIDTH} 16",
    )


def margin_bar(node: ExplanationNode, language: Language = ENGLISH) -> Bar | None:
    """The margin of a node as a bar; None where there is none, or where it is no share of anything, as for dates."""
    share = share_of(node)
    return None if share is None else share_bar(share, node.status or "dim", language)


def share_bar(share: Fraction, tone: Tone, language: Language = ENGLISH) -> Bar:
    """What was found as a share of what is required."""
    words = language.say("page.found", share=_percent(share, language))
    return Bar(Fraction(0), min(share * _LINE, Fraction(1)), _LINE, tone, words)


def leeway_bar(leeway: LeewayPart, tone: Tone) -> Bar:
    """How far a stated value can move to both sides of it."""
    middle = Fraction(1, 2)
    below, above = (None if edge is None else min(Fraction(edge.way), _REACH) for edge in (leeway.low, leeway.high))
    low = Fraction(0) if below is None else middle - below / _REACH * middle
    high = Fraction(1) if above is None else middle + above / _REACH * middle
    is_day = leeway.scale == "year"
    sides = ("earlier", "later") if is_day else ("less", "more")
    ways = [_way(edge, is_day=is_day) for edge in (leeway.low, leeway.high)]
    words = f"to spare: {', '.join(f'{way} {side}' for way, side in zip(ways, sides, strict=True))}"
    return Bar(low, high, middle, tone, words)


def _way(edge: EdgePart | None, *, is_day: bool) -> str:
    if edge is None:
        return "any"
    if not is_day:
        return _percent(Fraction(edge.way))
    return counted(int(Fraction(edge.way) * _YEAR), "day")


def share_of(node: ExplanationNode) -> Fraction | None:
    """What was found as a share of what is required."""
    if node.margin is None:
        return None
    if node.margin.share is not None:
        return max(Fraction(node.margin.share) + 1, Fraction(0))
    observed, required = (_number(None if side is None else side.value) for side in (node.observed, node.required))
    return observed / required if observed is not None and required is not None and observed >= 0 and required > 0 else None


def _number(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        return None


def _percent(share: Fraction, language: Language = ENGLISH) -> str:
    """A share in percent; what is not exactly the whole is never rounded to it.

    >>> [_percent(Fraction(*each)) for each in [(1, 3), (1, 1), (9999, 10000), (10001, 10000), (30, 1)]]
    ['33.3%', '100%', 'just under 100%', 'just over 100%', 'more than 1,000%']
    """
    say = language.say
    if share > 10:
        return say("page.more", share=say("value.percent", number=1000))
    tenths = round(share * 1000)
    shown = say("value.percent", number=exact(Decimal(tenths).scaleb(-1)))
    if tenths == 1000 and share != 1:
        return say("page.under" if share < 1 else "page.over", share=shown)
    return shown
