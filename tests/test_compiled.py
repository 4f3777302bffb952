"""The compiled engine: agreement with the reference, statuses, hostile names, and rules of awkward shapes."""

from __future__ import annotations

import gc
import itertools
import os
import threading
import weakref
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book_builder import AS_OF, COUNTRY, DAY, DAYS, EXACT, LEVEL, NUMBER, TEXT, TEXTS, Grower, book, fact, profiles, roots
from eligibility import nodes
from eligibility.backends import compiled_lines
from eligibility.backends.compiled import CompiledEngine
from eligibility.backends.reference import ReferenceEngine
from eligibility.compiler import CompiledRules, compile_rules
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, ListType, Number, Value
from eligibility.diagnostics import EngineError
from eligibility.engine import load_rules
from eligibility.nodes import BOOLEAN, Node
from eligibility.operations import Inputs, whole
from eligibility.rulebook import Concern, RuleBook
from eligibility.status import Status

ENGINE = CompiledEngine()
REFERENCE = ReferenceEngine()
EXAMPLES = Path(__file__).parents[1] / "examples"
NUMBERS: tuple[Number, ...] = EXACT
Facts = Mapping[str, Value]


def compiled(*parts: Node) -> CompiledRules:
    return compile_rules(book(*parts), AS_OF)


def agrees(rules: CompiledRules, facts: Facts, as_of: date = AS_OF) -> list[Value]:
    """The values of the reference engine, which the compiled engine and its statuses must have found too."""
    inputs = Inputs(facts, as_of)
    values, expected = (engine.run(rules, rules.order, inputs).values for engine in (ENGINE, REFERENCE))
    assert values == expected
    assert [type(value) for value in values] == [type(value) for value in expected]
    assert statuses(rules, facts, as_of) == {rule.rule.id: rule.status(expected) for rule in rules.rules}
    return expected


def statuses(rules: CompiledRules, facts: Facts, as_of: date = AS_OF) -> dict[str, Status]:
    return ENGINE.program(rules).statuses(rules, rules.rules).call(facts, as_of)


def with_outcomes(made: RuleBook) -> RuleBook:
    """The same rules, the first condition of each saying whether it concerns a case, and the last whether it is available."""
    changed = {}
    for name, rule in made.rules.items():
        first, last = rule.criteria[:1], rule.criteria[2:][-1:]
        concerns = tuple(Concern(each.node, "", None) for each in first if each.node is not None)
        middle = rule.criteria[1 : len(rule.criteria) - len(last)]
        closing = tuple(replace(each, on_failure="not_available") for each in last)
        changed[name] = replace(rule, concerns=concerns, criteria=(*middle, *closing))
    return replace(made, rules=changed)


