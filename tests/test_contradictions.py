"""A profile that contradicts itself is refused, whatever is asked; nothing that is proposed contradicts itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from itertools import islice, product
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner

from eligibility import nodes
from eligibility.cli import main
from eligibility.comparison import compare
from eligibility.contradictions import first_contradiction, refuse_contradictions
from eligibility.datatypes import (
    MET,
    NOT_MET,
    BooleanType,
    ChoiceType,
    DateType,
    ListType,
    Money,
    MoneyType,
    NumberType,
    RecordType,
    Type,
    Value,
)
from eligibility.diagnostics import ProfileError, render
from eligibility.engine import RuleSet, load_rules
from eligibility.operations import Inputs
from eligibility.remedies import advise, remedies
from eligibility.sensitivity import sensitivity
from eligibility.timeline import timeline
from eligibility.verification import verify
from small_rules import load

AS_OF = "2026-06-01"
FACTS = """
    facts:
      test.part: {label: part, type: integer, min: 0, max: 1000, question: How many?, changed_by: employer}
      test.whole: {label: whole, type: integer, min: 0, max: 1000, question: How many?, changed_by: employer}
      test.fixed: {label: fixed whole, type: integer, question: How many?, changed_by: nobody}
      test.begins: {label: first day, type: date, question: When?, changed_by: employer}
      test.ends: {label: last day, type: date, question: When?, changed_by: nobody}
      test.skilled: {label: skill, type: boolean, question: Skilled?, changed_by: applicant}
      test.unskilled: {label: no skill, type: boolean, question: Unskilled?, changed_by: applicant}
    consistency:
      part: {title: a part is not greater than the whole, require: test.part <= test.whole}
      fixed: {title: a part is not greater than the fixed whole, require: test.part <= test.fixed}
      order: {title: nothing ends before it begins, require: test.begins <= test.ends}
      skill: {title: nobody is both skilled and unskilled, require: not (test.skilled and test.unskilled)}
    """
CRITERIA = """
    criteria:
      part: {title: The part is large enough, met_when: test.part >= 10, cite: LAW 1}
      skill: {title: The applicant is skilled, met_when: test.skilled, cite: LAW 2}
      begun: {title: It has begun, met_when: test.begins <= as_of, cite: LAW 3}
    """
GOOD: dict[str, Any] = {
    "part": 12,
    "whole": 20,
    "skilled": True,
    "unskilled": False,
    "begins": "2026-01-01",
    "ends": "2026-12-31",
}


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """A pathway on facts that can contradict each other."""
    return load(tmp_path_factory.mktemp("rules"), CRITERIA, facts=FACTS)


@pytest.fixture(scope="module")
def bundled() -> RuleSet:
    return load_rules()


def profile(**facts: Any) -> dict[str, Any]:
    """A good profile with other facts; None leaves one out."""
    return {"test": {name: value for name, value in (GOOD | facts).items() if value is not None}}


def said(rules: RuleSet, document: Mapping[str, object], as_of: str = AS_OF) -> list[str]:
    """The messages with which a profile is refused."""
    with pytest.raises(ProfileError) as caught:
        rules.evaluate(document, as_of=as_of, engine="reference")
    return [problem.message for problem in caught.value.diagnostics]


def test_only_a_certain_contradiction_is_refused(rules: RuleSet) -> None:
    """What is not stated contradicts nothing, and equal ends are no contradiction."""
    assert rules.evaluate(profile(), as_of=AS_OF)
    assert rules.evaluate(profile(part=20, whole=20, begins="2026-12-31"), as_of=AS_OF)
    assert rules.evaluate(profile(part=1000, whole=None, begins=None, skilled=None, unskilled=True), as_of=AS_OF)
    assert said(rules, profile(part=21)) == ["`test.part` is 21 and `test.whole` is 20, but a part is not greater than the whole"]


def test_all_contradictions_are_said_at_once(rules: RuleSet) -> None:
    """Each contradiction is a problem of its own, with its path."""
    with pytest.raises(ProfileError) as caught:
        rules.evaluate(profile(part=21, unskilled=True, begins="2027-01-01"), as_of=AS_OF)
    assert [(each.code, each.path) for each in caught.value.diagnostics] == [
        ("E410", "test.part"), ("E410", "test.begins"), ("E410", "test.skilled")
    ]  # fmt: skip


def test_records_are_named_by_their_places(bundled: RuleSet) -> None:
    """Of many records those that contradict are named, each apart, whichever rules are asked for."""
    jobs = [{"start": "2020-01-01", "end": end} for end in ("2021-01-01", "2019-12-31", "2020-01-01", "2018-05-01")]
    with pytest.raises(ProfileError) as caught:
        bundled.evaluate({"applicant": {"ca": {"jobs": jobs}}}, as_of=AS_OF, pathways=["gb.skilled_worker"])
    assert [each.path for each in caught.value.diagnostics] == ["applicant.ca.jobs[1].start", "applicant.ca.jobs[3].start"]
    assert "`applicant.ca.jobs[1].end` is 2019-12-31" in caught.value.diagnostics[0].message


def test_the_as_of_date_takes_part(bundled: RuleSet) -> None:
    """A date of birth after the as-of date is refused, on it and later it is not."""
    born = {"applicant": {"date_of_birth": "2026-06-01"}}
    assert bundled.evaluate(born, as_of="2026-06-01", pathways=["nl.orientation_year"])
    (message,) = said(bundled, born, "2026-05-31")
    assert message.startswith("`applicant.date_of_birth` is 2026-06-01 and the as-of date is 2026-05-31, but")


# everywhere

BAD = profile(part=21)
CALLS: dict[str, Callable[[RuleSet], object]] = {
    "evaluate": lambda rules: rules.evaluate(BAD, as_of=AS_OF),
    "evaluate one": lambda rules: rules.evaluate(BAD, as_of=AS_OF, pathways=[]),
    "statuses": lambda rules: rules.statuses(BAD, as_of=AS_OF),
    "next_questions": lambda rules: rules.next_questions(BAD, as_of=AS_OF),
    "inquiry": lambda rules: rules.inquiry(BAD, as_of=AS_OF),
    "compare": lambda rules: compare({"bad": BAD}, rules, as_of=AS_OF),
    "remedies": lambda rules: remedies(rules, BAD, AS_OF, "small.visa"),
    "advise": lambda rules: advise(rules, BAD, AS_OF),
    "timeline": lambda rules: timeline(rules, BAD, AS_OF, "2027-01-01"),
    "sensitivity": lambda rules: sensitivity(rules, BAD, AS_OF),
}


@pytest.mark.parametrize("name", CALLS)
def test_every_call_refuses_a_contradiction(name: str, rules: RuleSet) -> None:
    """Whatever is asked about a profile that contradicts itself, the answer is the error."""
    with pytest.raises(ProfileError, match="E410"):
        CALLS[name](rules)


def test_a_comparison_reports_a_contradiction_beside_the_others(rules: RuleSet) -> None:
    """A profile that contradicts itself has no column, and stands under those that are refused."""
    found = compare({"good": profile(), "bad": BAD}, rules, as_of=AS_OF)
    assert found.profiles == ["good"]
    assert [(each.name, [problem.code for problem in each.problems]) for each in found.refused] == [("bad", ["E410"])]


def test_a_receipt_is_not_replayed_where_facts_contradict_each_other(bundled: RuleSet) -> None:
    """A receipt of a day is not verified on one on which its profile is impossible."""
    born = {"applicant": {"date_of_birth": "2000-01-01"}}
    receipt = bundled.evaluate(born, as_of=AS_OF, pathways=["nl.orientation_year"], engine="reference").receipt()
    assert verify(receipt, born, bundled)
    with pytest.raises(ProfileError, match="E410"):
        verify(receipt, born, bundled, as_of="1999-12-31")


@pytest.mark.parametrize("command", ["evaluate", "ask", "compare", "remedies", "timeline", "sensitivity"])
def test_every_command_refuses_a_contradiction(
    command: str, rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command writes the error and nothing else, and says by its exit code that the profile is at fault."""
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(BAD), encoding="utf-8")
    files = [str(path), str(path)] if command == "compare" else [str(path)]
    days = ["--from", AS_OF, "--to", "2027-01-01"] if command == "timeline" else ["--as-of", AS_OF]
    monkeypatch.setattr("eligibility.engine.load_rules", lambda *folders: rules)
    result = CliRunner().invoke(main, [command, *files, *days])
    assert (result.exit_code, result.stdout) == (4, "")
    assert "E410 `test.part` is 21 and `test.whole` is 20" in result.stderr


