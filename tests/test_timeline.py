"""Timelines: no day on which an outcome changes is missed, none is made up, and each says why."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book_builder import AS_OF, DAY, NUMBER, DayUnit, Grower, book, fact, profiles
from eligibility import nodes
from eligibility.cli import main
from eligibility.datatypes import Type, Value
from eligibility.diagnostics import ProfileError, UsageError
from eligibility.downstream import State
from eligibility.engine import RuleSet, load_rules
from eligibility.facts import Profile
from eligibility.nodes import Node
from eligibility.status import Status
from eligibility.timeline import Flip, forecast, timeline

EXAMPLES = Path(__file__).parents[1] / "examples"
PACK = """pack: clock
title: Clock
version: 1.0.0
jurisdiction: WORLD
language: 1
maintainer: eligibility contributors
licence: Apache-2.0
"""
FACTS = """facts:
  x.born: {label: date of birth, type: date, question: 'When born?', changed_by: nobody}
  x.filed: {label: date of filing, type: date, question: 'When filed?', changed_by: applicant}
  x.pay: {label: pay, type: decimal, question: 'What is paid?', changed_by: employer}
  x.years: {label: experience, type: decimal, unit: years, question: 'How long?', changed_by: time}
  x.jobs:
    label: jobs
    type: record
    list: true
    question: Which jobs?
    changed_by: applicant
    fields:
      start: {label: start of the job, type: date, question: 'From when?'}
"""
RULE = """pathway: clock.permit
title: Permit
in_force: {from: 2020-01-01, until: 2029-01-01}
reviewed_until: 2027-06-30
sources: {L: {title: Law, url: 'https://example.org', read_on: 2026-01-01, grade: A}}
parameters:
  least:
    title: least pay
    unit: count
    values:
      2020-01-01: {value: 100, cite: L 1}
      2027-04-01: {value: 120, cite: L 1 (new)}
      2028-04-01: {value: 140, cite: L 1 (newer), status: announced}
  adult: {title: age of an adult, unit: years, values: {2020-01-01: {value: 18, cite: L 2}}}
  needed: {title: experience needed, unit: days, values: {2020-01-01: {value: 730, cite: L 3}}}
  enough: {title: experience that is enough, unit: years, values: {2020-01-01: {value: 1, cite: L 3}}}
  window: {title: window, unit: months, values: {2020-01-01: {value: 12, cite: L 4}}}
criteria:
  pay: {title: The pay suffices, cite: L 1, met_when: x.pay >= least}
  age: {title: The applicant is an adult, cite: L 2, met_when: 'years_between(x.born, as_of) >= adult'}
  work:
    title: There is experience
    cite: L 3
    met_when: sum(days_between(j.start, as_of) for j in x.jobs) >= needed or x.years > enough
  window: {title: The filing is recent, cite: L 4, met_when: as_of <= x.filed + window}
  soon:
    title: The transitional rule holds
    cite: L 5
    any: {old: {title: Old law, until: 2027-09-01, all: [x.pay > 0]}, new: {title: New law, all: [x.pay > 110]}}
