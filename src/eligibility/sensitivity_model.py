"""The JSON of sensitivities, written as reports are. `SensitivityDocument.model_json_schema()` is the published JSON Schema."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from eligibility.printed import Printed
from eligibility.report_model import CautionPart, CitationPart, Document, ExactNumber, FindingName, Part, StatusName


class EdgePart(Part):
    """Where an outcome changes."""

    last: JsonValue = Field(description="the last value with which the outcome stays")
    next: JsonValue = Field(description="the value one unit further, with which it does not")
    status: StatusName | None = Field(None, description="how the pathway then comes out; absent: the profile contradicts itself")
    exact: bool = Field(description="false: the outcome stays at least to `last`, and nothing is known of what comes after")
    way: ExactNumber = Field(description="from the stated value to `last`: share of the value, of days of a year")


class LeewayPart(Part):
    """How far one stated fact can move alone."""

    fact: str = Field(description="place in the profile")
    label: str
    value: JsonValue
    low: EdgePart | None = Field(None, description="absent where less changes nothing")
    high: EdgePart | None = Field(None, description="absent where more changes nothing")
    spare: ExactNumber = Field(description="way to the last value of the nearer edge: share of the value, of days of a year")
    scale: Literal["value", "year"] = Field(description="what such shares are shares of")
    words: str


class MarginPart(Part):
    """How clearly one condition that decides is met or not."""

    id: str = Field(description="path of the condition in the explanation")
    title: str
    status: FindingName
    sentence: str
    margin: str
    closeness: ExactNumber = Field(description="the margin as a share of what is required, of days as a share of a year")
    found: ExactNumber | None = Field(None, description="what was found as a share of what is required; absent for days")
    citation: CitationPart | None = None


class SensitivityPart(Part):
    """How safe the outcome of one pathway is; the closest facts and conditions first."""

    id: str
    title: str
    status: StatusName
    facts: list[LeewayPart]
    conditions: list[MarginPart]
    cautions: list[CautionPart] = Field(description="what limits how far the outcome can be relied on")


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
