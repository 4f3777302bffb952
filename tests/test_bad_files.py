"""Each folder in `bad/` holds rules with a mistake and, in `expected.txt`, exactly what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eligibility.diagnostics import CODES, Collector, Diagnostic, render
from eligibility.loader import load_packs, read_csv

BAD = Path(__file__).parent / "bad"
CASES = sorted(folder for folder in BAD.iterdir() if folder.is_dir())

# A repository cannot hold a file that cannot be read, and should not hold one of some megabytes: see test_loader.py.
WITHOUT_FOLDER = {"E101", "E102"}


def problems(folder: Path) -> Sequence[Diagnostic]:
    """What is said about the rules in a folder."""
    collector = Collector()
    load_packs([folder], collector)
    for table in sorted(folder.rglob("*.csv")):
        read_csv(table, table.relative_to(folder.parent).as_posix(), collector)
    return collector.errors


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_every_bad_folder_is_reported_in_the_expected_words(folder: Path, golden: Callable[[Path, str], None]) -> None:
    """A mistake in a rule file is reported with its code, place, reason and next step, word for word as expected."""
    golden(folder / "expected.txt", render(problems(folder)) + "\n")


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_the_name_of_a_bad_folder_is_among_its_codes(folder: Path) -> None:
    """A folder in `bad/` shows the code that its name begins with."""
    code = folder.name.partition("_")[0]
    assert code in {problem.code for problem in problems(folder)}


def test_every_code_of_the_loader_has_a_bad_folder() -> None:
    """There is an example of every problem with a file that can be reported."""
    assert {folder.name.partition("_")[0] for folder in CASES} >= CODES.keys() - WITHOUT_FOLDER
