"""The JSON of reports: one pydantic model a part. `ReportDocument.model_json_schema()` is the published JSON Schema.

Dates are ISO texts. Exact numbers are integers where they are whole, else texts: a decimal where it ends (`"37.5"`), else a
fraction (`"1/3"`). What there is none of is left out. The same evaluation gives the same bytes.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

SCHEMA_VERSION: Final = 1
ExactNumber = int | str
Grade = Literal["A", "B", "C"]
StatusName = Literal["eligible", "subject_to_judgement", "undetermined", "not_eligible", "not_applicable", "not_available"]
FindingName = Literal["met", "not_met", "unknown", "judgement", "not_applicable"]


class Part(BaseModel):
    """Anything in a report."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    def as_dict(self) -> dict[str, object]:
        """The part as plain JSON data."""
        return self.model_dump(mode="json", exclude_none=True)


class CitationPart(Part):
    """Where something in the rules comes from."""

    text: str = Field(description="key of the source and the place in it")
    title: str = Field(description="title of the source")
    url: str | None = Field(None, description="address of the source")
    read_on: date = Field(description="day on which the source was read")
    grade: Grade = Field(description="A official text seen, B well known, C uncertain")
    review_by: date | None = Field(None, description="day by which the source should be read again")


class ValuePart(Part):
    """A value: what it is called, the value as data, and the value in words."""

    name: str
    value: JsonValue = Field(None, description="absent where it is unknown")
    text: str


class MarginPart(Part):
    """How far what was found is from what is required."""

    amount: ExactNumber = Field(description="found minus required, in the unit")
    unit: str = Field(description="such as GBP/year, days, levels, percent or count")
    share: ExactNumber | None = Field(None, description="for money: the amount as a share of what is required")
    words: str


class GapPart(Part):
    """Something missing."""

    kind: Literal["fact", "figure"] = Field(description="fact: nobody stated it; figure: the law or a table does not say it")
    name: str = Field(description="path of the fact in a profile, or id of the rule and name of the figure")
    label: str
    question: str | None = Field(None, description="what to ask a person")
    why: str | None = None
    changed_by: str = Field(description="who can say or change it: applicant, employer, authority, time or nobody")


class ExplanationNode(Part):
    """A node of the tree of what decides an outcome."""

    id: str = Field(description="path in the rule; /n for parts of an expression, [n] for records, /vn for calculations")
    kind: Literal["rule", "concern", "criterion", "branch", "exception", "condition", "record", "value"]
    title: str
    status: FindingName | None = Field(None, description="absent for values")
    sentence: str
    decides: bool = Field(description="whether the outcome rests on this node")
    citation: CitationPart | None = None
    since: date | None = Field(None, description="date of force of the figure, table or criterion that decides")
    observed: ValuePart | None = None
    required: ValuePart | None = None
    margin: MarginPart | None = None
    facts: list[str] = Field(description="paths of the stated facts that decide it")
    missing: list[GapPart]
    help: str | None = None
    children: list[ExplanationNode]


class NotePart(Part):
    """Something to know, to mind or to do."""

    kind: Literal["note", "warning", "next_step"]
    text: str
    citation: CitationPart


class AboutPart(Part):
    """What a rule says about itself."""

    heading: Literal[
        "kind", "duration", "renewal", "settlement", "local_hire_test", "processing", "fees", "dependants", "sponsor", "evidence"
    ]
    text: str
    citation: CitationPart


class ShownPart(Part):
    """A value that a rule shows."""

    name: str
    title: str
    value: JsonValue = Field(None, description="absent where it is unknown")
    text: str


class AssumptionPart(Part):
    """A value that was assumed for a fact nobody stated."""

    fact: str
    label: str
    value: JsonValue
    text: str
    citation: CitationPart


class CautionPart(Part):
    """Something that limits how far an outcome can be relied on."""

    kind: Literal["past_review", "uncertain", "beyond_review", "announced", "struck_down", "change"]
    sentence: str
    names: list[str] = Field(description="the figures and provisions it is about")


class SourcePart(Part):
    """A source that citations of an outcome refer to."""

    key: str = Field(description="how citations begin that refer to it")
    title: str
    url: str | None = None
    read_on: date


class OutcomePart(Part):
    """How one pathway or assessment comes out. Lists of criteria hold their paths, in the order of the rule."""

    id: str
    kind: Literal["pathway", "assessment"]
    title: str
    jurisdiction: str
    authority: str | None = None
    status: StatusName
    sentence: str = Field(description="the outcome in one sentence")
    reason: str = Field(description="the main reason in a few words")
    failing: list[str]
    unknown: list[str]
    judgement: list[str]
    met: list[str]
    missing: list[GapPart] = Field(description="what would settle an undetermined outcome")
    facts: list[str] = Field(description="the stated facts that alone reproduce a settled outcome")
    values: list[ShownPart]
    notes: list[NotePart]
    about: list[AboutPart]
    assumptions: list[AssumptionPart]
    cautions: list[CautionPart]
    sources: list[SourcePart] = Field(description="what the citations refer to, in order of the keys")
    explanation: ExplanationNode


class PackPart(Part):
    """A rule pack that was loaded."""

    name: str
    title: str
    version: str
    digest: str = Field(description="hash of its files")


class OriginPart(Part):
    """Where a stated fact comes from."""

    fact: str
    label: str
    as_of: date | None = Field(None, description="day on which it was true")
    source: str | None = Field(None, description="who or what says so")


class Document(Part):
    """What stands on every document."""

    schema_version: Literal[1]
    as_of: date = Field(description="the day whose law was applied")
    engine: str = Field(description="the engine that answered")
    packs: list[PackPart]
    oldest_source: date | None = Field(None, description="the earliest day on which a source used here was read")
    notice: str


class OutcomeDocument(Document):
    """One outcome by itself."""

    language: str = Field(description="the language of its texts, such as en")
    untranslated: int = Field(description="how many of the texts its rules have are in English all the same")
    outcome: OutcomePart


class RankPart(Part):
    """The place of a pathway among those that may concern the case."""

    id: str
    status: StatusName
    open_facts: int | None = Field(None, description="undetermined: how many facts and figures are missing")
    conditions: int | None = Field(None, description="not eligible: how many conditions would have to change at least")
    share: ExactNumber | None = Field(None, description="not eligible: the largest of these changes as a share of what is needed")


class ReportDocument(Document):
    """All outcomes of one evaluation."""

    language: str = Field(description="the language of its texts, such as en")
    untranslated: int = Field(description="how many of the texts its rules have are in English all the same")
    ranking: list[RankPart] = Field(description="the pathways that may concern the case, the nearest to an approval first")
    outcomes: list[OutcomePart]
    origins: list[OriginPart] = Field(description="where stated facts come from, for those that say so")
