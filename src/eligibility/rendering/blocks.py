"""Blocks: the parts of an outline, which a printer turns into text, Markdown or anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
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
class Bar:
    """A bar filled from `low` to `high` with a line at `line`, all as shares of its length; `words` read it out."""

    low: Fraction
    high: Fraction
    line: Fraction
    tone: Tone
    words: str


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a list, `depth` levels below the margin; `mark` is its symbol, or nothing, and `node` what it explains.

    A `bar` of its own stands before an entry without a mark, else behind it, as that of the margin of its node does.
    """

    depth: int
    mark: str
    tone: Tone
    runs: tuple[Run, ...]
    node: ExplanationNode | None = None
    bar: Bar | None = None


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


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days, both included, on which a lane keeps one tone; `words` say what that is, and `more` what else there is to it."""

    first: date
    last: date
    tone: Tone
    words: str
    more: str = ""

    @property
    def days(self) -> str:
        """From when to when."""
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class Lane:
    """What becomes of one thing, day after day; `leads_to` is the anchor of a heading with the reasons.

    From `doubtful_from` on it is not certain.
    """

    name: str
    stretches: tuple[Stretch, ...]
    leads_to: str | None = None
    doubtful_from: date | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Lanes over the same days, one below the other, at least one. A printer that cannot draw prints the table.

    `name` says what a lane is, `doubt` what days are about that are not certain.
    """

    title: str
    name: str
    doubt: str
    lanes: tuple[Lane, ...]

    @property
    def table(self) -> Table:
        """The same in words, a row a stretch."""
        rows = [
            (
                (Run(lane.name, leads_to=lane.leads_to),),
                (Run(each.days),),
                (Run(f"{MARKS.get(each.tone, '')} {each.words}", each.tone), Run(f"; {each.more}" if each.more else "")),
            )
            for lane in self.lanes
            for each in lane.stretches
        ]
        return Table((self.name, "Days", "Outcome"), tuple(rows), self.title)


Block = Heading | Paragraph | Item | Table | Grid | Chart

MARKS: Final[dict[Tone, str]] = {"met": "✓", "not_met": "✗", "unknown": "?", "judgement": "⚖", "not_applicable": "\N{EN DASH}"}
TONES: Final[dict[str, Tone]] = {
    "eligible": "met",
    "subject_to_judgement": "judgement",
    "undetermined": "unknown",
    "not_eligible": "not_met",
    "not_available": "not_met",
    "not_applicable": "not_applicable",
}
