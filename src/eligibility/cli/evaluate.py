"""`eligibility evaluate`: the outcomes of a profile."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from eligibility.cli.options import as_of_option, rule_option
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, engine_warnings, has_colour, is_terminal, profile_source, today, write, write_file

if TYPE_CHECKING:
    from eligibility.outcome import Outcome
    from eligibility.report import Report

ENGINES = ("durable", "reference", "compiled")

# The exit code of each status, best outcome first.
_EXIT = {
    "eligible": Exit.DONE,
    "subject_to_judgement": Exit.SUBJECT_TO_JUDGEMENT,
    "undetermined": Exit.UNDETERMINED,
    "not_eligible": Exit.NOT_ELIGIBLE,
    "not_available": Exit.NO_WAY_IN,
    "not_applicable": Exit.NO_WAY_IN,
}

_EPILOG = """\b
Examples:
  eligibility evaluate profile.json
  eligibility evaluate profile.json --as-of 2026-11-23 --pathway gb.skilled_worker
  eligibility evaluate - --format json < profile.json
  eligibility evaluate profile.json --format html --output report.html
  eligibility evaluate profile.json --receipt receipt.json
  eligibility evaluate profile.json --rules my_pack/ --pathway my.route --exit-status

\b
With --exit-status the exit code tells the best outcome among the pathways (or the rules named with --pathway):
   0  eligible
  10  not eligible
  11  undetermined
  12  subject to judgement
  13  not available on that date, or not applicable to the case
"""


@click.command(epilog=_EPILOG)
@click.argument("profile")
@as_of_option
@rule_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    help="The form of the report (text).",
)
@click.option("--output", "-o", metavar="FILE", type=click.Path(path_type=Path), help="Write the report to a file.")
@click.option("--engine", type=click.Choice(ENGINES), default="durable", help="The engine that evaluates the rules (durable).")
@rules_option
@click.option(
    "--depth", type=click.IntRange(min=0), metavar="N", help="How many levels of criteria the text shows; all if left out."
)
@click.option("--only-failing", is_flag=True, help="Let the text explain only what is not met.")
@click.option(
    "--receipt", metavar="FILE", type=click.Path(path_type=Path), help="Write a receipt, which `eligibility verify` replays."
)
@click.option("--exit-status", is_flag=True, help="Let the exit code tell the outcome; see below.")
def evaluate(
    profile: str,
    as_of: str | None,
    pathways: tuple[str, ...],
    form: str,
    output: Path | None,
    engine: str,
    folders: tuple[Path, ...],
    depth: int | None,
    only_failing: bool,  # noqa: FBT001  # click passes options by name
    receipt: Path | None,
    exit_status: bool,  # noqa: FBT001  # click passes options by name
) -> int:
    """Evaluate a profile and explain every outcome.

    PROFILE is a JSON file; `-` reads standard input. `eligibility schema profile` says what it may hold.
    """
    from eligibility.engine import load_rules

    source = profile_source(profile)
    with engine_warnings():
        report = load_rules(*folders).evaluate(source, as_of=as_of or today(), pathways=pathways or None, engine=engine)
    if receipt is not None:
        write_file(receipt, report.receipt().to_json())
    text = _rendered(report, form, depth, only_failing=only_failing, to_screen=output is None and is_terminal(sys.stdout))
    if output is None:
        write(text)
    else:
        write_file(output, text.rstrip("\n"))
    return _status(report, named=bool(pathways)) if exit_status else Exit.DONE


def _rendered(report: Report, form: str, depth: int | None, *, only_failing: bool, to_screen: bool) -> str:
    if form == "json":
        return report.to_json()
    if form == "markdown":
        return report.to_markdown()
    if form == "html":
        return report.to_html()
    if to_screen:
        width = get_terminal_size().columns
        return report.to_text(color=has_colour(sys.stdout), width=width, depth=depth, only_failing=only_failing)
    return report.to_text(depth=depth, only_failing=only_failing)


def _status(report: Report, *, named: bool) -> Exit:
    """The exit code of the best outcome; assessments count only where they were asked for by name."""

    def counts(outcome: Outcome) -> bool:
        return named or outcome.kind == "pathway"

    found = {outcome.status.value for outcome in report if counts(outcome)}
    return next((code for status, code in _EXIT.items() if status in found), Exit.NO_WAY_IN)