"""
CASE = {
    "x": {
        "born": "2009-02-28",
        "filed": "2026-12-31",
        "pay": 120,
        "years": 0.5,
        "jobs": [{"start": "2026-01-01"}, {"start": "2026-05-01"}],
    }
}


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """One pathway in which everything is a matter of time."""
    folder = tmp_path_factory.mktemp("clock")
    for name, text in (("pack", PACK), ("facts", FACTS), ("permit", RULE)):
        (folder / f"{name}.yaml").write_text(text)
    return load_rules(folder, bundled=False)


@cache
def bundled() -> RuleSet:
    return load_rules()


def changed(profile: Mapping[str, object], **facts: object) -> dict[str, object]:
    """The case with other facts."""
    found: dict[str, object] = json.loads(json.dumps(profile))
    return {"x": {**found["x"], **facts}}  # type: ignore[dict-item]  # JSON


def every_day(start: date, end: date) -> Iterator[date]:
    day = start
    while day <= end:
        yield day
        day += timedelta(days=1)


def plainly(
    rules: RuleSet, profile: Profile, start: date, end: date, names: list[str], moving: tuple[str, ...] = ()
) -> list[tuple[date, str, State, State]]:
    """The flips as evaluation on every single day gives them."""
    found: list[tuple[date, str, State, State]] = []
    last: dict[str, State] = {}
    for day in every_day(start, end):
        here = Profile({**profile.facts, **dict.fromkeys(moving, day)})
        for outcome in rules.evaluate(here, as_of=day, pathways=names, engine="reference"):
            state = State(outcome.status, outcome.failing)
            if outcome.id in last and last[outcome.id] != state:
                found.append((day, outcome.id, last[outcome.id], state))
            last[outcome.id] = state
    return found


def bare(flips: tuple[Flip, ...]) -> list[tuple[date, str, State, State]]:
    return [(flip.on, flip.pathway, flip.before, flip.after) for flip in flips]


def test_each_flip_has_its_day_and_its_reason(clock: RuleSet) -> None:
    """A birthday, a sum of times in jobs, a window that closes and a law that ends each flip on their day."""
    flips = timeline(clock, CASE, "2026-11-23", "2029-06-30")
    assert [(str(flip.on), flip.after.status.value, flip.after.failing) for flip in flips] == [
        ("2027-02-28", "not_eligible", ("work",)),
        ("2027-03-02", "eligible", ()),
        ("2028-01-01", "not_eligible", ("window",)),
        ("2029-01-01", "not_available", ()),
    ]
    words = [cause.words for flip in flips for cause in flip.causes]
    assert words == [
        (
            "Time from the date of birth to the as-of date (18 years) is at least the age of an adult (18 years), "
            "from 2027-02-28 on."
        ),
        (
            "Total of time from the start of the job to the as-of date over the jobs (730 days) is at least the experience "
            "needed (730 days), from 2027-03-02 on."
        ),
        "Date of filing plus the window (12 months) (2027-12-31) is before the as-of date (2028-01-01), from 2028-01-01 on.",
        "Permit is no longer in force on 2029-01-01.",
    ]


def test_a_figure_that_changes_is_named_with_both_values_and_its_citation(clock: RuleSet) -> None:
    """The cause of a flip by a threshold has the old value, the new one and where that stands."""
    (flip,) = timeline(clock, changed(CASE, born="2000-01-01", years=2, pay=110), "2027-03-01", "2027-05-01")
    assert (flip.on, flip.before, flip.after) == (
        date(2027, 4, 1),
        State(Status.ELIGIBLE),
        State(Status.NOT_ELIGIBLE, ("pay",)),
    )
    (cause,) = flip.causes
    assert (cause.kind, cause.title, cause.before, cause.after) == ("figure", "least pay", "100", "120")
    assert cause.citation is not None
    assert cause.citation.text == "L 1 (new)"


def test_a_transitional_rule_that_ends_is_named(clock: RuleSet) -> None:
    """A branch that ends is the cause of what fails without it."""
    flips = timeline(clock, changed(CASE, born="2000-01-01", years=2, pay=105), "2027-08-01", "2027-10-01")
    (flip,) = flips
    assert flip.on == date(2027, 9, 1)
    assert flip.after.failing == ("pay", "soon")
    assert [(cause.kind, cause.words) for cause in flip.causes] == [("law", "“Old law” ends on 2027-09-01.")]


def test_what_is_announced_is_named_and_not_applied(clock: RuleSet) -> None:
    """An announced figure flips nothing; a timeline lists it with its day."""
    found = forecast(clock, changed(CASE, born="2000-01-01", years=2, filed="2028-01-01"), "2028-03-01", "2028-06-01")
    assert found.flips == ()
    assert [(each.title, str(each.on), each.value) for each in found.announced] == [("least pay", "2028-04-01", 140)]


def test_the_first_day_that_is_open_and_the_first_that_is_not_again(clock: RuleSet) -> None:
    """A course says from when on a pathway does not fail, and when it does again."""
    (course,) = forecast(clock, CASE, "2026-11-23", "2029-06-30").courses
    assert (course.opens_on, course.closes_on) == (date(2027, 3, 2), date(2028, 1, 1))
    (course,) = forecast(clock, CASE, "2026-11-23", "2026-12-23").courses
    assert (course.opens_on, course.closes_on) == (None, None)


def test_a_day_that_moves_is_always_the_day(clock: RuleSet) -> None:
    """With the date of filing moving along, the window never closes; without, the timeline says that it stays as stated."""
    found = forecast(clock, CASE, "2027-03-02", "2028-12-31", moving=["x.filed"])
    assert found.flips == ()
    assert [fact.path for fact in found.standing] == ["x.years"]
    assert [fact.path for fact in forecast(clock, CASE, "2027-03-02", "2027-03-02").standing] == ["x.filed", "x.years"]


class Clockwork(Grower):
    """Grows rules in which much hangs on the day."""

    def value(self, type_: Type, depth: int, item: str | None = None) -> Node:
        if type_ == DAY and self.below(4):
            ways: tuple[Node, ...] = (nodes.AsOf(), fact("d.a"), fact("d.b"))
            near = self.one(ways)
            units: tuple[DayUnit, ...] = ("year", "month", "week", "day")
            moved = nodes.DateShift(near, nodes.Constant(self.below(5) - 2, NUMBER), self.one(units), 1)
            return moved if self.below(2) else near
        if type_ == NUMBER and not self.below(3):
            return self.elapsed(depth, item)
        return super().value(type_, depth, item)

    def elapsed(self, depth: int, item: str | None) -> Node:
        """Time from a day to another, in units of which some pass in two months."""
        units: tuple[Literal["year", "month", "day"], ...] = ("year", "month", "day")
        return nodes.Elapsed(self.one(units), self.value(DAY, depth, item), self.value(DAY, depth, item), NUMBER)

    def condition(self, depth: int, item: str | None = None) -> Node:
        if self.below(3) or (depth and self.below(2)):
            return super().condition(depth, item)
        operator: nodes.Comparator = self.one(("==", "!=", "<", "<=", ">", ">="))
        if self.below(2):
            return nodes.Comparison(operator, self.value(DAY, depth, item), self.value(DAY, depth, item))
        mark = nodes.Constant(self.below(81) - 40, NUMBER)
        return nodes.Comparison(operator, self.elapsed(depth, item), mark)


@st.composite
def clockworks(draw: st.DrawFn) -> tuple[Node, ...]:
    """A few conditions and figures, with the day in them."""
    return Clockwork(lambda bound: draw(st.integers(0, bound - 1))).roots(2, draw(st.integers(1, 3)))


near = st.integers(-45, 45).map(lambda days: AS_OF + timedelta(days=days))
generated = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@generated
@given(
    clockworks(),
    profiles(),
    st.fixed_dictionaries({}, optional={"d.a": near, "d.b": near}),
    st.integers(0, 40),
    st.sampled_from([(), ("d.a",), ("d.a", "d.b")]),
)
def test_no_flip_of_generated_rules_is_missed(
    roots: tuple[Node, ...], facts: Mapping[str, Value], days: Mapping[str, Value], before: int, moving: tuple[str, ...]
) -> None:
    """The flips are those that evaluation on every single day gives, around leap days, list ends and the ends of months."""
    rules = RuleSet(dataclasses.replace(book(*roots), changes=(AS_OF,)))
    start = AS_OF - timedelta(days=before)
    end = start + timedelta(days=60)
    names = list(rules.book.rules)
    profile = Profile({**facts, **days})
    try:
        expected = plainly(rules, profile, start, end, names, moving)
    except ProfileError:
        return
    assert bare(timeline(rules, profile, start, end, names, moving=moving)) == expected


@pytest.mark.parametrize("moving", [(), ("case.applied_on",)])
@pytest.mark.parametrize("example", ["ml_engineer_munich", "nlp_engineer_amsterdam"])
def test_no_flip_of_the_bundled_rules_is_missed(example: str, moving: tuple[str, ...]) -> None:
    """Over two months and a turn of the year, all pathways flip exactly when evaluation day by day says so."""
    profile = bundled().profile(EXAMPLES / f"{example}.json")
    names = [rule.id for rule in bundled().pathways]
    start, end = date(2026, 11, 20), date(2027, 1, 20)
    found = timeline(bundled(), profile, start, end, moving=moving)
    assert bare(found) == sorted(plainly(bundled(), profile, start, end, names, moving), key=lambda each: each[:2])
    assert all(flip.causes for flip in found)


def said(rules: RuleSet, *args: object, **options: object) -> str:
    with pytest.raises(UsageError) as caught:
        forecast(rules, CASE, *args, **options)  # type: ignore[arg-type]  # what is wrong on purpose
    return str(caught.value)


def test_calls_that_make_no_sense_are_refused(clock: RuleSet) -> None:
    """An end before the start, an endless time, an unknown pathway and a fact that is no day are each reported."""
    assert said(clock, "2027-01-02", "2027-01-01") == (
        "E603 the last day `2027-01-01` is before the first `2027-01-02`\n  help: give the earlier day first"
    )
    assert said(clock, "2027-01-02", "2227-01-01").startswith("E603 from `2027-01-02` to `2227-01-01` are more than 36,525 days")
    assert said(clock, "2027-01-02", "2027-01-03", ["clock.permitt"]).startswith("E600 there is no rule `clock.permitt`")
    assert said(clock, "2027-01-02", "2027-01-03", moving=["x.file"]) == (
        "E604 no day `x.file` can move\n  help: did you mean `x.filed`?"
    )
    assert said(clock, "soon", "2027-01-03").startswith("E602 the as-of date")


def test_a_profile_without_facts_is_refused(clock: RuleSet) -> None:
    """Nothing stated is an error, never an empty timeline."""
    with pytest.raises(ProfileError):
        forecast(clock, {}, "2027-01-01", "2027-02-01")


def test_the_command_prints_flips_reasons_and_what_stands_still(tmp_path: Path, clock: RuleSet) -> None:
    """The text has each day, what flips, and why; the JSON the same."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE))
    common = ["timeline", str(path), "--from", "2026-11-23", "--to", "2028-11-23", "--pathway", "clock.permit"]
    common += ["--rules", str(clock.roots[0])]
    text = CliRunner().invoke(main, common, standalone_mode=False).output
    assert "2027-03-02  eligible" in text
    assert "least pay (clock.permit): 140 from 2028-04-01 [L 1 (newer)]" in text
    assert "x.filed: 2026-12-31" in text
    assert "not reviewed for days after 2027-06-30: clock.permit" in text
    found = json.loads(CliRunner().invoke(main, [*common, "--format", "json"], standalone_mode=False).output)
    assert found["pathways"][0]["opens_on"] == "2027-03-02"
    assert found["pathways"][0]["flips"][-1]["after"] == {
        "status": "not_eligible",
        "failing": ["window"],
        "not_met": ["The filing is recent"],
    }
