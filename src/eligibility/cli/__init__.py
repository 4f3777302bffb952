"""The command line: `main` is what `eligibility` and `python -m eligibility` run; `shell.Exit` lists the exit codes.

Commands import what they need when they run, so that help and completion are quick.
"""

from __future__ import annotations

import click

from eligibility.cli import ask, batch, check, compare, evaluate, remedies, rules, schema, sensitivity, simulate, timeline, verify
from eligibility.cli.shell import CommandLine, Exit

__all__ = ["Exit", "main"]

_EPILOG = """\b
Examples:
  eligibility evaluate profile.json --as-of 2026-11-23
  eligibility evaluate - --pathway de.blue_card --format json < profile.json
  eligibility ask -o profile.json
  eligibility batch people.csv -o outcomes.csv
  eligibility rules show gb.skilled_worker
  eligibility check my_pack/ && eligibility test my_pack/

\b
Exit codes:
  0  done
  1  failure, or a scenario that failed
  2  wrong usage
  3  the rules do not load
  4  the profile is not valid
  5  the receipt is not valid
  10 to 13  outcomes, see `eligibility evaluate --help`
  14 drift, see `eligibility verify --help`

\b
Completion of commands and options (bash; zsh and fish likewise):
  eval "$(_ELIGIBILITY_COMPLETE=bash_source eligibility)"
"""


@click.group(cls=CommandLine, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="eligibility", message="eligibility %(version)s")
def main() -> None:
    """Decide, and explain, who can be sponsored for skilled work abroad.

    Information, not legal advice. Data goes to standard output, everything else to standard error.
    """


for _command in (
    evaluate.evaluate,
    ask.ask,
    verify.verify,
    compare.compare,
    batch.batch,
    simulate.simulate,
    remedies.remedies,
    timeline.timeline,
    sensitivity.sensitivity,
    check.check,
    check.test,
    rules.rules,
    schema.schema,
):
    main.add_command(_command)
