"""One rule file as its expressions see it: its elements, amended or as written, and what every name in it means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeVar

from eligibility import expr, nodes
from eligibility.datatypes import BooleanType, ListType, Type, Value
from eligibility.diagnostics import Collector, Span, did_you_mean
from eligibility.elaboration import Elaborator, Locate, TableShape, is_whole
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
    Grade,
    ListOf,
    Pack,
    Parameter,
    PathwayFile,
    Source,
    Table,
)
from eligibility.rulebook import ALWAYS, Citation, FactDeclaration, Interval
from eligibility.rulebook import Derived as CheckedDerived
from eligibility.syntax import ExpressionError, parse
from eligibility.vocabularies import Vocabularies

NAMED: Final = ("parameters", "lists", "tables", "derived", "classifications")
SECTIONS: Final = (*NAMED, "criteria", "exceptions")
BOOLEAN: Final = BooleanType()
REPORTED: Final = Citation("", "", "", None, date.max, "A", None)  # stands for a citation with errors, so that they are told once
T = TypeVar("T")


def element_key(name: str) -> tuple[str, str, str]:
    """`gb.skilled_worker.criteria.salary` as rule id, section and name."""
    first, _, rest = name.partition(".")
    second, _, rest = rest.partition(".")
    section, _, element = rest.partition(".")
    return f"{first}.{second}", section, element


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


class RuleScope:
    """The names of one rule file, and what all its elements have: citations, dates, values."""

    def __init__(
        self,
        file: Loaded[PathwayFile] | Loaded[AssessmentFile],
        pack: Pack,
        facts: Mapping[str, FactDeclaration],
        vocabularies: Vocabularies,
        collector: Collector,
        others: Mapping[str, RuleScope],
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
        self.items = 0
        self.paths: set[str] | None = None
        self.assumed: dict[str, Value] = {}
        self.broken_facts: Collection[str] = ()

    # elements, amended or as written

    def elements(self, section: str) -> tuple[str, ...]:
        """The names of the elements of a section."""
        return tuple(getattr(self.model, section)) if section in SECTIONS else ()

    def override(self, section: str, name: str, element: Element, origin: Origin) -> None:
        """Replace an element."""
        self.overridden[section, name] = (element, origin)

    def origin(self, *path: object) -> Origin:
        """The origin of something in this rule's own file."""
        return Origin(self.file, path, self.model.sources, self.model.grade)

    def written(self, section: str, model: type[T]) -> Iterator[tuple[str, T, Origin]]:
        """Every element of a section with where it was written."""
        for name in getattr(self.model, section):
            found = self.find(section, name, model)
            if found is not None:
                yield name, *found

    def find(self, section: str, name: str, model: type[T]) -> tuple[T, Origin] | None:
        """One element of a section."""
        if name not in getattr(self.model, section):
            return None
        element, origin = self.overridden.get((section, name)) or (getattr(self.model, section)[name], self.origin(section, name))
        return (element, origin) if isinstance(element, model) else None

    def span_of(self, name: str) -> Span:
        """Where a derived value, a classification, or a criterion or exception (`criteria.a.b`) of this rule is declared."""
        head, _, rest = name.partition(".")
        if head != "criteria":
            section, top = ("classifications" if name in self.model.classifications else "derived"), name
        elif rest.startswith("exceptions."):
            section, top = "exceptions", rest.split(".")[1]
        else:
            section, top = "criteria", rest.partition(".")[0]
        found = self.overridden.get((section, top))
        return (found[1] if found else self.origin(section, top)).key()

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
        derived = self.checked.get(name)
        return None if derived is None else nodes.Reference(self.id, name, derived.node.type)

    def table(self, parts: tuple[str, ...]) -> TableShape | None:
        """The table a name stands for; None for one whose keys have no type."""
        other = self.others.get(".".join(parts[:2]))
        if len(parts) == 3 and other is not None:
            return other.table(parts[2:])
        found = self.find("tables", parts[0], Table) if len(parts) == 1 else None
        if found is None:
            return None
        (table, origin), at = found, f"tables.{parts[0]}"
        keys = [self.named_type(f"{at}.key.{name}", kind, origin.value("key", name)) for name, kind in table.key.items()]
        columns = {
            name: self.named_type(
                f"{at}.columns.{name}", kind, origin.value("columns", name, *(["gives"] if name in table.titles else []))
            )
            for name, kind in table.types.items()
        }
        sound = [kind for kind in keys if kind is not None]
        return TableShape(self.id, parts[0], tuple(sound), columns) if len(sound) == len(keys) else None

    def names(self) -> Iterator[str]:
        """Every name that could be meant in this file."""
        yield from self.own_names()
        yield from self.facts
        for other in self.others.values():
            if other is not self:
                yield from (f"{other.id}.{name}" for name in other.own_names())

    def own_names(self) -> Iterator[str]:
        """Every name this file declares."""
        for section in NAMED:
            yield from getattr(self.model, section)
        yield from (f"criteria.{path}" for path in self.criterion_paths())

    def is_broken(self, parts: tuple[str, ...]) -> bool:
        """Whether a name is declared, but so that it cannot be used."""
        other = self.others.get(".".join(parts[:2]))
        if other is not None and other is not self and len(parts) > 2:
            return other.is_broken(parts[2:])
        if ".".join(parts) in self.broken_facts or (parts[0] == "criteria" and self.is_left_out("criteria", *parts[1:2])):
            return True
        return len(parts) == 1 and any(
            parts[0] in getattr(self.model, section) or self.is_left_out(section, parts[0]) for section in NAMED
        )

    def is_left_out(self, section: str, *name: str) -> bool:
        """Whether an element was written, but left out while loading because of errors."""
        return (section,) in self.file.broken or (section, *name) in self.file.broken

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

    def reads(self, name: str) -> Iterator[tuple[str, str]]:
        """The derived values and classifications, by rule and name, that the expressions of one of them name."""
        derived, table = self.find("derived", name, Derived), self.find("classifications", name, Classification)
        texts = [derived[0].value] if derived else [row.when for row in table[0].rows] if table else []
        for text in texts:
            for parts in _names_in(text):
                rule = self if len(parts) == 1 else self.others.get(".".join(parts[:2])) if len(parts) == 3 else None
                if rule is not None and (parts[-1] in rule.model.derived or parts[-1] in rule.model.classifications):
                    yield rule.id, parts[-1]

    # what every element has

    def elaborator(self, note: str) -> Elaborator:
        """An elaborator for one expression of this file."""
        return Elaborator(self, self.collector, f"{self.kind} `{self.id}`, {note}", fresh=self.fresh)

    def fresh(self) -> str:
        """A name for the item of a quantifier that no other quantifier has."""
        self.items += 1
        return f"{self.id}#{self.items}"

    def citation(self, element: Cited, origin: Origin, parent: Citation | None, *, required: bool = True) -> Citation | None:
        """Where an element comes from: its own citation, or its parent's with its own grade and review date."""
        if element.cite is None:
            if parent is None:
                if required:
                    known = f" ({', '.join(origin.sources)})" if origin.sources else ""
                    help = f"write `cite:` with a key of `sources`{known} and the place in it"
                    self.collector.add("E300", "a citation is missing", origin.key(), help=help)
                return None
            grade, review_by = element.grade or parent.grade, element.review_by or parent.review_by
            cited = Citation(parent.text, parent.source, parent.title, parent.url, parent.read_on, grade, review_by)
        else:
            key = next(iter(element.cite.split()), "").rstrip(",;:")
            source = origin.sources.get(key)
            if source is None and ("sources", key) in origin.file.broken:
                return REPORTED
            if source is None:
                known = f"begin with one of {', '.join(origin.sources)}, or declare it" if origin.sources else "declare it"
                span = origin.text("cite")(element.cite.find(key), len(key))
                help = did_you_mean(key, origin.sources, otherwise=f"{known} under `sources`")
                self.collector.add("E301", f"`{key}` is not among the sources", span, help=help)
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
        own = "until" if element.until else "from" if element.from_ else None
        if own and start is not None and until is not None and until <= start:
            message = f"it ends on {until}, but begins on {start}"
            whole = f"what it stands in ends on {until}" if own == "from" else f"what it stands in begins on {start}"
            both = element.from_ is not None and element.until is not None
            help = "`until` is the first day on which it no longer holds" if both else whole
            self.collector.add("E304", message, origin.value(own), help=help)
        return Interval(start, until)

    def own_interval(self) -> Interval:
        """The days on which the rule is in force."""
        return Interval(self.model.in_force.from_, self.model.in_force.until)

    def fitted(self, raw: object, kind: Type, span: Span, *, percent: bool = False) -> Value | None:
        """The value a scalar means, or None when it was reported."""
        try:
            return fit(raw, kind, self.codes, percent=percent)
        except Misfit as misfit:
            self.collector.add("E306", misfit.message, span, help=misfit.help)
            return None


def _paths(path: str, condition: Condition) -> Iterator[str]:
    yield path
    for name in condition.points or ():
        yield f"{path}.{name}"
    for branches in (condition.all, condition.any, condition.none, condition.of):
        if branches is None:
            continue
        named: Iterable[tuple[str, Condition | str]]
        named = (
            branches.items() if isinstance(branches, dict) else ((str(index + 1), each) for index, each in enumerate(branches))
        )
        for name, each in named:
            if isinstance(each, str):
                yield f"{path}.{name}"
            else:
                yield from _paths(f"{path}.{name}", each)


def _names_in(text: str) -> Iterator[tuple[str, ...]]:
    """The parts of every name in an expression; nothing for a text that is no expression."""
    try:
        waiting: list[object] = [parse(text)]
    except ExpressionError:
        return
    while waiting:
        found = waiting.pop()
        if isinstance(found, expr.Name):
            yield found.parts
        elif isinstance(found, tuple):
            waiting.extend(found)
        elif isinstance(found, expr.Node):
            waiting.extend(getattr(found, each.name) for each in fields(found))
