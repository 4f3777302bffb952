"""The compiled rules: the checked rules of one period between two changes of law, as one list of steps in dependency order.

Equal nodes are one step, over all rules. Parameters, lists and tables are bound to the period; what is out of force is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, cast

from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN, UNKNOWN_TRUTH, BooleanType, Truth, Value
from eligibility.node_index import NodeIndex
from eligibility.nodes import (
    BOOLEAN,
    Aggregate,
    AllOf,
    AnyOf,
    AtLeast,
    Constant,
    FactValue,
    HumanJudgement,
    ItemValue,
    ListValue,
    Lookup,
    Negation,
    Node,
    ParameterValue,
    PointsReached,
    Quantified,
    Reference,
    TableHas,
    children,
)
from eligibility.operations import Step
from eligibility.rulebook import Condition, Interval, RowsOn, Rule, RuleBook
from eligibility.status import Status, status_of


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A node of a criterion that is in force.

    `index` is its own truth (exceptions included), `effective` what it counts for where it stands, `plain` its truth without
    exceptions, `applies` the step of `applies_when`; `award` the points of a row, `pass_mark` those needed.
    """

    condition: Condition
    index: int
    effective: int
    plain: int
    applies: int | None
    children: tuple[CompiledCondition, ...]
    exceptions: tuple[CompiledCondition, ...]
    award: int | None = None
    pass_mark: int | None = None

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps this condition stands for."""
        found = (self.index, self.effective, self.plain, self.applies, self.award, self.pass_mark)
        return tuple(index for index in found if index is not None)

    def walk(self) -> Iterator[CompiledCondition]:
        """This condition and everything below it, exceptions included."""
        yield self
        for child in (*self.children, *self.exceptions):
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule: the steps of its concerns, criteria, notes and shown values.

    `concerned`, `criteria_met` and `available` are the three truths that make the outcome; `needed` are all steps the rule reads,
    `decides_concern` those that tell whether it concerns a case.
    """

    rule: Rule
    in_force: bool
    concerns: tuple[int, ...]
    concerned: int
    conditions: tuple[CompiledCondition, ...]
    criteria_met: int
    available: int
    notes: tuple[tuple[int, int | None], ...]
    named: Mapping[str, int]
    needed: frozenset[int]
    decides_concern: frozenset[int]

    def status(self, values: Sequence[Any]) -> Status:
        """How the rule comes out with some values of the steps."""
        return status_of(self.in_force, values[self.concerned], values[self.available], values[self.criteria_met])

    def statuses(
        self, concerned: Iterable[Truth], available: Collection[Truth], criteria_met: Collection[Truth]
    ) -> frozenset[Status]:
        """How the rule can come out where each of its three truths is one of some."""
        return frozenset(
            status_of(self.in_force, one, other, third) for one in concerned for other in available for third in criteria_met
        )


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class CompiledRules:
    """All rules of one period.

    `order` lists the steps to run in turn, without those of quantifier bodies and without those the period settles: constants,
    parameters and lists, whose values stand in `start`, which has an unknown value for every other step. `guards` has the step of
    each fact's `applies_when`, `guard_order` the steps that settle all of them; `consistency` has the step of what facts cannot
    contradict by its id, `consistency_order` the steps that only these need, to be run after those of `order`.
    """

    book: RuleBook
    interval: Interval
    steps: tuple[Step, ...]
    order: tuple[int, ...]
    start: tuple[Value, ...]
    rules: tuple[CompiledRule, ...]
    index: Mapping[Node, int] = field(repr=False)
    guards: Mapping[str, int] = field(repr=False)
    guard_order: tuple[int, ...] = field(repr=False)
    consistency: Mapping[str, int] = field(repr=False)
    consistency_order: tuple[int, ...] = field(repr=False)

    def order_for(self, rules: Sequence[CompiledRule], unconcerned: Sequence[CompiledRule] = ()) -> tuple[int, ...]:
        """The steps that some rules need, in order; of `unconcerned` rules only those that say that they are."""
        needed = frozenset[int]().union(*(rule.needed for rule in rules), *(rule.decides_concern for rule in unconcerned))
        return tuple(index for index in self.order if index in needed)


