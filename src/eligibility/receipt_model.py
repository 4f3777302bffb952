"""The JSON of receipts and of their verification. `Receipt.model_json_schema()` is the published JSON Schema.

A receipt holds no fact of the case. A value that was worked out from stated facts, and a figure that was looked up with facts
about a person, is sealed: whoever has the profile can check it, nobody else can read it.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from pydantic import Field, JsonValue

from eligibility.printed import Printed
from eligibility.report_model import FindingName, PackPart, Part, StatusName

RECEIPT_VERSION: Final = 1
Digest = str


class FigureUsed(Part):
    """A figure, list or cell of a table that findings rest on."""

    name: str = Field(description="id of the rule and name of the figure; column of a table after a dot")
    kind: Literal["figure", "list", "table"]
    value: JsonValue = Field(None, description="absent where it is unknown or sealed; of a list the hash of its entries")
    text: str | None = Field(None, description="the value in words; absent where it is sealed")
    since: date | None = Field(None, description="the day from which it holds")
    seal: Digest | None = Field(None, description="HMAC-SHA-256 of the value under the profile")


class ValueShown(Part):
    """A value that a rule shows."""

    name: str
    title: str
    value: JsonValue = Field(None, description="absent where it is unknown or sealed")
    text: str | None = Field(None, description="the value in words; absent where it is sealed")
    seal: Digest | None = Field(None, description="HMAC-SHA-256 of the value under the profile")


class FindingMade(Part):
    """What was found for one criterion, branch or exception, or for a condition under which the rule concerns a case."""

    path: str = Field(description="such as salary.E; applies_when.1 for the first condition under which the rule concerns a case")
    kind: Literal["concern", "criterion", "branch", "exception"]
    title: str | None = None
    finding: FindingName
    figures: list[str] = Field(description="names of the figures it rests on")
    packs: list[str] = Field(description="names of the rule packs it rests on")


class OutcomeMade(Part):
    """How one rule came out. Lists of criteria hold their paths, in the order of the rule."""

    id: str
    kind: Literal["pathway", "assessment"]
    title: str
    pack: str
    status: StatusName
    failing: list[str]
    unknown: list[str]
    judgement: list[str]
    findings: list[FindingMade]
    figures: list[FigureUsed]
    values: list[ValueShown]


class Program(Part):
    """A program that took part."""

    name: str
    version: str


class Receipt(Part):
    """What was decided, on what: enough to decide it again and to see what differs. Made by `Report.receipt`."""

    document: Literal["receipt"]
    schema_version: Literal[1]
    as_of: date = Field(description="the day whose law was applied")
    engine: str = Field(description="the engine that answered")
    programs: list[Program] = Field(description="this program and the engine, with their versions")
    packs: list[PackPart] = Field(description="all rule packs that were loaded")
    profile: Digest = Field(description="SHA-256 of the canonical JSON of the profile")
    pathways: list[str] = Field(description="ids of the rules that were evaluated")
    outcomes: list[OutcomeMade]
    digest: Digest = Field(description="SHA-256 of the canonical JSON of everything else here")

    def to_json(self) -> str:
        """The receipt as JSON text; the same evaluation gives the same text."""
        from eligibility.rendering.json import to_json

        return to_json(self.as_dict())


# verification


class VersionChange(Part):
    """A rule pack or program that is not the same now; what was or is not there is left out."""

    name: str
    then: str | None = None
    now: str | None = None


class ValueDrift(Part):
    """A figure or shown value that is not the same now, in words; absent where there was or is none."""

    name: str
    then: str | None = None
    now: str | None = None
    since: date | None = Field(None, description="the day from which the figure of now holds")


class FindingDrift(Part):
    """A finding that is not the same now, or that rests on another figure."""

    path: str
    title: str | None = None
    then: FindingName | None = Field(None, description="absent for a criterion that was not there")
    now: FindingName | None = Field(None, description="absent for a criterion that is not there any more")
    figures: list[ValueDrift]
    packs: list[str] = Field(description="the changed rule packs that it rests on")


class OutcomeDrift(Part):
    """An outcome in which anything is not the same now."""

    id: str
    title: str
    then: StatusName
    now: StatusName | None = Field(None, description="absent for a rule that is not there any more")
    findings: list[FindingDrift]
    values: list[ValueDrift]


class Verification(Printed):
    """What replaying a receipt gave. Made by `verification.verify`.

    `verified`: the same rules on the same day give the same findings. `unchanged`: other rules, another version of the program or
    another day give the same findings. `drifted`: they give others.
    """

    document: Literal["verification"]
    schema_version: Literal[1]
    verdict: Literal["verified", "unchanged", "drifted"]
    receipt: Digest = Field(description="the digest of the receipt")
    as_of: date = Field(description="the day whose law was applied then")
    replayed_as_of: date = Field(description="the day whose law was applied now")
    findings: int = Field(description="how many findings the receipt holds")
    packs: list[VersionChange] = Field(description="the changed rule packs among those that the findings rest on")
    programs: list[VersionChange]
    outcomes: list[OutcomeDrift] = Field(description="the outcomes in which anything is not the same now")

    def to_text(self, *, color: bool = False, width: int | None = 100) -> str:
        """The verification as text, lines no wider than `width` (None: as wide as they are)."""
        from eligibility.rendering.text import blocks_text
        from eligibility.rendering.verification import verification_outline

        return blocks_text(verification_outline(self), color=color, width=width)

    def to_markdown(self) -> str:
        """The verification as Markdown."""
        from eligibility.rendering.markdown import blocks_markdown
        from eligibility.rendering.verification import verification_outline

        return blocks_markdown(verification_outline(self))
