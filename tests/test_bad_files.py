"""Each folder in `bad/` holds rules with mistakes and, in `expected.txt`, exactly what is said about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eligibility.diagnostics import CODES, Diagnostic, RuleError, render
from eligibility.rulefiles import check_folders
from eligibility.translations import check_languages

TESTS = Path(__file__).parent
SOURCES = TESTS.parent / "src" / "eligibility"
SHARED = TESTS / "packs" / "world"  # the facts that all packs for tests rely on
CASES = sorted(folder for folder in (TESTS / "bad").iterdir() if folder.is_dir())
PROFILES = sorted((TESTS / "bad_profiles").glob("*.json"))

# Codes of what no file of a repository can show, with the test that shows each instead.
SHOWN_BY_A_TEST = {
    "E101": ("test_loader.py", "test_a_file_that_cannot_be_read_is_reported"),
    "E102": ("test_loader.py", "test_a_file_that_is_too_large_is_reported"),
    "E406": ("test_bad_profiles.py", "test_a_list_of_too_many_items_is_refused"),
    "E409": ("test_bad_profiles.py", "test_a_profile_that_is_not_there_is_reported"),
    "E415": ("test_batch_csv.py", "test_a_row_of_too_many_or_too_few_cells_is_rejected"),
    "E501": ("test_durable.py", "test_a_missing_module_is_said"),
    "E502": ("test_durable_shards.py", "test_refused_rules_are_engine_errors"),
    "E503": ("test_durable_shards.py", "test_judgement_where_none_can_be_is_refused"),
    "E504": ("test_durable_shards.py", "test_a_decision_too_large_for_any_shard_is_refused"),
    "E600": ("test_bad_calls.py", "test_a_rule_that_is_not_there_is_reported"),
    "E601": ("test_bad_calls.py", "test_an_engine_that_is_not_there_is_reported"),
    "E602": ("test_bad_calls.py", "test_a_date_that_cannot_be_read_is_reported"),
    "E603": ("test_timeline.py", "test_calls_that_make_no_sense_are_refused"),
    "E604": ("test_timeline.py", "test_calls_that_make_no_sense_are_refused"),
    "E605": ("test_comparison.py", "test_a_comparison_without_a_profile_is_refused"),
    "E606": ("test_languages.py", "test_a_language_that_is_not_there_is_reported"),
    "E610": ("test_batch.py", "test_a_file_that_is_not_there_is_reported"),
    "E611": ("test_batch_csv.py", "test_a_column_that_nobody_knows_is_refused"),
    "E612": ("test_batch.py", "test_the_day_is_one"),
    "E613": ("test_batch.py", "test_a_name_says_the_form"),
    "E614": ("test_batch.py", "test_all_that_is_asked_wrongly_is_told_at_once"),
    "E700": ("test_receipts.py", "test_what_is_no_receipt_is_refused"),
    "E701": ("test_receipts.py", "test_what_is_no_receipt_is_refused"),
    "E702": ("test_receipts.py", "test_an_altered_receipt_is_refused"),
    "E703": ("test_receipts.py", "test_a_receipt_about_another_profile_is_refused"),
    "E704": ("test_receipts.py", "test_a_forged_receipt_does_not_survive_the_replay"),
    "E800": ("test_columnar.py", "test_a_rule_that_no_integer_can_hold_is_refused_by_name"),
}


def problems(folder: Path) -> Sequence[Diagnostic]:
    """What is said about the rules in a folder."""
    with pytest.raises(RuleError) as caught:
        check_languages([SHARED, folder], check_folders([SHARED, folder]))
    return caught.value.diagnostics


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_bad_folder_is_reported_in_the_expected_words(folder: Path, golden: Callable[[Path, str], None]) -> None:
    """A mistake in a rule file is reported with its code, place, reason and next step, word for word as expected."""
    golden(folder / "expected.txt", render(problems(folder)) + "\n")


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_name_of_a_bad_folder_is_among_its_codes(folder: Path) -> None:
    """A folder in `bad/` shows the code that its name begins with."""
    code = folder.name.partition("_")[0]
    assert code in {problem.code for problem in problems(folder)}


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_message_is_a_sentence_with_its_place(folder: Path) -> None:
    """A message is one sentence without a full stop, and its caret stands inside the line that it shows."""
    for problem in problems(folder):
        assert not problem.message.endswith(".")
        assert not problem.message[0].isupper() or problem.message.startswith(("YAML", "UTF-8"))
        assert problem.span or problem.path
        if problem.span and problem.span.text:
            assert 1 <= problem.span.column <= len(problem.span.text.rstrip()) + 1


def test_every_code_that_is_used_is_registered() -> None:
    """No message has a code whose meaning is written nowhere, and no registered code is without use."""
    files = [path for path in SOURCES.rglob("*.py") if path.name != "diagnostics.py"]
    used = {code for path in files for code in re.findall(r"\bE\d{3}\b", path.read_text(encoding="utf-8"))}
    assert used == CODES.keys()


def test_every_registered_code_is_shown() -> None:
    """Every problem that can be reported has an example with the exact words, or a test by name."""
    examples = {path.name.partition("_")[0] for path in (*CASES, *PROFILES)}
    assert examples | SHOWN_BY_A_TEST.keys() == CODES.keys()
    assert not examples & SHOWN_BY_A_TEST.keys()
    for code, (file, test) in SHOWN_BY_A_TEST.items():
        text = (TESTS / file).read_text(encoding="utf-8")
        body = re.search(rf"^def {test}\(.*?(?=^def |^@|\Z)", text, re.MULTILINE | re.DOTALL)
        assert body is not None, f"{file} has no {test}"
        assert code in body.group(), f"{test} does not name {code}"
