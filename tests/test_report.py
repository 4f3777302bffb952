"""Reports and outcomes as text, Markdown and JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import TypeAdapter

from eligibility.diagnostics import UsageError
from eligibility.outcome import Outcome
from eligibility.rendering.markdown import outcome_markdown
from eligibility.rendering.text import outcome_text
from eligibility.report import Report
from eligibility.report_model import OutcomeDocument, ReportDocument, SourcePart
from eligibility.scenarios import scenarios
from reporting import EXPERIENCED, FAILING, GOLDEN, UNKNOWN, VISA, changed, report, rules

Check = Callable[[Path, str], None]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
CASES: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "for_a_human": ({}, "2026-06-01", VISA),
    "failing": (FAILING, "2026-06-01", VISA),
    "unknown": (UNKNOWN, "2027-06-01", VISA),
    "quota_reached": (EXPERIENCED, "2026-06-01", VISA),
    "not_in_force": ({}, "2019-06-01", VISA),
    "elsewhere": ({"offer.country": "DE"}, "2026-06-01", VISA),
    "several": ({"applicant.experience": 2}, "2026-06-01", None),
    "nowhere": ({"offer.country": "DE", "applicant.experience": 2}, "2026-06-01", None),
}


DIGEST = re.compile(r"\b[0-9a-f]{12}([0-9a-f]{52})?\b")


def settled(text: str) -> str:
    """The text without the hashes of packs, which change with every change of their files."""
    return DIGEST.sub("0" * 12, text)


def every_report() -> list[Report]:
    return [report(changes, as_of=as_of, only=only) for changes, as_of, only in CASES.values()]


@pytest.mark.parametrize("name", CASES)
def test_a_report_reads_as_expected(name: str, golden: Check) -> None:
    """The text of a report is, word for word, the one that was read and found good."""
    changes, as_of, only = CASES[name]
    golden(GOLDEN / f"{name}.txt", settled(report(changes, as_of=as_of, only=only).to_text()))


def test_an_explanation_reads_as_expected(golden: Check) -> None:
    """The whole tree of an explanation, calculations and met parts included, is the one that was read and found good."""
    golden(GOLDEN / "explanation.txt", report(EXPERIENCED)[VISA].explanation.to_text())


def test_markdown_reads_as_expected(golden: Check) -> None:
    """The Markdown of a report with several rules is the one that was read and found good."""
    golden(GOLDEN / "several.md", settled(report({"applicant.experience": 2}, only=None).to_markdown()))


def test_json_is_as_expected(golden: Check) -> None:
    """The JSON of a failing outcome is the one that was read and found good."""
    golden(GOLDEN / "failing.json", settled(report(FAILING)[VISA].to_json() + "\n"))


def test_a_printed_report_is_its_text() -> None:
    """Printing a report, an outcome or an explanation gives its plain text."""
    found = report(FAILING)
    outcome = found[VISA]
    assert str(found) == found.to_text()
    assert str(outcome) == outcome.to_text()
    assert str(outcome.explanation) == outcome.explanation.to_text()


def test_the_schema_accepts_every_report() -> None:
    """Reports, and the reports of the scenarios of the bundled law, fit the JSON Schema that is published for them."""
    report_schema = jsonschema.Draft202012Validator(TypeAdapter(ReportDocument).json_schema(mode="serialization"))
    outcome_schema = jsonschema.Draft202012Validator(TypeAdapter(OutcomeDocument).json_schema(mode="serialization"))
    for each in every_report():
        report_schema.validate(json.loads(each.to_json()))
        for outcome in each:
            outcome_schema.validate(json.loads(outcome.to_json()))


def test_the_schema_refuses_what_is_no_report() -> None:
    """The schema knows every key of a report and accepts no other."""
    schema = jsonschema.Draft202012Validator(TypeAdapter(ReportDocument).json_schema(mode="serialization"))
    document = json.loads(report(FAILING).to_json())
    for spoiled in ({**document, "extra": 1}, {**document, "schema_version": 2}, {**document, "as_of": 20260601}, {}):
        assert not schema.is_valid(spoiled)


def test_a_stored_report_can_be_read_again() -> None:
    """The models read the JSON they wrote, and write the same again."""
    text = report(FAILING).to_json()
    document = ReportDocument.from_json(text)
    assert document.as_dict() == json.loads(text)


def test_the_same_evaluation_gives_the_same_bytes() -> None:
    """Text, Markdown and JSON depend on nothing but the rules, the profile and the date."""
    one, other = (rules().evaluate(changed(FAILING), as_of="2026-06-01", engine="reference") for _ in range(2))
    assert one.to_json().encode() == other.to_json().encode()
    assert one.to_text() == other.to_text()
    assert one.to_markdown() == other.to_markdown()


def test_exact_numbers_are_integers_or_text() -> None:
    """No number in the JSON is a binary fraction."""

    def numbers(data: object) -> list[object]:
        if isinstance(data, dict):
            return [each for value in data.values() for each in numbers(value)]
        return [each for value in data for each in numbers(value)] if isinstance(data, list) else [data]

    found = [each for document in every_report() for each in numbers(json.loads(document.to_json()))]
    assert not any(isinstance(each, float) for each in found)
    margin = report(FAILING)[VISA].as_dict()["outcome"]
    assert '"amount": "-44080/3"' in json.dumps(margin)


@pytest.mark.parametrize("width", [40, 57, 80, 100, 140])
def test_no_line_is_wider_than_asked_for(width: int) -> None:
    """Text is as wide as asked for at most, whatever it holds."""
    for each in every_report():
        assert max(len(line) for line in each.to_text(width=width).splitlines()) <= width


def test_nothing_is_cut_off() -> None:
    """Text of any width holds the same words as text without a width."""

    def words(text: str) -> str:
        return re.sub(r"[\s\-=]+", "", text)

    for each in every_report():
        wide = each.to_text(width=None)
        assert words(each.to_text(width=80)) == words(wide)
        rows = len(each.to_text(width=40).splitlines())
        assert rows > len(wide.splitlines())


def test_colour_only_adds_escape_codes() -> None:
    """Coloured text without its escape codes is the plain text, and the plain text has none."""
    for each in every_report():
        coloured, plain = each.to_text(color=True), each.to_text()
        assert ESCAPE.search(coloured)
        assert "\x1b" not in plain
        assert [line.rstrip() for line in ESCAPE.sub("", coloured).splitlines()] == plain.splitlines()


def test_plain_text_does_not_load_a_terminal_library() -> None:
    """Only coloured text needs the library that knows terminals."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
        del sys.modules[name]
    report(FAILING).to_text()
    report(FAILING).to_json()
    assert "rich" not in sys.modules


