"""The JSON of receipts and of their verification. `schemas` makes the published JSON Schema of `Receipt`.

A receipt holds no fact of the case. A value that was worked out from stated facts, and a figure that was looked up with facts
about a person, is sealed: whoever has the profile can check it, nobody else can read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from pydantic import JsonValue

from eligibility.printed import Printed
from eligibility.report_model import FindingName, PackPart, Part, StatusName, described

RECEIPT_VERSION: Final = 1
Digest = str


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureUsed(Part):
    """A figure, list or cell of a table that findings rest on."""

    name: str = field(metadata=described("id of the rule and name of the figure; column of a table after a dot"))
    kind: Literal["figure", "list", "table"]
    value: JsonValue = field(
        default=None, metadata=described("absent where it is unknown or sealed; of a list the hash of its entries")
    )
    text: str | None = field(default=None, metadata=described("the value in words; absent where it is sealed"))
    since: date | None = field(default=None, metadata=described("the day from which it holds"))
    seal: Digest | None = field(default=None, metadata=described("HMAC-SHA-256 of the value under the profile"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueShown(Part):
    """A value that a rule shows."""

    name: str
    title: str
    value: JsonValue = field(default=None, metadata=described("absent where it is unknown or sealed"))
    text: str | None = field(default=None, metadata=described("the value in words; absent where it is sealed"))
    seal: Digest | None = field(default=None, metadata=described("HMAC-SHA-256 of the value under the profile"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingMade(Part):
    """What was found for one criterion, branch or exception, or for a condition under which the rule concerns a case."""

    path: str = field(
        metadata=described("such as salary.E; applies_when.1 for the first condition under which the rule concerns a case")
    )
    kind: Literal["concern", "criterion", "branch", "exception"]
    title: str | None = None
    finding: FindingName
    figures: list[str] = field(metadata=described("names of the figures it rests on"))
    packs: list[str] = field(metadata=described("names of the rule packs it rests on"))


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Program(Part):
    """A program that took part."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt(Part):
    """What was decided, on what: enough to decide it again and to see what differs. Made by `Report.receipt`."""

    document: Literal["receipt"]
    schema_version: Literal[1]
    as_of: date = field(metadata=described("the day whose law was applied"))
    engine: str = field(metadata=described("the engine that answered"))
    programs: list[Program] = field(metadata=described("this program and the engine, with their versions"))
    packs: list[PackPart] = field(metadata=described("all rule packs that were loaded"))
    profile: Digest = field(metadata=described("SHA-256 of the canonical JSON of the profile"))
    pathways: list[str] = field(metadata=described("ids of the rules that were evaluated"))
    outcomes: list[OutcomeMade]
    digest: Digest = field(metadata=described("SHA-256 of the canonical JSON of everything else here"))

    def to_json(self) -> str:
        """The receipt as JSON text; the same evaluation gives the same text."""
        from eligibility.rendering.json import to_json

        return to_json(self.as_dict())


# verification


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange(Part):
    """A rule pack or program that is not the same now; what was or is not there is left out."""

    name: str
    then: str | None = None
    now: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueDrift(Part):
    """A figure or shown value that is not the same now, in words; absent where there was or is none."""

    name: str
    then: str | None = None
    now: str | None = None
    since: date | None = field(default=None, metadata=described("the day from which the figure of now holds"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDrift(Part):
    """A finding that is not the same now, or that rests on another figure."""

    path: str
    title: str | None = None
    then: FindingName | None = field(default=None, metadata=described("absent for a criterion that was not there"))
    now: FindingName | None = field(default=None, metadata=described("absent for a criterion that is not there any more"))
    figures: list[ValueDrift]
    packs: list[str] = field(metadata=described("the changed rule packs that it rests on"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDrift(Part):
    """An outcome in which anything is not the same now."""

    id: str
    title: str
    then: StatusName
    now: StatusName | None = field(default=None, metadata=described("absent for a rule that is not there any more"))
    findings: list[FindingDrift]
    values: list[ValueDrift]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification(Printed):
    """What replaying a receipt gave. Made by `verification.verify`.

    `verified`: the same rules on the same day give the same findings. `unchanged`: other rules, another version of the program or
    another day give the same findings. `drifted`: they give others.
    """

    document: Literal["verification"]
    schema_version: Literal[1]
    verdict: Literal["verified", "unchanged", "drifted"]
    receipt: Digest = field(metadata=described("the digest of the receipt"))
    as_of: date = field(metadata=described("the day whose law was applied then"))
    replayed_as_of: date = field(metadata=described("the day whose law was applied now"))
    findings: int = field(metadata=described("how many findings the receipt holds"))
    packs: list[VersionChange] = field(metadata=described("the changed rule packs among those that the findings rest on"))
    programs: list[VersionChange]
    outcomes: list[OutcomeDrift] = field(metadata=described("the outcomes in which anything is not the same now"))

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
