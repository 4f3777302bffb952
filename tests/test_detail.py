"""How much of a report is shown: the same in text, Markdown and HTML, whatever the form."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from eligibility.cli import main
from eligibility.report import Report
from page_reader import bundled, plain, read

UNDERPAID: Final = Path(__file__).parents[1] / "examples" / "ml_engineer_london_underpaid.json"
PATHWAYS: Final = ("gb.skilled_worker", "gb.global_talent")  # one fails, and one lacks many facts
pytestmark = pytest.mark.xdist_group("pages")  # they share what they evaluate


@cache
def report() -> Report:
    return bundled().evaluate(UNDERPAID, as_of="2026-11-23", pathways=PATHWAYS, engine="reference")


FORMS: Final[dict[str, Callable[..., str]]] = {
    "text": lambda **how: plain(report().to_text(width=None, **how)),
    "markdown": lambda **how: plain(re.sub(r"\\(.)|\*\*", r"\1", report().to_markdown(**how))),
    "html": lambda **how: plain(read(report().to_html(**how)).all("main")[0].text),
}
each_form = pytest.mark.parametrize("form", FORMS)


@each_form
def test_a_depth_is_the_same_depth_in_every_form(form: str) -> None:
    """With a depth, what is deeper is left out, and what is not stays."""
    skilled = report()["gb.skilled_worker"].explanation
    salary = next(each for each in skilled.children if each.id == "salary")
    branches = [each for each in salary.children if each.status == "not_met"]
    leaves = {leaf.sentence for branch in branches for leaf in branch.children if leaf.margin is not None}
    told = [FORMS[form](depth=depth).partition("gb.skilled_worker): ")[2] for depth in (0, 1, 2)]
    assert all(salary.title in text for text in told)
    assert [any(branch.title in text.partition("Met")[0] for branch in branches[1:]) for text in told] == [False, True, True]
    assert len(leaves) > 2
    assert [any(leaf.removesuffix(".") in text for leaf in leaves) for text in told] == [False, False, True]


@each_form
def test_only_failing_is_the_same_in_every_form(form: str) -> None:
    """With `only_failing` what fails is explained, and nothing that is met, open or for a human; nor any note."""
    text = FORMS[form](only_failing=True)
    for outcome in report():
        for node in outcome.explanation.children:
            shown = re.search(rf"{re.escape(node.title)}[:\[ ]", text.partition("About this report")[0]) is not None
            assert shown == (node.status == "not_met") or node.title in outcome.sentence or outcome.id == "gb.global_talent"
    assert "Sources" not in text
    assert "Next steps" not in text


def test_links_of_what_is_left_out_lead_nowhere() -> None:
    """A page on what fails has links to the sections that are there, and none to others."""
    page = read(report().to_html(only_failing=True))
    sections = {each.attributes["id"] for each in page.all("section") if "id" in each.attributes}
    inner = {str(each.attributes["href"]).removeprefix("#") for each in page.all("a") if not each.has_class("cite")}
    assert inner == sections == {"gb.skilled_worker"}


@each_form
def test_what_lacks_many_facts_is_told_in_short(form: str) -> None:
    """Among others, a pathway that lacks many facts is told by what is missing and three questions, and its cautions stay."""
    text = FORMS[form]()
    talent = report()["gb.global_talent"].as_dict()["outcome"]
    assert isinstance(talent, dict)
    assert len(talent["missing"]) > 6
    questions = [gap["question"] for gap in talent["missing"]]
    assert all(gap["label"] in text or gap["question"] in text for gap in talent["missing"])
    assert all(caution["sentence"] in text for caution in talent["cautions"])
    inside = text.partition("gb.global_talent): ?")[2].partition("All conditions" if form != "html" else "Cannot be decided")[0]
    assert sum(question in inside for question in questions) == 3
    assert FORMS[form](full=True) != text


def test_text_says_how_to_see_all_of_it() -> None:
    """Where conditions are left out the text names the option that shows them; nothing is left out with it, or of one alone."""
    open_leaf = "The applicant is endorsed and the letter is recent"
    hint = "All conditions: --full, or --pathway gb.global_talent"
    short, full, alone = FORMS["text"](), FORMS["text"](full=True), plain(report()["gb.global_talent"].to_text(width=None))
    assert (hint in short, open_leaf in short) == (True, False)
    assert (hint in full, open_leaf in full) == (False, True)
    assert (hint in alone, open_leaf in alone) == (False, True)


def test_a_page_folds_what_a_text_leaves_out() -> None:
    """A page has all of it: the conditions of a pathway that lacks many facts are folded, and open in full."""

    def is_folded(html: str) -> list[bool]:
        section = next(each for each in read(html).all("section") if each.attributes.get("id") == "gb.global_talent")
        return [each.parent is not None and each.parent.tag == "summary" for each in section.all("h3") if "decided" in each.text]

    assert is_folded(report().to_html()) == [True]
    assert is_folded(report().to_html(full=True)) == [False]


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_the_command_line_takes_it_for_every_form(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--depth`, `--only-failing` and `--full` mean the same in every form, and JSON always holds all."""
    rules = bundled()
    monkeypatch.setattr("eligibility.engine.load_rules", lambda *_: rules)
    call = ["evaluate", str(UNDERPAID), "--as-of", "2026-11-23", "--engine", "reference", "--format", form]
    call += [part for pathway in PATHWAYS for part in ("--pathway", pathway)]
    write = {"text": report().to_text, "markdown": report().to_markdown, "html": report().to_html}[form]
    for options, how in ((["--depth", "1", "--full"], {"depth": 1, "full": True}), (["--only-failing"], {"only_failing": True})):
        printed = CliRunner().invoke(main, [*call, *options], standalone_mode=False).stdout
        assert printed.rstrip("\n") == write(**how).rstrip("\n")
