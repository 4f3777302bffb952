"""The law: every scenario beside the bundled rules comes out as it must, on both engines alike."""

from __future__ import annotations

from functools import cache

import pytest

from eligibility.diagnostics import RuleError
from eligibility.engine import RuleSet, load_rules
from eligibility.report import Report
from eligibility.scenarios import Scenario, run_scenario, scenarios


@cache
def rules() -> RuleSet | None:
    """The bundled rules, loaded once; None where they do not load, which a test of its own reports."""
    try:
        return load_rules()
    except RuleError:
        return None


def loaded() -> RuleSet:
    found = rules()
    if found is None:
        pytest.fail("the bundled rules do not load")
    return found


def in_order_of_dates() -> list[Scenario]:
    """All scenarios; neighbours share the compiled rules of their period."""
    found = rules()
    return [] if found is None else sorted(scenarios(found), key=lambda each: each.as_of)


def test_the_bundled_rules_load() -> None:
    """The bundled rules have no error, and scenarios beside them."""
    assert list(scenarios(load_rules()))


@pytest.mark.parametrize("scenario", in_order_of_dates(), ids=lambda scenario: scenario.id)
def test_a_scenario_comes_out_as_it_must(scenario: Scenario) -> None:
    """A scenario comes out as its author expects on the durable engine, and with the same values on the reference engine."""
    result = run_scenario(loaded(), scenario, "durable")
    place = f"{scenario.path}:{scenario.span.line}: {scenario.case.title}"
    assert result.passed, "\n".join([place, *result.problems])
    assert scenario.profile is not None
    assert result.report is not None
    reference = loaded().evaluate(scenario.profile, as_of=scenario.as_of, pathways=[scenario.rule], engine="reference")
    assert differences(result.report, reference) == []


def differences(report: Report, reference: Report) -> list[str]:
    """Where two reports about one profile differ: statuses, and the value of any step of any criterion, figure or note."""
    found = [
        f"{one.id}: {one.status} and {two.status}" for one, two in zip(report, reference, strict=True) if one.status != two.status
    ]
    values = zip(report.findings.compiled.steps, report.findings.values, reference.findings.values, strict=True)
    return found + [f"{step.node}: {one!r} and {two!r}" for step, one, two in values if one != two]
