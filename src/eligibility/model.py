"""The file format as pydantic models: what the YAML says, one class per element (written, not yet meant).

Every model is strict and frozen; unknown keys are refused. Names and expressions are still text here: the checker resolves them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, LiteralString

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

# How each pattern is said to an author; the sentence reads "`x` is not ...".
PATTERNS: dict[str, str] = {
    (_IDENTIFIER := r"^[a-z][a-z0-9_]*$"): "a name of lower-case letters, digits and `_`, such as `general_threshold`",
    (_RULE_ID := r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"): "the id of a rule, such as `gb.skilled_worker`",
    (_NAME := r"^[A-Za-z][A-Za-z0-9_]*$"): "a name of letters, digits and `_`, such as `A` or `new_entrant`",
    (_PATH := r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"): "the path of a fact, such as `offer.salary`",
    (_SOURCE := r"^[A-Za-z][A-Za-z0-9_-]*$"): "a name of letters, digits, `_` and `-`, such as `SW`",
    (_VERSION := r"^[0-9]+\.[0-9]+\.[0-9]+$"): "a version of three numbers, such as `1.0.0`",
    (_LANGUAGE := r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$"): "the code of a language, such as `de` or `pt-BR`",
    (_JURISDICTION := r"^[A-Z]{2,}$"): "a country code or name in capitals, such as `GB` or `EU`",
    (_CRITERION := r"^criteria(\.[A-Za-z0-9_]+)+$"): "a criterion, such as `criteria.licence`",
    (_ELEMENT := r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.[a-z]+\.[a-z][a-z0-9_]*$"): (
        "an element of a rule, such as `gb.skilled_worker.criteria.salary`"
    ),
}


SHAPE: Literal["shape"] = "shape"  # the type of the error of `_only` and `_either`, whose message says what is expected


def _only(expected: LiteralString, *types: type) -> BeforeValidator:
    """Refuse all other types with one error, where a union would give one for each of its members."""

    def check(value: object) -> object:
        if not isinstance(value, types):
            raise PydanticCustomError(SHAPE, expected)
        return value

    return BeforeValidator(check)


def _either(expected: str) -> Discriminator:
    """Choose the member of a union by whether a map, a list or something else is written, so that only its errors are given.

    The members are tagged `<map>`, `<list>` and `<scalar>`: no key or name can look like that.
    """

    def shape(value: object) -> str:
        return "<map>" if isinstance(value, dict | BaseModel) else "<list>" if isinstance(value, list) else "<scalar>"

    return Discriminator(shape, custom_error_type=SHAPE, custom_error_message=expected)


Map = Tag("<map>")
List = Tag("<list>")
One = Tag("<scalar>")

Scalar = Annotated[bool | int | Decimal | date | str, _only("text, a number, a date, `true` or `false`", int, Decimal, date, str)]
Number = Annotated[int | Decimal, _only("a number", int, Decimal)]
Grade = Literal["A", "B", "C"]
Expression = Annotated[str, Field(description="one line in the expression language")]
Amount = Annotated[int | Decimal | str, _only("a number or an expression", int, Decimal, str)]
Identifier = Annotated[str, Field(pattern=_IDENTIFIER)]
RuleId = Annotated[str, Field(pattern=_RULE_ID)]
Name = Annotated[str, Field(pattern=_NAME)]
Path = Annotated[str, Field(pattern=_PATH)]
SourceKey = Annotated[str, Field(pattern=_SOURCE)]
ElementPath = Annotated[str, Field(pattern=_ELEMENT)]
Text = Annotated[str, Field(min_length=1)]


class Element(BaseModel):
    """Anything written in a rule file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Cited(Element):
    """An element of law: where it comes from, how sure we are, and when to look again."""

    cite: Text | None = Field(None, description="key of a source, then the place in it")
    grade: Grade | None = Field(None, description="A official text seen, B well known, C uncertain")
    review_by: date | None = Field(None, description="check the source again by this date")


class Dated(Cited):
    """A cited element that holds in [from, until)."""

    from_: date | None = Field(None, alias="from", description="first day on which it holds")
    until: date | None = Field(None, description="first day on which it no longer holds")


# packs and facts


