"""Compiled rules: equal nodes are one step, steps stand in order, and what a date is not about is gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from book_builder import AS_OF, book, profiles, roots
from eligibility.backends.reference import ReferenceEngine
from eligibility.compiler import CompiledCondition, CompiledRules, compile_rules, period_of, settled_value
from eligibility.datatypes import UNKNOWN, Truth, Value
from eligibility.nodes import (
    Comparison,
    Constant,
    FactValue,
    ListValue,
    Lookup,
    Node,
    ParameterValue,
    Quantified,
    Reference,
    TableHas,
)
from eligibility.operations import Inputs
from eligibility.outcome import Outcome, Status
from eligibility.rulebook import Interval, RowsOn
from small_rules import load, outcome, write

DAY = date(2026, 6, 1)


def compiled(folder: Path, body: str, as_of: date = DAY, **files: str) -> CompiledRules:
    return compile_rules(load(folder, body, **files).book, as_of)


def condition(rules: CompiledRules, path: str, rule: str = "small.visa") -> CompiledCondition:
    owner = next(each for each in rules.rules if each.rule.id == rule)
    return next(each for top in owner.conditions for each in top.walk() if each.condition.path == path)


def conditions(found: Outcome) -> list[str]:
    return [each.condition.path for top in found.compiled.conditions for each in top.walk()]


# steps


TWICE = """
parameters:
  least: {title: least staff, unit: count, values: {2020-01-01: {value: 3, cite: LAW 1}}}
derived:
  enough: {title: enough staff, value: offer.staff >= least}
criteria:
  one: {title: One, cite: LAW, met_when: offer.staff >= least}
  other: {title: Other, cite: LAW, any: [offer.staff >= least, offer.permanent]}
  named: {title: Named, cite: LAW, met_when: enough}
"""
ELSEWHERE = """
assessment: small.other
title: Another rule
in_force: {from: 2020-01-01}
sources:
  LAW: {title: The law, read_on: 2025-12-06, grade: A}
criteria:
  same: {title: Same, cite: LAW, met_when: offer.permanent and offer.staff >= 3}
  far: {title: Far, cite: LAW, met_when: small.visa.criteria.one}
"""


def test_equal_nodes_are_one_step(tmp_path: Path) -> None:
    """A condition that is written twice, or named by a derived value, is one step, and so is a fact of several rules."""
    rules = compiled(tmp_path, TWICE, other=ELSEWHERE)
    one, other, named = (condition(rules, path).index for path in ("one", "other", "named"))
    assert one == named
    assert one in rules.steps[other].inputs
    assert condition(rules, "far", "small.other").index == one
    nodes = [step.node for step in rules.steps]
    assert len(nodes) == len(set(nodes))
    assert [node.path for node in nodes if isinstance(node, FactValue)].count("offer.permanent") == 1


def test_a_reference_is_the_step_it_stands_for(tmp_path: Path) -> None:
    """References to derived values and criteria leave no step of their own."""
    rules = compiled(tmp_path, TWICE, other=ELSEWHERE)
    assert not any(isinstance(step.node, Reference) for step in rules.steps)
    assert {rules.index[node] for node in rules.index if isinstance(node, Reference)} == {condition(rules, "one").index}


def test_the_step_of_a_node_is_found_by_an_equal_one(tmp_path: Path) -> None:
    """A node that was made elsewhere has the step of the node it equals; one that no rule has has none."""
    rules = compiled(tmp_path, TWICE)
    (path,) = [each for each in rules.book.facts if each == "offer.permanent"]
    other = FactValue(path, rules.book.facts[path].type)
    assert all(node is not other for node in rules.index)
    assert rules.steps[rules.index[other]].node == other
    assert FactValue("offer.nowhere", other.type) not in rules.index


quietly = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@quietly
@given(roots(), profiles())
def test_a_step_comes_after_what_it_reads(drawn: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """Every step has its place, a lower one than whatever reads it, and each is run once, where its inputs are known."""
    rules = compile_rules(book(*drawn, rules=2), AS_OF)
    for place, step in enumerate(rules.steps):
        assert step.index == place == rules.index[step.node]
        assert all(index < place for index in (*step.inputs, *step.body, *step.slots))
    assert list(rules.order) == sorted(set(rules.order))
    inside = {index for step in rules.steps for index in (*step.body, *step.slots)}
    settled = {step.index for step in rules.steps if step.index not in rules.order and step.index not in inside}
    findings = ReferenceEngine().run(rules, rules.order, Inputs(facts, AS_OF))
    for index in settled:
        assert findings.values[index] == rules.start[index] == settled_value(rules.steps[index])


def test_the_steps_of_one_rule_are_closed(tmp_path: Path) -> None:
    """What a rule needs holds everything its steps read, and no step of another rule."""
    rules = compiled(tmp_path, TWICE, other=ELSEWHERE)
    for rule in rules.rules:
        for index in rule.needed:
            assert {*rules.steps[index].inputs, *rules.steps[index].body} <= rule.needed | {-1}
    visa, other = (next(each for each in rules.rules if each.rule.id == name) for name in ("small.visa", "small.other"))
    assert condition(rules, "same", "small.other").index not in visa.needed
    assert condition(rules, "far", "small.other").index in visa.needed & other.needed
    assert set(rules.order_for([visa])) <= visa.needed


def test_the_body_of_a_quantifier_is_run_with_its_items(tmp_path: Path) -> None:
    """What reads an item stands in the body of its quantifier; what does not is run once, outside."""
    rules = compiled(
        tmp_path,
        """
        criteria:
          held: {title: Held, cite: LAW, met_when: any(d.months >= offer.staff * months(2) for d in applicant.degrees)}
        """,
    )
    read = [rules.steps[index] for index in sorted(rules.rules[0].needed)]
    loop = next(step for step in read if isinstance(step.node, Quantified))
    (comparison,) = (step for step in read if isinstance(step.node, Comparison))
    assert loop.body == (comparison.index,)
    assert [rules.steps[index].node for index in loop.slots] == [rules.steps[comparison.inputs[0]].node]
    assert not {*loop.body, *loop.slots} & set(rules.order)
    assert comparison.inputs[1] in rules.order


# dates


DATED = """
parameters:
  least:
    title: least staff
    unit: count
    cite: LAW 1
    values:
      2021-01-01: {value: 3, until: 2023-01-01}
      2024-01-01: {value: 4}
      2025-01-01: {value: 9, status: announced}
      2026-01-01: {unknown: Not published.}
      2027-01-01: {value: 8, status: struck_down}
