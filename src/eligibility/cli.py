"""The command line: evaluate, check, test, rules, schema."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from eligibility.diagnostics import EligibilityError
from eligibility.engine import RuleSet, load_rules
from eligibility.scenarios import run_scenario, scenarios


def main(arguments: list[str] | None = None) -> None:
    """Run a command (a first version; the full one follows)."""
    parser = argparse.ArgumentParser(prog="eligibility")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("check", "test"):
        command = commands.add_parser(name)
        command.add_argument("paths", nargs="*")
        command.add_argument("--engine", default="reference")
    evaluate = commands.add_parser("evaluate")
    evaluate.add_argument("profile")
    evaluate.add_argument("--as-of", required=True)
    evaluate.add_argument("--pathway", action="append")
    evaluate.add_argument("--engine", default="reference")
    options = parser.parse_args(arguments)
    try:
        folders = [path for path in getattr(options, "paths", []) if Path(path).is_dir()]
        rules = load_rules(*folders, bundled=not folders)
        if options.command == "check":
            print(f"{len(rules.book.rules)} rules, no errors")
        elif options.command == "test":
            sys.exit(_test(rules, options))
        else:
            report = rules.evaluate(Path(options.profile), as_of=options.as_of, pathways=options.pathway, engine=options.engine)
            for outcome in report:
                print(outcome.id, outcome.status, "failing", outcome.failing, "unknown", outcome.unknown, "judgement", outcome.judgement)
                print("   missing", [(m.name, m.why) for m in outcome.missing], [f"{v.name}={v.text}" for v in outcome.values])
    except EligibilityError as error:
        print(error, file=sys.stderr)
        sys.exit(3)


def _test(rules: RuleSet, options: argparse.Namespace) -> int:
    only = [path for path in options.paths if not Path(path).is_dir()] or None
    results = [run_scenario(rules, each, options.engine) for each in scenarios(rules, only)]
    failed = [each for each in results if not each.passed]
    for each in failed:
        print(f"{each.scenario.span.file}:{each.scenario.span.line}: {each.scenario.name} as of {each.scenario.as_of}: {each.scenario.case.title}")
        for problem in each.problems:
            print(f"    {problem}")
    print(f"{len(results)} scenarios, {len(failed)} failed")
    return 1 if failed else 0
