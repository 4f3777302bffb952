"""`eligibility sensitivity`: how far each stated number and day can move before an outcome changes."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size

import click

from eligibility.cli.options import as_of_option, pathway_option
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, is_terminal, profile_source, today, write

WIDTH = 100


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
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the answer (text).")
@rules_option
def sensitivity(profile: str, as_of: str | None, pathways: tuple[str, ...], form: str, folders: tuple[Path, ...]) -> int:
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
    if form == "json":
        write(document.to_json())
    else:
        write(document.to_text(width=get_terminal_size().columns if is_terminal(sys.stdout) else WIDTH))
    return Exit.DONE
