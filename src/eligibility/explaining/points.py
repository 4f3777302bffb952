"""Points against a pass mark, in words: what is sure, what is possible, what a human may grant; and what each row gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Final

from eligibility.compiler import CompiledCondition
from eligibility.datatypes import JUDGEMENT, MET, UNKNOWN_TRUTH, Number, NumberType, Truth, Unknown, Value
from eligibility.english import capital
from eligibility.explaining.calculations import calculations
from eligibility.explaining.gaps import gaps_of
from eligibility.explaining.margins import margin_of
from eligibility.explaining.phrases import Phrases
from eligibility.explanation import Explanation, Margin, Side
from eligibility.findings import OUTSIDE

_BARE: Final = NumberType()


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
    judged = _sum(phrases, [row for row in condition.children if _truth(phrases, row) is JUDGEMENT])
    possible = [row for row in condition.children if _is_open(phrases, row)]
    value: Value = 0 if condition.pass_mark is None else phrases.findings.value(condition.pass_mark)
    law = None if condition.condition.pass_mark is None else phrases.law(condition.condition.pass_mark)
    say = phrases.say
    parts = [say("points.sure", points=_points(phrases, sure), count=sure)]
    parts += [_possible(phrases, possible)] if possible else []
    parts += [say("points.judged", count=judged)] if judged else []
    margin, shown, tail = None, say("value.unknown"), ""
    if isinstance(value, int | Fraction):
        margin, shown = margin_of(">=", sure, value, _BARE, None, None, phrases.book), phrases.language.number(value)
        tail = say("test.margin", margin=margin.words) if margin is not None and not possible and not judged else ""
    return Summary(
        say("points.summary", parts=", ".join(parts), mark=shown, source=phrases.source(law), margin=tail),
        Side(say("points.name"), sure, _BARE, _points(phrases, sure)),
        Side(say("points.mark"), value, _BARE, shown),
        margin,
        None if law is None else law.since,
    )


def with_points(phrases: Phrases, row: CompiledCondition, node: Explanation) -> Explanation:
    """The explanation of a row's condition, with what the row gives or could give; a row that gives nothing is not met."""
    award = _award(phrases, row)
    if award is None:
        given = phrases.say("points.not_known")
    elif node.status in ("unknown", "judgement"):
        given = phrases.say("points.perhaps", points=_points(phrases, award))
    elif node.status == "not_met" and award:
        given = phrases.say("points.none_of", points=_points(phrases, award))
    else:
        given = capital(_points(phrases, award))
    sentence = f"{given}." if row.condition.node is None else phrases.say("word.with", before=given, after=node.sentence)
    if node.status == "met" and award is None:
        node = replace(node, status="unknown")
    elif node.status == "met" and award == 0:
        node = replace(node, status="not_met")
    if row.condition.award is None or row.award is None or node.status == "not_applicable":
        return replace(node, sentence=sentence)
    worked = [
        value
        for value in calculations(phrases, node.id, (row.condition.award,), OUTSIDE, decides=node.decides)
        if value.children or " = " in value.sentence or "; " in value.sentence  # else it only says the points again
    ]
    missing = gaps_of(phrases.findings.missing(row.award) | phrases.findings.missing(row.effective), phrases.book)
    return replace(node, sentence=sentence, missing=missing, children=(*node.children, *worked))


def _truth(phrases: Phrases, row: CompiledCondition) -> Truth:
    return phrases.findings.truth(row.effective)


def _is_open(phrases: Phrases, row: CompiledCondition) -> bool:
    truth = _truth(phrases, row)
    return truth is UNKNOWN_TRUTH or (truth is MET and _award(phrases, row) is None)


def _award(phrases: Phrases, row: CompiledCondition) -> Number | None:
    """The points of a row; None where they are not known."""
    value: Value = Unknown() if row.award is None else phrases.findings.value(row.award)
    return value if isinstance(value, int | Fraction) else None


def _sum(phrases: Phrases, rows: Sequence[CompiledCondition]) -> Number:
    total: Number = 0
    for row in rows:
        total += _award(phrases, row) or 0
    return total


def _possible(phrases: Phrases, rows: Sequence[CompiledCondition]) -> str:
    """What the open rows may add: a number where each has a limit."""
    limits = [row.condition.most if (award := _award(phrases, row)) is None else award for row in rows]
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits):
        return phrases.say("points.rows", count=len(rows))
    total: Number = 0
    for limit in known:
        total += limit
    return phrases.say("points.possible", count=total)


def _points(phrases: Phrases, number: Number) -> str:
    return phrases.say("unit.points", number=number, count=number)
