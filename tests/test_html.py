"""Reports as pages: what stands in them, what cannot get into them, and how a browser shows them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from eligibility.cli import main
from eligibility.engine import load_rules
from eligibility.rendering.bars import drawn, margin_bar
from eligibility.rendering.blocks import Block, Chart, Grid, Heading, Item, Paragraph, Run, Table
from eligibility.rendering.elements import element
from eligibility.rendering.html import blocks_html, outcome_html, report_html
from eligibility.rendering.outline import Detail, outcome_outline, report_outline
from eligibility.rendering.page import style_sheet
from eligibility.report import Report
from eligibility.report_model import ExplanationNode, MarginPart, OutcomeDocument, ReportDocument, ValuePart
from page_reader import DESKTOP, PHONE, Node, bundled, chromium, measured, plain, read
from reporting import EXPERIENCED, FAILING, PACKS, UNKNOWN, VISA, report

ROOT: Final = Path(__file__).parents[1]
HOSTILE: Final = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;"
pytestmark = pytest.mark.xdist_group("pages")  # they share what they evaluate and read


@cache
def reports() -> tuple[Report, ...]:
    """Reports that show everything a report can say, and one on the law that comes with the package."""
    small: tuple[dict[str, Any], ...] = ({}, FAILING, UNKNOWN, EXPERIENCED, {"applicant.experience": 2}, {"offer.country": "DE"})
    concrete = bundled().evaluate(ROOT / "examples" / "ml_engineer_london_underpaid.json", as_of="2026-11-23", engine="reference")
    return (*(report(changes, only=only) for changes in small for only in (VISA, None)), concrete)


@cache
def documents() -> tuple[tuple[ReportDocument, Node], ...]:
    """Each report as a document, and its page read back."""
    return tuple((ReportDocument.from_json(each.to_json()), read(each.to_html())) for each in reports())


# what stands in a page


def test_a_page_says_all_that_the_text_says() -> None:
    """Every title, status, sentence and citation of the text stands in the page, in the same order."""
    for document, page in documents():
        found, at = plain(page.text), 0
        for block in report_outline(document, Detail(folds=True)):
            cells = [cell for row in block.rows for cell in row] if isinstance(block, Table | Grid) else [runs(block)]
            for run in (run for cell in cells for run in cell):
                at = found.index(plain(run.text), at)


def test_an_outcome_by_itself_is_a_page() -> None:
    """The page of one outcome says all that its text says."""
    for each in reports()[0]:
        document = OutcomeDocument.from_json(each.to_json())
        page = plain(read(each.to_html()).text)
        assert each.to_html() == outcome_html(document)
        assert all(plain(run.text) in page for block in outcome_outline(document) for run in runs(block))


def runs(block: Block) -> tuple[Run, ...]:
    return () if isinstance(block, Table | Grid | Chart) else block.runs


def test_the_outcomes_come_first() -> None:
    """A page opens with the notice, the day of the law and the ranking, which leads to the section of each pathway."""
    for document, page in documents():
        (header,), (main,), (footer,) = page.all("header"), page.all("main"), page.all("footer")
        assert document.notice in header.text
        assert str(document.as_of) in header.text
        assert all(pack.version in footer.text and pack.name in footer.text for pack in document.packs)
        if document.ranking and len(document.outcomes) > 1:
            table = next(child for child in main.children if isinstance(child, Node))
            rows = table.all("tbody")[0].all("tr")
            assert [row.all("a")[0].attributes["href"] for row in rows] == [f"#{rank.id}" for rank in document.ranking]
            for row, rank in zip(rows, document.ranking, strict=True):
                assert rank.status.replace("_", " ") in row.all("td")[0].text
            anchors = {each.attributes["id"] for each in page.all("section") if "id" in each.attributes}
            assert {rank.id for rank in document.ranking} <= anchors


def test_the_tree_is_folded() -> None:
    """Below the criteria everything is folded, as are sources, what the rule says about itself and what does not apply."""
    for _, page in documents():
        for details in page.all("details"):
            above = [each for each in details.above() if each is not details.parent and not each.has_class("part")]
            margin = not any(each.tag in ("details", "li") for each in above)
            finding = details.parent is not None and details.parent.has_class("item")
            assert ("open" in details.attributes) == (finding and margin)
        for title in ("Does not apply", "Sources", "About this pathway"):
            assert all(each.parent.tag == "summary" for each in page.all("h3") if each.text == title and each.parent)


def test_what_is_met_is_folded_below_what_is_not() -> None:
    """What is met stands open where it is the reason for the outcome, and is folded where something else is."""
    seen = set()
    for document, page in documents():
        statuses = {outcome.id: outcome.status for outcome in document.outcomes}
        for heading in (each for each in page.all("h3") if each.text == "Met"):
            section = next(each for each in heading.above() if "id" in each.attributes)
            is_open = heading.parent is not None and heading.parent.tag == "section"
            assert is_open == (statuses[str(section.attributes["id"])] in ("eligible", "subject_to_judgement"))
            seen.add(is_open)
    assert seen == {True, False}


def test_the_age_of_the_law_is_in_sight() -> None:
    """The oldest source, overdue reviews and citations whose review is due are shown, and only where there are any."""
    fresh, old = read(report({}).to_html()), read(report({}, as_of="2026-12-31").to_html())
    for page, is_stale in ((fresh, False), (old, True)):
        header = page.all("header")[0]
        assert "Oldest source read on" in header.text
        cited = [each.text for each in page.walk() if each.has_class("stale") and each not in list(header.walk())]
        assert all(re.fullmatch(r"review was due by \d{4}-\d\d-\d\d", each) for each in cited)
        assert bool(cited) == is_stale
    assert "Relies on" in plain(old.all("header")[0].text)
    assert "none overdue" in report({}, as_of="2026-03-01").to_html()
    bundled = plain(read(reports()[-1].to_html()).all("header")[0].text)
    assert re.search(r"overdue for \d of 17 outcomes", bundled)


def test_the_same_evaluation_gives_the_same_page() -> None:
    """A page depends on the document alone: a stored document gives the same bytes."""
    for each in reports():
        assert report_html(ReportDocument.from_json(each.to_json())).encode() == each.to_html().encode()


def test_the_command_line_writes_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`evaluate --format html` prints the page of the report; with `-o` it is in the file, and nothing else is left behind."""
    rules = load_rules(PACKS / "points", bundled=False)
    monkeypatch.setattr("eligibility.engine.load_rules", lambda *_: rules)
    profile = tmp_path / "profile.json"
    profile.write_text('{"card": {"language": true, "age": 30}}', encoding="utf-8")
    card = ("--pathway", "points.card", "--as-of", "2023-01-01")
    call = ["evaluate", str(profile), *card, "--engine", "reference", "--format", "html"]
    printed = CliRunner().invoke(main, call)
    assert printed.stdout == rules.evaluate(profile, as_of="2023-01-01", pathways=["points.card"], engine="reference").to_html()
    done = CliRunner().invoke(main, [*call, "-o", str(tmp_path / "report.html")])
    assert (done.exit_code, done.output) == (0, "")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == printed.stdout
    assert {each.name for each in tmp_path.iterdir()} == {"profile.json", "report.html"}
    failed = CliRunner().invoke(main, [*call, "-o", str(tmp_path / "nowhere" / "report.html")])
    assert failed.exit_code == 1
    assert "cannot be written" in failed.stderr


