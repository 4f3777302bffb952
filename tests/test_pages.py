"""Timelines, remedies and sensitivities as pages and as Markdown: the charts and bars, and that all of it is said in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from eligibility.cli import main
from eligibility.remedies import advise
from eligibility.remedies.document import document as remedies_document
from eligibility.remedies_model import RemediesDocument
from eligibility.rendering.bars import leeway_bar
from eligibility.rendering.blocks import Chart, Lane, Stretch
from eligibility.rendering.chart import chart_drawing
from eligibility.rendering.elements import element
from eligibility.sensitivity import sensitivity
from eligibility.sensitivity_document import sensitivity_document
from eligibility.sensitivity_model import EdgePart, LeewayPart, SensitivityDocument
from eligibility.timeline import forecast
from eligibility.timeline_document import timeline_document
from eligibility.timeline_model import TimelineDocument
from page_reader import DESKTOP, PHONE, Node, bundled, measured, plain, read
from small_rules import load

EXAMPLES: Final = Path(__file__).parents[1] / "examples"
UNDERPAID: Final = EXAMPLES / "ml_engineer_london_underpaid.json"
LONDON: Final = EXAMPLES / "ml_engineer_london.json"
TODAY: Final = date(2026, 11, 23)
PATHWAYS: Final = ("gb.skilled_worker", "gb.scale_up", "gb.global_talent", "de.blue_card")
DAY: Final = timedelta(days=1)
pytestmark = pytest.mark.xdist_group("pages")  # they share what they evaluate and read


@cache
def timeline() -> TimelineDocument:
    """Two British pathways that change in these years, one that does not, and a German one that does not concern the case."""
    rules = bundled()
    return timeline_document(forecast(rules, UNDERPAID, date(2025, 1, 1), date(2028, 11, 23), PATHWAYS), rules.book)


@cache
def remedies() -> RemediesDocument:
    """Remedies of pathways that fail, and of one that nothing stands in the way of."""
    rules = bundled()
    return remedies_document(advise(rules, UNDERPAID, TODAY, PATHWAYS[:3]), TODAY, rules.book)


@cache
def sensitivities() -> SensitivityDocument:
    """How safe an outcome that needs a human is, and one that fails."""
    rules = bundled()
    return sensitivity_document(sensitivity(rules, LONDON, TODAY, PATHWAYS[:2]), TODAY, rules.book)


@cache
def pages() -> tuple[tuple[TimelineDocument | RemediesDocument | SensitivityDocument, Node], ...]:
    """Each document, and its page read back."""
    return tuple((each, read(each.to_html())) for each in (timeline(), remedies(), sensitivities()))


def lanes(page: Node) -> Iterator[tuple[Node, list[Node]]]:
    """Each lane of a chart, and its stretches."""
    for lane in page.all("svg"):
        if lane.has_class("lane"):
            yield lane, [each for each in lane.all("a", "g") if each.has_class("stretch")]


def number(text: str | None) -> Fraction:
    return Fraction((text or "").removesuffix("%"))


# every page


def test_every_page_has_what_a_report_has() -> None:
    """Notice, day of the law, age of the sources and overdue reviews stand on top, engine and packs at the foot."""
    for document, page in pages():
        (header,), (footer,) = page.all("header"), page.all("footer")
        assert document.notice in header.text
        assert "Law as of" in header.text
        assert f"Oldest source read on{document.oldest_source}" in plain(header.text)
        assert any(each.has_class("stale") for each in header.walk())
        assert document.engine in footer.text
        assert all(pack.version in footer.text and pack.name in footer.text for pack in document.packs)


def test_pages_say_all_of_the_document() -> None:
    """Every sentence of a document stands in its page and in its Markdown, and its citations are links."""
    sentences = [
        [cause.words for each in timeline().pathways for flip in each.flips for cause in flip.causes],
        [change.words for each in remedies().pathways for way in each.remedies for change in way.changes],
        [fact.words[4:] for each in sensitivities().pathways for fact in each.facts],
    ]
    for (document, page), said in zip(pages(), sentences, strict=True):
        text, markdown = plain(page.text), document.to_markdown().replace("\\", "")
        assert len(said) > 3
        for sentence in said:
            assert sentence in text
            assert sentence in markdown
        addresses = {str(each.attributes["href"]) for each in page.all("a") if each.has_class("cite")}
        cited = set(re.findall(r'"url":\s*"([^"]*)"', json.dumps(document.as_dict(), ensure_ascii=False)))
        assert addresses <= cited
        assert bool(addresses) == bool(cited)


def test_every_page_is_for_everybody() -> None:
    """Headings go down step by step, tables have headers with a scope, drawings a name, and links lead somewhere."""
    for _, page in pages():
        levels = [int(each.tag[1]) for each in page.all("h1", "h2", "h3", "h4")]
        assert levels.count(1) == 1
        assert all(deeper <= level + 1 for level, deeper in pairwise(levels))
        anchors = {f"#{each.attributes['id']}" for each in page.walk() if "id" in each.attributes}
        assert all(each.attributes["href"] in anchors for each in page.all("a") if not each.has_class("cite"))
        for table in page.all("table"):
            assert all(row.all("th")[0].attributes["scope"] == "row" for row in table.all("tbody")[0].all("tr"))
        for drawing in page.all("svg"):
            inside = any(each.tag == "svg" for each in drawing.above())
            named = drawing.all("title") or "aria-label" in drawing.attributes or "aria-hidden" in drawing.attributes
            assert named or inside
        assert not page.all("script", "link", "img", "use", "image", "foreignobject")
        assert not any(name.startswith("on") or name == "style" for each in page.walk() for name in each.attributes)


def test_hostile_text_stays_text() -> None:
    """Whatever a rule says, it is shown as it is in a chart and in a list, and never becomes an element."""
    hostile = "</title><script>alert(1)</script>\"'&lt;"
    for document, _ in pages():
        data = json.loads(document.to_json())
        for pathway in data["pathways"]:
            pathway["title"] = hostile
        page = read(type(document).from_json(json.dumps(data)).to_html())
        assert not page.all("script")
        assert plain(hostile) in plain(page.text)


# the chart


def test_each_lane_shows_each_day_once() -> None:
    """The stretches of a lane lie side by side from edge to edge, and each says its days and how the pathway comes out."""
    shown = [each for each in timeline().pathways if each.id != "de.blue_card"]
    found = list(lanes(pages()[0][1]))
    assert len(found) == len(shown)
    by_title = {each.title: each for each in shown}
    for lane, stretches in found:
        course = by_title[lane.all("title")[0].text]
        states = [course.first, *(flip.after for flip in course.flips)]
        starts = [timeline().start, *(flip.on for flip in course.flips), timeline().end + DAY]
        assert len(stretches) == len(states)
        at = Fraction(0)
        for stretch, state, (first, after) in zip(stretches, states, pairwise(starts), strict=True):
            ground = next(each for each in stretch.all("rect") if each.has_class("ground"))
            assert number(ground.attributes["x"]) == at
            at += number(ground.attributes["width"])
            title = stretch.all("title")[0].text
            assert title.startswith(f"{first} to {after - DAY}: {state.status.replace('_', ' ')}")
            assert all(each in title for each in state.not_met)
        assert at == 100


def test_a_stretch_leads_to_its_reasons() -> None:
    """What changes leads, by mouse and by key, to the section that says why; what never changes leads nowhere."""
    page = pages()[0][1]
    sections = {f"#{each.attributes['id']}": plain(each.text) for each in page.all("section") if "id" in each.attributes}
    flips = {each.title: each.flips for each in timeline().pathways}
    for lane, stretches in lanes(page):
        moved = flips[lane.all("title")[0].text]
        assert {each.tag for each in stretches} == ({"a"} if moved else {"g"})
        for stretch in stretches if moved else []:
            reasons = sections[str(stretch.attributes["href"])]
            assert all(f"{flip.on}: {flip.after.status.replace('_', ' ')}" in reasons for flip in moved)


def test_colour_is_never_needed_alone() -> None:
    """Each outcome has a pattern of its own besides its colour, and the legend names every look that is there."""
    page = pages()[0][1]
    patterns = {each.attributes["id"]: [part.attributes for part in each.all("rect")] for each in page.all("pattern")}
    assert len({str(each) for each in patterns.values()}) == len(patterns) == 4
    legend = next(each for each in page.all("ul") if each.has_class("legend"))
    states = [state for each in timeline().pathways for state in (each.first, *(flip.after for flip in each.flips))]
    assert all(each.status.replace("_", " ") in legend.text for each in states if each.status != "not_applicable")
    for stretch in (each for _, stretches in lanes(page) for each in stretches):
        assert any(str(part.attributes.get("fill")).startswith("url(#pattern-") for part in stretch.all("rect"))


def test_the_table_says_the_same_as_the_chart() -> None:
    """Beneath the chart stands a table with a row for each stretch, in the page and in Markdown."""
    document, page = pages()[0]
    figure = page.all("figure")[0]
    rows = [[plain(cell.text) for cell in row.all("th", "td")] for row in figure.all("tbody")[0].all("tr")]
    titles = [plain(each.all("title")[0].text) for _, stretches in lanes(page) for each in stretches]
    assert [f"{days}: {re.sub(r'^. ', '', outcome)}" for _, days, outcome in rows] == titles
    assert all(f"| {row[1]} |" in document.to_markdown() for row in rows)


def test_days_after_the_review_are_marked() -> None:
    """A line runs under the days for which the law was not reviewed, from the day after the review to the last."""
    until = {each.title: each.reviewed_until for each in timeline().pathways}
    days = (timeline().end - timeline().start).days + 1
    for lane, _ in lanes(pages()[0][1]):
        (line,) = (each for each in lane.all("rect") if each.has_class("doubt"))
        reviewed = until[lane.all("title")[0].text]
        assert reviewed is not None
        doubtful = Fraction((reviewed + DAY - timeline().start).days * 100, days)
        assert abs(number(line.attributes["x"]) - doubtful) < Fraction(1, 50)
        assert number(line.attributes["x"]) + number(line.attributes["width"]) == 100
        assert f"from {reviewed + DAY} on: law not reviewed" in lane.all("desc")[0].text
    assert f"Law reviewed until{min(each for each in until.values() if each)}" in plain(pages()[0][1].all("header")[0].text)


def drawing(*starts: date, last: date = date(2026, 12, 31)) -> Node:
    """A chart with one lane whose stretches begin on some days."""
    ends = [*(start - DAY for start in starts[1:]), last]
    stretches = tuple(Stretch(first, until, "met", "eligible") for first, until in zip(starts, ends, strict=True))
    return read(str(element("div", *chart_drawing(Chart("Lanes", "Lane", "doubtful", (Lane("One", stretches),))))))


def test_dates_do_not_run_into_each_other() -> None:
    """Of flips that are too close for a phone the later dates are for wide screens only, or for none; no mark is too wide."""
    many = drawing(date(2026, 1, 1), *(date(2026, 3, 1) + 11 * DAY * step for step in range(20)))
    dates = [each for each in many.all("text") if each.has_class("date")]
    phone = [number(each.attributes["x"]) for each in dates if not each.has_class("wide")]
    assert 1 < len(phone) < len(dates) < 20
    assert all(other - one >= 28 for one, other in pairwise(phone))
    assert all(other - one >= 10 for one, other in pairwise(number(each.attributes["x"]) for each in dates))
    (lane,) = lanes(many)
    for stretch in lane[1]:
        width = number(next(each for each in stretch.all("rect") if each.has_class("ground")).attributes["width"])
        badges = stretch.all("svg")
        assert bool(badges) == (width >= Fraction(5, 2))
        assert all(each.has_class("wide") == (width < 7) for each in badges)


@pytest.mark.parametrize(
    ("first", "last", "ticks"),
    [
        (date(2026, 1, 1), date(2026, 5, 31), ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]),
        (date(2025, 2, 2), date(2026, 12, 31), ["2025-07", "2026-01", "2026-07"]),
        (date(2024, 6, 1), date(2029, 6, 1), ["2025", "2026", "2027", "2028"]),
        (date(1990, 1, 1), date(2080, 1, 1), ["2000", "2020", "2040", "2060"]),
    ],
)
def test_an_axis_has_few_marks(first: date, last: date, ticks: list[str]) -> None:
    """The axis names months or years at even steps, few enough for a phone, and none that would stick out at its end."""
    axis = [each.text for each in drawing(first, last=last).all("text") if each.has_class("axis")]
    assert axis == ticks * 2


def test_a_few_days_are_named_by_their_first_and_last() -> None:
    """Where no month begins the axis names the first and the last day; a single day is a stretch, too."""
    page = drawing(date(2026, 3, 5), last=date(2026, 3, 5))
    assert "2026-03-05 to 2026-03-05" in [each.text for each in page.all("text")]
    assert page.all("title")[-1].text == "2026-03-05: eligible"


# the bars


def edge(way: str | int) -> EdgePart:
    return EdgePart(last=1, next=2, status="not_eligible", exact=True, way=way)


@pytest.mark.parametrize(
    ("low", "high", "scale", "drawn", "words"),
    [
        ("1/4", "1/10", "value", ("1/4", "3/5"), "25% less, 10% more"),
        (None, "1/1000", "value", (0, "501/1000"), "any less, 0.1% more"),
        (2, None, "value", (0, 1), "200% less, any more"),
        (0, "73/365", "year", ("1/2", "7/10"), "0 days earlier, 73 days later"),
    ],
)
def test_a_bar_shows_how_far_a_fact_can_move(
    low: str | int | None, high: str | int | None, scale: str, drawn: tuple[str | int, str | int], words: str
) -> None:
    """The bar of a fact is filled to both sides of its middle as far as it can move, at most by half, and says so in words."""
    sides = {"low": None if low is None else edge(low), "high": None if high is None else edge(high)}
    data: dict[str, Any] = {"fact": "offer.pay", "label": "pay", "value": 1, "spare": 0, "scale": scale, "words": "", **sides}
    bar = leeway_bar(LeewayPart(**data), "met")
    assert (bar.low, bar.high, bar.line) == (Fraction(drawn[0]), Fraction(drawn[1]), Fraction(1, 2))
    assert bar.words == f"to spare: {words}"


def test_every_fact_has_its_bar() -> None:
    """Each fact of a sensitivity stands beside a bar, and each condition on numbers beside that of its margin."""
    page = pages()[2][1]
    bars = [str(each.attributes["aria-label"]) for each in page.all("svg") if each.has_class("bar")]
    facts = sum(len(each.facts) for each in sensitivities().pathways)
    shares = sum(each.found is not None for pathway in sensitivities().pathways for each in pathway.conditions)
    assert facts > 3 < shares + 1
    assert sum(each.startswith("to spare:") for each in bars) == facts
    assert sum(each.startswith("found:") for each in bars) == shares


def test_a_way_leads_to_the_edge() -> None:
    """The nearer of the two ways is what a fact has to spare."""
    for each in (fact for pathway in sensitivities().pathways for fact in pathway.facts):
        assert min(Fraction(side.way) for side in (each.low, each.high) if side is not None) == Fraction(each.spare)


# nothing to show


def test_an_empty_answer_is_a_page_too() -> None:
    """Where no pathway is settled, fails or concerns the case, the page says so."""
    said: list[tuple[TimelineDocument | RemediesDocument | SensitivityDocument, str]] = [
        (replace(timeline(), pathways=[]), "Outcomes from 2025-01-01"),
        (replace(remedies(), pathways=[]), "No pathway that concerns the case fails."),
        (replace(sensitivities(), pathways=[]), "No pathway that concerns the case is settled."),
    ]
    for document, words in said:
        assert words in plain(read(document.to_html()).text)
        assert words in document.to_markdown()


# the command line and the browser


@pytest.mark.parametrize("command", ["timeline", "remedies", "sensitivity"])
def test_the_command_line_writes_every_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Each command prints HTML and Markdown, and with `-o` writes the same into a file and prints nothing."""
    rules = load(tmp_path, "criteria: {experience: {title: Experience, met_when: applicant.experience >= years(3), cite: LAW 1}}")
    monkeypatch.setattr("eligibility.engine.load_rules", lambda *_: rules)
    profile = tmp_path / "profile.json"
    profile.write_text('{"applicant": {"experience": 2}}', encoding="utf-8")
    days = ("--from", "2026-01-01", "--to", "2027-01-01") if command == "timeline" else ("--as-of", "2026-01-01")
    call = [command, str(profile), *days]
    for form, sign in (("html", "<!doctype html>"), ("markdown", "# ")):
        printed = CliRunner().invoke(main, [*call, "--format", form], standalone_mode=False).stdout
        assert printed.startswith(sign)
        done = CliRunner().invoke(main, [*call, "--format", form, "-o", str(tmp_path / "answer")], standalone_mode=False)
        assert done.stdout == ""
        assert (tmp_path / "answer").read_text(encoding="utf-8") == printed


def test_a_browser_shows_charts_and_bars(tmp_path: Path) -> None:
    """On a phone and a desktop nothing sticks out, text can be read, the keys reach the chart, and what has focus is told."""
    shown = [each.to_html() for each in (timeline(), remedies(), sensitivities())]
    found = measured(tmp_path, shown, (PHONE, DESKTOP))
    for each, width in zip(found, (PHONE, DESKTOP) * 3, strict=True):
        assert (each["width"], each["over"]) == (width, 0)
        assert each["wide"] == each["faint"] == each["small"] == each["unreachable"] == []
        assert each["loaded"] == 0
    assert [each["lanes"] for each in found] == [3, 3, 0, 0, 0, 0]
    assert [(each["focused"], each["tips"]) for each in found[:2]] == [(True, 1), (True, 1)]
