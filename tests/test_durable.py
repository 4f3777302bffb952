"""The durable engine: agreement with the reference, threads, forks and memory, and what happens without durable-rules."""

from __future__ import annotations

import contextlib
import gc
import importlib.metadata
import itertools
import os
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book_builder import AS_OF, CODE, DAY, DAYS, EXACT, KIND, LEVEL, NUMBER, TEXT, TEXTS, Grower, book, fact, profiles, roots
from eligibility import nodes
from eligibility.backends.durable import DurableEngine, available
from eligibility.backends.reference import ReferenceEngine
from eligibility.compiler import CompiledRules, compile_rules
from eligibility.datatypes import (
    JUDGEMENT,
    MET,
    NOT_MET,
    UNKNOWN_TRUTH,
    ListType,
    Truth,
    Value,
    negate,
)
from eligibility.diagnostics import EngineError
from eligibility.nodes import BOOLEAN, Node
from eligibility.operations import Inputs, Values
from eligibility.rulebook import Concern

durable_rules = pytest.importorskip("durable_rules_engine")
ENGINE = DurableEngine()
REFERENCE = ReferenceEngine()
Facts = Mapping[str, Value]


def compiled(*parts: Node) -> CompiledRules:
    return compile_rules(book(*parts), AS_OF)


def found(rules: CompiledRules, facts: Facts, engine: DurableEngine = ENGINE) -> Values:
    """The values both engines find."""
    inputs = Inputs(facts, AS_OF)
    values = engine.run(rules, rules.order, inputs).values
    assert values == REFERENCE.run(rules, rules.order, inputs).values
    return values


def truth_of(root: Node, facts: Facts) -> Truth:
    rules = compiled(root)
    return cast(Truth, found(rules, facts)[rules.index[root]])


# agreement


@settings(max_examples=200)
@given(roots(), st.lists(profiles(), min_size=1, max_size=5))
def test_agreement(drawn: tuple[Node, ...], facts: list[Facts]) -> None:
    """Every step of every book has the value the reference engine gives it, in whole books and in parts."""
    rules = compile_rules(book(*drawn, rules=2), AS_OF)
    orders = [rules.order, *(rules.order_for([rule]) for rule in rules.rules)]
    for inputs in (Inputs(each, AS_OF) for each in facts):
        for order in orders:
            assert ENGINE.run(rules, order, inputs).values == REFERENCE.run(rules, order, inputs).values


@cache
def large(seed: int) -> CompiledRules:
    return compiled(*Grower(Random(seed).randrange).roots(5, 200))  # noqa: S311 - not a secret, but the same every time


@settings(max_examples=60)
@given(st.integers(1, 3), profiles())
def test_agreement_of_large_books(seed: int, facts: Facts) -> None:
    """Books that need many shards are decided like small ones."""
    assert sum(len(stage.shards) for stage in ENGINE.network(large(seed)).stages) > 10
    found(large(seed), facts)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
def test_numbers_are_compared_exactly(operator: nodes.Comparator) -> None:
    """Whole numbers, fractions and numbers beyond 64 bits compare exactly, with a constant on either side and with each other."""
    numbers = [number + step for number in (*EXACT, 10**5_000) for step in (0, Fraction(1, 10**6), -1)]
    constants = [nodes.Constant(number, NUMBER) for number in EXACT]
    listed = [nodes.Comparison(operator, fact("n.a"), constant) for constant in constants]
    listed += [nodes.Comparison(operator, constant, fact("n.a")) for constant in constants]
    listed.append(nodes.Comparison(operator, fact("n.a"), fact("n.b")))
    rules = compiled(*listed)
    for a, b in itertools.product(numbers, numbers):
        found(rules, {"n.a": a, "n.b": b})


def test_days_and_choices_are_compared_by_rank() -> None:
    """Days order by the calendar and ordered choices by their list, also at the ends of both."""
    operators: tuple[nodes.Comparator, ...] = ("<", "<=", ">", ">=", "==", "!=")
    listed: list[Node] = [nodes.Comparison(each, fact("d.a"), fact("d.b")) for each in operators]
    listed += [nodes.Comparison(each, fact("d.a"), nodes.Constant(day, DAY)) for each in operators for day in DAYS]
    listed += [nodes.Comparison(each, fact("l.a"), fact("l.b"), LEVEL.values) for each in operators[:4]]
    listed += [nodes.Comparison(each, fact("l.a"), nodes.Constant("middle", LEVEL), LEVEL.values) for each in operators[:4]]
    rules = compiled(*listed)
    for a, b, low, high in itertools.product(DAYS, DAYS, LEVEL.values, LEVEL.values):
        found(rules, {"d.a": a, "d.b": b, "l.a": low, "l.b": high})


