"""The façade: load rules once, evaluate profiles many times."""

from __future__ import annotations

import os
import threading
import warnings
import weakref
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from eligibility import cache
from eligibility.backends.reference import ReferenceEngine
from eligibility.compiler import CompiledRule, CompiledRules, compile_rules, period_of
from eligibility.contradictions import refuse_contradictions
from eligibility.datatypes import NOT_MET, DateType
from eligibility.diagnostics import Collector, Diagnostic, EngineError, RuleError, UsageError, did_you_mean
from eligibility.facts import Profile, read_profile
from eligibility.findings import Engine, Findings
from eligibility.fitting import Codes, Misfit, fit
from eligibility.garbage import without_garbage_collection
from eligibility.operations import Inputs, Values
from eligibility.outcome import Outcome
from eligibility.report import Report
from eligibility.rulebook import Interval, Rule, RuleBook

if TYPE_CHECKING:
    from eligibility.backends.compiled import CompiledEngine
    from eligibility.loader import LoadedPack
    from eligibility.questions import Inquiry, Question
    from eligibility.status import Status

ENGINES: Final = ("durable", "reference", "compiled")
PACKS: Final = "eligibility.packs"
PERIODS_KEPT: Final = 8
PLANS_KEPT: Final = 256


class EngineWarning(UserWarning):
    """The engine that was asked for is not the engine that answered."""


def bundled_rules() -> Path:
    """The folder of the rule packs that come with the package."""
    inside = Path(__file__).parent / "rules"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "rules"


def load_rules(*folders: str | Path, bundled: bool = True) -> RuleSet:
    """The rules of the bundled packs and of further folders, each a pack or a folder of packs.

    Packs of installed distributions join through the entry-point group `eligibility.packs`: a module whose folder holds packs.
    Raises: RuleError with every problem in every file.
    """
    known = [bundled_rules(), *_installed_packs()] if bundled else []
    roots = (*known, *(Path(folder) for folder in folders))
    name = cache.fingerprint(roots)
    with without_garbage_collection():
        kept = None if name is None else cache.read(name)
        if kept is not None:
            return RuleSet(kept.book, roots, kept=kept)
        from eligibility.rulefiles import check_folders  # imported late: with a cache, files are not read at all

        book = check_folders(roots)
        return RuleSet(book, roots, kept=None if name is None else cache.write(name, book))


def _from_cache(kept: cache.Kept, period: Interval, as_of: date) -> CompiledRules:
    """The compiled rules of the first period that is asked for: kept from an earlier run, or from now on.

    A run that goes through many periods would push what others need out of the cache, so it keeps only one.
    """
    with without_garbage_collection():
        found = cache.read_period(kept, period)
        if found is None:
            found = compile_rules(kept.book, as_of)
            cache.write_period(kept, found)
    return found


def _installed_packs() -> list[Path]:
    """The folders of the modules that installed distributions name; the modules are found, not run."""
    from importlib.metadata import entry_points

    found: list[Path] = []
    collector = Collector()
    for entry in sorted(entry_points(group=PACKS), key=lambda entry: (entry.name, entry.value)):
        module = entry.value.partition(":")[0].strip()
        try:
            spec = find_spec(module)
        except (ImportError, ValueError):
            spec = None
        folders = [] if spec is None else list(spec.submodule_search_locations or ())
        if spec is not None and spec.origin and not folders:
            folders = [str(Path(spec.origin).parent)]
        found.extend(Path(folder) for folder in folders)
        if not folders:
            message = f"the entry point `{entry.name}` of `{PACKS}` names `{module}`, which is not installed"
            collector.add("E100", message, path=entry.value, help="install it again, or remove the distribution that names it")
    if collector.found:
        raise RuleError(collector.found)
    return found


_living: weakref.WeakSet[RuleSet] = weakref.WeakSet()


def _renew_locks() -> None:
    """Give every rule set a free lock: another thread may have held it when this process was forked off."""
    for rules in list(_living):
        rules._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


