"""Comparisons: rows and columns, reasons that evaluation confirms, parts put into profiles, and profiles that are refused."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from eligibility import schemas
from eligibility.cli import Exit, main
from eligibility.comparison import Source, compare, read_base, read_parts, variants
from eligibility.comparison_model import Comparison
from eligibility.diagnostics import ProfileError, UsageError
from eligibility.engine import RuleSet, load_rules
from eligibility.english import capital
from eligibility.explanation import FINDINGS
from page_reader import plain, read

ROOT = Path(__file__).parents[1]
POINTS = Path(__file__).parent / "packs" / "points"
EXAMPLES = {path.stem: path for path in sorted((ROOT / "examples").glob("*.json"))}
LONDON, MUNICH = EXAMPLES["ml_engineer_london"], EXAMPLES["ml_engineer_munich"]
DAY = "2026-11-23"
GOOD: dict[str, Any] = {"card": {"language": True, "experience": True, "age": 30, "reference": False}}


@cache
def world() -> RuleSet:
    return load_rules()


@cache
def points() -> RuleSet:
    return load_rules(POINTS, bundled=False)


def cards(**profiles: Any) -> Comparison:
    """Cards side by side, by the criteria of the only pathway."""
    return compare(profiles, points(), as_of="2023-01-01", pathways="points.card", engine="reference")


def card(**facts: object) -> dict[str, object]:
    return {"card": {**GOOD["card"], **facts}}


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@cache
def examples() -> Comparison:
    """All examples against all pathways."""
    return compare(dict(EXAMPLES), world(), as_of=DAY, engine="reference")


# rows and cells


def test_rows_are_the_pathways_that_concern_any_profile() -> None:
    """Every pathway that concerns a profile is a row, the others are named; cells say what evaluating alone says."""
    found = examples()
    alone = {name: world().evaluate(path, as_of=DAY, engine="reference") for name, path in EXAMPLES.items()}
    overviews = {name: {each["id"]: each for each in report.as_dict()["outcomes"]} for name, report in alone.items()}  # type: ignore[attr-defined]  # JSON
    assert found.profiles == list(EXAMPLES)
    assert {*(row.id for row in found.rows), *found.unconcerned} == {rule.id for rule in world().pathways}
    for row in found.rows:
        assert [cell.status for cell in row.cells] == [alone[name][row.id].status.value for name in found.profiles]
        for name, cell in zip(found.profiles, row.cells, strict=True):
            assert cell.reason == overviews[name][row.id]["reason"].removesuffix(".")
    for name in found.unconcerned:
        assert {report[name].status.value for report in alone.values()} == {"not_applicable"}


def test_the_most_promising_pathways_come_first() -> None:
    """Rows stand in the order of their best outcome."""
    order = ["eligible", "subject_to_judgement", "undetermined", "not_eligible", "not_available", "not_applicable"]
    best = [min(order.index(cell.status) for cell in row.cells) for row in examples().rows]
    assert best == sorted(best)


def test_one_profile_is_set_against_all_pathways() -> None:
    """A single profile makes a table of one column."""
    found = compare({"london": LONDON}, world(), as_of=DAY, engine="reference")
    assert found.profiles == ["london"]
    assert {len(row.cells) for row in found.rows} == {1}
    assert "gb.skilled_worker" in {row.id for row in found.rows}


def test_the_criteria_of_one_pathway_are_aligned() -> None:
    """With one pathway the first row is its outcome, and every criterion follows with the finding and its reason."""
    found = cards(first=card(), second=card(experience=False, age=40), third=card(reference=True))
    assert found.rule == "points.card"
    assert [row.id for row in found.rows] == ["points.card", "points", "reference"]
    assert [cell.status for cell in found.rows[0].cells] == ["eligible", "not_eligible", "subject_to_judgement"]
    assert [cell.status for cell in found.rows[1].cells] == ["met", "not_met", "met"]
    assert [cell.reason for cell in found.rows[2].cells] == [
        "No reference is given",
        "No reference is given",
        "The reference is good",
    ]


card_facts = st.fixed_dictionaries(
    {},
    optional={
        "language": st.none() | st.booleans(),
        "experience": st.none() | st.booleans(),
        "reference": st.none() | st.booleans(),
        "age": st.none() | st.integers(30, 40),
    },
)


@given(st.lists(card_facts.filter(bool), min_size=1, max_size=4), st.sampled_from(["2019-01-01", "2023-01-01", "2025-01-01"]))
def test_a_cell_says_what_evaluation_says(facts: list[dict[str, object]], day: str) -> None:
    """Whatever profiles stand side by side, each cell has the finding of that profile alone; open ones say what is missing."""
    found = compare(
        {str(number): {"card": each} for number, each in enumerate(facts)},
        points(),
        as_of=day,
        pathways=["points.card"],
        engine="reference",
    )
    for number, each in enumerate(facts):
        outcome = points().evaluate({"card": each}, as_of=day, engine="reference")["points.card"]
        top, *criteria = [row.cells[number] for row in found.rows]
        assert top.status == outcome.status.value
        for row, cell in zip(found.rows[1:], criteria, strict=True):
            truth = outcome.truth_of(row.id)
            assert truth is not None
            assert cell.status == (FINDINGS[truth] if outcome.is_concerned else "not_applicable")
            assert cell.reason.startswith("missing: ") is (cell.status == "unknown")


def test_several_pathways_can_be_chosen() -> None:
    """With several ids only these are rows, assessments included."""
    found = compare({"a": LONDON}, world(), as_of=DAY, pathways=["gb.skilled_worker", "core.employer"], engine="reference")
    assert found.rule is None
    assert {row.id for row in found.rows} <= {"gb.skilled_worker", "core.employer"}


# parts of profiles


def test_offers_are_put_into_a_profile_fact_by_fact() -> None:
    """A stated fact takes the place of that of the base, null takes it away, the rest stays; money is one fact."""
    base: dict[str, Any] = {
        "applicant": {"nationalities": ["IN"]},
        "offer": {"country": "GB", "salary": {"amount": 1, "currency": "GBP", "period": "year"}},
    }
    offers: dict[str, object] = {
        "more": {"offer": {"salary": {"amount": 2, "currency": "EUR"}}},
        "none": {"offer": {"country": None}, "employer": {"kind": "business"}},
    }
    found: Any = variants({"person": base}, offers, book=world().book)
    assert found == {
        "more": {"applicant": base["applicant"], "offer": {"country": "GB", "salary": {"amount": 2, "currency": "EUR"}}},
        "none": {
            "applicant": base["applicant"],
            "offer": {"country": None, "salary": base["offer"]["salary"]},
            "employer": {"kind": "business"},
        },
    }


def test_people_and_offers_are_combined() -> None:
    """Each person is set against each offer, and the names say which is which."""
    people: dict[str, object] = {"Ann": {"applicant": {"gender": None}}, "Bob": {"applicant": {"skills": []}}}
    offers: dict[str, object] = {"here": {"offer": {"country": "GB"}}, "there": {"offer": {"country": "DE"}}}
    found = variants({"base": {}}, people, offers, book=world().book)
    assert list(found) == ["Ann, here", "Ann, there", "Bob, here", "Bob, there"]
    assert found["Bob, there"] == {"applicant": {"skills": []}, "offer": {"country": "DE"}}


def test_what_is_no_part_is_refused_by_itself() -> None:
    """A part that is a number, a text or a list is refused with code E402, and the others are compared."""
    parts: dict[str, object] = {"good": {"card": {"age": 31}}, "number": 5, "text": json.dumps(GOOD), "list": [GOOD]}
    found = compare(variants({"base": GOOD}, parts, book=points().book), points(), as_of=DAY, engine="reference")
    assert found.profiles == ["good"]
    assert [(each.name, [problem.code for problem in each.problems]) for each in found.refused] == [
        ("number", ["E402"]),
        ("text", ["E402"]),
        ("list", ["E402"]),
    ]


# profiles that are refused


def test_a_broken_profile_is_reported_and_the_rest_compared() -> None:
    """A profile with mistakes, without facts or that cannot be read leaves the other columns as they are."""
    broken: dict[str, Source] = {
        "good": GOOD,
        "typo": {"card": {"langage": True}},
        "empty": {},
        "json": "{",
        "gone": Path("nowhere.json"),
    }
    found = compare(broken, points(), as_of="2023-01-01", pathways="points.card", engine="reference")
    assert found.rows == cards(good=GOOD).rows
    assert {each.name: [problem.code for problem in each.problems] for each in found.refused} == {
        "typo": ["E401"],
        "empty": ["E407"],
        "json": ["E400"],
        "gone": ["E409"],
    }
    for text in (found.to_text(), found.to_markdown(), found.to_html()):
        assert "typo could not be compared" in text
        assert "E401" in text


def test_where_no_profile_is_valid_all_problems_are_raised() -> None:
    """Nothing is left to compare: every problem is reported with the name of its profile."""
    with pytest.raises(ProfileError) as caught:
        cards(one={"card": {"aeg": 1}}, two={})
    assert [(each.code, each.path) for each in caught.value.diagnostics] == [("E401", "one: card.aeg"), ("E407", "two: profile")]


def test_a_comparison_without_a_profile_is_refused() -> None:
    """Without a profile there is nothing to compare: code E605."""
    with pytest.raises(UsageError) as caught:
        cards()
    assert str(caught.value) == "E605 there is no profile to compare\n  help: give at least one"


@pytest.mark.parametrize(
    ("options", "code"), [({"pathways": "points.crad"}, "E600"), ({"as_of": "soon"}, "E602"), ({"engine": "x"}, "E601")]
)
def test_a_bad_call_is_refused_as_a_whole(options: dict[str, Any], code: str) -> None:
    """An unknown pathway, day or engine is no fault of a profile."""
    with pytest.raises(UsageError, match=code):
        compare({"a": GOOD}, points(), **{"as_of": DAY, "engine": "reference", **options})


# printing


def test_the_json_fits_its_schema() -> None:
    """The JSON of a comparison is what the published schema says, and comes back as it was."""
    text = examples().to_json()
    assert list(Draft202012Validator(schemas.document_schema("comparison")).iter_errors(json.loads(text))) == []
    assert Comparison.from_json(text) == examples()


def test_the_text_aligns_columns() -> None:
    """Columns stand under their names, cells wrap inside their column, and no line is wider than asked for."""
    found = cards(first=card(), second=card(experience=False, age=40, language=None))
    text = found.to_text(width=90)
    lines = text.splitlines()
    header = next(line for line in lines if line.startswith("Criterion"))
    places = [header.index(name) for name in ("first", "second")]
    row = next(line for line in lines if line.startswith("The points reach"))
    assert row[places[0]] == "✓"
    assert row[places[1]] == "✗"
    assert max(map(len, lines)) <= 90


@pytest.mark.parametrize("width", [40, 60, 80, 120, 400, None])
def test_no_text_is_lost_at_any_width(width: int | None) -> None:
    """Every word of every cell is printed however narrow the page is, and no line is wider than the page."""
    found = examples()
    text = found.to_text(width=width)
    assert width is None or max(map(len, text.splitlines())) <= width
    for row in found.rows:
        for cell in row.cells:
            for word in capital(cell.reason).split():
                assert word in text or (width is not None and width < 120)


def test_a_cell_says_its_reason_as_a_sentence() -> None:
    """A reason that has a colon of its own stands after the status as a sentence of its own."""
    found = compare({"low": EXAMPLES["ml_engineer_london_underpaid"]}, world(), as_of=DAY, engine="reference")
    assert "✗ not eligible. Not met: The salary reaches one of the options" in found.to_text(width=None)
    assert not re.search(r"(eligible|judgement|undetermined|met): ", found.to_text(width=None).replace("Not met: ", ""))


def test_a_narrow_page_shows_a_list() -> None:
    """Where the columns would be too narrow, each row is a list of its cells with the names of the profiles."""
    text = examples().to_text(width=60)
    assert "\nSkilled Worker visa\n  applied_scientist_san_jose: " in text


def test_colour_only_paints() -> None:
    """The coloured table has the same words at the same places."""
    import re

    found = cards(first=card(), second=card(language=False))
    assert re.sub(r"\x1b\[[0-9;]*m", "", found.to_text(color=True)) == found.to_text()


class _Page(HTMLParser):
    """Counts the elements of a page and checks that all are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_a_table_that_can_be_read_aloud() -> None:
    """The HTML is well formed, names rows and columns as headers, and has a cell for every profile and row."""
    found = examples()
    page = _Page()
    page.feed(found.to_html())
    assert page.open == []
    scopes = [attributes.get("scope") for tag, attributes in page.seen if tag == "th"]
    assert scopes.count("col") == len(found.profiles) + 1
    assert scopes.count("row") == len(found.rows)
    assert sum(tag == "td" for tag, _ in page.seen) == len(found.rows) * len(found.profiles)
    assert ("html", {"lang": "en"}) in page.seen
    assert not any(tag in ("script", "link", "img") for tag, _ in page.seen)


