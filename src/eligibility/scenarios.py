"""Scenarios: profiles with what must come out, kept beside the rules. Running them is the test of the law."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import cast

from eligibility.compiler import CompiledCondition
from eligibility.datatypes import (
    MET,
    NOT_MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    ListType,
    MoneyType,
    Number,
    NumberType,
    Truth,
    Type,
    Unknown,
    Value,
)
from eligibility.diagnostics import EligibilityError, Span, did_you_mean
from eligibility.engine import RuleSet
from eligibility.fitting import Misfit, fit, found
from eligibility.formatting import as_json
from eligibility.loader import Loaded
from eligibility.model import Case, Expectation, ScenarioFile
from eligibility.outcome import Outcome
from eligibility.report import Report
from eligibility.rulebook import RuleBook


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case of a scenario file on one as-of date. Where its profile cannot be made, `problem` says why."""

    rule: str
    name: str
    case: Case
    as_of: date
    profile: Mapping[str, object] | None
    problem: str
    path: Path
    span: Span

    @property
    def id(self) -> str:
        """A name that no other scenario has."""
        return f"{self.rule}::{self.name}@{self.as_of.isoformat()}"


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What a scenario came to: nothing in `problems` when everything expected came out."""

    scenario: Scenario
    problems: tuple[str, ...]
    report: Report | None = None

    @property
    def passed(self) -> bool:
        """Whether everything expected came out."""
        return not self.problems


def scenarios(rules: RuleSet, only: Iterable[str] | None = None) -> Iterator[Scenario]:
    """Every scenario of the loaded packs, or of some rules and packs by their ids."""
    wanted = None if only is None else tuple(only)
    for pack in rules.packs:
        for file in pack.scenarios:
            rule = file.model.scenarios
            if wanted is None or rule in wanted or rule.partition(".")[0] in wanted:
                yield from _of_file(file)


def _of_file(file: Loaded[ScenarioFile]) -> Iterator[Scenario]:
    path = file.folder / Path(file.file).name
    for name, case in file.model.cases.items():
        days = case.as_of if isinstance(case.as_of, list) else [case.as_of]
        profile, problem = _profile(file.model, case)
        for day in days:
            yield Scenario(file.model.scenarios, name, case, day, profile, problem, path, file.positions.key("cases", name))


def _profile(file: ScenarioFile, case: Case) -> tuple[dict[str, object] | None, str]:
    base = file.profiles.get(case.profile)
    if base is None:
        return None, _sentence(f"there is no profile `{case.profile}`", did_you_mean(case.profile, file.profiles))
    profile = copy.deepcopy(base)
    for path in case.without:
        if not _remove(profile, path.split(".")):
            return None, f"`without: {path}`: the profile does not state it"
    for path, value in case.with_.items():
        if not set_fact(profile, path, value):
            return None, f"`with: {path}`: something that is not a group stands in its way"
    return profile, ""


def set_fact(profile: dict[str, object], path: str, value: object) -> bool:
    """Put a value at a dotted path of a profile; false where something that is not a group stands in its way."""
    steps = path.split(".")
    here: object = profile
    for step in steps[:-1]:
        if not isinstance(here, dict):
            return False
        if here.get(step) is None:
            here[step] = {}
        here = here[step]
    if not isinstance(here, dict):
        return False
    here[steps[-1]] = value
    return True


def _remove(profile: dict[str, object], steps: list[str]) -> bool:
    here: object = profile
    for step in steps[:-1]:
        here = here.get(step) if isinstance(here, dict) else None
    if not isinstance(here, dict) or steps[-1] not in here:
        return False
    del here[steps[-1]]
    return True


def run_scenario(rules: RuleSet, scenario: Scenario, engine: str = "durable") -> ScenarioResult:
    """Evaluate a scenario and compare what comes out with what must."""
    if scenario.profile is None:
        return ScenarioResult(scenario, (scenario.problem,))
    try:
        report = rules.evaluate(scenario.profile, as_of=scenario.as_of, pathways=[scenario.rule], engine=engine)
    except EligibilityError as error:
        return ScenarioResult(scenario, (str(error),))
    return ScenarioResult(scenario, tuple(problems_of(report[scenario.rule], scenario.case.expect)), report)


def problems_of(outcome: Outcome, expected: Expectation) -> Iterator[str]:
    """What did not come out as expected, in the order of the keys of `expect`."""
    if expected.outcome is not None and outcome.status.value != expected.outcome:
        yield f"outcome: expected {expected.outcome}, came out {outcome.status.value}{_why(outcome)}"
    for word in ("met", "not_met", "unknown", "judgement"):
        for path in getattr(expected, word):
            truth = outcome.truth_of(path)
            if truth is None:
                yield f"{word}: {_absent(outcome, path)}"
            elif truth is not Truth(word):
                yield f"`{path}`: expected {word}, came out {truth.value}"
    for path in expected.not_applicable:
        condition = outcome.condition(path)
        if condition is None:
            yield f"not_applicable: {_absent(outcome, path)}"
        elif outcome.applies(condition):
            yield f"`{path}`: expected not_applicable, but it applies"
    if expected.failing is not None and set(expected.failing) != set(outcome.failing):
        yield f"failing: expected {_listed(expected.failing)}, came out {_listed(outcome.failing)}"
    looks = expected.missing or expected.missing_exactly is not None
    missing = {each.name for each in outcome.missing} if looks else set[str]()
    for name in expected.missing:
        if name not in missing:
            yield f"missing: expected `{name}`, came out {_listed(sorted(missing))}"
    if expected.missing_exactly is not None and set(expected.missing_exactly) != missing:
        yield f"missing_exactly: expected {_listed(sorted(expected.missing_exactly))}, came out {_listed(sorted(missing))}"
    for name, wanted in expected.values.items():
        yield from _value_problems(outcome, name, wanted)
    for path, number in expected.points.items():
        yield from _points_problems(outcome, path, number)
    said = [note.text for note in outcome.notes] if expected.notes or expected.no_notes else []
    for text in expected.notes:
        if not any(text in each for each in said):
            yield f"notes: none says `{text}`"
    for text in expected.no_notes:
        if any(text in each for each in said):
            yield f"no_notes: one says `{text}`"


def _absent(outcome: Outcome, path: str) -> str:
    known = [each.path for criterion in outcome.compiled.rule.criteria for each in criterion.walk()]
    if path in known:
        return f"the criterion `{path}` is not in force on {outcome.as_of.isoformat()}"
    return _sentence(f"there is no criterion `{path}`", did_you_mean(path, known))


def _value_problems(outcome: Outcome, name: str, wanted: object) -> Iterator[str]:
    if name not in outcome.compiled.named:
        yield _sentence(f"values: the rule has no value `{name}`", did_you_mean(name, outcome.compiled.named))
        return
    compiled = outcome.findings.compiled
    kind, came = compiled.steps[outcome.compiled.named[name]].node.type, outcome.value(name)
    unit = unit_of(outcome, name)
    try:
        matches = (
            came.text == wanted if isinstance(kind, MoneyType) else _same(came.value, _meant(wanted, kind, unit, compiled.book))
        )
    except Misfit as misfit:
        yield f"value `{name}`: {misfit.message}"
        return
    if not matches:
        shown = came.text if isinstance(kind, MoneyType) else as_written(came.value, kind, unit)
        yield f"value `{name}`: expected {_as_text(wanted)}, came out {shown}"


def _points_problems(outcome: Outcome, path: str, wanted: int | Decimal | None) -> Iterator[str]:
    """Points that are not those expected: of a row what it gives, of a criterion the sum of its rows."""
    condition = outcome.condition(path)
    if condition is None:
        yield f"points: {_absent(outcome, path)}"
    elif condition.condition.kind not in ("points", "row"):
        yield f"points: `{path}` has no points"
    else:
        came = _sure_points(outcome, condition)
        if came != (UNKNOWN if wanted is None else Fraction(wanted)):
            yield f"points of `{path}`: expected {_as_text(wanted)}, came out {as_written(came, NumberType(), None)}"


def _sure_points(outcome: Outcome, condition: CompiledCondition) -> Number | Unknown:
    """The points of a row, or the sum over all rows; unknown where nobody knows what a row gives."""
    if condition.award is None:
        total: Number = 0
        for row in condition.children:
            given = _sure_points(outcome, row)
            if isinstance(given, Unknown):
                return UNKNOWN
            total += given
        return total
    truth = outcome.findings.truth(condition.effective)
    award = cast("Number | Unknown", outcome.findings.values[condition.award])
    return UNKNOWN if truth is UNKNOWN_TRUTH else award if truth is MET else 0


def unit_of(outcome: Outcome, name: str) -> str | None:
    """The unit that a rule writes for one of its values."""
    rule = outcome.compiled.rule
    return rule.derived[name].unit if name in rule.derived else rule.parameters[name].unit


def _meant(wanted: object, kind: Type, unit: str | None, book: RuleBook) -> Value:
    """The value an author means, written as in a parameter: a percentage as 70; a number without an end is "1/3"."""
    if wanted is None:
        return UNKNOWN
    if isinstance(kind, ListType):
        return tuple(
            _meant(each, kind.element, unit, book)
            for each in cast("list[object]", wanted if isinstance(wanted, list) else [wanted])
        )
    if isinstance(kind, NumberType) and not isinstance(wanted, bool) and isinstance(wanted, int | Decimal | str):
        try:
            return Fraction(wanted) / (100 if unit == "percent" else 1)
        except (ValueError, ZeroDivisionError):
            raise Misfit("a number", found(wanted)) from None
    return fit(wanted, kind, book.codes)


def _same(value: Value, wanted: Value) -> bool:
    """Equality of values; an unknown condition is as unknown as an unknown number."""
    return value == wanted or (value is Truth.UNKNOWN and wanted is UNKNOWN)


def as_written(value: Value, kind: Type, unit: str | None) -> str:
    """A value as an author would write it under `values`."""
    if value is UNKNOWN or value is Truth.UNKNOWN:
        return "null"
    if value in (MET, NOT_MET):
        return str(value is MET).lower()
    if unit == "percent" and isinstance(value, int | Fraction):
        value = value * 100
    return _as_text(as_json(value, kind))


def _as_text(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return f"[{', '.join(map(_as_text, cast('list[object]', value)))}]" if isinstance(value, list) else str(value)


def _why(outcome: Outcome) -> str:
    """What stands behind an outcome that was not expected, in parentheses."""
    parts = {
        "failing": _listed(outcome.failing),
        "unknown": _listed(outcome.unknown),
        "judgement": _listed(outcome.judgement),
        "missing": _listed(each.name for each in outcome.missing),
        "does not concern:": " ".join(outcome.unconcerned),
    }
    told = [f"{word} {what}" for word, what in parts.items() if what not in ("", _listed([]))]
    return f" ({'; '.join(told)})" if told else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _sentence(message: str, help: str) -> str:
    return f"{message}; {help}" if help else message
