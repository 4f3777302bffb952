"""Scenarios: profiles with what must come out, kept beside the rules. Running them is the test of the law."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from eligibility.datatypes import Truth
from eligibility.diagnostics import EligibilityError, Span
from eligibility.engine import RuleSet
from eligibility.formatting import as_json
from eligibility.loader import Loaded
from eligibility.model import Case, Expectation, ScenarioFile
from eligibility.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Scenario:
    """One case of a scenario file on one as-of date."""

    rule: str
    name: str
    case: Case
    as_of: date
    profile: Mapping[str, object] | None
    problem: str
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

    @property
    def passed(self) -> bool:
        """Whether everything expected came out."""
        return not self.problems


def scenarios(rules: RuleSet, only: Iterable[str] | None = None) -> Iterator[Scenario]:
    """Every scenario of the loaded packs, or of some rules (by id or beginning of id)."""
    wanted = None if only is None else tuple(only)
    for pack in rules.packs:
        for file in pack.scenarios:
            if wanted is None or any(file.model.scenarios == name or file.model.scenarios.startswith(f"{name}.") for name in wanted):
                yield from _of_file(file)


def _of_file(file: Loaded[ScenarioFile]) -> Iterator[Scenario]:
    for name, case in file.model.cases.items():
        days = case.as_of if isinstance(case.as_of, list) else [case.as_of]
        profile, problem = _profile(file.model, case)
        for day in days:
            yield Scenario(file.model.scenarios, name, case, day, profile, problem, file.positions.key("cases", name))


def _profile(file: ScenarioFile, case: Case) -> tuple[dict[str, object] | None, str]:
    base = file.profiles.get(case.profile)
    if base is None:
        return None, f"there is no profile `{case.profile}`"
    profile = copy.deepcopy(base)
    for path in case.without:
        if not _remove(profile, path.split(".")):
            return None, f"`without: {path}`: the profile does not state it"
    for path, value in case.with_.items():
        if not _set(profile, path.split("."), value):
            return None, f"`with: {path}`: something that is not a group stands in its way"
    return profile, ""


def _set(profile: dict[str, object], steps: list[str], value: object) -> bool:
    here: object = profile
    for step in steps[:-1]:
        if not isinstance(here, dict):
            return False
        below = here.get(step)
        here[step] = below = {} if below is None else below
        here = below
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
        outcome = report[scenario.rule]
    except EligibilityError as error:
        return ScenarioResult(scenario, (str(error),))
    return ScenarioResult(scenario, tuple(_problems(outcome, scenario.case.expect)))


def _problems(outcome: Outcome, expected: Expectation) -> Iterator[str]:
    if expected.outcome is not None and outcome.status.value != expected.outcome:
        yield f"outcome: expected {expected.outcome}, came out {outcome.status.value}{_why(outcome)}"
    for word in ("met", "not_met", "unknown", "judgement"):
        for path in getattr(expected, word):
            found = outcome.truth_of(path)
            if found is None:
                yield f"{word}: there is no criterion `{path}` in force on {outcome.as_of.isoformat()}"
            elif found is not Truth(word):
                yield f"`{path}`: expected {word}, came out {found.value}"
    for path in expected.not_applicable:
        condition = outcome.condition(path)
        if condition is None:
            yield f"not_applicable: there is no criterion `{path}` in force on {outcome.as_of.isoformat()}"
        elif outcome.applies(condition):
            yield f"`{path}`: expected not_applicable, but it applies"
    if expected.failing is not None and set(expected.failing) != set(outcome.failing):
        yield f"failing: expected {_listed(expected.failing)}, came out {_listed(outcome.failing)}"
    missing = {each.name for each in outcome.missing}
    for name in expected.missing:
        if name not in missing:
            yield f"missing: expected `{name}`, came out {_listed(sorted(missing))}"
    if expected.missing_exactly is not None and set(expected.missing_exactly) != missing:
        yield f"missing_exactly: expected {_listed(sorted(expected.missing_exactly))}, came out {_listed(sorted(missing))}"
    for name, wanted in expected.values.items():
        yield from _value_problems(outcome, name, wanted)
    said = [note.text for note in outcome.notes]
    for text in expected.notes:
        if not any(text in each for each in said):
            yield f"notes: none says `{text}`"


def _value_problems(outcome: Outcome, name: str, wanted: object) -> Iterator[str]:
    if name not in outcome.compiled.named:
        yield f"values: the rule has no value `{name}`"
        return
    shown = outcome.value(name)
    kind = outcome.findings.compiled.steps[outcome.compiled.named[name]].node.type
    found = as_json(shown.value, kind)
    if isinstance(shown.value, Truth):
        found = {"met": True, "not_met": False}.get(shown.value.value)
    if str(found) != str(_plain(wanted)):
        yield f"value `{name}`: expected {_plain(wanted)}, came out {found}"


def _plain(value: object) -> object:
    """A written value in the form `as_json` gives: whole numbers as integers, others without trailing zeros."""
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[object]", value)]
    text = str(value)
    if not isinstance(value, bool | int | str) and value is not None and "." in text and "-" not in text[1:]:
        return text.rstrip("0").rstrip(".")
    return value


def _why(outcome: Outcome) -> str:
    parts = []
    if outcome.failing:
        parts.append(f"failing {_listed(outcome.failing)}")
    if outcome.unknown:
        parts.append(f"unknown {_listed(outcome.unknown)}")
    if outcome.judgement:
        parts.append(f"judgement {_listed(outcome.judgement)}")
    if outcome.missing:
        parts.append(f"missing {_listed([each.name for each in outcome.missing])}")
    if outcome.unconcerned:
        parts.append(f"does not concern: {' '.join(outcome.unconcerned)}")
    return f" ({'; '.join(parts)})" if parts else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"
