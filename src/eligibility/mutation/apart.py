"""Compiled rules in which every part of a rule has steps of its own, so that one part can be changed and the others stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from eligibility import nodes
from eligibility.compiler import SETTLED, CompiledCondition, CompiledRules, Compiler, settled_value
from eligibility.nodes import Node
from eligibility.rulebook import Condition, Rule, RuleBook

Key = tuple[object, ...]

# What stands for something else is one step wherever it stands: its meaning is changed there, not here.
_NAMES: Final = (
    nodes.FactValue, nodes.AssumedFact, nodes.AsOf, nodes.ParameterValue, nodes.ListValue, nodes.Reference, nodes.HumanJudgement,
)  # fmt: skip


class ApartCompiler(Compiler):
    """Shares steps inside of expressions, but neither whole expressions nor what conditions are made of."""

    def __init__(self, book: RuleBook, as_of: date) -> None:
        super().__init__(book, as_of)
        self.roots: dict[Key, int] = {}
        self.made: dict[Key, CompiledCondition | None] = {}

    def root(self, node: Node, *key: object) -> int:
        """The step of a whole expression, which nothing else has."""
        if key not in self.roots:
            self.roots[key] = self.add(node) if isinstance(node, _NAMES) else self.own(node)
        return self.roots[key]

    def own(self, node: Node) -> int:
        """A new step for a node, though there may be one already; what is below it is shared."""
        known = self.index.pop(node, None)
        index = self.add(node)
        self._forget(node, known)
        return index

    def joined(self, node: Node, inputs: tuple[int, ...]) -> int:
        """A new step."""
        known = self.index.get(node)
        index = self.append(node, inputs, None)
        self._forget(node, known)
        return index

    def _forget(self, node: Node, known: int | None) -> None:
        del self.index[node]
        if known is not None:
            self.index[node] = known

    def condition(self, rule: Rule, condition: Condition, *, in_any: bool) -> CompiledCondition | None:
        """The steps of a condition, made once though it may be asked for before its turn."""
        key = (rule.id, condition.path)
        if key not in self.made:
            self.made[key] = super().condition(rule, condition, in_any=in_any)
        return self.made[key]


@dataclass(frozen=True, slots=True)
class Apart:
    """Compiled rules whose expressions are apart, and the step of each by the part of the rule it is."""

    compiled: CompiledRules
    roots: Mapping[Key, int]
    index: Mapping[Node, int]


def compile_apart(book: RuleBook, day: date) -> Apart:
    """The compiled rules of the period a date lies in, with the parts of rules apart."""
    compiler = ApartCompiler(book, day)
    compiled = compiler.compile()
    inner = {index for step in compiled.steps for index in (*step.body, *step.slots)}
    return Apart(compiled, compiler.roots, {node: index for node, index in compiler.index.items() if index not in inner})


def with_expression(apart: Apart, at: int, node: Node, day: date) -> tuple[CompiledRules, tuple[int, ...]]:
    """The compiled rules with another expression in place of a step, and the steps to run for it."""
    before = apart.compiled
    compiler = Compiler(before.book, day)
    compiler.steps = list(before.steps)
    compiler.index = dict(apart.index)
    index = compiler.add(node)
    steps = compiler.steps
    steps[at] = replace(steps[index], index=at)
    order = tuple(each for each in (*compiler.order, at) if not isinstance(steps[each].node, SETTLED))
    start = [*before.start, *map(settled_value, steps[len(before.steps) :])]
    start[at] = settled_value(steps[at])
    return replace(before, steps=tuple(steps), start=tuple(start)), order
