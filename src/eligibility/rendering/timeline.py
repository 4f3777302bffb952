"""Timelines as an outline with a chart, as a page of HTML, and as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from eligibility.english import capital, counted, listed, row
from eligibility.rendering.blocks import MARKS, TONES, Block, Chart, Heading, Item, Lane, Paragraph, Run, Stretch
from eligibility.rendering.elements import Child, element, pieces
from eligibility.rendering.glance import glance
from eligibility.rendering.html import blocks_html
from eligibility.rendering.outline import about, reliance
from eligibility.rendering.tree import bracketed
from eligibility.report_model import CautionPart
from eligibility.timeline_model import CoursePart, StandingPart, StatePart, TimelineDocument

_ELSEWHERE: Final = ("not_applicable", "not_available")
_DAY: Final = timedelta(days=1)


def timeline_html(document: TimelineDocument) -> str:
    """A timeline as a page; it stands first how each pathway comes out day after day."""
    shown = [each for each in document.pathways if _concerns(each)]
    reviewed = [(each.title, [caution for caution in each.cautions if caution.kind != "beyond_review"]) for each in shown]
    more = _horizon(shown, document.end)
    top = glance(document.notice, _days(document), document.start, document.oldest_source, reviewed, more=more)
    return blocks_html(timeline_outline(document), document.start, top)


def timeline_outline(document: TimelineDocument) -> Iterator[Block]:
    """The outline of a timeline: the chart, each pathway that flips and why, what stays as stated, and what is announced."""
    yield Heading(1, (Run(f"Outcomes from {_days(document)}"),))
    yield Paragraph((Run("How the pathways come out with nothing but time passing: every fact stays as stated."),))
    shown = [each for each in document.pathways if _concerns(each)]
    moving = [each for each in shown if each.flips]
    lanes = tuple(_lane(each, document) for each in (*moving, *(each for each in shown if not each.flips)))
    if lanes:
        yield Chart("Pathways, those that change first", "Pathway", "law not reviewed for these days", lanes)
    elsewhere = [each for each in document.pathways if not _concerns(each)]
    if elsewhere:
        verb = "does" if len(elsewhere) == 1 else "do"
        yield Heading(3, (Run(f"{counted(len(elsewhere), 'pathway')} {verb} not concern the case on any day"),), place="folded")
        yield Item(0, MARKS["not_applicable"], "not_applicable", (Run(row([each.title for each in elsewhere])),))
    if shown and not moving:
        yield Paragraph((Run("No outcome changes in this time."),))
    for course in moving:
        yield from _changes(course, document.start)
    yield from _stays(document.standing)
    if document.announced:
        yield Heading(2, (Run("Announced and not applied"),))
    titles = {each.id: each.title for each in document.pathways}
    for figure in document.announced:
        said = f"{capital(figure.title)} ({titles.get(figure.rule, figure.rule)}): {figure.value} from {figure.on}"
        yield Item(0, "", "", (Run(said), bracketed(figure.citation)))
    yield from reliance([(each.title, _age(each, document.end)) for each in shown])
    days = f"{document.start} and each day to {document.end}"
    yield from about(days, document.engine, document.packs, document.oldest_source, document.notice)


def _horizon(courses: list[CoursePart], end: date) -> list[tuple[str, Child]]:
    """Until when the law was reviewed, if that is before the last day."""
    found = sorted({each.reviewed_until for each in courses if each.reviewed_until is not None and each.reviewed_until < end})
    if not found:
        return []
    until = f"{found[0]}" if len(found) == 1 else f"{found[0]} to {found[-1]}, as the pathway"
    return [("Law reviewed until", element("span", *pieces(f"{until}; later days have a line below"), class_="stale"))]


def _age(course: CoursePart, end: date) -> list[CautionPart]:
    """What to mind about a course: that of its first day, and since when its law was not reviewed."""
    past = [each for each in course.cautions if each.kind != "beyond_review"]
    if course.reviewed_until is None or course.reviewed_until >= end:
        return past
    sentence = f"The law was not reviewed for days after {course.reviewed_until}."
    return [*past, CautionPart(kind="beyond_review", sentence=sentence, names=[])]


def _days(document: TimelineDocument) -> str:
    return f"{document.start} to {document.end}"


def _lane(course: CoursePart, document: TimelineDocument) -> Lane:
    """A course as a lane; a flip that changes only what fails begins a stretch, too."""
    states = [course.first, *(flip.after for flip in course.flips)]
    starts = [document.start, *(flip.on for flip in course.flips), document.end + _DAY]
    stretches = tuple(
        Stretch(first, until - _DAY, TONES[state.status], state.status.replace("_", " "), _failing(state))
        for state, (first, until) in zip(states, pairwise(starts), strict=True)
    )
    until = course.reviewed_until
    doubtful = None if until is None or until >= document.end else max(until + _DAY, document.start)
    return Lane(course.title, stretches, course.id if course.flips else None, doubtful)


def _failing(state: StatePart) -> str:
    return f"not met: {'; '.join(state.not_met)}" if state.not_met else ""


def _changes(course: CoursePart, start: date) -> Iterator[Block]:
    """How a pathway comes out on the first day, and every flip with what made it."""
    yield Heading(2, (Run(f"{course.title} ({course.id})"),), anchor=course.id)
    yield _turn(start, course.first)
    for flip in course.flips:
        yield _turn(flip.on, flip.after)
        for cause in flip.causes:
            yield Item(1, "=", "dim", (Run(cause.words), bracketed(cause.citation)))
    said = []
    if course.opens_on is not None and course.opens_on != _first_day(course):
        said.append(f"It is first open on {course.opens_on}.")
    if course.closes_on is not None:
        said.append(f"It fails from {course.closes_on} on.")
    if said:
        yield Paragraph((Run(" ".join(said)),))


def _turn(day: date, state: StatePart) -> Item:
    tone = TONES[state.status]
    failing = _failing(state)
    words = Run(state.status.replace("_", " "), "strong")
    return Item(0, MARKS[tone], tone, (Run(f"{day}: "), words, Run(f"; {failing}" if failing else "")))


def _stays(standing: list[StandingPart]) -> Iterator[Block]:
    titles = {
        "day": "Days that stay as stated (--moving lets one move with the day)",
        "time": "Times that stay as stated, as the profile does not say since when they run",
    }
    for kind, title in titles.items():
        found = [each for each in standing if each.kind == kind]
        if found:
            yield Heading(2, (Run(title),))
        for each in found:
            yield Item(0, "", "", (Run(f"{capital(each.label)}: "), Run(each.value, "strong"), Run(f" [{each.fact}]", "dim")))


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
    return f"{status} ({_failing(state)})" if state.not_met else status


def _remarks(found: TimelineDocument, width: int) -> Iterator[str]:
    if found.announced:
        yield from ("", "Announced and not applied:")
        for figure in found.announced:
            said = f"{figure.title} ({figure.rule}): {figure.value} from {figure.on.isoformat()} [{figure.citation.text}]"
            yield from _wrapped(said, "  ", width)
    days = [each for each in found.standing if each.kind == "day"]
    times = [each for each in found.standing if each.kind == "time"]
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
