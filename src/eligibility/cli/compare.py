"""`eligibility compare`: profiles side by side."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from eligibility.cli.evaluate import ENGINES
from eligibility.cli.forms import form_option, output_option, write_out
from eligibility.cli.options import as_of_option
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, engine_warnings, has_colour, is_terminal, say, today

if TYPE_CHECKING:
    from eligibility.comparison import Source
    from eligibility.comparison_model import Comparison
    from eligibility.rulebook import RuleBook


@click.command(
    epilog="""\b
Examples:
  eligibility compare first.json second.json
  eligibility compare first.json second.json --pathway gb.skilled_worker
  eligibility compare me.json --offers offers.json --format html -o out.html
  eligibility compare --people people.json --offers offers.json

\b
Offers and people are parts of profiles, by name or in a list:
  {"London": {"offer": {"country": "GB"}},
   "Munich": {"offer": {"country": "DE"}}}
What a part states takes the place of what the profile states, null takes it
away, the rest stays.

\b
Exit codes:
  0  all profiles were compared
  4  a profile is not valid; the others were compared
"""
)
@click.argument("profiles", nargs=-1, type=click.Path(path_type=Path))
@click.option("--people", type=click.Path(path_type=Path), metavar="FILE", help="Put each of several people into the profile.")
@click.option("--offers", type=click.Path(path_type=Path), metavar="FILE", help="Put each of several offers into the profile.")
@as_of_option
@click.option(
    "--pathway", "pathways", multiple=True, metavar="ID", help="Only this rule; given once, its criteria become the rows."
)
@form_option
@output_option
@click.option("--engine", type=click.Choice(ENGINES), default="durable", help="The engine that evaluates the rules (durable).")
@rules_option
def compare(
    profiles: tuple[Path, ...],
    people: Path | None,
    offers: Path | None,
    as_of: str | None,
    pathways: tuple[str, ...],
    form: str,
    output: Path | None,
    engine: str,
    folders: tuple[Path, ...],
) -> int:
    """Compare profiles in one table with the main reasons.

    PROFILES are JSON files, one a column: rows are the pathways, or the criteria of the one that --pathway names. One profile is
    set against all pathways; with --offers or --people, each of these is put into it.
    """
    from eligibility.comparison import compare as side_by_side
    from eligibility.engine import load_rules

    if not profiles and people is None and offers is None:
        raise click.UsageError("give at least one profile, or --people or --offers")
    rules = load_rules(*folders)
    sources = _sources(profiles, people, offers, rules.book)
    with engine_warnings():
        found = side_by_side(sources, rules, as_of=as_of or today(), pathways=pathways or None, engine=engine)
    write_out(_rendered(found, form, to_screen=output is None), output)
    for refused in found.refused:
        say(f"warning: {refused.name} could not be compared")
    return Exit.INVALID_PROFILE if found.refused else Exit.DONE


def _sources(profiles: tuple[Path, ...], people: Path | None, offers: Path | None, book: RuleBook) -> dict[str, Source]:
    from eligibility.comparison import read_base, read_parts, variants

    stems = Counter(path.stem for path in profiles)
    named = {path.stem if stems[path.stem] == 1 else str(path): path for path in profiles}
    if people is None and offers is None:
        return dict(named)
    parts = [read_parts(path, word) for path, word in ((people, "person"), (offers, "offer")) if path is not None]
    bases = {name: read_base(path) for name, path in named.items()} or {"": {}}
    return variants(bases, *parts, book=book)


def _rendered(found: Comparison, form: str, *, to_screen: bool) -> str:
    if form == "json":
        return found.to_json()
    if form == "markdown":
        return found.to_markdown()
    if form == "html":
        return found.to_html()
    if to_screen and is_terminal(sys.stdout):
        return found.to_text(color=has_colour(sys.stdout), width=get_terminal_size().columns)
    return found.to_text()
