"""What depends on what, over all rules and facts: the order of checking, circles, and chains that are too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final

from eligibility import nodes
from eligibility.diagnostics import Collector, Span
from eligibility.rule_checker import RuleChecker
from eligibility.rulebook import FactDeclaration, Rule

# Whatever walks the steps of compiled rules calls itself once a step.
LONGEST_CHAIN: Final = 120

Element = tuple[str, str]
Graph = Mapping[Element, Mapping[Element, None]]
FACT: Final = "fact"


def check_derived(checkers: Mapping[str, RuleChecker], collector: Collector) -> None:
    """Check the derived values and classifications of all rules, each after those it reads; those in a circle are reported."""

    def report(circle: list[Element]) -> None:
        _report(circle, checkers[circle[0][0]].span_of(circle[0][1]), collector)

    graph: dict[Element, dict[Element, None]] = {}
    for rule, checker in checkers.items():
        for name in (*checker.model.derived, *checker.model.classifications):
            graph[rule, name] = dict.fromkeys(checker.reads(name))
    for rule, name in _ordered(graph, report):
        checkers[rule].check_derived(name)


def refuse_circles(
    rules: Mapping[str, Rule],
    facts: Mapping[str, FactDeclaration],
    fact_spans: Mapping[str, Span],
    checkers: Mapping[str, RuleChecker],
    collector: Collector,
) -> None:
    """Report every element that depends on itself, through criteria and guards of facts too, and chains that are too long."""

    def span(element: Element) -> Span | None:
        return fact_spans.get(element[1]) if element[0] == FACT else checkers[element[0]].span_of(element[1])

    def report(circle: list[Element]) -> None:
        _report(circle, span(circle[0]), collector)

    parts = _parts(rules, facts)
    inside = {element: dict.fromkeys(each for part in found for each in _read(part)) for element, found in parts.items()}
    lengths: dict[Element, int] = {}
    for element in _ordered(inside, report):
        length = max((_length(part, lengths) for part in parts[element]), default=1)
        if length > LONGEST_CHAIN:
            message = f"`{element[1]}` is the end of a chain of more than {LONGEST_CHAIN} calculations that refer to each other"
            collector.add("E220", message, span(element), help="state it in fewer steps")
            length = 1
        lengths[element] = length


def _parts(rules: Mapping[str, Rule], facts: Mapping[str, FactDeclaration]) -> dict[Element, list[nodes.Node]]:
    """The nodes each element stands for; a criterion refers to its branches, rows and exceptions."""
    found: dict[Element, list[nodes.Node]] = {}
    for path, fact in facts.items():
        found[FACT, path] = [] if fact.applies_when is None else [fact.applies_when]
    for rule in rules.values():
        for derived in rule.derived.values():
            found[rule.id, derived.name] = [derived.node]
        for criterion in rule.criteria:
            for each in criterion.walk():
                own = (each.node, each.applies_when, each.award, each.pass_mark)
                below = [f"criteria.{part.path}" for part in (*each.children, *each.exceptions)]
                references = [nodes.Reference(rule.id, name, nodes.BOOLEAN) for name in below]
                found[rule.id, f"criteria.{each.path}"] = [*(node for node in own if node is not None), *references]
    return found


def _read(node: nodes.Node) -> Iterator[Element]:
    """The elements a node refers to directly."""
    match node:
        case nodes.Reference(rule=rule, name=name):
            yield rule, name
        case nodes.FactValue(path=path):
            yield FACT, path
    for child in nodes.children(node):
        yield from _read(child)


def _length(node: nodes.Node, known: Mapping[Element, int]) -> int:
    """How many nodes stand on top of each other at most, from a node down to facts and figures."""
    below = [_length(child, known) for child in nodes.children(node)]
    return 1 + max([*below, *(known.get(each, 1) for each in _read(node) if not below)], default=0)


def _ordered(graph: Graph, report: Callable[[list[Element]], None]) -> list[Element]:
    """The elements, each after those it depends on; circles are reported and left out, with the first of the file in front."""
    place = {element: position for position, element in enumerate(graph)}
    left = {element: [each for each in needed if each in graph] for element, needed in graph.items()}
    while True:
        try:
            return [*TopologicalSorter(left).static_order()]
        except CycleError as error:
            circle: list[Element] = error.args[1][:0:-1]
            first = circle.index(min(circle, key=place.__getitem__))
            report([*circle[first:], *circle[:first]])
            lost = set(circle)
            left = {
                element: [each for each in needed if each not in lost] for element, needed in left.items() if element not in lost
            }


def _report(circle: list[Element], span: Span | None, collector: Collector) -> None:
    rules = {rule for rule, _ in circle if rule != FACT}
    names = [name if rule == FACT or len(rules) == 1 else f"{rule}.{name}" for rule, name in circle]
    chain = " -> ".join(f"`{name}`" for name in [*names, names[0]])
    collector.add("E210", f"`{names[0]}` depends on itself: {chain}", span, help="break the circle")