def test_a_comparison_says_how_old_its_law_is() -> None:
    """Every form names the packs, the oldest source and what limits how far an outcome can be relied on, as reports do."""
    found = examples()
    overdue = next(row for row in found.rows if row.id == "gb.skilled_worker")
    alone = world().evaluate(LONDON, as_of=DAY, pathways=[overdue.id], engine="reference")[overdue.id].as_dict()["outcome"]
    assert isinstance(alone, dict)
    assert {each["sentence"] for each in alone["cautions"]} <= {each.sentence for each in overdue.cautions}
    assert any(each.kind == "past_review" for each in overdue.cautions)
    for text in (found.to_text(width=None), found.to_markdown().replace("\\", ""), plain(read(found.to_html()).text)):
        assert all(pack.version in text and pack.name in text for pack in found.packs)
        assert f"read on {found.oldest_source}" in text
        assert all(each.sentence in text for row in found.rows for each in row.cautions)
        assert text.count(found.notice) >= 1
    assert "overdue for" in read(found.to_html()).all("header")[0].text


def test_names_cannot_become_markup() -> None:
    """A name with markup in it is shown as it is, in HTML and Markdown."""
    name = "<script>alert(1)</script> | *x*"
    found = cards(**{name: card()})
    assert "<script>" not in found.to_html()
    assert "\\<script\\>alert(1)\\</script\\> \\| \\*x\\*" in found.to_markdown()


