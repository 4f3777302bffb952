"""`eligibility evaluate`: the outcomes of a profile."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from eligibility.cli.forms import form_option, output_option, write_out
from eligibility.cli.options import as_of_option, language_option, rule_option
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, engine_warnings, has_colour, is_terminal, profile_source, today, write_file
from eligibility.garbage import without_garbage_collection

if TYPE_CHECKING:
    from eligibility.outcome import Outcome
    from eligibility.rendering.outline import Detail
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
  eligibility evaluate profile.json --as-of 2026-11-23 --pathway de.blue_card
  eligibility evaluate - --format json < profile.json
  eligibility evaluate profile.json --format html --output report.html
  eligibility evaluate profile.json --pathway de.blue_card --language de
  eligibility evaluate profile.json --receipt receipt.json
  eligibility evaluate profile.json --rules my_pack/ --exit-status

\b
With --exit-status the exit code tells the best outcome among the pathways (or
the rules named with --pathway):
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
@form_option
@output_option
@click.option("--engine", type=click.Choice(ENGINES), default="durable", help="The engine that evaluates the rules (durable).")
@rules_option
@click.option("--depth", type=click.IntRange(min=0), metavar="N", help="How many levels of criteria are shown; all if left out.")
@click.option("--only-failing", is_flag=True, help="Explain only what is not met.")
@click.option("--full", is_flag=True, help="Explain what lacks many facts in full, too.")
@language_option
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
    full: bool,  # noqa: FBT001  # click passes options by name
    language: str,
    receipt: Path | None,
    exit_status: bool,  # noqa: FBT001  # click passes options by name
) -> int:
    """Evaluate a profile and explain every outcome.

    PROFILE is a JSON file; `-` reads standard input. `eligibility schema profile` says what it may hold. JSON always holds all;
    other forms show as much of it as --depth, --only-failing and --full say.
    """
    with without_garbage_collection():
        from eligibility.engine import load_rules

        source = profile_source(profile)
        with engine_warnings():
            report = load_rules(*folders).evaluate(source, as_of=as_of or today(), pathways=pathways or None, engine=engine)
        if receipt is not None:
            write_file(receipt, report.receipt().to_json())
        report = report.in_language(language)
        if form == "json":
            text = report.to_json()
        else:
            from eligibility.rendering.outline import Detail

            text = _rendered(report, form, Detail(depth, only_failing, full), to_screen=output is None)
    write_out(text, output)
    return _status(report, named=bool(pathways)) if exit_status else Exit.DONE


def _rendered(report: Report, form: str, detail: Detail, *, to_screen: bool) -> str:
    from eligibility.documents import report_document

    document, language = report_document(report), report.findings.compiled.book.language
    if form == "markdown":
        from eligibility.rendering.markdown import report_markdown

        return report_markdown(document, detail, language)
    if form == "html":
        from eligibility.rendering.html import report_html

        return report_html(document, detail, language)
    from eligibility.rendering.text import report_text

    if to_screen and is_terminal(sys.stdout):
        width = get_terminal_size().columns
        return report_text(document, detail, color=has_colour(sys.stdout), width=width, language=language)
    return report_text(document, detail, language=language)


def _status(report: Report, *, named: bool) -> Exit:
    """The exit code of the best outcome; assessments count only where they were asked for by name."""

    def counts(outcome: Outcome) -> bool:
        return named or outcome.kind == "pathway"

    found = {outcome.status.value for outcome in report if counts(outcome)}
    return next((code for status, code in _EXIT.items() if status in found), Exit.NO_WAY_IN)