def test_every_finding_has_its_own_symbol() -> None:
    """Without colour, a symbol tells what was found."""
    text = report({**FAILING, "visa.statement": None, "visa.portfolio": None, "offer.permanent": False}).to_text()
    for symbol in ("✓", "✗", "?", "⚖", "\N{EN DASH}"):
        assert re.search(rf"^ +{re.escape(symbol)} ", text, re.MULTILINE)


def test_the_depth_limits_the_explanation() -> None:
    """With a depth of nothing each criterion is one entry, and every further level adds to the text."""
    outcome = report(FAILING)[VISA]
    lengths = [len(outcome.to_text(depth=depth)) for depth in (0, 1, 2, None)]
    assert lengths == sorted(set(lengths))
    assert "Option A" not in outcome.to_text(depth=0).partition("Met\n")[0].replace("nearest is “Option A", "")


def test_what_people_state_cannot_become_markup() -> None:
    """Text from a profile is escaped in Markdown, and loses its control characters everywhere."""
    title = "Data |*_<b>[x](y)`\x1b[31m\u202e\nEngineer"
    found = report({**FAILING, "offer.title": title})
    markdown, text = found.to_markdown(), found.to_text(width=None)
    assert "\x1b" not in markdown + text + found.to_json()
    assert "\u202e" not in markdown + text
    assert "Data |*_<b>[x](y)`\ufffd[31m\ufffd Engineer" in text
    assert r"Data \|\*\_\<b\>\[x\](y)\`" in markdown


def test_a_markdown_table_has_as_many_cells_in_each_row() -> None:
    """The overview is a well-formed table."""
    rows = [line for line in report(only=None).to_markdown().splitlines() if line.startswith("|")]
    assert len(rows) == 4
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}