# the command line


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_files_are_compared() -> None:
    """Profiles are named by their files, and one pathway shows its criteria."""
    result = run("compare", LONDON, MUNICH, "--as-of", DAY, "--pathway", "gb.skilled_worker", "--engine", "reference")
    assert (result.exit_code, result.stderr) == (Exit.DONE, "")
    assert result.stdout.startswith("Skilled Worker visa: 2 profiles as of 2026-11-23\n")
    assert "The salary reaches one of" in result.stdout


@pytest.mark.parametrize("form", ["json", "markdown", "html"])
def test_every_format_is_printed(form: str, tmp_path: Path) -> None:
    """The formats of the command are those of the library; with `-o` they go into a file."""
    kept = tmp_path / "table"
    result = run("compare", LONDON, MUNICH, "--as-of", DAY, "--format", form, "--engine", "reference", "-o", kept)
    found = compare({"ml_engineer_london": LONDON, "ml_engineer_munich": MUNICH}, world(), as_of=DAY, engine="reference")
    expected = {"json": found.to_json, "markdown": found.to_markdown, "html": found.to_html}[form]()
    assert (result.stdout, kept.read_text(encoding="utf-8")) == ("", f"{expected.rstrip()}\n")


def test_offers_and_people_come_from_files(tmp_path: Path) -> None:
    """A list of offers is numbered, people by name keep their names, and both can be combined without a profile."""
    person = write(tmp_path / "person.json", json.loads(LONDON.read_text(encoding="utf-8")))
    offers = write(tmp_path / "offers.json", [{"offer": {"weekly_hours": 20}}, {"offer": {"weekly_hours": 40}}])
    people = write(tmp_path / "people.json", {"Ann": {"applicant": {"nationalities": ["IN"]}}})
    options = ("--as-of", DAY, "--engine", "reference", "--format", "json", "--pathway", "gb.skilled_worker")
    assert json.loads(run("compare", person, "--offers", offers, *options).stdout)["profiles"] == ["offer 1", "offer 2"]
    both = json.loads(run("compare", "--people", people, "--offers", offers, *options).stdout)
    assert both["profiles"] == ["Ann, offer 1", "Ann, offer 2"]


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Two files of the same name are named by their paths."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    paths = [write(tmp_path / name / "profile.json", GOOD) for name in ("a", "b")]
    found = json.loads(run("compare", *paths, "--rules", POINTS, "--pathway", "points.card", "--format", "json").stdout)
    assert found["profiles"] == [str(path) for path in paths]


