"""Timelines as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from eligibility.english import counted, listed
from eligibility.timeline_model import CoursePart, StatePart, TimelineDocument

_ELSEWHERE: Final = ("not_applicable", "not_available")


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
