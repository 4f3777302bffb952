"""Batches: how every rule came out, what fails and what is missing most often, and why rows were rejected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from eligibility.batch_model import BatchSummary, Common, RuleTally
from eligibility.english import counted
from eligibility.rendering.blocks import MARKS, TONES, Block, Grid, Heading, Item, Paragraph, Run, Table, Tone
from eligibility.rendering.html import blocks_html
from eligibility.rendering.shares import STATUSES, percent, shares_chart, words
from eligibility.report_model import StatusName

_REASONS: Final = 10  # so many reasons are shown, the rest is counted
_RULES: Final = 5  # of so many rules all reasons are shown that are counted, of more the commonest
_NOT_CONCERNED: Final = frozenset({"not_applicable", "not_available"})


def batch_outline(document: BatchSummary) -> Iterator[Block]:
    """The outline of what came of a batch."""
    day = "as of the date of each row" if document.as_of is None else f"as of {document.as_of}"
    yield Heading(1, (Run(f"{counted(document.rows, 'row')} {day}"),))
    yield Paragraph((Run(_sentence(document)),))
    concerned = [rule for rule in document.rules if set(rule.outcomes) - _NOT_CONCERNED]
    if concerned:
        columns = [status for status in STATUSES if any(rule.outcomes.get(status) for rule in concerned)]
        yield Grid(("Rule", *(words(status) for status in columns)), tuple(_row(rule, columns) for rule in concerned))
    rest = len(document.rules) - len(concerned)
    if rest:
        what = counted(rest, "further rule" if concerned else "rule")
        yield Paragraph((Run(f"{what} {'concerns' if rest == 1 else 'concern'} none of the rows."),))
    if any(rule.failing or rule.missing for rule in concerned):
        yield Heading(2, (Run("What decides most often"),))
        shown = None if len(concerned) <= _RULES else 1
        for rule in concerned:
            yield from _reasons(rule, shown)
        if shown is not None:
            yield Paragraph((Run("Of each rule the commonest is shown; the summary as JSON has more."),))
    yield from _rejected(document)
    yield Paragraph((Run(document.notice, "strong"),))


def _sentence(document: BatchSummary) -> str:
    files = f"from {counted(len(document.files), 'file')}"
    rejected = f"{document.rejected:,} rejected" if document.rejected else "none rejected"
    seconds = f"{document.milliseconds // 1000}.{document.milliseconds % 1000 // 100}"
    return f"{counted(document.evaluated, 'row')} {files} evaluated, {rejected}; {seconds} s, {document.rate:,} rows/s."


def _row(rule: RuleTally, columns: Sequence[StatusName]) -> tuple[tuple[Run, ...], ...]:
    total = sum(rule.outcomes.values())
    cells = (_cell(status, rule.outcomes.get(status, 0), total) for status in columns)
    return (_name(rule), *cells)


def _name(rule: RuleTally) -> tuple[Run, ...]:
    """A rule by its title and the id that its column of the table has."""
    return (Run(rule.title), Run(f" ({rule.id})", "dim"))


def _cell(status: str, rows: int, total: int) -> tuple[Run, ...]:
    if not rows:
        return (Run("0", "dim"),)
    tone = TONES[status]
    return (Run(f"{rows:,}", tone), Run(f" ({percent(rows, total)})"))


def _reasons(rule: RuleTally, shown: int | None) -> Iterator[Block]:
    if not rule.failing and not rule.missing:
        return
    yield Item(0, "", "", _name(rule))
    yield from _common("fail", "not_met", rule.failing[:shown], rule.failing_of, rule.outcomes.get("not_eligible", 0))
    yield from _common("are without", "unknown", rule.missing[:shown], rule.missing_of, rule.outcomes.get("undetermined", 0))


def _common(verb: str, tone: Tone, found: Sequence[Common], of: int, total: int) -> Iterator[Block]:
    sample = "" if of == total else f" of a sample of {of:,}"
    for each in found:
        yield Item(1, MARKS[tone], tone, (Run(f"{percent(each.rows, of)}{sample} {verb}: {each.title} [{each.id}]"),))


def _rejected(document: BatchSummary) -> Iterator[Block]:
    if not document.rejected:
        return
    yield Heading(2, (Run(f"{counted(document.rejected, 'row')} rejected"),))
    rows = tuple(
        ((Run(f"{each.rows:,}"),), (Run(each.code),), (Run(each.path),), (Run(each.reason),))
        for each in document.reasons[:_REASONS]
    )
    yield Table(("Rows", "Code", "Place", "Reason of the first"), rows, "Why rows were rejected")
    rest = len(document.reasons) - _REASONS
    more = f"; {counted(rest, 'further reason')}" if rest > 0 else ""
    yield Paragraph((Run(f"Each stands in {document.rejects}{more}."),))


def batch_html(document: BatchSummary) -> str:
    """A batch as a page that needs no other file; everything that was stated is escaped."""
    concerned = [rule for rule in document.rules if set(rule.outcomes) - _NOT_CONCERNED]
    bars = [(rule.title, [("", {**rule.outcomes})]) for rule in concerned]
    chart = [shares_chart("Outcomes", bars)] if bars else []
    return blocks_html(batch_outline(document), document.as_of, chart)