# what is proposed


def test_a_remedy_changes_what_is_tied_together(rules: RuleSet) -> None:
    """Where a fact cannot change alone, the remedy changes the others with it, by as little."""
    found = remedies(rules, profile(part=4, whole=6), AS_OF, "small.visa")
    assert {str(place): value for place, value in found[0].plan.items()} == {"test.part": 10, "test.whole": 10}
    found = remedies(rules, profile(skilled=False, unskilled=True), AS_OF, "small.visa")
    assert {str(place): value for place, value in found[0].plan.items()} == {"test.skilled": MET, "test.unskilled": NOT_MET}


def test_no_remedy_contradicts_what_nobody_can_change(rules: RuleSet) -> None:
    """A remedy that would contradict a fact that stays is none."""
    assert remedies(rules, profile(part=4, fixed=9), AS_OF, "small.visa") == ()
    assert remedies(rules, profile(part=4, fixed=10), AS_OF, "small.visa")


def test_a_margin_ends_where_the_profile_contradicts_itself(rules: RuleSet) -> None:
    """A fact moves no further than the facts that stay let it."""
    (found,) = sensitivity(rules, profile(), AS_OF)
    part = next(each for each in found.leeways if each.fact == "test.part")
    assert part.low is not None
    assert part.high is not None
    assert (part.low.last, part.low.status is None) == (10, False)
    assert (part.high.last, part.high.status) == (20, None)


