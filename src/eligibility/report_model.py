"""The JSON of reports: one class a part. `schemas` makes the published JSON Schema of `ReportDocument`.

Dates are ISO texts. Exact numbers are integers where they are whole, else texts: a decimal where it ends (`"37.5"`), else a
fraction (`"1/3"`). What there is none of is left out. The same evaluation gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Annotated, Any, ClassVar, Final, Literal, Self

SCHEMA_VERSION: Final = 1
ExactNumber = int | str


class _JsonValue:
    """Gives plain JSON data a name in the schema; whoever only writes documents needs no pydantic."""

    def __get_pydantic_core_schema__(self, *_: object) -> dict[str, object]:
        return {"type": "any", "ref": "JsonValue"}


Json = Annotated[object, _JsonValue()]
Grade = Literal["A", "B", "C"]
StatusName = Literal["eligible", "subject_to_judgement", "undetermined", "not_eligible", "not_applicable", "not_available"]
AboutHeading = Literal[
    "kind", "duration", "renewal", "settlement", "local_hire_test", "processing", "fees", "dependants", "sponsor", "evidence"
]
FindingName = Literal["met", "not_met", "unknown", "judgement", "not_applicable"]


def described(text: str) -> Mapping[str, str]:
    """What the JSON Schema says about a key."""
    return {"description": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Anything in a report."""

    __pydantic_config__: ClassVar = {"extra": "forbid", "strict": True}  # for the schema, and where a document is read

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The part that `as_dict` wrote as this JSON text. Raises: ValueError (pydantic's) with everything that is wrong."""
        from pydantic import TypeAdapter  # imported late: most runs only write documents

        return TypeAdapter(cls).validate_json(text)

    def as_dict(self) -> dict[str, object]:
        """The part as plain JSON data."""
        kind: Any = type(self)
        return {name: _plain(value) for name in _keys(kind) if (value := getattr(self, name)) is not None}


@cache
def _keys(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _plain(value: object) -> object:
    match value:
        case str():
            return value
        case Part():
            return value.as_dict()
        case list():
            return [_plain(each) for each in value]
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case date():
            return value.isoformat()
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationPart(Part):
    """Where something in the rules comes from."""

    text: str = field(metadata=described("key of the source and the place in it"))
    title: str = field(metadata=described("title of the source"))
    url: str | None = field(default=None, metadata=described("address of the source"))
    read_on: date = field(metadata=described("day on which the source was read"))
    grade: Grade = field(metadata=described("A official text seen, B well known, C uncertain"))
    review_by: date | None = field(default=None, metadata=described("day by which the source should be read again"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuePart(Part):
    """A value: what it is called, the value as data, and the value in words."""

    name: str
    value: Json = field(default=None, metadata=described("absent where it is unknown"))
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginPart(Part):
    """How far what was found is from what is required."""

    amount: ExactNumber = field(metadata=described("found minus required, in the unit"))
    unit: str = field(metadata=described("such as GBP/year, days, levels, percent or count"))
    share: ExactNumber | None = field(default=None, metadata=described("for money: the amount as a share of what is required"))
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPart(Part):
    """Something missing."""

    kind: Literal["fact", "figure"] = field(
        metadata=described("fact: nobody stated it; figure: the law or a table does not say it")
    )
    name: str = field(metadata=described("path of the fact in a profile, or id of the rule and name of the figure"))
    label: str
    question: str | None = field(default=None, metadata=described("what to ask a person"))
    why: str | None = None
    changed_by: str = field(metadata=described("who can say or change it: applicant, employer, authority, time or nobody"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationNode(Part):
    """A node of the tree of what decides an outcome."""

    id: str = field(metadata=described("path in the rule; /n for parts of an expression, [n] for records, /vn for calculations"))
    kind: Literal["rule", "concern", "criterion", "branch", "exception", "condition", "record", "value"]
    title: str
    status: FindingName | None = field(default=None, metadata=described("absent for values"))
    sentence: str
    decides: bool = field(metadata=described("whether the outcome rests on this node"))
    citation: CitationPart | None = None
    since: date | None = field(default=None, metadata=described("date of force of the figure, table or criterion that decides"))
    observed: ValuePart | None = None
    required: ValuePart | None = None
    margin: MarginPart | None = None
    facts: list[str] = field(metadata=described("paths of the stated facts that decide it"))
    missing: list[GapPart]
    help: str | None = None
    children: list[ExplanationNode]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePart(Part):
    """Something to know, to mind or to do."""

    kind: Literal["note", "warning", "next_step"]
    text: str
    citation: CitationPart


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPart(Part):
    """What a rule says about itself."""

    heading: AboutHeading
    text: str
    citation: CitationPart


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPart(Part):
    """A value that a rule shows."""

    name: str
    title: str
    value: Json = field(default=None, metadata=described("absent where it is unknown"))
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionPart(Part):
    """A value that was assumed for a fact nobody stated."""

    fact: str
    label: str
    value: Json
    text: str
    citation: CitationPart


@dataclass(frozen=True, slots=True, kw_only=True)
class CautionPart(Part):
    """Something that limits how far an outcome can be relied on."""

    kind: Literal["past_review", "uncertain", "beyond_review", "announced", "struck_down", "change"]
    sentence: str
    names: list[str] = field(metadata=described("the figures and provisions it is about"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePart(Part):
    """A source that citations of an outcome refer to."""

    key: str = field(metadata=described("how citations begin that refer to it"))
    title: str
    url: str | None = None
    read_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePart(Part):
    """How one pathway or assessment comes out. Lists of criteria hold their paths, in the order of the rule."""

    id: str
    kind: Literal["pathway", "assessment"]
    title: str
    jurisdiction: str
    authority: str | None = None
    status: StatusName
    sentence: str = field(metadata=described("the outcome in one sentence"))
    reason: str = field(metadata=described("the main reason in a few words"))
    failing: list[str]
    unknown: list[str]
    judgement: list[str]
    met: list[str]
    missing: list[GapPart] = field(metadata=described("what would settle an undetermined outcome"))
    facts: list[str] = field(metadata=described("the stated facts that alone reproduce a settled outcome"))
    values: list[ShownPart]
    notes: list[NotePart]
    about: list[AboutPart]
    assumptions: list[AssumptionPart]
    cautions: list[CautionPart]
    sources: list[SourcePart] = field(metadata=described("what the citations refer to, in order of the keys"))
    explanation: ExplanationNode


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPart(Part):
    """A rule pack that was loaded."""

    name: str
    title: str
    version: str
    digest: str = field(metadata=described("hash of its files"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginPart(Part):
    """Where a stated fact comes from."""

    fact: str
    label: str
    as_of: date | None = field(default=None, metadata=described("day on which it was true"))
    source: str | None = field(default=None, metadata=described("who or what says so"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Part):
    """What stands on every document."""

    schema_version: Literal[1]
    as_of: date = field(metadata=described("the day whose law was applied"))
    engine: str = field(metadata=described("the engine that answered"))
    packs: list[PackPart]
    oldest_source: date | None = field(default=None, metadata=described("the earliest day on which a source used here was read"))
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeDocument(Document):
    """One outcome by itself."""

    language: str = field(metadata=described("the language of its texts, such as en"))
    untranslated: int = field(metadata=described("how many of the texts its rules have are in English all the same"))
    outcome: OutcomePart


@dataclass(frozen=True, slots=True, kw_only=True)
class RankPart(Part):
    """The place of a pathway among those that may concern the case."""

    id: str
    status: StatusName
    open_facts: int | None = field(default=None, metadata=described("undetermined: how many facts and figures are missing"))
    conditions: int | None = field(
        default=None, metadata=described("not eligible: how many conditions would have to change at least")
    )
    share: ExactNumber | None = field(
        default=None, metadata=described("not eligible: the largest of these changes as a share of what is needed")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDocument(Document):
    """All outcomes of one evaluation."""

    language: str = field(metadata=described("the language of its texts, such as en"))
    untranslated: int = field(metadata=described("how many of the texts its rules have are in English all the same"))
    ranking: list[RankPart] = field(
        metadata=described("the pathways that may concern the case, the nearest to an approval first")
    )
    outcomes: list[OutcomePart]
    origins: list[OriginPart] = field(metadata=described("where stated facts come from, for those that say so"))
