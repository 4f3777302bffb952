"""From live remedies to the document that is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Final, Literal, cast

from eligibility import remedies_model as model
from eligibility.datatypes import MET, Money, Number, Truth, Value
from eligibility.documents import NOTICE, caution_parts, gap_part, oldest_source, pack_parts
from eligibility.english import capital
from eligibility.explaining.gaps import gaps_of
from eligibility.formatting import exact_text
from eligibility.remedies.changes import Advice, Change, Obstacle, Remedy
from eligibility.report_model import SCHEMA_VERSION
from eligibility.rulebook import FactDeclaration, RuleBook

_ENGINE: Final = "reference"  # confirms every remedy


def document(advice: Iterable[Advice], as_of: date, book: RuleBook) -> model.RemediesDocument:
    """Advice as a document."""
    given = list(advice)
    return model.RemediesDocument(
        schema_version=SCHEMA_VERSION,
        as_of=as_of,
        engine=_ENGINE,
        packs=pack_parts(book),
        oldest_source=oldest_source(each.outcome for each in given),
        notice=NOTICE,
        pathways=[_pathway(each, book) for each in given],
    )


def _pathway(advice: Advice, book: RuleBook) -> model.PathwayPart:
    outcome, explanation = advice.outcome, advice.outcome.explanation
    titles = {node.id: node.title for node in explanation.children}
    return model.PathwayPart(
        id=outcome.id,
        title=outcome.title,
        status=outcome.status.value,
        failing=list(outcome.failing),
        not_met=[titles[path] for path in outcome.failing],
        remedies=[_remedy(each, book) for each in advice.remedies],
        obstacles=[_obstacle(each) for each in advice.obstacles],
        cautions=caution_parts(outcome, explanation),
    )


def _remedy(remedy: Remedy, book: RuleBook) -> model.RemedyPart:
    gaps = [gap_part(gap) for gap in gaps_of(remedy.open, book)]
    changes = [_change(each, book) for each in remedy.changes]
    return model.RemedyPart(changes=changes, status=remedy.status.value, open=gaps, withdrawn=list(remedy.withdrawn))


def _change(change: Change, book: RuleBook) -> model.ChangePart:
    path, _, rest = change.fact.partition("[")
    declared = book.facts[path]
    _, _, field = rest.partition("].")
    inner = declared.fields.get(field, declared)
    return model.ChangePart(
        fact=change.fact,
        label=change.label,
        who=cast('Literal["applicant", "employer", "authority", "time", "nobody"]', change.who),
        before=None if change.before is None else written(change.before, inner),
        after=written(change.after, inner),
        others=[written(value, inner) for value in change.others],
        words=capital(change.words),
    )


def _obstacle(obstacle: Obstacle) -> model.ObstaclePart:
    return model.ObstaclePart(criterion=obstacle.criterion or None, certain=obstacle.certain, words=capital(obstacle.words))


def written(value: Value, declared: FactDeclaration) -> object:
    """A value as a profile states it; numbers that are not whole as text."""
    if isinstance(value, Truth):
        return value is MET
    if isinstance(value, Money):
        return {"amount": _number(value.amount), "currency": value.currency, "period": value.period}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Fraction):
        return _number(value * 100 if declared.unit == "percent" else value)
    if isinstance(value, tuple):
        return [written(each, declared) for each in value]
    if isinstance(value, Mapping):
        fields = declared.fields
        return {name: written(each, fields[name]) for name, each in value.items()}
    return str(value)


def _number(number: Number) -> int | str:
    whole = Fraction(number)
    return whole.numerator if whole.denominator == 1 else exact_text(whole)


__all__ = ["document", "written"]