def test_a_timeline_does_not_walk_into_a_contradiction(rules: RuleSet) -> None:
    """A day that moves past what it must not pass is refused with the first day on which it does."""
    assert timeline(rules, profile(begins="2026-06-01"), AS_OF, "2026-12-31", moving=["test.begins"]) == ()
    with pytest.raises(ProfileError) as caught:
        timeline(rules, profile(), AS_OF, "2028-01-01", moving=["test.begins"])
    (problem,) = caught.value.diagnostics
    assert problem.code == "E410"
    assert "`test.begins` is 2027-01-01 and `test.ends` is 2026-12-31" in problem.message
    assert problem.help.startswith("from 2027-01-01 on")


def test_the_first_day_is_found_as_by_looking_at_every_day(rules: RuleSet) -> None:
    """The first day on which moving facts contradict others is that of a search day by day."""
    compiled = rules.compiled(date(2026, 1, 1))
    days = [date(2026, 12, day) for day in range(20, 32)]
    for last in days:
        facts = {"test.ends": last}
        assert first_contradiction(compiled, facts, ["test.begins"], days[0], days[-1]) == next(
            (day for day in days if day > last), None
        )


# the bundled packs


def candidates(rules: RuleSet, path: str, kind: Type) -> list[Value]:
    """A few values of a type, far apart."""
    match kind:
        case DateType():
            return [date(1990, 1, 1), date(2040, 1, 1)]
        case NumberType():
            declared = rules.book.facts[path]
            return [whole for whole in (declared.maximum, declared.minimum, 0, 50) if whole is not None]
        case MoneyType():
            found = ("EUR", "USD", "AUD", "SGD")
            return [Money(amount, currency, "month") for currency in found for amount in (1, Fraction(2))]
        case ChoiceType(values=values):
            return [*values]
        case BooleanType():
            return [MET, NOT_MET]
        case ListType(element=RecordType(fields=fields)):
            dates = [name for name, inner in fields if isinstance(inner, DateType)]
            each = product(candidates(rules, path, DateType()), repeat=len(dates))
            return [({**dict(zip(dates, days, strict=True))},) for days in each]
    raise AssertionError(kind)


def cases(rules: RuleSet, name: str) -> Iterator[dict[str, Value]]:
    """Profiles that state all facts that one consistency reads."""
    read = {node.path: node.type for node in nodes.walk(rules.book.consistency[name].node) if isinstance(node, nodes.FactValue)}
    read |= {
        node.path: node.type
        for path in [*read]
        if (guard := rules.book.facts[path].applies_when) is not None
        for node in nodes.walk(guard)
        if isinstance(node, nodes.FactValue)
    }
    values = [candidates(rules, path, kind) for path, kind in read.items()]
    yield from (dict(zip(read, each, strict=True)) for each in islice(product(*values), 4000))


def refusal(rules: RuleSet, facts: dict[str, Value]) -> str:
    """What is said about some facts; nothing where they do not contradict each other."""
    day = date(2026, 6, 1)
    compiled, inputs = rules.compiled(day), Inputs(facts, day)
    values = list(compiled.start)
    for index in compiled.guard_order:
        values[index] = compiled.steps[index].operation(values, inputs, compiled.steps)
    try:
        refuse_contradictions(compiled, inputs, values)
    except ProfileError as error:
        return render(error.diagnostics)
    return ""


def test_whatever_packs_require_can_hold_and_can_fail(bundled: RuleSet) -> None:
    """No consistency of a pack is idle: some facts fulfil it, others are refused by it, and no title begins like a sentence."""
    for name, each in bundled.book.consistency.items():
        found = [refusal(bundled, facts) for facts in cases(bundled, name)]
        assert any(f"but {each.title}\n" in text and "E404" not in text for text in found), name
        assert any(text == "" for text in found), name
        assert each.title[0].islower(), name
        assert not each.title.endswith("."), name


def test_a_money_of_another_currency_contradicts_nothing(bundled: RuleSet) -> None:
    """Sums that nobody can compare are free."""
    on = {"case.sg.advertisement.on_mycareersfuture": MET}
    low, high = "case.sg.advertisement.lowest_salary", "case.sg.advertisement.highest_salary"
    facts: dict[str, Value] = {low: Money(9, "SGD", "month"), high: Money(100, "SGD", "year")}
    assert "GBP" not in refusal(bundled, cast("dict[str, Value]", on | facts)) != ""
    assert refusal(bundled, on | facts | {high: Money(1, "EUR", "month")}) == ""
