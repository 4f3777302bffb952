"""Explanations: what each kind of test says, what is pruned, how far what fails is from what is required, which facts decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book_builder import AS_OF as DAY
from book_builder import book, profiles, roots
from eligibility.backends.reference import ReferenceEngine
from eligibility.compiler import compile_rules
from eligibility.datatypes import ChoiceType, NumberType, Truth, Unit, Value
from eligibility.diagnostics import EligibilityError
from eligibility.documents import explanation_node
from eligibility.engine import load_rules
from eligibility.explaining.margins import furthest, margin_of, nearest
from eligibility.explaining.pruning import combined, kept
from eligibility.explaining.sentences import Leaf, Sentences
from eligibility.explanation import Explanation, Margin
from eligibility.facts import Profile
from eligibility.findings import OUTSIDE, Findings, Frame
from eligibility.nodes import Comparator, FactValue, Node
from eligibility.operations import Inputs
from eligibility.outcome import Outcome
from eligibility.scenarios import scenarios
from eligibility.status import Status, status_of
from reporting import EXPERIENCED, FAILING, GOLDEN, PACKS, UNKNOWN, VISA, changed, report, rules

SENTENCES = "reporting.sentences"
MET, NOT_MET, OPEN, JUDGED = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN, Truth.JUDGEMENT
PLAIN: dict[str, Any] = {
    "offer.bonus": {"amount": 1000, "currency": "GBP", "period": "year"},
    "offer.remote_share": 50,
    "offer.staff": 3,
}
OTHER: dict[str, Any] = {
    "applicant.nationalities": ["FR", "US"],
    "applicant.date_of_birth": "2000-02-29",
    "applicant.english": "A1",
    "applicant.skills": ["writing"],
    "applicant.degrees": [{"level": "bachelor", "awarded_on": "2010-07-01", "recognised": False, "months": 30}],
    "offer.bonus": {"amount": 0, "currency": "GBP", "period": "year"},
    "offer.occupation": "9999",
    "offer.permanent": True,
    "offer.remote_share": 60.5,
    "offer.salary": {"amount": 41699.99, "currency": "GBP", "period": "year"},
    "offer.staff": 7,
    "offer.start_date": "2026-11-05",
    "offer.title": "Gardener",
    "employer": {"licensed": True, "rating": "B"},
}


def explained(changes: dict[str, Any] | None = None, only: str = VISA) -> Explanation:
    return report(changes or {}, only=only)[only].explanation


def node(root: Explanation, path: str) -> Explanation:
    found = root.find(path)
    assert found is not None, path
    return found


def paths(root: Explanation) -> list[str]:
    return [child.id for child in root.children]


# sentences


@pytest.mark.parametrize(("name", "changes"), [("sentences", PLAIN), ("sentences_other", OTHER)])
def test_every_kind_of_test_has_its_sentence(name: str, changes: dict[str, Any], golden: Callable[[Path, str], None]) -> None:
    """What a test found, what is required and how far it is from that reads as it was read and found good."""
    golden(GOLDEN / f"{name}.txt", explained(changes, SENTENCES).to_text(width=120))


def test_every_kind_of_test_says_what_is_unknown(golden: Callable[[Path, str], None]) -> None:
    """A test that cannot be decided says what is not stated or not known, and asks for it."""
    found = rules().evaluate({"offer": {"country": "GB"}}, as_of="2026-06-01", pathways=[SENTENCES], engine="reference")
    golden(GOLDEN / "sentences_unknown.txt", found[SENTENCES].explanation.to_text(width=120))


def test_no_sentence_negates_twice() -> None:
    """A negation of a negation reads as what it says."""
    root = explained(PLAIN, SENTENCES)
    assert node(root, "twice_not").sentence == node(root, "fact").sentence == "Permanent job: no, but it must be yes."
    assert node(root, "not_fact").sentence == "Permanent job: no."
    assert all("not not" not in each.sentence and "not (" not in each.sentence for each in root.walk())


def test_a_leaf_holds_both_sides() -> None:
    """A comparison has what was found and what is required, as values and in words, with source, date of force and facts."""
    leaf = node(explained({"offer.salary.amount": 38000}, SENTENCES), "money")
    assert leaf.status == "not_met"
    assert leaf.observed is not None
    assert leaf.required is not None
    assert (leaf.observed.name, leaf.observed.value, leaf.observed.text) == ("pay for a year", 38000, "GBP 38,000 a year")
    assert (leaf.required.name, leaf.required.value, leaf.required.text) == ("lowest pay", 41700, "GBP 41,700 a year")
    assert leaf.margin == Margin(-3700, "GBP/year", "short by GBP 3,700 a year (8.9%)", Fraction(-37, 417))
    assert leaf.since == date(2024, 4, 4)
    assert leaf.facts() == {"offer.salary", "offer.weekly_hours"}
    assert leaf.sentence == (
        "Pay for a year is GBP 38,000; it must be at least the lowest pay, GBP 41,700 a year (since 2024-04-04, LAW 1): "
        "short by GBP 3,700 a year (8.9%)."
    )


def test_a_calculation_shows_its_figures() -> None:
    """A value that was worked out says how, and from what."""
    root = explained({**FAILING, "offer.occupation": "2134"})
    worked = node(root, "salary.A.2/v2")
    assert worked.sentence == (
        "Going rate for the hours worked: GBP 54,700 \N{MULTIPLICATION SIGN} 40 / 37.5 = GBP 58,346.66… a year (ACT 4.4)."
    )
    assert [child.sentence for child in worked.children] == [
        "Going rate (annual) for 2134: GBP 54,700 a year (since 2025-07-22, RATES 1).",
        "Weekly working hours: 40 hours a week.",
        "Hours on which the going rates are based: 37.5 hours a week (since 2020-01-01, RATES note 1).",
    ]
    assert worked.status is None


def test_an_assumption_shows_where_it_counts() -> None:
    """A value that was assumed is marked as such."""
    root = explained({"offer.weekly_hours": None, "offer.salary.amount": 50000})
    said = [each.sentence for each in root.walk() if each.kind == "value"]
    assert "Weekly working hours: 37.5 hours a week (assumed)." in said


# margins


@pytest.mark.parametrize(
    ("operator", "observed", "words"),
    [
        (">=", 90, "short by GBP 10 a year (10%)"),
        (">=", 100, "exactly what is required"),
        ("==", 100, "exactly what is required"),
        ("<=", 100, "exactly the limit"),
        (">", 100, "exactly the limit, which is not enough"),
        (">=", 110, "above by GBP 10 a year (10%)"),
        ("<=", 110, "above by GBP 10 a year (10%)"),
        ("<", 100, "exactly the limit, which is too much"),
        ("<", 90, "below by GBP 10 a year (10%)"),
        (">=", Fraction(199_999, 2000), "short by GBP 0.00… a year (less than 0.1%)"),
    ],
)
def test_a_margin_of_money_has_an_amount_and_a_share(operator: Comparator, observed: Value, words: str, rule_book: Any) -> None:
    """A margin says how much there is too little or too much, and for money as a share of what is required."""
    kind = NumberType(Unit((("GBP", 1), ("year", -1))))
    margin = margin_of(operator, observed, 100, kind, None, None, rule_book)
    assert margin is not None
    assert margin.words == words
    assert isinstance(observed, int | Fraction)
    assert margin.amount == observed - 100
    assert margin.share == Fraction(observed - 100) / 100


def test_a_margin_that_says_nothing_is_none(rule_book: Any) -> None:
    """More than nothing, more than the lowest level and anything but a value have no margin; a huge share is not said."""
    pounds = NumberType(Unit((("GBP", 1), ("year", -1))))
    order = ("none", "some", "much")
    level = ChoiceType("level", order, ordered=True)
    assert margin_of(">", 12, 0, NumberType(), None, None, rule_book) is None
    assert margin_of("!=", 12, 3, NumberType(), None, None, rule_book) is None
    assert margin_of(">", "much", "none", level, None, order, rule_book) is None
    assert margin_of(">=", "some", "much", level, None, order, rule_book) == Margin(-1, "levels", "short by 1 level")
    large = margin_of(">=", 2000, 100, pounds, None, None, rule_book)
    assert large is not None
    assert (large.words, large.share) == ("above by GBP 1,900 a year", Fraction(19))


@pytest.fixture
def rule_book() -> Any:
    return rules().book


def test_margins_of_days_and_levels_have_their_own_words() -> None:
    """A day is too early or too late, a level is short; where a difference says nothing there is none."""
    root = explained(OTHER, SENTENCES)
    before, shifted, level = (node(root, path).margin for path in ("before", "shifted", "level"))
    assert before == Margin(123, "days", "too late by 123 days")
    assert shifted == Margin(0, "days", "on that very day, which is too early")
    assert level == Margin(-3, "levels", "short by 3 levels")
    for path in ("fact", "choice", "not_choice", "in_list", "contains"):
        assert node(root, path).margin is None


def test_a_group_has_the_margin_that_turns_it() -> None:
    """A failed disjunction is as far as its nearest part, a failed conjunction as its furthest, where every part can be told."""
    near, far, other = (Margin(-amount, unit, "") for amount, unit in ((1, "days"), (5, "days"), (2, "levels")))
    assert nearest([far, None, near]) == near
    assert furthest([far, near]) == far
    assert furthest([far, None]) is None
    assert nearest([near, other]) is None
    assert nearest([None]) is None
    salary = node(explained(FAILING), "salary")
    assert salary.margin is not None
    assert salary.margin.words == "short by GBP 14,693.33… a year (27.9%)"
    assert salary.sentence == (
        "Neither alternative is met; nearest is “Option A (standard)”, short by GBP 14,693.33… a year (27.9%)."
    )


# pruning


@pytest.mark.parametrize(
    ("kind", "truths", "positions"),
    [
        ("any", [NOT_MET, MET, MET], [1]),
        ("any", [NOT_MET, NOT_MET], [0, 1]),
        ("any", [NOT_MET, OPEN, JUDGED], [1, 2]),
        ("any", [NOT_MET, JUDGED], [1]),
        ("all", [MET, NOT_MET, OPEN, NOT_MET], [1, 3]),
        ("all", [MET, OPEN, JUDGED], [1]),
        ("all", [MET, JUDGED], [1]),
        ("all", [MET, MET], [0, 1]),
    ],
)
def test_a_group_shows_the_parts_that_decide(kind: Any, truths: list[Truth], positions: list[int]) -> None:
    """Of a met disjunction one part is shown, of a failed one all; of a conjunction what fails; of an open group what is open."""
    assert kept(kind, combined(kind, truths), truths) == positions


def test_a_met_disjunction_shows_the_branch_that_met_it() -> None:
    """Only the option that is reached is shown."""
    salary = node(explained(), "salary")
    assert paths(salary) == ["salary.A"]
    assert salary.sentence == "Met through “Option A (standard)”."


def test_a_failed_disjunction_shows_every_branch() -> None:
    """Each option is shown with what is missing for it."""
    salary = node(explained(FAILING), "salary")
    assert paths(salary) == ["salary.A", "salary.E"]
    assert [child.status for child in salary.children] == ["not_met", "not_met"]


def test_a_quantifier_names_the_record() -> None:
    """The record that fulfils a condition is named; where none does, each is shown with what it lacks."""
    held = node(explained(), "degree")
    assert held.sentence == "Degree 2 (master) meets this."
    assert [child.title for child in held.children] == ["Degree 2 (master)"]
    lacking = node(explained({"applicant.degrees": [{"level": "master", "recognised": False}, {"level": "bachelor"}]}), "degree")
    assert lacking.sentence == "Neither of the two degrees meets this."
    assert [child.title for child in lacking.children if child.kind == "record"] == ["Degree 1 (master)", "Degree 2 (bachelor)"]
    assert node(lacking, "degree[0]").children[0].sentence == "Recognised degree: no, but it must be yes."


def test_an_exception_that_stands_in_is_named() -> None:
    """A criterion that is met by an exception says so and shows it."""
    degree = node(explained(EXPERIENCED), "degree")
    assert (degree.status, paths(degree)) == ("met", ["exceptions.experienced"])
    assert degree.sentence == "An exception stands in for it: ten years of experience stand in for a degree."
    failing = node(explained(FAILING), "degree")
    assert [child.kind for child in failing.children] == ["record", "exception"]


def test_what_must_not_be_is_said_so() -> None:
    """The parts of a criterion that none may meet are shown as what must not be so."""
    record = node(explained(FAILING), "record")
    assert [(child.id, child.status, child.title) for child in record.children] == [
        ("record.refused", "not_met", "Must not be so: An application was refused")
    ]


def test_a_condition_that_does_not_apply_says_why() -> None:
    """What does not apply is one node with the reason."""
    remote = node(explained(), "remote")
    assert (remote.status, remote.sentence, remote.children) == ("not_applicable", "Does not apply: no permanent job.", ())


def test_what_is_open_asks_its_question() -> None:
    """An unknown node names the missing facts with the words of their declarations, down to the field of a record."""
    root = explained(UNKNOWN)
    english = node(root, "english")
    assert [(gap.name, gap.label, gap.question, gap.changed_by) for gap in english.missing] == [
        ("applicant.english", "level of English", "Which level?", "applicant")
    ]
    degree = node(root, "degree[1]")
    assert [gap.name for gap in degree.missing] == ["applicant.degrees[1].recognised"]
    assert degree.missing[0].question == "Recognised? (degree 2)"
    assert node(root, "degree").missing == degree.missing


def test_a_figure_that_is_unknown_says_why() -> None:
    """Where the law is silent, the reason the rules give is passed on."""
    gaps = node(explained(PLAIN, SENTENCES), "unpublished").missing
    assert [(gap.kind, gap.name, gap.label, gap.why) for gap in gaps] == [
        ("figure", "reporting.sentences.later", "amount for later", "The amount is not published.")
    ]


@pytest.mark.parametrize(
    ("changes", "status", "deciding"),
    [
        ({}, Status.SUBJECT_TO_JUDGEMENT, {"genuine"}),
        ({"visa.refused": True}, Status.NOT_ELIGIBLE, {"record"}),
        ({"applicant.english": None}, Status.UNDETERMINED, {"english"}),
        ({"visa.places_left": 0}, Status.NOT_AVAILABLE, {"quota"}),
        ({"visa.places_left": 0, "visa.refused": True}, Status.NOT_ELIGIBLE, {"record", "quota"}),
    ],
)
def test_the_deciding_criteria_are_marked(changes: dict[str, Any], status: Status, deciding: set[str]) -> None:
    """The criteria an outcome rests on are marked, with everything below them."""
    outcome = report(changes)[VISA]
    assert outcome.status is status
    root = outcome.explanation
    assert {child.id for child in root.children if child.decides} == deciding
    for child in root.children:
        assert {each.decides for each in child.walk()} == {child.decides}


# properties


def outcomes_of(drawn: tuple[Node, ...], facts: Mapping[str, Value]) -> tuple[Outcome, ...]:
    compiled = compile_rules(book(*drawn), DAY)
    findings: Findings = ReferenceEngine().run(compiled, compiled.order, Inputs(facts, DAY))
    return tuple(
        Outcome(
            rule,
            findings,
            status_of(rule.in_force, *(findings.truth(index) for index in (rule.concerned, rule.available, rule.criteria_met))),
        )
        for rule in compiled.rules
    )


quietly = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@quietly
@given(roots(), profiles())
def test_the_facts_that_decide_are_what_the_deciding_steps_read(drawn: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """For each step alone and for all together: what was worked out for one step serves those that read it."""
    compiled = compile_rules(book(*drawn), DAY)
    findings = ReferenceEngine().run(compiled, compiled.order, Inputs(facts, DAY))

    def read(*roots: int) -> set[str]:
        steps = [compiled.steps[index] for index in findings.decisive(roots)]
        standing = [step for step in steps if not step.inputs or findings.values[step.inputs[0]] is not NOT_MET]
        return {step.node.path for step in standing if isinstance(step.node, FactValue)}

    for index in compiled.order:
        assert findings.decisive_facts(index) == read(index)
    assert findings.decisive_facts(-1, *compiled.order) == read(*compiled.order)


@quietly
@given(roots(), profiles())
def test_whatever_can_be_written_can_be_explained(drawn: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """Any rule and any profile has an explanation that fits its model, with a sentence and a status in every node."""
    for outcome in outcomes_of(drawn, facts):
        root = outcome.explanation
        explanation_node(root)
        assert root.to_text(width=60)
        for each in root.walk():
            assert each.title or each.kind == "rule"
            assert (each.status is None) == (each.kind == "value")
            assert each.sentence == "" or each.sentence.endswith((".", "!", "?", "”"))


@quietly
@given(roots(), profiles())
def test_what_was_said_for_other_rules_changes_nothing(drawn: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """Each rule is explained in the words it has alone, whichever rules that share its conditions were explained before."""
    compiled = compile_rules(book(*drawn, rules=2), DAY)
    shared = ReferenceEngine().run(compiled, compiled.order, Inputs(facts, DAY))
    for rule in (*compiled.rules, *compiled.rules[::-1]):
        status = rule.status(shared.values)
        alone = Findings(compiled, shared.values, shared.inputs, shared.engine)
        assert Outcome(rule, shared, status).explanation == Outcome(rule, alone, status).explanation


def test_a_condition_is_put_into_words_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a condition came to, but for the records of lists, is said once for all rules, and anew for other findings."""
    told: list[Node] = []
    tell = Sentences._leaf

    def counted(self: Sentences, node: Node, frame: Frame, *, positive: bool) -> Leaf:
        told.extend([node] if frame is OUTSIDE else [])
        return tell(self, node, frame, positive=positive)

    monkeypatch.setattr(Sentences, "_leaf", counted)
    outcome = report(FAILING)[VISA]
    first = outcome.explanation
    once = len(told)
    assert once > 5
    assert outcome.explanation == first
    assert len(told) == once
    assert report(FAILING)[VISA].explanation == first
    assert len(told) == 2 * once


