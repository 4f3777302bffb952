"""`eligibility timeline`: the days on which outcomes change with nothing but time passing."""

from __future__ import annotations

from pathlib import Path

import click

from eligibility.cli.forms import form_option, output_option, write_answer
from eligibility.cli.options import pathway_option
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, profile_source, today


@click.command(
    epilog="""\b
Examples:
  eligibility timeline profile.json --from 2026-11-23 --to 2028-11-23
  eligibility timeline profile.json --to 2028-11-23 --pathway de.blue_card
  eligibility timeline profile.json --to 2028-11-23 --moving case.applied_on
  eligibility timeline - --to 2028-11-23 --format json < profile.json
"""
)
@click.argument("profile")
@click.option("--from", "start", metavar="DATE", help="The first day, as YYYY-MM-DD; today if left out.")
@click.option("--to", "end", metavar="DATE", required=True, help="The last day, as YYYY-MM-DD.")
@pathway_option
@click.option("--moving", multiple=True, metavar="PATH", help="A day of the profile that is always the day that is looked at.")
@form_option
@output_option
@rules_option
def timeline(
    profile: str,
    start: str | None,
    end: str,
    pathways: tuple[str, ...],
    moving: tuple[str, ...],
    form: str,
    output: Path | None,
    folders: tuple[Path, ...],
) -> int:
    """Say when outcomes change as time passes, and why.

    PROFILE is a JSON file; `-` reads standard input. Every fact stays as stated, the date of application too; a day named with
    --moving moves along. Announced changes of the law are named and not applied.
    """
    from eligibility.engine import load_rules
    from eligibility.timeline import forecast
    from eligibility.timeline_document import timeline_document

    source = profile_source(profile)
    rules = load_rules(*folders)
    found = forecast(rules, source, start or today(), end, pathways or None, moving=moving)
    document = timeline_document(found, rules.book)
    write_answer(document, form, output)
    return Exit.DONE
