"""Plain or coloured text of a given width. What is too long goes on in the next line; only an address is never broken."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from eligibility.language import ENGLISH, Language
from eligibility.rendering.blocks import Block, Chart, Grid, Heading, Item, Paragraph, Run, Table, Tone
from eligibility.rendering.outline import USUAL, Detail, outcome_outline, report_outline
from eligibility.rendering.tree import explanation_outline
from eligibility.report_model import ExplanationNode, OutcomeDocument, ReportDocument

NARROWEST: Final = 40
NARROWEST_COLUMN: Final = 20
_INDENT: Final = "  "
_GAP: Final = "  "
_TOGETHER: Final = re.compile(r"(?<=\b[A-Z]{3}) (?=\d)|(?<= \[[A-Z]) |(?<= \[[A-Z]{2}) ")  # never broken: GBP 1, [R 1
_STYLES: Final[dict[Tone, str]] = {
    "strong": "bold",
    "dim": "dim",
    "met": "green",
    "not_met": "bold red",
    "unknown": "yellow",
    "judgement": "magenta",
    "not_applicable": "dim",
}
_BLANK: Final = Run(" ")
Line = list[Run]
Paint = Callable[[Run], str]


def report_text(
    document: ReportDocument,
    detail: Detail = USUAL,
    *,
    color: bool = False,
    width: int | None = 100,
    language: Language = ENGLISH,
) -> str:
    """A report as text; see `Report.to_text`."""
    return blocks_text(report_outline(document, detail, language), color=color, width=width)


def outcome_text(
    document: OutcomeDocument,
    detail: Detail = USUAL,
    *,
    color: bool = False,
    width: int | None = 100,
    language: Language = ENGLISH,
) -> str:
    """One outcome as text; see `Outcome.to_text`."""
    return blocks_text(outcome_outline(document, detail, language), color=color, width=width)


def explanation_text(node: ExplanationNode, *, color: bool = False, width: int | None = 100, depth: int | None = None) -> str:
    """An explanation as text; see `Explanation.to_text`."""
    return blocks_text(explanation_outline(node, depth), color=color, width=width)


def blocks_text(blocks: Iterable[Block], *, color: bool, width: int | None) -> str:
    """An outline as text."""
    paint = _painter() if color else _plain
    room = sys.maxsize if width is None else max(width, NARROWEST)
    lines: list[Line] = []
    previous: Block | None = None
    for block in blocks:
        if previous is not None and not _follows(previous, block):
            lines.append([])
        lines.extend(_lines(block, room))
        previous = block
    return "".join([f"{''.join([paint(run) for run in line]).rstrip()}\n" for line in lines])


def _follows(previous: Block, block: Block) -> bool:
    """Whether a block stands right under the one before.

    An item under an item, anything under the heading of an outcome or its part.
    """
    if isinstance(previous, Item):
        return isinstance(block, Item)
    return isinstance(previous, Heading) and previous.level > 1 and not isinstance(block, Heading)


def _plain(run: Run) -> str:
    return run.text


def _painter() -> Paint:
    from rich.color import ColorSystem  # imported late: only coloured text needs it
    from rich.style import Style

    styles = {tone: Style.parse(name) for tone, name in _STYLES.items()}

    def paint(run: Run) -> str:
        style = styles.get(run.tone)
        return run.text if style is None else style.render(run.text, color_system=ColorSystem.STANDARD)

    return paint


def _lines(block: Block, width: int) -> Iterator[Line]:
    match block:
        case Heading(level=level, runs=runs):
            yield from _wrapped([Run(run.text, run.tone or "strong") for run in runs], width, [], [])
            if level <= 2:
                yield [Run(("=" if level == 1 else "-") * min(width, _length(runs)), "dim")]
        case Paragraph(runs=runs):
            yield from _wrapped(runs, width, [], [])
        case Item(depth=depth, mark=mark, tone=tone, runs=runs):
            before, bullet = _INDENT * (depth + 1), f"{mark or '-'} "
            yield from _wrapped(runs, width, [Run(before), Run(bullet, tone)], [Run(before + " " * len(bullet))])
        case Table(header=header, rows=rows):
            yield from _table([tuple((Run(cell, "strong"),) for cell in header), *rows], width)
        case Chart(table=table):
            yield from _lines(table, width)
        case Grid(header=header, rows=rows):
            yield from _grid([tuple((Run(cell, "strong"),) for cell in header), *rows], width)


def _wrapped(runs: Sequence[Run], width: int, first: Line, rest: Line) -> Iterator[Line]:
    """Runs broken into lines between words, or inside a word that is longer than a line."""
    line, used, empty = list(first), _length(first), True
    for each in _words(runs):
        word, size = each, _length(each)
        if not empty and used + 1 + size > width:
            yield line
            line, used, empty = list(rest), _length(rest), True
        while empty and used + size > width and not _is_address(word):
            head, word = _split(word, max(1, width - used))
            yield [*line, *head]
            line, used, size = list(rest), _length(rest), _length(word)
        if not empty:
            line.append(_BLANK)
            used += 1
        line.extend(word)
        used, empty = used + size, False
    yield line


def _words(runs: Sequence[Run]) -> Iterator[Line]:
    """The words of some runs; a word can go on from one run into the next."""
    word: Line = []
    for run in runs:
        for position, part in enumerate(_TOGETHER.sub("\N{NO-BREAK SPACE}", run.text).split(" ")):
            if position > 0 and word:
                yield word
                word = []
            if part:
                word.append(Run(part.replace("\N{NO-BREAK SPACE}", " "), run.tone, run.link))
    if word:
        yield word


def _is_address(word: Line) -> bool:
    """Whether a word is the address of a source, which is never broken, so that it can be copied."""
    return word[0].text == word[0].link


def _split(word: Line, room: int) -> tuple[Line, Line]:
    """The part of a word that fits, and the rest."""
    head: Line = []
    for position, run in enumerate(word):
        if len(run.text) > room:
            return [*head, Run(run.text[:room], run.tone)], [Run(run.text[room:], run.tone), *word[position + 1 :]]
        head.append(run)
        room -= len(run.text)
    return head, []


def _length(runs: Sequence[Run]) -> int:
    return sum([len(run.text) for run in runs])


def _table(rows: Sequence[Sequence[Sequence[Run]]], width: int) -> Iterator[Line]:
    """Columns beside each other, the last of which wraps; one under the other where there is no room for that."""
    longest = [max(_length(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    taken = sum(longest) + len(_GAP) * len(longest)
    if width - taken < NARROWEST:
        yield from _narrow_table(rows, width)
        return
    for position, row in enumerate(rows):
        before: Line = []
        for cell, size in zip(row, longest, strict=False):
            before += [*cell, Run(" " * (size - _length(cell)) + _GAP)]
        yield from _wrapped(row[-1], width, before, [Run(" " * taken)])
        if position == 0:
            last = min(width - taken, max(_length(each[-1]) for each in rows))
            yield [Run(_GAP.join("-" * size for size in (*longest, last)), "dim")]


def _narrow_table(rows: Sequence[Sequence[Sequence[Run]]], width: int) -> Iterator[Line]:
    """The rows one under the other: what two say of a third in a sentence, of more than three columns each by its name."""
    header, *others = rows
    for row in others:
        if len(row) > 3:  # no more than fit in one sentence
            yield from _entry(header, row, width)
            continue
        yield from _wrapped([*row[0], Run(": "), *row[1]], width, [], [Run(_INDENT)])
        yield from _wrapped(row[-1], width, [Run(_INDENT)], [Run(_INDENT)])


def _entry(header: Sequence[Sequence[Run]], row: Sequence[Sequence[Run]], width: int) -> Iterator[Line]:
    """A row as a list of its cells by their names, under the first of them."""
    yield from _wrapped(row[0], width, [], [Run(_INDENT)])
    for name, cell in zip(header[1:], row[1:], strict=True):
        yield from _wrapped([*name, Run(": "), *cell], width, [Run(_INDENT)], [Run(_INDENT * 2)])


def _grid(rows: Sequence[Sequence[Sequence[Run]]], width: int) -> Iterator[Line]:
    """Columns beside each other, all of which wrap.

    Where there is no room for that, the name of each row stands above its cells; where there is none for these either, they are
    a list.
    """
    count = len(rows[0])
    longest = [max(_length(row[column]) for row in rows) for column in range(count)]
    room = width - len(_GAP) * (count - 1)
    first = min(longest[0], room // count)
    share = (room - first) // (count - 1)
    if share >= min(NARROWEST_COLUMN, max(longest[1:])):
        others = [min(size, share) for size in longest[1:]]
        yield from _columns(rows, [min(longest[0], room - sum(others)), *others])
        return
    share = (width - len(_INDENT) - len(_GAP) * (count - 2)) // (count - 1)
    word = max(_length(word) for row in rows for cell in row[1:] for word in _words(cell))
    if word <= share and max(longest[1:]) <= 2 * share:
        yield from _stacked(rows, width, [min(size, share) for size in longest[1:]])
        return
    for row in rows[1:]:
        yield from _entry(rows[0], row, width)


def _columns(rows: Sequence[Sequence[Sequence[Run]]], sizes: Sequence[int]) -> Iterator[Line]:
    """Rows of wrapped cells, apart from each other where any of them takes more than a line."""
    cells = [[list(_wrapped(cell, size, [], [])) for cell, size in zip(row, sizes, strict=True)] for row in rows]
    is_high = any(len(cell) > 1 for row in cells[1:] for cell in row)
    for position, row in enumerate(cells):
        if position > 1 and is_high:
            yield []
        yield from _beside(row, sizes)
        if position == 0:
            yield [Run(_GAP.join("-" * size for size in sizes), "dim")]


def _stacked(rows: Sequence[Sequence[Sequence[Run]]], width: int, sizes: Sequence[int]) -> Iterator[Line]:
    """Rows whose first cell stands above the others."""
    for position, row in enumerate(rows):
        yield from _wrapped(row[0], width, [], [Run(_INDENT)])
        cells = [list(_wrapped(cell, size, [], [])) for cell, size in zip(row[1:], sizes, strict=True)]
        yield from ([Run(_INDENT), *line] for line in _beside(cells, sizes))
        if position == 0:
            yield [Run(_INDENT), Run(_GAP.join("-" * size for size in sizes), "dim")]


def _beside(cells: Sequence[Sequence[Line]], sizes: Sequence[int]) -> Iterator[Line]:
    """The lines of some cells beside each other."""
    for parts in zip_longest(*cells, fillvalue=[]):
        line: Line = []
        for part, size in zip(parts, sizes, strict=True):
            line += [*part, Run(" " * (size - _length(part)) + _GAP)]
        yield line
