"""The JSON of batches: what came of a population. `schemas` makes the published schema of `BatchSummary`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from eligibility.printed import Printed
from eligibility.report_model import PackPart, Part, StatusName, described

BATCH_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Common(Part):
    """Something that many rows have in common."""

    id: str = field(metadata=described("path of a criterion or fact, or name of a figure"))
    title: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTally(Part):
    """How a rule came out over all rows."""

    id: str
    title: str
    outcomes: dict[StatusName, int] = field(metadata=described("the rows of each status"))
    failing: list[Common] = field(
        metadata=described("the criteria that fail most often where the rule is not met, commonest first")
    )
    failing_of: int = field(metadata=described("the rows that were looked at for that: those not eligible, or a sample of them"))
    missing: list[Common] = field(
        metadata=described("what is most often missing where the outcome is undetermined, commonest first")
    )
    missing_of: int = field(metadata=described("the rows that were looked at for that: those undetermined, or a sample of them"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason(Part):
    """Why rows were rejected."""

    code: str
    path: str
    reason: str = field(metadata=described("of the first such row"))
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSummary(Printed):
    """What came of a batch. Made by `batch.evaluate_files`."""

    document: Literal["batch"]
    schema_version: Literal[1]
    as_of: date | None = field(
        default=None, metadata=described("the day whose law was applied; absent where each row has its own")
    )
    packs: list[PackPart]
    files: list[str] = field(metadata=described("the files that were read, in order"))
    output: str
    rejects: str = field(metadata=described("the file of the rows that were rejected"))
    explained: str | None = field(default=None, metadata=described("the file of explained failures"))
    rows: int = field(metadata=described("all rows, those rejected included"))
    rejected: int
    reasons: list[Reason] = field(metadata=described("why, commonest first"))
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
