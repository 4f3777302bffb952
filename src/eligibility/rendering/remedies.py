"""Remedies as an outline, as a page of HTML, and as plain text: by number, and who has to do what."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from eligibility.english import capital, counted, listed, lowered
from eligibility.remedies_model import PathwayPart, RemediesDocument, RemedyPart
from eligibility.rendering.blocks import MARKS, TONES, Block, Heading, Item, Paragraph, Run, Table
from eligibility.rendering.glance import glance
from eligibility.rendering.html import blocks_html
from eligibility.rendering.outline import about_document, relied_on

_INDENT: Final = "     "
_SHOWN: Final = 6  # labels of open facts that are listed
_NONE: Final = "No pathway that concerns the case fails.\n"


def remedies_html(document: RemediesDocument) -> str:
    """Remedies as a page."""
    reviewed = [(each.title, each.cautions) for each in document.pathways]
    top = glance(document.notice, f"{document.as_of}", document.as_of, document.oldest_source, reviewed)
    return blocks_html(remedies_outline(document), document.as_of, top)


def remedies_outline(document: RemediesDocument) -> Iterator[Block]:
    """The outline of remedies: the best of each pathway, then all of them, pathway by pathway."""
    yield Heading(1, (Run(f"What would change the outcomes as of {document.as_of}"),))
    if not document.pathways:
        yield Paragraph((Run(_NONE.strip()),))
    elif len(document.pathways) > 1:
        rows = tuple(((Run(each.title, leads_to=each.id),), (_status(each),), (Run(_best(each)),)) for each in document.pathways)
        yield Table(("Pathway", "Outcome", "Smallest change"), rows, "Pathways that fail, the nearest to an approval first")
    for pathway in document.pathways:
        yield from _pathway_blocks(pathway)
    yield from about_document(document)


def _status(pathway: PathwayPart) -> Run:
    tone = TONES[pathway.status]
    return Run(f"{MARKS[tone]} {pathway.status.replace('_', ' ')}", tone)


def _best(pathway: PathwayPart) -> str:
    """The changes of the first remedy, or why there is none."""
    if pathway.remedies:
        first, *others = [change.words for change in pathway.remedies[0].changes]
        return "; ".join([first, *map(lowered, others)])
    return f"none: {lowered(pathway.obstacles[0].words)}" if pathway.obstacles else "none"


def _pathway_blocks(pathway: PathwayPart) -> Iterator[Block]:
    yield Heading(2, (Run(f"{pathway.title} ({pathway.id}): "), _status(pathway)), anchor=pathway.id)
    if pathway.not_met:
        yield Paragraph((Run(f"Not met: {'; '.join(pathway.not_met)}."),))
    for number, remedy in enumerate(pathway.remedies, 1):
        reached, _, still = _reached(remedy).partition("; then open: ")
        yield Heading(3, (Run(f"{number}. {capital(reached)}"),))
        for change in remedy.changes:
            yield Item(0, "", "", (Run(f"{capital(change.who)}: ", "strong"), Run(change.words)))
        if still:
            yield Item(0, "", "", (Run("Then open: ", "strong"), Run(still)))
        if remedy.withdrawn:
            yield Item(0, "", "", (Run("No longer applies then: ", "strong"), Run(", ".join(remedy.withdrawn), "dim")))
    if pathway.obstacles and pathway.failing:
        yield Heading(3, (Run("No remedy"),))
    for obstacle in pathway.obstacles:
        yield Item(0, "", "", (Run(obstacle.words),))
    yield from relied_on(pathway.cautions)


# text


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