def test_a_refused_profile_has_an_exit_code(tmp_path: Path) -> None:
    """Where a profile is refused the table of the others is printed, a warning is given, and the exit code is 4."""
    broken = write(tmp_path / "broken.json", {"offer": {"countri": "GB"}})
    result = run("compare", LONDON, broken, "--as-of", DAY, "--pathway", "gb.skilled_worker", "--engine", "reference")
    assert (result.exit_code, result.stderr) == (Exit.INVALID_PROFILE, "warning: broken could not be compared\n")
    assert "ml_engineer_london" in result.stdout


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "5", '"text"', "null", '{"a": 1, "a": 2}'])
def test_a_file_without_parts_is_refused(tmp_path: Path, content: str) -> None:
    """A file of offers that cannot be read, or holds none, ends with exit code 4 and nothing on standard output."""
    path = tmp_path / "offers.json"
    path.write_text(content, encoding="utf-8")
    result = run("compare", LONDON, "--offers", path)
    assert (result.exit_code, result.stdout) == (Exit.INVALID_PROFILE, "")
    with pytest.raises(ProfileError):
        read_parts(path, "offer")


def test_a_base_that_is_no_profile_is_refused(tmp_path: Path) -> None:
    """Offers cannot be put into a list, or into a file that is not there."""
    offers = write(tmp_path / "offers.json", [{"offer": {"country": "GB"}}])
    for base in (write(tmp_path / "base.json", []), tmp_path / "missing.json"):
        assert run("compare", base, "--offers", offers).exit_code == Exit.INVALID_PROFILE
        with pytest.raises(ProfileError):
            read_base(base)


def test_nothing_to_compare_is_wrong_usage() -> None:
    """Without a file the command says what it needs, with exit code 2."""
    result = run("compare")
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert "give at least one profile, or --people or --offers" in result.stderr
