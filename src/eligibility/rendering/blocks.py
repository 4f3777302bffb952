"""Blocks: the parts of an outline, which a printer turns into text, Markdown or anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from eligibility.report_model import CitationPart, ExplanationNode

Tone = Literal["", "strong", "dim", "met", "not_met", "unknown", "judgement", "not_applicable"]
Place = Literal["", "folded", "foot"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one tone; `link` is an address it stands for, where a printer can show one.

    `cited` is the citation that the text names, `leads_to` the anchor of a heading of the same document.
    """

    text: str
    tone: Tone = ""
    link: str | None = None
    cited: CitationPart | None = None
    leads_to: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the title of the document, 2 an outcome, 3 a part of it.

    `place` says what a printer may do with what follows that can do more than print it: fold it, or set it at the foot.
    """

    level: int
    runs: tuple[Run, ...]
    anchor: str | None = None
    place: Place = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list, `depth` levels below the margin; `mark` is its symbol, or nothing, and `node` what it explains."""

    depth: int
    mark: str
    tone: Tone
    runs: tuple[Run, ...]
    node: ExplanationNode | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose last column takes what room is left; `title` is what it shows, for printers that say so."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose first column says what a row is about; the others are of one kind and share what room is left."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[Run, ...], ...], ...]


Block = Heading | Paragraph | Item | Table | Grid

MARKS: Final[dict[Tone, str]] = {"met": "✓", "not_met": "✗", "unknown": "?", "judgement": "⚖", "not_applicable": "\N{EN DASH}"}
TONES: Final[dict[str, Tone]] = {
    "eligible": "met",
    "subject_to_judgement": "judgement",
    "undetermined": "unknown",
    "not_eligible": "not_met",
    "not_available": "not_met",
    "not_applicable": "not_applicable",
}
