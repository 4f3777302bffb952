"""Comparisons as an outline with one grid, and as a page of HTML."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from eligibility.comparison_model import Cell, Comparison, Refused
from eligibility.english import counted
from eligibility.rendering.outline import MARKS, TONES, Block, Grid, Heading, Item, Paragraph, Run, Tone

_FINDING_TONES: Final[dict[str, Tone]] = {"met": "met", "not_met": "not_met", "unknown": "unknown", "judgement": "judgement"}
_STYLE: Final = """
body { font: 1rem/1.4 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: bold; padding-bottom: .5rem; }
th, td { border: 1px solid #767676; padding: .4rem .6rem; text-align: left; vertical-align: top; }
.met strong { color: #1a6b2b; } .not_met strong { color: #a8071a; } .unknown strong { color: #7a4a00; }
.judgement strong { color: #6a1b9a; } .not_applicable { color: #595959; }
"""


def comparison_outline(document: Comparison) -> Iterator[Block]:
    """The outline of a comparison."""
    yield Heading(1, (Run(_title(document)),))
    if document.rows:
        rows = tuple(((Run(row.title),), *(_cell(cell) for cell in row.cells)) for row in document.rows)
        yield Grid((_corner(document), *document.profiles), rows)
    else:
        yield Paragraph((Run("No pathway concerns any of these cases."),))
    if document.unconcerned:
        yield Paragraph((Run(_unconcerned(document)),))
    for refused in document.refused:
        yield Heading(3, (Run(_not_compared(refused)),))
        for problem in refused.problems:
            yield Item(0, MARKS["not_met"], "not_met", (Run(f"{problem.path}: {problem.message} [{problem.code}]"),))
    yield Paragraph((Run(document.notice, "strong"),))


def _title(document: Comparison) -> str:
    about = f"{document.rows[0].title}: " if document.rule else ""
    return f"{about}{counted(len(document.profiles), 'profile')} as of {document.as_of}"


def _corner(document: Comparison) -> str:
    return "Criterion" if document.rule else "Pathway"


def _unconcerned(document: Comparison) -> str:
    verb = "concerns" if len(document.unconcerned) == 1 else "concern"
    return f"{counted(len(document.unconcerned), 'further pathway')} {verb} none of the cases."


def _not_compared(refused: Refused) -> str:
    return f"{refused.name} could not be compared"


def _cell(cell: Cell) -> tuple[Run, ...]:
    status = Run(_status(cell), _tone(cell))
    return (status, Run(f": {cell.reason}")) if cell.reason else (status,)


def _tone(cell: Cell) -> Tone:
    return _FINDING_TONES.get(cell.status) or TONES[cell.status]


def _status(cell: Cell) -> str:
    return f"{MARKS[_tone(cell)]} {cell.status.replace('_', ' ')}"


def comparison_html(document: Comparison) -> str:
    """A comparison as a page that needs no other file; everything that was stated is escaped."""
    return "\n".join(_page(document)) + "\n"


def _page(document: Comparison) -> Iterator[str]:
    title = escape(_title(document))
    yield f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    if document.rows:
        names = "".join(f'<th scope="col">{escape(name)}</th>' for name in document.profiles)
        yield f"<table>\n<caption>{_corner(document)} by profile</caption>"
        yield f'<thead><tr><th scope="col">{_corner(document)}</th>{names}</tr></thead>\n<tbody>'
        for row in document.rows:
            cells = "".join(f'<td class="{_tone(cell)}">{_content(cell)}</td>' for cell in row.cells)
            yield f'<tr><th scope="row">{escape(row.title)}</th>{cells}</tr>'
        yield "</tbody>\n</table>"
    else:
        yield "<p>No pathway concerns any of these cases.</p>"
    if document.unconcerned:
        yield f"<p>{_unconcerned(document)}</p>"
    for refused in document.refused:
        problems = "".join(f"<li>{escape(f'{each.path}: {each.message} [{each.code}]')}</li>" for each in refused.problems)
        yield f"<h2>{escape(_not_compared(refused))}</h2>\n<ul>{problems}</ul>"
    yield f"<p><strong>{escape(document.notice)}</strong></p>\n</body>\n</html>"


def _content(cell: Cell) -> str:
    reason = f"<br>{escape(cell.reason)}" if cell.reason else ""
    return f"<strong>{_status(cell)}</strong>{reason}"
