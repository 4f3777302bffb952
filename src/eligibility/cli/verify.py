"""`eligibility verify`: a receipt replayed."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size

import click

from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, engine_warnings, has_colour, is_terminal, profile_source, write


@click.command(
    epilog="""\b
Examples:
  eligibility evaluate profile.json --receipt receipt.json
  eligibility verify receipt.json profile.json
  eligibility verify receipt.json profile.json --as-of 2027-04-01

\b
Exit codes:
   0  verified, or other rules give the same findings
   4  the profile is not valid
   5  no receipt, one that was altered, or one about another profile
  14  the rules of now give other findings
"""
)
@click.argument("receipt", type=click.Path(path_type=Path))
@click.argument("profile")
@click.option("--as-of", metavar="DATE", help="Apply the law of this day, not that of the day of the receipt.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="The form of the answer (text)."
)
@rules_option
def verify(receipt: Path, profile: str, as_of: str | None, form: str, folders: tuple[Path, ...]) -> int:
    """Replay a receipt and explain what differs now.

    RECEIPT is a file that `eligibility evaluate --receipt` wrote, PROFILE the JSON file it was written for; `-` reads standard
    input. A receipt proves that it is whole, not who made it: keep it where nobody can write it anew.
    """
    from eligibility.engine import load_rules
    from eligibility.verification import read_receipt
    from eligibility.verification import verify as replay

    then = read_receipt(receipt)
    source = profile_source(profile)
    with engine_warnings():
        found = replay(then, source, load_rules(*folders), as_of=as_of)
    if form == "json":
        write(found.to_json())
    elif form == "markdown":
        write(found.to_markdown())
    elif is_terminal(sys.stdout):
        write(found.to_text(color=has_colour(sys.stdout), width=get_terminal_size().columns))
    else:
        write(found.to_text())
    return Exit.DRIFT if found.verdict == "drifted" else Exit.DONE
