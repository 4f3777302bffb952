"""The JSON of timelines, written as reports are. `schemas` makes their published JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from eligibility.printed import Printed
from eligibility.report_model import CautionPart, CitationPart, PackPart, Part, StatusName, described

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePart(Part):
    """How a pathway comes out."""

    status: StatusName
    failing: list[str] = field(metadata=described("paths of the criteria that are not met"))
    not_met: list[str] = field(metadata=described("their titles"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CausePart(Part):
    """What changed."""

    kind: Literal["figure", "day", "law"] = field(
        metadata=described(
            "figure: a figure of law; day: a condition that the day decides; law: a part of the law begins or ends"
        )
    )
    title: str
    words: str
    before: str | None = field(default=None, metadata=described("the old value of a figure, in words"))
    after: str | None = field(default=None, metadata=described("its new value"))
    citation: CitationPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipPart(Part):
    """A day from which on a pathway comes out otherwise."""

    on: date
    before: StatePart
    after: StatePart
    causes: list[CausePart]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePart(Part):
    """One pathway from the first day to the last."""

    id: str
    title: str
    first: StatePart
    flips: list[FlipPart]
    opens_on: date | None = field(default=None, metadata=described("first day on which it does not fail"))
    closes_on: date | None = field(default=None, metadata=described("first day after that on which it fails again"))
    reviewed_until: date | None = field(default=None, metadata=described("last day for which its law was reviewed"))
    cautions: list[CautionPart] = field(metadata=described("what limits how far its outcome on the first day can be relied on"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPart(Part):
    """A fact that stays as stated."""

    fact: str
    kind: Literal["day", "time"] = field(
        metadata=described("day: somebody chooses it, so it can be let move; time: it has passed")
    )
    label: str
    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedPart(Part):
    """A figure that is announced and not applied."""

    rule: str
    title: str
    on: date
    value: str
    citation: CitationPart


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineDocument(Printed):
    """When outcomes change with nothing but time passing."""

    schema_version: Literal[1]
    start: date
    end: date
    engine: str = field(metadata=described("the engine that answered"))
    packs: list[PackPart]
    oldest_source: date | None = field(
        default=None, metadata=described("the earliest day on which a source used on the first day was read")
    )
    notice: str
    moving: list[str] = field(metadata=described("paths of the days that are always the day that is looked at"))
    pathways: list[CoursePart]
    standing: list[StandingPart]
    announced: list[AnnouncedPart]

    def to_text(self, *, width: int = 100) -> str:
        """The timeline as text whose lines are no wider than `width` where words allow it."""
        from eligibility.rendering.timeline import timeline_text

        return timeline_text(self, width=width)

    def to_markdown(self) -> str:
        """The timeline as Markdown."""
        from eligibility.rendering.markdown import blocks_markdown
        from eligibility.rendering.timeline import timeline_outline

        return blocks_markdown(timeline_outline(self))

    def to_html(self) -> str:
        """The timeline as a page of HTML that needs no other file."""
        from eligibility.rendering.timeline import timeline_html

        return timeline_html(self)
