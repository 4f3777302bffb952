"""From a live timeline to the document that is printed."""

from __future__ import annotations

from eligibility import timeline_model as model
from eligibility.datatypes import NumberType
from eligibility.documents import citation_part
from eligibility.downstream import State
from eligibility.english import the
from eligibility.formatting import show
from eligibility.rulebook import FactDeclaration, RuleBook
from eligibility.timeline import Announced, Course, Flip, Timeline
from eligibility.turning import Cause


def timeline_document(found: Timeline, book: RuleBook) -> model.TimelineDocument:
    """A timeline as a document."""
    return model.TimelineDocument(
        schema_version=model.SCHEMA_VERSION,
        start=found.start,
        end=found.end,
        moving=list(found.moving),
        pathways=[_course(each) for each in found.courses],
        standing=[_standing(each, found, book) for each in found.standing],
        announced=[_announced(each, book) for each in found.announced],
    )


def _course(course: Course) -> model.CoursePart:
    return model.CoursePart(
        id=course.pathway,
        title=course.title,
        first=_state(course.first),
        flips=[_flip(each) for each in course.flips],
        opens_on=course.opens_on,
        closes_on=course.closes_on,
        reviewed_until=course.reviewed_until,
    )


def _state(state: State) -> model.StatePart:
    return model.StatePart(status=state.status.value, failing=list(state.failing))


def _flip(flip: Flip) -> model.FlipPart:
    return model.FlipPart(
        on=flip.on, before=_state(flip.before), after=_state(flip.after), causes=[_cause(each) for each in flip.causes]
    )


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
    moves = "state the days it is made of, where there are facts for them" if isinstance(fact.type, NumberType) else "let it move"
    words = f"{the(fact.label)} is stated as {value} and stays so; {moves}"
    return model.StandingPart(fact=fact.path, label=fact.label, value=value, words=words)


def _announced(each: Announced, book: RuleBook) -> model.AnnouncedPart:
    value = show(each.value, each.type, book, each.unit)
    return model.AnnouncedPart(rule=each.rule, title=each.title, on=each.on, value=value, citation=citation_part(each.citation))
