"""Points against a pass mark, in words: what is sure, what is possible, what a human may grant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from eligibility.compiler import CompiledCondition
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Number, NumberType, Unknown, Value
from eligibility.explaining.margins import margin_of
from eligibility.explaining.phrases import Phrases
from eligibility.explaining.sentences import source
from eligibility.explanation import Explanation, Margin, Side
from eligibility.formatting import plain_number


@dataclass(frozen=True, slots=True)
class Summary:
    """The sum of some points against the pass mark."""

    sentence: str
    observed: Side
    required: Side
    margin: Margin | None
    since: date | None


def points_summary(phrases: Phrases, condition: CompiledCondition) -> Summary:
    """How the points of the rows stand against the pass mark."""
    sure = _sum(phrases, [row for row in condition.children if _truth(phrases, row) is MET])
    possible = [
        row
        for row in condition.children
        if _truth(phrases, row) is UNKNOWN_TRUTH or (_truth(phrases, row) is MET and _award(phrases, row) is None)
    ]
    judged = _sum(phrases, [row for row in condition.children if _truth(phrases, row) is JUDGEMENT])
    mark = condition.condition.pass_mark
    node = mark if mark is not None else None
    value: Value = 0 if condition.pass_mark is None else phrases.findings.value(condition.pass_mark)
    law = None if node is None else phrases.law(node)
    parts = [f"{_points(sure)} {'is' if sure == 1 else 'are'} sure"]
    parts += [f"{len(possible)} more {'row' if len(possible) == 1 else 'rows'} may count"] if possible else []
    parts += [f"{_points(judged)} {'is' if judged == 1 else 'are'} for a human to judge"] if judged else []
    known = not isinstance(value, Unknown)
    margin = margin_of(">=", sure, value, NumberType(), None, None, phrases.book) if known else None
    shown = plain_number(cast(Number, value)) if known else "not known"
    tail = f": {margin.words}" if margin is not None else ""
    return Summary(
        f"{', '.join(parts)}; the pass mark is {shown}{source(law)}{tail}.",
        Side("points", sure, NumberType(), _points(sure)),
        Side("pass mark", value, NumberType(), shown),
        margin,
        None if law is None else law.since,
    )


def row_sentence(phrases: Phrases, row: CompiledCondition, node: Explanation) -> str:
    """What a row of points gives, or could give, and why."""
    award = _award(phrases, row)
    worth = "points that are not known yet" if award is None else _points(award)
    given = {"met": capital_first(worth), "not_met": f"None of {worth}"}.get(node.status or "", f"Perhaps {worth}")
    return f"{given}." if row.condition.node is None else f"{given}: {node.sentence}"


def capital_first(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]


def _truth(phrases: Phrases, row: CompiledCondition) -> object:
    return phrases.findings.truth(row.effective)


def _award(phrases: Phrases, row: CompiledCondition) -> Number | None:
    value = UNKNOWN_TRUTH if row.award is None else phrases.findings.value(row.award)
    return (
        cast(Number, value) if isinstance(value, int) or (not isinstance(value, Unknown) and value is not UNKNOWN_TRUTH) else None
    )


def _sum(phrases: Phrases, rows: list[CompiledCondition]) -> Number:
    return sum((award for row in rows if (award := _award(phrases, row)) is not None), start=cast(Number, 0))


def _points(number: Number) -> str:
    return f"{plain_number(number)} {'point' if number == 1 else 'points'}"


__all__ = ["NOT_MET", "Summary", "points_summary", "row_sentence"]
