"""The JSON of batches: what came of a population. `BatchSummary.model_json_schema()` is the published schema."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from pydantic import Field

from eligibility.printed import Printed
from eligibility.report_model import PackPart, Part, StatusName

BATCH_VERSION: Final = 1


class Common(Part):
    """Something that many rows have in common."""

    id: str = Field(description="path of a criterion or fact, or name of a figure")
    title: str
    rows: int


class RuleTally(Part):
    """How a rule came out over all rows."""

    id: str
    title: str
    outcomes: dict[StatusName, int] = Field(description="the rows of each status")
    failing: list[Common] = Field(description="the criteria that fail most often where the rule is not met, commonest first")
    failing_of: int = Field(description="the rows that were looked at for that: those not eligible, or a sample of them")
    missing: list[Common] = Field(description="what is most often missing where the outcome is undetermined, commonest first")
    missing_of: int = Field(description="the rows that were looked at for that: those undetermined, or a sample of them")


class Reason(Part):
    """Why rows were rejected."""

    code: str
    path: str
    reason: str = Field(description="of the first such row")
    rows: int


class BatchSummary(Printed):
    """What came of a batch. Made by `batch.evaluate_files`."""

    document: Literal["batch"]
    schema_version: Literal[1]
    as_of: date | None = Field(None, description="the day whose law was applied; absent where each row has its own")
    packs: list[PackPart]
    files: list[str] = Field(description="the files that were read, in order")
    output: str
    rejects: str = Field(description="the file of the rows that were rejected")
    explained: str | None = Field(None, description="the file of explained failures")
    rows: int = Field(description="all rows, those rejected included")
    rejected: int
    reasons: list[Reason] = Field(description="why, commonest first")
    rules: list[RuleTally]
    milliseconds: int
    notice: str

    @property
    def evaluated(self) -> int:
        """The rows that were evaluated."""
        return self.rows - self.rejected

    @property
    def rate(self) -> int:
        """Rows a second."""
        return self.rows * 1000 // max(1, self.milliseconds)

    def to_text(self, *, color: bool = False, width: int | None = 100) -> str:
        """The summary as text, no wider than `width` (None: as wide as it is)."""
        from eligibility.rendering.batch import batch_outline
        from eligibility.rendering.text import blocks_text

        return blocks_text(batch_outline(self), color=color, width=width)

    def to_html(self) -> str:
        """The summary with a chart, as a page of HTML that needs no other file."""
        from eligibility.rendering.batch import batch_html

        return batch_html(self)
