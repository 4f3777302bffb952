"""From live sensitivities to the document that is printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Final

from eligibility import sensitivity_model as model
from eligibility.datatypes import Value
from eligibility.documents import NOTICE, caution_parts, citation_part, explanation_node, oldest_source, pack_parts
from eligibility.english import be, counted, the
from eligibility.formatting import as_json, exact_text, percent, show
from eligibility.rendering.bars import share_of
from eligibility.report_model import SCHEMA_VERSION, ExactNumber
from eligibility.rulebook import FactDeclaration, RuleBook
from eligibility.sensitivity import ConditionMargin, Edge, Leeway, Sensitivity

_YEAR: Final = 365
_ENGINE: Final = "reference"  # measures


def sensitivity_document(found: Iterable[Sensitivity], as_of: date, book: RuleBook) -> model.SensitivityDocument:
    """Sensitivities as a document."""
    measured = list(found)
    outcomes = [each.outcome for each in measured]
    return model.SensitivityDocument(
        schema_version=SCHEMA_VERSION,
        as_of=as_of,
        engine=_ENGINE,
        packs=pack_parts(book),
        oldest_source=oldest_source(outcomes),
        notice=NOTICE,
        pathways=[_pathway(each, book) for each in measured],
    )


def _pathway(each: Sensitivity, book: RuleBook) -> model.SensitivityPart:
    return model.SensitivityPart(
        id=each.outcome.id,
        title=each.outcome.title,
        status=each.outcome.status.value,
        facts=[_leeway(leeway, book) for leeway in each.leeways],
        conditions=[_margin(margin) for margin in each.margins],
        cautions=caution_parts(each.outcome, each.outcome.explanation),
    )


def _margin(each: ConditionMargin) -> model.MarginPart:
    node = each.node
    share = share_of(explanation_node(replace(node, children=())))
    return model.MarginPart(
        id=node.id,
        title=node.title,
        status=node.status or "unknown",
        sentence=node.sentence,
        margin="" if node.margin is None else node.margin.words,
        closeness=_exact(each.closeness),
        found=None if share is None else _exact(share),
        citation=None if node.citation is None else citation_part(node.citation),
    )


def _leeway(each: Leeway, book: RuleBook) -> model.LeewayPart:
    return model.LeewayPart(
        fact=each.fact,
        label=each.declaration.label,
        value=_data(each.value, each.declaration),
        low=None if each.low is None else _edge(each.low, each),
        high=None if each.high is None else _edge(each.high, each),
        spare=_exact(each.spare),
        scale="year" if isinstance(each.value, date) else "value",
        words=words(each, book),
    )


def _edge(edge: Edge, leeway: Leeway) -> model.EdgePart:
    declared = leeway.declaration
    return model.EdgePart(
        last=_data(edge.last, declared),
        next=_data(edge.next, declared),
        status=None if edge.status is None else edge.status.value,
        exact=edge.exact,
        way=_exact(leeway.way(edge)),
    )


def _data(value: Value, declared: FactDeclaration) -> object:
    """A value as a profile states it."""
    if isinstance(value, int | Fraction) and declared.unit == "percent":
        value = value * 100
    return as_json(value, declared.type)


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