@quietly
@given(roots(), profiles())
def test_an_explanation_says_what_was_found(drawn: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """The status of every criterion is the truth that the engine found."""
    for outcome in outcomes_of(drawn, facts):
        for child in outcome.explanation.children:
            truth = outcome.truth_of(child.id)
            assert truth is not None
            assert child.status == truth.value


@quietly
@given(roots(), profiles(), st.data())
def test_the_deciding_facts_of_a_step_suffice(drawn: tuple[Node, ...], facts: Mapping[str, Value], data: st.DataObject) -> None:
    """A settled criterion comes out the same from nothing but the facts that are named for it."""
    for outcome in outcomes_of(drawn, facts):
        settled = [child for child in outcome.explanation.children if child.status in ("met", "not_met", "judgement")]
        if not settled:
            continue
        child = data.draw(st.sampled_from(settled))
        fewer = {path: value for path, value in facts.items() if path in child.facts()}
        again = next(each for each in outcomes_of(drawn, fewer) if each.id == outcome.id)
        assert again.truth_of(child.id) is outcome.truth_of(child.id)


@quietly
@given(roots(), profiles())
def test_the_deciding_facts_of_a_rule_suffice(drawn: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """A settled outcome and what fails come out the same from nothing but the facts that are named for the rule."""
    for outcome in outcomes_of(drawn, facts):
        if outcome.status is Status.UNDETERMINED:
            continue
        fewer = {path: value for path, value in facts.items() if path in outcome.explanation.facts()}
        again = next(each for each in outcomes_of(drawn, fewer) if each.id == outcome.id)
        assert (again.status, again.failing) == (outcome.status, outcome.failing)


def test_the_facts_of_an_outcome_reproduce_it() -> None:
    """In every scenario of the packs for tests, a settled outcome and what fails come out again from the facts that decide."""
    every = load_rules(PACKS, bundled=False)
    tried = 0
    for scenario in scenarios(every):
        if scenario.profile is None:
            continue
        try:
            profile = every.profile(scenario.profile)
            outcome = every.evaluate(profile, as_of=scenario.as_of, pathways=[scenario.rule], engine="reference")[scenario.rule]
        except EligibilityError:
            continue
        if outcome.status is Status.UNDETERMINED:
            continue
        fewer = profile.only(outcome.explanation.facts())
        again = every.evaluate(fewer, as_of=scenario.as_of, pathways=[scenario.rule], engine="reference")[scenario.rule]
        assert (again.status, again.failing) == (outcome.status, outcome.failing), scenario.id
        tried += 1
    assert tried > 50


@pytest.mark.parametrize("changes", [FAILING, EXPERIENCED, {}, {"offer.weekly_hours": 20}, {"offer.country": "DE"}])
def test_the_facts_of_the_visa_reproduce_it(changes: dict[str, Any]) -> None:
    """Also a fact that takes the place of an assumption is among those that decide."""
    profile: Profile = rules().profile(changed(changes))
    outcome = rules().evaluate(profile, as_of="2026-06-01", pathways=[VISA], engine="reference")[VISA]
    fewer = profile.only(outcome.explanation.facts())
    again = rules().evaluate(fewer, as_of="2026-06-01", pathways=[VISA], engine="reference")[VISA]
    assert (again.status, again.failing) == (outcome.status, outcome.failing)


@pytest.mark.parametrize("only", [VISA, SENTENCES])
def test_no_two_nodes_have_one_id(only: str) -> None:
    """The id of a node is found nowhere else in its tree."""
    for changes in ({}, FAILING, UNKNOWN, EXPERIENCED, PLAIN, OTHER):
        ids = [each.id for each in explained({**PLAIN, **changes} if only == SENTENCES else changes, only).walk()]
        assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)


@pytest.mark.parametrize("changes", [{}, FAILING, UNKNOWN, EXPERIENCED])
def test_the_facts_of_a_criterion_reproduce_it(changes: dict[str, Any]) -> None:
    """The facts named for a criterion give what was found also where an exception, a condition of its own or a choice decides."""
    for only, extra in ((VISA, {}), (SENTENCES, PLAIN), (SENTENCES, OTHER)):
        profile = rules().profile(changed({**changes, **extra}))
        outcome = rules().evaluate(profile, as_of=DAY, pathways=[only], engine="reference")[only]
        for child in outcome.explanation.children:
            if child.status != "unknown" and child.kind == "criterion":
                fewer = profile.only(child.facts())
                again = rules().evaluate(fewer, as_of=DAY, pathways=[only], engine="reference")[only]
                assert again.truth_of(child.id) is outcome.truth_of(child.id), child.id
    assert "employer.licensed" in node(explained(PLAIN, SENTENCES), "chosen").facts()
    assert "offer.permanent" in node(explained(), "remote").facts()
