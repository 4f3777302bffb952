"""`eligibility check` and `eligibility test`: whether rule files are sound, and whether the law in them comes out as it must."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eligibility.cli.chosen import Chosen
from eligibility.cli.evaluate import ENGINES
from eligibility.cli.rule_sources import load_rules_of
from eligibility.cli.shell import Exit, engine_warnings, is_terminal, say, write

if TYPE_CHECKING:
    from eligibility.engine import RuleSet
    from eligibility.loader import LoadedPack
    from eligibility.scenarios import Scenario, ScenarioResult


@click.command(
    epilog="""\b
Examples:
  eligibility check
  eligibility check my_pack/
"""
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> None:
    """Check rule files.

    Every name, type, unit, date and citation is checked. PATH is a rule pack or a folder of packs; of the bundled packs only
    those are loaded that it needs. Without PATH the bundled rules are checked. Problems go to standard error, each with its
    place; the exit code is then 3.
    """
    from eligibility.translations import check_languages

    loaded = load_rules_of(paths)
    check_languages(loaded.roots, loaded.book)
    for pack in loaded.packs:
        write(_described(pack))
    write(f"{counted(len(loaded.book.rules), 'rule')}, no errors")


def _described(pack: LoadedPack) -> str:
    about = pack.pack.model
    cases = sum(len(file.model.cases) for file in pack.scenarios)
    parts = [
        counted(len(pack.pathways), "pathway"),
        counted(len(pack.assessments), "assessment"),
        counted(sum(len(file.model.facts) for file in pack.facts), "fact"),
        counted(cases, "scenario"),
    ]
    return f"{about.pack} {about.version} ({about.title}): {', '.join(parts)}"


def counted(number: int, noun: str) -> str:
    """A number of things in words, such as `1 rule` or `2 rules`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@click.command(
    epilog="""\b
Examples:
  eligibility test
  eligibility test gb.skilled_worker
  eligibility test my_pack/ --verbose
  eligibility test --engine reference
  eligibility test gb --coverage
  eligibility test gb.skilled_worker --mutate
"""
)
@click.argument("targets", nargs=-1, metavar="[PATH|ID]...")
@click.option("--engine", type=click.Choice(ENGINES), default="durable", help="The engine that evaluates the rules (durable).")
@click.option("--verbose", "-v", is_flag=True, help="Name every scenario, not only those that fail.")
@click.option("--coverage", is_flag=True, help="Say what no scenario reaches, with a case that would.")
@click.option("--mutate", is_flag=True, help="Change the law in one place after the other, and say what no scenario notices.")
@click.option(
    "--minimum",
    type=click.FloatRange(0, 100),
    default=95,
    metavar="PERCENT",
    help="With --mutate: the share of changes that the scenarios of a pack must notice (95).",
)
@click.option("--all-rows", is_flag=True, help="With --mutate: change every row and entry of long tables and lists, no sample.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="With --mutate: processes at once; as many as cores if left out."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="The form of what --coverage and --mutate say (text).",
)
def test(
    targets: tuple[str, ...],
    engine: str,
    verbose: bool,  # noqa: FBT001  # click passes options by name
    coverage: bool,  # noqa: FBT001
    mutate: bool,  # noqa: FBT001
    minimum: float,
    all_rows: bool,  # noqa: FBT001
    jobs: int | None,
    form: str,
) -> int:
    """Run the scenarios beside the rules.

    A scenario is a profile with what must come out. PATH is a rule pack, a folder of packs, or a file or folder inside a pack;
    ID is a rule or a pack, such as gb.skilled_worker or gb. Without either all scenarios of the bundled rules are run. The exit
    code is 1 if a scenario fails.

    --coverage runs them on the reference engine and lists every criterion, option and branch that is never met, not met, unknown
    or not applicable, and every change of a figure, list or table without a scenario on the day before and on the day itself;
    each with a case that reaches it, ready to paste, where one was found. The exit code is 1 if there are gaps.

    --mutate changes every figure, date, entry, cell, constant and operator of the rules, one at a time and as little as possible,
    and lists the changes after which all scenarios of the pack still come out as they expect, each with its place. The exit code
    is 1 if a pack notices less than --minimum.
    """
    asked = Chosen.of(targets)
    chosen = asked.scenarios()
    if coverage and mutate:
        raise click.UsageError("give either --coverage or --mutate")
    if mutate:
        from eligibility.cli.mutation import Options, report_mutation

        return report_mutation(asked, Options(minimum, all_rows, jobs, form))
    if not chosen:
        say("there is no scenario to run")
        return Exit.FAILURE
    if coverage:
        from eligibility.cli.coverage import report_coverage

        return report_coverage(asked, form)
    with engine_warnings():
        results = _run(asked.loaded, chosen, engine)
    for result in results:
        if verbose or not result.passed:
            write(_told(result))
    failed = sum(not result.passed for result in results)
    rules = len({each.rule for each in chosen})
    write(f"{counted(len(results), 'scenario')} of {counted(rules, 'rule')}: {len(results) - failed:,} passed, {failed:,} failed")
    return Exit.FAILURE if failed else Exit.DONE


def _run(loaded: RuleSet, chosen: Sequence[Scenario], engine: str) -> list[ScenarioResult]:
    from eligibility.scenarios import run_scenario

    with _progress(chosen) as tracked:
        return [run_scenario(loaded, each, engine) for each in tracked]


def _progress(chosen: Sequence[Scenario]) -> AbstractContextManager[Iterable[Scenario]]:
    """The scenarios, with a progress bar on a terminal."""
    if not is_terminal(sys.stderr):
        return nullcontext(chosen)
    return click.progressbar(chosen, label="scenarios", file=sys.stderr, show_pos=True)


def _told(result: ScenarioResult) -> str:
    each = result.scenario
    place = f"{_shown(each.path)}:{each.span.line}"
    head = f"{place}: {each.rule} {each.name} as of {each.as_of.isoformat()}: {each.case.title}"
    if result.passed:
        return f"passed {head}"
    return "\n".join([f"FAILED {head}", *(f"    {line}" for problem in result.problems for line in problem.splitlines())])


def _shown(file: Path) -> Path:
    """A file as seen from the current folder, where it lies below it."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file
