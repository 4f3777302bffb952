"""`eligibility rules`: the loaded rules, and one rule as a page to read."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from eligibility.cli.options import language_option
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import has_colour, is_terminal, today, write

if TYPE_CHECKING:
    from eligibility.rulebook import Rule

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the answer (text)."
)


@click.group()
def rules() -> None:
    """List the rules, or show one of them."""


@rules.command(
    "list",
    epilog="""\b
Examples:
  eligibility rules list
  eligibility rules list --rules my_pack/ --format json
""",
)
@_FORMAT
@rules_option
def list_rules(form: str, folders: tuple[Path, ...]) -> None:
    """List every pathway and assessment."""
    from eligibility.engine import load_rules

    found = [_row(rule) for rule in load_rules(*folders).book.rules.values()]
    if form == "json":
        write(json.dumps(found, ensure_ascii=False, indent=2))
    elif is_terminal(sys.stdout):
        write(_table(found))
    else:
        write(_columns(found))


def _row(rule: Rule) -> dict[str, str | None]:
    def day(value: object) -> str | None:
        return None if value is None else str(value)

    return {
        "id": rule.id,
        "kind": rule.kind,
        "jurisdiction": rule.jurisdiction,
        "from": day(rule.interval.start),
        "until": day(rule.interval.until),
        "reviewed_until": day(rule.reviewed_until),
        "title": rule.title,
    }


_HEADINGS = ("id", "kind", "jurisdiction", "from", "until", "reviewed until", "title")


def _columns(found: list[dict[str, str | None]]) -> str:
    """A table of aligned columns, nothing cut, for files and other programs."""
    lines = [_HEADINGS, *(tuple(value or "-" for value in row.values()) for row in found)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]) for line in lines
    )


def _table(found: list[dict[str, str | None]]) -> str:
    """The same as a table that fits the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=heading == "id", overflow="fold")
    for row in found:
        table.add_row(*(Text(value or "-") for value in row.values()))
    console = Console(color_system="auto" if has_colour(sys.stdout) else None, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")


@rules.command(
    epilog="""\b
Examples:
  eligibility rules show gb.skilled_worker
  eligibility rules show gb.skilled_worker --as-of 2024-04-04
  eligibility rules show core.role --format json
  eligibility rules show de.blue_card --language de
"""
)
@click.argument("rule_id", metavar="ID")
@click.option("--as-of", metavar="DATE", help="Mark what is in force on this day, as YYYY-MM-DD; today if left out.")
@_FORMAT
@language_option
@rules_option
def show(rule_id: str, as_of: str | None, form: str, language: str, folders: tuple[Path, ...]) -> None:
    """Show one rule whole.

    Criteria, figures with their history, lists, tables, derived values, notes and sources, as the rule file states them.
    """
    from eligibility.cli.rule_data import rule_data
    from eligibility.cli.rule_page import rule_page
    from eligibility.engine import load_rules, parse_day

    loaded = load_rules(*folders).in_language(language)
    data = rule_data(loaded, rule_id, parse_day(as_of or today()))
    if form == "json":
        write(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        width = get_terminal_size().columns if is_terminal(sys.stdout) else None
        write(rule_page(data, loaded.book.language, width=width, colour=has_colour(sys.stdout)))


@rules.command(
    epilog="""\b
Examples:
  eligibility rules inventory
  eligibility rules inventory --rules my_pack/ --format markdown > pathways.md
"""
)
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", help="The form of the answer (text)."
)
@rules_option
def inventory(form: str, folders: tuple[Path, ...]) -> None:
    """Count what each rule holds.

    Criteria, dated figures, list entries, table rows and scenarios, the grades of its sources, and when they were read.
    """
    from eligibility import inventory as holdings
    from eligibility.engine import load_rules

    loaded = load_rules(*folders)
    found = holdings.inventory(loaded)
    if form == "json":
        write(json.dumps([each.as_dict() for each in found], ensure_ascii=False, indent=2))
    elif form == "markdown":
        write(holdings.markdown(found, {pack.jurisdiction: pack.title for pack in loaded.book.packs}).rstrip("\n"))
    else:
        write(_aligned([holdings.HEADINGS, *(holdings.cells(each) for each in found)]))


def _aligned(lines: list[tuple[str, ...]]) -> str:
    """Columns that are as wide as their widest cell; all but the first flush right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    )