def test_a_report_says_what_it_rests_on() -> None:
    """Date, engine, pack versions, the oldest source, origins of facts and the notice stand on every report."""
    text = report().to_text(width=None)
    for said in (
        "Law as of 2026-06-01; decided by the reference engine.",
        "reporting 1.2.0 (",
        "The oldest source used was read on 2025-12-06.",
        "Sponsor licence [employer.licensed] as of 2025-01-10, 507 days before this report, from the register of sponsors.",
        "Information, not legal advice. There are no guarantees:",
    ):
        assert said in text


def test_only_what_decides_is_held_against_a_report() -> None:
    """A figure past its review date counts where the outcome rests on it, not where another part of the rule reads it."""

    def cautions(changes: dict[str, Any], as_of: str) -> list[str]:
        document = report(changes, as_of=as_of)[VISA].as_dict()["outcome"]
        assert isinstance(document, dict)
        return [each["kind"] for each in document["cautions"]]

    assert "past_review" in cautions({}, "2026-06-01")
    assert "past_review" not in cautions({}, "2026-03-31")
    assert "past_review" not in cautions({"employer": {"licensed": False}}, "2026-06-01")
    assert "uncertain" in cautions({"offer.permanent": True, "offer.remote_share": 10}, "2026-06-01")
    assert "uncertain" not in cautions({}, "2026-06-01")
    assert "beyond_review" in cautions({}, "2027-01-01")
    assert "beyond_review" not in cautions({}, "2026-12-31")
    entrant = {"offer.salary.amount": 41000, "applicant.date_of_birth": "2002-01-01"}
    assert "change" in cautions(entrant, "2026-06-01")
    assert cautions({"offer.country": "DE"}, "2027-06-01") == []


def test_an_outcome_names_the_first_reason() -> None:
    """The overview tells the main reason: what fails first, what is missing, what is for a human."""

    def reason(changes: dict[str, Any]) -> object:
        document = report(changes)[VISA].as_dict()["outcome"]
        assert isinstance(document, dict)
        return document["reason"]

    assert reason({"offer.salary.amount": 38000}) == (
        "not met: The salary reaches one of the options, short by GBP 20,346.66… a year (34.9%)"
    )
    assert reason({"visa.refused": True, "visa.statement": False}) == "not met: Two of three papers are handed in (and 1 more)"
    assert reason({"applicant.english": None}) == "missing: level of English"
    assert reason({}) == "for a human: The vacancy is genuine"
    assert reason({"offer.country": "DE"}) == "The job is not in the United Kingdom."


def test_what_is_open_shows_what_is_closed() -> None:
    """Beside the alternatives that are still open, those that are not met stand in one line each, with how far they are off."""
    changes = {"offer.salary.amount": 41000, "applicant.date_of_birth": None, "applicant.degrees": [{"level": "master"}]}
    lines = report(changes)[VISA].to_text(width=None).splitlines()
    salary = next(place for place, line in enumerate(lines) if "The salary reaches one of the options" in line)
    assert lines[salary] == "  ? The salary reaches one of the options: 1 of 2 alternatives is still open. [ACT 4.4]"
    assert lines[salary + 1].startswith("    ? Option E (new entrant)")
    assert "    ✗ Option A (standard): short by GBP 17,346.66… a year (29.7%)" in lines


def test_a_label_is_not_said_twice() -> None:
    """A title that says what its fact is called is followed by the answer alone, and a single test stands beside its title."""
    lines = report({**FAILING, "visa.statement": None})[VISA].to_text(width=None).splitlines()
    assert "    ✗ References: no, but it must be yes." in lines
    assert any(
        line.startswith("  ✗ The application follows the offer in time: Date of application is 2026-08-20;") for line in lines
    )
    assert "    ✗ Must not be so: An application was refused: Earlier refusal: yes, but it must be no." in lines


def test_the_pathways_that_do_not_concern_the_case_stand_together() -> None:
    """Pathways that do not concern the case are named once, by the first reason; by itself each gives all its reasons."""
    changes = {"offer.country": "DE", "applicant.nationalities": ["FR"], "applicant.experience": 2}
    found = report(changes, only=None)
    lines = found.to_text(width=None).splitlines()
    start = lines.index("2 pathways do not concern this case")
    assert lines[start + 1 : start + 4] == [
        "  \N{EN DASH} The visa is for people with experience: Talent visa",
        "  \N{EN DASH} The job is not in the United Kingdom: Skilled visa",
        "",
    ]
    assert found[VISA].sentence == "The job is not in the United Kingdom. British and French citizens need no visa."


