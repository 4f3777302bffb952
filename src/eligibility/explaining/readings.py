"""Readings: what the nodes of compiled rules stand for in some findings: value, unit, declaration, law behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from eligibility import nodes
from eligibility.compiler import CompiledRules
from eligibility.datatypes import MET, NOT_MET, Truth, Unknown, Value
from eligibility.findings import OUTSIDE, Findings, Frame, steps_below
from eligibility.rulebook import Citation, Condition, Derived, FactDeclaration, Rule, RuleBook


@dataclass(frozen=True, slots=True)
class Law:
    """Where a figure of law comes from, and since when it is in force."""

    since: date | None
    citation: Citation | None


class Readings:
    """Reads the nodes of compiled rules; `enter` remembers the lists that quantifiers run over, for the names of their items."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.compiled: CompiledRules = findings.compiled
        self.book: RuleBook = findings.compiled.book
        self.language = self.book.language
        self.say = self.language.say
        self.as_of = findings.inputs.as_of
        self._sources: dict[str, FactDeclaration] = findings.said["sources"]
        self._reads_facts: dict[int, bool] = findings.said["reads_facts"]

    def index(self, node: nodes.Node) -> int:
        """The step of a node."""
        return self.compiled.index[node]

    def value(self, node: nodes.Node, frame: Frame = OUTSIDE) -> Value:
        """The value of a node."""
        return self.findings.value(self.index(node), frame)

    def truth(self, node: nodes.Node, frame: Frame = OUTSIDE) -> Truth:
        """The truth of a condition."""
        return cast(Truth, self.value(node, frame))

    def is_unknown(self, node: nodes.Node, frame: Frame = OUTSIDE) -> bool:
        """Whether nobody knows the value."""
        value = self.value(node, frame)
        return isinstance(value, Unknown) or value is Truth.UNKNOWN

    def derived(self, node: nodes.Reference) -> Derived:
        """The derived value or classification a reference names."""
        return self.book.rules[node.rule].derived[node.name]

    def criterion(self, node: nodes.Reference) -> tuple[Rule, Condition]:
        """The criterion a reference names."""
        rule = self.book.rules[node.rule]
        path = node.name.removeprefix("criteria.")
        return rule, next(each for top in rule.criteria for each in top.walk() if each.path == path)

    def names_criterion(self, node: nodes.Node) -> bool:
        """Whether a node refers to a criterion."""
        return isinstance(node, nodes.Reference) and node.name.startswith("criteria.")

    def declaration(self, node: nodes.Node) -> FactDeclaration | None:
        """The declaration of the fact, or of the field of a record, that a node reads."""
        match node:
            case nodes.FactValue(path=path):
                return self.book.facts[path]
            case nodes.AssumedFact(fact=fact):
                return self.book.facts[fact.path]
            case nodes.ItemValue(variable=variable, field=name):
                source = self._sources.get(variable)
                return None if source is None or name is None else source.fields.get(name)
        return None

    def enter(self, node: nodes.Quantified | nodes.Aggregate) -> FactDeclaration | None:
        """The declaration of the list a quantifier runs over, remembered for the phrases of its items."""
        declared = self.declaration(node.source)
        if declared is not None:
            self._sources[node.variable] = declared
        return declared

    def law(self, node: nodes.Node, frame: Frame = OUTSIDE) -> Law | None:
        """Where the figure of a node comes from; for a calculation, the one figure of law in it."""
        match node:
            case nodes.ParameterValue(rule=rule, name=name):
                dated = self.book.rules[rule].parameters[name].at(self.as_of)
                return None if dated is None else Law(dated.interval.start, dated.citation)
            case nodes.ListValue(rule=rule, name=name):
                listed_here = self.book.rules[rule].lists[name]
                return Law(self._own_start(rule, listed_here.interval.start), listed_here.citation)
            case nodes.Lookup(rule=rule, table=name, keys=keys) | nodes.TableHas(rule=rule, table=name, keys=keys):
                table = self.book.rules[rule].tables[name]
                row = table.at(self.as_of, tuple(str(self.value(key, frame)) for key in keys))
                start = table.interval.start if row is None or row.interval.start is None else row.interval.start
                return Law(self._own_start(rule, start), table.citation)
            case nodes.Reference() if not self.names_criterion(node):
                return Law(None, self.derived(node).citation)
            case nodes.DateShift() | nodes.Arithmetic() | nodes.Rounded():
                found = {self.law(child, frame) for child in nodes.children(node)} - {None}
                return found.pop() if len(found) == 1 else None
            case nodes.Choose(condition=condition, then=then, otherwise=otherwise):
                truth = self.truth(condition, frame)
                return None if truth not in (MET, NOT_MET) else self.law(then if truth is MET else otherwise, frame)
        return None

    def _own_start(self, rule: str, start: date | None) -> date | None:
        """The day a table or list begins, unless it merely shares the day of its rule."""
        return None if start == self.book.rules[rule].interval.start else start

    def latest_start(self, node: nodes.Node) -> date | None:
        """The youngest date of force among the figures a node is worked out from."""
        laws = (self.law(self.compiled.steps[index].node) for index in steps_below(self.compiled, self.index(node)))
        return max((law.since for law in laws if law is not None and law.since is not None), default=None)

    def unit(self, node: nodes.Node) -> str | None:
        """The unit the rule files write for the value of a node."""
        match node:
            case nodes.ParameterValue(rule=rule, name=name):
                return self.book.rules[rule].parameters[name].unit
            case nodes.Reference() if not self.names_criterion(node):
                return self.derived(node).unit
            case nodes.Lookup(rule=rule, table=table, column=column):
                return self.book.rules[rule].tables[table].units.get(column)
            case nodes.FactValue() | nodes.AssumedFact() | nodes.ItemValue():
                declared = self.declaration(node)
                return None if declared is None else declared.unit
        return None

    def is_assumed(self, node: nodes.Node) -> bool:
        """Whether the value of a fact is the one its rule assumes."""
        return isinstance(node, nodes.AssumedFact) and self.is_unknown(node.fact)

    def chosen(self, node: nodes.Choose, frame: Frame = OUTSIDE) -> nodes.Node | None:
        """The side of a choice whose condition is settled."""
        truth = self.truth(node.condition, frame)
        return node.then if truth is MET else node.otherwise if truth is NOT_MET else None

    def reads_facts(self, node: nodes.Node) -> bool:
        """Whether a value depends on what somebody stated."""
        index = self.index(node)
        known = self._reads_facts.get(index)
        if known is None:
            below = (self.compiled.steps[each].node for each in steps_below(self.compiled, index))
            known = self._reads_facts[index] = any(isinstance(each, nodes.FactValue | nodes.ItemValue) for each in below)
        return known