def closure(steps: Sequence[Step], roots: Iterable[int]) -> frozenset[int]:
    """Every step that some steps can read, directly or not, themselves included."""
    found, waiting = set[int](), list(roots)
    while waiting:
        index = waiting.pop()
        if index >= 0 and index not in found:
            found.add(index)
            waiting.extend((*steps[index].inputs, *steps[index].body))
    return frozenset(found)


def period_of(book: RuleBook, as_of: date) -> Interval:
    """The days around a date on which no rule changes: compiled rules are the same on all of them."""
    before = [day for day in book.changes if day <= as_of]
    after = [day for day in book.changes if day > as_of]
    return Interval(before[-1] if before else None, after[0] if after else None)


def compile_rules(book: RuleBook, as_of: date) -> CompiledRules:
    """The rules as they hold on a date, and on every other day of the same period."""
    return Compiler(book, as_of).compile()


SETTLED: Final = (Constant, ParameterValue, ListValue, HumanJudgement)


def settled_value(step: Step) -> Value:
    """The value a step has before any fact is known."""
    match step.node:
        case Constant(value=value):
            return value
        case HumanJudgement():
            return JUDGEMENT
        case ParameterValue() | ListValue() if step.data is not UNKNOWN:
            return cast(Value, step.data)
    return UNKNOWN_TRUTH if step.boolean else UNKNOWN


