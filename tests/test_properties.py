"""Properties of whole evaluations, on the bundled law and the profiles of its scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.datatypes import Money, Truth, Value
from eligibility.diagnostics import ProfileError
from eligibility.engine import ENGINES, RuleSet, load_rules
from eligibility.facts import Profile
from eligibility.outcome import Outcome, Status
from eligibility.rule_parts import part_of
from eligibility.scenarios import scenarios

SETTLED = {Status.ELIGIBLE, Status.SUBJECT_TO_JUDGEMENT, Status.NOT_ELIGIBLE, Status.NOT_APPLICABLE, Status.NOT_AVAILABLE}
# Where pay counts, by pathway. A pathway that is not named here has no test of pay.
PAY_CRITERIA = {
    "gb.skilled_worker": ["salary"],
    "de.blue_card": ["salary"],
    "nl.highly_skilled_migrant": ["salary"],
    "us.h1b": ["wage"],
}
# Where one option is for a human to judge, more pay may open another that hangs on unknown facts: that is no worse.
NOT_WORSE = {
    Truth.NOT_MET: set(Truth),
    Truth.UNKNOWN: {Truth.UNKNOWN, Truth.JUDGEMENT, Truth.MET},
    Truth.JUDGEMENT: {Truth.UNKNOWN, Truth.JUDGEMENT, Truth.MET},
    Truth.MET: {Truth.MET},
}


@dataclass(frozen=True)
class Sample:
    """A profile of a scenario and the date it is for."""

    rule: str
    name: str
    profile: Profile
    as_of: date


@cache
def rules() -> RuleSet:
    return load_rules()


@cache
def samples() -> tuple[Sample, ...]:
    found: list[Sample] = []
    for scenario in scenarios(rules()):
        if scenario.profile is not None:
            try:
                profile = rules().profile(scenario.profile)
            except ProfileError:
                continue
            found.append(Sample(scenario.rule, scenario.name, profile, scenario.as_of))
    return tuple(found)


def evaluate(profile: Profile, sample: Sample) -> Outcome:
    part = part_of(rules(), [sample.rule])  # what the rule reads, which compiles in no time on whatever day
    return part.evaluate(profile, as_of=sample.as_of, pathways=[sample.rule], engine="reference")[sample.rule]


def any_sample() -> st.SearchStrategy[Sample]:
    return st.integers(0, len(samples()) - 1).map(lambda position: samples()[position])


quietly = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@quietly
@given(st.data())
def test_more_facts_never_turn_a_settled_outcome_round(data: st.DataObject) -> None:
    """What is settled with some facts comes out the same with more of them, where no assumption stood in for one."""
    sample = data.draw(any_sample())
    known = sorted(sample.profile.facts)
    dropped = data.draw(st.sets(st.sampled_from(known), max_size=6)) if known else set()
    before = evaluate(sample.profile.without(*dropped), sample)
    if before.status not in SETTLED or before.assumptions:
        return
    after = evaluate(sample.profile, sample)
    refined = before.status is Status.NOT_AVAILABLE and after.status is Status.NOT_ELIGIBLE
    assert after.status is before.status or refined, (sample.rule, sample.name, sorted(dropped), before.status, after.status)
    assert set(before.failing) <= set(after.failing)


@quietly
@given(st.data())
def test_an_unknown_record_field_never_settles_what_it_could_turn_round(data: st.DataObject) -> None:
    """A field of a record that is not stated leaves open what it could decide."""
    sample = data.draw(any_sample())
    lists = [
        path
        for path, value in sample.profile.facts.items()
        if isinstance(value, tuple) and value and isinstance(value[0], Mapping)
    ]
    if not lists:
        return
    path = data.draw(st.sampled_from(sorted(lists)))
    records = sample.profile.facts[path]
    assert isinstance(records, tuple)
    first = records[0]
    assert isinstance(first, Mapping)
    field = data.draw(st.sampled_from(sorted(first))) if first else ""
    poorer: Value = ({key: value for key, value in first.items() if key != field}, *records[1:])
    before = evaluate(Profile({**sample.profile.facts, path: poorer}), sample)
    if before.status in SETTLED and not before.assumptions:
        after = evaluate(sample.profile, sample).status
        assert after is before.status or (before.status, after) == (Status.NOT_AVAILABLE, Status.NOT_ELIGIBLE)


@quietly
@given(st.data())
def test_raising_pay_never_makes_a_salary_criterion_worse(data: st.DataObject) -> None:
    """With more basic pay and everything else the same, a criterion of pay is at least as good as before."""
    sample = data.draw(
        any_sample().filter(lambda each: each.rule in PAY_CRITERIA and isinstance(each.profile.facts.get("offer.salary"), Money))
    )
    pay = sample.profile.facts["offer.salary"]
    assert isinstance(pay, Money)
    more = Money(pay.amount + data.draw(st.integers(1, 100_000)), pay.currency, pay.period)
    before, after = evaluate(sample.profile, sample), evaluate(Profile({**sample.profile.facts, "offer.salary": more}), sample)
    for path in PAY_CRITERIA[sample.rule]:
        low, high = before.truth_of(path), after.truth_of(path)
        assert (low is None) == (high is None)
        if low is not None and high is not None:
            assert high in NOT_WORSE[low], (sample.rule, sample.name, path, pay, more, low, high)


@quietly
@given(st.data())
def test_the_facts_of_an_explanation_reproduce_its_outcome(data: st.DataObject) -> None:
    """A settled outcome comes out again from nothing but the facts that its explanation names."""
    sample = data.draw(any_sample())
    outcome = evaluate(sample.profile, sample)
    if outcome.status not in SETTLED:
        return
    facts = outcome.explanation.facts()
    again = evaluate(sample.profile.only(frozenset(facts)), sample)
    assert again.status is outcome.status, (sample.rule, sample.name, sorted(facts))
    assert again.failing == outcome.failing


@quietly
@given(st.data())
def test_an_undetermined_outcome_names_facts_that_are_not_stated(data: st.DataObject) -> None:
    """What is said to be missing is neither stated nor nothing at all."""
    sample = data.draw(any_sample())
    known = sorted(sample.profile.facts)
    dropped = data.draw(st.sets(st.sampled_from(known), max_size=4)) if known else set()
    profile = sample.profile.without(*dropped)
    outcome = evaluate(profile, sample)
    if outcome.status is not Status.UNDETERMINED:
        assert outcome.missing == ()
        return
    assert outcome.missing, (sample.rule, sample.name)
    for each in outcome.missing:
        assert each.kind == "figure" or each.why or each.name not in profile.facts


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_input_gives_the_same_bytes(engine: str) -> None:
    """Two evaluations of one profile print the same JSON, text and Markdown."""
    sample = samples()[0]
    book = part_of(rules(), [rule.id for rule in rules().pathways if rule.pack in ("eu", "gb")]).book
    one, other = (RuleSet(book).evaluate(sample.profile, as_of=sample.as_of, engine=engine) for _ in range(2))
    assert one.to_json() == other.to_json()
    assert one.to_text() == other.to_text()
    assert one.to_markdown() == other.to_markdown()
