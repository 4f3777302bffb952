"""The checked rules: every name resolved, every expression typed, every figure dated and cited. What the compiler reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from eligibility.datatypes import Number, Type, Value
from eligibility.fitting import Codes
from eligibility.language import ENGLISH, Language
from eligibility.nodes import Node


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a rule comes from: the place, the source's title and address, the day it was read, the grade, the review date."""

    text: str
    source: str
    title: str
    url: str | None
    read_on: date
    grade: Literal["A", "B", "C"]
    review_by: date | None

    @property
    def place(self) -> str:
        """The place inside the source."""
        return self.text.removeprefix(self.source).strip()


@dataclass(frozen=True, slots=True)
class Interval:
    """The days on which something holds: from `start` (None: always) up to, but not on, `until` (None: open)."""

    start: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the day lies inside."""
        return (self.start is None or self.start <= day) and (self.until is None or day < self.until)

    @property
    def dates(self) -> tuple[date, ...]:
        """The days on which something changes."""
        return tuple(day for day in (self.start, self.until) if day is not None)


ALWAYS = Interval()


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """A fact: its type, its words, who can change it."""

    path: str
    type: Type
    label: str
    question: str
    help: str | None
    changed_by: str
    personal: bool
    unit: str | None
    integer: bool
    minimum: Number | None
    maximum: Number | None
    choices: Mapping[str, str]
    fields: Mapping[str, FactDeclaration]
    pack: str
    applies_when: Node | None = None
    otherwise: Value | None = None


@dataclass(frozen=True, slots=True)
class Consistency:
    """A condition on facts alone that no possible case fails; `title` is a clause that says so."""

    title: str
    node: Node


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A value a parameter has in an interval; `why` says why it is unknown."""

    interval: Interval
    value: Value
    status: Literal["in_force", "announced", "struck_down"]
    why: str | None
    citation: Citation


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated figure. `values` holds what is applied, `shown` what was announced or struck down."""

    name: str
    title: str
    unit: str
    type: Type
    values: tuple[DatedValue, ...]
    shown: tuple[DatedValue, ...]

    def at(self, day: date) -> DatedValue | None:
        """What holds on a day, or None before the first value and in a gap."""
        return next((value for value in self.values if value.interval.holds(day)), None)


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a list."""

    value: str
    interval: Interval
    citation: Citation