class Pack(Element):
    """`pack.yaml`: the name, version and keeper of a folder of rule files."""

    pack: Identifier
    title: Text
    version: Annotated[str, Field(pattern=_VERSION)]
    jurisdiction: Annotated[str, Field(pattern=_JURISDICTION)]
    language: Literal[1]
    maintainer: Text
    licence: Text


class Vocabulary(Element):
    """A closed list of values, lowest first where `ordered`."""

    title: Text
    ordered: bool = False
    values: Annotated[dict[str, Text], Field(min_length=1)]


class Scheme(Element):
    """A coding scheme of occupations and the like: its version and the shape of its codes."""

    title: Text
    version: Text
    pattern: Text
    publisher: Text
    url: Text


class CodeFile(Element):
    """A CSV with the columns code and name."""

    file: Text


FactType = Literal["boolean", "integer", "decimal", "money", "date", "text", "choice", "code", "country", "record"]


class FactField(Element):
    """One field of a record: typed like a fact."""

    label: Text
    type: Literal["boolean", "integer", "decimal", "money", "date", "text", "choice", "code", "country"]
    question: Text
    help: Text | None = None
    unit: Text | None = None
    choices: dict[str, Text] | None = None
    of: Identifier | None = None
    scheme: Identifier | None = None
    list: bool = False
    min: Number | None = None
    max: Number | None = None


class Fact(Element):
    """One declared fact: its path is the key it stands under."""

    label: Text = Field(description="a noun phrase that reads well inside a sentence")
    type: FactType
    question: Text
    changed_by: Literal["applicant", "employer", "authority", "time", "nobody"]
    help: Text | None = None
    unit: Text | None = None
    choices: dict[str, Text] | None = None
    of: Identifier | None = None
    scheme: Identifier | None = None
    list: bool = False
    min: Number | None = None
    max: Number | None = None
    personal: bool = False
    applies_when: Expression | None = None
    otherwise: Scalar | None = None
    fields: dict[Identifier, FactField] | None = None


class Consistency(Element):
    """What facts cannot contradict, whatever the law: a profile for which it is false is refused."""

    title: Text = Field(description="a clause that is true of every possible profile and reads well after `but`")
    require: Expression


class FactFile(Element):
    """A file of fact declarations and the vocabularies they use."""

    facts: dict[Path, Fact] = Field(default_factory=dict)
    consistency: dict[Identifier, Consistency] = Field(default_factory=dict)
    vocabularies: dict[Identifier, Vocabulary] = Field(default_factory=dict)
    schemes: dict[Identifier, Scheme] = Field(default_factory=dict)
    countries: CodeFile | None = None
    currencies: CodeFile | None = None


# rules


class Source(Element):
    """A text of law or guidance, and when it was read."""

    title: Text
    read_on: date
    url: Text | None = None
    grade: Grade | None = None


class InForce(Element):
    """The interval [from, until) in which a rule holds."""

    from_: date = Field(alias="from")
    until: date | None = None


class Concern(Cited):
    """A condition without which a pathway does not concern the case."""

    when: Expression
    otherwise: Text


class Value(Cited):
    """One dated value of a parameter, or the statement that it is unknown from that date."""

    value: Scalar | None = None
    unknown: Text | None = None
    announced: Scalar | None = Field(None, description="beside `unknown`: the figure that was announced, shown and never applied")
    status: Literal["in_force", "announced", "struck_down"] = "in_force"
    until: date | None = None


class Parameter(Cited):
    """A figure fixed by law, with its unit and its dated values."""

    title: Text
    unit: Text
    values: Annotated[dict[date, Value], Field(min_length=1)]


class Entry(Dated):
    """One entry of a list, with its own dates where they differ from the list's."""


class ListOf(Dated):
    """A list of codes, countries or words fixed by law."""

    title: Text
    of: Text
    entries: Annotated[
        Annotated[dict[str, Entry], Map] | Annotated[list[str], List], _either("a list, or a map from entry to dates")
    ]
    unknown_from: date | None = None
    unknown_because: Text | None = None


class Column(Element):
    """A column of a table whose values are not called by the title of the table."""

    gives: Text
    title: Text


