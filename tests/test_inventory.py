"""The table of pathways in the documentation is what the rules hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from eligibility.cli import main
from eligibility.engine import RuleSet, load_rules
from eligibility.inventory import HEADINGS, Holding, cells, inventory

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "docs" / "pathways.md"
PACKS = Path(__file__).parent / "packs"


@pytest.fixture(scope="module")
def small() -> RuleSet:
    """The small pack that the tests of reports read."""
    return load_rules(PACKS / "world", PACKS / "reporting", bundled=False)


@pytest.fixture(scope="module")
def visa(small: RuleSet) -> Holding:
    """The visa of the small pack."""
    return next(each for each in inventory(small) if each.rule.id == "reporting.visa")


def test_the_table_of_pathways_is_up_to_date(request: pytest.FixtureRequest) -> None:
    """`docs/pathways.md` ends with what `eligibility rules inventory --format markdown` prints."""
    done = CliRunner().invoke(main, ["rules", "inventory", "--format", "markdown"])
    assert done.exit_code == 0
    introduction, mark, table = TABLE.read_text(encoding="utf-8").partition("<!-- generated -->\n")
    if request.config.getoption("--update-golden"):
        TABLE.write_text(f"{introduction}{mark}\n{done.stdout}", encoding="utf-8")
    else:
        assert table.strip() == done.stdout.strip(), "renew it: pytest tests/test_inventory.py --update-golden"


def test_a_holding_counts_what_the_file_holds(visa: Holding) -> None:
    """Figures are dated values, entries and rows are counted one by one, and unknown figures are named as such."""
    rule = visa.rule
    assert visa.criteria == len(rule.criteria)
    assert visa.conditions > visa.criteria
    assert visa.figures == sum(len(parameter.values) for parameter in rule.parameters.values())
    assert visa.unknown_figures == 1
    assert visa.entries == sum(len(listed.entries) for listed in rule.lists.values())
    assert visa.rows > 0
    assert str(visa.next_review) == "2026-04-01"
    assert sum(visa.share(grade) for grade in "ABC") in range(98, 103)


def test_text_and_json_show_the_same(small: RuleSet, visa: Holding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text has one line for each rule with all its counts, JSON the same counts as numbers."""
    monkeypatch.setattr("eligibility.engine.load_rules", lambda *_: small)
    text = CliRunner().invoke(main, ["rules", "inventory"])
    data = CliRunner().invoke(main, ["rules", "inventory", "--format", "json"])
    lines = text.stdout.splitlines()
    assert lines[0].split() == " ".join(HEADINGS).split()
    (row,) = [line for line in lines if "(reporting.visa)" in line]
    assert " ".join(row.split()) == " ".join(cells(visa))
    (found,) = [each for each in json.loads(data.stdout) if each["id"] == "reporting.visa"]
    assert found == visa.as_dict()