lists:
  trades:
    title: trades
    of: soc
    cite: LAW 2
    from: 2021-01-01
    unknown_from: 2026-01-01
    unknown_because: Not published.
    entries: {"2134": {until: 2024-01-01}, "2135": {from: 2023-01-01}}
tables:
  rates:
    title: rates
    file: rates.csv
    key: {occupation: soc}
    columns: {annual: GBP/year}
    dated: true
    cite: LAW 3
    from: 2021-01-01
    until: 2026-01-01
criteria:
  staff: {title: Staff, cite: LAW, met_when: offer.staff >= least}
  trade: {title: Trade, cite: LAW, met_when: offer.occupation in trades}
  rate: {title: Rate, cite: LAW, met_when: 'offer.yearly_cost >= rates[offer.occupation].annual'}
  later: {title: Later, cite: LAW, from: 2023-01-01, until: 2024-01-01, met_when: offer.permanent}
"""
RATES = """\
occupation,annual,from,until
2134,100,,2023-01-01
2134,200,2023-01-01,
"""


def bound(folder: Path, as_of: str, kind: type[Node]) -> object:
    rules = compile_rules(load(folder, DATED, rates_csv=RATES).book, date.fromisoformat(as_of))
    return next(step.data for step in rules.steps if isinstance(step.node, kind))


@pytest.mark.parametrize(
    ("as_of", "value"),
    [
        ("2020-12-31", UNKNOWN),
        ("2021-01-01", 3),
        ("2022-12-31", 3),
        ("2023-01-01", UNKNOWN),
        ("2024-01-01", 4),
        ("2025-06-01", 4),
        ("2026-01-01", UNKNOWN),
        ("2028-01-01", UNKNOWN),
    ],
)
def test_a_parameter_has_the_value_of_the_date(tmp_path: Path, as_of: str, value: object) -> None:
    """Before the first date and in a gap a figure is unknown; announced and struck-down values are not applied."""
    assert bound(tmp_path, as_of, ParameterValue) == value


@pytest.mark.parametrize(
    ("as_of", "entries"),
    [
        ("2020-12-31", frozenset()),
        ("2021-01-01", {"2134"}),
        ("2023-01-01", {"2134", "2135"}),
        ("2024-01-01", {"2135"}),
        ("2026-01-01", UNKNOWN),
    ],
)
def test_a_list_has_the_entries_of_the_date(tmp_path: Path, as_of: str, entries: object) -> None:
    """A list is empty before it begins, has the entries in force, and is unknown from the day nobody knows it."""
    assert bound(tmp_path, as_of, ListValue) == entries


@pytest.mark.parametrize(("as_of", "annual"), [("2022-12-31", 100), ("2023-01-01", 200)])
def test_a_table_has_the_rows_of_the_date(tmp_path: Path, as_of: str, annual: int) -> None:
    """Of the dated rows of one key the one that holds is bound; outside its own days the whole table is unknown."""
    rows = bound(tmp_path, as_of, Lookup)
    assert isinstance(rows, dict)
    assert {key: row.cells["annual"] for key, row in rows.items()} == {("2134",): annual}
    assert bound(tmp_path, "2020-12-31", Lookup) is UNKNOWN
    assert bound(tmp_path, "2026-01-01", Lookup) is UNKNOWN


def test_a_case_looks_up_its_row_and_gathers_no_other(tmp_path: Path) -> None:
    """A single case is answered from the row of its key; gathering all rows gives the same ones."""
    listed = "  listed: {title: Listed, cite: LAW, met_when: offer.occupation in rates}\n"
    rules = compile_rules(load(tmp_path, DATED + listed, rates_csv=RATES).book, date(2022, 1, 1))
    ReferenceEngine().run(rules, rules.order, Inputs({"offer.occupation": "2134"}, date(2022, 1, 1)))
    tables = [step.gather for step in rules.steps if isinstance(step.gather, RowsOn)]
    assert tables
    assert not any(table.found for table in tables)
    for table in tables:
        keys = [*table.table.rows, ("9999",)]
        before = [(table.get(key), key in table) for key in keys]
        assert [table().get(key) for key in keys] == [row for row, _ in before]
        assert [(table.get(key), key in table) for key in keys] == before


def test_the_rows_of_a_table_are_gathered_once(tmp_path: Path) -> None:
    """All steps that look into a table hold the same rows."""
    listed = "  listed: {title: Listed, cite: LAW, met_when: offer.occupation in rates}\n"
    rules = compile_rules(load(tmp_path, DATED + listed, rates_csv=RATES).book, date(2022, 1, 1))
    one, two = (next(step.data for step in rules.steps if isinstance(step.node, kind)) for kind in (Lookup, TableHas))
    assert isinstance(one, dict)
    assert one is two


def test_a_condition_out_of_force_is_not_there(tmp_path: Path) -> None:
    """A criterion holds from its first day up to, but not on, the day it ends."""
    rules = load(tmp_path, DATED, rates_csv=RATES)
    there = {
        day: "later" in conditions(outcome(rules, {"offer.permanent": True}, day))
        for day in ("2022-12-31", "2023-01-01", "2023-12-31", "2024-01-01")
    }
    assert there == {"2022-12-31": False, "2023-01-01": True, "2023-12-31": True, "2024-01-01": False}


def test_a_reference_to_what_is_out_of_force_is_not_met(tmp_path: Path) -> None:
    """What refers to a criterion that is not there on the date takes it for not met."""
    body = f"{DATED}  reader: {{title: Reader, cite: LAW, met_when: criteria.later}}\n"
    rules = load(tmp_path, body, rates_csv=RATES)
    facts = {"offer.permanent": True}
    assert outcome(rules, facts, "2023-06-01").truth_of("reader") is Truth.MET
    assert outcome(rules, facts, "2024-06-01").truth_of("reader") is Truth.NOT_MET


def test_a_period_reaches_from_change_to_change(tmp_path: Path) -> None:
    """The compiled rules of the last day of a period are those of its first day, and another period begins on every change."""
    rules = load(tmp_path, DATED, rates_csv=RATES).book
    assert period_of(rules, date(2023, 6, 1)) == Interval(date(2023, 1, 1), date(2024, 1, 1))
    assert period_of(rules, date(1999, 1, 1)) == Interval(None, rules.changes[0])
    assert period_of(rules, date(2999, 1, 1)) == Interval(rules.changes[-1], None)
    for day in rules.changes:
        first, before = compile_rules(rules, day), compile_rules(rules, day - timedelta(days=1))
        assert first.interval.start == before.interval.until == day
        later = compile_rules(rules, min(first.interval.until or date(2999, 1, 1), date(2999, 1, 1)) - timedelta(days=1))
        assert [(step.node, step.data) for step in first.steps] == [(step.node, step.data) for step in later.steps]


# conditions


def test_what_does_not_apply_is_neutral(tmp_path: Path) -> None:
    """A condition that does not apply counts as met where all are needed and as not met where one suffices."""
    rules = load(
        tmp_path,
        """
        criteria:
          every: {title: Every, cite: LAW, all: {a: {title: A, applies_when: offer.permanent, met_when: offer.staff > 5}}}
          some: {title: Some, cite: LAW, any: {a: {title: A, applies_when: offer.permanent, met_when: offer.staff < 5}}}
          none: {title: None, cite: LAW, none: {a: {title: A, applies_when: offer.permanent, met_when: offer.staff < 5}}}
          whole: {title: Whole, cite: LAW, applies_when: offer.permanent, met_when: offer.staff > 5}
        """,
    )
    found = outcome(rules, {"offer.permanent": False, "offer.staff": 3})
    assert [found.truth_of(path) for path in ("every", "some", "none", "whole")] == [
        Truth.MET,
        Truth.NOT_MET,
        Truth.MET,
        Truth.MET,
    ]
    applied = outcome(rules, {"offer.permanent": True, "offer.staff": 3})
    assert [applied.truth_of(path) for path in ("every", "some", "none", "whole")] == [
        Truth.NOT_MET,
        Truth.MET,
        Truth.NOT_MET,
        Truth.NOT_MET,
    ]


def test_an_exception_stands_in_for_its_criterion(tmp_path: Path) -> None:
    """A criterion is met if it or one of its exceptions in force is; `plain` is its truth without them."""
    rules = load(
        tmp_path,
        """
        criteria:
          staff: {title: Staff, cite: LAW, met_when: offer.staff > 5}
          group: {title: Group, cite: LAW, all: {part: {title: Part, met_when: offer.staff > 5}}}
        exceptions:
          permanent: {title: Permanent, overrides: criteria.staff, met_when: offer.permanent, cite: LAW 2, until: 2026-07-01}
          inner: {title: Inner, overrides: criteria.group.part, met_when: offer.permanent, cite: LAW 2}
        """,
    )
    facts = {"offer.staff": 3, "offer.permanent": True}
    found = outcome(rules, facts)
    assert found.status is Status.ELIGIBLE
    staff = found.condition("staff")
    assert staff is not None
    assert found.findings.truth(staff.plain) is Truth.NOT_MET
    assert found.findings.truth(staff.index) is Truth.MET
    assert outcome(rules, facts, "2026-07-01").failing == ("staff",)
    assert outcome(rules, {**facts, "offer.permanent": False}).failing == ("staff", "group")


def test_an_amendment_takes_the_place_of_an_element(tmp_path: Path) -> None:
    """What another pack overrides is compiled as that pack says, wherever it is read."""
    change = """\
        amends: policy.change
        sources: {NEW: {title: The new law, read_on: 2025-12-06, grade: B}}
        overrides:
          small.visa.parameters.least: {title: least staff, unit: count, cite: NEW 1, values: {2020-01-01: {value: 20}}}
          small.visa.criteria.other: {title: Other, cite: NEW 2, met_when: offer.permanent}
        """
    policy = write(tmp_path / "policy", "", name="policy", change=change)
    plain, changed = load(tmp_path, TWICE), load(tmp_path, TWICE, policy)
    facts = {"offer.staff": 19, "offer.permanent": False}
    assert outcome(plain, facts).status is Status.ELIGIBLE
    assert outcome(changed, facts).failing == ("one", "other", "named")
    assert outcome(changed, {"offer.staff": 20, "offer.permanent": True}).status is Status.ELIGIBLE


def test_a_named_value_of_a_rule_has_its_step(tmp_path: Path) -> None:
    """Every derived value and parameter is found by its name, also one that no criterion reads."""
    rules = compiled(tmp_path, TWICE)
    (visa,) = rules.rules
    assert set(visa.named) == {"least", "enough"}
    assert isinstance(rules.steps[visa.named["least"]].node, ParameterValue)
    assert visa.named["enough"] == condition(rules, "one").index


def test_a_rule_without_criteria_is_met(tmp_path: Path) -> None:
    """A conjunction of nothing is a truth that needs no step to run."""
    plain = ELSEWHERE.partition("criteria:")[0] + "notes: [{say: Nothing is asked., cite: LAW 1}]\n"
    rules = compiled(tmp_path, "", other=plain)
    (visa,) = rules.rules
    assert rules.order_for([visa]) == ()
    assert rules.start[visa.criteria_met] is Truth.MET
    assert isinstance(rules.steps[visa.criteria_met].node, Constant)