def test_an_address_is_never_broken() -> None:
    """However narrow the text, the address of a source stays whole, so that it can be copied."""
    address = "https://example.org/" + "rules-about-work/" * 6
    source = SourcePart(key="ACT", title="Act", url=address, read_on=date(2026, 1, 1))
    document = OutcomeDocument.from_json(report()[VISA].to_json())
    longer = replace(document, outcome=replace(document.outcome, sources=[source]))
    lines = outcome_text(longer, width=40).splitlines()
    assert f"    {address}" in lines
    assert f"<{address}>" in outcome_markdown(longer)


def test_help_stands_with_what_is_not_met() -> None:
    """The help of a criterion is shown while the criterion is not met."""
    assert "- The Border Office may visit the employer." in report()[VISA].to_text()
    assert "may visit" not in report({"offer.country": "DE"})[VISA].to_text()


def test_a_report_knows_its_outcomes() -> None:
    """A report is a collection of outcomes, found by the id of their rule."""
    found = report(only=None)
    assert len(found) == len(list(found)) == 3
    assert isinstance(found[VISA], Outcome)
    with pytest.raises(UsageError, match=r"did you mean `reporting\.visa`"):
        found["reporting.vias"]


def test_the_lists_of_an_unconcerned_rule_are_empty() -> None:
    """Criteria say nothing where a rule does not concern the case or is not in force."""
    for outcome in (report({"offer.country": "DE", **FAILING})[VISA], report(FAILING, as_of="2019-01-01")[VISA]):
        assert outcome.failing == outcome.unknown == outcome.judgement == ()
        assert not any((outcome.missing, outcome.values, outcome.notes, outcome.about))
        assert [node for node in outcome.explanation.walk() if node.kind == "criterion"] == []


def test_a_report_costs_nothing_until_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making a report arranges no explanation and fills in no text."""

    def refuse(*_arguments: object) -> object:
        raise AssertionError

    monkeypatch.setattr("eligibility.outcome.arrange", refuse)
    monkeypatch.setattr("eligibility.outcome.show", refuse)
    monkeypatch.setattr("eligibility.outcome.headline", refuse)
    found = report(only=None)
    assert found[VISA].status.value == "subject_to_judgement"
    with pytest.raises(AssertionError):
        _ = found[VISA].explanation


def test_every_scenario_of_the_packs_for_tests_can_be_printed() -> None:
    """Whatever the language can say has a text, a Markdown and a JSON that fits its schema."""
    from eligibility.diagnostics import EligibilityError
    from eligibility.engine import load_rules
    from reporting import PACKS

    schema = jsonschema.Draft202012Validator(TypeAdapter(OutcomeDocument).json_schema(mode="serialization"))
    every = load_rules(PACKS, bundled=False)
    printed = 0
    for scenario in scenarios(every):
        if scenario.profile is None:
            continue
        try:
            found = every.evaluate(scenario.profile, as_of=scenario.as_of, pathways=[scenario.rule], engine="reference")
        except EligibilityError:
            continue
        schema.validate(json.loads(found[scenario.rule].to_json()))
        assert found.to_text()
        assert found.to_markdown()
        printed += 1
    assert printed > 50


def test_only_what_fails_can_be_shown() -> None:
    """With `only_failing` every failing criterion is explained, and none that is met, open or for a human; nor any note."""
    found = report(FAILING)
    text = found.to_text(only_failing=True, width=None)
    titles = {node.title: node.status for node in found[VISA].explanation.children}
    assert "not_met" in titles.values()
    for title, status in titles.items():
        assert (f"✗ {title}" in text) is (status == "not_met")
    assert "Sources\n" not in text
    assert "About this pathway" not in text


def test_where_nothing_fails_only_failing_says_so() -> None:
    """A report without failing criteria says that none is known to fail."""
    assert "No criterion is known to fail." in report(only=VISA).to_text(only_failing=True)
