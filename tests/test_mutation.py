"""Changes of the law: which there are, which scenarios notice, and that looking only at what changed gives the same answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility import nodes
from eligibility.cli import main
from eligibility.datatypes import ChoiceType, DateType, NumberType, TextType, Unit
from eligibility.engine import RuleSet, load_rules
from eligibility.fitting import Codes
from eligibility.mutation.bench import Bench
from eligibility.mutation.expressions import changed
from eligibility.mutation.mutants import Mutant, changed_book
from eligibility.mutation.neighbours import SAMPLE, neighbours, sampled
from eligibility.mutation.scores import Verdict, excuses_of, judge, mutants_of, run, scored, vain
from eligibility.scenarios import Scenario, run_scenario, scenarios

PACKS = Path(__file__).parent / "packs"
RULE = "mutants.visa"


@cache
def rules() -> RuleSet:
    return load_rules(PACKS, bundled=False)


@cache
def everything() -> tuple[list[Mutant], list[Scenario], Bench]:
    """Every mutant of the packs for tests, all their scenarios that pass, and the bench with them."""
    found = [each for each in scenarios(rules()) if run_scenario(rules(), each, "reference").passed]
    return mutants_of(rules(), rules().book.rules), found, Bench(rules(), found)


@cache
def verdicts() -> dict[str, Verdict]:
    """What becomes of the mutants of the pack that is made for it, by their text."""
    bench = Bench(rules(), scenarios(rules(), ["mutants"]))
    assert bench.broken == []
    mutants = mutants_of(rules(), [RULE])
    return {each.mutant.text: each for each in judge(mutants, run(bench, mutants, 1), excuses_of(rules()))}


@pytest.mark.parametrize(
    "text",
    [
        "parameters.threshold.2025-01-01: 200 -> 200.01",
        "parameters.threshold.2025-01-01: 200 -> 199.99",
        "parameters.threshold.2025-01-01: from 2025-01-01 -> from 2024-12-31",
        "parameters.threshold.2025-01-01: from 2025-01-01 -> from 2025-01-02",
        "parameters.staff.2020-01-01: 50 -> 51",
        "parameters.most_remote.2020-01-01: 20 -> 19",
        "lists.shortage.1111: 1111 -> no entry",
        "assumptions.offer.remote_share: 20 -> 21",
        'applies_when.1: offer.country == "GB" -> offer.country != "GB"',
        "criteria.pay: offer.yearly_cost >= threshold -> offer.yearly_cost > threshold",
        "criteria.pay: offer.yearly_cost >= threshold -> offer.yearly_cost <= threshold",
        "criteria.job.listed: offer.occupation in shortage -> offer.occupation not in shortage",
        "criteria.points.licensed.award: 5 -> 6",
        "criteria.points.licensed: from 2025-01-01 -> from 2024-12-31",
        "notes.1: from 2025-01-01 -> from 2024-12-31",
        "notes.1: from 2025-01-01 -> from 2025-01-02",
    ],
)
def test_a_change_that_matters_to_a_scenario_is_caught(text: str) -> None:
    """Of figures, dates, entries, operators, awards and notes, what a scenario expects of them catches the change."""
    assert verdicts()[text].caught_by is not None


@pytest.mark.parametrize(
    "text",
    [
        "lists.shortage.2222: 2222 -> no entry",
        "parameters.most_remote.2020-01-01: 20 -> 21",
        "in_force: until 2030-01-01 -> until 2030-01-02",
    ],
)
def test_a_change_that_matters_to_no_scenario_survives(text: str) -> None:
    """What no scenario looks at survives."""
    assert verdicts()[text].survived


def test_dates_are_moved_only_where_it_can_be_seen() -> None:
    """The first value of a figure is not moved to a day before the rule is in force, but to a later one."""
    texts = verdicts().keys()
    assert "parameters.threshold.2020-01-01: from 2020-01-01 -> from 2020-01-02" in texts
    assert "parameters.threshold.2020-01-01: from 2020-01-01 -> from 2019-12-31" not in texts
    assert {"in_force: from 2020-01-01 -> from 2019-12-31", "in_force: until 2030-01-01 -> until 2029-12-31"} <= texts


def test_an_excuse_takes_a_survivor_out_of_the_score() -> None:
    """What is excused is neither caught nor survived; an excuse of what is caught, or of nothing, is said to be vain."""
    found = list(verdicts().values())
    (score,) = scored(found, lambda mutant: mutant.rule)
    assert score.excused == sum(each.excuse is not None for each in found) == 1
    assert score.caught + score.survived + score.excused == len(found)
    assert 0 < score.percent < 100
    excuses = excuses_of(rules())
    assert vain(found, [each for each in excuses if each.rule == RULE]) == []
    assert vain([each for each in found if each.caught_by], excuses) == excuses


def test_a_mutant_names_its_place() -> None:
    """Each change has the file and line where it is written, be it a cell of a table."""
    lines = (PACKS / "mutants" / "visa.yaml").read_text(encoding="utf-8").splitlines()
    for text, name in (
        ("criteria.pay: offer.yearly_cost >= threshold -> offer.yearly_cost > threshold", "The pay reaches"),
        ("parameters.staff.2020-01-01: 50 -> 51", "least staff"),
        ("notes.1: from 2025-01-01 -> from 2024-12-31", "The licence helps"),
        ("criteria.job.home: at_home <= most_remote -> at_home < most_remote", "home:"),
    ):
        place = verdicts()[text].mutant.place
        assert (place.pack, place.file.name) == ("mutants", "visa.yaml")
        assert name in lines[place.line - 1]
    cells = [each for each in mutants_of(rules(), ["figures.law"]) if each.kind == "cell"]
    rows = (PACKS / "figures" / "rates.csv").read_text(encoding="utf-8").splitlines()
    assert cells
    for each in cells:
        assert each.place.file.name == "rates.csv"
        assert rows[each.place.line - 1].startswith(each.element.split(".")[2].partition("@")[0])


def test_a_change_of_an_amendment_belongs_to_the_pack_that_amends() -> None:
    """What another pack has put in place of an element is changed there."""
    found = {each.place.pack for each in mutants_of(rules(), ["amendments.visa"])}
    files = {each.place.file.name for each in mutants_of(rules(), ["amendments.visa"])}
    assert found == {"amendments"}
    assert files == {"visa.yaml", "change.yaml"}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_looking_only_at_what_changed_gives_the_same_answer(data: st.DataObject) -> None:
    """For any change, the scenarios that notice it are those that fail when the changed rules are loaded and run as a whole."""
    mutants, chosen, bench = everything()
    mutant = data.draw(st.sampled_from(mutants))
    whole = RuleSet(changed_book(rules().book, mutant), rules().roots)
    failing = {each.id for each in chosen if not run_scenario(whole, each, "reference").passed}
    assert {each.id for each in bench.catching(mutant)} == failing


def test_processes_find_what_one_finds() -> None:
    """The answers of several processes are those of one, in the order of the mutants."""
    mutants = mutants_of(rules(), [RULE, "points.card"])
    chosen = list(scenarios(rules(), ["mutants", "points"]))
    told: list[None] = []
    one = [each is None for each in run(Bench(rules(), chosen), mutants, 1)]
    two = [each is None for each in run(Bench(rules(), chosen), mutants, 2, lambda: told.append(None))]
    assert one == two
    assert len(told) == len(mutants)


CODES = Codes({"GB": "United Kingdom", "NL": "Netherlands"}, {"GBP": 2, "JPY": 0})


@pytest.mark.parametrize(
    ("value", "unit", "written", "found"),
    [
        (38700, "GBP/year", None, {Fraction(3870001, 100), Fraction(3869999, 100)}),
        (38700, "JPY/year", None, {38701, 38699}),
        (Fraction(7, 10), "percent", 70, {Fraction(71, 100), Fraction(69, 100)}),
        (Fraction(1, 8), "percent", Decimal("12.5"), {Fraction(126, 1000), Fraction(124, 1000)}),
        (Fraction(75, 2), "hours/week", None, {Fraction(376, 10), Fraction(374, 10)}),
        (40, "hours/week", Decimal("40.00"), {Fraction(4001, 100), Fraction(3999, 100)}),
        (5, "years", None, {4, 6}),
    ],
)
def test_a_number_moves_by_the_least_that_is_printed(
    value: int | Fraction, unit: str, written: Decimal | int | None, found: set[object]
) -> None:
    """Money moves by a minor unit, other figures by one in the last place, both ways."""
    kind = NumberType(Unit.parse(unit) or Unit())
    assert set(neighbours(value, kind, CODES, written, unit)) == found


def test_words_and_days_move_to_their_neighbours() -> None:
    """A choice becomes another of its vocabulary, a day the day before and after, a list loses each of its entries."""
    level = ChoiceType("level", ("low", "high"), ordered=True)
    assert set(neighbours("low", level, CODES)) == {"high"}
    assert set(neighbours(date(2024, 3, 1), DateType(), CODES)) == {date(2024, 2, 29), date(2024, 3, 2)}
    assert set(neighbours(("low", "high"), level, CODES)) == {("low",), ("high",)}
    assert list(neighbours("a", TextType(), CODES)) == ["ax"]


def test_an_expression_is_changed_in_every_place() -> None:
    """Each operator goes to its neighbours, each constant to its own; what `not` turns round is not turned twice."""
    number, truth = nodes.FactValue("n", NumberType()), nodes.FactValue("b", nodes.BOOLEAN)
    least = nodes.Comparison(">=", nodes.Arithmetic("+", number, nodes.Constant(2, NumberType()), NumberType()), number)
    words = {(each.before, each.after) for each in changed(nodes.AllOf((least, nodes.Negation(truth))), CODES)}
    assert words == {
        ("(n + 2) >= n and not b", "(n + 2) >= n or not b"),
        ("(n + 2) >= n", "(n + 2) > n"),
        ("(n + 2) >= n", "(n + 2) <= n"),
        ("n + 2", "n - 2"),
        ("2", "3"),
        ("2", "1"),
        ("not b", "b"),
    }
    listed = nodes.Membership(nodes.FactValue("t", TextType()), nodes.Constant(("a", "b"), TextType()))
    negated = [each.after for each in changed(nodes.Negation(listed), CODES)]
    assert negated == ['t in ["a", "b"]', '["b"]', '["a"]']


def test_a_sample_is_spread_evenly() -> None:
    """Of many items the first, the last and evenly spread ones are taken, always the same; of few, or on demand, all."""
    found = sampled(range(7000))
    assert (len(found), found[0], found[-1]) == (SAMPLE, 0, 6999)
    assert max(b - a for a, b in pairwise(found)) <= 7000 // (SAMPLE - 1) + 1
    assert sampled(range(SAMPLE)) == list(range(SAMPLE))
    assert sampled(range(100), every=True) == list(range(100))


def test_the_command_lists_survivors_and_fails_below_the_minimum() -> None:
    """Survivors stand with their place, excused ones apart; the exit code follows the minimum."""
    target = [str(PACKS / "mutants"), str(PACKS / "world")]
    done = CliRunner().invoke(main, ["test", *target, "--mutate", "--jobs", "1"], standalone_mode=False)
    assert done.return_value == 1
    assert "visa.yaml:16: survived: mutants.visa: lists.shortage.2222: 2222 -> no entry" in done.stdout
    assert "equivalent: mutants.visa: parameters.mark.2020-01-01: 10 -> 9" in done.stdout
    assert ", below 95 %" in done.stdout
    done = CliRunner().invoke(main, ["test", *target, "--mutate", "--jobs", "1", "--minimum", "10"], standalone_mode=False)
    assert done.return_value == 0
