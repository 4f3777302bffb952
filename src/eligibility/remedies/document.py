"""The JSON of remedies: one pydantic model a part. `RemediesDocument.model_json_schema()` is its JSON Schema.

Written as reports are: see `report_model`. Values stand as in a profile, shares of a hundred as percentages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Final, Literal, cast

from pydantic import Field, JsonValue

from eligibility.datatypes import MET, Money, Number, Truth, Value
from eligibility.documents import gap_part
from eligibility.english import capital
from eligibility.explaining.gaps import gaps_of
from eligibility.formatting import exact_text
from eligibility.remedies.changes import Advice, Change, Obstacle, Remedy
from eligibility.report_model import GapPart, Part, StatusName
from eligibility.rulebook import FactDeclaration, RuleBook

SCHEMA_VERSION: Final = 1


class ChangePart(Part):
    """One change of a profile."""

    fact: str = Field(description="place in the profile; with [n] the record of a list, new where it is one more than there are")
    label: str
    who: Literal["applicant", "employer", "authority", "time", "nobody"] = Field(description="who can change it")
    before: JsonValue = Field(None, description="the value that is stated; absent where there is none")
    after: JsonValue = Field(description="the value it must have")
    others: list[JsonValue] = Field(
        description="further values that would do as well; of a record that is added they stand in `words`"
    )
    words: str


class RemedyPart(Part):
    """Changes that together let the pathway no longer fail."""

    changes: list[ChangePart]
    status: StatusName = Field(description="how the pathway comes out after them")
    open: list[GapPart] = Field(description="what is then missing")
    withdrawn: list[str] = Field(description="facts of the profile that no longer apply then")


class ObstaclePart(Part):
    """Why there is no remedy."""

    criterion: str | None = Field(None, description="path of the criterion in the way")
    certain: bool = Field(description="true: no change of what may be changed can meet it; false: none was found")
    words: str


class PathwayPart(Part):
    """The remedies of one pathway, best first, or what stands in the way of any."""

    id: str
    title: str
    status: StatusName
    failing: list[str] = Field(description="paths of the criteria that are not met")
    remedies: list[RemedyPart]
    obstacles: list[ObstaclePart]


class RemediesDocument(Part):
    """What would change the outcomes of a profile."""

    schema_version: Literal[1]
    as_of: date
    pathways: list[PathwayPart]


def document(advice: Iterable[Advice], as_of: date, book: RuleBook) -> RemediesDocument:
    """Advice as a document."""
    return RemediesDocument(schema_version=SCHEMA_VERSION, as_of=as_of, pathways=[_pathway(each, book) for each in advice])


def _pathway(advice: Advice, book: RuleBook) -> PathwayPart:
    outcome = advice.outcome
    return PathwayPart(
        id=outcome.id,
        title=outcome.title,
        status=outcome.status.value,
        failing=list(outcome.failing),
        remedies=[_remedy(each, book) for each in advice.remedies],
        obstacles=[_obstacle(each) for each in advice.obstacles],
    )


def _remedy(remedy: Remedy, book: RuleBook) -> RemedyPart:
    gaps = [gap_part(gap) for gap in gaps_of(remedy.open, book)]
    changes = [_change(each, book) for each in remedy.changes]
    return RemedyPart(changes=changes, status=remedy.status.value, open=gaps, withdrawn=list(remedy.withdrawn))


def _change(change: Change, book: RuleBook) -> ChangePart:
    path, _, rest = change.fact.partition("[")
    declared = book.facts[path]
    _, _, field = rest.partition("].")
    inner = declared.fields.get(field, declared)
    return ChangePart(
        fact=change.fact,
        label=change.label,
        who=cast('Literal["applicant", "employer", "authority", "time", "nobody"]', change.who),
        before=None if change.before is None else written(change.before, inner),
        after=written(change.after, inner),
        others=[written(value, inner) for value in change.others],
        words=capital(change.words),
    )


def _obstacle(obstacle: Obstacle) -> ObstaclePart:
    return ObstaclePart(criterion=obstacle.criterion or None, certain=obstacle.certain, words=capital(obstacle.words))


def written(value: Value, declared: FactDeclaration) -> JsonValue:
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


__all__ = ["RemediesDocument", "document", "written"]
