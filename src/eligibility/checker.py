"""All packs to one checked rule book: amendments applied, names resolved over all files, circles refused.

Collects every problem, stops at none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count

from eligibility import nodes
from eligibility.datatypes import UNKNOWN, UNKNOWN_TRUTH, BooleanType, Value
from eligibility.declarations import read_facts
from eligibility.dependencies import check_derived, refuse_circles
from eligibility.diagnostics import Collector, Span, did_you_mean
from eligibility.elaboration import Elaborator, TableShape
from eligibility.facts import fit_fact
from eligibility.fitting import Codes, Misfit
from eligibility.loader import Loaded, LoadedPack
from eligibility.model import AmendmentFile, AssessmentFile, PathwayFile
from eligibility.rule_checker import RuleChecker
from eligibility.rule_scope import Origin, element_key
from eligibility.rulebook import Consistency, FactDeclaration, PackInfo, RuleBook
from eligibility.vocabularies import Vocabularies, read_vocabularies


def check_packs(packs: Sequence[LoadedPack], collector: Collector) -> RuleBook:
    """The rule book of some packs. It may be used only if the collector holds no error."""
    vocabularies = read_vocabularies(packs, collector)
    facts = read_facts(packs, vocabularies, collector)
    spans = _fact_spans(packs)
    lost = {str(path[1]) for pack in packs for file in pack.facts for path in file.broken if path[0] == "facts" and len(path) > 1}
    broken = (spans.keys() - facts.keys()) | lost
    checkers = _rule_checkers(packs, facts, vocabularies, collector)
    _amend(packs, checkers, collector)
    facts = _guard_facts(packs, facts, broken, vocabularies.codes, collector)
    for checker in checkers.values():
        checker.facts, checker.broken_facts = facts, broken
        checker.read_assumptions()
    check_derived(checkers, collector)
    rules = {name: checker.check() for name, checker in checkers.items()}
    refuse_circles(rules, facts, spans, checkers, collector)
    return RuleBook(
        tuple(_info(pack) for pack in packs),
        facts,
        rules,
        vocabularies.codes,
        vocabularies.labels | {path: fact.choices for path, fact in facts.items() if fact.choices},
        vocabularies.scheme_titles,
        tuple(sorted({day for rule in rules.values() for day in rule.days_of_change()})),
        consistency=_consistency(packs, facts, broken, vocabularies.codes, collector),
    )


def _info(pack: LoadedPack) -> PackInfo:
    model = pack.pack.model
    return PackInfo(model.pack, model.title, model.version, model.jurisdiction, model.licence, pack.digest)


def _rule_checkers(
    packs: Sequence[LoadedPack], facts: Mapping[str, FactDeclaration], vocabularies: Vocabularies, collector: Collector
) -> dict[str, RuleChecker]:
    checkers: dict[str, RuleChecker] = {}
    roots = {path.partition(".")[0] for path in facts}
    for pack in packs:
        if pack.pack.model.pack in roots:
            collector.add(
                "E213",
                f"the pack `{pack.pack.model.pack}` has the name of a group of facts",
                pack.pack.positions.value("pack"),
                help="rename the pack",
            )
        files: tuple[Loaded[PathwayFile] | Loaded[AssessmentFile], ...] = (*pack.pathways, *pack.assessments)
        for file in files:
            checker = RuleChecker(file, pack.pack.model, facts, vocabularies, collector, checkers)
            if checker.id in checkers:
                collector.add(
                    "E217",
                    f"`{checker.id}` is declared twice",
                    file.positions.value(checker.kind),
                    help=f"the other one is {checkers[checker.id].file.file}",
                )
                continue
            checkers[checker.id] = checker
    return checkers


def _amend(packs: Sequence[LoadedPack], checkers: Mapping[str, RuleChecker], collector: Collector) -> None:
    amended: dict[str, str] = {}
    for pack in packs:
        for file in pack.amendments:
            for name in file.model.overrides:
                span = file.positions.key("overrides", name)
                if name in amended:
                    collector.add("E217", f"`{name}` is overridden twice", span, help=f"the other override is in {amended[name]}")
                    continue
                amended[name] = file.file
                _amend_one(name, file, span, checkers, collector)


def _amend_one(
    name: str, file: Loaded[AmendmentFile], span: Span, checkers: Mapping[str, RuleChecker], collector: Collector
) -> None:
    rule, section, element = element_key(name)
    checker = checkers.get(rule)
    if checker is None:
        collector.add(
            "E216",
            f"`{name}` overrides nothing: there is no rule `{rule}`",
            span,
            help=did_you_mean(rule, checkers, otherwise=f"the rules are {', '.join(checkers)}" if checkers else ""),
        )
        return
    known = checker.elements(section)
    if checker.is_left_out(section, element):
        return
    if element not in known:
        message = f"`{name}` overrides nothing: `{rule}` has no `{element}` under `{section}`"
        there = f"it has {', '.join(f'`{each}`' for each in known)}" if known else f"it has nothing under `{section}`"
        collector.add("E216", message, span, help=did_you_mean(element, known, otherwise=there))
        return
    origin = Origin(file, ("overrides", name), file.model.sources, file.model.grade)
    checker.override(section, element, file.model.overrides[name], origin)


class _FactScope:
    """Names in the guard of a fact, or in what facts cannot contradict: facts."""

    def __init__(self, facts: Mapping[str, FactDeclaration], broken: Collection[str], codes: Codes) -> None:
        self.facts = facts
        self.broken = broken
        self.codes = codes

    def value(self, parts: tuple[str, ...]) -> nodes.Node | None:
        path = ".".join(parts)
        return nodes.FactValue(path, self.facts[path].type) if path in self.facts else None

    def table(self, _parts: tuple[str, ...]) -> TableShape | None:
        return None

    def names(self) -> Iterator[str]:
        return iter(self.facts)

    def is_broken(self, parts: tuple[str, ...]) -> bool:
        return ".".join(parts) in self.broken

    def is_whole(self, node: nodes.FactValue | nodes.ParameterValue | nodes.Reference) -> bool:
        return isinstance(node, nodes.FactValue) and self.facts[node.path].integer


def _guard_facts(
    packs: Sequence[LoadedPack],
    facts: dict[str, FactDeclaration],
    broken: Collection[str],
    codes: Codes,
    collector: Collector,
) -> dict[str, FactDeclaration]:
    """The facts with their `applies_when`."""
    guarded = dict(facts)
    items = count(1)
    elaborator = Elaborator(_FactScope(facts, broken, codes), collector, fresh=lambda: f"facts#{next(items)}")
    for pack in packs:
        for file in pack.facts:
            for path, fact in file.model.facts.items():
                if fact.applies_when is None or path not in facts:
                    continue
                elaborator.note = f"fact `{path}`"
                node = elaborator.condition(fact.applies_when, partial(file.positions.part, ("facts", path, "applies_when")))
                kind = facts[path].type
                try:
                    nothing: Value = UNKNOWN_TRUTH if isinstance(kind, BooleanType) else UNKNOWN
                    otherwise = nothing if fact.otherwise is None else fit_fact(fact.otherwise, facts[path], kind, codes)
                except Misfit as misfit:
                    collector.add("E306", misfit.message, file.positions.value("facts", path, "otherwise"), help=misfit.help)
                    continue
                if node is not None:
                    guarded[path] = replace(facts[path], applies_when=node, otherwise=otherwise)
    return guarded


def _consistency(
    packs: Sequence[LoadedPack],
    facts: Mapping[str, FactDeclaration],
    broken: Collection[str],
    codes: Codes,
    collector: Collector,
) -> dict[str, Consistency]:
    """What the facts of all packs cannot contradict."""
    found: dict[str, Consistency] = {}
    files: dict[str, str] = {}
    items = count(1)
    elaborator = Elaborator(_FactScope(facts, broken, codes), collector, fresh=lambda: f"consistency#{next(items)}")
    written = [(pack.pack.model.pack, file, name) for pack in packs for file in pack.facts for name in file.model.consistency]
    for pack, file, name in written:
        element, whole = file.model.consistency[name], f"{pack}.{name}"
        elaborator.note = f"consistency `{name}`"
        if whole in files:
            span = file.positions.key("consistency", name)
            collector.add("E217", f"`{whole}` is declared twice", span, help=f"the other one is in {files[whole]}")
            continue
        files[whole] = file.file
        node = elaborator.condition(element.require, partial(file.positions.part, ("consistency", name, "require")))
        if node is not None and not any(isinstance(each, nodes.FactValue) for each in nodes.walk(node)):
            span = file.positions.value("consistency", name, "require")
            collector.add("E218", "`require` reads no fact", span, help="name the facts that cannot contradict each other")
        elif node is not None:
            found[whole] = Consistency(element.title, node)
    return found


def _fact_spans(packs: Sequence[LoadedPack]) -> dict[str, Span]:
    """Where each fact is declared."""
    return {path: file.positions.key("facts", path) for pack in packs for file in pack.facts for path in file.model.facts}
