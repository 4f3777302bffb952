"""Markdown. What people stated is escaped, so that it cannot become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from eligibility.language import ENGLISH, Language
from eligibility.rendering.blocks import Block, Chart, Grid, Heading, Item, Run, Table
from eligibility.rendering.outline import USUAL, Detail, outcome_outline, report_outline
from eligibility.rendering.tree import explanation_outline
from eligibility.report_model import ExplanationNode, OutcomeDocument, ReportDocument

_UNSAFE: Final = re.compile(r"[\s()<>\\]")  # would end an address
_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#~])")


def report_markdown(document: ReportDocument, detail: Detail = USUAL, language: Language = ENGLISH) -> str:
    """A report as Markdown."""
    return blocks_markdown(report_outline(document, detail, language))


def outcome_markdown(document: OutcomeDocument, detail: Detail = USUAL, language: Language = ENGLISH) -> str:
    """One outcome as Markdown."""
    return blocks_markdown(outcome_outline(document, detail, language))


def explanation_markdown(node: ExplanationNode) -> str:
    """An explanation as a nested list."""
    return blocks_markdown(explanation_outline(node, None))


def blocks_markdown(blocks: Iterable[Block]) -> str:
    """An outline as Markdown."""
    lines: list[str] = []
    previous: Block | None = None
    for block in blocks:
        if previous is not None and not (isinstance(previous, Item) and isinstance(block, Item)):
            lines.append("")
        lines.extend(_lines(block))
        previous = block
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading(level=level, runs=runs):
            yield f"{'#' * level} {''.join(_escaped(run.text) for run in runs)}"
        case Item(depth=depth, mark=mark, runs=runs):
            yield f"{'  ' * depth}- {f'{_escaped(mark)} ' if mark else ''}{_inline(runs)}"
        case Table(header=header, rows=rows) | Grid(header=header, rows=rows):
            yield f"| {' | '.join(_escaped(name) for name in header)} |"
            yield f"| {' | '.join('---' for _ in header)} |"
            for row in rows:
                yield f"| {' | '.join(_inline(cell) for cell in row)} |"
        case Chart(table=table):
            yield from _lines(table)
        case _:
            yield _inline(block.runs)


def _inline(runs: Sequence[Run]) -> str:
    return "".join(
        _linked(run) if run.link else _strong(run.text) if run.tone == "strong" else _escaped(run.text) for run in runs
    )


def _linked(run: Run) -> str:
    """A link; a text that is the address itself stands between angle brackets."""
    inner = run.text.strip()
    before = run.text[: len(run.text) - len(run.text.lstrip())]
    address = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", run.link or "")
    return f"{before}<{address}>" if inner == run.link else f"{before}[{_escaped(inner)}]({address})"


def _strong(text: str) -> str:
    """Bold text; blanks stay outside the stars, where Markdown wants them."""
    inner = text.strip()
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}**{_escaped(inner)}**{after}" if inner else text


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
