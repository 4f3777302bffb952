"""The plan of some rules for a population: every step of the compiled rules as columns, level by level.

Steps that the period and the absent facts settle are settled once, when the plan is made, by the operations of the reference
engine. A list is gone through place by place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, cast

from eligibility import nodes
from eligibility.columnar.days import Days
from eligibility.columnar.facts import Facts
from eligibility.columnar.meanings import (
    aggregate,
    arithmetic,
    choose,
    classified,
    comparison,
    contains,
    converted,
    extremes,
    membership,
    passed,
    round_off,
    shift,
    starts_with,
)
from eligibility.columnar.points import at_least, points_reached
from eligibility.columnar.quotients import Quotients
from eligibility.columnar.shapes import Shape
from eligibility.columnar.sheet import Cell, NotInColumns, Plan, Sheet, stated
from eligibility.columnar.tables import Key, RowOfTable
from eligibility.columnar.terms import (
    Item,
    Listed,
    Members,
    Moneys,
    Term,
    condition,
    is_settled,
    kept,
    quantity,
    read,
    unknown,
)
from eligibility.columnar.truths import (
    Condition,
    Truths,
    coded,
    conjunction,
    disjunction,
    may_be_judged,
    opposite,
    truths,
    where_known,
)
from eligibility.columnar.verdicts import differs, not_in_force, status_codes
from eligibility.compiler import SETTLED, CompiledCondition, CompiledRule, CompiledRules, closure
from eligibility.contradictions import telling
from eligibility.datatypes import (
    JUDGEMENT,
    MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    Unknown,
    Value,
)
from eligibility.diagnostics import Diagnostic, RuleError
from eligibility.operations import Inputs, Step

AS_OF: Final = "@as_of"
CONTRADICTED: Final = "@contradicted"
_ANY_DAY: Final = date.min


def plan_rules(
    compiled: CompiledRules,
    rules: Sequence[CompiledRule],
    shapes: Mapping[str, Shape],
    as_of: date | None,
    *,
    criteria: bool = False,
) -> Plan:
    """The plan of some rules for facts of some shapes, on a date or (None) on that of the column `AS_OF`.

    Its columns: for each rule the code of its status (its place in `STATUSES`), with `criteria` also each condition (true, false
    or null; where a human may have to judge the place in `truths.TRUTHS`), and `CONTRADICTED` where facts cannot go together.
    Raises: RuleError E800 naming each rule that cannot be worked out in columns.
    """
    return Planner(compiled, shapes, as_of).plan(rules, criteria=criteria)


class Planner:
    """Makes the columns of steps, each when it is first needed."""

    def __init__(self, compiled: CompiledRules, shapes: Mapping[str, Shape], as_of: date | None) -> None:
        self.compiled = compiled
        self.steps = compiled.steps
        self.shapes = shapes
        self.as_of = as_of
        self.sheet = Sheet()
        self.facts = Facts(self.sheet, compiled, shapes)
        self.quotients = Quotients(self.sheet, compiled.steps, compiled.start)
        self.terms: dict[int, Item] = {}
        self.readers: Counter[int] = Counter()
        self.values: list[object] = list(compiled.start)
        self.alike: dict[tuple[object, ...], Term] = {}
        self.rows: dict[tuple[object, ...], tuple[RowOfTable, object]] = {}

    def plan(self, rules: Sequence[CompiledRule], *, criteria: bool) -> Plan:
        """The plan of some rules."""
        roots = [index for rule in rules for index in (rule.concerned, rule.available, rule.criteria_met)]
        if criteria:
            roots += [part.effective for rule in rules for each in rule.conditions for part in each.walk()]
        guards = {path: index for path, index in self.compiled.guards.items() if path in self.shapes}
        checks = [index for index, path in telling(self.compiled, self.shapes) if not path]
        self.work([*roots, *guards.values(), *checks, *self.stated()], rules)
        outputs = {rule.rule.id: self.status(rule) for rule in rules}
        for rule in rules if criteria else ():
            for part in (part for each in rule.conditions for part in each.walk()):
                outputs[f"{rule.rule.id}.{part.condition.path}"] = self.truth(part)
        outputs[CONTRADICTED] = self.contradicted(guards, checks)
        return self.sheet.plan(outputs)

    def stated(self) -> list[int]:
        """The steps of the facts that stand in columns."""
        found = []
        for path in self.shapes:
            index = self.compiled.index.get(nodes.FactValue(path, self.compiled.book.facts[path].type))
            if index is not None:
                found.append(index)
        return found

    def work(self, roots: Sequence[int], rules: Sequence[CompiledRule]) -> None:
        """Make the terms of some steps and of all that they read."""
        needed = closure(self.steps, roots)
        self.quotients.look_among(needed)
        for index in needed:
            self.readers.update({*self.steps[index].inputs, *self.steps[index].body})
        self.readers.update(roots)
        problems: list[tuple[int, str]] = []
        for index in (*self.compiled.order, *self.compiled.consistency_order):
            if index in needed and index not in self.terms:
                try:
                    self.terms[index] = self.made(index)
                except NotInColumns as reason:
                    problems.append((index, str(reason)))
                    self.terms[index] = unknown(self.steps[index].node.type)
        if problems:
            raise RuleError(self.refused(problems, rules))

    def refused(self, problems: Sequence[tuple[int, str]], rules: Sequence[CompiledRule]) -> list[Diagnostic]:
        """Which rules cannot be worked out in columns, and why."""
        found = []
        for index, reason in problems:
            names = [rule.rule.id for rule in rules if index in rule.needed] or ["the facts"]
            message = f"the rule `{names[0]}` cannot be worked out in columns: {reason}"
            found.append(Diagnostic("E800", message, path=names[0], help="evaluate it one profile at a time"))
        return found

    def term(self, index: int) -> Item:
        """The term of a step whose inputs have theirs."""
        known = self.terms.get(index)
        if known is None:
            step = self.steps[index]
            settled_value = self.compiled.start[index] if isinstance(step.node, SETTLED) else unknown(step.node.type)
            known = self.terms[index] = settled_value
        return known

    def single(self, index: int) -> Term:
        """The term of a step that is no record."""
        found = self.term(index)
        if isinstance(found, dict):
            raise NotInColumns("it reads a whole record")
        return found

    def truths_of(self, indices: Sequence[int]) -> list[Condition]:
        """The conditions of some steps."""
        return [condition(self.single(index)) for index in indices]

    def made(self, index: int) -> Item:
        """The term of a step, as columns that can be read as often as they are."""
        step = self.steps[index]
        same_everywhere = self.settled(step)
        found = self.meaning(step) if same_everywhere is None else same_everywhere
        if not isinstance(found, dict) and self.readers[index] > 1:
            return kept(self.sheet, found)
        return found

    def settled(self, step: Step) -> Term | None:
        """The value of a step whose inputs all have the same value in every row."""
        if step.body or isinstance(step.node, nodes.FactValue | nodes.AsOf | nodes.Quantified | nodes.Aggregate):
            return None
        for index in step.inputs:
            term = self.single(index) if index >= 0 else UNKNOWN
            if not is_settled(term):
                return None
            self.values[index] = term
        return cast(Term, step.operation(self.values, Inputs({}, self.as_of or _ANY_DAY), self.steps))

    def meaning(self, step: Step) -> Item:
        """The columns of a step that changes from row to row."""
        sheet, node, inputs = self.sheet, step.node, step.inputs
        match node:
            case nodes.FactValue():
                return self.fact(step, node)
            case nodes.AssumedFact(value=value):
                return self.facts.assumed(self.single(inputs[0]), value, node.type)
            case nodes.AsOf():
                return self.as_of if self.as_of is not None else Days(stated(AS_OF))
            case nodes.AllOf():
                return conjunction(sheet, self.truths_of(inputs))
            case nodes.AnyOf():
                return disjunction(sheet, self.truths_of(inputs))
            case nodes.Negation():
                return opposite(condition(self.single(inputs[0])))
            case nodes.AtLeast(count=count):
                return at_least(sheet, count, self.truths_of(inputs))
            case nodes.PointsReached(conditions=conditions, most=most):
                count = len(conditions)
                awards = [quantity(self.single(index)) for index in inputs[count:-1]]
                mark = quantity(self.single(inputs[-1]))
                return points_reached(sheet, self.truths_of(inputs[:count]), awards, most, mark)
            case nodes.Lookup(column=column):
                return self.cell(step, column)
            case nodes.TableHas():
                row = self.row(step)
                return UNKNOWN_TRUTH if row is None else row.has()
            case nodes.Classified():
                return classified(sheet, node, self.truths_of(inputs))
            case nodes.Quantified() | nodes.Aggregate():
                return self.loop(step, node)
        return self.calculated(step, [self.single(index) for index in inputs])

    def calculated(self, step: Step, terms: Sequence[Term]) -> Term:
        """The columns of a step that only reads the values of others: those of another that asks the same of the same."""
        asked = _asked(step.node)
        if asked is None:
            return self.worked_out(step, terms)
        name = (*asked, *terms)  # values that are equal, columns that are the same
        known = self.alike.get(name)
        if known is None:
            known = self.alike[name] = kept(self.sheet, self.worked_out(step, terms))
        return known

    def worked_out(self, step: Step, terms: Sequence[Term]) -> Term:
        """The columns of a step that only reads the values of others, made anew."""
        sheet, node = self.sheet, step.node
        match node:
            case nodes.Comparison():
                if any(isinstance(term, Unknown) for term in terms):
                    return UNKNOWN_TRUTH
                return self.quotients.compared(step, self.single) or comparison(node, *terms)
            case nodes.Membership():
                return membership(sheet, *terms)
            case nodes.Choose():
                return choose(sheet, node, *terms)
            case nodes.Contains():
                return contains(node, self.facts.in_words(terms[0]))
            case nodes.StartsWith():
                return starts_with(*terms)
            case nodes.Converted():
                others = [quantity(term) for term in terms[1:]]
                hours = UNKNOWN if node.hours_per_week is None else others.pop(0)
                return converted(sheet, node, terms[0], hours, UNKNOWN if node.weeks_per_year is None else others.pop(0))
        if any(isinstance(term, Unknown) for term in terms):
            return UNKNOWN
        match node:
            case nodes.Arithmetic():
                return arithmetic(node, *terms)
            case nodes.Extreme():
                return extremes(sheet, node, terms)
            case nodes.Rounded():
                return round_off(node, *terms)
            case nodes.DateShift():
                return shift(sheet, node, *terms)
            case nodes.Elapsed():
                return passed(sheet, node, *terms)
            case nodes.Amount() if isinstance(terms[0], Moneys):
                return terms[0].amount
        raise NotInColumns("it holds something that columns do not know")

    def fact(self, step: Step, node: nodes.FactValue) -> Item:
        """A fact, or what it must be where others say that it does not apply."""
        found = self.facts.stated(node)
        if not step.inputs or isinstance(found, dict):
            return found
        return self.facts.where_it_applies(found, condition(self.single(step.inputs[0])), cast(Value, step.data), node.type)

    # tables

    def row(self, step: Step) -> RowOfTable | None:
        """The row of a table; None where nobody knows it."""
        if step.data is UNKNOWN:
            return None
        keys = [self.single(index) for index in step.inputs]
        if any(isinstance(key, Unknown) or key in (UNKNOWN_TRUTH, JUDGEMENT) for key in keys if is_settled(key)):
            return None
        name = (id(step.data), *(key if is_settled(key) else id(key) for key in keys))
        known = self.rows.get(name)
        if known is None:
            parts = [kept(self.sheet, key) for key in keys]
            row = RowOfTable(self.sheet, cast("dict[tuple[str, ...], object]", step.data), cast("list[Key]", parts))  # type: ignore[arg-type]
            known = self.rows[name] = (row, keys)
        return known[0]

    def cell(self, step: Step, column: str) -> Term:
        """A cell of a table."""
        row = self.row(step)
        return unknown(step.node.type) if row is None else row.cell(column, step.node.type)

    # lists

    def loop(self, step: Step, node: nodes.Quantified | nodes.Aggregate) -> Term:
        """A quantifier, place by place."""
        source = self.single(step.inputs[0])
        if isinstance(source, Unknown):
            return unknown(node.type)
        known, places = _places(source)
        bodies = [self.body(step, item) for _, item in places]
        taken = [cell for cell, _ in places]
        if isinstance(node, nodes.Aggregate):
            tests = [MET if node.condition is None else condition(test) for test, _ in bodies]
            return aggregate(self.sheet, node, known, list(zip(taken, tests, [each[1] for each in bodies], strict=True)))
        conditions = list(zip(taken, [condition(each) for (each,) in bodies], strict=True))
        if node.kind == "any":
            found = [each if cell is None else conjunction(self.sheet, [Truths(cell), each]) for cell, each in conditions]
            whole = disjunction(self.sheet, found)
        else:
            found = [each if cell is None else disjunction(self.sheet, [Truths(~cell), each]) for cell, each in conditions]
            whole = conjunction(self.sheet, found)
        return whole if known is None else where_known(known, whole)

    def body(self, step: Step, item: Item) -> list[Term]:
        """The terms of a quantifier's condition and body for one item."""
        for slot in step.slots:
            node = cast(nodes.ItemValue, self.steps[slot].node)
            if node.field is None:
                self.terms[slot] = item
            else:
                fields = item if isinstance(item, dict) else {}
                self.terms[slot] = self.facts.in_codes(fields.get(node.field, unknown(node.type)), node.type)
        for index in step.body:
            self.terms[index] = self.made(index)
        return [UNKNOWN if index < 0 else self.single(index) for index in step.inputs[1:]]

    # what comes out

    def status(self, rule: CompiledRule) -> Cell:
        """The code of the status of a rule, by the order of `status.status_of`."""
        concerned, available, met = self.truths_of((rule.concerned, rule.available, rule.criteria_met))
        return status_codes(self.sheet, concerned, available, met) if rule.in_force else not_in_force()

    def truth(self, part: CompiledCondition) -> Cell:
        """The truth of a condition as it counts where it stands: true, false or null, or its code where it may be judged."""
        found = condition(self.single(part.effective))
        return coded(self.sheet, found) if may_be_judged(found) else truths(found).truth

    def contradicted(self, guards: Mapping[str, int], checks: Sequence[int]) -> Cell:
        """Where a fact is stated that others rule out, or facts cannot all be true."""
        found: list[Condition] = [opposite(each) for each in self.truths_of(checks)]
        for path, index in guards.items():
            applies = condition(self.single(index))
            declared = self.compiled.book.facts[path]
            term = read(self.shapes[path], declared.type)
            if applies is not MET and not isinstance(term, dict):
                found.append(conjunction(self.sheet, [opposite(applies), differs(self.sheet, term, declared.otherwise)]))
        whole = truths(disjunction(self.sheet, found))
        return whole.truth.or_else(value=False)


def _asked(node: nodes.Node) -> tuple[object, ...] | None:
    """What a step asks of the values it reads, for those that many rules ask alike."""
    match node:
        case nodes.Comparison(operator=operator, order=order):
            return (nodes.Comparison, operator, order)
        case nodes.Membership():
            return (nodes.Membership,)
        case nodes.DateShift(unit=unit, sign=sign):
            return (nodes.DateShift, unit, sign)
    return None


def _places(source: Term) -> tuple[Cell | None, list[tuple[Cell | None, Item]]]:
    """Where a list is known (None: everywhere), and for each of its places where it is taken and what stands there."""
    match source:
        case Listed(known=known, taken=taken, items=items):
            return known, list(zip(taken, items, strict=True))
        case Members(known=known, values=values, held=held):
            return known, list(zip(held, values, strict=True))
        case tuple() | frozenset():
            return None, [(None, item) for item in source]
    raise NotInColumns("it goes through something that is no list")
