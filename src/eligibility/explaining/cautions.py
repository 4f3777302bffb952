"""What limits how far an outcome can be relied on: figures past review or uncertain, announced changes, the horizon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from eligibility import nodes
from eligibility.compiler import CompiledRule
from eligibility.datatypes import Unknown
from eligibility.explaining.reliance import Reliance, deciding_steps, figures_of
from eligibility.explanation import Explanation
from eligibility.findings import Findings
from eligibility.formatting import show
from eligibility.language import Language
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
    day, language = findings.inputs.as_of, findings.compiled.book.language
    say = language.say
    decisive = deciding_steps(rule, findings, status)
    reliances = list(dict.fromkeys([*_provisions(explanation, status), *figures_of(findings, decisive)]))
    found: list[Caution] = []
    stale = [each for each in reliances if each.citation.review_by is not None and each.citation.review_by <= day]
    if stale:
        due = [language.day(each.citation.review_by) for each in stale if each.citation.review_by is not None]
        named = [say("caution.review_by", name=_named(each, language), day=last) for each, last in zip(stale, due, strict=True)]
        sentence = say("caution.past_review", what=_counted(stale, language), named=language.listed(named))
        found.append(Caution("past_review", sentence, _names(stale)))
    uncertain = [each for each in reliances if each.citation.grade == "C"]
    if uncertain:
        named = [f"{_named(each, language)} ({each.citation.text})" for each in uncertain]
        sentence = say("caution.uncertain", what=_counted(uncertain, language), named=language.listed(named))
        found.append(Caution("uncertain", sentence, _names(uncertain)))
    horizon = rule.rule.reviewed_until
    if horizon is not None and horizon < day:
        sentence = say("caution.beyond_review", until=language.day(horizon), day=language.day(day))
        found.append(Caution("beyond_review", sentence))
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


def _named(reliance: Reliance, language: Language) -> str:
    return reliance.title if reliance.is_figure else language.say("word.quoted", text=reliance.title)


def _counted(reliances: list[Reliance], language: Language) -> str:
    figures = sum(each.is_figure for each in reliances)
    parts = [language.say("caution.figures", count=figures)] if figures else []
    parts += [language.say("caution.provisions", count=len(reliances) - figures)] if figures < len(reliances) else []
    return language.listed(parts)


def _names(reliances: list[Reliance]) -> tuple[str, ...]:
    return tuple(each.name for each in reliances)


def _changes(findings: Findings, rule: str, parameter: Parameter, day: date) -> Iterable[Caution]:
    """What is known of other values of a parameter: announced, struck down, or law from a later day."""
    name, language = (f"{rule}.{parameter.name}",), findings.compiled.book.language
    for value in parameter.shown:
        if value.interval.until is not None and value.interval.until <= day:
            continue
        if value.status == "announced":
            begins = "" if value.interval.start is None else language.day(value.interval.start)
            figure = _figure(findings, parameter, value)
            yield Caution("announced", language.say("caution.announced", day=begins, figure=figure), name)
        else:
            sentence = language.say("caution.struck_down", figure=_figure(findings, parameter, value))
            yield Caution("struck_down", sentence, name)
    later = next((value for value in parameter.values if value.interval.start is not None and value.interval.start > day), None)
    if later is not None and later.interval.start is not None:
        figure = _figure(findings, parameter, later)
        yield Caution("change", language.say("caution.change", day=language.day(later.interval.start), figure=figure), name)


def _figure(findings: Findings, parameter: Parameter, value: DatedValue) -> str:
    """A value of a parameter with its name and source; one that is unknown with the reason."""
    language, title, cited, grade = findings.compiled.book.language, parameter.title, value.citation.text, value.citation.grade
    if grade != "A":
        cited = language.say("caution.grade", cited=cited, grade=grade)
    if isinstance(value.value, Unknown):
        if not value.why:
            return language.say("caution.figure_unknown", title=title, cited=cited)
        why = language.lowered(value.why.rstrip("."))
        return language.say("caution.figure_because", title=title, cited=cited, why=why)
    shown = show(value.value, parameter.type, findings.compiled.book, parameter.unit)
    return language.say("caution.figure", title=title, value=shown, cited=cited)
