"""What an outcome rests on: the steps, the stated facts and the figures of law that alone give it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eligibility import nodes
from eligibility.compiler import CompiledRule
from eligibility.datatypes import NOT_MET
from eligibility.findings import Findings, steps_below
from eligibility.rulebook import Citation
from eligibility.status import Status


@dataclass(frozen=True, slots=True)
class Reliance:
    """A figure, list, table or provision that an outcome rests on."""

    name: str
    title: str
    citation: Citation
    is_figure: bool


def deciding_roots(rule: CompiledRule, findings: Findings, status: Status) -> tuple[int, ...]:
    """The steps whose truths make the status of a rule, and of a failing one the list of its failing criteria."""
    if not rule.in_force:
        return ()
    if status is Status.NOT_APPLICABLE:
        return tuple(index for index in rule.concerns if findings.truth(index) is NOT_MET)
    failing = [each.effective for each in rule.conditions if findings.truth(each.effective) is NOT_MET]
    if failing and status in (Status.NOT_ELIGIBLE, Status.NOT_AVAILABLE):
        return (rule.concerned, *failing)
    return (rule.concerned, rule.available, rule.criteria_met)


def deciding_steps(rule: CompiledRule, findings: Findings, status: Status) -> frozenset[int]:
    """The steps an outcome rests on."""
    return findings.decisive(deciding_roots(rule, findings, status))


def deciding_facts(rule: CompiledRule, findings: Findings, status: Status) -> frozenset[str]:
    """The stated facts that alone reproduce the status of a rule and its failing criteria.

    A stated fact that takes the place of an assumption is among them wherever a criterion that does not fail reads it: without it
    the assumption would come back, and the criterion might fail.
    """
    facts = findings.decisive_facts(*deciding_roots(rule, findings, status))
    if status in (Status.NOT_ELIGIBLE, Status.NOT_AVAILABLE) and rule.in_force:
        facts |= _overruled(
            findings, (each.effective for each in rule.conditions if findings.truth(each.effective) is not NOT_MET)
        )
    return facts & findings.inputs.facts.keys()


def _overruled(findings: Findings, roots: Iterable[int]) -> frozenset[str]:
    """The facts in place of which some steps could assume something."""
    below = (findings.compiled.steps[index].node for index in steps_below(findings.compiled, *roots))
    return frozenset(node.fact.path for node in below if isinstance(node, nodes.AssumedFact))


def figures_of(findings: Findings, steps: Iterable[int]) -> Iterator[Reliance]:
    """The figures, lists and tables that some steps stand for, in order of the steps; one that is read twice comes twice."""
    book, day = findings.compiled.book, findings.inputs.as_of
    for index in sorted(steps):
        match findings.compiled.steps[index].node:
            case nodes.ParameterValue(rule=owner, name=name):
                parameter = book.rules[owner].parameters[name]
                dated = parameter.at(day)
                if dated is not None:
                    yield Reliance(f"{owner}.{name}", parameter.title, dated.citation, is_figure=True)
            case nodes.ListValue(rule=owner, name=name):
                listed = book.rules[owner].lists[name]
                yield Reliance(f"{owner}.{name}", listed.title, listed.citation, is_figure=True)
            case nodes.Lookup(rule=owner, table=name) | nodes.TableHas(rule=owner, table=name):
                table = book.rules[owner].tables[name]
                yield Reliance(f"{owner}.{name}", table.title, table.citation, is_figure=True)
