"""`eligibility remedies`: the smallest changes with which a pathway no longer fails."""

from __future__ import annotations

from pathlib import Path

import click

from eligibility.cli.forms import form_option, output_option, write_answer
from eligibility.cli.options import as_of_option, pathway_option
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, profile_source, today


@click.command(
    epilog="""\b
Examples:
  eligibility remedies profile.json
  eligibility remedies profile.json --pathway de.blue_card --as-of 2026-11-23
  eligibility remedies - --format json --limit 5 < profile.json
"""
)
@click.argument("profile")
@as_of_option
@pathway_option
@click.option("--limit", type=click.IntRange(min=1), default=3, metavar="N", help="How many remedies of each pathway (3).")
@click.option("--anything", is_flag=True, help="Also change what nobody can change, such as an age or a date that has passed.")
@form_option
@output_option
@rules_option
def remedies(
    profile: str,
    as_of: str | None,
    pathways: tuple[str, ...],
    limit: int,
    anything: bool,  # noqa: FBT001  # click passes options by name
    form: str,
    output: Path | None,
    folders: tuple[Path, ...],
) -> int:
    """Say what would let a pathway no longer fail.

    PROFILE is a JSON file; `-` reads standard input. Without --pathway all pathways that concern the case and fail are looked at,
    the nearest to an approval first. Every remedy is exact, minimal and confirmed by evaluation; it says who would have to act.
    What nobody can change is left as it is.
    """
    from eligibility.engine import load_rules, parse_day
    from eligibility.remedies import advise
    from eligibility.remedies.document import document

    source = profile_source(profile)
    rules, day = load_rules(*folders), parse_day(as_of or today())
    found = document(advise(rules, source, day, pathways or None, limit=limit, anything=anything), day, rules.book)
    write_answer(found, form, output)
    return Exit.DONE
