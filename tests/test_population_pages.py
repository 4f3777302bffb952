"""What is told of a population, as text of any width and as a page: nothing is dropped, cut or broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch_runs import BODY, profile, rules, run, write_lines
from eligibility.batch_model import BatchSummary
from eligibility.engine import RuleSet
from eligibility.rendering.blocks import Grid, Run, Table
from eligibility.rendering.text import blocks_text
from page_reader import measured
from small_rules import HEAD, load

__all__ = ["rules"]


def summary(rules: RuleSet, folder: Path) -> BatchSummary:
    """What is told of some rows, two of which are rejected for facts with long names."""
    rows = [
        profile(),
        profile(pay=1),
        profile(pay="much"),
        profile(nationalities=("XX",)),
        profile(country="DE"),
        profile(pay=None),
    ]
    return run(rules, write_lines(folder / "in.jsonl", rows)).summary


def cells(*texts: str) -> tuple[tuple[Run, ...], ...]:
    """A row of cells."""
    return tuple((Run(text),) for text in texts)


@pytest.mark.parametrize("width", [40, 50, 60, 80, 100, 140])
def test_a_summary_has_all_at_every_width(rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """However narrow it is, code, place and reason of what is rejected and all outcomes stand in the text, in few lines."""
    monkeypatch.chdir(tmp_path)
    text = summary(rules, Path()).to_text(width=width)
    for part in (
        "E402",
        "applicant.nationalities",
        "offer.yearly_cost",
        "not applicable",
        "1 (25%)",
        f"({rules.pathways[0].id})",
    ):
        assert part in " ".join(text.split()), text
    assert max(map(len, text.splitlines())) <= width


def test_a_table_too_wide_names_its_cells() -> None:
    """A table of more than three columns is a list of cells by their names where it does not fit."""
    table = Table(("Rows", "Code", "Place", "Reason"), (cells("7", "E402", "a" * 30, "no number"),), "")
    assert blocks_text([table], color=False, width=50) == f"7\n  Code: E402\n  Place: {'a' * 30}\n  Reason: no number\n"


def test_a_grid_stands_as_close_as_it_can() -> None:
    """Rows of one line have no gaps between them; names stand above their cells where both have no room beside each other."""
    grid = Grid(("Rule", "eligible", "open"), (cells("First", "1 (10%)", "2"), cells("Second", "3 (30%)", "4")))
    assert blocks_text([grid], color=False, width=60) == (
        "Rule    eligible  open\n------  --------  ----\nFirst   1 (10%)   2\nSecond  3 (30%)   4\n"
    )
    header = ("Rule", "eligible", "undetermined", "not eligible", "not applicable")
    grid = Grid(header, (cells("A visa with a name", "1 (10%)", "20,000 (100%)", "3", "4"),))
    assert blocks_text([grid], color=False, width=64) == (
        "Rule\n"
        "  eligible  undetermined   not eligible  not applicable\n"
        "  --------  -------------  ------------  --------------\n"
        "A visa with a name\n"
        "  1 (10%)   20,000 (100%)  3             4\n"
    )


def test_of_many_rules_the_commonest_is_told(tmp_path: Path) -> None:
    """Of more than a few rules the text names one reason of each kind for each rule, and where there are more."""
    more = {f"other{number}": (HEAD + BODY).replace("small.visa", f"small.other{number}") for number in range(5)}
    found = summary(load(tmp_path / "rules", BODY, **more), tmp_path)
    text = found.to_text()
    assert len(found.rules[0].missing) == 1
    assert text.count(" fail: ") == text.count(" are without: ") == 6
    assert "Of each rule the commonest is shown; the summary as JSON has more." in text
    assert "commonest is shown" not in summary(load(tmp_path / "one", BODY), tmp_path).to_text()


def test_fields_of_records_have_their_names(tmp_path: Path) -> None:
    """What is missing most often is told in words where it is a field of a record, too."""
    body = "criteria: {c: {title: C, met_when: any(d.recognised for d in applicant.degrees), cite: LAW 1}}"
    path = write_lines(tmp_path / "in.jsonl", [{"applicant": {"degrees": [{"level": "master"}]}}])
    (rule,) = run(load(tmp_path / "rules", body), path).summary.rules
    assert [(each.id, each.title) for each in rule.missing] == [("applicant.degrees.recognised", "recognised degree")]


def test_no_rows_are_told_as_such(rules: RuleSet, tmp_path: Path) -> None:
    """Where no row is there, no rule is told as one more of others."""
    text = run(rules, write_lines(tmp_path / "in.jsonl", [])).summary.to_text()
    assert "1 rule concerns none of the rows." in text


def test_no_word_of_a_page_is_broken(rules: RuleSet, tmp_path: Path) -> None:
    """Numbers and codes of a table stand on one line, beside long names and reasons, and the page is no wider than the window."""
    found = measured(tmp_path, [summary(rules, tmp_path).to_html()], [360, 700, 1100])
    for each in found:
        assert (each["broken"], each["wide"], each["over"] <= 0) == ([], [], True), each["width"]
