"""The law: every scenario beside the bundled rules comes out as it must, on both engines alike, and they leave no gap."""

from __future__ import annotations

from functools import cache

import pytest
from _pytest.mark.structures import ParameterSet

from eligibility.cli.rule_sources import load_rules_of
from eligibility.compiler import period_of
from eligibility.coverage import cover, excuses
from eligibility.diagnostics import RuleError
from eligibility.engine import RuleSet, bundled_rules, load_rules
from eligibility.report import Report
from eligibility.scenarios import Scenario, run_scenario, scenarios

PACKS = sorted(path.parent.name for path in bundled_rules().glob("*/pack.yaml"))


@cache
def rules_of(pack: str) -> RuleSet | None:
    """A bundled pack with what it needs, which compiles quicker than all packs together; None where it does not load."""
    folders = dict.fromkeys((bundled_rules() / "core", bundled_rules() / pack))
    try:
        return load_rules(*folders, bundled=False)
    except RuleError:
        pass
    try:
        return load_rules_of(folders)
    except RuleError:  # test_the_bundled_rules_load reports it
        return None


def in_order_of_dates(pack: str) -> list[Scenario]:
    """The scenarios of a pack; neighbours share the compiled rules of their period."""
    found = rules_of(pack)
    return [] if found is None else sorted(scenarios(found, [pack]), key=lambda each: each.as_of)


def test_the_bundled_rules_load() -> None:
    """The bundled rules have no error, and scenarios beside them."""
    assert list(scenarios(load_rules()))


def by_period() -> list[ParameterSet]:
    """The scenarios of all packs; one worker runs those of one pack and period, and compiles the rules of that period once."""
    found: list[ParameterSet] = []
    for pack in PACKS:
        for scenario in in_order_of_dates(pack):
            rules = rules_of(pack)
            start = None if rules is None else period_of(rules.book, scenario.as_of).start
            found.append(pytest.param(scenario, id=scenario.id, marks=pytest.mark.xdist_group(f"{pack} since {start}")))
    return found


@pytest.mark.parametrize("scenario", by_period())
def test_a_scenario_comes_out_as_it_must(scenario: Scenario) -> None:
    """A scenario comes out as its author expects on the durable engine, and with the same values on the reference engine."""
    rules = rules_of(scenario.rule.partition(".")[0])
    assert rules is not None
    result = run_scenario(rules, scenario, "durable")
    place = f"{scenario.path}:{scenario.span.line}: {scenario.case.title}"
    assert result.passed, "\n".join([place, *result.problems])
    assert scenario.profile is not None
    assert result.report is not None
    reference = rules.evaluate(scenario.profile, as_of=scenario.as_of, pathways=[scenario.rule], engine="reference")
    assert differences(result.report, reference) == []


def differences(report: Report, reference: Report) -> list[str]:
    """Where two reports about one profile differ: statuses, and the value of any step of any criterion, figure or note."""
    found = [
        f"{one.id}: {one.status} and {two.status}" for one, two in zip(report, reference, strict=True) if one.status != two.status
    ]
    values = zip(report.findings.compiled.steps, report.findings.values, reference.findings.values, strict=True)
    return found + [f"{step.node}: {one!r} and {two!r}" for step, one, two in values if one != two]


@pytest.mark.parametrize("pack", PACKS)
def test_the_scenarios_leave_no_gap(pack: str) -> None:
    """Every criterion comes into every state it can have, and each change of a figure has a scenario on either side."""
    rules = rules_of(pack)
    assert rules is not None
    names = [rule.id for rule in rules.book.rules.values() if rule.pack == pack]
    gaps = [
        str(gap)
        for name, coverage in cover(rules, in_order_of_dates(pack), names).items()
        for gap in coverage.gaps(excuses(rules, name))
    ]
    assert not gaps, "\n".join(gaps)
