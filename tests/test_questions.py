"""Questions: only what can still change an outcome is asked, and all that can; the most decisive first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

import book_builder as books
from eligibility import nodes
from eligibility.datatypes import (
    MET,
    NOT_MET,
    BooleanType,
    ChoiceType,
    CodeType,
    CountryType,
    DateType,
    ListType,
    Money,
    MoneyType,
    NumberType,
    RecordType,
    Type,
    Value,
)
from eligibility.diagnostics import ProfileError, UsageError
from eligibility.engine import RuleSet, load_rules
from eligibility.facts import Profile
from eligibility.nodes import Node
from eligibility.questions import Question, owner
from eligibility.rulebook import Concern, FactDeclaration
from eligibility.status import Status
from small_rules import load

EXAMPLES = Path(__file__).parents[1] / "examples"
AS_OF = "2026-11-23"
quietly = settings(max_examples=150, suppress_health_check=list(HealthCheck))


@cache
def bundled() -> RuleSet:
    return load_rules()


# generated rules


class Grower(books.Grower):
    """Grows conditions whose awards keep the bounds they declare, as a rule must."""

    def _points(self, rows: tuple[Node, ...], item: str | None) -> Node:
        awards = tuple(self._award(item) for _ in rows)
        return nodes.PointsReached(rows, awards, tuple(5 for _ in rows), nodes.Constant(self.below(9), books.NUMBER))

    def _award(self, item: str | None) -> Node:
        points = nodes.Constant(self.below(5), books.NUMBER)
        return nodes.Choose(self.condition(0, item), points, nodes.Constant(5, books.NUMBER), books.NUMBER)


def declared(path: str, fact: FactDeclaration) -> FactDeclaration:
    """The declaration with those of the fields of its records."""
    if path != "s.records":
        return fact
    fields = {name: replace(fact, path=f"{path}.{name}", type=kind, label=name) for name, kind in books.RECORD.fields}
    return replace(fact, fields=fields)


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    """Rules with criteria, some of which close a pathway instead of failing it, and with conditions on whom they concern."""
    grower = Grower(lambda bound: draw(st.integers(0, bound - 1)))
    roots = tuple(grower.condition(3) for _ in range(draw(st.integers(1, 5))))
    book = books.book(*roots, rules=draw(st.integers(1, 2)))
    rules = {}
    for name, rule in book.rules.items():
        concerns = (Concern(grower.condition(2), "no", None),) if draw(st.booleans()) else ()
        closing = draw(st.booleans())
        criteria = tuple(
            replace(each, on_failure="not_available") if closing and place == 0 else each
            for place, each in enumerate(rule.criteria)
        )
        rules[name] = replace(rule, concerns=concerns, criteria=criteria)
    facts = {path: declared(path, fact) for path, fact in book.facts.items()}
    return RuleSet(replace(book, rules=rules, facts=facts))


def statuses(rules: RuleSet, profile: Profile, as_of: Any = books.AS_OF) -> dict[str, Status]:
    report = rules.evaluate(profile, as_of=as_of, engine="reference")
    return {outcome.id: outcome.status for outcome in report if outcome.kind == "pathway"}


def state(profile: Profile, path: str, value: Value) -> Profile:
    """The profile with a fact stated, or a field of one of its records."""
    facts = dict(profile.facts)
    if "[" in path:
        place, _, field = path.rpartition(".")
        name, _, position = place.removesuffix("]").partition("[")
        records: list[Any] = list(facts[name])  # type: ignore[arg-type]  # a list of records
        records[int(position)] = {**records[int(position)], field: value}
        facts[name] = tuple(records)
    else:
        facts[path] = value
    return Profile(facts, profile.stated_unknown)


def open_paths(profile: Profile) -> dict[str, Type]:
    """Every fact and field that the profile could still state, with its type."""
    found = {path: kind for path, kind in books.FACTS.items() if path not in profile.facts}
    records: Any = profile.facts.get("s.records", ())
    for position, record in enumerate(records):
        found |= {f"s.records[{position}].{name}": kind for name, kind in books.RECORD.fields if name not in record}
    return found


@quietly
@given(st.data())
def test_a_fact_that_is_not_asked_changes_nothing(data: st.DataObject) -> None:
    """Whatever is stated about facts that are not asked, now or later, no outcome changes."""
    rules = data.draw(rule_sets())
    profile = Profile(data.draw(books.profiles()))
    unknown = frozenset(path for path in open_paths(profile) if data.draw(st.integers(0, 9)) == 0)
    try:
        asked = rules.inquiry(profile, as_of=books.AS_OF, declined=unknown).facts
        before = statuses(rules, profile)
        after = profile
        for path, kind in open_paths(profile).items():
            if path not in asked | unknown and data.draw(st.booleans()):
                after = state(after, path, data.draw(books._stated(kind)))
        assert statuses(rules, after) == before, asked
    except ProfileError:
        reject()


@quietly
@given(st.data())
def test_answering_everything_settles_everything(data: st.DataObject) -> None:
    """When nothing is asked any more, no fact at all can change an outcome, and what is open hangs on more than facts."""
    rules = data.draw(rule_sets())
    profile = Profile(data.draw(books.profiles()))
    try:
        for _ in range(100):
            questions = rules.next_questions(profile, as_of=books.AS_OF)
            if not questions:
                break
            assert questions[0].fact in open_paths(profile)
            profile = state(profile, questions[0].fact, data.draw(books._stated(questions[0].type)))
        assert not questions
        assert not rules.inquiry(profile, as_of=books.AS_OF).facts
        settled = statuses(rules, profile)
        while open_paths(profile):
            for path, kind in open_paths(profile).items():
                profile = state(profile, path, data.draw(books._stated(kind)))
        assert statuses(rules, profile) == settled
    except ProfileError:
        reject()


@quietly
@given(st.data())
def test_an_answer_settles_no_more_than_was_said(data: st.DataObject) -> None:
    """An answer changes the outcome of no pathway but those its question named."""
    rules = data.draw(rule_sets())
    profile = Profile(data.draw(books.profiles()))
    try:
        questions = rules.next_questions(profile, as_of=books.AS_OF)
        assume(questions)
        question = data.draw(st.sampled_from(questions))
        before = statuses(rules, profile)
        after = statuses(rules, state(profile, question.fact, data.draw(books._stated(question.type))))
    except ProfileError:
        reject()
    changed = {rule for rule, status in after.items() if status is not before[rule]}
    assert changed <= set(question.settles) <= set(question.pathways)


# the bundled law


def answers(kind: Type, fact: FactDeclaration) -> st.SearchStrategy[Value]:
    """Plausible answers to a question."""
    match kind:
        case BooleanType():
            return st.sampled_from((MET, NOT_MET))
        case ChoiceType(values=values):
            return st.sampled_from(values)
        case CountryType():
            return st.sampled_from(("GB", "DE", "US", "IN", "NG", "CA", "AU", "NL", "IE", "SG"))
        case CodeType(pattern=pattern):
            return st.from_regex(pattern, fullmatch=True)
        case DateType():
            return st.integers(-12_000, 400).map(lambda days: date.fromisoformat(AS_OF) + timedelta(days=days))
        case MoneyType():
            return st.builds(
                Money, st.integers(0, 200_000), st.sampled_from(("GBP", "EUR", "USD")), st.sampled_from(("year", "hour"))
            )
        case NumberType():
            low, high = (0 if bound is None else bound for bound in (fact.minimum, fact.maximum or 100_000))
            return st.integers(int(low), int(high))
        case ListType(element=RecordType()):
            return st.integers(0, 2).map(lambda count: ({},) * count)
        case ListType(element=element):
            return st.lists(answers(element, fact), max_size=3).map(tuple)
    return st.just("something")


def random_interview(data: st.DataObject, profile: Profile, pathways: list[str] | None) -> Profile:
    """The profile after every question was answered at random; answers that contradict others are declined."""
    declined: set[str] = set()
    for _ in range(1_000):
        questions = bundled().next_questions(profile, as_of=AS_OF, pathways=pathways, declined=declined)
        if not questions:
            return Profile(profile.facts, frozenset(declined))
        question = questions[0]
        answered = state(profile, question.fact, data.draw(answers(question.type, question.declaration)))
        try:
            bundled().inquiry(answered, as_of=AS_OF, pathways=pathways)
            profile = answered
        except ProfileError:
            declined.add(question.fact)
    raise AssertionError("the interview does not end")


@settings(quietly, max_examples=20)
@given(st.data())
def test_an_interview_about_the_bundled_law_settles_every_outcome(data: st.DataObject) -> None:
    """After all questions about some pathways, what is left open hangs on figures nobody knows, or on what was declined."""
    ids = [rule.id for rule in bundled().pathways]
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
    profile = random_interview(data, Profile({}), chosen)
    for outcome in bundled().evaluate(profile, as_of=AS_OF, pathways=chosen, engine="reference"):
        if outcome.status is Status.UNDETERMINED:
            missing = outcome.missing
            assert any(each.kind == "figure" or each.why or each.name in profile.stated_unknown for each in missing), missing


@settings(quietly, max_examples=30)
@given(st.data())
def test_what_the_bundled_law_does_not_ask_changes_nothing(data: st.DataObject) -> None:
    """From an example with some facts taken away, facts that are not asked change no status of any pathway."""
    path = data.draw(st.sampled_from(sorted(EXAMPLES.glob("*.json"))))
    whole = bundled().profile(path)
    profile = whole.without(*data.draw(st.sets(st.sampled_from(sorted(whole.facts)), max_size=6)))
    asked = bundled().inquiry(profile, as_of=AS_OF).facts
    before = statuses(bundled(), profile, AS_OF)
    others = [name for name in bundled().book.facts if name not in asked and name not in profile.facts]
    chosen = data.draw(st.sets(st.sampled_from(others), max_size=60))
    stated = {name: data.draw(answers(fact.type, fact)) for name in sorted(chosen) if (fact := bundled().book.facts[name])}
    while True:
        after = Profile({**profile.facts, **stated})
        try:
            bundled().inquiry(after, as_of=AS_OF)
            break
        except ProfileError as error:  # other facts say that some do not apply
            for each in error.diagnostics:
                assume(stated.pop(each.path, None) is not None)
    assert statuses(bundled(), after, AS_OF) == before


# what a question says


def test_gates_come_first() -> None:
    """With nothing stated, only what says which pathways apply is asked, and the widest gate comes first."""
    questions = bundled().next_questions(None, as_of=AS_OF)
    assert {questions[0].fact, questions[1].fact} == {"offer.country", "applicant.nationalities"}
    assert all(each.why.startswith("says what applies, and may settle ") for each in questions[:2])


def test_a_settled_profile_is_asked_nothing() -> None:
    """Where the outcome of a pathway is settled, nothing is asked about it."""
    assert bundled().next_questions({"offer": {"country": "US"}}, as_of=AS_OF, pathways=["gb.skilled_worker"]) == ()


def test_what_is_stated_as_unknown_is_not_asked_again() -> None:
    """A fact stated as null, or declined, is not asked, and neither is what no longer matters without it."""
    ask = ["gb.skilled_worker"]
    profile: dict[str, Any] = {"offer": {"country": None}}
    assert bundled().next_questions({"applicant": {"nationalities": ["NG"]}, **profile}, as_of=AS_OF, pathways=ask) == ()
    left = bundled().next_questions(
        {"applicant": {"nationalities": ["NG"]}}, as_of=AS_OF, pathways=ask, declined=["offer.country"]
    )
    assert left == ()


def test_the_fields_of_a_record_are_asked_one_by_one() -> None:
    """A record without fields is asked for those that matter, and the question says which record it is about."""
    profile = {
        "applicant": {"nationalities": ["NG"], "degrees": [{"level": "master", "country": "DE"}, {}]},
        "offer": {"country": "DE"},
    }
    questions = bundled().next_questions(profile, as_of=AS_OF, pathways=["de.blue_card"])
    fields = [each for each in questions if owner(each.fact) == "applicant.degrees"]
    assert fields
    assert all(each.fact.startswith("applicant.degrees[") for each in fields)
    named = {each.fact: each.subject for each in fields}
    assert named["applicant.degrees[1].level"] == "degrees, 2 of 2"
    assert all(subject == "degrees, 1 of 2 (master's degree, Germany)" for path, subject in named.items() if "[0]" in path)


def test_a_long_list_of_records_is_looked_at_together() -> None:
    """Of many records one field after the other is looked at; what an answer may settle is then said of all of them."""
    facts: dict[str, Any] = {"applicant": {"nationalities": ["NG"], "degrees": [{}] * 40}, "offer": {"country": "DE"}}
    questions = {each.fact: each for each in bundled().next_questions(facts, as_of=AS_OF)}
    assert questions["applicant.degrees[39].level"].subject == "degrees, 40 of 40"
    few = {**facts, "applicant": {"nationalities": ["NG"], "degrees": [{}]}}
    for each in bundled().next_questions(few, as_of=AS_OF):
        assert set(each.settles) <= set(questions[each.fact].settles)


def test_a_question_carries_what_a_form_needs() -> None:
    """A question has words, a type, choices with labels, who can answer it, and the pathways it is for."""
    by_path = {each.fact: each for each in bundled().next_questions(EXAMPLES / "new_graduate_incomplete.json", as_of=AS_OF)}
    question = by_path["offer.binding"]
    assert (question.label, question.who, question.type) == ("signed contract or binding job offer", "employer", BooleanType())
    assert question.question.endswith("?")
    assert set(question.settles) <= set(question.pathways)
    assert question.open_pathways >= len(question.pathways)
    chosen = next(each for each in by_path.values() if isinstance(each.type, ChoiceType))
    assert set(chosen.choices) == set(chosen.type.values)  # type: ignore[union-attr]  # it is a choice


def asked(rules: RuleSet, facts: dict[str, Any] | None = None, **options: Any) -> list[Question]:
    """The questions about `small.visa`."""
    return list(rules.next_questions(facts, as_of="2026-06-01", pathways=["small.visa"], **options))


def test_a_figure_that_nobody_knows_is_not_asked_around(tmp_path: Path) -> None:
    """What is only compared with a figure of law that is not known cannot change anything, so it is not asked."""
    body = """
    parameters:
      hours: {title: hours, unit: hours/week, cite: LAW 1, values: {2020-01-01: {unknown: Not published., cite: LAW 1}}}
    criteria:
      hours: {title: Enough hours, cite: LAW 1, met_when: offer.weekly_hours >= hours}
      permanent: {title: A permanent job, cite: LAW 2, met_when: offer.permanent}
    """
    rules = load(tmp_path, body)
    assert [each.fact for each in asked(rules)] == ["offer.permanent"]
    assert asked(rules, {"offer": {"permanent": True}}) == []
    assert asked(rules, {"offer": {"permanent": False}}) == []


def test_a_calculation_is_dropped_with_the_fact_that_nobody_knows(tmp_path: Path) -> None:
    """Who does not know the pay is not asked for the hours it is for; and hours are asked only for pay by the hour."""
    body = """
    parameters:
      pay: {title: pay, unit: GBP/year, cite: LAW 1, values: {2020-01-01: {value: 30000, cite: LAW 1}}}
    criteria:
      pay:
        title: Enough pay
        cite: LAW 1
        met_when: convert(offer.salary, "GBP/year", hours_per_week=offer.weekly_hours, weeks_per_year=weeks(52)) >= pay
    """
    rules = load(tmp_path, body)
    assert [each.fact for each in asked(rules)] == ["offer.salary"]
    assert asked(rules, declined=["offer.salary"]) == []
    hourly = {"offer": {"salary": {"amount": 20, "currency": "GBP", "period": "hour"}}}
    assert [each.fact for each in asked(rules, hourly)] == ["offer.weekly_hours"]
    assert asked(rules, hourly, declined=["offer.weekly_hours"]) == []
    assert asked(rules, {"offer": {"salary": {"amount": 20, "currency": "USD", "period": "hour"}}}) == []


def test_an_assumption_is_checked_last(tmp_path: Path) -> None:
    """A fact that an assumption stands in for is asked after what is missing, because it may turn the outcome round."""
    body = """
    criteria:
      permanent: {title: A permanent job, cite: LAW 1, met_when: offer.permanent}
      staff: {title: Enough staff, cite: LAW 2, met_when: offer.staff >= 10}
    assumptions:
      - {fact: offer.permanent, value: true, say: A permanent job is assumed., cite: LAW 1}
    """
    rules = load(tmp_path, body)
    first, last = asked(rules)
    assert (first.fact, first.why) == ("offer.staff", "may settle A visa")
    assert (last.fact, last.why) == ("offer.permanent", "corrects what is assumed for A visa")
    (left,) = asked(rules, {"offer": {"staff": 10}})
    assert (left.fact, left.settles) == ("offer.permanent", ("small.visa",))
    assert asked(rules, {"offer": {"staff": 9}}) == []


def test_a_fact_waits_for_what_says_whether_it_applies(tmp_path: Path) -> None:
    """A fact of which another says whether it applies is asked once that is known, and not at all where it does not apply."""
    rules = load(tmp_path, 'criteria:\n  rating: {title: A good rating, cite: LAW 1, met_when: employer.rating == "A"}\n')
    assert [each.fact for each in asked(rules)] == ["employer.licensed"]
    assert rules.inquiry(None, as_of="2026-06-01").facts == {"employer.licensed", "employer.rating"}
    assert [each.fact for each in asked(rules, {"employer": {"licensed": True}})] == ["employer.rating"]
    assert asked(rules, {"employer": {"licensed": False}}) == []
    assert [each.fact for each in asked(rules, declined=["employer.licensed"])] == ["employer.rating"]


def test_wrong_calls_are_refused(tmp_path: Path) -> None:
    """An unknown pathway, a profile that states nothing and facts that contradict each other are errors, as in an evaluation."""
    with pytest.raises(UsageError, match="E600"):
        bundled().next_questions(None, as_of=AS_OF, pathways=["gb.skiled_worker"])
    with pytest.raises(ProfileError, match="E407"):
        bundled().next_questions({}, as_of=AS_OF)
    with pytest.raises(UsageError, match="E602"):
        bundled().next_questions(None, as_of="soon")
