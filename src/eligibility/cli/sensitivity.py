"""`eligibility sensitivity`: how far each stated number and day can move before an outcome changes."""

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
  eligibility sensitivity profile.json --as-of 2026-11-23
  eligibility sensitivity profile.json --pathway gb.skilled_worker
  eligibility sensitivity - --format json < profile.json
"""
)
@click.argument("profile")
@as_of_option
@pathway_option
@form_option
@output_option
@rules_option
def sensitivity(
    profile: str, as_of: str | None, pathways: tuple[str, ...], form: str, output: Path | None, folders: tuple[Path, ...]
) -> int:
    """Say how safe each settled outcome is.

    PROFILE is a JSON file; `-` reads standard input. For every stated number, sum and day that matters: between which values it
    can move, alone, while the outcome stays, and what comes beyond. The closest come first, then the margins of the conditions
    that decide.
    """
    from eligibility.engine import load_rules, parse_day
    from eligibility.sensitivity import sensitivity as measured
    from eligibility.sensitivity_document import sensitivity_document

    source = profile_source(profile)
    rules, day = load_rules(*folders), parse_day(as_of or today())
    document = sensitivity_document(measured(rules, source, day, pathways or None), day, rules.book)
    write_answer(document, form, output)
    return Exit.DONE