def test_texts_are_compared_whole() -> None:
    """No text is mistaken for another, whatever characters it holds and however long it is."""
    texts = (*TEXTS, "x" * 70_000, "x" * 70_000 + "y", "x" * 65_536, "true", "null", "2", "\ud800")
    rules = compiled(
        nodes.Comparison("==", fact("t.a"), fact("t.b")),
        nodes.Comparison("!=", fact("t.a"), nodes.Constant("x" * 70_000, TEXT)),
        nodes.Membership(fact("t.a"), nodes.Constant(TEXTS, ListType(TEXT))),
    )
    for a, b in itertools.product(texts, texts):
        found(rules, {"t.a": a, "t.b": b})


def test_an_empty_list_settles_its_quantifiers() -> None:
    """Of an empty list `any` is not met and `all` is met; of an unknown one both are unknown."""
    sound = nodes.ItemValue("v", "sound", BOOLEAN)
    for kind, empty in (("any", NOT_MET), ("all", MET)):
        root = nodes.Quantified(cast(Any, kind), fact("s.records"), "v", sound)
        assert truth_of(root, {"s.records": ()}) is empty
        assert truth_of(nodes.Negation(root), {"s.records": ()}) is negate(empty)
        assert truth_of(nodes.AllOf((root, fact("b.a"))), {}) is UNKNOWN_TRUTH


@pytest.mark.parametrize("width", [23, 24, 25, 300])
def test_wide_combinations(width: int) -> None:
    """Conjunctions and disjunctions of any number of items are decided, also where they have to be decided by counting."""
    items = tuple(nodes.Comparison(">", fact("n.a"), nodes.Constant(number, NUMBER)) for number in range(width))
    all_and_any = (nodes.AllOf(items), nodes.AnyOf(items), nodes.AllOf((*items, nodes.HumanJudgement())))
    rules = compiled(*all_and_any)
    for number, expected in ((width, (MET, MET, JUDGEMENT)), (1, (NOT_MET, MET, NOT_MET)), (0, (NOT_MET, NOT_MET, NOT_MET))):
        values = found(rules, {"n.a": number})
        assert tuple(values[rules.index[each]] for each in all_and_any) == expected


# what is decided where


def test_conditions_are_decided_by_durable_rules() -> None:
    """Comparisons, membership in short lists, and everything made of conditions are decided by rules, not by the host."""
    compared = nodes.Comparison(">", fact("n.a"), nodes.Constant(5, NUMBER))
    listed = nodes.Membership(fact("o.a"), nodes.Constant(("2134", "2135"), ListType(CODE)))
    conditions = (
        compared,
        listed,
        nodes.Negation(fact("b.a")),
        nodes.AllOf((compared, listed)),
        nodes.AnyOf((nodes.Negation(compared), fact("b.a"))),
        nodes.AtLeast(2, (compared, listed, fact("b.a"))),
        nodes.Comparison("==", fact("k.a"), fact("k.b")),
    )
    rules = compiled(*conditions)
    decided = {step for stage in ENGINE.network(rules).stages for shard in stage.shards for step in shard.steps}
    assert {rules.index[root] for root in conditions} <= decided


def test_a_finding_is_a_fact_of_the_next_stratum() -> None:
    """A figure chosen by an inferred condition can be compared again, and that comparison read by a further conjunction."""
    new = nodes.AllOf((fact("b.a"), nodes.Comparison("<", fact("n.a"), nodes.Constant(26, NUMBER))))
    needed = nodes.Choose(new, nodes.Constant(700, NUMBER), nodes.Constant(1000, NUMBER), NUMBER)
    root = nodes.AllOf((nodes.Comparison(">=", fact("n.b"), needed), nodes.Negation(fact("b.b"))))
    assert len(ENGINE.network(compiled(root)).stages) > 2
    assert truth_of(root, {"b.a": MET, "b.b": NOT_MET, "n.a": 25, "n.b": 700}) is MET
    assert truth_of(root, {"b.a": MET, "b.b": NOT_MET, "n.a": 26, "n.b": 700}) is NOT_MET
    assert truth_of(root, {"b.a": MET, "b.b": NOT_MET, "n.b": 1000}) is UNKNOWN_TRUTH


