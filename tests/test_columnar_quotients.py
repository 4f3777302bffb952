"""Several shares of one number are decided by one whole quotient, exactly as products decide them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from book_builder import AS_OF, NUMBER, book, fact
from eligibility import nodes
from eligibility.columnar import ColumnarRules
from eligibility.columnar.door import enter
from eligibility.datatypes import NumberType, Unit
from eligibility.engine import RuleSet
from eligibility.facts import Profile
from eligibility.nodes import Node
from small_rules import load, outcome

PAY, RATE = fact("n.a"), fact("n.b")
SHARES = (Fraction(7, 10), Fraction(9, 10), 1, Fraction(4, 3))
SIGNS = (">=", "<", "<=", ">")


def product(one: Node, two: Node) -> Node:
    return nodes.Arithmetic("*", one, two, NUMBER)


def number(value: int | Fraction) -> Node:
    return nodes.Constant(value, NUMBER)


def against_shares(of: Node, shares: Sequence[int | Fraction] = SHARES, signs: Sequence[str] = SIGNS) -> list[Node]:
    """The pay against each share of a number, by each sign, written on either side."""
    found: list[Node] = []
    for share in shares:
        for sign in signs:
            found.append(nodes.Comparison(sign, PAY, product(number(share), of)))  # type: ignore[arg-type]  # one of the signs
            found.append(nodes.Comparison(sign, product(of, number(share)), PAY))  # type: ignore[arg-type]  # one of the signs
    return found


def rules_of(conditions: Sequence[Node], least: int = 1, most: int = 10**12) -> ColumnarRules:
    """Rules with some conditions, where the rate lies between two bounds."""
    made = book(*conditions)
    rate = dataclasses.replace(made.facts["n.b"], minimum=least, maximum=most)
    return ColumnarRules(RuleSet(dataclasses.replace(made, facts={**made.facts, "n.b": rate})))


def agree(rules: ColumnarRules, rows: Sequence[tuple[int | None, int | None]]) -> None:
    """Every truth is that of one evaluation of each row."""
    table = pl.DataFrame({"n.a": [one for one, _ in rows], "n.b": [two for _, two in rows], "b.a": [True] * len(rows)})
    found = rules.evaluate(table, as_of=AS_OF, statuses=True).outcomes
    for row, (one, two) in enumerate(rows):
        facts = {path: value for path, value in (("n.a", one), ("n.b", two)) if value is not None}
        (outcome,) = rules.rules.evaluate(Profile(facts), as_of=AS_OF, engine="reference")
        for part in outcome.compiled.conditions:
            name = f"{outcome.id}.{part.condition.path}"
            assert found[name][row] == outcome.findings.truth(part.effective).value, (name, one, two)


def plan_of(rules: ColumnarRules) -> str:
    """The expressions of a plan."""
    entered = enter(pl.DataFrame({"n.a": [1], "n.b": [1]}), rules.rules.book)
    plan = rules.plan(entered, AS_OF, AS_OF, statuses=True)
    return "\n".join(str(each) for level in plan.levels for each in level.columns)


@given(
    st.lists(st.tuples(st.sampled_from(SHARES), st.integers(1, 10**6), st.integers(-1, 1)), min_size=1, max_size=8),
    st.integers(-3, 3),
)
@settings(max_examples=40)
def test_quotients_decide_as_products_do(drawn: list[tuple[Fraction, int, int]], small: int) -> None:
    """At exact ties, one beside them, below zero and without a value."""
    rows: list[tuple[int | None, int | None]] = [(small, 7), (None, 30), (30, None)]
    rows += [(int(share * 30 * rate) + step, 30 * rate) for share, rate, step in drawn]
    agree(rules_of(against_shares(RATE)), rows)
    agree(rules_of(against_shares(product(RATE, fact("n.b")))), [(one, two) for one, two in rows if two is None or two < 10**4])


def test_shares_of_one_number_are_divided_once() -> None:
    """Three shares and more take one division; what is divided by comes first where it is a fact."""
    assert plan_of(rules_of(against_shares(RATE))).count("//") == 1
    derived = nodes.Extreme("max", (fact("n.b"), number(5)), NUMBER)
    squared = plan_of(rules_of(against_shares(product(derived, RATE))))
    assert squared.count("//") == 2
    by_fact, by_derived = (line for line in squared.splitlines() if "//" in line)
    assert '// (col("n.b"))' in by_fact
    assert "when" in by_derived


def test_two_shares_are_compared_by_products() -> None:
    """A division takes as long as two products."""
    assert "//" not in plan_of(rules_of(against_shares(RATE, SHARES[:2])))


def test_nothing_is_divided_by_what_may_be_nought_or_too_large() -> None:
    """Then products decide, as exactly."""
    rows: list[tuple[int | None, int | None]] = [(0, 0), (1, 0), (-1, 0), (10**12, 10**12), (7 * 10**11, 10**12)]
    nought = rules_of(against_shares(RATE), least=0)
    assert "//" not in plan_of(nought)
    agree(nought, rows)
    fine = [Fraction(share, 10**9 + 7) for share in (7 * 10**8, 9 * 10**8, 11 * 10**8)]
    large = rules_of(against_shares(RATE, fine))
    assert "//" not in plan_of(large)
    agree(large, rows[3:])


def test_what_many_rules_ask_alike_is_worked_out_once() -> None:
    """A comparison is one column, whichever rule makes it and however its figure is called there."""
    units = [Unit(), Unit((("GBP", 1),)), Unit((("EUR", 1),))]
    same = [nodes.Comparison(">=", PAY, nodes.Constant(17, NumberType(unit))) for unit in units]
    asked = [nodes.AllOf((each, fact("b.a"), nodes.Comparison("<", RATE, number(place)))) for place, each in enumerate(same)]
    assert plan_of(rules_of(asked)).count('(col("n.a")) >= (17)') == 1


TABLES: Final = """\
tables:
  tenths: {title: one table, file: tenths.csv, key: {job: soc}, columns: {annual: GBP/year}, cite: LAW, from: 2020-01-01}
  quarters: {title: another, file: quarters.csv, key: {job: soc}, columns: {annual: GBP/year}, cite: LAW, from: 2020-01-01}
