"""One rule file from written to checked: its figures, lists, tables, calculations, notes; criteria in `criteria_checker`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Final, TypeVar

from eligibility import nodes
from eligibility.criteria_checker import CriteriaChecker
from eligibility.datatypes import (
    BARE,
    UNKNOWN,
    BooleanType,
    ChoiceType,
    CodeType,
    CountryType,
    ListType,
    NumberType,
    TextType,
    Type,
    Value,
)
from eligibility.diagnostics import did_you_mean
from eligibility.elaboration import FUNCTIONS
from eligibility.facts import fit_fact
from eligibility.fitting import Misfit
from eligibility.model import Classification, Derived, ListOf, Parameter, Table
from eligibility.model import Value as WrittenValue
from eligibility.rule_scope import NAMED, REPORTED, Origin, RuleScope
from eligibility.rulebook import (
    Assumption,
    Concern,
    DatedList,
    DatedValue,
    Interval,
    ListEntry,
    Note,
    Rule,
    Statement,
)
from eligibility.rulebook import Derived as CheckedDerived
from eligibility.rulebook import Parameter as CheckedParameter
from eligibility.rulebook import Table as CheckedTable
from eligibility.table_checker import beside, check_table

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_RESERVED: Final = {"criteria", "as_of", "True", "False", "None", *FUNCTIONS}
T = TypeVar("T")
R = TypeVar("R")


class RuleChecker(RuleScope):
    """Checks one rule file; a part that has errors is left out of what is returned."""

    # derived values and classifications: each is checked after those it reads

    def check_derived(self, name: str) -> None:
        """Check a derived value or classification, so that expressions can name it."""
        derived, table = self.find("derived", name, Derived), self.find("classifications", name, Classification)
        checked = self.derived(name, *derived) if derived else self.classification(name, *table) if table else None
        if checked is not None:
            self.checked[name] = checked

    def derived(self, name: str, derived: Derived, origin: Origin) -> CheckedDerived | None:
        """A checked derived value."""
        wanted = None if derived.unit is None else self.named_type(f"derived.{name}", derived.unit, origin.value("unit"))
        node = self.elaborator(f"derived value `{name}`").elaborate(derived.value, origin.text("value"), wanted)
        citation = self.citation(derived, origin, None, required=False)
        if node is None or (derived.unit is not None and wanted is None):
            return None
        return CheckedDerived(name, derived.title, node, derived.unit or unit_of(node.type), citation)

    def classification(self, name: str, table: Classification, origin: Origin) -> CheckedDerived | None:
        """A checked classification."""
        kind = self.named_type(f"classifications.{name}", table.gives, origin.value("gives"))
        if isinstance(kind, BooleanType):
            help = "write the condition as a derived value"
            self.collector.add("E214", "a classification does not give a condition", origin.value("gives"), help=help)
            kind = None
        citation = self.citation(table, origin, None)
        elaborator = self.elaborator(f"classification `{name}`")
        conditions: list[nodes.Node] = []
        values: list[Value] = []
        for position, row in enumerate(table.rows):
            at = origin.at("rows", position)
            node = elaborator.condition(row.when, at.text("when"))
            self.citation(row, at, citation or REPORTED)
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

    # figures, lists, tables

    def parameter(self, name: str, parameter: Parameter, origin: Origin) -> CheckedParameter | None:
        """A checked parameter: what is applied, and what is only shown."""
        kind = self.named_type(f"parameters.{name}", parameter.unit, origin.value("unit"))
        general = self.citation(parameter, origin, None, required=False)
        if parameter.cite is not None:
            general = general or REPORTED
        days = list(parameter.values)
        for earlier, later in pairwise(days):
            if later < earlier:
                message = f"{later} stands after {earlier}: the values are not in order of their dates"
                self.collector.add("E303", message, origin.key("values", later), help="write the earliest first")
        starts = sorted(day for day, value in parameter.values.items() if value.status == "in_force")
        applied: list[DatedValue] = []
        shown: list[DatedValue] = []
        for day, value in parameter.values.items():
            following = next((start for start in starts if start > day), None) if value.status == "in_force" else None
            at = origin.at("values", day)
            citation = self.citation(value, at, general)
            self.check_value(day, value, following, at)
            if kind is None:
                continue
            interval = Interval(day, value.until or following)
            percent = parameter.unit == "percent"
            meant = UNKNOWN if value.value is None else self.fitted(value.value, kind, at.value("value"), percent=percent)
            expected = None
            if value.announced is not None:
                expected = self.fitted(value.announced, kind, at.value("announced"), percent=percent)
            if citation is None or meant is None:
                continue
            if expected is not None:
                shown.append(DatedValue(interval, expected, "announced", None, citation))
            dated = DatedValue(interval, meant, value.status, value.unknown, citation)
            (applied if value.status == "in_force" else shown).append(dated)
        return (
            None if kind is None else CheckedParameter(name, parameter.title, parameter.unit, kind, tuple(applied), tuple(shown))
        )

    def check_value(self, day: date, value: WrittenValue, following: date | None, at: Origin) -> None:
        """Report a dated value whose parts or dates do not fit together."""
        if (value.value is None) == (value.unknown is None):
            help = "write the figure, or say why it is unknown"
            self.collector.add("E305", "a dated value has either `value` or `unknown`", at.key(), help=help)
        if value.announced is not None and value.unknown is None:
            help = "write the figure as a `value` with `status: announced` under its own date"
            self.collector.add("E305", "`announced` has a meaning only beside `unknown`", at.key("announced"), help=help)
        if value.until is None:
            return
        if value.until <= day:
            help = "`until` is the first day on which it no longer holds"
            self.collector.add("E304", f"it ends on {value.until}, but begins on {day}", at.value("until"), help=help)
        elif following is not None and value.until > following:
            message = f"it holds until {value.until}, but the next value begins on {following}"
            self.collector.add("E303", message, at.value("until"), help="leave `until` out, or end it earlier")

    def listed(self, name: str, listed: ListOf, origin: Origin) -> DatedList | None:
        """A checked list."""
        kind = self.named_type(f"lists.{name}", listed.of, origin.value("of"))
        if kind is not None and not isinstance(kind, ChoiceType | CodeType | CountryType | TextType):
            help = "a list is of `country`, `text`, a scheme or a vocabulary; figures are parameters"
            self.collector.add("E214", f"a list cannot be of `{listed.of}`", origin.value("of"), help=help)
            kind = None
        citation = self.citation(listed, origin, None)
        interval = self.interval(listed, origin, Interval(self.model.in_force.from_, None))
        if (listed.unknown_from is None) != (listed.unknown_because is None):
            self.collector.add("E305", "`unknown_from` and `unknown_because` belong together", origin.key(), help="write both")
        entries: list[ListEntry] = []
        seen: set[str] = set()
        written = listed.entries.items() if isinstance(listed.entries, dict) else ((value, None) for value in listed.entries)
        for position, (value, entry) in enumerate(written):
            at = origin.at("entries", position if entry is None else value)
            if value in seen:
                self.collector.add("E309", f"`{value}` stands twice in the list", at.value(), help="remove one")
            seen.add(value)
            span = at.value() if entry is None else at.key()
            fits = kind is not None and self.fitted(value, kind, span) is not None
            own = citation if entry is None else self.citation(entry, at, citation or REPORTED)
            held = interval if entry is None else self.interval(entry, at, interval)
            if fits and own is not None:
                entries.append(ListEntry(value, held, own))
        if kind is None or citation is None:
            return None
        return DatedList(
            name, listed.title, kind, interval, tuple(entries), listed.unknown_from, listed.unknown_because, citation
        )

    def printed(self, name: str, table: Table, origin: Origin) -> CheckedTable | None:
        """A checked table."""
        citation = self.citation(table, origin, None)
        shape = self.table((name,))
        interval = self.interval(table, origin, Interval(self.model.in_force.from_, None))
        file, span = origin.file, origin.value("file")
        if shape is None:
            beside(file, table.file, span, self.collector)
            return None
        return check_table(name, table, shape, interval, citation or REPORTED, file, span, self.codes, self.collector)

    # the rest of the file

    def is_lost(self, name: str) -> bool:
        """Whether a value of this name was written, but left out while loading because of errors."""
        return any(self.is_left_out(section, name) for section in ("parameters", "derived", "classifications"))

    def placeholders(self, text: str, origin: Origin) -> tuple[str, ...]:
        """The names in braces in the text `say`, each a parameter or derived value of this file."""
        known = [*self.model.parameters, *self.model.derived, *self.model.classifications]
        names: list[str] = []
        for found in _PLACEHOLDER.finditer(text):
            name = found.group(1)
            if name in known:
                names.append(name)
            elif not self.is_lost(name):
                message = f"`{found.group()}` is not a parameter or derived value of this file"
                span = origin.text("say")(found.start(), len(found.group()))
                self.collector.add(
                    "E219", message, span, help=did_you_mean(name, known, otherwise="name one, or leave out the braces")
                )
        return tuple(dict.fromkeys(names))

    def notes(self) -> Iterator[Note]:
        """The checked notes."""
        for position, note in enumerate(self.model.notes):
            origin = self.origin("notes", position)
            citation = self.citation(note, origin, None)
            interval = self.interval(note, origin, self.own_interval())
            names = self.placeholders(note.say, origin)
            node = None
            if note.when is not None:
                node = self.elaborator(f"note {position + 1}").condition(note.when, origin.text("when"))
            if citation is not None and (note.when is None or node is not None):
                yield Note(note.kind, note.say, node, interval, citation, names)

    def about(self) -> Iterator[Statement]:
        """The checked statements about the rule."""
        for heading, written in self.model.about.items():
            listed = isinstance(written, list)
            for position, statement in enumerate(written if isinstance(written, list) else [written]):
                origin = self.origin("about", heading, position) if listed else self.origin("about", heading)
                citation = self.citation(statement, origin, None)
                interval = self.interval(statement, origin, self.own_interval())
                names = self.placeholders(statement.say, origin)
                if citation is not None:
                    yield Statement(heading, statement.say, interval, citation, names)

    def read_assumptions(self) -> None:
        """Check the assumptions, so that expressions can rely on them."""
        self.assumptions = tuple(self._assumptions())

    def _assumptions(self) -> Iterator[Assumption]:
        for position, assumption in enumerate(self.model.assumptions):
            origin = self.origin("assumptions", position)
            citation = self.citation(assumption, origin, None)
            declared = self.facts.get(assumption.fact)
            if declared is None and assumption.fact in self.broken_facts:
                continue
            if declared is None:
                help = did_you_mean(assumption.fact, self.facts, otherwise="declare it as a fact")
                self.collector.add("E202", f"unknown fact `{assumption.fact}`", origin.value("fact"), help=help)
                continue
            if assumption.fact in self.assumed:
                message = f"the fact `{assumption.fact}` is assumed twice"
                self.collector.add("E217", message, origin.value("fact"), help="keep one of them")
                continue
            try:
                value = fit_fact(assumption.value, declared, declared.type, self.codes)
            except Misfit as misfit:
                self.collector.add("E306", misfit.message, origin.value("value"), help=misfit.help)
                continue
            self.assumed[assumption.fact] = value
            if citation is not None:
                yield Assumption(assumption.fact, value, assumption.say, citation)

    def concerns(self) -> Iterator[Concern]:
        """The checked conditions under which the rule concerns a case."""
        for position, concern in enumerate(self.model.applies_when):
            origin = self.origin("applies_when", position)
            node = self.elaborator(f"applies_when {position + 1}").condition(concern.when, origin.text("when"))
            citation = self.citation(concern, origin, None, required=False)
            if node is not None:
                yield Concern(node, concern.otherwise, citation)

    def check_names(self) -> None:
        """Report names that are taken."""
        seen: dict[str, str] = {}
        roots = {path.partition(".")[0] for path in self.facts} | {other.partition(".")[0] for other in self.others}
        for section in NAMED:
            for name in getattr(self.model, section):
                span = self.origin(section, name).key()
                if name in seen:
                    message = f"`{name}` is declared under `{seen[name]}` and under `{section}`"
                    self.collector.add("E213", message, span, help="rename one of them")
                elif name in _RESERVED or name in roots:
                    self.collector.add("E213", f"the name `{name}` has a meaning of its own", span, help="choose another name")
                seen[name] = section

    def check_shown(self) -> None:
        """Report values to show that are not declared here."""
        known = [*self.model.derived, *self.model.classifications, *self.model.parameters]
        for position, name in enumerate(self.model.shows):
            if name not in known and not self.is_lost(name):
                help = did_you_mean(name, known, otherwise="name one, or declare it")
                span = self.origin("shows", position).value()
                self.collector.add(
                    "E202", f"`{name}` is not a parameter, derived value or classification of this file", span, help=help
                )

    def check_force(self) -> None:
        """Report a rule that ends before it begins."""
        force = self.model.in_force
        if force.until is not None and force.until <= force.from_:
            help = "`until` is the first day on which it no longer holds"
            span = self.origin("in_force").value("until")
            self.collector.add("E304", f"it ends on {force.until}, but begins on {force.from_}", span, help=help)

    def check(self) -> Rule:
        """The checked rule, after its derived values and classifications were checked."""
        model = self.model
        self.check_names()
        self.check_force()
        self.check_shown()
        return Rule(
            self.id,
            self.kind,
            self.pack.pack,
            self.pack.jurisdiction,
            model.title,
            model.authority,
            self.own_interval(),
            model.reviewed_until,
            tuple(self.concerns()),
            _present(self.written("parameters", Parameter), self.parameter),
            _present(self.written("lists", ListOf), self.listed),
            _present(self.written("tables", Table), self.printed),
            {name: self.checked[name] for name in (*model.derived, *model.classifications) if name in self.checked},
            CriteriaChecker(self).check(),
            self.assumptions,
            tuple(self.notes()),
            tuple(self.about()),
            tuple(model.shows),
            self.file.file,
        )


def unit_of(kind: Type) -> str | None:
    """The unit a number is shown in."""
    return str(kind.unit) if isinstance(kind, NumberType) and kind.unit != BARE else None


def _present(written: Iterable[tuple[str, T, Origin]], check: Callable[[str, T, Origin], R | None]) -> dict[str, R]:
    return {name: checked for name, element, origin in written if (checked := check(name, element, origin)) is not None}
