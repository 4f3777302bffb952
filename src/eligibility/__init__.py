"""Decides, and explains, who can be sponsored for skilled work abroad.

    import eligibility

    rules = eligibility.load_rules()                     # the bundled packs; load_rules("my_pack/") adds one
    report = rules.evaluate(profile, as_of="2026-11-23")  # a mapping, JSON text, a path or a checked profile
    print(report["gb.skilled_worker"].status, report.to_json())

The house, top floor first; a module uses what stands below it:

    cli/             the commands; `eligibility --help` lists them
    batch/           tables of profiles: files in, outcomes out; one population under two laws; batch_model.py and
                     simulation_model.py say what is told at the end
    spark.py         tables that one machine does not hold: columnar/ on the workers of Spark
    remedies/        what would change an outcome: the smallest changes with which a pathway no longer fails; remedies_model.py
                     says what is in the answer, as timeline_model.py and sensitivity_model.py do
    timeline.py      when outcomes change as time passes; sensitivity.py: how far facts can move before they do; with
                     sweep, ranges, turning, downstream and rule_parts
    mutation/        changes of the law that some scenario must notice
    coverage.py      what no scenario reaches; gap_search.py finds a case that would, with gap_changes and flow_yaml
    inventory.py     what each rule holds, counted
    schemas/         JSON Schemas of profiles, rule files and reports
    comparison.py    profiles side by side; comparison_model.py says what the table holds
    verification.py  receipts replayed, and what drifted; receipts.py makes them, receipt_model.py says what is in them
    scenarios.py     profiles with what must come out, beside the rules; running them tests the law
    engine.py        the facade: load_rules and RuleSet; cache.py keeps rules between runs, with pickling and garbage

    report.py        all outcomes of one evaluation, in order of hope (ranking.py, distance.py); outcome.py: one of them;
                     status.py: how it comes out
    rendering/       documents to text, Markdown, HTML and JSON; documents.py makes them, report_model.py says what is in them,
                     printed.py what those that are printed share
    explaining/      from findings to an explanation (explanation.py); nothing is evaluated again

    backends/        the engines: reference (defines the meaning), durable (the default) and compiled (generated Python, for loops
                     and services); they agree on everything
    questions.py     what to ask next, from what can still change an outcome (possibilities.py, with truth_sets)
    contradictions.py  what a profile cannot say at once: facts that others rule out, or that cannot be true together
    findings.py      what every engine returns: the value of every step; operations.py: the meaning of every node
    compiler.py      the rules of one period between two changes of law, as steps in order (by node: node_index.py)
    facts.py         profiles, checked against the declared facts

    rulefiles.py     folders of rule files to checked rules (rulebook.py), every problem reported at once
    translations.py  the languages of packs, checked; labels.py: what rules say by address, and the same rules in a language
    checker.py       names, types, units, dates and citations; with rule_checker, criteria_checker, table_checker, elaboration,
                     rule_scope, dependencies, declarations and vocabularies
    loader.py        YAML and CSV files to models (model.py: the file format); with yaml_source, csv_source, validation, positions

    syntax.py        expressions: text to tree (expr.py) and back; nodes.py: the typed tree
    language.py      sentences, numbers and dates in a language; wording.py has every sentence in English, english.py its grammar
    datatypes.py     types, units, three-valued truth; fitting.py reads values, formatting.py writes them
    diagnostics.py   what is wrong, where, and what to do next
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eligibility.comparison import compare
    from eligibility.datatypes import Truth
    from eligibility.diagnostics import (
        Diagnostic,
        EligibilityError,
        EngineError,
        OutputError,
        ProfileError,
        ReceiptError,
        RuleError,
        UsageError,
    )
    from eligibility.engine import EngineWarning, RuleSet, load_rules
    from eligibility.explanation import Explanation
    from eligibility.facts import Profile
    from eligibility.outcome import Outcome
    from eligibility.questions import Question
    from eligibility.report import Report
    from eligibility.status import Status
    from eligibility.verification import verify

    __version__: str

__all__ = [
    "Diagnostic",
    "EligibilityError",
    "EngineError",
    "EngineWarning",
    "Explanation",
    "Outcome",
    "OutputError",
    "Profile",
    "ProfileError",
    "Question",
    "ReceiptError",
    "Report",
    "RuleError",
    "RuleSet",
    "Status",
    "Truth",
    "UsageError",
    "__version__",
    "compare",
    "load_rules",
    "verify",
]

# Where each public name lives. They are imported when they are first used, so that `import eligibility` costs next to nothing.
_HOMES: Final = {
    "comparison": ("compare",),
    "datatypes": ("Truth",),
    "diagnostics": (
        "Diagnostic",
        "EligibilityError",
        "EngineError",
        "OutputError",
        "ProfileError",
        "ReceiptError",
        "RuleError",
        "UsageError",
    ),
    "engine": ("EngineWarning", "RuleSet", "load_rules"),
    "explanation": ("Explanation",),
    "facts": ("Profile",),
    "outcome": ("Outcome",),
    "questions": ("Question",),
    "report": ("Report",),
    "status": ("Status",),
    "verification": ("verify",),
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        found: object = import_module("importlib.metadata").version("eligibility")
    else:
        home = next((module for module, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"eligibility.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(set(__all__) | set(globals()))
