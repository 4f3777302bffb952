"""The JSON of remedies. It is written as reports are; `schemas` makes its published JSON Schema.

Values stand as in a profile, shares of a hundred as percentages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from eligibility.printed import Printed
from eligibility.report_model import CautionPart, Document, GapPart, Json, Part, StatusName, described


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePart(Part):
    """One change of a profile."""

    fact: str = field(
        metadata=described("place in the profile; with [n] the record of a list, new where it is one more than there are")
    )
    label: str
    who: Literal["applicant", "employer", "authority", "time", "nobody"] = field(metadata=described("who can change it"))
    before: Json = field(default=None, metadata=described("the value that is stated; absent where there is none"))
    after: Json = field(metadata=described("the value it must have"))
    others: list[Json] = field(
        metadata=described("further values that would do as well; of a record that is added they stand in `words`")
    )
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyPart(Part):
    """Changes that together let the pathway no longer fail."""

    changes: list[ChangePart]
    status: StatusName = field(metadata=described("how the pathway comes out after them"))
    open: list[GapPart] = field(metadata=described("what is then missing"))
    withdrawn: list[str] = field(metadata=described("facts of the profile that no longer apply then"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ObstaclePart(Part):
    """Why there is no remedy."""

    criterion: str | None = field(default=None, metadata=described("path of the criterion in the way"))
    certain: bool = field(metadata=described("true: no change of what may be changed can meet it; false: none was found"))
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayPart(Part):
    """The remedies of one pathway, best first, or what stands in the way of any."""

    id: str
    title: str
    status: StatusName
    failing: list[str] = field(metadata=described("paths of the criteria that are not met"))
    not_met: list[str] = field(metadata=described("their titles"))
    remedies: list[RemedyPart]
    obstacles: list[ObstaclePart]
    cautions: list[CautionPart] = field(metadata=described("what limits how far the outcome can be relied on"))


@dataclass(frozen=True, slots=True, kw_only=True)
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