class Table(Dated):
    """A printed table in a CSV file beside the rule file."""

    title: Text
    file: Text
    key: Annotated[dict[Identifier, Text], Field(min_length=1)]
    columns: dict[
        Identifier, Annotated[Annotated[Column, Map] | Annotated[Text, One], _either("a type, or a map with `gives` and `title`")]
    ] = Field(default_factory=dict)
    ignore: list[Text] = Field(default_factory=list)
    dated: bool = False

    @property
    def types(self) -> dict[str, str]:
        """The name of the type of each column."""
        return {name: each if isinstance(each, str) else each.gives for name, each in self.columns.items()}

    @property
    def titles(self) -> dict[str, str]:
        """What the values of the columns are called that have a title of their own."""
        return {name: each.title for name, each in self.columns.items() if not isinstance(each, str)}


class Derived(Cited):
    """A named calculation or condition."""

    title: Text
    value: Expression
    unit: Text | None = None


class Row(Cited):
    """One row of a classification."""

    when: Expression
    then: Scalar
    title: Text | None = None


class Classification(Cited):
    """A decision table with a declared hit policy."""

    title: Text
    gives: Text
    hit: Literal["first", "unique", "collect"]
    rows: Annotated[list[Row], Field(min_length=1)]
    otherwise: Scalar | None = None


class PointsRow(Dated):
    """One row of a points table: its award counts where its condition is met."""

    title: Text
    award: Amount = Field(description="a number, or an expression for it")
    when: Expression | None = None
    most: Number | None = None


class Condition(Dated):
    """A node of a criterion: exactly one of met_when, all, any, none, at_least with of, points with pass_mark, judgement."""

    title: Text | None = None
    help: Text | None = None
    applies_when: Expression | None = None
    met_when: Expression | None = None
    all: Branches | None = None
    any: Branches | None = None
    none: Branches | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None
    of: Branches | None = None
    points: Annotated[dict[Name, PointsRow], Field(min_length=1)] | None = None
    pass_mark: Amount | None = Field(None, description="a number, or an expression for it")
    judgement: Text | None = None


Branch = Annotated[
    Annotated[Condition, Map] | Annotated[str, _only("an expression or a map", str), One], _either("an expression or a map")
]
Branches = Annotated[
    Annotated[dict[Name, Branch], Field(min_length=1), Map] | Annotated[list[Branch], Field(min_length=1), List],
    _either("a list, or a map of named branches"),
]
Condition.model_rebuild()  # its branches are conditions, which are known only now


class Criterion(Condition):
    """A condition of the law at the top of a rule; its title is a statement that is true when it is met."""

    on_failure: Literal["not_eligible", "not_available"] = "not_eligible"


class ExceptionTo(Condition):
    """A condition that stands in for the criterion it names."""

    overrides: Annotated[str, Field(pattern=_CRITERION)]


class Assumption(Cited):
    """The value a rule takes for a fact that is unknown; printed with the outcome."""

    fact: Path
    value: Scalar
    say: Text


class Note(Dated):
    """Something to say when a condition holds."""

    say: Text
    kind: Literal["note", "warning", "next_step"] = "note"
    when: Expression | None = None


class Statement(Dated):
    """A cited sentence about a pathway."""

    say: Text


OneOrMore = Annotated[
    Annotated[Statement, Map] | Annotated[list[Statement], Field(min_length=1), List], _either("a map, or a list of maps")
]
About = Literal[
    "kind", "duration", "renewal", "settlement", "local_hire_test", "processing", "fees", "dependants", "sponsor", "evidence"
]


class RuleBody(Element):
    """What pathways and assessments share."""

    title: Text
    in_force: InForce
    sources: Annotated[dict[SourceKey, Source], Field(min_length=1)]
    authority: Text | None = None
    grade: Grade | None = None
    reviewed_until: date | None = None
    applies_when: list[Concern] = Field(default_factory=list)
    parameters: dict[Identifier, Parameter] = Field(default_factory=dict)
    lists: dict[Identifier, ListOf] = Field(default_factory=dict)
    tables: dict[Identifier, Table] = Field(default_factory=dict)
    derived: dict[Identifier, Derived] = Field(default_factory=dict)
    classifications: dict[Identifier, Classification] = Field(default_factory=dict)
    criteria: dict[Identifier, Criterion] = Field(default_factory=dict)
    exceptions: dict[Identifier, ExceptionTo] = Field(default_factory=dict)
    assumptions: list[Assumption] = Field(default_factory=list)
    notes: list[Note] = Field(default_factory=list)
    about: dict[About, OneOrMore] = Field(default_factory=dict)
    shows: list[Identifier] = Field(default_factory=list)


