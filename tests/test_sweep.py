"""Ranges: what a step can become holds every value that it takes, whichever value of the range is tried."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book_builder import AS_OF, DAY, NUMBER, book, fact, profiles, roots
from eligibility import nodes
from eligibility.compiler import CompiledRules, compile_rules
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN, UNKNOWN_TRUTH, Money, Value
from eligibility.downstream import downstream
from eligibility.nodes import BOOLEAN, Node
from eligibility.operations import Inputs, Values
from eligibility.ranges import ANYTHING, Anything, Records, Several, Span, of, possible
from eligibility.sweep import Sweep

CASE: Mapping[str, Value] = {"n.a": 3, "n.b": 4, "d.a": AS_OF}


def holds(range_: Any, value: Any) -> bool:
    """Whether a range has a value."""
    if isinstance(range_, Anything):
        return True
    if isinstance(range_, Span):
        if value is UNKNOWN:
            return range_.open
        return bool(range_.low <= value <= range_.high)
    return value in range_.values if isinstance(range_, Several) else bool(range_ == value)


def plainly(compiled: CompiledRules, facts: Mapping[str, Value], as_of: date) -> Values:
    values, inputs = list(compiled.start), Inputs(facts, as_of)
    for index in compiled.order:
        values[index] = compiled.steps[index].operation(values, inputs, compiled.steps)
    return values


def swept(compiled: CompiledRules, facts: Mapping[str, Value], varied: Mapping[str, Any], as_of: date | Span) -> Values:
    first = as_of.low if isinstance(as_of, Span) else as_of
    values = plainly(compiled, facts, first)
    again = downstream(compiled).of(varied, day=isinstance(as_of, Span))
    Sweep(compiled, values, Inputs(facts, first), varied, as_of).run(again)
    return values


def check(compiled: CompiledRules, found: Values, values: Values) -> None:
    for index in compiled.order:
        node = compiled.steps[index].node
        assert isinstance(found[index], Records) or holds(found[index], values[index]), (node, found[index], values[index])


quietly = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@quietly
@given(roots(depth=3), profiles(), st.integers(0, 40), st.integers(1, 40), st.data())
def test_ranges_of_numbers_hold_every_value(
    roots: tuple[Node, ...], facts: Mapping[str, Value], below: int, above: int, data: st.DataObject
) -> None:
    """With a number anywhere in a range, every step has a value that its range has."""
    compiled = compile_rules(book(*roots), AS_OF)
    stated = {"n.a": 0, **facts}["n.a"]
    assert isinstance(stated, int | Fraction)
    found = swept(compiled, {**facts, "n.a": stated}, {"n.a": Span(stated - below, stated + above)}, AS_OF)
    step = data.draw(st.fractions(-below, above, max_denominator=4))
    tried: int | Fraction = step + stated
    tried = tried.numerator if tried.denominator == 1 else tried
    check(compiled, found, plainly(compiled, {**facts, "n.a": tried}, AS_OF))


@quietly
@given(roots(depth=3), profiles(), st.integers(1, 800), st.data())
def test_ranges_of_days_hold_every_day(
    roots: tuple[Node, ...], facts: Mapping[str, Value], length: int, data: st.DataObject
) -> None:
    """With the day anywhere in a stretch, and a date that moves along, every step has a value that its range has."""
    compiled = compile_rules(dataclasses.replace(book(*roots), changes=()), AS_OF)
    last = AS_OF + timedelta(days=length)
    found = swept(compiled, {**facts, "d.a": AS_OF}, {"d.a": Span(AS_OF, last)}, Span(AS_OF, last))
    day = AS_OF + timedelta(days=data.draw(st.integers(0, length)))
    check(compiled, found, plainly(compiled, {**facts, "d.a": day}, day))


@quietly
@given(roots(depth=3), profiles(), st.integers(1, 60_000), st.data())
def test_ranges_in_records_hold_every_value(
    roots: tuple[Node, ...], facts: Mapping[str, Value], width: int, data: st.DataObject
) -> None:
    """With a field of a record anywhere in a range, every step has a value that its range has."""
    compiled = compile_rules(book(*roots), AS_OF)
    other = {"level": "low", "sound": MET, "size": 41_700}

    def records(size: Any) -> tuple[Mapping[str, Any], ...]:
        return ({"level": "high", "size": size}, other)

    found = swept(compiled, {**facts, "s.records": records(0)}, {"s.records": Records(records(Span(0, width)))}, AS_OF)
    size = data.draw(st.integers(0, width))
    check(compiled, found, plainly(compiled, {**facts, "s.records": records(size)}, AS_OF))


def range_of(node: Node, **varied: Any) -> Any:
    """What a node becomes while facts take every value of a range."""
    compiled = compile_rules(book(node), AS_OF)
    paths = {f"{name[0]}.{name[1]}": each for name, each in varied.items()}
    return swept(compiled, CASE, paths, AS_OF)[compiled.index[node]]


def number(value: Value) -> nodes.Constant:
    return nodes.Constant(value, NUMBER)


A = fact("n.a")


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (nodes.Arithmetic("+", A, number(2), NUMBER), Span(-1, 7)),
        (nodes.Arithmetic("-", A, A, NUMBER), 0),
        (nodes.Arithmetic("*", A, A, NUMBER), ANYTHING),
        (nodes.Arithmetic("/", number(1), A, NUMBER), ANYTHING),
        (nodes.Rounded("up", A, number(10), NUMBER), Span(0, 10)),
        (nodes.Extreme("min", (A, number(2)), NUMBER), Span(-3, 2)),
        (nodes.DateShift(fact("d.a"), A, "day", 1), ANYTHING),
        (nodes.Comparison("==", A, number(1)), Several(frozenset((MET, NOT_MET)))),
        (nodes.Comparison("==", A, number(6)), NOT_MET),
        (nodes.Comparison("<=", A, A), MET),
        (nodes.Comparison("<", A, number(9)), MET),
        (nodes.Choose(nodes.Comparison("<", A, number(0)), number(1), number(2), NUMBER), Several(frozenset((1, 2)))),
        (nodes.Choose(nodes.HumanJudgement(), A, number(2), NUMBER), UNKNOWN),
        (nodes.Negation(nodes.AllOf((nodes.Comparison("<", A, number(9)), nodes.HumanJudgement()))), JUDGEMENT),
        (nodes.AtLeast(1, (nodes.Comparison(">", A, number(9)), nodes.Constant(UNKNOWN_TRUTH, BOOLEAN))), UNKNOWN_TRUTH),
        (
            nodes.PointsReached(
                (nodes.HumanJudgement(), nodes.HumanJudgement()), (A, nodes.Constant(UNKNOWN, NUMBER)), (None, None), number(9)
            ),
            Several(frozenset((NOT_MET, UNKNOWN_TRUTH))),
        ),
    ],
)
def test_each_form_has_its_range(node: Node, expected: Any) -> None:
    """A form over a number from -3 to 5 becomes exactly what it can, or anything where its ends do not tell."""
    assert range_of(node, na=Span(-3, 5)) == expected


def test_days_move_by_whole_numbers() -> None:
    """A date moved by a whole number lies between the ends; by a number that may be broken it may be unknown."""
    node = nodes.DateShift(fact("d.a"), nodes.Arithmetic("+", A, number(1), NUMBER), "day", 1)
    assert range_of(node, na=Span(1, 5, whole=True)) == Span(AS_OF + timedelta(days=2), AS_OF + timedelta(days=6))
    assert range_of(node, na=Span(1, 5)) is ANYTHING


def test_points_of_awards_in_a_range_reach_a_mark_or_not() -> None:
    """The least and the most of the sums decide."""
    points = nodes.PointsReached((nodes.Constant(MET, BOOLEAN),), (A,), (None,), number(4))
    assert range_of(points, na=Span(4, 9)) is MET
    assert range_of(points, na=Span(-3, 3)) is NOT_MET
    assert range_of(points, na=Span(3, 4)) == Several(frozenset((MET, NOT_MET)))


def test_values_join_to_the_smallest_range() -> None:
    """A few values stay a few; many become a span; what has no order in common may be anything."""
    assert of([1, 1]) == 1
    assert of([1, UNKNOWN]) == Several(frozenset((1, UNKNOWN)))
    assert of([Span(1, 2), 5, UNKNOWN]) == Span(1, 5, open=True)
    assert of([*range(40)]) == Span(0, 39)
    assert of([Span(1, 2), AS_OF]) is ANYTHING
    pay = [Money(1, "EUR", "year"), Money(2, "EUR", "year")]
    assert of([Span(pay[0], pay[1]), Money(3, "EUR", "year")]) == Span(pay[0], Money(3, "EUR", "year"))
    assert of([Span(pay[0], pay[1]), Money(3, "EUR", "month")]) is ANYTHING
    assert possible(Span(1, 2)) is None
    assert fact("d.a").type == DAY
