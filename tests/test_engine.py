"""Loaded rules: where they come from, and that they can be shared, forked, dropped and used without end."""

from __future__ import annotations

import gc
import os
import resource
import sys
import threading
import weakref
from datetime import date
from pathlib import Path

import pytest

from eligibility.backends.compiled import Program
from eligibility.compiler import CompiledRules
from eligibility.diagnostics import Diagnostic, EngineError, ProfileError, RuleError, UsageError
from eligibility.engine import EngineWarning, RuleSet, load_rules, parse_day
from eligibility.findings import Findings
from eligibility.operations import Inputs
from eligibility.outcome import Status

WORLD = Path(__file__).parent / "packs" / "world"
PACK = """\
pack: {name}
title: A pack
version: 1.0.0
jurisdiction: WORLD
language: 1
maintainer: tests
licence: Apache-2.0
"""
VISA = """\
pathway: {name}.visa
title: A visa
in_force: {{from: 2020-01-01}}
sources:
  LAW: {{title: The law, read_on: 2025-12-06, grade: A}}
parameters:
  full_time:
    title: full-time hours
    unit: hours/week
    cite: LAW 1
    values: {{2020-01-01: {{value: 30}}, 2021-01-01: {{value: 35}}, 2022-01-01: {{value: 40}}}}
criteria:
  hours: {{title: The job is full-time, met_when: offer.weekly_hours >= full_time, cite: LAW 1}}
"""
DAYS = {date(2020, 6, 1): Status.ELIGIBLE, date(2021, 6, 1): Status.ELIGIBLE, date(2022, 6, 1): Status.NOT_ELIGIBLE}
PROFILE = {"offer": {"weekly_hours": 36}}


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELIGIBILITY_CACHE", "off")


def write_pack(folder: Path, name: str, visa: str = VISA) -> Path:
    """A pack of one pathway."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(PACK.format(name=name), encoding="utf-8")
    (folder / "visa.yaml").write_text(visa.format(name=name), encoding="utf-8")
    return folder


@pytest.fixture
def rules(tmp_path: Path) -> RuleSet:
    """One pathway whose figure changes every year."""
    return load_rules(WORLD, write_pack(tmp_path / "mini", "mini"), bundled=False)


def status(rules: RuleSet, day: date, engine: str = "reference") -> Status:
    """How the pathway comes out for somebody who works 36 hours."""
    return rules.evaluate(PROFILE, as_of=day, engine=engine)["mini.visa"].status


def test_threads_share_one_rule_set(rules: RuleSet) -> None:
    """Eight threads that ask for several dates at once all get the law of their date."""
    wrong: list[tuple[date, Status]] = []
    start = threading.Barrier(8)

    def ask(offset: int) -> None:
        start.wait()
        for turn in range(60):
            day = list(DAYS)[(turn + offset) % len(DAYS)]
            found = status(rules, day)
            if found is not DAYS[day]:
                wrong.append((day, found))

    threads = [threading.Thread(target=ask, args=(offset,)) for offset in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_rules_work_in_a_forked_process(rules: RuleSet) -> None:
    """A process that was forked after loading evaluates like its parent."""
    day = date(2022, 6, 1)
    status(rules, day)
    child = os.fork()
    if child == 0:
        os._exit(0 if status(rules, day) is DAYS[day] and status(rules, date(2021, 6, 1)) is Status.ELIGIBLE else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_dropped_rule_set_is_freed(tmp_path: Path) -> None:
    """Nothing keeps a rule set, its rule book or its compiled rules when the caller does not."""
    rules = load_rules(WORLD, write_pack(tmp_path / "mini", "mini"), bundled=False)
    status(rules, date(2022, 6, 1))
    watched: list[weakref.ref[object]] = [weakref.ref(rules), weakref.ref(rules.compiled(date(2022, 6, 1)))]
    del rules
    gc.collect()
    assert [watch() for watch in watched] == [None, None]


def test_evaluating_without_end_takes_no_memory(rules: RuleSet) -> None:
    """Twenty thousand evaluations take no more memory than the first."""
    profile = rules.profile(PROFILE)

    def evaluate(times: int) -> int:
        for turn in range(times):
            rules.evaluate(profile, as_of=date(2020 + turn % 3, 6, 1), engine="reference")
        gc.collect()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = evaluate(1_000)
    assert evaluate(20_000) - before < 4_000  # kilobytes


def test_only_the_last_periods_are_kept(tmp_path: Path) -> None:
    """Asking for the law of very many dates does not keep all of it."""
    dated = ", ".join(f"{1900 + year}-01-01: {{{{value: {year % 50}}}}}" for year in range(100))
    visa = VISA.replace("2020-01-01: {{value: 30}}, 2021-01-01: {{value: 35}}, 2022-01-01: {{value: 40}}", dated)
    rules = load_rules(WORLD, write_pack(tmp_path / "mini", "mini", visa), bundled=False)
    first = weakref.ref(rules.compiled(date(1900, 6, 1)))
    for year in range(1901, 1999):
        rules.compiled(date(year, 6, 1))
    gc.collect()
    assert first() is None


def test_a_contradiction_is_refused_whichever_rules_are_asked_for(rules: RuleSet) -> None:
    """A stated fact that another fact rules out is an error, even where no rule reads it."""
    profile = {**PROFILE, "employer": {"licensed": False, "rating": "A"}}
    for asked in (None, ["mini.visa"], []):
        with pytest.raises(ProfileError) as caught:
            rules.evaluate(profile, as_of=date(2022, 6, 1), pathways=asked, engine="reference")
        assert [(each.code, each.path) for each in caught.value.diagnostics] == [("E404", "employer.rating")]
        with pytest.raises(ProfileError) as again:
            rules.statuses(profile, as_of=date(2022, 6, 1), pathways=asked)
        assert again.value.diagnostics == caught.value.diagnostics
    allowed = {**PROFILE, "employer": {"licensed": False, "rating": "none"}}
    assert rules.statuses(allowed, as_of=date(2022, 6, 1))["mini.visa"] is Status.NOT_ELIGIBLE
    assert rules.evaluate(allowed, as_of=date(2022, 6, 1), engine="reference")["mini.visa"].status is Status.NOT_ELIGIBLE


class Failing:
    """An engine that always fails."""

    name = "durable"

    def run(self, _compiled: CompiledRules, _order: tuple[int, ...], _inputs: Inputs) -> Findings:
        raise EngineError([Diagnostic("E502", "the engine failed")])


def test_the_reference_engine_answers_where_another_fails(rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that fails is replaced with a warning, and the report names the engine that answered."""
    monkeypatch.setitem(rules._engines, "durable", Failing())
    with pytest.warns(EngineWarning, match="the durable engine could not answer"):
        report = rules.evaluate(PROFILE, as_of=date(2022, 6, 1), engine="durable")
    assert report.engine == "reference"
    assert report["mini.visa"].status is Status.NOT_ELIGIBLE