derived:
  twice: {title: twice the cost, unit: GBP/year, value: offer.yearly_cost + offer.yearly_cost, cite: LAW}
criteria:
  a: {title: A, cite: LAW, met_when: 'twice >= 0.7 * tenths[offer.occupation].annual'}
  b: {title: B, cite: LAW, met_when: 'twice >= 0.8 * tenths[offer.occupation].annual'}
  c: {title: C, cite: LAW, met_when: 'twice < 0.9 * tenths[offer.occupation].annual'}
  d: {title: D, cite: LAW, met_when: 'twice >= 0.25 * quarters[offer.occupation].annual'}
  e: {title: E, cite: LAW, met_when: 'twice >= 0.75 * quarters[offer.occupation].annual'}
  f: {title: F, cite: LAW, met_when: 'twice < 1.25 * quarters[offer.occupation].annual'}
"""
ROWS: Final = "job,annual\n2134,{one}\n2135,\n2136,{two}\n"


def test_gaps_of_tables_are_those_of_the_quotient(tmp_path: Path) -> None:
    """Of rows with and without a cell, and of no known code, by two tables that ask for different multiples of one number."""
    files = {"tenths_csv": ROWS.format(one=1010, two=30), "quarters_csv": ROWS.format(one=404, two=36)}
    rules = load(tmp_path, TABLES, **files)
    codes = ["2134", "2135", "2136", "9999", None]
    cases = [(code, cost) for code in codes for cost in (None, *range(0, 520, 1))]
    table = pl.DataFrame({"offer.occupation": [code for code, _ in cases], "offer.yearly_cost": [cost for _, cost in cases]})
    known = table.filter(pl.any_horizontal(pl.all().is_not_null()))
    found = ColumnarRules(rules).evaluate(known, as_of="2026-06-01", statuses=True).outcomes
    for place, row in enumerate(known.iter_rows(named=True)):
        alone = outcome(rules, {name: value for name, value in row.items() if value is not None})
        for part in alone.compiled.conditions:
            assert found[f"small.visa.{part.condition.path}"][place] == alone.findings.truth(part.effective).value, row
