"""Sensitivities as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import date

from eligibility.sensitivity_model import SensitivityDocument, SensitivityPart


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
