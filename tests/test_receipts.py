"""Receipts: what they hold and what they do not, and what replaying them finds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from book_builder import AS_OF, book, profiles, roots
from eligibility import schemas
from eligibility.cli import Exit, main
from eligibility.datatypes import MET, Value
from eligibility.diagnostics import ProfileError, ReceiptError, UsageError
from eligibility.engine import ENGINES, RuleSet, load_rules
from eligibility.explanation import FINDINGS
from eligibility.facts import Profile
from eligibility.nodes import Node
from eligibility.receipt_model import Receipt, Verification
from eligibility.receipts import canonical_profile, profile_digest, receipt_digest
from eligibility.rulebook import PackInfo
from eligibility.scenarios import scenarios
from eligibility.verification import read_receipt, verify

ROOT = Path(__file__).parents[1]
POINTS = Path(__file__).parent / "packs" / "points"
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))
LONDON = ROOT / "examples" / "ml_engineer_london.json"
GOOD: dict[str, Any] = {"card": {"language": True, "experience": True, "age": 30, "reference": False}}
DAY = "2023-01-01"


@cache
def world() -> RuleSet:
    return load_rules()


@cache
def points() -> RuleSet:
    return load_rules(POINTS, bundled=False)


@cache
def card() -> Receipt:
    """The receipt of a card that is given by points."""
    return points().evaluate(GOOD, as_of=DAY, engine="reference").receipt()


def amended(folder: Path, *changes: tuple[str, str], name: str = "card.yaml") -> RuleSet:
    """The points pack with some of its law rewritten."""
    for path in POINTS.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / name).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")
    return load_rules(folder, bundled=False)


def refused(receipt: Any, profile: Any = GOOD, rules: RuleSet | None = None) -> str:
    """What is said about a receipt that cannot be verified."""
    with pytest.raises(ReceiptError) as caught:
        verify(receipt, profile, rules or points())
    return str(caught.value)


def resigned(data: dict[str, Any]) -> dict[str, Any]:
    """A receipt that somebody altered who knows how its digest is made."""
    return {**data, "digest": receipt_digest(TypeAdapter(Receipt).validate_python(data, strict=False))}


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


# what a receipt holds


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_receipt_is_verified_by_the_rules_it_was_made_with(path: Path) -> None:
    """The receipt of each example fits the published schema, comes back from JSON as it was, and is verified."""
    receipt = world().evaluate(path, as_of="2026-11-23", engine="reference").receipt()
    assert list(Draft202012Validator(schemas.document_schema("receipt")).iter_errors(json.loads(receipt.to_json()))) == []
    assert read_receipt(receipt.to_json()) == receipt
    found = verify(receipt.to_json(), path, world())
    assert (found.verdict, found.outcomes, found.packs, found.programs) == ("verified", [], [], [])


@cache
def samples() -> tuple[tuple[str, Profile, date], ...]:
    found = []
    for each in scenarios(world()):
        if each.profile is not None:
            try:
                found.append((each.rule, world().profile(each.profile), each.as_of))
            except ProfileError:
                continue
    return tuple(found)


@settings(max_examples=25)
@given(st.data())
def test_a_receipt_says_what_evaluation_says(data: st.DataObject) -> None:
    """Status, criteria and the finding of every criterion and branch are those of the outcome, on the profiles of scenarios."""
    rule, profile, day = data.draw(st.sampled_from(samples()))
    report = world().evaluate(profile, as_of=day, pathways=[rule], engine="reference")
    outcome, receipt = report[rule], report.receipt()
    (made,) = receipt.outcomes
    assert (made.status, tuple(made.failing), tuple(made.unknown)) == (outcome.status.value, outcome.failing, outcome.unknown)
    for finding in made.findings:
        condition = outcome.condition(finding.path)
        if condition is not None and outcome.applies(condition):
            assert finding.finding == FINDINGS[outcome.findings.truth(condition.effective)]
        elif condition is not None:
            assert finding.finding == "not_applicable"
    paths = [each.path for each in made.findings if each.kind != "concern"]
    expected = [each.condition.path for top in outcome.compiled.conditions for each in top.walk()]
    assert paths == (expected if outcome.is_concerned else [])
    assert verify(receipt, profile, world()).verdict == "verified"


def test_engines_give_the_same_receipt_but_for_their_names() -> None:
    """What is found does not depend on the engine."""
    made = [
        points().evaluate(GOOD, as_of=DAY, engine=engine).receipt().as_dict() | {"engine": "", "programs": [], "digest": ""}
        for engine in ENGINES
    ]
    assert made[1:] == made[:-1]


def test_figures_stand_with_value_and_date() -> None:
    """A finding names the figures it rests on, which stand with value, words and date of force."""
    (outcome,) = card().outcomes
    (finding,) = [each for each in outcome.findings if each.path == "points"]
    assert finding.figures == ["points.card.pass_mark", "points.card.young_until"]
    mark = next(each for each in outcome.figures if each.name.endswith("mark"))
    assert (mark.name, mark.value, mark.text, mark.since) == ("points.card.pass_mark", 6, "6", date(2020, 1, 1))


def test_a_receipt_holds_no_fact() -> None:
    """Values worked out from stated facts, and figures looked up with facts about a person, are sealed."""
    facts = {
        "applicant": {"date_of_birth": "1991-07-19", "experience": {"total_years": 7}, "skills": [{"skill": "python"}]},
        "offer": {"country": "GB", "title": "Xylophone tuner", "salary": {"amount": 73219, "currency": "GBP", "period": "year"}},
    }
    text = world().evaluate(facts, as_of="2026-11-23", engine="reference").receipt().to_json()
    for told in ("1991", "Xylophone", "73219", "73,219", "python"):
        assert told not in text
    receipt = Receipt.from_json(text)
    values = {each.name: each for outcome in receipt.outcomes if outcome.id == "core.pay" for each in outcome.values}
    assert values["pay"].text is None
    assert values["pay"].value is None
    assert values["pay"].seal


def test_a_seal_depends_on_value_and_profile() -> None:
    """The same value is sealed otherwise under another profile, so that seals cannot be compared across people."""

    def seal(title: str) -> str | None:
        facts = {"offer": {"title": title, "salary": {"amount": 50000, "currency": "GBP", "period": "year"}}}
        report = world().evaluate(facts, as_of="2026-11-23", pathways=["core.pay"], engine="reference")
        return next(each.seal for each in report.receipt().outcomes[0].values if each.name == "pay")

    assert seal("a") == seal("a")
    assert seal("a") != seal("b")


def test_only_what_is_stated_counts_for_the_hash() -> None:
    """Layout, order of keys and notation of numbers do not change the hash of a profile; a fact, a null and an origin do."""
    rules = points()

    def digest(text: str) -> str:
        return profile_digest(rules.profile(text), rules.book)

    one = digest('{"card": {"age": 30, "language": true}}')
    assert one == digest('{"card":\n {"language": true, "age": 30.0}}')
    others = [
        '{"card": {"age": 31, "language": true}}',
        '{"card": {"age": 30, "language": null}}',
        '{"card": {"age": 30, "language": true, "experience": null}}',
        '{"card": {"age": {"value": 30, "source": "passport"}, "language": true}}',
    ]
    assert len({one, *map(digest, others)}) == 5
    assert canonical_profile(rules.profile('{"card": {"age": 30}}'), rules.book) == (
        b'{"facts":{"card.age":30},"origins":{},"unknown":[]}'
    )


# drift


def test_a_changed_figure_is_named_with_the_findings_that_rest_on_it(tmp_path: Path) -> None:
    """Where a figure of law changed, the drift names it then and now, the finding then and now, and the pack."""
    found = verify(card(), GOOD, amended(tmp_path, ("{value: 6}", "{value: 9}")))
    assert found.verdict == "drifted"
    assert [each.name for each in found.packs] == ["points"]
    (outcome,) = found.outcomes
    assert (outcome.then, outcome.now) == ("eligible", "not_eligible")
    (finding,) = outcome.findings
    assert (finding.path, finding.then, finding.now, finding.packs) == ("points", "met", "not_met", ["points"])
    (figure,) = finding.figures
    assert (figure.name, figure.then, figure.now, figure.since) == ("points.card.pass_mark", "6", "9", date(2020, 1, 1))


def generated(*roots: Node, digest: str) -> RuleSet:
    """Rules that hypothesis drew, as a pack with a hash."""
    return RuleSet(replace(book(*roots), packs=(PackInfo("test", "Test", "1", "TEST", "none", digest),)))


@settings(max_examples=60)
@given(roots(), roots(), profiles())
def test_drift_is_exactly_what_differs(then: tuple[Node, ...], now: tuple[Node, ...], facts: Mapping[str, Value]) -> None:
    """Whatever the rules were and are: the drift holds every finding that differs, as evaluation finds it now, and no other."""
    rules, later, profile = generated(*then, digest="a"), generated(*now, digest="b"), Profile(facts)
    try:
        receipt = rules.evaluate(profile, as_of=AS_OF, engine="reference").receipt()
        after = later.evaluate(profile, as_of=AS_OF, engine="reference").receipt()
    except ProfileError:  # a fact that others rule out
        return
    assert verify(receipt.to_json(), profile, rules).verdict == "verified"
    found = verify(receipt.to_json(), profile, later)
    old, new = ({each.path: each.finding for each in one.outcomes[0].findings} for one in (receipt, after))
    expected = {path: (old.get(path), new.get(path)) for path in old | new if old.get(path) != new.get(path)}
    drifted = {each.path: (each.then, each.now) for outcome in found.outcomes for each in outcome.findings}
    assert {path: truths for path, truths in drifted.items() if truths[0] != truths[1]} == expected
    assert found.verdict == "drifted" or (not expected and receipt.outcomes[0].status == after.outcomes[0].status)
    assert str(found)


def test_a_changed_figure_that_changes_nothing_is_told_as_such(tmp_path: Path) -> None:
    """Other rules that give the same findings are `unchanged`, and the figure that differs is named."""
    found = verify(card(), GOOD, amended(tmp_path, ("{value: 6}", "{value: 5}")))
    assert found.verdict == "unchanged"
    ((finding,),) = [each.findings for each in found.outcomes]
    assert (finding.then, finding.now, finding.figures[0].now) == ("met", "met", "5")


def test_words_that_changed_do_not_drift(tmp_path: Path) -> None:
    """A title that was reworded leaves every finding as it was."""
    found = verify(card(), GOOD, amended(tmp_path, ("title: Experience", "title: Time at work")))
    assert (found.verdict, found.outcomes) == ("unchanged", [])
    assert [each.name for each in found.packs] == ["points"]


def test_a_changed_rule_without_a_changed_figure_is_said_to_be_one(tmp_path: Path) -> None:
    """Where no figure differs, the text says that the rule itself changed, and where."""
    found = verify(card(), GOOD, amended(tmp_path, ("met_when: not card.reference", "met_when: card.reference")))
    assert [(each.path, each.then, each.now) for each in found.outcomes[0].findings if each.path == "reference.none_given"] == [
        ("reference.none_given", "met", "not_met")
    ]
    assert "no figure differs; the rule itself changed in pack points" in found.to_text()


def test_criteria_that_came_and_went_are_told(tmp_path: Path) -> None:
    """A branch that is there only then or only now has no finding on the other side."""
    found = verify(card(), GOOD, amended(tmp_path, ("      language: {", "      tongue: {")))
    paths = {each.path: (each.then, each.now) for each in found.outcomes[0].findings}
    assert paths == {"points.language": ("met", None), "points.tongue": (None, "met")}
    assert found.verdict == "drifted"


def test_a_rule_that_is_gone_is_told(tmp_path: Path) -> None:
    """A rule that is not there any more has no outcome now, and the rest of the receipt is still compared."""
    found = verify(card(), GOOD, amended(tmp_path, ("pathway: points.card", "pathway: points.other")))
    (outcome,) = found.outcomes
    assert (outcome.id, outcome.then, outcome.now) == ("points.card", "eligible", None)
    assert "not there any more" in found.to_text()


def test_a_receipt_can_be_replayed_on_another_day() -> None:
    """With another day the drift is that of the law between the two days."""
    found = verify(card(), GOOD, points(), as_of="2024-06-01")
    assert (found.verdict, found.packs, found.replayed_as_of) == ("drifted", [], date(2024, 6, 1))
    figures = [figure for each in found.outcomes[0].findings for figure in each.figures]
    assert ("points.card.pass_mark", "6", "7") in {(each.name, each.then, each.now) for each in figures}


def test_packs_that_the_receipt_does_not_rest_on_do_not_matter() -> None:
    """Further packs that are loaded leave the receipt verified."""
    assert verify(card(), GOOD, load_rules(POINTS)).verdict == "verified"


def test_another_version_of_the_program_is_told() -> None:
    """A receipt of another version of the program is unchanged where the findings are, and the versions are named."""
    data = card().as_dict() | {"programs": [{"name": "eligibility", "version": "0.0.1"}]}
    found = verify(resigned(data), GOOD, points())
    assert (found.verdict, [(each.name, each.then) for each in found.programs]) == ("unchanged", [("eligibility", "0.0.1")])


# what is refused


def test_an_altered_receipt_is_refused() -> None:
    """Any changed part is noticed by the digest."""
    for old, new in (('"eligible"', '"not_eligible"'), ("2023-01-01", "2023-01-02"), ('"met"', '"not_met"'), ("1.0.0", "1.0.1")):
        text = card().to_json()
        assert old in text
        assert refused(text.replace(old, new, 1)) == (
            "digest: E702 the receipt was altered after it was made: its content does not fit its digest\n"
            "  help: give it as it was written, or ask for a new one"
        )


def test_a_forged_receipt_does_not_survive_the_replay() -> None:
    """A receipt with a digest made to fit is refused where the same rules do not give its findings."""
    data = json.loads(card().to_json().replace('"not_met"', '"met"').replace('"eligible"', '"not_eligible"'))
    assert refused(resigned(data)) == (
        "outcomes: E704 the same rules do not give the findings of the receipt\n  help: ask for a new receipt"
    )


def test_a_receipt_about_another_profile_is_refused() -> None:
    """A profile in which one fact differs is not the one the receipt is about."""
    other = {"card": {**GOOD["card"], "age": 31}}
    assert refused(card(), other) == (
        "profile: E703 the receipt is about another profile\n"
        "  help: give the profile as it was then; any fact, also one stated as null, and any origin of a fact counts"
    )


@pytest.mark.parametrize(
    ("receipt", "said"),
    [
        ("", "E700 the receipt is not JSON"),
        ("{", "E700 the receipt is not JSON"),
        (b"\xff\xfe", "E700 the receipt is not JSON"),
        ("[" * 10_000, "E700 the receipt is not JSON"),
        ("x" * 10_000_001, "E700 the receipt is larger than 10,000,000 bytes"),
        (Path("nowhere.json"), "E700 the receipt cannot be read: no such file or directory"),
        (Path("a\0b"), "E700 the receipt cannot be read: the name is not possible"),
        ("[]", "receipt: E701 this is no receipt: the value has another form"),
        ("{}", "document: E701 this is no receipt: a key is missing"),
        ({}, "document: E701 this is no receipt: a key is missing"),
        ('{"document": "report"}', "document: E701 this is no receipt: this is none of the possible values"),
    ],
    ids=lambda value: str(value)[:20].replace("\0", "0"),
)
def test_what_is_no_receipt_is_refused(receipt: Any, said: str) -> None:
    """Whatever is no receipt is refused with code E700, or E701 where it is JSON, and its reason, never with a traceback."""
    assert said in refused(receipt)


def test_a_key_too_many_is_named() -> None:
    """A key that no receipt has is named with its place, and so is a value of another form."""
    data = json.loads(card().to_json())
    data["outcomes"][0]["status"] = "granted"
    data["extra"] = 1
    said = refused(json.dumps(data))
    assert "outcomes.0.status: E701 this is no receipt: this is none of the possible values" in said
    assert "extra: E701 this is no receipt: no receipt has this key" in said


@given(st.data())
@settings(max_examples=60)
def test_no_change_of_a_receipt_goes_unnoticed(data: st.DataObject) -> None:
    """Wherever one value of a receipt is replaced, it is refused, and never with a traceback."""
    document = json.loads(card().to_json())
    here: Any = document
    while isinstance(here, dict | list) and here:
        before = here
        key = data.draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        here = before[key]
    new: Any = data.draw(st.none() | st.booleans() | st.integers() | st.text() | st.floats() | st.just({}))
    if new != here and not (isinstance(here, str) and new == here):
        before[key] = new
        refused(json.dumps(document))


def test_a_day_that_cannot_be_read_is_refused() -> None:
    """The day to replay on is read as in any evaluation."""
    with pytest.raises(UsageError, match="E602"):
        verify(card(), GOOD, points(), as_of="soon")


# the command line


def test_evaluate_writes_a_receipt_and_verify_replays_it(tmp_path: Path) -> None:
    """What `evaluate --receipt` writes is verified by `verify`, which ends with exit code 0."""
    path = tmp_path / "receipt.json"
    options = ("--as-of", "2026-11-23", "--pathway", "gb.skilled_worker", "--engine", "reference")
    plain, written = run("evaluate", LONDON, *options), run("evaluate", LONDON, *options, "--receipt", path)
    assert (plain.exit_code, plain.stdout) == (written.exit_code, written.stdout)
    assert [each.name for each in tmp_path.iterdir()] == ["receipt.json"]
    result = run("verify", path, LONDON)
    assert (result.exit_code, result.stderr) == (Exit.DONE, "")
    assert result.stdout.startswith("Receipt of 2026-11-23: ✓ verified\n")


def test_drift_has_an_exit_code(tmp_path: Path) -> None:
    """Other findings end with exit code 14 in every format, and the JSON fits its schema."""
    (tmp_path / "pack").mkdir()
    amended(tmp_path / "pack", ("{value: 6}", "{value: 9}"))
    (tmp_path / "receipt.json").write_text(card().to_json(), encoding="utf-8")
    (tmp_path / "profile.json").write_text(json.dumps(GOOD), encoding="utf-8")
    arguments = ("verify", tmp_path / "receipt.json", tmp_path / "profile.json", "--rules", tmp_path / "pack")
    text, markdown, data = (run(*arguments, "--format", form) for form in ("text", "markdown", "json"))
    assert {text.exit_code, markdown.exit_code, data.exit_code} == {Exit.DRIFT}
    assert "points.card.pass_mark: 6 then, 9 now, since 2020-01-01" in text.stdout
    assert "points.card.pass\\_mark: 6 then, 9 now" in markdown.stdout
    document = json.loads(data.stdout)
    assert list(Draft202012Validator(schemas.document_schema("verification")).iter_errors(document)) == []
    assert Verification.from_json(data.stdout).verdict == "drifted"


def test_a_receipt_that_does_not_fit_has_an_exit_code(tmp_path: Path) -> None:
    """A receipt that is refused ends with exit code 5 and nothing on standard output."""
    path = tmp_path / "receipt.json"
    path.write_text(card().to_json().replace("eligible", "undetermined"), encoding="utf-8")
    result = run("verify", path, LONDON)
    assert (result.exit_code, result.stdout) == (Exit.INVALID_RECEIPT, "")
    assert "E702" in result.stderr


def test_a_receipt_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A folder that is not there is said in one line, with exit code 1 and no report."""
    result = run("evaluate", LONDON, "--pathway", "core.pay", "--receipt", tmp_path / "no" / "receipt.json")
    assert (result.exit_code, result.stdout) == (Exit.FAILURE, "")
    assert "cannot be written: no such file or directory" in result.stderr


def test_a_verified_receipt_reads_well() -> None:
    """The text of a verification says in one sentence what was done and found."""
    facts: Mapping[str, object] = GOOD
    text = str(verify(card(), facts, points()))
    assert text == (
        "Receipt of 2023-01-01: ✓ verified\n"
        "=================================\n\n"
        "The same rules, applied to the same profile as of the same day, give the same 8 findings.\n"
    )
    assert points().evaluate(GOOD, as_of=DAY, engine="reference")["points.card"].truth_of("points") is MET
