"""The JSON of comparisons: one table. `schemas` makes the published JSON Schema of `Comparison`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from eligibility.printed import Printed
from eligibility.report_model import CautionPart, FindingName, PackPart, Part, StatusName, described

COMPARISON_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Part):
    """How a row comes out for one profile."""

    status: StatusName | FindingName
    reason: str = field(metadata=described("the main reason in a few words; may be empty"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Part):
    """A pathway, or a criterion of one, with a cell for each profile."""

    id: str = field(metadata=described("id of the rule, or path of the criterion"))
    title: str
    cells: list[Cell] = field(metadata=described("in the order of the profiles"))
    cautions: list[CautionPart] = field(
        metadata=described("of a pathway, what limits how far any of its outcomes can be relied on")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPart(Part):
    """Why a profile could not be compared."""

    code: str
    path: str
    message: str
    help: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Part):
    """A profile that could not be compared."""

    name: str
    problems: list[ProblemPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Printed):
    """Several profiles, or one, against the same rules on one day. Made by `comparison.compare`.

    Rows are rules, the most promising first; where a single rule was asked for, its outcome and its criteria in their order.
    """

    document: Literal["comparison"]
    schema_version: Literal[1]
    as_of: date = field(metadata=described("the day whose law was applied"))
    engine: str = field(metadata=described("the engine that answered"))
    packs: list[PackPart]
    oldest_source: date | None = field(default=None, metadata=described("the earliest day on which a source used here was read"))
    rule: str | None = field(
        default=None, metadata=described("id of the rule whose criteria the rows are; absent where rows are rules")
    )
    profiles: list[str] = field(metadata=described("names of the profiles that were compared, one a column"))
    rows: list[Row]
    unconcerned: list[str] = field(metadata=described("ids of the pathways that concern none of the profiles"))
    refused: list[Refused] = field(metadata=described("the profiles that could not be compared"))
    notice: str

    def to_text(self, *, color: bool = False, width: int | None = 100) -> str:
        """The table as text, no wider than `width` (None: as wide as it is); a list where the columns would be too narrow."""
        from eligibility.rendering.comparison import comparison_outline
        from eligibility.rendering.text import blocks_text

        return blocks_text(comparison_outline(self), color=color, width=width)

    def to_markdown(self) -> str:
        """The table as Markdown."""
        from eligibility.rendering.comparison import comparison_outline
        from eligibility.rendering.markdown import blocks_markdown

        return blocks_markdown(comparison_outline(self))

    def to_html(self) -> str:
        """The table as a page of HTML that needs no other file."""
        from eligibility.rendering.comparison import comparison_html

        return comparison_html(self)
