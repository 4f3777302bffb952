"""A timeline as JSON and as text. `TimelineDocument.model_json_schema()` is its JSON Schema; it is written as reports are."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, Literal

from pydantic import Field

from eligibility.datatypes import NumberType
from eligibility.documents import citation_part
from eligibility.downstream import State
from eligibility.english import counted, listed, the
from eligibility.formatting import show
from eligibility.report_model import CitationPart, Part, StatusName
from eligibility.rulebook import FactDeclaration, RuleBook
from eligibility.timeline import Announced, Course, Flip, Timeline
from eligibility.turning import Cause

SCHEMA_VERSION: Final = 1
_ELSEWHERE: Final = ("not_applicable", "not_available")


class StatePart(Part):
    """How a pathway comes out."""

    status: StatusName
    failing: list[str] = Field(description="paths of the criteria that are not met")


class CausePart(Part):
    """What changed."""

    kind: Literal["figure", "day", "law"] = Field(
        description="figure: a figure of law; day: a condition that the day decides; law: a part of the law begins or ends"
    )
    title: str
    words: str
    before: str | None = Field(None, description="the old value of a figure, in words")
    after: str | None = Field(None, description="its new value")
    citation: CitationPart | None = None


class FlipPart(Part):
    """A day from which on a pathway comes out otherwise."""

    on: date
    before: StatePart
    after: StatePart
    causes: list[CausePart]


class CoursePart(Part):
    """One pathway from the first day to the last."""

    id: str
    title: str
    first: StatePart
    flips: list[FlipPart]
    opens_on: date | None = Field(None, description="first day on which it does not fail")
    closes_on: date | None = Field(None, description="first day after that on which it fails again")
    reviewed_until: date | None = Field(None, description="last day for which its law was reviewed")


class StandingPart(Part):
    """A fact that stays as stated."""

    fact: str
    label: str
    value: str
    words: str


class AnnouncedPart(Part):
    """A figure that is announced and not applied."""

    rule: str
    title: str
    on: date
    value: str
    citation: CitationPart


class TimelineDocument(Part):
    """When outcomes change with nothing but time passing."""

    schema_version: Literal[1]
    start: date
    end: date
    moving: list[str] = Field(description="paths of the days that are always the day that is looked at")
    pathways: list[CoursePart]
    standing: list[StandingPart]
    announced: list[AnnouncedPart]


def timeline_document(found: Timeline, book: RuleBook) -> TimelineDocument:
    """A timeline as a document."""
    return TimelineDocument(
        schema_version=SCHEMA_VERSION,
        start=found.start,
        end=found.end,
        moving=list(found.moving),
        pathways=[_course(each) for each in found.courses],
        standing=[_standing(each, found, book) for each in found.standing],
        announced=[_announced(each, book) for each in found.announced],
    )


def _course(course: Course) -> CoursePart:
    return CoursePart(
        id=course.pathway,
        title=course.title,
        first=_state(course.first),
        flips=[_flip(each) for each in course.flips],
        opens_on=course.opens_on,
        closes_on=course.closes_on,
        reviewed_until=course.reviewed_until,
    )


def _state(state: State) -> StatePart:
    return StatePart(status=state.status.value, failing=list(state.failing))


def _flip(flip: Flip) -> FlipPart:
    return FlipPart(
        on=flip.on, before=_state(flip.before), after=_state(flip.after), causes=[_cause(each) for each in flip.causes]
    )


def _cause(cause: Cause) -> CausePart:
    return CausePart(
        kind=cause.kind,
        title=cause.title,
        words=cause.words,
        before=cause.before,
        after=cause.after,
        citation=None if cause.citation is None else citation_part(cause.citation),
    )


def _standing(fact: FactDeclaration, found: Timeline, book: RuleBook) -> StandingPart:
    value = show(found.profile.facts[fact.path], fact.type, book, fact.unit)
    moves = "state the days it is made of, where there are facts for them" if isinstance(fact.type, NumberType) else "let it move"
    words = f"{the(fact.label)} is stated as {value} and stays so; {moves}"
    return StandingPart(fact=fact.path, label=fact.label, value=value, words=words)


def _announced(each: Announced, book: RuleBook) -> AnnouncedPart:
    value = show(each.value, each.type, book, each.unit)
    return AnnouncedPart(rule=each.rule, title=each.title, on=each.on, value=value, citation=citation_part(each.citation))


# text


def timeline_text(found: TimelineDocument, *, width: int = 100) -> str:
    """The document as text whose lines are no wider than `width` where words allow it."""
    lines = [f"From {found.start.isoformat()} to {found.end.isoformat()}, with nothing but time passing:", ""]
    shown = [each for each in found.pathways if _concerns(each)]
    quiet = [each for each in shown if not each.flips]
    for course in shown:
        if course.flips:
            lines += [*_course_lines(course, width), ""]
    for course in quiet:
        lines += _wrapped(f"{course.title} ({course.id}): {_named(course.first)} throughout", "", width)
    elsewhere = len(found.pathways) - len(shown)
    if elsewhere:
        lines.append(f"{counted(elsewhere, 'pathway')} that {'does' if elsewhere == 1 else 'do'} not concern the case on any day")
    lines += _remarks(found, width)
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept) + "\n"


def _concerns(course: CoursePart) -> bool:
    states = [course.first, *(flip.after for flip in course.flips)]
    return any(state.status not in _ELSEWHERE for state in states)


def _course_lines(course: CoursePart, width: int) -> Iterator[str]:
    yield from _wrapped(f"{course.title} ({course.id}): {_named(course.first)}", "", width)
    for flip in course.flips:
        yield from _wrapped(f"{flip.on.isoformat()}  {_named(flip.after)}", "  ", width, deeper=12)
        for cause in flip.causes:
            cited = f" [{cause.citation.text}]" if cause.citation else ""
            yield from _wrapped(f"{cause.words}{cited}", "              ", width)
    if course.opens_on is not None and course.opens_on != _first_day(course):
        yield from _wrapped(f"first open on {course.opens_on.isoformat()}", "  ", width)
    if course.closes_on is not None:
        yield from _wrapped(f"fails from {course.closes_on.isoformat()} on", "  ", width)


def _first_day(course: CoursePart) -> date | None:
    return course.opens_on if course.first.status not in ("not_eligible", *_ELSEWHERE) else None


def _named(state: StatePart) -> str:
    status = state.status.replace("_", " ")
    return f"{status} (fails: {listed(state.failing)})" if state.failing else status


def _remarks(found: TimelineDocument, width: int) -> Iterator[str]:
    if found.announced:
        yield from ("", "Announced and not applied:")
        for figure in found.announced:
            said = f"{figure.title} ({figure.rule}): {figure.value} from {figure.on.isoformat()} [{figure.citation.text}]"
            yield from _wrapped(said, "  ", width)
    days = [each for each in found.standing if each.words.endswith("let it move")]
    times = [each for each in found.standing if each not in days]
    if days:
        yield from ("", "Days that stay as stated (--moving PATH lets one move with the day):")
        for each in days:
            yield from _wrapped(f"{each.fact}: {each.value}", "  ", width)
    if times:
        yield from ("", "Times that stay as stated, as the profile does not say since when they run:")
        for each in times:
            yield from _wrapped(f"{each.fact}: {each.value}", "  ", width)
    late = [each for each in found.pathways if _concerns(each) and each.reviewed_until and each.reviewed_until < found.end]
    if late:
        yield ""
        for until in sorted({each.reviewed_until for each in late if each.reviewed_until}):
            names = listed([each.id for each in late if each.reviewed_until == until])
            yield from _wrapped(f"The law was not reviewed for days after {until.isoformat()}: {names}", "", width)


def _wrapped(text: str, indent: str, width: int, *, deeper: int = 0) -> Iterable[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}{' ' * (deeper or 2)}",
        break_long_words=False,
        break_on_hyphens=False,
    )


__all__ = ["TimelineDocument", "timeline_document", "timeline_text"]