def test_steps_not_asked_for_stay_unknown() -> None:
    """A part of the rules can be run alone: steps of other rules stay unknown even where a shard decides them too."""
    first, second = (nodes.Comparison(">", fact(path), nodes.Constant(5, NUMBER)) for path in ("n.a", "n.b"))
    rules = compile_rules(book(first, second, rules=2), AS_OF)
    values = ENGINE.run(rules, rules.order_for(rules.rules[:1]), Inputs({"n.a": 6, "n.b": 6}, AS_OF)).values
    assert (values[rules.index[first]], values[rules.index[second]]) == (MET, UNKNOWN_TRUTH)


def test_telling_whom_rules_concern_is_cheap() -> None:
    """What tells that no rule concerns a case is decided by one shard, however many others the rules have."""
    above = [nodes.Comparison(">", fact("n.a"), nodes.Constant(number, NUMBER)) for number in range(240)]
    made = book(*above, rules=4)
    concerned = {
        name: replace(rule, concerns=(Concern(nodes.Comparison("==", fact("t.a"), nodes.Constant(name, TEXT)), "", None),))
        for name, rule in made.rules.items()
    }
    rules = compile_rules(replace(made, rules=concerned), AS_OF)
    order = rules.order_for((), rules.rules)
    assert sum(len(stage.shards) for stage in ENGINE.network(rules).stages) > 4
    assert sum(len(stage.shards) for stage in ENGINE.network(rules).plan(order).stages) == 1


def test_a_first_case_makes_no_more_shards_than_it_needs() -> None:
    """Shards are made for the first case alone, then, where another case needs more, for all; what is found stays the same."""
    above = [nodes.Comparison(">", fact("n.a"), nodes.Constant(number, NUMBER)) for number in range(240)]
    rules, engine, inputs = compile_rules(book(*above, rules=4), AS_OF), DurableEngine(), Inputs({"n.a": 100}, AS_OF)
    parts = [rules.order_for(rules.rules[:1]), rules.order_for(rules.rules[1:])]
    found = [engine.run(rules, part, inputs).values for part in (*parts, *parts)]
    made = [DurableEngine().network(rules, part) for part in (parts[0], rules.order)]
    few, all_of_them = (sum(len(stage.shards) for stage in network.stages) for network in made)
    assert few < all_of_them
    assert engine.network(rules, parts[0]) is engine.network(rules)
    assert sum(len(stage.shards) for stage in engine.network(rules).stages) == all_of_them
    assert found == [ReferenceEngine().run(rules, part, inputs).values for part in (*parts, *parts)]


def test_plans_are_forgotten() -> None:
    """However many parts of the rules are asked for, only the plans of the last ones are kept."""
    rules = compiled(*(nodes.Comparison(">", fact("n.a"), nodes.Constant(number, NUMBER)) for number in range(60)))
    network = ENGINE.network(rules)
    for end in range(len(rules.order)):
        ENGINE.run(rules, rules.order[:end], Inputs({}, AS_OF))
    assert len(network.plans) <= 32


# threads, processes, memory


def busy() -> CompiledRules:
    """Rules with a few shards, for many runs."""
    leaves = [nodes.Comparison(">=", fact("n.a"), nodes.Constant(number, NUMBER)) for number in range(100)]
    return compiled(
        nodes.AllOf(tuple(leaves)), nodes.AnyOf((*leaves[:9], fact("b.a"))), nodes.Comparison("==", fact("k.a"), fact("k.b"))
    )


def test_threads_share_an_engine() -> None:
    """Many threads with different profiles on one engine each get their own answers, also while the rules are still compiled."""
    rules, engine, wrong = busy(), DurableEngine(), list[object]()
    facts: list[Facts] = [{"n.a": number, "k.a": "red", "k.b": KIND.values[number % 3]} for number in range(0, 110, 7)]
    expected = [REFERENCE.run(rules, rules.order, Inputs(each, AS_OF)).values for each in facts]

    def work(start: int) -> None:
        try:
            for turn in range(60):
                chosen = (start + turn) % len(facts)
                if engine.run(rules, rules.order, Inputs(facts[chosen], AS_OF)).values != expected[chosen]:
                    wrong.append(chosen)
        except EngineError as error:
            wrong.append(error)

    with quick_switches():
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


