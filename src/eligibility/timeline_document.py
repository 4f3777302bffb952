"""From a live timeline to the document that is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from eligibility import timeline_model as model
from eligibility.datatypes import NumberType
from eligibility.documents import NOTICE, caution_parts, citation_part, oldest_source, pack_parts
from eligibility.downstream import State
from eligibility.english import the
from eligibility.formatting import show
from eligibility.outcome import Outcome
from eligibility.rulebook import FactDeclaration, Rule, RuleBook
from eligibility.timeline import Announced, Course, Flip, Timeline
from eligibility.turning import Cause


def timeline_document(found: Timeline, book: RuleBook) -> model.TimelineDocument:
    """A timeline as a document."""
    return model.TimelineDocument(
        schema_version=model.SCHEMA_VERSION,
        start=found.start,
        end=found.end,
        engine=found.report.engine,
        packs=pack_parts(book),
        oldest_source=oldest_source(found.report),
        notice=NOTICE,
        moving=list(found.moving),
        pathways=[_course(each, found.report[each.pathway], book.rules[each.pathway]) for each in found.courses],
        standing=[_standing(each, found, book) for each in found.standing],
        announced=[_announced(each, book) for each in found.announced],
    )


def _course(course: Course, first: Outcome, rule: Rule) -> model.CoursePart:
    titles = {each.path: each.title or each.path for each in rule.criteria}
    return model.CoursePart(
        id=course.pathway,
        title=course.title,
        first=_state(course.first, titles),
        flips=[_flip(each, titles) for each in course.flips],
        opens_on=course.opens_on,
        closes_on=course.closes_on,
        reviewed_until=course.reviewed_until,
        cautions=caution_parts(first, first.explanation) if first.is_concerned else [],
    )


def _state(state: State, titles: Mapping[str, str]) -> model.StatePart:
    return model.StatePart(
        status=state.status.value, failing=list(state.failing), not_met=[titles[path] for path in state.failing]
    )


def _flip(flip: Flip, titles: Mapping[str, str]) -> model.FlipPart:
    before, after = _state(flip.before, titles), _state(flip.after, titles)
    return model.FlipPart(on=flip.on, before=before, after=after, causes=[_cause(each) for each in flip.causes])


def _cause(cause: Cause) -> model.CausePart:
    return model.CausePart(
        kind=cause.kind,
        title=cause.title,
        words=cause.words,
        before=cause.before,
        after=cause.after,
        citation=None if cause.citation is None else citation_part(cause.citation),
    )


def _standing(fact: FactDeclaration, found: Timeline, book: RuleBook) -> model.StandingPart:
    value = show(found.profile.facts[fact.path], fact.type, book, fact.unit)
    kind: Literal["day", "time"] = "time" if isinstance(fact.type, NumberType) else "day"
    moves = "state the days it is made of, where there are facts for them" if kind == "time" else "let it move"
    words = f"{the(fact.label)} is stated as {value} and stays so; {moves}"
    return model.StandingPart(fact=fact.path, kind=kind, label=fact.label, value=value, words=words)


def _announced(each: Announced, book: RuleBook) -> model.AnnouncedPart:
    value = show(each.value, each.type, book, each.unit)
    return model.AnnouncedPart(rule=each.rule, title=each.title, on=each.on, value=value, citation=citation_part(each.citation))