class Compiler:
    """Makes the compiled rules of the period a date lies in; `root` and `joined` say what is one step."""

    def __init__(self, book: RuleBook, as_of: date) -> None:
        self.book = book
        self.as_of = as_of
        self.steps: list[Step] = []
        self.order: list[int] = []
        self.index: dict[Node, int] = {}
        self.conditions: dict[tuple[str, str], int] = {}
        self.loops: list[tuple[str, list[int], list[int]]] = []
        self.free: dict[Node, frozenset[str]] = {}
        self.tables: dict[tuple[str, str], RowsOn] = {}
        self.compiled: dict[str, tuple[CompiledCondition, ...]] = {}

    def compile(self) -> CompiledRules:
        """The compiled rules of all rules of the book."""
        rules = tuple(self.rule(rule) for rule in self.book.rules.values())
        declared = self.book.facts.items()
        guards = {path: self.add(fact.applies_when) for path, fact in declared if fact.applies_when is not None}
        ruling = len(self.order)
        consistency = {name: self.add(each.node) for name, each in self.book.consistency.items()}
        start = tuple(settled_value(step) for step in self.steps)
        order, checking = self.unsettled(self.order[:ruling]), self.unsettled(self.order[ruling:])
        needed = self.closure([*guards.values()])
        return CompiledRules(
            self.book,
            period_of(self.book, self.as_of),
            tuple(self.steps),
            order,
            start,
            rules,
            NodeIndex(self.index, self.index.values()),
            guards,
            tuple(index for index in order if index in needed),
            consistency,
            checking,
        )

    def unsettled(self, indices: Iterable[int]) -> tuple[int, ...]:
        """Those of some steps that the period does not settle."""
        return tuple(index for index in indices if not isinstance(self.steps[index].node, SETTLED))

    # nodes to steps

    def add(self, node: Node) -> int:
        """The step of a node, made with everything below it where it is not there yet."""
        known = self.index.get(node)
        if known is not None:
            return known
        if isinstance(node, Reference):
            index = self.reference(node)
            self.index[node] = index
            return index
        if isinstance(node, Quantified | Aggregate):
            return self.loop(node)
        inputs = [self.add(child) for child in children(node)]
        data: object = None
        match node:
            case FactValue(path=path):
                declaration = self.book.facts[path]
                if declaration.applies_when is not None:
                    inputs = [self.add(declaration.applies_when)]
                    data = declaration.otherwise
            case ParameterValue(rule=rule, name=name):
                value = self.book.rules[rule].parameters[name].at(self.as_of)
                data = UNKNOWN if value is None else value.value
            case ListValue(rule=rule, name=name):
                entries = self.book.rules[rule].lists[name].at(self.as_of)
                data = UNKNOWN if entries is None else entries
            case Lookup(rule=rule, table=table) | TableHas(rule=rule, table=table):
                data = self.table(rule, table) or UNKNOWN
        return self.append(node, tuple(inputs), data)

    def root(self, node: Node, *key: object) -> int:  # noqa: ARG002  # other compilers keep the parts of rules apart
        """The step of a whole expression; `key` says which part of which rule it is."""
        return self.add(node)

    def joined(self, node: Node, inputs: tuple[int, ...]) -> int:
        """The step of a node that is made of other steps."""
        known = self.index.get(node)
        return self.append(node, inputs, None) if known is None else known

    def append(
        self, node: Node, inputs: tuple[int, ...], data: object, body: tuple[int, ...] = (), slots: tuple[int, ...] = ()
    ) -> int:
        """A new step, outside of all quantifiers or in the innermost whose item it reads."""
        index = len(self.steps)
        boolean = isinstance(node.type, BooleanType)
        made = Step.of_table(index, node, inputs, data, boolean=boolean) if isinstance(data, RowsOn) else None
        self.steps.append(made or Step(index, node, inputs, data, body, slots, boolean))
        self.index[node] = index
        free = self.free_variables(node)
        for variable, steps, items in reversed(self.loops):
            if variable in free:
                (items if isinstance(node, ItemValue) else steps).append(index)
                return index
        self.order.append(index)
        return index

    def loop(self, node: Quantified | Aggregate) -> int:
        """The step of a quantifier, with the steps that run for each item."""
        source = self.add(node.source)
        steps: list[int] = []
        items: list[int] = []
        self.loops.append((node.variable, steps, items))
        parts = (node.body,) if isinstance(node, Quantified) else (node.condition, node.body)
        inputs = tuple(-1 if part is None else self.add(part) for part in parts)
        self.loops.pop()
        return self.append(node, (source, *inputs), None, tuple(steps), tuple(items))

    def free_variables(self, node: Node) -> frozenset[str]:
        """The items of quantifiers around a node that it reads."""
        known = self.free.get(node)
        if known is None:
            found = frozenset[str]().union(*(self.free_variables(child) for child in children(node)))
            if isinstance(node, ItemValue):
                found |= {node.variable}
            if isinstance(node, Quantified | Aggregate):
                found -= {node.variable}
            known = self.free[node] = found
        return known

    def table(self, rule: str, name: str) -> RowsOn | None:
        """The rows of a table that hold in the period; None where the table does not cover it."""
        table = self.book.rules[rule].tables[name]
        if not table.interval.holds(self.as_of):
            return None
        return self.tables.setdefault((rule, name), RowsOn(table, self.as_of))  # gathered once for all that look into it

    def reference(self, node: Reference) -> int:
        """The step of what a name stands for."""
        rule = self.book.rules[node.rule]
        head, _, path = node.name.partition(".")
        if head == "criteria":
            if (rule.id, path) not in self.conditions:
                self.branch(rule, path)
            found = self.conditions.get((rule.id, path))
            return self.constant(NOT_MET) if found is None else found
        return self.root(rule.derived[node.name].node, rule.id, "derived", node.name)

    def branch(self, rule: Rule, path: str) -> None:
        """Compile a criterion, or a part of one, before its turn because something refers to it."""
        top, *_ = path.split(".")
        here = next(each for each in rule.criteria if each.path == top)
        in_any = False
        within = [here.interval.holds(self.as_of)]
        while here.path != path:
            in_any = here.kind in ("any", "at_least", "none")
            here = next(each for each in here.children if path == each.path or path.startswith(f"{each.path}."))
            within.append(here.interval.holds(self.as_of))
        if all(within):
            self.condition(rule, here, in_any=in_any)

    def constant(self, truth: Truth) -> int:
        """The step of a truth."""
        return self.add(Constant(truth, BOOLEAN))

    # rules

    def rule(self, rule: Rule) -> CompiledRule:
        """The steps of a rule."""
        conditions = tuple(
            compiled for criterion in rule.criteria if (compiled := self.condition(rule, criterion, in_any=False)) is not None
        )
        self.compiled[rule.id] = conditions
        concerns = tuple(self.root(concern.node, rule.id, "concern", position) for position, concern in enumerate(rule.concerns))
        barring = [each for each in conditions if each.condition.on_failure == "not_eligible"]
        closing = [each for each in conditions if each.condition.on_failure == "not_available"]
        notes = tuple(
            (position, None if note.node is None else self.root(note.node, rule.id, "note", position))
            for position, note in enumerate(rule.notes)
            if note.interval.holds(self.as_of)
        )
        named = {name: self.root(derived.node, rule.id, "derived", name) for name, derived in rule.derived.items()}
        named |= {name: self.add(ParameterValue(rule.id, name, parameter.type)) for name, parameter in rule.parameters.items()}
        concerned = self.all_steps(concerns)
        criteria_met = self.all_steps([each.effective for each in barring])
        available = self.all_steps([each.effective for each in closing])
        roots = [concerned, criteria_met, available, *concerns, *named.values()]
        roots += [index for _, index in notes if index is not None]
        roots += [step for each in conditions for part in each.walk() for step in part.steps]
        in_force = rule.interval.holds(self.as_of)
        return CompiledRule(
            rule,
            in_force,
            concerns,
            concerned,
            conditions,
            criteria_met,
            available,
            notes,
            named,
            self.closure(roots),
            self.closure([concerned, *concerns]),
        )

    def all_steps(self, indices: Sequence[int]) -> int:
        """The step of the conjunction of steps."""
        return self.combine(AllOf, indices)

    def combine(self, kind: type[AllOf | AnyOf], indices: Sequence[int]) -> int:
        """The step of a conjunction or disjunction of steps."""
        if not indices:
            return self.constant(MET if kind is AllOf else NOT_MET)
        if len(indices) == 1:
            return indices[0]
        return self.joined(kind(tuple(self.steps[index].node for index in indices)), tuple(indices))

    def closure(self, roots: Sequence[int]) -> frozenset[int]:
        """Some steps and every step they read."""
        return closure(self.steps, roots)

    def condition(self, rule: Rule, condition: Condition, *, in_any: bool) -> CompiledCondition | None:
        """A condition in force as steps, or None where it is out of force.

        Not applicable is neutral: met where all are needed, not met where any suffices.
        """
        if not condition.interval.holds(self.as_of):
            return None
        parts = [
            compiled
            for child in condition.children
            if (compiled := self.condition(rule, child, in_any=condition.kind in ("any", "at_least", "none"))) is not None
        ]
        effective = [part.effective for part in parts]
        part = (rule.id, "condition", condition.path)
        award = None if condition.award is None else self.root(condition.award, *part, "award")
        mark = None if condition.pass_mark is None else self.root(condition.pass_mark, *part, "pass_mark")
        match condition.kind:
            case "leaf" | "row":
                plain = self.root(condition.node, *part, "node") if condition.node is not None else self.constant(MET)
            case "judgement":
                plain = self.add(HumanJudgement())
            case "all":
                plain = self.combine(AllOf, effective)
            case "any":
                plain = self.combine(AnyOf, effective)
            case "none":
                plain = self.negated(self.combine(AnyOf, effective))
            case "at_least":
                node = AtLeast(condition.count, tuple(self.steps[index].node for index in effective))
                plain = self.joined(node, tuple(effective))
            case "points":
                plain = self.points(parts, mark)
        exceptions = [
            compiled
            for exception in condition.exceptions
            if (compiled := self.condition(rule, exception, in_any=True)) is not None
        ]
        index = self.combine(AnyOf, [plain, *(each.effective for each in exceptions)])
        applies = None if condition.applies_when is None else self.root(condition.applies_when, *part, "applies_when")
        counted = index
        if applies is not None:
            counted = self.combine(AllOf, [applies, index]) if in_any else self.combine(AnyOf, [self.negated(applies), index])
        self.conditions[rule.id, condition.path] = counted
        return CompiledCondition(condition, index, counted, plain, applies, tuple(parts), tuple(exceptions), award, mark)

    def points(self, rows: Sequence[CompiledCondition], mark: int | None) -> int:
        """The step of the points of some rows."""
        inputs = (
            *(row.effective for row in rows),
            *(row.award for row in rows if row.award is not None),
            *(() if mark is None else (mark,)),
        )
        nodes = [self.steps[index].node for index in inputs]
        node = PointsReached(
            tuple(nodes[: len(rows)]),
            tuple(nodes[len(rows) : 2 * len(rows)]),
            tuple(row.condition.most for row in rows),
            nodes[-1],
        )
        return self.joined(node, inputs)

    def negated(self, index: int) -> int:
        """The step of the opposite of a step."""
        return self.joined(Negation(self.steps[index].node), (index,))