class PathwayFile(RuleBody):
    """One legal route to work abroad."""

    pathway: RuleId
    criteria: Annotated[dict[Identifier, Criterion], Field(min_length=1)]


class AssessmentFile(RuleBody):
    """Rules about a profile that are not a visa."""

    assessment: RuleId


Overridable = Parameter | ListOf | Table | Derived | Classification | Criterion | ExceptionTo

# The sections of a rule whose elements an amendment may replace; the loader reads each override as what its path names.
OVERRIDABLE: dict[str, type[Overridable]] = {
    "parameters": Parameter,
    "lists": ListOf,
    "tables": Table,
    "derived": Derived,
    "classifications": Classification,
    "criteria": Criterion,
    "exceptions": ExceptionTo,
}


class AmendmentFile(Element):
    """Elements of other packs, replaced whole; the keys name what is replaced."""

    amends: RuleId
    sources: dict[SourceKey, Source] = Field(default_factory=dict)
    grade: Grade | None = None
    overrides: Annotated[dict[ElementPath, Overridable], Field(min_length=1)]


# languages


class LanguageFile(Element):
    """What rule files and reports say, in another language."""

    language: Annotated[str, Field(pattern=_LANGUAGE)]
    labels: dict[str, Text] = Field(default_factory=dict, description="by the address of what has the label")
    texts: dict[str, Text] = Field(default_factory=dict, description="notes, statements and reasons, by what they say in English")
    sentences: dict[str, Text] = Field(default_factory=dict, description="templates of the sentences of reports, by their ids")


# scenarios


ScalarOrList = Annotated[
    Annotated[Scalar, One] | Annotated[list[str], List], _either("text, a number, a date, `true`, `false` or a list of texts")
]


class Expectation(Element):
    """What must come out of a scenario."""

    outcome: (
        Literal["eligible", "subject_to_judgement", "undetermined", "not_eligible", "not_applicable", "not_available"] | None
    ) = None
    met: list[str] = Field(default_factory=list)
    not_met: list[str] = Field(default_factory=list)
    unknown: list[str] = Field(default_factory=list)
    judgement: list[str] = Field(default_factory=list)
    not_applicable: list[str] = Field(default_factory=list)
    failing: list[str] | None = None
    missing: list[str] = Field(default_factory=list)
    missing_exactly: list[str] | None = None
    values: dict[str, ScalarOrList | None] = Field(default_factory=dict)
    points: dict[str, Number | None] = Field(
        default_factory=dict, description="by path of a criterion with points, or of one of its rows: the points that are sure"
    )
    notes: list[str] = Field(default_factory=list)
    no_notes: list[str] = Field(default_factory=list, description="texts that no note may hold")


class Case(Element):
    """One scenario: a base profile, what differs, the date, and what must come out."""

    title: Text
    profile: str
    as_of: Annotated[
        Annotated[date, One] | Annotated[list[date], Field(min_length=1), List], _either("a date, or a list of dates")
    ]
    with_: dict[str, object] = Field(default_factory=dict, alias="with")
    without: list[str] = Field(default_factory=list)
    because: Text | None = None
    expect: Expectation


class Unreachable(Element):
    """Truths of a criterion that no scenario can bring about, and the reason."""

    truths: Annotated[list[Literal["met", "not_met", "unknown", "judgement"]], Field(min_length=1)]
    because: Text


class Equivalent(Element):
    """Changes of a rule that no scenario can tell from the rule itself, and the reason."""

    mutants: Annotated[list[Text], Field(min_length=1, description="as `eligibility test --mutate` lists them; `*`: any text")]
    because: Text


class ScenarioFile(Element):
    """The scenarios of one rule."""

    scenarios: RuleId
    profiles: Annotated[dict[str, dict[str, object]], Field(min_length=1)]
    cases: Annotated[dict[str, Case], Field(min_length=1)]
    unreachable: dict[str, Unreachable] = Field(default_factory=dict, description="by path of the criterion, such as `salary.E`")
    equivalent: list[Equivalent] = Field(default_factory=list)
