"""Comparisons as an outline with one grid, and as a page of HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eligibility.comparison_model import Cell, Comparison, Refused
from eligibility.english import capital, counted
from eligibility.rendering.blocks import MARKS, TONES, Block, Grid, Heading, Item, Paragraph, Run, Tone
from eligibility.rendering.glance import glance
from eligibility.rendering.html import blocks_html
from eligibility.rendering.outline import about, reliance
from eligibility.report_model import CautionPart

_FINDING_TONES: Final[dict[str, Tone]] = {"met": "met", "not_met": "not_met", "unknown": "unknown", "judgement": "judgement"}


def comparison_outline(document: Comparison) -> Iterator[Block]:
    """The outline of a comparison."""
    yield Heading(1, (Run(_title(document)),))
    if document.rows:
        rows = tuple(((Run(row.title),), *(_cell(cell) for cell in row.cells)) for row in document.rows)
        yield Grid((_corner(document), *document.profiles), rows)
    else:
        yield Paragraph((Run("No pathway concerns any of these cases."),))
    if document.unconcerned:
        yield Paragraph((Run(_unconcerned(document)),))
    for refused in document.refused:
        yield Heading(3, (Run(_not_compared(refused)),))
        for problem in refused.problems:
            yield Item(0, MARKS["not_met"], "not_met", (Run(f"{problem.path}: {problem.message} [{problem.code}]"),))
    yield from reliance(_reviewed(document))
    yield from about(f"{document.as_of}", document.engine, document.packs, document.oldest_source, document.notice)


def _title(document: Comparison) -> str:
    about = f"{document.rows[0].title}: " if document.rule else ""
    return f"{about}{counted(len(document.profiles), 'profile')} as of {document.as_of}"


def _corner(document: Comparison) -> str:
    return "Criterion" if document.rule else "Pathway"


def _unconcerned(document: Comparison) -> str:
    verb = "concerns" if len(document.unconcerned) == 1 else "concern"
    return f"{counted(len(document.unconcerned), 'further pathway')} {verb} none of the cases."


def _not_compared(refused: Refused) -> str:
    return f"{refused.name} could not be compared"


def _cell(cell: Cell) -> tuple[Run, ...]:
    status = Run(_status(cell), _tone(cell))
    quiet: Tone = "dim" if cell.status == "not_applicable" else ""
    return (status, Run(f". {capital(cell.reason)}", quiet)) if cell.reason else (status,)


def _tone(cell: Cell) -> Tone:
    return _FINDING_TONES.get(cell.status) or TONES[cell.status]


def _status(cell: Cell) -> str:
    return f"{MARKS[_tone(cell)]} {cell.status.replace('_', ' ')}"


def _reviewed(document: Comparison) -> list[tuple[str, list[CautionPart]]]:
    """The pathways, and what limits how far their outcomes can be relied on."""
    return [(each.title, each.cautions) for each in document.rows if document.rule in (None, each.id)]


def comparison_html(document: Comparison) -> str:
    """A comparison as a page that needs no other file; everything that was stated is escaped."""
    top = glance(document.notice, f"{document.as_of}", document.as_of, document.oldest_source, _reviewed(document))
    return blocks_html(comparison_outline(document), document.as_of, top)
