"""The JSON of remedies. `RemediesDocument.model_json_schema()` is the published JSON Schema; it is written as reports are.

Values stand as in a profile, shares of a hundred as percentages.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from eligibility.printed import Printed
from eligibility.report_model import CautionPart, Document, GapPart, Part, StatusName


class ChangePart(Part):
    """One change of a profile."""

    fact: str = Field(description="place in the profile; with [n] the record of a list, new where it is one more than there are")
    label: str
    who: Literal["applicant", "employer", "authority", "time", "nobody"] = Field(description="who can change it")
    before: JsonValue = Field(None, description="the value that is stated; absent where there is none")
    after: JsonValue = Field(description="the value it must have")
    others: list[JsonValue] = Field(
        description="further values that would do as well; of a record that is added they stand in `words`"
    )
    words: str


class RemedyPart(Part):
    """Changes that together let the pathway no longer fail."""

    changes: list[ChangePart]
    status: StatusName = Field(description="how the pathway comes out after them")
    open: list[GapPart] = Field(description="what is then missing")
    withdrawn: list[str] = Field(description="facts of the profile that no longer apply then")


class ObstaclePart(Part):
    """Why there is no remedy."""

    criterion: str | None = Field(None, description="path of the criterion in the way")
    certain: bool = Field(description="true: no change of what may be changed can meet it; false: none was found")
    words: str


class PathwayPart(Part):
    """The remedies of one pathway, best first, or what stands in the way of any."""

    id: str
    title: str
    status: StatusName
    failing: list[str] = Field(description="paths of the criteria that are not met")
    not_met: list[str] = Field(description="their titles")
    remedies: list[RemedyPart]
    obstacles: list[ObstaclePart]
    cautions: list[CautionPart] = Field(description="what limits how far the outcome can be relied on")


class RemediesDocument(Document, Printed):
    """What would change the outcomes of a profile."""

    pathways: list[PathwayPart]

    def to_text(self, *, width: int = 100) -> str:
        """The document as text whose lines are no wider than `width` where words allow it."""
        from eligibility.rendering.remedies import remedies_text

        return remedies_text(self, width=width)

    def to_markdown(self) -> str:
        """The document as Markdown."""
        from eligibility.rendering.markdown import blocks_markdown
        from eligibility.rendering.remedies import remedies_outline

        return blocks_markdown(remedies_outline(self))

    def to_html(self) -> str:
        """The document as a page of HTML that needs no other file."""
        from eligibility.rendering.remedies import remedies_html

        return remedies_html(self)