@settings(max_examples=120)
@given(roots(most=9), st.lists(profiles(), min_size=1, max_size=4))
def test_agreement(drawn: tuple[Node, ...], facts: list[Facts]) -> None:
    """Every step has the value the reference engine gives it, and every rule the status, in whole books and in parts."""
    rules = compile_rules(with_outcomes(book(*drawn, rules=2)), AS_OF)
    orders = [*(rules.order_for([rule]) for rule in rules.rules), rules.order[: len(rules.order) // 2]]
    for each in facts:
        agrees(rules, each)
        inputs = Inputs(each, AS_OF)
        for order in orders:
            assert ENGINE.run(rules, order, inputs).values == REFERENCE.run(rules, order, inputs).values


@cache
def large(seed: int) -> CompiledRules:
    drawn = Grower(Random(seed).randrange).roots(5, 150)  # noqa: S311 - not a secret, but the same every time
    return compile_rules(with_outcomes(book(*drawn, rules=12)), AS_OF)


@settings(max_examples=40)
@given(st.integers(1, 3), profiles())
def test_agreement_of_large_books(seed: int, facts: Facts) -> None:
    """Rules that share much are decided like rules that share nothing."""
    agrees(large(seed), facts)


@settings(max_examples=20)
@given(profiles())
def test_some_rules_come_out_as_among_all(facts: Facts) -> None:
    """The status of a rule does not depend on which others are asked for."""
    rules, every = large(1), statuses(large(1), facts)
    for chosen in (rules.rules[:1], rules.rules[3:7]):
        found = ENGINE.program(rules).statuses(rules, chosen).call(facts, AS_OF)
        assert found == {rule.rule.id: every[rule.rule.id] for rule in chosen}


def test_the_law_comes_out_as_in_the_reference_engine() -> None:
    """For the example profiles, whole and with facts left out, all rules have the same values, and statuses as in reports."""
    rules, chance, day = load_rules(), Random(7), date(2026, 11, 23)  # noqa: S311 - not a secret, but the same every time
    compiled = rules.compiled(day)
    for path in sorted(EXAMPLES.glob("*.json"))[::2]:
        profile = rules.profile(path)
        for share in (1, 0.9, 0.6):
            facts = {path: value for path, value in profile.facts.items() if chance.random() <= share}
            agrees(compiled, facts, day)
        report = rules.evaluate(profile, as_of=day, engine="compiled")
        assert rules.statuses(profile, as_of=day) == {outcome.id: outcome.status for outcome in report}
        some = [outcome.id for outcome in report][::9]
        assert rules.statuses(profile, as_of="2026-11-23", pathways=some) == {each: report[each].status for each in some}


def test_each_status_follows_from_its_truths() -> None:
    """Whatever a rule's concern, criteria and availability are, its status is the one that follows from them."""
    paths = ("b.a", "b.b", "b.c")
    made = with_outcomes(book(*(nodes.AllOf((fact(path), fact(path))) for path in paths)))
    judged = with_outcomes(book(*(nodes.Choose(fact(path), fact("b.d"), nodes.HumanJudgement(), BOOLEAN) for path in paths)))
    seen = set[Status]()
    for rules in (compile_rules(each, AS_OF) for each in (made, judged)):
        for truths in itertools.product((MET, NOT_MET, None), repeat=3):
            facts: Facts = {path: truth for path, truth in zip(paths, truths, strict=True) if truth is not None} | {"b.d": MET}
            agrees(rules, facts)
            seen |= set(statuses(rules, facts).values())
    assert seen == set(Status)


@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">="])
def test_numbers_are_compared_exactly(operator: nodes.Comparator) -> None:
    """Ties between products, quotients and figures come out exactly, with fractions and beyond 64 bits."""
    a, b = fact("n.a"), fact("n.b")
    share = nodes.Arithmetic("*", nodes.Constant(Fraction(7, 10), NUMBER), b, NUMBER)
    part = nodes.Arithmetic("/", nodes.Arithmetic("*", b, nodes.Constant(Fraction(75, 2), NUMBER), NUMBER), _number(-3), NUMBER)
    rules = compiled(
        *(nodes.Comparison(operator, one, other) for one, other in ((a, b), (a, share), (part, a), (share, part))),
        *(nodes.Comparison(operator, one, _number(number)) for one in (a, share, part) for number in EXACT),
    )
    for first, second in itertools.product(NUMBERS, NUMBERS):
        for ratio in (Fraction(1), Fraction(7, 10), Fraction(-75, 6)):
            tie = whole(Fraction(second) * ratio)
            agrees(rules, {"n.a": tie, "n.b": second})
            agrees(rules, {"n.a": tie, "n.b": first})


def test_numbers_of_any_length_are_compared() -> None:
    """Figures of thousands of digits, and what is multiplied by them, are compared like others."""
    long = 10**5_000
    a, b = fact("n.a"), nodes.Arithmetic("*", fact("n.b"), _number(long), NUMBER)
    part = nodes.Arithmetic("/", b, _number(Fraction(long, 3)), NUMBER)
    rules = compiled(*(nodes.Comparison(">=", a, other) for other in (_number(long), b, part, _number(Fraction(1, long)))))
    numbers: tuple[Number, ...] = (0, 1, 3, long, long * 2, Fraction(1, long))
    for first, second in itertools.product(numbers, numbers):
        agrees(rules, {"n.a": first, "n.b": second})


def _number(value: int | Fraction) -> Node:
    return nodes.Constant(value, NUMBER)


def test_days_choices_and_texts_are_compared_as_they_are() -> None:
    """Days order by the calendar and choices by their list; no text is mistaken for another."""
    operators: tuple[nodes.Comparator, ...] = ("<", "<=", ">", ">=", "==", "!=")
    listed: list[Node] = [nodes.Comparison(each, fact("d.a"), nodes.Constant(day, DAY)) for each in operators for day in DAYS]
    listed += [nodes.Comparison(each, fact("l.a"), nodes.Constant("middle", LEVEL), LEVEL.values) for each in operators[:4]]
    listed += [nodes.Comparison("==", nodes.Constant(text, TEXT), fact("t.a")) for text in TEXTS]
    rules = compiled(*listed)
    for day, level, text in zip(itertools.cycle(DAYS), itertools.cycle(LEVEL.values), TEXTS, strict=False):
        agrees(rules, {"d.a": day, "l.a": level, "t.a": text})


