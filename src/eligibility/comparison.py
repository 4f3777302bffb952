"""Comparison: profiles side by side, by pathway or by the criteria of one, with the main reason in every cell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Final, cast

from eligibility import comparison_model as model
from eligibility.diagnostics import Diagnostic, ProfileError, UsageError
from eligibility.documents import NOTICE, caution_parts, oldest_source, pack_parts, reason_of
from eligibility.engine import RuleSet
from eligibility.english import counted
from eligibility.explanation import Explanation
from eligibility.facts import Profile, read_document, read_file
from eligibility.outcome import Outcome
from eligibility.report import Report
from eligibility.rulebook import RuleBook
from eligibility.status import Status

Source = Profile | Mapping[str, object] | str | bytes | Path

_HOPE: Final = (
    Status.ELIGIBLE,
    Status.SUBJECT_TO_JUDGEMENT,
    Status.UNDETERMINED,
    Status.NOT_ELIGIBLE,
    Status.NOT_AVAILABLE,
    Status.NOT_APPLICABLE,
)
_NAMED: Final = 3  # so many missing facts are named in a cell, the rest is counted


def compare(
    profiles: Mapping[str, Source],
    rules: RuleSet,
    *,
    as_of: date | str,
    pathways: Iterable[str] | None = None,
    engine: str = "durable",
) -> model.Comparison:
    """Profiles by name, side by side.

    Without `pathways` all pathways are rows that concern any of the profiles; with a single id its criteria are. A profile that
    is not valid is reported in `refused`, and the others are compared.
    Raises: ProfileError where no profile is valid; UsageError for an unknown pathway, engine or date, or without a profile.
    """
    if not profiles:
        raise UsageError([Diagnostic("E605", "there is no profile to compare", help="give at least one")])
    asked = None if pathways is None else [pathways] if isinstance(pathways, str) else list(pathways)
    chosen = [rule.id for rule in rules.pathways] if asked is None else asked
    reports: dict[str, Report] = {}
    refused: dict[str, ProfileError] = {}
    for name, source in profiles.items():
        try:
            reports[name] = rules.evaluate(source, as_of=as_of, pathways=chosen, engine=engine)
        except ProfileError as error:
            refused[name] = error
    if not reports:
        raise ProfileError(_placed(each, name) for name, error in refused.items() for each in error.diagnostics)
    first = next(iter(reports.values()))
    single = first.outcomes[0].id if asked is not None and len(first) == 1 else None
    columns = [report.outcomes for report in reports.values()]
    rows = _rule_rows(columns) if single is None else _criterion_rows([outcomes[0] for outcomes in columns])
    shown = {row.id for row in rows}
    return model.Comparison(
        document="comparison",
        schema_version=model.COMPARISON_VERSION,
        as_of=first.as_of,
        engine=first.engine,
        packs=pack_parts(rules.book),
        oldest_source=oldest_source(outcome for outcomes in columns for outcome in outcomes),
        rule=single,
        profiles=list(reports),
        rows=rows,
        unconcerned=[] if single else [outcome.id for outcome in first if outcome.id not in shown],
        refused=[model.Refused(name=name, problems=_problems(error)) for name, error in refused.items()],
        notice=NOTICE,
    )


def _placed(problem: Diagnostic, name: str) -> Diagnostic:
    return Diagnostic(problem.code, problem.message, path=f"{name}: {problem.path}" if problem.path else name, help=problem.help)


def _problems(error: ProfileError) -> list[model.ProblemPart]:
    return [
        model.ProblemPart(code=each.code, path=each.path, message=each.message, help=each.help or None)
        for each in error.diagnostics
    ]


# rows


def _rule_rows(columns: list[tuple[Outcome, ...]]) -> list[model.Row]:
    """The rules that concern any profile, those with the best outcome first, equals in the order of the rules."""
    found: list[tuple[tuple[int, ...], model.Row]] = []
    for outcomes in zip(*columns, strict=True):
        hope = sorted(_HOPE.index(outcome.status) for outcome in outcomes)
        if hope[0] < _HOPE.index(Status.NOT_APPLICABLE):
            found.append((tuple(hope), _outcome_row(outcomes)))
    return [row for _, row in sorted(found, key=lambda each: each[0])]


def _outcome_row(outcomes: Iterable[Outcome]) -> model.Row:
    listed = list(outcomes)
    cells = [model.Cell(status=outcome.status.value, reason=reason_of(outcome).removesuffix(".")) for outcome in listed]
    concerned = [each for each in listed if each.is_concerned]
    cautions = {each.sentence: each for outcome in concerned for each in caution_parts(outcome, outcome.explanation)}
    return model.Row(id=listed[0].id, title=listed[0].title, cells=cells, cautions=list(cautions.values()))


def _criterion_rows(outcomes: list[Outcome]) -> list[model.Row]:
    """The outcome of one rule, then each of its criteria in its order."""
    rows = [_outcome_row(outcomes)]
    found = [{node.id: node for node in outcome.explanation.children} for outcome in outcomes]
    for compiled in outcomes[0].compiled.conditions:
        path = compiled.condition.path
        nodes = [each.get(path) for each in found]
        title = next((node.title for node in nodes if node is not None), compiled.condition.title or path)
        rows.append(model.Row(id=path, title=title, cells=[_cell(node) for node in nodes], cautions=[]))
    return rows


def _cell(node: Explanation | None) -> model.Cell:
    """A criterion; None where the rule does not concern the case, so that its criteria say nothing."""
    if node is None or node.status is None:
        return model.Cell(status="not_applicable", reason="")
    return model.Cell(status=node.status, reason=_criterion_reason(node))


def _criterion_reason(node: Explanation) -> str:
    """What is missing, which branch decides, or else what the criterion says; and by how much."""
    if node.status == "unknown" and node.missing:
        labels = list(dict.fromkeys(gap.label for gap in node.missing))
        rest = len(labels) - _NAMED
        return f"missing: {'; '.join(labels[:_NAMED])}" + (f"; and {counted(rest, 'more', 'more')}" if rest > 0 else "")
    branches = [child for child in node.children if child.status == node.status and child.kind in ("branch", "exception")]
    if not branches or (node.status == "met" and len(branches) > 1):
        return node.sentence.removesuffix(".")
    more = f" (and {len(branches) - 1} more)" if len(branches) > 1 else ""
    return f"{branches[0].title}{more}{f', {node.margin.words}' if node.margin else ''}"


# profiles that differ in a part


def variants(bases: Mapping[str, Mapping[str, object]], *parts: Mapping[str, object], book: RuleBook) -> dict[str, Source]:
    """Profiles made of bases and parts, each with each: several offers for one person, several people for one offer, or both.

    A part is a piece of a profile, such as `{"offer": {...}, "employer": {...}}`. Each fact it states takes the place of that of
    the base, null takes it away, and what it does not state stays. What is no piece of a profile is left to be refused as it is.
    """
    found: dict[str, Source] = {}
    for (name, base), *chosen in product(bases.items(), *(part.items() for part in parts)):
        merged: object = base
        for _, part in chosen:
            merged = _merged(merged, part, book, "") if isinstance(part, Mapping) else part
        if isinstance(merged, str):
            merged = json.dumps(merged)  # a text is no profile, whatever stands in it
        names = [*([name] if len(bases) > 1 or not chosen else []), *(label for label, _ in chosen)]
        found[", ".join(names)] = cast(Source, merged)
    return found


def _merged(base: object, part: Mapping[str, object], book: RuleBook, prefix: str) -> object:
    if not isinstance(base, Mapping):
        return part
    merged = dict(base)
    for key, value in part.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and path not in book.facts:
            merged[key] = _merged(merged.get(key), value, book, f"{path}.")
        else:
            merged[key] = value
    return merged


def read_base(path: Path) -> Mapping[str, object]:
    """The document of a profile file. Raises: ProfileError where it cannot be read or is no object."""
    document = read_document(read_file(path))
    if not isinstance(document, Mapping):
        message = "expected an object with groups of facts"
        raise ProfileError([Diagnostic("E402", message, path=str(path), help='write {"applicant": {...}, "offer": {...}}')])
    return document


def read_parts(path: Path, word: str) -> dict[str, object]:
    """The parts in a file by name: an object of parts by name, or a list, whose items are called `word` and their number.

    Raises: ProfileError where the file cannot be read, holds no part, or something else.
    """
    document = read_document(read_file(path))
    if isinstance(document, list):
        document = {f"{word} {number}": each for number, each in enumerate(document, 1)}
    if not isinstance(document, Mapping) or not document:
        help = 'write a list, or an object such as {"first": {"offer": {...}}, "second": {"offer": {...}}}'
        raise ProfileError([Diagnostic("E402", f"expected at least one {word}, by name or in a list", path=str(path), help=help)])
    return {str(name): part for name, part in document.items()}


__all__ = ["Source", "compare", "read_base", "read_parts", "variants"]