def test_statuses_come_from_the_reference_engine_where_none_are_generated(
    rules: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no function can be generated, the reference engine answers with a warning; mistakes in the call are still said."""
    with pytest.raises(UsageError, match="did you mean `mini"):
        rules.statuses(PROFILE, as_of="2022-06-01", pathways="mini.vsia")

    def fail(*_: object) -> None:
        raise EngineError([Diagnostic("E504", "conditions are nested too deep")])

    monkeypatch.setattr(Program, "statuses_of", fail)
    with pytest.warns(EngineWarning, match="the compiled engine could not answer"):
        assert rules.statuses(PROFILE, as_of="2022-06-01", pathways=["mini.visa"]) == {"mini.visa": Status.NOT_ELIGIBLE}


def test_a_folder_joins_the_bundled_packs(tmp_path: Path) -> None:
    """Rules of a folder of one's own stand beside those that come with the package and may use their facts."""
    bundled = load_rules()
    name = bundled.book.rules["core.employer"].criteria[0].path
    visa = VISA.replace(">= full_time", f">= full_time and core.employer.criteria.{name}")
    joined = load_rules(write_pack(tmp_path / "mini", "mini", visa))
    assert set(joined.book.rules) == {*bundled.book.rules, "mini.visa"}


def test_the_errors_of_several_folders_come_at_once(tmp_path: Path) -> None:
    """Mistakes in several folders are reported together, in order of their files."""
    one = write_pack(tmp_path / "one", "one", VISA.replace("offer.weekly_hours", "offer.weekly_huors"))
    two = write_pack(tmp_path / "two", "two", VISA.replace("title: A visa", "titel: A visa"))
    gone = tmp_path / "gone"
    with pytest.raises(RuleError) as caught:
        load_rules(WORLD, two, one, gone, bundled=False)
    assert [each.code for each in caught.value.diagnostics] == ["E100", "E110"]
    with pytest.raises(RuleError) as caught:
        load_rules(WORLD, write_pack(tmp_path / "three", "three", VISA.replace("LAW 1", "LWA 1")), one, bundled=False)
    assert [each.code for each in caught.value.diagnostics] == ["E202", "E301", "E301"]


def distribute(folder: Path, target: str) -> None:
    """A distribution as a package manager would install it, with one entry point."""
    info = folder / "some_packs-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-packs\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[eligibility.packs]\nsome = {target}\n", encoding="utf-8")


def test_packs_of_installed_distributions_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution adds packs by an entry point; its module is found, but its code is not run."""
    write_pack(tmp_path / "some_packs" / "mini", "mini")
    (tmp_path / "some_packs" / "__init__.py").write_text("raise RuntimeError('this must not run')\n", encoding="utf-8")
    distribute(tmp_path, "some_packs")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert "mini.visa" in load_rules().book.rules


def test_a_distribution_without_its_module_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point of a module that is not there is an error that names it."""
    distribute(tmp_path, "lost_packs")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with pytest.raises(RuleError, match="E100 the entry point `some` of"):
        load_rules()


@pytest.mark.parametrize("text", ["2025-W01-1", "20250101", "2025-02-30", "\uff12\uff10\uff12\uff15-01-01", "today", ""])
def test_a_day_is_a_day_of_the_calendar(text: str) -> None:
    """An as-of date is a date or year-month-day; weeks, times of day and other words are refused, not guessed."""
    assert parse_day("2025-01-31") == date(2025, 1, 31)
    with pytest.raises(LookupError, match="E602"):
        parse_day(text)