class RuleSet:
    """Loaded rules. Safe to share between threads; dropping it frees its memory.

    `place` is where the cache keeps what is made of them, None where it keeps nothing.
    """

    def __init__(
        self, book: RuleBook, roots: Sequence[Path] = (), original: RuleBook | None = None, kept: cache.Kept | None = None
    ) -> None:
        self.book = book
        self.roots = tuple(roots)
        self.place = None if kept is None else kept.place
        self._kept = kept
        self._original = original or book
        self._translated: dict[str, RuleBook] = {}
        self._lock = threading.Lock()
        _living.add(self)
        self._compiled: OrderedDict[Interval, CompiledRules] = OrderedDict()
        self._latest: CompiledRules | None = None
        self._plans: OrderedDict[tuple[object, ...], tuple[int, ...]] = OrderedDict()
        self._engines: dict[str, Engine] = {"reference": ReferenceEngine()}

    @cached_property
    def packs(self) -> tuple[LoadedPack, ...]:
        """The files the rules were read from, scenarios included; read again when they are asked for."""
        from eligibility.rulefiles import read_folders  # imported late: only scenarios and tools look at the files

        return read_folders(self.roots)

    @property
    def pathways(self) -> tuple[Rule, ...]:
        """The pathways, in order of their ids."""
        return tuple(rule for rule in self.book.rules.values() if rule.kind == "pathway")

    @property
    def assessments(self) -> tuple[Rule, ...]:
        """The assessments, in order of their ids."""
        return tuple(rule for rule in self.book.rules.values() if rule.kind == "assessment")

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that the packs know, English first; what a pack does not say in one stays English."""
        from eligibility.translations import languages_of  # imported late: English needs no translation

        return languages_of(self.roots)

    def in_language(self, code: str) -> RuleSet:
        """The same rules with their words in a language: reports and questions come out in it, all else stays the same.

        Raises: UsageError for a language no pack knows; RuleError where a pack translates what is not there.
        """
        book = self.book_in(code)
        return self if book is self.book else RuleSet(book, self.roots, self._original)

    def book_in(self, code: str) -> RuleBook:
        """The checked rules with their labels and texts in a language; errors as of `in_language`."""
        if code == self._original.language.code:
            return self._original
        if code == self.book.language.code:
            return self.book
        known = self._translated.get(code)
        if known is None:
            from eligibility.labels import translated
            from eligibility.translations import read_language

            language = read_language(code, self.roots, self._original)
            known = self._translated.setdefault(code, translated(self._original, language))
        return known

    def profile(self, source: Profile | Mapping[str, object] | str | bytes | Path) -> Profile:
        """A checked profile from a mapping, JSON text or the path of a JSON file.

        Raises: ProfileError with every problem.
        """
        return source if isinstance(source, Profile) else read_profile(source, self.book)

    def compiled(self, as_of: date) -> CompiledRules:
        """The compiled rules of the period a date lies in; the last few periods are kept."""
        latest = self._latest
        if latest is not None and latest.interval.holds(as_of):
            return latest
        period = period_of(self.book, as_of)
        with self._lock:
            known = self._compiled.get(period)
            if known is not None:
                self._compiled.move_to_end(period)
                self._latest = known
                return known
            kept, self._kept = self._kept, None
        made = compile_rules(self.book, as_of) if kept is None else _from_cache(kept, period, as_of)
        with self._lock:
            known = self._latest = self._compiled.setdefault(period, made)
            while len(self._compiled) > PERIODS_KEPT:
                self._compiled.popitem(last=False)
            return known

    def evaluate(
        self,
        profile: Profile | Mapping[str, object] | str | bytes | Path,
        *,
        as_of: date | str,
        pathways: Iterable[str] | None = None,
        engine: str = "durable",
    ) -> Report:
        """The outcome of every rule, or of some, for a profile on a date.

        `as_of` is a date or its ISO text. An engine that fails or is not installed is replaced by the reference engine with an
        `EngineWarning`; the report names the engine that answered.
        Raises: ProfileError; UsageError for an unknown pathway, engine or date.
        """
        day = parse_day(as_of)
        known = self.profile(profile)
        compiled = self.compiled(day)
        chosen = self._chosen(compiled, pathways)
        inputs = Inputs(known.facts, day)
        first = self._first_pass(compiled, chosen, inputs)
        refuse_contradictions(compiled, inputs, first)
        findings = self._run(engine, compiled, self._order(compiled, chosen, first), inputs)
        return Report(tuple(_outcome(rule, findings) for rule in chosen), known, findings, self.book_in)

    def statuses(
        self,
        profile: Profile | Mapping[str, object] | str | bytes | Path,
        *,
        as_of: date | str,
        pathways: Iterable[str] | None = None,
    ) -> dict[str, Status]:
        """The status of every rule, or of some, by id: as `evaluate`, without explanations and many times quicker.

        Made for services and loops: the rules become one Python function, generated once for each period between two changes of
        law and each choice of rules. A `Profile` checked once (see `profile`) is not checked again.
        Raises: ProfileError; UsageError for an unknown pathway or date.
        """
        day = as_of if type(as_of) is date else parse_day(as_of)
        known = self.profile(profile)
        compiled = self.compiled(day)
        wanted = None if pathways is None else (pathways,) if isinstance(pathways, str) else tuple(pathways)
        try:
            program = self._compiled_engine().program(compiled)
            decide = program.statuses_of(compiled, wanted, lambda: self._chosen(compiled, wanted))
            if program.may_contradict(compiled, known.facts, day):
                inputs = Inputs(known.facts, day)
                refuse_contradictions(compiled, inputs, self._first_pass(compiled, (), inputs))
            return decide(known.facts, day)
        except EngineError as error:
            _warn("compiled", error, stacklevel=3)
            report = self.evaluate(known, as_of=day, pathways=wanted, engine="reference")
            return {outcome.id: outcome.status for outcome in report}

    def next_questions(
        self,
        profile: Profile | Mapping[str, object] | str | bytes | Path | None,
        *,
        as_of: date | str,
        pathways: Iterable[str] | None = None,
        declined: Iterable[str] = (),
    ) -> tuple[Question, ...]:
        """The questions that can still change an outcome, the most decisive first; none once every outcome is settled.

        They are about all pathways, or about some rules by id. A `profile` of None states nothing yet; what it states as null
        and what is in `declined` (paths, also of fields such as `applicant.degrees[0].level`) is not asked again. A fact of which
        other facts say whether it applies is asked after them.
        Raises: ProfileError; UsageError for an unknown pathway or date.
        """
        return self.inquiry(profile, as_of=as_of, pathways=pathways, declined=declined).questions()

    def inquiry(
        self,
        profile: Profile | Mapping[str, object] | str | bytes | Path | None,
        *,
        as_of: date | str,
        pathways: Iterable[str] | None = None,
        declined: Iterable[str] = (),
    ) -> Inquiry:
        """What can still change an outcome, and why; as `next_questions`."""
        from eligibility.questions import Inquiry  # imported late: an evaluation asks nothing

        day = parse_day(as_of)
        known = Profile({}) if profile is None else self.profile(profile)
        compiled = self.compiled(day)
        chosen = self._chosen(compiled, [rule.id for rule in self.pathways] if pathways is None else pathways)
        inputs = Inputs(known.facts, day)
        refuse_contradictions(compiled, inputs, self._first_pass(compiled, chosen, inputs))
        return Inquiry(compiled, chosen, known, inputs, declined)

    def _chosen(self, compiled: CompiledRules, pathways: Iterable[str] | None) -> tuple[CompiledRule, ...]:
        if pathways is None:
            return compiled.rules
        wanted = [pathways] if isinstance(pathways, str) else list(pathways)
        known = {rule.rule.id: rule for rule in compiled.rules}
        refuse_unknown_rules(wanted, known)
        return tuple(rule for name, rule in known.items() if name in wanted)

    def _first_pass(self, compiled: CompiledRules, chosen: tuple[CompiledRule, ...], inputs: Inputs) -> Values:
        """The values of the steps that say which facts apply and which rules may concern the case."""
        values, steps = list(compiled.start), compiled.steps
        for index in self._plan(compiled, chosen, None):
            values[index] = steps[index].operation(values, inputs, steps)
        return values

    def _order(self, compiled: CompiledRules, chosen: tuple[CompiledRule, ...], first: Values) -> tuple[int, ...]:
        """The steps to run: all that a rule needs where it may concern the case, else only those that say that it does not."""
        return self._plan(compiled, chosen, tuple([first[rule.concerned] is not NOT_MET for rule in chosen]))

    def _plan(
        self, compiled: CompiledRules, chosen: tuple[CompiledRule, ...], concerned: tuple[bool, ...] | None
    ) -> tuple[int, ...]:
        """The steps of some rules, of which some may concern the case; None stands for the first pass."""
        rules = None if chosen is compiled.rules else tuple(rule.rule.id for rule in chosen)
        key = (compiled.interval.start, rules, concerned)
        with self._lock:
            known = self._plans.get(key)
            if known is None:
                known = self._plans[key] = _steps_of(compiled, chosen, concerned)
                while len(self._plans) > PLANS_KEPT:
                    self._plans.popitem(last=False)
            return known

    def _run(self, name: str, compiled: CompiledRules, order: tuple[int, ...], inputs: Inputs) -> Findings:
        if name not in ENGINES:
            raise UsageError(
                [
                    Diagnostic(
                        "E601",
                        f"there is no engine `{name}`",
                        help=did_you_mean(name, ENGINES, otherwise=f"the engines are {', '.join(ENGINES)}"),
                    )
                ]
            )
        try:
            return self._engine(name).run(compiled, order, inputs)
        except EngineError as error:
            _warn(name, error, stacklevel=4)
            return self._engines["reference"].run(compiled, order, inputs)

    def _engine(self, name: str) -> Engine:
        with self._lock:
            engine = self._engines.get(name)
            if engine is None:
                engine = self._engines[name] = _new_engine(name)
            return engine

    def _compiled_engine(self) -> CompiledEngine:
        return cast("CompiledEngine", self._engines.get("compiled") or self._engine("compiled"))


def _new_engine(name: str) -> Engine:
    if name == "compiled":
        from eligibility.backends.compiled import CompiledEngine  # imported late, as every engine that a run may not need

        return CompiledEngine()
    from eligibility.backends.durable import DurableEngine  # imported late: the engine is optional at run time

    return DurableEngine()


def _warn(name: str, error: EngineError, *, stacklevel: int) -> None:
    reason = error.diagnostics[0].message if error.diagnostics else "it failed"
    warnings.warn(
        f"the {name} engine could not answer ({reason}); the reference engine did", EngineWarning, stacklevel=stacklevel
    )


def _steps_of(compiled: CompiledRules, chosen: tuple[CompiledRule, ...], concerned: tuple[bool, ...] | None) -> tuple[int, ...]:
    if concerned is None:
        needed = frozenset(compiled.guard_order).union(*(rule.decides_concern for rule in chosen))
        return tuple(index for index in compiled.order if index in needed)
    pairs = list(zip(chosen, concerned, strict=True))
    return compiled.order_for([rule for rule, some in pairs if some], [rule for rule, some in pairs if not some])


def _outcome(rule: CompiledRule, findings: Findings) -> Outcome:
    return Outcome(rule, findings, rule.status(findings.values))


def refuse_unknown_rules(wanted: Iterable[str], known: Collection[str], what: str = "rule") -> None:
    """Refuse ids that no rule has, or nothing else that is meant. Raises: UsageError E600 with all of them."""
    help = "`eligibility rules list` lists them"
    problems = [
        Diagnostic("E600", f"there is no {what} `{name}`", help=did_you_mean(name, known, otherwise=help))
        for name in wanted
        if name not in known
    ]
    if problems:
        raise UsageError(problems)


def parse_day(day: date | str) -> date:
    """A date, or the date of an ISO text. Raises: UsageError E602."""
    try:
        read = fit(day, DateType(), Codes())
    except Misfit as misfit:
        raise UsageError([Diagnostic("E602", f"the as-of date: {misfit.message}", help=misfit.help)]) from None
    return cast(date, read)


__all__ = ["ENGINES", "EngineWarning", "RuleSet", "bundled_rules", "load_rules", "parse_day"]