def test_bars_are_explained_where_there_are_any() -> None:
    """The page says how to read a bar if it has one."""
    has_bars = set()
    for _, page in documents():
        is_explained = any(each.text == "Bars" for each in page.all("dt"))
        assert is_explained or not page.all("svg")
        has_bars.add(is_explained)
    assert has_bars == {True, False}


# margins as bars


def node(observed: int | str | None, required: int | str | None, share: int | str | None = None) -> ExplanationNode:
    return ExplanationNode(
        id="a", kind="condition", title="", status="not_met", sentence="", decides=True, facts=[], missing=[], children=[],
        observed=ValuePart(name="pay", value=observed, text="x"), required=ValuePart(name="pay", value=required, text="y"),
        margin=MarginPart(amount=1, unit="count", share=share, words="short by 1"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("observed", "required", "share", "width", "words"),
    [
        (3, 4, None, 60, "75%"),
        ("not_met", "met", "-359/739", 41, "51.4%"),
        ("37.5", "75/2", None, 80, "100%"),
        (9999, 10000, None, 79, "just under 100%"),
        (10001, 10000, None, 80, "just over 100%"),
        (0, 4, None, 0, "0%"),
        (6, 4, None, 120, "150%"),
        (900, 4, None, 120, "more than 1,000%"),
        (1, 4, -2, 0, "0%"),
    ],
)
def test_a_bar_shows_the_share(observed: int | str, required: int | str, share: int | str | None, width: int, words: str) -> None:
    """A bar is as long as the share of what is required, its line stands at the whole, and it says the share in words."""
    bar = margin_bar(node(observed, required, share))
    assert bar is not None
    picture = read(str(drawn(bar))).all("svg")[0]
    track, filled, line = picture.all("rect")
    assert filled.attributes["width"] == str(width)
    assert (track.attributes["width"], line.attributes["x"]) == ("120", "79")
    assert picture.attributes["role"] == "img"
    assert picture.attributes["aria-label"] == f"found: {words} of what the rule names"


@pytest.mark.parametrize(
    ("observed", "required"), [("2026-01-01", "2026-02-01"), ("B1", "B2"), (3, 0), (-1, 4), (None, 4), (3, None), ("1/0", 2)]
)
def test_what_is_no_share_has_no_bar(observed: int | str | None, required: int | str | None) -> None:
    """Dates, levels, unknown values and a requirement of nothing have no bar."""
    assert margin_bar(node(observed, required)) is None


def test_every_bar_stands_beside_its_words() -> None:
    """The words of a margin can be read beside its bar."""
    seen = 0
    for _, page in documents():
        for bar in page.all("svg"):
            line = next(each for each in bar.above() if each.tag in ("summary", "li"))
            assert re.search(r"above|below|short|spare|over|within|exactly", line.text), line.text
            seen += 1
    assert seen > 20


# what cannot get in


def test_a_page_loads_nothing_and_runs_nothing() -> None:
    """No element or style of a page refers to anything outside of it, and a policy forbids the browser to try."""
    for _, page in documents():
        assert not page.all(
            "script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video", "image", "use"
        )
        names = {name for each in page.walk() for name in each.attributes}
        assert not any(name.startswith("on") or name in ("src", "style", "srcset", "data", "action") for name in names)
        assert not re.search(r"url\(|@import|expression", page.all("style")[0].text)
        policy = [each.attributes["content"] for each in page.all("meta") if "http-equiv" in each.attributes]
        assert len(policy) == 1
        assert str(policy[0]).startswith("default-src 'none'; style-src 'sha256-")


def test_links_stand_only_in_citations() -> None:
    """Links lead to the sources that the document cites, and to sections of the page, and nowhere else."""
    for document, page in documents():
        sources = set(re.findall(r'"url":\s*"([^"]*)"', json.dumps(document.as_dict(), ensure_ascii=False)))
        anchors = {f"#{each.attributes['id']}" for each in page.walk() if "id" in each.attributes}
        for link in page.all("a"):
            if link.has_class("cite"):
                assert link.attributes["href"] in sources
                assert link.attributes["rel"] == "noreferrer"
            else:
                assert link.attributes["href"] in anchors


def hostile(data: object) -> object:
    """A document in which every free text is hostile."""
    kept = {"kind", "status", "as_of", "read_on", "review_by", "grade", "heading", "oldest_source", "share", "amount", "id"}
    if isinstance(data, dict):
        return {key: value if key in kept or key == "since" else hostile(value) for key, value in data.items()}
    if isinstance(data, list):
        return [hostile(each) for each in data]
    return f"javascript:{HOSTILE}{data}" if isinstance(data, str) else data


def test_hostile_text_stays_text() -> None:
    """Whatever a profile or a rule says, it is shown as it is, and never becomes an element, an attribute or a link."""
    for each in reports()[:6]:
        spoiled = hostile(json.loads(each.to_json()))
        page = read(report_html(ReportDocument.from_json(json.dumps(spoiled))))
        assert not page.all("script", "img")
        assert plain(HOSTILE) in plain(page.text)
        assert all(str(link.attributes["href"]).startswith("#") for link in page.all("a"))


@given(st.text())
def test_any_text_can_be_read_back(text: str) -> None:
    """A text comes back from an element as it went in, save characters that no page may hold."""
    written = str(element("p", text, title=text))
    written.encode()
    found = read(written).all("p")[0]
    expected = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    assert found.text == expected
    assert found.attributes["title"] == expected


def test_an_outline_of_any_kind_is_a_page() -> None:
    """An outline without outcomes, as of other documents, prints too: headings in order, tables with headers, nested lists."""
    table = Table(("Who", "What"), (((Run("a"),), (Run("b <c>"),)),))
    items = [Item(1, "", "", (Run("deep"),)), Item(0, "", "", (Run("top"),)), Item(2, "✓", "met", (Run("below"),))]
    page = read(blocks_html([Paragraph((Run("before"),)), Heading(1, (Run("T"),)), Heading(3, (Run("H"),)), table, *items]))
    assert [each.tag for each in page.all("h1", "h2", "h3")] == ["h1", "h2"]
    assert [each.text for each in page.all("td")] == ["b <c>"]
    assert page.all("title")[0].text == "T"
    assert "before" in page.all("main")[0].text


# for everybody


def test_headings_are_in_order() -> None:
    """There is one title, no level is left out on the way down, and all stand in a landmark."""
    for _, page in documents():
        levels = [int(each.tag[1]) for each in page.all("h1", "h2", "h3", "h4")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(deeper <= level + 1 for level, deeper in pairwise(levels))
        landmarks = {"header", "main", "footer"}
        assert all(any(up.tag in landmarks for up in each.above()) for each in page.all("h1", "h2", "h3"))


def test_marks_and_tables_can_be_heard() -> None:
    """Every mark has a name, every table has headers with a scope, and the page has a language and a title."""
    names = set()
    for _, page in documents():
        assert page.all("html")[0].attributes["lang"] == "en"
        assert page.all("title")[0].text.startswith("Eligibility as of ")
        for mark in (each for each in page.all("span") if each.has_class("mark")):
            assert mark.attributes["role"] == "img"
            names.add(mark.attributes["aria-label"])
        for table in page.all("table"):
            assert table.all("caption")[0].text
            assert all(each.attributes["scope"] == "col" for each in table.all("thead")[0].all("th"))
            assert all(row.all("th")[0].attributes["scope"] == "row" for row in table.all("tbody")[0].all("tr"))
    assert names == {"met", "not met", "unknown", "judgement", "not applicable", "question", "value"}


def themes() -> dict[str, dict[str, str]]:
    """The colours of the style sheet, light and dark."""
    blocks = re.findall(r":root \{(.*?)\}", style_sheet(), re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks)
    return {"light": light, "dark": dark}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_can_be_told_apart(theme: str) -> None:
    """Text has a contrast of 4.5 with every ground it stands on, and what is drawn one of 3, in light and in dark."""
    colours = themes()[theme]
    for name in ("ink", "dim", "link", "met", "not-met", "unknown", "judgement", "not-applicable"):
        assert min(contrast(colours[name], colours[ground]) for ground in ("paper", "panel")) >= 4.5, name
    for name in ("ink", "met", "not-met", "unknown", "judgement", "dim"):
        assert contrast(colours[name], colours["track"]) >= 3, name
    assert set(themes()["light"]) == set(themes()["dark"])


# in a browser


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_browser_shows_all_of_it(tmp_path: Path, *, dark: bool) -> None:
    """On a phone and a desktop, in light and dark, nothing sticks out, text can be read, and the keys reach every fold."""
    scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
    widths = (PHONE, DESKTOP)
    for found, width in zip(measured(tmp_path, [reports()[-1].to_html()], widths, scheme), widths, strict=True):
        assert (found["width"], found["over"]) == (width, 0)
        assert found["wide"] == found["faint"] == found["small"] == found["unreachable"] == []
        assert found["loaded"] == 0
        assert found["texts"] > 500
        assert found["folded"] > 20
        ground = themes()["dark" if dark else "light"]["paper"]
        assert found["ground"] == [int(ground[at : at + 2], 16) for at in (1, 3, 5)]


def test_a_browser_shows_all_of_a_wide_table(tmp_path: Path) -> None:
    """A comparison of many profiles with long names and words fits a phone and a desktop."""
    names = tuple(f"a_profile_with_a_long_name_{number}" for number in range(9))
    row = (
        (Run("A criterion"),),
        *(((Run("⚖ subject to judgement", "judgement"), Run(": Arbeitnehmerüberlassung"))) for _ in names),
    )
    page = blocks_html([Heading(1, (Run("Profiles"),)), Grid(("Criterion", *names), (row,))])
    for found, width in zip(measured(tmp_path, [page], (PHONE, DESKTOP)), (PHONE, DESKTOP), strict=True):
        assert (found["width"], found["over"], found["wide"], found["faint"]) == (width, 0, [], [])


def test_paper_shows_what_is_folded(tmp_path: Path) -> None:
    """On paper every fold is open."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not installed (on Debian: apt-get install poppler-utils)")
    small = report(FAILING, only=None)
    (tmp_path / "report.html").write_text(small.to_html(), encoding="utf-8")
    paper = tmp_path / "report.pdf"
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={paper}", (tmp_path / "report.html").as_uri())
    done = subprocess.run([reader, "-raw", paper, "-"], capture_output=True, text=True, check=True)  # noqa: S603  # an installed tool
    printed = re.sub(r"[\s•-]", "", done.stdout)
    for block in report_outline(ReportDocument.from_json(small.to_json()), Detail(folds=True)):
        assert all(re.sub(r"[\s•-]", "", run.text) in printed for run in runs(block))
