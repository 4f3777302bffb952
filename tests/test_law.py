"""The law: every scenario beside the bundled rules comes out as it must, on both engines alike, and they leave no gap."""

from __future__ import annotations

from functools import cache

import pytest

from eligibility.cli.rule_sources import load_rules_of
from eligibility.coverage import Coverage, excuses
from eligibility.diagnostics import RuleError
from eligibility.engine import RuleSet, bundled_rules, load_rules
from eligibility.report import Report
from eligibility.rule_parts import part_of
from eligibility.scenarios import Scenario, run_scenario, scenarios

RULES = sorted(
    {
        line.removeprefix("scenarios:").strip()
        for path in bundled_rules().rglob("*scenarios*.yaml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("scenarios:")
    }
)


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


@cache
def _by_rule(pack: str) -> dict[str, list[Scenario]]:
    rules = rules_of(pack)
    found: dict[str, list[Scenario]] = {}
    for scenario in [] if rules is None else scenarios(rules, [pack]):
        found.setdefault(scenario.rule, []).append(scenario)
    return found


def of_rule(rule: str) -> list[Scenario]:
    """The scenarios of a rule in order of their dates, so that neighbours share the compiled rules of their period."""
    return sorted(_by_rule(rule.partition(".")[0])[rule], key=lambda each: each.as_of)


def test_the_bundled_rules_load() -> None:
    """The bundled rules have no error, and every rule has scenarios."""
    assert set(RULES) == load_rules().book.rules.keys()


@pytest.mark.parametrize("rule", [pytest.param(rule, marks=pytest.mark.xdist_group(rule.partition(".")[0])) for rule in RULES])
def test_the_scenarios_of_a_rule_come_out_as_they_must_and_leave_no_gap(rule: str) -> None:
    """Every scenario comes out as its author expects on the durable engine, and with the same values on the reference engine.

    All criteria of the rule come into every state they can have, and each change of a figure has a scenario on either side.
    """
    rules = rules_of(rule.partition(".")[0])
    assert rules is not None
    part, coverage = part_of(rules, [rule]), Coverage(rules.book.rules[rule])
    wrong: list[str] = []
    for scenario in of_rule(rule):
        result = run_scenario(part, scenario, "durable")
        found = list(result.problems)
        if result.report is not None and scenario.profile is not None:
            reference = part.evaluate(scenario.profile, as_of=scenario.as_of, pathways=[rule], engine="reference")
            found += differences(result.report, reference)
            coverage.add(reference[rule])
        if found:
            wrong.append("\n  ".join([f"{scenario.path}:{scenario.span.line}: {scenario.case.title}", *found]))
    assert not wrong, "\n".join(wrong)
    gaps = [str(gap) for gap in coverage.gaps(excuses(rules, rule))]
    assert not gaps, "\n".join(gaps)


def differences(report: Report, reference: Report) -> list[str]:
    """Where two reports about one profile differ: statuses, and the value of any step of any criterion, figure or note."""
    found = [
        f"{one.id}: {one.status} and {two.status}" for one, two in zip(report, reference, strict=True) if one.status != two.status
    ]
    values = zip(report.findings.compiled.steps, report.findings.values, reference.findings.values, strict=True)
    return found + [f"{step.node}: {one!r} and {two!r}" for step, one, two in values if one != two]
