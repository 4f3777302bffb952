"""Remedies as plain text: a heading for each pathway, then its remedies by number, each with who has to do what."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from eligibility.english import counted, listed
from eligibility.remedies_model import PathwayPart, RemediesDocument, RemedyPart

_INDENT: Final = "     "
_SHOWN: Final = 6  # labels of open facts that are listed
_NONE: Final = "No pathway that concerns the case fails.\n"


def remedies_text(found: RemediesDocument, *, width: int = 100) -> str:
    """The document as text whose lines are no wider than `width` where words allow it."""
    if not found.pathways:
        return _NONE
    return "\n".join("".join(f"{line}\n" for line in _pathway(each, found.as_of, width)) for each in found.pathways)


def _pathway(pathway: PathwayPart, as_of: date, width: int) -> Iterator[str]:
    status = pathway.status.replace("_", " ")
    yield from _wrapped(f"{pathway.title} ({pathway.id}): {status} on {as_of.isoformat()}", "", width)
    for number, remedy in enumerate(pathway.remedies, 1):
        yield from _remedy(number, remedy, width)
    for obstacle in pathway.obstacles:
        words = f"{obstacle.words[:1].lower()}{obstacle.words[1:]}"
        yield from _wrapped(f"no remedy: {words}" if pathway.failing else words, "  ", width)


def _remedy(number: int, remedy: RemedyPart, width: int) -> Iterator[str]:
    yield from _wrapped(f"{number:>3}. {_reached(remedy)}:", "", width)
    length = max(len(change.who) for change in remedy.changes)
    for change in remedy.changes:
        yield from _wrapped(f"{change.who:<{length}}  {change.words}", _INDENT, width, deeper=length + 2)
    if remedy.withdrawn:
        yield from _wrapped(f"no longer applies then: {', '.join(remedy.withdrawn)}", _INDENT, width)


def _reached(remedy: RemedyPart) -> str:
    if remedy.status != "undetermined":
        return f"to be {remedy.status.replace('_', ' ')}"
    labels = [gap.label for gap in remedy.open]
    if len(labels) <= _SHOWN:
        return f"no longer to fail; then open: {listed(labels)}"
    return f"no longer to fail; then open: {', '.join(labels[:_SHOWN])} and {counted(len(labels) - _SHOWN, 'more', 'more')}"


def _wrapped(text: str, indent: str, width: int, *, deeper: int = 0) -> Iterable[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}{' ' * deeper}" if indent else _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