def test_nothing_a_rule_says_becomes_source() -> None:
    """Texts that look like Python are compared, and stand nowhere in the generated source."""
    hostile = ('"""', "'); raise SystemExit #", "{M}", "\\", "x1 = M\n x2 = N", "__import__('os')", "\u2028", "\x00")
    conditions: list[Node] = [nodes.Comparison("==", fact("t.a"), nodes.Constant(text, TEXT)) for text in hostile]
    conditions += [nodes.Contains(fact("t.b"), (text,)) for text in hostile]
    made = book(nodes.AllOf(tuple(conditions)), *conditions)
    name = 'evil"); raise SystemExit("'
    rules = compile_rules(replace(made, rules={name: replace(next(iter(made.rules.values())), id=name)}), AS_OF)
    for text in hostile:
        agrees(rules, {"t.a": text, "t.b": text})
    made_of = ENGINE.program(rules).statuses(rules, rules.rules)
    assert made_of.call({}, AS_OF) == {name: Status.UNDETERMINED}
    assert made_of.source.isascii()
    assert not any(text in made_of.source for text in (*hostile, "evil", "SystemExit", "t.a"))


def test_rules_of_awkward_shapes_are_held() -> None:
    """Deeply nested conditions, calculations and choices, and conjunctions of thousands of parts, are no trouble."""
    part: Node = fact("b.a")
    figure: Node = fact("n.a")
    for number in range(150):
        part = (nodes.AllOf, nodes.AnyOf)[number % 2]((part, nodes.Comparison(">", fact("n.a"), _number(number))))
        figure = nodes.Choose(fact("b.b"), nodes.Arithmetic("+", figure, _number(number), NUMBER), _number(number), NUMBER)
    wide = nodes.AnyOf(tuple(nodes.Comparison("==", fact("n.b"), _number(number)) for number in range(3_000)))
    rules = compiled(part, nodes.Comparison(">", figure, _number(11_000)), wide)
    cases: tuple[Facts, ...] = (
        {},
        {"b.a": MET, "b.b": MET, "n.a": 77, "n.b": 2_999},
        {"b.a": NOT_MET, "b.b": NOT_MET, "n.a": 160},
    )
    for facts in cases:
        agrees(rules, facts)


def _nested(depth: int) -> Node:
    """Whether for each record there is a larger one for all of which there is a larger one, and so on."""
    node: Node = fact("b.a")
    for level in range(depth):
        same = nodes.Comparison(
            "<=", nodes.ItemValue(f"v{level}", "size", NUMBER), nodes.ItemValue(f"v{level + 1}", "size", NUMBER)
        )
        body = nodes.AllOf((same, node))
        node = nodes.Quantified("all" if level % 2 else "any", fact("s.records"), f"v{level}", body)
    return nodes.Quantified("any", fact("s.records"), f"v{depth}", node)


def test_a_value_read_twice_by_one_step_is_there_both_times() -> None:
    """A choice between a value and itself, or one that a condition reads as well, has it in either branch."""
    for condition in (fact("b.a"), nodes.Comparison(">", fact("n.a"), _number(1))):
        twice = nodes.Choose(condition, fact("n.a"), fact("n.a"), NUMBER)
        rules = compiled(nodes.Comparison("==", fact("n.b"), twice))
        for truth, number in itertools.product((MET, NOT_MET, UNKNOWN_TRUTH), (1, 2)):
            agrees(rules, {"b.a": truth, "n.a": number, "n.b": 2})
            agrees(rules, {"b.a": truth, "n.b": 2})


def test_loops_stand_in_loops() -> None:
    """Quantifiers inside of quantifiers see the items of all around them."""
    rules = compiled(_nested(3))
    records: tuple[Value, ...] = ({"size": 1}, {"size": 2}, {})
    for count, truth in itertools.product(range(4), (MET, NOT_MET, UNKNOWN_TRUTH)):
        agrees(rules, {"s.records": records[:count], "b.a": truth})


def test_rules_that_python_cannot_hold_are_refused() -> None:
    """More loops inside of each other than Python allows are an engine error."""
    rules = compiled(_nested(30))
    with pytest.raises(EngineError, match="E504 conditions are nested too deep"):
        statuses(rules, {})


def test_sources_grow_with_the_rules() -> None:
    """Twice the rules give about twice the source."""
    sizes = []
    for count in (100, 200, 400):
        listed = [nodes.AllOf((nodes.Comparison(">", fact("n.a"), _number(each)), fact("b.a"))) for each in range(count)]
        rules = compile_rules(book(*listed, rules=10), AS_OF)
        sizes.append(len(ENGINE.program(rules).statuses(rules, rules.rules).source))
    assert 1.8 < sizes[1] / sizes[0] < 2.2
    assert 1.8 < sizes[2] / sizes[1] < 2.2


