"""What limits how far an outcome can be relied on: figures past review or uncertain, announced changes, the horizon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from eligibility import nodes
from eligibility.compiler import CompiledRule
from eligibility.datatypes import Unknown
from eligibility.english import counted, listed, lowered
from eligibility.explaining.reliance import Reliance, deciding_steps, figures_of
from eligibility.explanation import Explanation
from eligibility.findings import Findings
from eligibility.formatting import show
from eligibility.rulebook import Citation, DatedValue, Parameter
from eligibility.status import Status

CautionKind = Literal["past_review", "uncertain", "beyond_review", "announced", "struck_down", "change"]


@dataclass(frozen=True, slots=True)
class Caution:
    """One of them, in a sentence; `names` are the figures and provisions it is about."""

    kind: CautionKind
    sentence: str
    names: tuple[str, ...] = ()


def cautions_of(rule: CompiledRule, findings: Findings, status: Status, explanation: Explanation) -> tuple[Caution, ...]:
    """What to mind about an outcome, the gravest first."""
    if not rule.in_force or status is Status.NOT_APPLICABLE:
        return ()
    day = findings.inputs.as_of
    decisive = deciding_steps(rule, findings, status)
    reliances = list(dict.fromkeys([*_provisions(explanation, status), *figures_of(findings, decisive)]))
    found: list[Caution] = []
    stale = [each for each in reliances if each.citation.review_by is not None and each.citation.review_by <= day]
    if stale:
        named = [f"{_named(each)} (review by {each.citation.review_by})" for each in stale]
        found.append(Caution("past_review", f"Relies on {_counted(stale)} past the review date: {listed(named)}.", _names(stale)))
    uncertain = [each for each in reliances if each.citation.grade == "C"]
    if uncertain:
        named = [f"{_named(each)} ({each.citation.text})" for each in uncertain]
        found.append(
            Caution(
                "uncertain",
                f"Relies on {_counted(uncertain)} whose source is uncertain (grade C): {listed(named)}.",
                _names(uncertain),
            )
        )
    horizon = rule.rule.reviewed_until
    if horizon is not None and horizon < day:
        found.append(
            Caution(
                "beyond_review", f"The law was reviewed up to {horizon}; whether it changed between then and {day} is not known."
            )
        )
    used = {
        (node.rule, node.name)
        for index in decisive
        if isinstance(node := findings.compiled.steps[index].node, nodes.ParameterValue)
    }
    for rule_id, name in sorted(used):
        found.extend(_changes(findings, rule_id, findings.compiled.book.rules[rule_id].parameters[name], day))
    return tuple(found)


def _provisions(explanation: Explanation, status: Status) -> Iterable[Reliance]:
    """The criteria, branches and exceptions an outcome rests on: of a failing one those that fail, else all that are shown.

    A part that rests on the place its whole rests on is not named beside it.
    """
    fails = status in (Status.NOT_ELIGIBLE, Status.NOT_AVAILABLE)
    waiting: list[tuple[Explanation, Citation | None]] = [(explanation, None)]
    while waiting:
        node, above = waiting.pop(0)
        provision = node.kind in ("criterion", "branch", "exception") and node.status != "not_applicable"
        if provision and node.citation is not None and node.citation != above and (node.decides or not fails):
            yield Reliance(node.id, node.title, node.citation, is_figure=False)
        waiting[:0] = [(child, node.citation or above) for child in node.children]


def _named(reliance: Reliance) -> str:
    return reliance.title if reliance.is_figure else f"“{reliance.title}”"


def _counted(reliances: list[Reliance]) -> str:
    figures = sum(each.is_figure for each in reliances)
    parts = [counted(figures, "figure")] if figures else []
    parts += [counted(len(reliances) - figures, "provision")] if figures < len(reliances) else []
    return listed(parts)


def _names(reliances: list[Reliance]) -> tuple[str, ...]:
    return tuple(each.name for each in reliances)


def _changes(findings: Findings, rule: str, parameter: Parameter, day: date) -> Iterable[Caution]:
    """What is known of other values of a parameter: announced, struck down, or law from a later day."""
    name = (f"{rule}.{parameter.name}",)
    for value in parameter.shown:
        if value.interval.until is not None and value.interval.until <= day:
            continue
        if value.status == "announced":
            yield Caution(
                "announced", f"Announced from {value.interval.start}, not applied: {_figure(findings, parameter, value)}.", name
            )
        else:
            yield Caution("struck_down", f"Struck down, not applied: {_figure(findings, parameter, value)}.", name)
    later = next((value for value in parameter.values if value.interval.start is not None and value.interval.start > day), None)
    if later is not None:
        yield Caution("change", f"From {later.interval.start}: {_figure(findings, parameter, later)}.", name)


def _figure(findings: Findings, parameter: Parameter, value: DatedValue) -> str:
    """A value of a parameter with its name and source; one that is unknown with the reason."""
    grade = f", grade {value.citation.grade}" if value.citation.grade != "A" else ""
    cited = f"({value.citation.text}{grade})"
    if isinstance(value.value, Unknown):
        return f"{parameter.title} not known {cited}" + (f": {lowered(value.why.rstrip('.'))}" if value.why else "")
    return f"{parameter.title} {show(value.value, parameter.type, findings.compiled.book, parameter.unit)} {cited}"
