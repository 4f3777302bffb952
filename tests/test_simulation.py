"""Simulations: the same rows under two laws; who moves, where to and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator

from batch_runs import BODY, RULE, profile, rules, write_lines
from eligibility.batch import json_lines, simulate_files
from eligibility.diagnostics import UsageError
from eligibility.engine import RuleSet
from eligibility.schemas import document_schema
from eligibility.simulation_model import Simulation
from small_rules import load

__all__ = ["rules"]

PEOPLE: list[dict[str, Any] | str] = [
    {"who": "a", **profile(pay=35000)},  # falls below the new threshold
    {"who": "b", **profile(pay=45000)},
    {"who": "c", **profile(pay=35000, english="A1")},  # fails before and after
    {"who": "d", **profile(pay=20000)},
    "nonsense",
    {"who": "e", **profile(pay=39999, english=None)},  # was undetermined
    {"who": "f", **profile(country="DE")},
    {"who": "g", **profile(pay=35000, nationalities=("DE",))},
]


def simulate(rules: RuleSet, folder: Path, **options: Any) -> Simulation:
    """The people under the laws of two years."""
    path = write_lines(folder / "in.jsonl", PEOPLE)
    options = {"as_of": "2025-06-01", "against": "2026-06-01", "id_column": "who"} | options
    return simulate_files([str(path)], rules, **options)


@pytest.mark.parametrize("size", [16_000_000, 300])
def test_who_moves_and_why(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A new threshold moves those between the old and the new one; its criterion and figure are named, the rows too."""
    monkeypatch.setattr(json_lines, "BLOCK", size)
    found = simulate(rules, tmp_path, moved=tmp_path / "moved.csv")
    assert (found.rows, found.rejected, found.moved) == (8, 1, 3)
    (rule,) = found.rules
    assert (rule.then, rule.now) == (
        {"eligible": 3, "undetermined": 1, "not_eligible": 2, "not_applicable": 1},
        {"eligible": 1, "not_eligible": 5, "not_applicable": 1},
    )
    assert [(move.then, move.now, move.rows) for move in rule.moves] == [
        ("eligible", "not_eligible", 2),
        ("undetermined", "not_eligible", 1),
    ]
    assert [(cause.criterion, cause.rows, cause.figures) for move in rule.moves for cause in move.causes] == [
        ("pay", 2, [f"{RULE}.threshold"]),
        ("pay", 1, [f"{RULE}.threshold"]),
    ]
    assert [(each.title, each.then, each.now) for each in rule.figures] == [
        ("salary threshold", "GBP 30,000 a year", "GBP 40,000 a year")
    ]
    assert pl.read_csv(tmp_path / "moved.csv").rows() == [
        ("a", RULE, "eligible", "not_eligible", "pay"),
        ("e", RULE, "undetermined", "not_eligible", "pay"),
        ("g", RULE, "eligible", "not_eligible", "pay"),
    ]


def test_moves_are_counted_by_group(rules: RuleSet, tmp_path: Path) -> None:
    """Groups are the values of a column, which may be a fact; rows that do not state it are a group too."""
    (rule,) = simulate(rules, tmp_path, by="applicant.english").rules
    assert [(each.group, each.rows, each.moved, each.eligible_then, each.eligible_now) for each in rule.groups] == [
        ("B2", 5, 2, 3, 1),
        ("not stated", 1, 1, 0, 0),
        ("A1", 1, 0, 0, 0),
    ]


def test_nothing_moves_where_the_law_is_the_same(rules: RuleSet, tmp_path: Path) -> None:
    """The same law on both sides moves nobody, and says so; the table of moved rows has a header."""
    found = simulate(rules, tmp_path, against="2025-07-01", moved=tmp_path / "moved.csv")
    assert (found.moved, found.rules[0].moves, found.rules[0].figures) == (0, [], [])
    assert "1 rule comes out as before for every row." in found.to_text()
    assert (tmp_path / "moved.csv").read_text(encoding="utf-8") == "who,rule,then,now,criterion\n"


def test_two_sets_of_rules(rules: RuleSet, tmp_path: Path) -> None:
    """The second law may be other rule packs: another criterion moves people, and rules of one side are named."""
    body = BODY.replace('>= "B1"', '>= "A1"').replace("40000", "45000")
    extra = BODY.replace("small.visa", "small.other")
    others = load(tmp_path / "rules", body, other="pathway: small.other\ntitle: Another\nin_force: {from: 2020-01-01}\n"
                  "sources:\n  LAW: {title: The law, read_on: 2025-12-06, grade: A}\n" + extra)  # fmt: skip
    found = simulate(rules, tmp_path, as_of="2026-06-01", against=None, rules_against=others)
    assert (found.only_then, found.only_now) == ([], ["small.other"])
    (rule,) = found.rules
    assert [(each.name, each.then, each.now) for each in rule.figures] == [
        (f"{RULE}.threshold", "GBP 40,000 a year", "GBP 45,000 a year")
    ]
    assert found.moved == 0
    found = simulate(rules, tmp_path, rules_against=others, pathways=["small.other"])
    assert (found.rules, found.only_now, found.moved) == ([], ["small.other"], 0)
    with pytest.raises(UsageError, match=r"E600 there is no rule `small\.vsa`"):
        simulate(rules, tmp_path, pathways=["small.vsa"])


def test_a_rule_that_ends_moves_everybody(rules: RuleSet, tmp_path: Path) -> None:
    """Where a rule is not in force any more, no criterion is the reason, and that is said."""
    found = simulate(rules, tmp_path, as_of="2026-06-01", against="2030-01-01")
    causes = {(cause.criterion, cause.title) for move in found.rules[0].moves for cause in move.causes}
    assert (None, "the rule is not in force any more") in causes
    assert found.moved == 7


def test_one_law_is_no_simulation(rules: RuleSet, tmp_path: Path) -> None:
    """Without a second day or second rules nothing can change."""
    with pytest.raises(UsageError, match="E612 there is only one law"):
        simulate(rules, tmp_path, against=None)


def test_a_simulation_is_told(rules: RuleSet, tmp_path: Path) -> None:
    """The text has the table, the moves and the figures; the page a chart that says its shares; the JSON all of it."""
    found = simulate(rules, tmp_path)
    text = found.to_text()
    assert "3 of 7 rows (42.9%) move; 1 rejected" in text
    assert "A visa  3 (42.9%)      1 (14.3%)     -2      3 (42.9%)" in text
    assert "✗ 2 rows: eligible then, not eligible now" in text
    assert f"2: The pay reaches the threshold [pay], with {RULE}.threshold" in text
    page = found.to_html()
    assert 'aria-label="42.9% eligible, 14.3% undetermined, 28.6% not eligible, 14.3% not applicable"' in page
    Draft202012Validator(document_schema("simulation")).validate(json.loads(found.to_json()))
