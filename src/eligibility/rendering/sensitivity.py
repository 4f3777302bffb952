"""Sensitivities as an outline with bars, as a page of HTML, and as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Final

from eligibility.english import capital
from eligibility.rendering.bars import leeway_bar, share_bar
from eligibility.rendering.blocks import MARKS, TONES, Block, Heading, Item, Paragraph, Run, Table
from eligibility.rendering.glance import glance
from eligibility.rendering.html import blocks_html
from eligibility.rendering.outline import about_document, relied_on
from eligibility.rendering.tree import bracketed
from eligibility.sensitivity_model import MarginPart, SensitivityDocument, SensitivityPart

_BARS: Final = (
    "of a fact, the line is what is stated, and filled is how far it can move, alone, while the outcome stays (to each side at "
    "most by half, days by half a year); of a condition, filled is what was found, and the line is what the rule names"
)
_NOTHING: Final = "No stated number or day, alone, changes this."


def sensitivity_html(document: SensitivityDocument) -> str:
    """Sensitivities as a page."""
    reviewed = [(each.title, each.cautions) for each in document.pathways]
    bars = _BARS if document.pathways else None
    top = glance(document.notice, f"{document.as_of}", document.as_of, document.oldest_source, reviewed, bars)
    return blocks_html(sensitivity_outline(document), document.as_of, top)


def sensitivity_outline(document: SensitivityDocument) -> Iterator[Block]:
    """The outline of sensitivities: what is closest to a turn of each outcome, then all of it, pathway by pathway."""
    yield Heading(1, (Run(f"How safe the outcomes are as of {document.as_of}"),))
    if not document.pathways:
        yield Paragraph((Run("No pathway that concerns the case is settled."),))
    elif len(document.pathways) > 1:
        rows = tuple(_row(each) for each in document.pathways)
        yield Table(("Pathway", "Outcome", "Closest to a change"), rows, "Settled pathways, and what is closest to changing them")
    for pathway in document.pathways:
        yield from _pathway(pathway)
    yield from about_document(document)


def _row(pathway: SensitivityPart) -> tuple[tuple[Run, ...], ...]:
    return ((Run(pathway.title, leads_to=pathway.id),), (_status(pathway),), (Run(_closest(pathway)),))


def _status(pathway: SensitivityPart) -> Run:
    tone = TONES[pathway.status]
    return Run(f"{MARKS[tone]} {pathway.status.replace('_', ' ')}", tone)


def _closest(pathway: SensitivityPart) -> str:
    return capital(pathway.facts[0].words) if pathway.facts else _NOTHING.removesuffix(".")


def _pathway(pathway: SensitivityPart) -> Iterator[Block]:
    tone = TONES[pathway.status]
    yield Heading(2, (Run(f"{pathway.title} ({pathway.id}): "), _status(pathway)), anchor=pathway.id)
    yield Heading(3, (Run("What is stated, the closest to a change first"),))
    if not pathway.facts:
        yield Paragraph((Run(_NOTHING),))
    for each in pathway.facts:
        yield Item(0, "", "", (Run(f"{capital(each.words)} "), Run(f"[{each.fact}]", "dim")), bar=leeway_bar(each, tone))
    if pathway.conditions:
        yield Heading(3, (Run("Conditions that decide, the closest first"),))
    for condition in pathway.conditions:
        yield _condition(condition)
    yield from relied_on(pathway.cautions)


def _condition(each: MarginPart) -> Item:
    bar = None if each.found is None else share_bar(Fraction(each.found), each.status)
    return Item(0, MARKS[each.status], each.status, (Run(each.sentence), bracketed(each.citation)), bar=bar)


# text


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