def test_what_a_failed_criterion_settles_is_not_worked_out() -> None:
    """After a criterion that fails nothing else of the rule is read."""

    class Watched(dict[str, Value]):
        read: set[str]

        def get(self, key: str, default: object = None) -> object:  # type: ignore[override]  # only called like this
            self.read.add(key)
            return super().get(key, cast(Value, default))

    rules = compiled(fact("b.a"), nodes.Comparison("==", fact("t.a"), fact("t.b")))
    facts = Watched({"b.a": NOT_MET, "t.a": "a"})
    facts.read = set()
    statuses(rules, facts)
    assert facts.read == {"b.a"}


def test_values_of_some_steps() -> None:
    """A function for the values of chosen steps gives them in their order."""
    above, judged = nodes.Comparison(">", fact("n.a"), _number(5)), nodes.HumanJudgement()
    rules = compiled(above, nodes.AllOf((above, judged)))
    indices = [rules.index[nodes.AllOf((above, judged))], rules.index[above], rules.index[fact("n.a")]]
    function = ENGINE.program(rules).values(rules, indices).call
    assert function({"n.a": 6}, AS_OF) == (JUDGEMENT, MET, 6)


def test_functions_are_made_once_and_freed_with_the_rules() -> None:
    """A second run makes nothing anew, and nothing keeps rules that nobody needs any more."""
    engine, rules = CompiledEngine(), compiled(nodes.Comparison(">", fact("n.a"), _number(5)))
    engine.run(rules, rules.order, Inputs({}, AS_OF))
    program = engine.program(rules)
    assert program.statuses(rules, rules.rules) is program.statuses(rules, rules.rules)
    assert program.plan(rules, rules.order) is program.plan(rules, rules.order)
    gone = weakref.ref(rules)
    del rules, program
    gc.collect()
    assert gone() is None


def test_functions_that_are_forgotten_leave_nothing_behind() -> None:
    """However many choices of rules are asked for, what their functions refer to is kept once, and few functions are."""
    kinds = nodes.Constant(("GB", "IE"), ListType(COUNTRY))
    parts: list[Node] = [nodes.Comparison(">", fact("n.a"), _number(number)) for number in range(9)]
    parts += [nodes.Membership(fact("c.a"), kinds), nodes.TableHas("test.r0", "rates", (fact("k.a"),))]
    parts += [nodes.Comparison(">=", fact("l.a"), fact("l.b"), LEVEL.values), nodes.StartsWith(fact("o.a"), kinds)]
    rules = compile_rules(book(*parts, rules=9), AS_OF)
    program = CompiledEngine().program(rules)
    program.statuses(rules, rules.rules)
    names = len(program._names.globals)
    for chosen in (*itertools.combinations(rules.rules, 2), *itertools.combinations(rules.rules, 3)):
        program.statuses_of(rules, tuple(rule.rule.id for rule in chosen), partial(tuple, chosen))
    assert len(program._names.globals) == names
    assert max(len(program._made), len(program._wanted)) <= 64


def test_threads_share_an_engine() -> None:
    """Threads that need the same functions at once each get their own answers."""
    rules, engine, wrong = large(2), CompiledEngine(), list[object]()
    facts: list[Facts] = [{"n.a": number, "b.a": MET} for number in range(6)]
    expected = [REFERENCE.run(rules, rules.order, Inputs(each, AS_OF)).values for each in facts]

    def work(number: int) -> None:
        found = engine.run(rules, rules.order, Inputs(facts[number], AS_OF)).values
        decided = engine.program(rules).statuses(rules, rules.rules).call(facts[number], AS_OF)
        if found != expected[number] or decided != {rule.rule.id: rule.status(expected[number]) for rule in rules.rules}:
            wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_children_of_a_fork_answer() -> None:
    """A process forked while another thread makes functions makes and runs its own."""
    rules, stop = compile_rules(book(*(fact(path) for path in ("b.a", "b.b", "b.c")), rules=3), AS_OF), threading.Event()
    facts: Facts = {"n.a": 7, "b.a": MET}
    expected, program = statuses(rules, facts), ENGINE.program(rules)

    def work() -> None:
        for count in itertools.cycle(range(1, len(rules.rules))):
            program.statuses(rules, rules.rules[:count])
            program._made.clear()
            if stop.is_set():
                return

    thread = threading.Thread(target=work)
    thread.start()
    found = []
    for _ in range(5):
        child = os.fork()
        if child == 0:
            program._made.clear()
            os._exit(0 if statuses(rules, facts) == expected else 1)
        found.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    stop.set()
    thread.join()
    assert found == [0] * 5


def test_only_what_generated_code_needs_is_within_its_reach() -> None:
    """Generated code sees its constants and two harmless builtins."""
    builtins = compiled_lines.Names().globals["__builtins__"]
    assert set(builtins) == {"min", "max"}
