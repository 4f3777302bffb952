"""The decision that engines are measured with means the same in every form this repository writes it in."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks.decision import by_hand, population
from benchmarks.decision.formula import PART, Among, Holds, Leaf, Part, criteria, folded, with_need
from benchmarks.decision.rules import CRITERIA, FACTS, PACK, Figures, figures, pathway, write_pack
from eligibility.columnar import ColumnarRules
from eligibility.datatypes import MET, NOT_MET, UNKNOWN_TRUTH
from eligibility.engine import ENGINES, load_rules
from eligibility.status import Status

AS_OF = date(2026, 11, 23)
STATUSES = {True: Status.ELIGIBLE, False: Status.NOT_ELIGIBLE, None: Status.UNDETERMINED}


@cache
def rows() -> tuple[dict[str, Any], ...]:
    return tuple(population.rows(500))


def exact(row: dict[str, Any]) -> dict[str, Any]:
    return {name: Fraction(value) if isinstance(value, float) else value for name, value in row.items()}


def least(truths: list[bool | None]) -> bool | None:
    return False if False in truths else None if None in truths else True


def greatest(truths: list[bool | None]) -> bool | None:
    return True if True in truths else None if None in truths else False


def by_formula(law: Figures, row: dict[str, Any]) -> tuple[bool | None, ...]:
    """The truths of all criteria and the outcome by the tree from which other languages are written."""
    known = with_need(law.going_rates, row)
    found: dict[str, bool | None] = {}

    def leaf(each: Leaf) -> bool | None:
        match each:
            case Part(share=share):
                both = "salary" in known and "need" in known
                return known["salary"] * PART >= share * known["need"] if both else None
            case Holds(fact=fact):
                return known.get(fact)
            case Among(fact=fact, words=words):
                return known[fact] in words if fact in known else None
        value = known.get(each.fact)
        if value is None:
            return None
        return bool({">=": value.__ge__, "<": value.__lt__, "==": value.__eq__}[each.sign](each.value))

    for name, formula in criteria(law).items():
        found[name] = folded(formula, leaf, found.__getitem__, least, greatest)
    return tuple(found.values())


def test_every_form_of_the_decision_agrees(tmp_path: Path) -> None:
    """By hand, by the tree for other languages, and by this program, every variant comes out the same for every profile."""
    rules = load_rules(write_pack(tmp_path / "pack", 3), bundled=False)
    laws = [figures(number) for number in range(3)]
    deciders = [by_hand.decision(law, exact=True) for law in laws]
    seen = Counter[bool | None]()
    for row in rows():
        profile = rules.profile(population.profile(row))
        statuses = rules.statuses(profile, as_of=AS_OF)
        for law, decide in zip(laws, deciders, strict=True):
            outcome, truths = decide(exact(row))
            assert by_formula(law, row) == (*truths, outcome)
            assert statuses[pathway(law.number)] is STATUSES[outcome]
            seen[outcome] += 1
    assert min(seen[truth] for truth in STATUSES) > 100


def test_columns_decide_as_by_hand(tmp_path: Path) -> None:
    """Every criterion of every variant comes out in columns as by hand, also at exact shares and for unlisted codes."""
    rules = load_rules(write_pack(tmp_path / "pack", 3), bundled=False)
    table = pl.DataFrame([{f"{FACTS}.{name}": row.get(name) for name in population.FIELDS} for row in rows()])
    found = ColumnarRules(rules).evaluate(table, as_of=AS_OF, statuses=True).outcomes
    truths = {True: "met", False: "not_met", None: "unknown"}
    for number in range(3):
        decide, name = by_hand.decision(figures(number), exact=True), pathway(number)
        decided = [decide(exact(row)) for row in rows()]
        assert found[name].to_list() == [str(STATUSES[outcome]) for outcome, _ in decided]
        for place, criterion in enumerate(CRITERIA):
            assert found[f"{name}.{criterion}"].to_list() == [truths[each[place]] for _, each in decided], criterion


@pytest.mark.parametrize("engine", ENGINES)
def test_the_criteria_are_those_of_the_pack(engine: str) -> None:
    """Each criterion and option of the pack has the truth that is worked out by hand, on every engine."""
    rules, decide = load_rules(PACK, bundled=False), by_hand.decision(figures(), exact=True)
    truths = {MET: True, NOT_MET: False, UNKNOWN_TRUTH: None}
    for row in rows()[:40]:
        (outcome,) = rules.evaluate(population.profile(row), as_of=AS_OF, engine=engine)
        found = [outcome.truth_of(name) for name in CRITERIA]
        assert [truths[each] for each in found if each is not None] == list(decide(exact(row))[1])


def test_every_figure_of_a_variant_differs() -> None:
    """Variants share nothing that an engine could work out once for all of them."""
    first, other = figures(), figures(7)
    for name in ("general", "with_phd", "reduced", "phd_share", "stem_share", "shortage_share", "entrant_share", "young_until"):
        assert getattr(first, name) != getattr(other, name)
    assert (first.least_english, first.least_funds) != (other.least_english, other.least_funds)
    assert set(first.going_rates.values()).isdisjoint(other.going_rates.values()) or first.going_rates != other.going_rates
    assert first.english_speaking != other.english_speaking


def test_columns_hold_the_rows() -> None:
    """The population is the same as columns of NumPy, from any row on."""
    pytest.importorskip("numpy")
    columns = population.columns(100, first=50)
    for place, row in enumerate(rows()[50:150]):
        for name, (values, known) in columns.items():
            assert bool(known[place]) == (name in row)
            if name in row:
                value = values[place].item()
                assert (population.WORDS[name][value] if name in population.WORDS else value) == row[name]
