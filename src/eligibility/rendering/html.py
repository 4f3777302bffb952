"""HTML: an outline as one page to read, to print and to keep. The outcomes come first, the tree below them is folded."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from urllib.parse import quote

from eligibility.language import ENGLISH, Language
from eligibility.rendering.bars import drawn, margin_bar
from eligibility.rendering.blocks import MARKS, Block, Chart, Grid, Heading, Item, Paragraph, Run, Table
from eligibility.rendering.chart import chart_drawing
from eligibility.rendering.elements import Child, Element, element, pieces
from eligibility.rendering.glance import glance
from eligibility.rendering.outline import USUAL, Detail, outcome_outline, report_outline
from eligibility.rendering.page import page
from eligibility.report_model import CitationPart, Document, ExplanationNode, OutcomeDocument, OutcomePart, ReportDocument

_SEEN: Final = {"=": "value", "→": "question", **{mark: tone for tone, mark in MARKS.items()}}  # marks, and ids of what they say
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)  # nothing else becomes a link
_DEEPEST: Final = 6  # level of headings


def report_html(document: ReportDocument, detail: Detail = USUAL, language: Language = ENGLISH) -> str:
    """A report as a page."""
    outline = report_outline(document, replace(detail, folds=True), language)
    return blocks_html(outline, document.as_of, _at_a_glance(document, document.outcomes, language), language)


def outcome_html(document: OutcomeDocument, detail: Detail = USUAL, language: Language = ENGLISH) -> str:
    """One outcome as a page."""
    outline = outcome_outline(document, detail, language)
    return blocks_html(outline, document.as_of, _at_a_glance(document, [document.outcome], language), language)


def blocks_html(
    blocks: Iterable[Block], as_of: date | None = None, at_a_glance: Sequence[Child] = (), language: Language = ENGLISH
) -> str:
    """An outline as a page.

    Below the title stands what can be seen `at_a_glance`. Citations whose review was due by `as_of` say so.
    """
    return _Printer(as_of, language).page(list(blocks), at_a_glance)


def _at_a_glance(document: Document, outcomes: list[OutcomePart], language: Language) -> list[Child]:
    concerned = [each for each in outcomes if each.status != "not_applicable"] or outcomes
    return glance(
        document.notice,
        language.day(document.as_of),
        document.as_of,
        document.oldest_source,
        [(each.title, each.cautions) for each in concerned],
        language.say("page.bars_read") if any(_has_bar(outcome.explanation) for outcome in outcomes) else None,
        language,
    )


def _has_bar(node: ExplanationNode) -> bool:
    return margin_bar(node) is not None or any(_has_bar(child) for child in node.children)


def _split(blocks: Sequence[Block], level: int) -> Iterator[tuple[Heading | None, list[Block]]]:
    """The blocks under each heading of a level or above; first those before any, without a heading."""
    heading: Heading | None = None
    under: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading) and block.level <= level:
            if heading is not None or under:
                yield heading, under
            heading, under = block, []
        else:
            under.append(block)
    if heading is not None or under:
        yield heading, under


class _Printer:
    """Turns the blocks of one outline into elements."""

    def __init__(self, as_of: date | None, language: Language) -> None:
        self.as_of = as_of
        self.language = language
        self.level = 0  # of the last heading; the next one is at most one deeper, as screen readers want it

    def page(self, blocks: list[Block], at_a_glance: Sequence[Child]) -> str:
        top: list[Child] = []
        main: list[Child] = []
        foot: list[Child] = []
        title = ""
        for heading, under in _split(blocks, 2):
            if heading is not None and heading.level == 1:
                title = "".join(run.text for run in heading.runs)
                top = [self.heading(heading), *at_a_glance]
                main += self.parts(under)
            elif heading is not None:
                inside = [self.heading(heading), *self.parts(under)]
                (foot if heading.place == "foot" else main).append(element("section", *inside, id=heading.anchor))
            else:
                main += self.parts(under)
        return page(title, top, main, foot, self.language.code)

    def heading(self, heading: Heading) -> Element:
        self.level = min(heading.level, self.level + 1, _DEEPEST)
        return element(f"h{self.level}", *self.runs(heading.runs))

    def parts(self, blocks: list[Block]) -> Iterator[Element]:
        """What stands under a title or an outcome: parts with a heading of their own, some of them folded."""
        for heading, under in _split(blocks, _DEEPEST):
            if heading is None:
                yield from self.blocks(under)
            elif heading.place == "folded":
                yield element("details", element("summary", self.heading(heading)), *self.blocks(under), class_="part")
            else:
                yield element("section", self.heading(heading), *self.blocks(under), class_="part")

    def blocks(self, blocks: list[Block]) -> Iterator[Element]:
        items: list[Item] = []
        for block in blocks:
            if isinstance(block, Item):
                items.append(block)
                continue
            if items:
                yield self.entries(items)
                items = []
            if isinstance(block, Table | Grid):
                yield self.table(block)
            elif isinstance(block, Chart):
                yield self.chart(block)
            elif isinstance(block, Paragraph):
                yield element("p", *self.runs(block.runs))
        if items:
            yield self.entries(items)

    def entries(self, items: list[Item]) -> Element:
        """A list; what is deeper than an entry hangs below it."""
        depth = min(item.depth for item in items)
        entries: list[Element] = []
        while items:
            first, rest = items[0], items[1:]
            deeper = next((at for at, item in enumerate(rest) if item.depth <= depth), len(rest))
            entries.append(self.entry(first, rest[:deeper]))
            items = rest[deeper:]
        return element("ul", *entries)

    def entry(self, item: Item, below: list[Item]) -> Element:
        """An entry; what is below a finding is folded, save below those that stand at the margin."""
        line = self.line(item)
        kind = f"item {item.tone}" if item.mark else "plain"
        if item.bar is not None and not item.mark:
            line, kind = itertools.chain([drawn(item.bar)], line), f"{kind} barred"
        if not below:
            return element("li", *line, class_=kind)
        inside = self.entries(below)
        if not item.mark:
            return element("li", *line, inside, class_=kind)
        opened = "" if item.depth == 0 else None
        return element("li", element("details", element("summary", *line), inside, open=opened), class_=kind)

    def line(self, item: Item) -> Iterator[Child]:
        if item.mark:
            yield element("span", item.mark, class_="mark", role="img", aria_label=self.seen(item.mark))
            yield " "
        yield from self.runs(item.runs)
        if item.bar is not None and item.mark:
            yield element("span", " ", drawn(item.bar), class_="margin")
        bar = None if item.node is None else margin_bar(item.node, self.language)
        if item.node is not None and item.node.margin is not None and bar is not None:
            words = item.node.margin.words
            said = any(words in run.text for run in item.runs)
            yield element("span", " ", drawn(bar), "" if said else f" {words}", class_="margin")

    def seen(self, mark: str) -> str:
        """A mark as it is read out."""
        return self.language.say(f"mark.{_SEEN[mark]}") if mark in _SEEN else mark

    def table(self, table: Table | Grid) -> Element:
        """A table whose rows a narrow screen stacks; the roles keep it a table for screen readers then."""
        head = [element("th", *pieces(name), scope="col", role="columnheader") for name in table.header]
        rows: list[Element] = []
        for first, *others in table.rows:
            cells = [element("th", *self.runs(first), scope="row", role="rowheader")]
            for name, cell in zip(table.header[1:], others, strict=True):
                cells.append(element("td", element("span", *self.runs(cell)), role="cell", data_column=name))
            rows.append(element("tr", *cells, role="row"))
        header = element("thead", element("tr", *head, role="row"), role="rowgroup")
        caption = [element("caption", table.title)] if isinstance(table, Table) and table.title else []
        kind = "grid" if isinstance(table, Grid) else None
        return element("table", *caption, header, element("tbody", *rows, role="rowgroup"), class_=kind, role="table")

    def chart(self, chart: Chart) -> Element:
        """A drawing, and below it the same as a table."""
        table = element("details", element("summary", "The same as a table"), self.table(chart.table), class_="part")
        return element("figure", element("figcaption", chart.title), *chart_drawing(chart), table)

    def runs(self, runs: Iterable[Run]) -> Iterator[Child]:
        for run in runs:
            if run.text:
                yield from self.run(run)

    def run(self, run: Run) -> Iterator[Child]:
        inner = run.text.strip()
        before, _, after = run.text.partition(inner) if inner else (run.text, "", "")
        yield before
        tone = run.tone or None
        if run.leads_to is not None:
            yield element("a", *pieces(inner), href=f"#{quote(run.leads_to)}")
        elif run.link is not None and _ADDRESS.match(run.link):
            title = None if run.cited is None else self.hint(run.cited)
            yield element("a", inner, href=run.link, class_="cite", title=title, rel="noreferrer")
        elif run.cited is not None:
            yield element("span", inner, class_="cite", title=self.hint(run.cited))
        elif run.tone == "strong":
            yield element("strong", *pieces(inner))
        elif run.tone in MARKS and inner.startswith(MARKS[run.tone]):
            words = inner.removeprefix(MARKS[run.tone])
            yield element("span", element("span", MARKS[run.tone], aria_hidden="true"), words, class_=f"status {tone}")
        elif inner:
            yield from [element("span", *pieces(inner), class_=tone)] if tone else pieces(inner)
        due = None if run.cited is None else run.cited.review_by
        if due is not None and self.as_of is not None and due <= self.as_of:
            yield " "
            said = self.language.say("page.review_due", day=self.language.day(due))
            yield element("span", *pieces(said), class_="stale")
        yield after

    def hint(self, cited: CitationPart) -> str:
        """What is said about a citation where a mouse points at it."""
        return f"{cited.title}, {self.language.say('line.read_on', day=self.language.day(cited.read_on))}"
