"""`eligibility simulate`: one population under two laws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eligibility.cli.options import rule_option
from eligibility.cli.population import columns_option, form_option, id_option, needs_columns, show, watching
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, say, tidy_end, today
from eligibility.english import counted

if TYPE_CHECKING:
    from eligibility.engine import RuleSet

_EPILOG = """\b
Examples:
  eligibility simulate in.parquet --as-of 2025-07-21 --against 2025-07-22
  eligibility simulate in.csv --against 2027-01-01 --by offer.country
  eligibility simulate in.jsonl --against 2027-01-01 --report moves.html
  eligibility simulate in.csv --rules-against draft/ --moved out.csv --id ref

Columns are named by the paths of facts, or a file says which they are: see `eligibility batch --help`.
"""


@click.command(epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="[POPULATION]...")
@click.option("--as-of", metavar="DATE", help="The day of the first law; today if left out.")
@click.option("--against", metavar="DATE", help="The day of the second law; the same day if left out.")
@click.option(
    "--rules-against",
    "others",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The rule packs of the second law, in the place of those of the same names; repeatable.",
)
@rule_option
@click.option("--by", metavar="NAME", help="Count by the groups of a column, which may be a fact.")
@columns_option
@id_option
@form_option
@click.option(
    "--moved", metavar="FILE", type=click.Path(path_type=Path), help="Write the rows that move (.csv, .jsonl, .parquet)."
)
@click.option("--report", metavar="FILE", type=click.Path(path_type=Path), help="Write the result as .html or .json.")
@rules_option
def simulate(
    files: tuple[str, ...],
    as_of: str | None,
    against: str | None,
    others: tuple[Path, ...],
    pathways: tuple[str, ...],
    by: str | None,
    columns: Path | None,
    id_column: str | None,
    form: str | None,
    moved: Path | None,
    report: Path | None,
    folders: tuple[Path, ...],
) -> int:
    """Compare what comes of a population under two laws.

    It says who moves, where to, and why. POPULATION are files or patterns of CSV, JSON Lines or Parquet, or `-`. The laws are
    those of two days, of two sets of rule packs, or both.
    """
    needs_columns()
    from eligibility.batch import simulate_files
    from eligibility.engine import load_rules

    rules = load_rules(*folders)
    with tidy_end(), watching() as watch:
        found = simulate_files(
            files,
            rules,
            as_of=as_of or today(),
            against=against,
            rules_against=_instead(others, rules) if others else None,
            pathways=pathways,
            columns=columns,
            id_column=id_column,
            by=by,
            moved=moved,
            form=form,  # type: ignore[arg-type]  # one of the choices
            report=report,
            watch=watch,
        )
    show(found)
    if found.rejected:
        verb = "is" if found.rejected == 1 else "are"
        say(f"warning: {found.rejected:,} of {counted(found.rows, 'row')} {verb} not valid; `eligibility batch` says why")
    return Exit.DONE


def _instead(others: tuple[Path, ...], rules: RuleSet) -> RuleSet:
    """The rules with some packs in the place of those of the same names."""
    from eligibility.engine import load_rules
    from eligibility.loader import pack_names

    names = {name for _, name in pack_names(others)}
    kept = [root for root, name in pack_names(rules.roots) if name not in names]
    return load_rules(*kept, *others, bundled=False)
