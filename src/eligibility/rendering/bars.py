"""Margins as bars: how much was found, beside a line at what is required."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from pydantic import JsonValue

from eligibility.rendering.elements import Element, element
from eligibility.report_model import ExplanationNode

_WIDTH: Final = 120
_LINE: Final = Fraction(2, 3)  # where the line stands in each bar, so that bars one below the other can be compared


def margin_bar(node: ExplanationNode) -> Element | None:
    """The margin of a node as a bar; None where there is none, or where it is no share of anything, as for dates."""
    share = _share(node)
    if share is None:
        return None
    found, line = min(share * _LINE, Fraction(1)), int(_WIDTH * _LINE)
    return element(
        "svg",
        element("rect", class_="track", width=str(_WIDTH), height="10", y="3"),
        element("rect", class_=node.status or "dim", width=str(int(found * _WIDTH)), height="10", y="3"),
        element("rect", class_="line", x=str(line - 1), width="3", height="16"),
        class_="bar",
        role="img",
        aria_label=f"found: {_percent(share)} of what the rule names",
        viewBox=f"0 0 {_WIDTH} 16",
    )


def _share(node: ExplanationNode) -> Fraction | None:
    """What was found as a share of what is required."""
    if node.margin is None:
        return None
    if node.margin.share is not None:
        return max(Fraction(node.margin.share) + 1, Fraction(0))
    observed, required = (_number(None if side is None else side.value) for side in (node.observed, node.required))
    return observed / required if observed is not None and required is not None and observed >= 0 and required > 0 else None


def _number(value: JsonValue) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        return None


def _percent(share: Fraction) -> str:
    """A share in percent; what is not exactly the whole is never rounded to it.

    >>> [_percent(Fraction(*each)) for each in [(1, 3), (1, 1), (9999, 10000), (10001, 10000), (30, 1)]]
    ['33.3%', '100%', 'just under 100%', 'just over 100%', 'more than 1,000%']
    """
    if share > 10:
        return "more than 1,000%"
    tenths = round(share * 1000)
    if tenths == 1000 and share != 1:
        return f"just {'under' if share < 1 else 'over'} 100%"
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth}%" if tenth else f"{whole}%"