@contextlib.contextmanager
def quick_switches() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_children_of_a_fork_answer() -> None:
    """A process forked while other threads evaluate has a working engine, with the rules compiled before."""
    rules = busy()
    asked: Facts = {"n.a": 150, "k.a": "red", "k.b": "red"}
    other: Facts = {"n.a": 3, "k.a": "red", "k.b": "blue"}
    expected = found(rules, asked)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            ENGINE.run(rules, rules.order, Inputs(other, AS_OF))

    threads = [threading.Thread(target=work) for _ in range(2)]
    with quick_switches():
        for thread in threads:
            thread.start()
        try:
            statuses = [
                _in_child(lambda: ENGINE.run(rules, rules.order, Inputs(asked, AS_OF)).values == expected) for _ in range(20)
            ]
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert statuses == [0] * 20


def _in_child(check: Callable[[], bool]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking with threads is what is tested here
        child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if check() else 1
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell memory in /proc")
def test_memory_stays_flat() -> None:
    """Twenty thousand evaluations need no more memory than two thousand."""
    named = nodes.Comparison("==", fact("t.a"), nodes.Constant("7", TEXT))
    rules = compiled(nodes.AllOf((nodes.Comparison(">", fact("n.a"), nodes.Constant(5, NUMBER)), fact("b.a"), named)))

    def resident(count: int) -> int:
        for number in range(count):
            ENGINE.run(rules, rules.order, Inputs({"n.a": number, "t.a": str(number), "b.a": MET}, AS_OF))
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    before = resident(2_000)
    assert resident(18_000) - before < 1_000_000


def test_nothing_of_a_profile_is_kept() -> None:
    """The texts of a profile are forgotten with the answer."""
    rules = compiled(nodes.Comparison("==", fact("t.a"), nodes.Constant("7", TEXT)))
    found(rules, {"t.a": "secret"})
    assert ENGINE.network(rules).names == {"7": 0}


def test_dropping_the_rules_frees_their_rulesets() -> None:
    """When compiled rules are gone, so are their shards, and durable-rules is told to free them."""
    freed: list[int] = []
    module: Any = SimpleNamespace(**vars(durable_rules))

    def delete_ruleset(handle: int) -> None:
        freed.append(handle)
        durable_rules.delete_ruleset(handle)

    module.delete_ruleset = delete_ruleset
    engine = DurableEngine()
    engine._module = module
    rules = busy()
    found(rules, {"n.a": 5}, engine)
    handles = {shard.handle for stage in engine.network(rules).stages for shard in stage.shards}
    network = weakref.ref(engine.network(rules))
    del rules
    gc.collect()
    assert network() is None
    assert set(freed) == handles
    assert len(freed) == len(handles) > 1


# where durable-rules is missing


def test_a_missing_module_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without durable-rules the reason is told, and making the engine is an engine error that names a way out."""
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    assert available() == "durable-rules 2.0.28 is not installed, or was built for another Python"
    with pytest.raises(EngineError, match="E501") as caught:
        DurableEngine()
    assert caught.value.diagnostics[0].help


def test_another_version_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of durable-rules whose behaviour was not measured is not used."""
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "2.0.29")
    assert available() == "durable-rules 2.0.28 is needed, 2.0.29 is installed"

    def unknown(_: str) -> str:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "version", unknown)
    assert available() == "durable-rules 2.0.28 is needed, of unknown version is installed"


def test_the_engine_is_available() -> None:
    """Where durable-rules is installed there is no reason not to use it, and nothing of its Python layer is loaded."""
    assert available() is None
    assert not any(name == "durable" or name.startswith("durable.") for name in sys.modules)


def test_the_as_of_date_is_read() -> None:
    """The as-of date is a value like any other."""
    root = nodes.Comparison("<", fact("d.a"), nodes.AsOf())
    assert truth_of(root, {"d.a": date(2026, 2, 27)}) is MET
    assert truth_of(root, {"d.a": AS_OF}) is NOT_MET
