"""One rule file from written to checked: its names, dates, citations, figures and expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal, TypeVar

from eligibility import nodes
from eligibility.datatypes import BARE, UNKNOWN, BooleanType, ListType, NumberType, Type, Value, exact
from eligibility.declarations import Vocabularies
from eligibility.diagnostics import Collector, Span, did_you_mean
from eligibility.elaboration import FUNCTIONS, Elaborator, Locate, TableShape, is_whole
from eligibility.fitting import Codes, Misfit, fit
from eligibility.loader import Loaded
from eligibility.model import (
    AmendmentFile,
    AssessmentFile,
    Cited,
    Classification,
    Condition,
    Criterion,
    Dated,
    Derived,
    Element,
    ExceptionTo,
    Grade,
    ListOf,
    Pack,
    Parameter,
    PathwayFile,
    PointsRow,
    Source,
    Table,
)
from eligibility.rulebook import (
    ALWAYS,
    Assumption,
    Citation,
    Concern,
    ConditionKind,
    DatedList,
    DatedValue,
    FactDeclaration,
    Interval,
    ListEntry,
    Note,
    Rule,
    Statement,
)
from eligibility.rulebook import Condition as CheckedCondition
from eligibility.rulebook import Derived as CheckedDerived
from eligibility.rulebook import Parameter as CheckedParameter
from eligibility.rulebook import Table as CheckedTable
from eligibility.table_checker import check_table

KINDS: Final = ("parameters", "lists", "tables", "derived", "classifications", "criteria", "exceptions")
BOOLEAN: Final = BooleanType()
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_RESERVED: Final = {"criteria", "as_of", "True", "False", "None", *FUNCTIONS}
T = TypeVar("T")
R = TypeVar("R")


def element_key(name: str) -> tuple[str, str, str]:
    """`gb.skilled_worker.criteria.salary` as rule id, kind and name."""
    first, _, rest = name.partition(".")
    second, _, rest = rest.partition(".")
    kind, _, element = rest.partition(".")
    return f"{first}.{second}", kind, element


@dataclass(frozen=True, slots=True)
class Origin:
    """The file an element was written in, its path there, and what its citations refer to."""

    file: Loaded[PathwayFile] | Loaded[AssessmentFile] | Loaded[AmendmentFile]
    path: tuple[object, ...]
    sources: Mapping[str, Source]
    grade: Grade | None

    def at(self, *below: object) -> Origin:
        """The origin of a part of the element."""
        return Origin(self.file, (*self.path, *below), self.sources, self.grade)

    def key(self, *below: object) -> Span:
        """Where the key of a part stands."""
        return self.file.positions.key(*self.path, *below)

    def value(self, *below: object) -> Span:
        """Where the value of a part stands."""
        return self.file.positions.value(*self.path, *below)

    def text(self, *below: object) -> Locate:
        """Where the parts of an expression stand."""
        return lambda start, length: self.file.positions.part((*self.path, *below), start, length)


class RuleChecker:
    """Checks one rule file; also the scope in which its expressions read names."""

    def __init__(
        self,
        file: Loaded[PathwayFile] | Loaded[AssessmentFile],
        pack: Pack,
        facts: Mapping[str, FactDeclaration],
        vocabularies: Vocabularies,
        collector: Collector,
        others: Mapping[str, RuleChecker],
    ) -> None:
        self.file = file
        self.model = file.model
        self.id = file.model.pathway if isinstance(file.model, PathwayFile) else file.model.assessment
        self.kind: Literal["pathway", "assessment"] = "pathway" if isinstance(file.model, PathwayFile) else "assessment"
        self.pack = pack
        self.facts = facts
        self.vocabularies = vocabularies
        self.codes: Codes = vocabularies.codes
        self.collector = collector
        self.others = others
        self.overridden: dict[tuple[str, str], tuple[Element, Origin]] = {}
        self.types: dict[str, Type | None] = {}
        self.checked: dict[str, CheckedDerived] = {}
        self.in_progress: list[str] = []
        self.items = 0
        self.paths: set[str] | None = None
        self.assumed: dict[str, Value] = {}

    # elements, amended or as written

    def elements(self, kind: str) -> tuple[str, ...]:
        """The names of the elements of a kind."""
        return tuple(getattr(self.model, kind)) if kind in KINDS else ()

    def override(self, kind: str, name: str, element: Element, origin: Origin) -> None:
        """Replace an element."""
        self.overridden[kind, name] = (element, origin)

    def origin(self, *path: object) -> Origin:
        """The origin of something in this rule's own file."""
        return Origin(self.file, path, self.model.sources, self.model.grade)

    def written(self, kind: str, model: type[T]) -> Iterator[tuple[str, T, Origin]]:
        """Every element of a kind with where it was written."""
        for name, element in getattr(self.model, kind).items():
            replaced = self.overridden.get((kind, name))
            if replaced is not None:
                element, origin = replaced
            else:
                origin = self.origin(kind, name)
            if isinstance(element, model):
                yield name, element, origin

    def find(self, kind: str, name: str, model: type[T]) -> tuple[T, Origin] | None:
        """One element of a kind."""
        if name not in getattr(self.model, kind):
            return None
        return next(((element, origin) for found, element, origin in self.written(kind, model) if found == name), None)

    def span_of(self, name: str) -> Span:
        """Where an element of this rule is declared."""
        head, _, rest = name.partition(".")
        if head == "criteria":
            return self.origin("criteria", rest.partition(".")[0]).key()
        kind = "classifications" if name in self.model.classifications else "derived"
        return self.origin(kind, name).key()

    # the scope of expressions

    def value(self, parts: tuple[str, ...]) -> nodes.Node | None:
        """The node a name stands for."""
        own = self.own(parts)
        if own is not None:
            return own
        path = ".".join(parts)
        if path in self.facts:
            fact = nodes.FactValue(path, self.facts[path].type)
            return nodes.AssumedFact(fact, self.assumed[path], self.id) if path in self.assumed else fact
        other = self.others.get(".".join(parts[:2]))
        return other.own(parts[2:]) if other is not None and len(parts) > 2 else None

    def own(self, parts: tuple[str, ...]) -> nodes.Node | None:
        """The node of a name of this file."""
        if parts[0] == "criteria" and len(parts) > 1:
            path = ".".join(parts[1:])
            return nodes.Reference(self.id, f"criteria.{path}", BOOLEAN) if path in self.criterion_paths() else None
        if len(parts) != 1:
            return None
        (name,) = parts
        kind: Type | None
        if (parameter := self.find("parameters", name, Parameter)) is not None:
            kind = self.named_type(f"parameters.{name}", parameter[0].unit, parameter[1].value("unit"))
            return None if kind is None else nodes.ParameterValue(self.id, name, kind)
        if (listed := self.find("lists", name, ListOf)) is not None:
            kind = self.named_type(f"lists.{name}", listed[0].of, listed[1].value("of"))
            return None if kind is None else nodes.ListValue(self.id, name, ListType(kind))
        kind = self.derived_type(name)
        return None if kind is None else nodes.Reference(self.id, name, kind)

    def table(self, parts: tuple[str, ...]) -> TableShape | None:
        """The table a name stands for."""
        other = self.others.get(".".join(parts[:2]))
        if len(parts) == 3 and other is not None:
            return other.table(parts[2:])
        found = self.find("tables", parts[0], Table) if len(parts) == 1 else None
        if found is None:
            return None
        table, origin = found
        keys = [
            self.named_type(f"tables.{parts[0]}.key.{name}", kind, origin.value("key", name)) for name, kind in table.key.items()
        ]
        columns = {
            name: self.named_type(f"tables.{parts[0]}.columns.{name}", kind, origin.value("columns", name))
            for name, kind in table.columns.items()
        }
        known = {name: kind for name, kind in columns.items() if kind is not None}
        return TableShape(self.id, parts[0], tuple(kind for kind in keys if kind is not None), known)

    def names(self) -> Iterator[str]:
        """Every name that could be meant in this file."""
        for kind in KINDS[:5]:
            yield from getattr(self.model, kind)
        yield from (f"criteria.{path}" for path in self.criterion_paths())
        yield from self.facts
        for other in self.others.values():
            if other is not self:
                for kind in ("parameters", "lists", "tables", "derived", "classifications"):
                    yield from (f"{other.id}.{name}" for name in getattr(other.model, kind))

    def is_broken(self, parts: tuple[str, ...]) -> bool:
        """Whether a name is declared, but so that it cannot be used."""
        other = self.others.get(".".join(parts[:2]))
        if other is not None and other is not self and len(parts) > 2:
            return other.is_broken(parts[2:])
        return len(parts) == 1 and any(
            parts[0] in getattr(self.model, kind) for kind in ("parameters", "lists", "derived", "classifications")
        )

    def is_whole(self, node: nodes.FactValue | nodes.ParameterValue | nodes.Reference) -> bool:
        """Whether a fact, parameter or derived value is declared so that it is always whole."""
        if isinstance(node, nodes.FactValue):
            return self.facts[node.path].integer
        rule = self.others[node.rule]
        if isinstance(node, nodes.Reference):
            derived = rule.checked.get(node.name)
            return derived is not None and is_whole(derived.node, rule)
        found = rule.find("parameters", node.name, Parameter)
        values = () if found is None else [value.value for value in found[0].values.values() if value.value is not None]
        return all(isinstance(value, int | Decimal) and value == int(value) for value in values)

    def named_type(self, key: str, text: str, span: Span) -> Type | None:
        """The type a unit or name of a type stands for, looked up and reported once."""
        if key not in self.types:
            self.types[key] = self.vocabularies.named(text, span, self.collector)
        return self.types[key]

    def criterion_paths(self) -> set[str]:
        """The paths of all criteria and their branches."""
        if self.paths is None:
            self.paths = {path for name, criterion, _ in self.written("criteria", Criterion) for path in _paths(name, criterion)}
        return self.paths

    # derived values and classifications, checked on demand

    def derived_type(self, name: str) -> Type | None:
        """The type of a derived value or classification; None for anything else, and for one with errors."""
        if name in self.checked:
            return self.checked[name].node.type
        if name in self.types:
            return None
        if name in self.in_progress:
            circle = [*self.in_progress[self.in_progress.index(name) :], name]
            text = " -> ".join(f"`{each}`" for each in circle)
            self.collector.add("E210", f"`{name}` depends on itself: {text}", self.span_of(name), help="break the circle")
            self.types[name] = None
            return None
        if name not in self.model.derived and name not in self.model.classifications:
            return None
        self.in_progress.append(name)
        checked = self.check_derived(name)
        self.in_progress.pop()
        if checked is None:
            self.types[name] = None
            return None
        self.checked[name] = checked
        return checked.node.type

    def elaborator(self, note: str) -> Elaborator:
        """An elaborator for one expression of this file."""
        return Elaborator(self, self.collector, f"{self.kind} `{self.id}`, {note}", fresh=self.fresh)

    def fresh(self) -> str:
        """A name for the item of a quantifier that no other quantifier has."""
        self.items += 1
        return f"{self.id}#{self.items}"

    def check_derived(self, name: str) -> CheckedDerived | None:
        found = self.find("derived", name, Derived)
        if found is not None:
            derived, origin = found
            elaborator = self.elaborator(f"derived value `{name}`")
            wanted = None if derived.unit is None else self.named_type(f"derived.{name}", derived.unit, origin.value("unit"))
            node = elaborator.elaborate(derived.value, origin.text("value"), wanted)
            citation = self.citation(derived, origin, None, required=False)
            return (
                None if node is None else CheckedDerived(name, derived.title, node, derived.unit or unit_of(node.type), citation)
            )
        table = self.find("classifications", name, Classification)
        return None if table is None else self.check_classification(name, *table)

    def check_classification(self, name: str, table: Classification, origin: Origin) -> CheckedDerived | None:
        kind = self.named_type(f"classifications.{name}", table.gives, origin.value("gives"))
        citation = self.citation(table, origin, None)
        elaborator = self.elaborator(f"classification `{name}`")
        conditions: list[nodes.Node] = []
        values: list[Value] = []
        for position, row in enumerate(table.rows):
            at = origin.at("rows", position)
            node = elaborator.condition(row.when, at.text("when"))
            self.citation(row, at, citation)
            value = None if kind is None else self.fitted(row.then, kind, at.value("then"), percent=table.gives == "percent")
            if node is not None and value is not None:
                conditions.append(node)
                values.append(value)
        otherwise: Value | None = UNKNOWN
        if table.otherwise is not None and kind is not None:
            otherwise = self.fitted(table.otherwise, kind, origin.value("otherwise"), percent=table.gives == "percent")
        if kind is None or citation is None or otherwise is None or len(conditions) != len(table.rows):
            return None
        result: Type = ListType(kind) if table.hit == "collect" else kind
        node = nodes.Classified(table.hit, tuple(conditions), tuple(values), otherwise, result)
        return CheckedDerived(name, table.title, node, table.gives, citation)

    # citations, dates, figures

    def citation(self, element: Cited, origin: Origin, parent: Citation | None, *, required: bool = True) -> Citation | None:
        """Where an element comes from: its own citation, or its parent's with its own grade and review date."""
        if element.cite is None:
            if parent is None:
                if required:
                    self.collector.add(
                        "E300",
                        "a citation is missing",
                        origin.key(),
                        help=f"write `cite:` with a key of `sources` ({', '.join(origin.sources) or 'none yet'}) and the place in it",
                    )
                return None
            grade, review_by = element.grade or parent.grade, element.review_by or parent.review_by
            cited = Citation(parent.text, parent.source, parent.title, parent.url, parent.read_on, grade, review_by)
        else:
            key = element.cite.split()[0].rstrip(",;:")
            source = origin.sources.get(key)
            if source is None:
                self.collector.add(
                    "E301",
                    f"`{key}` is not among the sources",
                    origin.value("cite"),
                    help=did_you_mean(key, origin.sources, otherwise="a citation begins with a key of `sources`"),
                )
                return None
            own = element.grade or source.grade or origin.grade
            if own is None:
                self.collector.add(
                    "E302",
                    "a grade is missing",
                    origin.key(),
                    help="write `grade: A`, `B` or `C` here, for the source or for the file",
                )
                return None
            cited = Citation(element.cite, key, source.title, source.url, source.read_on, own, element.review_by)
        if cited.grade == "C" and cited.review_by is None:
            self.collector.add(
                "E310",
                "grade C needs a date of review",
                origin.key(),
                help="write `review_by:` with the day by which the source is read again",
            )
        return cited

    def interval(self, element: Dated, origin: Origin, within: Interval = ALWAYS) -> Interval:
        """The days on which an element holds; where it does not say, those of what it stands in."""
        start, until = element.from_ or within.start, element.until or within.until
        if start is not None and until is not None and until <= start:
            self.collector.add(
                "E304",
                f"it ends on {until} before it begins on {start}",
                origin.value("until" if element.until else "from"),
                help="`until` is the first day on which it no longer holds",
            )
        return Interval(start, until)

    def fitted(self, raw: object, kind: Type, span: Span, *, percent: bool = False) -> Value | None:
        """The value a scalar means, or None when it was reported."""
        try:
            return fit(raw, kind, self.codes, percent=percent)
        except Misfit as misfit:
            self.collector.add("E306", misfit.message, span, help=misfit.help)
            return None

    def check_parameter(self, name: str, parameter: Parameter, origin: Origin) -> CheckedParameter | None:
        kind = self.named_type(f"parameters.{name}", parameter.unit, origin.value("unit"))
        general = self.citation(parameter, origin, None, required=False)
        days = list(parameter.values)
        if days != sorted(days):
            self.collector.add(
                "E303", "the values are not in order of their dates", origin.key("values"), help="write the earliest first"
            )
        applied: list[DatedValue] = []
        shown: list[DatedValue] = []
        starts = [day for day, value in parameter.values.items() if value.status == "in_force"]
        for day, value in parameter.values.items():
            at = origin.at("values", day)
            citation = self.citation(value, at, general)
            if (value.value is None) == (value.unknown is None):
                self.collector.add(
                    "E305",
                    "a dated value has either `value` or `unknown`",
                    at.key(),
                    help="write the figure, or say why it is unknown",
                )
                continue
            meant = (
                UNKNOWN
                if value.value is None or kind is None
                else self.fitted(value.value, kind, at.value("value"), percent=parameter.unit == "percent")
            )
            following = next((start for start in sorted(starts) if start > day), None)
            if value.until is not None and (
                value.until <= day or (following is not None and value.status == "in_force" and value.until > following)
            ):
                help = (
                    "`until` is the first day on which it no longer holds"
                    if value.until <= day
                    else f"the next value begins on {following}"
                )
                self.collector.add(
                    "E303",
                    f"the dates of the value overlap or end before they begin: {day} to {value.until}",
                    at.value("until"),
                    help=help,
                )
            if citation is None or meant is None:
                continue
            until = value.until or (following if value.status == "in_force" else None)
            if value.announced is not None and kind is not None:
                expected = self.fitted(value.announced, kind, at.value("announced"), percent=parameter.unit == "percent")
                if expected is not None:
                    shown.append(DatedValue(Interval(day, until), expected, "announced", None, citation))
            dated = DatedValue(Interval(day, until), meant, value.status, value.unknown, citation)
            (applied if value.status == "in_force" else shown).append(dated)
        return (
            None if kind is None else CheckedParameter(name, parameter.title, parameter.unit, kind, tuple(applied), tuple(shown))
        )

    def check_list(self, name: str, listed: ListOf, origin: Origin) -> DatedList | None:
        kind = self.named_type(f"lists.{name}", listed.of, origin.value("of"))
        citation = self.citation(listed, origin, None)
        interval = self.interval(listed, origin, Interval(self.model.in_force.from_, None))
        if (listed.unknown_from is None) != (listed.unknown_because is None):
            self.collector.add("E305", "`unknown_from` and `unknown_because` belong together", origin.key(), help="write both")
        entries: list[ListEntry] = []
        written = listed.entries if isinstance(listed.entries, dict) else dict.fromkeys(listed.entries)
        if isinstance(listed.entries, list) and len(written) != len(listed.entries):
            twice = next(value for value in listed.entries if listed.entries.count(value) > 1)
            self.collector.add("E309", f"`{twice}` stands twice in the list", origin.key("entries"), help="remove one")
        for position, (value, entry) in enumerate(written.items()):
            at = origin.at("entries", value if isinstance(listed.entries, dict) else position)
            if (
                kind is None
                or self.fitted(value, kind, at.key() if entry is not None else at.value()) is None
                or citation is None
            ):
                continue
            own = citation if entry is None else self.citation(entry, at, citation)
            if own is not None:
                entries.append(ListEntry(value, interval if entry is None else self.interval(entry, at, interval), own))
        if kind is None or citation is None:
            return None
        return DatedList(
            name, listed.title, kind, interval, tuple(entries), listed.unknown_from, listed.unknown_because, citation
        )

    def check_table(self, name: str, table: Table, origin: Origin) -> CheckedTable | None:
        citation = self.citation(table, origin, None)
        shape = self.table((name,))
        interval = self.interval(table, origin, Interval(self.model.in_force.from_, None))
        if citation is None or shape is None or len(shape.keys) != len(table.key) or len(shape.columns) != len(table.columns):
            return None
        return check_table(name, table, shape, interval, citation, origin.file, origin.value("file"), self.codes, self.collector)

    # criteria

    def check_condition(
        self, path: str, written: Condition | str, origin: Origin, parent: Citation | None, within: Interval, note: str
    ) -> CheckedCondition | None:
        if isinstance(written, str):
            node = self.elaborator(note).condition(written, origin.text())
            return (
                None
                if node is None or parent is None
                else CheckedCondition(path, None, "leaf", parent, within, node, source_text=written)
            )
        citation = self.citation(written, origin, parent)
        interval = self.interval(written, origin, within)
        applies = None
        if written.applies_when is not None:
            applies = self.elaborator(note).condition(written.applies_when, origin.text("applies_when"))
        kinds = [
            kind for kind in ("met_when", "all", "any", "none", "of", "points", "judgement") if getattr(written, kind) is not None
        ]
        if len(kinds) != 1:
            what = "says nothing to test" if not kinds else f"has both {' and '.join(f'`{kind}`' for kind in kinds[:2])}"
            self.collector.add(
                "E215",
                f"the condition {what}",
                origin.key(),
                help="write one of met_when, all, any, none, at_least with of, points with pass_mark, judgement",
            )
            return None
        if (written.at_least is None) != (written.of is None):
            self.collector.add(
                "E215",
                "`at_least` and `of` belong together",
                origin.key(),
                help="write `at_least: 2` and `of:` with the conditions",
            )
        if (written.points is None) != (written.pass_mark is None):
            self.collector.add(
                "E215",
                "`points` and `pass_mark` belong together",
                origin.key(),
                help="write `pass_mark:` with the points needed and `points:` with the rows",
            )
            return None
        kind = kinds[0]
        node = None
        if kind == "met_when":
            node = self.elaborator(note).condition(written.met_when or "", origin.text("met_when"))
        branches = getattr(written, kind) if kind in ("all", "any", "none", "of") else {}
        parts = (
            list(branches.items())
            if isinstance(branches, dict)
            else [(str(position + 1), each) for position, each in enumerate(branches)]
        )
        below = origin.at(kind)
        children = [
            self.check_condition(
                f"{path}.{name}",
                each,
                below.at(name if isinstance(branches, dict) else position),
                citation,
                interval,
                f"criterion `{path}.{name}`",
            )
            for position, (name, each) in enumerate(parts)
        ]
        if written.at_least is not None and written.at_least > len(children):
            self.collector.add(
                "E215",
                f"{written.at_least} of {len(children)} conditions can never be met",
                origin.value("at_least"),
                help="write a smaller number",
            )
        mark = None
        if written.points is not None and written.pass_mark is not None:
            mark = self.elaborator(note).elaborate(str(written.pass_mark), origin.text("pass_mark"), NumberType())
            children = [
                self.check_row(f"{path}.{name}", row, origin.at("points", name), citation, interval)
                for name, row in written.points.items()
            ]
            if mark is None:
                return None
        if (
            citation is None
            or (kind == "met_when" and node is None)
            or (written.applies_when is not None and applies is None)
            or None in children
        ):
            return None
        words: dict[str, ConditionKind] = {
            "met_when": "leaf", "all": "all", "any": "any", "none": "none", "of": "at_least", "points": "points", "judgement": "judgement"
        }  # fmt: skip
        return CheckedCondition(
            path,
            written.title,
            words[kind],
            citation,
            interval,
            node,
            tuple(child for child in children if child is not None),
            written.at_least or 0,
            applies,
            written.judgement,
            written.help,
            written.on_failure if isinstance(written, Criterion) else "not_eligible",
            source_text=written.met_when,
            pass_mark=mark,
        )

    def check_row(
        self, path: str, row: PointsRow, origin: Origin, parent: Citation | None, within: Interval
    ) -> CheckedCondition | None:
        citation = self.citation(row, origin, parent)
        interval = self.interval(row, origin, within)
        elaborator = self.elaborator(f"points `{path}`")
        award = elaborator.elaborate(str(row.award), origin.text("award"), NumberType())
        node = None if row.when is None else elaborator.condition(row.when, origin.text("when"))
        if citation is None or award is None or (row.when is not None and node is None):
            return None
        most = None if row.most is None else exact(row.most)
        return CheckedCondition(path, row.title, "row", citation, interval, node, source_text=row.when, award=award, most=most)

    def check_criteria(self) -> tuple[CheckedCondition, ...]:
        exceptions: dict[str, list[CheckedCondition]] = {}
        for name, written, origin in self.written("exceptions", ExceptionTo):
            if written.title is None:
                self.collector.add(
                    "E111",
                    "missing key `title` for an exception",
                    origin.key(),
                    help="write a statement that is true when the exception holds",
                )
            target = written.overrides.removeprefix("criteria.")
            if target not in self.criterion_paths():
                self.collector.add(
                    "E216",
                    f"the exception overrides nothing: there is no criterion `{target}`",
                    origin.value("overrides"),
                    help=did_you_mean(target, self.criterion_paths()),
                )
            checked = self.check_condition(
                f"exceptions.{name}", written, origin, None, self.own_interval(), f"exception `{name}`"
            )
            if checked is not None:
                exceptions.setdefault(target, []).append(checked)
        found: list[CheckedCondition] = []
        for name, criterion, origin in self.written("criteria", Criterion):
            if criterion.title is None:
                self.collector.add(
                    "E111",
                    f"missing key `title` for the criterion `{name}`",
                    origin.key(),
                    help="write a statement that is true when the criterion is met",
                )
            checked = self.check_condition(name, criterion, origin, None, self.own_interval(), f"criterion `{name}`")
            if checked is not None:
                found.append(_with_exceptions(checked, exceptions))
        return tuple(found)

    def own_interval(self) -> Interval:
        """The days on which the rule is in force."""
        return Interval(self.model.in_force.from_, self.model.in_force.until)

    # the rest of the file

    def placeholders(self, text: str, span: Span) -> tuple[str, ...]:
        """The names in braces in a text, each a parameter or derived value of this file."""
        names = tuple(_PLACEHOLDER.findall(text))
        known = [*self.model.parameters, *self.model.derived, *self.model.classifications]
        for name in names:
            if name not in known:
                self.collector.add(
                    "E219", f"`{{{name}}}` is not a parameter or derived value of this file", span, help=did_you_mean(name, known)
                )
        return tuple(name for name in names if name in known)

    def check_notes(self) -> Iterator[Note]:
        for position, note in enumerate(self.model.notes):
            origin = self.origin("notes", position)
            citation = self.citation(note, origin, None)
            interval = self.interval(note, origin, self.own_interval())
            names = self.placeholders(note.say, origin.value("say"))
            node = None
            if note.when is not None:
                node = self.elaborator(f"note {position + 1}").condition(note.when, origin.text("when"))
            if citation is not None and (note.when is None or node is not None):
                yield Note(note.kind, note.say, node, interval, citation, names)

    def check_about(self) -> Iterator[Statement]:
        for heading, written in self.model.about.items():
            listed = isinstance(written, list)
            for position, statement in enumerate(written if isinstance(written, list) else [written]):
                origin = self.origin("about", heading, position) if listed else self.origin("about", heading)
                citation = self.citation(statement, origin, None)
                interval = self.interval(statement, origin, self.own_interval())
                names = self.placeholders(statement.say, origin.value("say"))
                if citation is not None:
                    yield Statement(heading, statement.say, interval, citation, names)

    def check_assumptions(self) -> Iterator[Assumption]:
        for position, assumption in enumerate(self.model.assumptions):
            origin = self.origin("assumptions", position)
            citation = self.citation(assumption, origin, None)
            declared = self.facts.get(assumption.fact)
            if declared is None:
                self.collector.add(
                    "E202",
                    f"unknown fact `{assumption.fact}`",
                    origin.value("fact"),
                    help=did_you_mean(assumption.fact, self.facts),
                )
                continue
            value = self.fitted(assumption.value, declared.type, origin.value("value"))
            if citation is not None and value is not None:
                self.assumed[assumption.fact] = value
                yield Assumption(assumption.fact, value, assumption.say, citation)

    def check_concerns(self) -> Iterator[Concern]:
        for position, concern in enumerate(self.model.applies_when):
            origin = self.origin("applies_when", position)
            node = self.elaborator(f"applies_when {position + 1}").condition(concern.when, origin.text("when"))
            citation = self.citation(concern, origin, None, required=False)
            if node is not None:
                yield Concern(node, concern.otherwise, citation)

    def check_names(self) -> None:
        seen: dict[str, str] = {}
        roots = {path.partition(".")[0] for path in self.facts} | {other.partition(".")[0] for other in self.others}
        for kind in KINDS[:5]:
            for name in getattr(self.model, kind):
                span = self.origin(kind, name).key()
                if name in seen:
                    self.collector.add(
                        "E213", f"`{name}` is declared under `{seen[name]}` and under `{kind}`", span, help="rename one of them"
                    )
                elif name in _RESERVED or name in roots:
                    self.collector.add("E213", f"the name `{name}` has a meaning of its own", span, help="choose another name")
                seen[name] = kind

    def check(self) -> Rule | None:
        """The checked rule; None when it has errors of a kind that leave nothing to check."""
        model = self.model
        self.check_names()
        force = model.in_force
        if force.until is not None and force.until <= force.from_:
            self.collector.add(
                "E304", f"it ends on {force.until} before it begins on {force.from_}", self.origin("in_force", "until").value()
            )
        assumptions = tuple(self.check_assumptions())
        parameters = _present(self.written("parameters", Parameter), self.check_parameter)
        lists = _present(self.written("lists", ListOf), self.check_list)
        tables = _present(self.written("tables", Table), self.check_table)
        for name in (*model.derived, *model.classifications):
            self.derived_type(name)
        for position, name in enumerate(model.shows):
            if name not in model.derived and name not in model.classifications and name not in model.parameters:
                self.collector.add(
                    "E202",
                    f"`{name}` cannot be shown: it is not declared here",
                    self.origin("shows", position).value(),
                    help=did_you_mean(name, [*model.derived, *model.classifications, *model.parameters]),
                )
        return Rule(
            self.id,
            self.kind,
            self.pack.pack,
            self.pack.jurisdiction,
            model.title,
            model.authority,
            self.own_interval(),
            model.reviewed_until,
            tuple(self.check_concerns()),
            parameters,
            lists,
            tables,
            {name: self.checked[name] for name in (*model.derived, *model.classifications) if name in self.checked},
            self.check_criteria(),
            assumptions,
            tuple(self.check_notes()),
            tuple(self.check_about()),
            tuple(model.shows),
            self.file.file,
        )


