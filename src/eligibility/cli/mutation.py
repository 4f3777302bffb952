"""`eligibility test --mutate`: which single changes of the law no scenario notices."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eligibility.cli.chosen import Chosen
from eligibility.cli.shell import Exit, has_colour, is_terminal, say, write
from eligibility.diagnostics import Diagnostic, UsageError
from eligibility.mutation.bench import Bench
from eligibility.mutation.mutants import Mutant
from eligibility.mutation.neighbours import SAMPLE
from eligibility.mutation.scores import Excuse, Score, Verdict, cores, excuses_of, judge, mutants_of, run, scored, vain
from eligibility.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Options:
    """How mutants are tried, and what is asked of a pack."""

    minimum: float
    every: bool
    jobs: int | None
    form: str


def report_mutation(asked: Chosen, options: Options) -> int:
    """Write what survives; the exit code is 1 for a pack below the minimum, a scenario that fails, an excuse of nothing."""
    by_pack = _by_pack(asked, every=options.every)
    if not by_pack:
        raise UsageError([Diagnostic("E600", "there is no rule to change", help="name a rule, a pack or a folder")])
    verdicts: list[Verdict] = []
    for pack, mutants in by_pack.items():
        bench = Bench(asked.loaded, _scenarios_of(asked, pack))
        if bench.broken:
            return _broken(bench.broken)
        found = _tried(bench, mutants, options.jobs or cores(), pack)
        verdicts += judge(mutants, found, excuses_of(asked.loaded))
    rules = {each.mutant.rule for each in verdicts}
    idle = vain(verdicts, [each for each in excuses_of(asked.loaded) if each.rule in rules])
    packs = scored(verdicts, lambda mutant: mutant.place.pack)
    if options.form == "json":
        write(json.dumps(_data(verdicts, idle, packs), ensure_ascii=False, indent=2))
    else:
        write("\n".join(_listed(verdicts, idle)))
        _summary(verdicts, packs, options)
    below = [each for each in packs if each.percent < options.minimum]
    return Exit.FAILURE if below or idle else Exit.DONE


def _by_pack(asked: Chosen, *, every: bool) -> dict[str, list[Mutant]]:
    """The mutants of the rules that were asked for, by the pack that states them; with those of its amendments."""
    loaded, chosen = asked.loaded, asked.rules()
    packs = {loaded.book.rules[name].pack for name in chosen} | set(asked.packs())
    amended = {
        name.rsplit(".", 2)[0]
        for pack in loaded.packs
        if pack.pack.model.pack in packs
        for file in pack.amendments
        for name in file.model.overrides
    }
    wanted = [name for name in loaded.book.rules if name in chosen or (name in amended and not asked.names)]
    found: dict[str, list[Mutant]] = {}
    for mutant in mutants_of(loaded, wanted, every=every):
        if mutant.place.pack in packs:
            found.setdefault(mutant.place.pack, []).append(mutant)
    return found


def _scenarios_of(asked: Chosen, pack: str) -> Iterator[Scenario]:
    """The scenarios in the files of a pack: a change must be noticed by the pack that states it."""
    from eligibility.scenarios import scenarios

    root = next(each.root for each in asked.loaded.packs if each.pack.model.pack == pack)
    return (each for each in scenarios(asked.loaded) if each.path.is_relative_to(root))


def _broken(scenarios: Sequence[Scenario]) -> int:
    listed = "\n".join(f"  {each.id}" for each in scenarios)
    say(f"these scenarios fail before anything is changed; run `eligibility test` first:\n{listed}")
    return Exit.FAILURE


def _tried(bench: Bench, mutants: Sequence[Mutant], jobs: int, pack: str) -> list[str | None]:
    with _progress(len(mutants), pack) as done:
        return run(bench, mutants, jobs, done)


@contextmanager
def _progress(number: int, pack: str) -> Iterator[Callable[[], object]]:
    """A progress bar on a terminal, else a line for every tenth."""
    if is_terminal(sys.stderr):
        from rich.console import Console
        from rich.progress import Progress

        # without a thread of its own: processes are forked off meanwhile
        with Progress(console=Console(file=sys.stderr), auto_refresh=False) as bar:
            task = bar.add_task(f"{pack}: mutants", total=number)

            def advance() -> None:
                bar.advance(task)
                if bar.tasks[task].completed % 8 == 0:
                    bar.refresh()

            yield advance
        return
    tried = 0

    def tell() -> None:
        nonlocal tried
        tried += 1
        if tried * 10 // number > (tried - 1) * 10 // number:
            say(f"{pack}: {tried:,} of {number:,} mutants tried")

    yield tell


def _listed(verdicts: Iterable[Verdict], idle: Iterable[Excuse]) -> Iterator[str]:
    listed = list(verdicts)
    for each in listed:
        if each.survived:
            yield f"{_where(each.mutant)}: survived: {each.mutant.rule}: {each.mutant.text}"
    for each in listed:
        if each.excuse:
            yield f"{_where(each.mutant)}: equivalent: {each.mutant.rule}: {each.mutant.text} ({each.excuse})"
    for excuse in idle:
        yield f"{excuse.rule}: `equivalent` names `{excuse.pattern}`, but nothing of that name survives"


def _where(mutant: Mutant) -> str:
    here = Path.cwd()
    file = mutant.place.file
    return f"{file.relative_to(here) if file.is_relative_to(here) else file}:{mutant.place.line}"


def _summary(verdicts: Sequence[Verdict], packs: Sequence[Score], options: Options) -> None:
    rules = scored(verdicts, lambda mutant: mutant.rule)
    if is_terminal(sys.stdout):
        _table([*rules, *packs], options.minimum)
    else:
        for each in rules:
            write(_counted(each))
    if not options.every:
        write(
            f"of lists and table columns with more than {SAMPLE} entries {SAMPLE} were changed, spread evenly (--all-rows: all)"
        )
    for each in packs:
        enough = "" if each.percent >= options.minimum else f", below {options.minimum:g} %"
        write(f"pack {_counted(each)}{enough}")


def _counted(score: Score) -> str:
    total = score.caught + score.survived + score.excused
    parts = f"{score.caught:,} caught, {score.survived:,} survived, {score.excused:,} equivalent"
    return f"{score.name}: {total:,} mutants: {parts}: {_share(score)}"


def _share(score: Score) -> str:
    """The score, cut after one decimal so that only a full one is shown as 100."""
    return f"{int(score.percent * 10) / 10:.1f} %"


def _table(scores: Sequence[Score], minimum: float) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("rule or pack", box=None, pad_edge=False)
    for head in ("caught", "survived", "equivalent", "score"):
        table.add_column(head, justify="right")
    for each in scores:
        style = "red" if each.percent < minimum else None
        table.add_row(each.name, f"{each.caught:,}", f"{each.survived:,}", f"{each.excused:,}", _share(each), style=style)
    Console(file=sys.stdout, no_color=not has_colour(sys.stdout), highlight=False).print(table)


def _data(verdicts: Sequence[Verdict], idle: Sequence[Excuse], packs: Sequence[Score]) -> dict[str, object]:
    def told(each: Verdict) -> dict[str, object]:
        mutant = each.mutant
        place = {"file": str(mutant.place.file), "line": mutant.place.line}
        change = {"rule": mutant.rule, "element": mutant.element, "before": mutant.before, "after": mutant.after}
        return {**place, **change, "kind": mutant.kind, "because": each.excuse}

    def counts(each: Score) -> dict[str, object]:
        return {
            "name": each.name,
            "caught": each.caught,
            "survived": each.survived,
            "equivalent": each.excused,
            "percent": round(each.percent, 2),
        }

    return {
        "survived": [told(each) for each in verdicts if each.survived],
        "equivalent": [told(each) for each in verdicts if each.excuse],
        "excuses_without_effect": [{"rule": each.rule, "mutants": each.pattern} for each in idle],
        "rules": [counts(each) for each in scored(verdicts, lambda mutant: mutant.rule)],
        "packs": [counts(each) for each in packs],
    }