@dataclass(frozen=True, slots=True)
class DatedList:
    """A list fixed by law, with dated entries; outside its interval it is empty, from `unknown_from` on it is unknown."""

    name: str
    title: str
    element: Type
    interval: Interval
    entries: tuple[ListEntry, ...]
    unknown_from: date | None
    unknown_because: str | None
    citation: Citation

    def at(self, day: date) -> frozenset[str] | None:
        """The entries in force on a day, or None where they are unknown."""
        if self.unknown_from is not None and day >= self.unknown_from:
            return None
        if not self.interval.holds(day):
            return frozenset()
        return frozenset(entry.value for entry in self.entries if entry.interval.holds(day))


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of one row and the days on which it holds."""

    interval: Interval
    cells: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Table:
    """A printed table. Rows of one key hold on different days; a column may be called by a title of its own."""

    name: str
    title: str
    key: tuple[tuple[str, Type], ...]
    columns: Mapping[str, Type]
    units: Mapping[str, str]
    titles: Mapping[str, str]
    interval: Interval
    rows: Mapping[tuple[str, ...], tuple[TableRow, ...]]
    citation: Citation

    def called(self, column: str) -> str:
        """What the values of a column are called: by its own title or that of the table, if need be with its name."""
        return self.titles.get(column) or (self.title if len(self.columns) == 1 else f"{self.title} ({column.replace('_', ' ')})")

    def at(self, day: date, keys: tuple[str, ...]) -> TableRow | None:
        """The row for the keys on a day, or None."""
        return next((row for row in self.rows.get(keys, ()) if row.interval.holds(day)), None)


class RowsOn:
    """The rows of a table by key that hold on a day: gathered when all are first asked for, always the same ones."""

    def __init__(self, table: Table, day: date) -> None:
        self.table, self.day = table, day
        self.found: list[dict[tuple[str, ...], TableRow]] = []  # the first is what counts, whichever thread gathered it
        self.single: dict[tuple[str, ...], TableRow] = {}

    def __call__(self) -> dict[tuple[str, ...], TableRow]:
        """The rows."""
        if not self.found:
            found: dict[tuple[str, ...], TableRow] = {}
            for key, versions in self.table.rows.items():
                for row in versions:
                    if row.interval.holds(self.day):
                        found[key] = row
            self.found.append(found)
        return self.found[0]

    def get(self, key: tuple[str, ...]) -> TableRow | None:
        """The row of a key, for which the others need not be gathered."""
        row = self.single.get(key)
        if row is None:
            row = self.found[0].get(key) if self.found else self.table.at(self.day, key)
            if row is not None:
                self.single[key] = row
        return row

    def __contains__(self, key: tuple[str, ...]) -> bool:
        return self.get(key) is not None

    def __reduce__(self) -> tuple[type[RowsOn], tuple[Table, date]]:
        return RowsOn, (self.table, self.day)


@dataclass(frozen=True, slots=True)
class Derived:
    """A named calculation or condition."""

    name: str
    title: str
    node: Node
    unit: str | None
    citation: Citation | None
    labels: Mapping[str, str] = field(default_factory=dict)


ConditionKind = Literal["leaf", "all", "any", "none", "at_least", "points", "row", "judgement"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A node of a criterion. `path` is `salary.E`; a leaf has a `node`, the others `children`.

    The children of `points` are rows: `node` is the condition of a row (None: always), `award` what it gives, `most` the most it
    can give.
    """

    path: str
    title: str | None
    kind: ConditionKind
    citation: Citation
    interval: Interval
    node: Node | None = None
    children: tuple[Condition, ...] = ()
    count: int = 0
    applies_when: Node | None = None
    judgement: str | None = None
    help: str | None = None
    on_failure: Literal["not_eligible", "not_available"] = "not_eligible"
    exceptions: tuple[Condition, ...] = ()
    source_text: str | None = None
    award: Node | None = None
    most: Number | None = None
    pass_mark: Node | None = None

    def walk(self) -> Iterator[Condition]:
        """This condition and everything below it, exceptions included."""
        yield self
        for child in (*self.children, *self.exceptions):
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Concern:
    """A condition without which the rule does not concern the case, and the sentence for that."""

    node: Node
    otherwise: str
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class Assumption:
    """The value a rule takes for an unknown fact."""

    fact: str
    value: Value
    say: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say when a condition holds; `{name}` in the text stands for a parameter or derived value."""

    kind: Literal["note", "warning", "next_step"]
    say: str
    node: Node | None
    interval: Interval
    citation: Citation
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """A cited sentence about a pathway under one heading."""

    heading: str
    say: str
    interval: Interval
    citation: Citation
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A pathway or an assessment."""

    id: str
    kind: Literal["pathway", "assessment"]
    pack: str
    jurisdiction: str
    title: str
    authority: str | None
    interval: Interval
    reviewed_until: date | None
    concerns: tuple[Concern, ...]
    parameters: Mapping[str, Parameter]
    lists: Mapping[str, DatedList]
    tables: Mapping[str, Table]
    derived: Mapping[str, Derived]
    criteria: tuple[Condition, ...]
    assumptions: tuple[Assumption, ...]
    notes: tuple[Note, ...]
    about: tuple[Statement, ...]
    shows: tuple[str, ...]
    file: str

    def days_of_change(self) -> Iterator[date]:
        """Every day on which something in it begins or ends."""
        yield from self.interval.dates
        for parameter in self.parameters.values():
            for value in parameter.values:
                yield from value.interval.dates
        for listed in self.lists.values():
            yield from listed.interval.dates
            if listed.unknown_from:
                yield listed.unknown_from
            for entry in listed.entries:
                yield from entry.interval.dates
        for table in self.tables.values():
            yield from table.interval.dates
            for versions in table.rows.values():
                for row in versions:
                    yield from row.interval.dates
        for criterion in self.criteria:
            for condition in criterion.walk():
                yield from condition.interval.dates
        for note in self.notes:
            yield from note.interval.dates
        for statement in self.about:
            yield from statement.interval.dates


@dataclass(frozen=True, slots=True)
class PackInfo:
    """The name, version and content hash of a pack."""

    name: str
    title: str
    version: str
    jurisdiction: str
    licence: str
    digest: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Everything that was loaded and checked. Its labels and texts are in `language`.

    `changes` are all days on which any rule changes, in order; `consistency` is what facts cannot contradict, by `<pack>.<name>`.
    """

    packs: tuple[PackInfo, ...]
    facts: Mapping[str, FactDeclaration]
    rules: Mapping[str, Rule]
    codes: Codes
    vocabularies: Mapping[str, Mapping[str, str]]
    schemes: Mapping[str, str]
    changes: tuple[date, ...]
    language: Language = ENGLISH
    consistency: Mapping[str, Consistency] = field(default_factory=dict)