def unit_of(kind: Type) -> str | None:
    """The unit a number is shown in."""
    return str(kind.unit) if isinstance(kind, NumberType) and kind.unit != BARE else None


def _present(written: Iterable[tuple[str, T, Origin]], check: Callable[[str, T, Origin], R | None]) -> dict[str, R]:
    return {name: checked for name, element, origin in written if (checked := check(name, element, origin)) is not None}


def _paths(path: str, condition: Condition) -> Iterator[str]:
    yield path
    for name in condition.points or ():
        yield f"{path}.{name}"
    for branches in (condition.all, condition.any, condition.none, condition.of):
        if branches is None:
            continue
        named = (
            branches.items()
            if isinstance(branches, dict)
            else ((str(position + 1), each) for position, each in enumerate(branches))
        )
        for name, each in named:
            if isinstance(each, str):
                yield f"{path}.{name}"
            else:
                yield from _paths(f"{path}.{name}", each)


def _with_exceptions(condition: CheckedCondition, exceptions: Mapping[str, list[CheckedCondition]]) -> CheckedCondition:
    """The same condition with the exceptions that name it or a part of it."""
    children = tuple(_with_exceptions(child, exceptions) for child in condition.children)
    return replace(condition, children=children, exceptions=tuple(exceptions.get(condition.path, ())))
