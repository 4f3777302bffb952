"""`eligibility batch`: files of profiles to a table of outcomes."""

from __future__ import annotations

from pathlib import Path

import click

from eligibility.cli.options import as_of_option, rule_option
from eligibility.cli.population import columns_option, form_option, id_option, needs_columns, show, watching
from eligibility.cli.rule_sources import rules_option
from eligibility.cli.shell import Exit, say, tidy_end, today
from eligibility.english import counted

_EPILOG = """\b
Examples:
  eligibility batch people.csv -o outcomes.csv
  eligibility batch people.jsonl -o out.parquet --pathway gb.skilled_worker
  eligibility batch 'in/*.parquet' -o out.csv --as-of-column applied --id ref
  eligibility batch export.csv -o out.csv --columns columns.yaml
  eligibility batch in.csv -o out.csv --summary out.html --explain-failures 3
  zcat people.jsonl.gz | eligibility batch - -o outcomes.jsonl

Columns are named by the paths of facts (`eligibility schema profile` lists them), or a file says which they are:

\b
  columns:
    salary: {fact: offer.salary, currency: EUR, period: year, times: 1000}
    english: {fact: applicant.languages.english, values: {good: B2}}
    passports: {fact: applicant.nationalities, separator: "|"}
    job_country: offer.country
  constants: {offer.weekly_hours: 40}
  ignore: [comments]
  missing: [n/a]

A row that is not valid is rejected and the run goes on: why stands in OUT.rejects.jsonl. OUT comes to be when all is done.
Of Parquet only the columns are read that the rules need: a wrong value in another rejects no row.
"""


@click.command(epilog=_EPILOG)
@click.argument("files", nargs=-1, required=True, metavar="[IN]...")
@click.option("--output", "-o", required=True, metavar="OUT", type=click.Path(path_type=Path), help="The table to write.")
@as_of_option
@click.option("--as-of-column", metavar="NAME", help="Take the day whose law applies from a column.")
@rule_option
@columns_option
@id_option
@form_option
@click.option("--statuses", is_flag=True, help="Add the status of each criterion.")
@click.option(
    "--explain-failures",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Explain N rows that are not eligible, for each rule, in OUT.failures.jsonl.",
)
@click.option("--summary", metavar="FILE", type=click.Path(path_type=Path), help="Write the summary as .html or .json.")
@rules_option
def batch(
    files: tuple[str, ...],
    output: Path,
    as_of: str | None,
    as_of_column: str | None,
    pathways: tuple[str, ...],
    columns: Path | None,
    id_column: str | None,
    form: str | None,
    statuses: bool,  # noqa: FBT001  # click passes options by name
    explain_failures: int,
    summary: Path | None,
    folders: tuple[Path, ...],
) -> int:
    """Evaluate tables of profiles: CSV, JSON Lines or Parquet.

    IN are files, patterns such as 'in/*.csv', or `-` for standard input; OUT ends in .csv, .tsv, .jsonl or .parquet.
    """
    needs_columns()
    from eligibility.batch import evaluate_files
    from eligibility.batch.running import beside
    from eligibility.engine import load_rules

    rules = load_rules(*folders)
    with tidy_end(), watching() as watch:
        found = evaluate_files(
            files,
            output,
            rules,
            as_of=None if as_of is None and as_of_column is not None else as_of or today(),
            as_of_column=as_of_column,
            pathways=pathways,
            columns=columns,
            id_column=id_column,
            form=form,  # type: ignore[arg-type]  # one of the choices
            statuses=statuses,
            explain_failures=explain_failures,
            summary=summary,
            watch=watch,
        )
    show(found)
    if not explain_failures and (old := beside(output, "failures")).exists():
        say(f"warning: {old} was there before and is not of this run")
    if found.rejected:
        verb = "was" if found.rejected == 1 else "were"
        say(f"warning: {found.rejected:,} of {counted(found.rows, 'row')} {verb} rejected; see {found.rejects}")
    return Exit.DONE
