"""The JSON of sensitivities, written as reports are. `schemas` makes their published JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from eligibility.printed import Printed
from eligibility.report_model import (
    CautionPart,
    CitationPart,
    Document,
    ExactNumber,
    FindingName,
    Json,
    Part,
    StatusName,
    described,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgePart(Part):
    """Where an outcome changes."""

    last: Json = field(metadata=described("the last value with which the outcome stays"))
    next: Json = field(metadata=described("the value one unit further, with which it does not"))
    status: StatusName | None = field(
        default=None, metadata=described("how the pathway then comes out; absent: the profile contradicts itself")
    )
    exact: bool = field(
        metadata=described("false: the outcome stays at least to `last`, and nothing is known of what comes after")
    )
    way: ExactNumber = field(metadata=described("from the stated value to `last`: share of the value, of days of a year"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeewayPart(Part):
    """How far one stated fact can move alone."""

    fact: str = field(metadata=described("place in the profile"))
    label: str
    value: Json
    low: EdgePart | None = field(default=None, metadata=described("absent where less changes nothing"))
    high: EdgePart | None = field(default=None, metadata=described("absent where more changes nothing"))
    spare: ExactNumber = field(
        metadata=described("way to the last value of the nearer edge: share of the value, of days of a year")
    )
    scale: Literal["value", "year"] = field(metadata=described("what such shares are shares of"))
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginPart(Part):
    """How clearly one condition that decides is met or not."""

    id: str = field(metadata=described("path of the condition in the explanation"))
    title: str
    status: FindingName
    sentence: str
    margin: str
    closeness: ExactNumber = field(metadata=described("the margin as a share of what is required, of days as a share of a year"))
    found: ExactNumber | None = field(
        default=None, metadata=described("what was found as a share of what is required; absent for days")
    )
    citation: CitationPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityPart(Part):
    """How safe the outcome of one pathway is; the closest facts and conditions first."""

    id: str
    title: str
    status: StatusName
    facts: list[LeewayPart]
    conditions: list[MarginPart]
    cautions: list[CautionPart] = field(metadata=described("what limits how far the outcome can be relied on"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivityDocument(Document, Printed):
    """How safe the settled outcomes of a profile are."""

    pathways: list[SensitivityPart]

    def to_text(self, *, width: int = 100) -> str:
        """The document as text whose lines are no wider than `width` where words allow it."""
        from eligibility.rendering.sensitivity import sensitivity_text

        return sensitivity_text(self, width=width)

    def to_markdown(self) -> str:
        """The document as Markdown."""
        from eligibility.rendering.markdown import blocks_markdown
        from eligibility.rendering.sensitivity import sensitivity_outline

        return blocks_markdown(sensitivity_outline(self))

    def to_html(self) -> str:
        """The document as a page of HTML that needs no other file."""
        from eligibility.rendering.sensitivity import sensitivity_html

        return sensitivity_html(self)
