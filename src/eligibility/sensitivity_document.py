"""Sensitivities as JSON and as text. `SensitivityDocument.model_json_schema()` is the JSON Schema; written as reports are."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Final, Literal

from pydantic import Field, JsonValue

from eligibility.datatypes import Value
from eligibility.english import be, counted, the
from eligibility.formatting import as_json, exact_text, percent, show
from eligibility.report_model import ExactNumber, Part, StatusName
from eligibility.rulebook import FactDeclaration, RuleBook
from eligibility.sensitivity import ConditionMargin, Edge, Leeway, Sensitivity

SCHEMA_VERSION: Final = 1
_YEAR: Final = 365


class EdgePart(Part):
    """Where an outcome changes."""

    last: JsonValue = Field(description="the last value with which the outcome stays")
    next: JsonValue = Field(description="the value one unit further, with which it does not")
    status: StatusName | None = Field(None, description="how the pathway then comes out; absent: the profile contradicts itself")
    exact: bool = Field(description="false: the outcome stays at least to `last`, and nothing is known of what comes after")


class LeewayPart(Part):
    """How far one stated fact can move alone."""

    fact: str = Field(description="place in the profile")
    label: str
    value: JsonValue
    low: EdgePart | None = Field(None, description="absent where less changes nothing")
    high: EdgePart | None = Field(None, description="absent where more changes nothing")
    spare: ExactNumber = Field(description="way to the last value of the nearer edge: share of the value, of days of a year")
    words: str


class MarginPart(Part):
    """How clearly one condition that decides is met or not."""

    id: str = Field(description="path of the condition in the explanation")
    sentence: str
    margin: str
    closeness: ExactNumber = Field(description="the margin as a share of what is required, of days as a share of a year")


class SensitivityPart(Part):
    """How safe the outcome of one pathway is; the closest facts and conditions first."""

    id: str
    title: str
    status: StatusName
    facts: list[LeewayPart]
    conditions: list[MarginPart]


class SensitivityDocument(Part):
    """How safe the settled outcomes of a profile are."""

    schema_version: Literal[1]
    as_of: date
    pathways: list[SensitivityPart]


def sensitivity_document(found: Iterable[Sensitivity], as_of: date, book: RuleBook) -> SensitivityDocument:
    """Sensitivities as a document."""
    pathways = [_pathway(each, book) for each in found]
    return SensitivityDocument(schema_version=SCHEMA_VERSION, as_of=as_of, pathways=pathways)


def _pathway(each: Sensitivity, book: RuleBook) -> SensitivityPart:
    return SensitivityPart(
        id=each.outcome.id,
        title=each.outcome.title,
        status=each.outcome.status.value,
        facts=[_leeway(leeway, book) for leeway in each.leeways],
        conditions=[_margin(margin) for margin in each.margins],
    )


def _margin(each: ConditionMargin) -> MarginPart:
    margin = each.node.margin
    words = "" if margin is None else margin.words
    return MarginPart(id=each.node.id, sentence=each.node.sentence, margin=words, closeness=_exact(each.closeness))


def _leeway(each: Leeway, book: RuleBook) -> LeewayPart:
    return LeewayPart(
        fact=each.fact,
        label=each.declaration.label,
        value=_data(each.value, each.declaration),
        low=None if each.low is None else _edge(each.low, each.declaration),
        high=None if each.high is None else _edge(each.high, each.declaration),
        spare=_exact(each.spare),
        words=words(each, book),
    )


def _edge(edge: Edge, declared: FactDeclaration) -> EdgePart:
    return EdgePart(
        last=_data(edge.last, declared),
        next=_data(edge.next, declared),
        status=None if edge.status is None else edge.status.value,
        exact=edge.exact,
    )


def _data(value: Value, declared: FactDeclaration) -> JsonValue:
    """A value as a profile states it."""
    if isinstance(value, int | Fraction) and declared.unit == "percent":
        value = value * 100
    found: JsonValue = as_json(value, declared.type)  # type: ignore[assignment]  # plain JSON data
    return found


def _exact(number: Fraction) -> ExactNumber:
    return number.numerator if number.denominator == 1 else exact_text(number)


def words(each: Leeway, book: RuleBook) -> str:
    """How far a fact can move, in one sentence without its end."""
    declared = each.declaration
    is_day = isinstance(each.value, date)
    below, above = ("earlier", "later") if is_day else ("below", "above")
    value = show(each.value, declared.type, book, declared.unit)
    known = [edge for edge in (each.low, each.high) if edge is not None]
    last = [show(edge.last, declared.type, book, declared.unit) for edge in known]
    if len(known) == 2:
        stays = f"from {last[0]} to {last[1]}"
    elif each.low is not None:
        stays = f"from {last[0]} on" if is_day else f"down to {last[0]}"
    else:
        stays = f"up to {last[0]}"
    ends = [f"{side} {_after(edge)}" for edge, side in ((each.low, below), (each.high, above)) if edge is not None]
    noun = the(declared.label)
    return f"{noun} {be(declared.label)} {value} ({_way(each)} to spare): the outcome stays {stays}; {', '.join(ends)}"


def _after(edge: Edge) -> str:
    if not edge.exact:
        return "nothing is known"
    return "the profile contradicts itself" if edge.status is None else edge.status.value.replace("_", " ")


def _way(each: Leeway) -> str:
    if isinstance(each.value, date):
        return counted(int(each.spare * _YEAR), "day")
    return percent(each.spare)


def sensitivity_text(found: SensitivityDocument, *, width: int = 100) -> str:
    """The document as text whose lines are no wider than `width` where words allow it."""
    if not found.pathways:
        return "No pathway that concerns the case is settled.\n"
    return "\n".join("".join(f"{line}\n" for line in _lines(each, found.as_of, width)) for each in found.pathways)


def _lines(pathway: SensitivityPart, as_of: date, width: int) -> Iterator[str]:
    status = pathway.status.replace("_", " ")
    yield from _wrapped(f"{pathway.title} ({pathway.id}): {status} on {as_of.isoformat()}", "", width)
    for number, each in enumerate(pathway.facts, 1):
        yield from _wrapped(f"{number:>3}. {each.words}", "", width)
    if not pathway.facts:
        yield "     no stated number or day, alone, changes this"
    for margin in pathway.conditions:
        yield from _wrapped(f"{margin.id}: {margin.margin}", "     ", width)


def _wrapped(text: str, indent: str, width: int) -> Iterable[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}     ",
        break_long_words=False,
        break_on_hyphens=False,
    )


__all__ = ["SensitivityDocument", "sensitivity_document", "sensitivity_text", "words"]
