"""Expression text to tree and back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility import expr
from eligibility.syntax import MAXIMUM_LENGTH, ExpressionError, parse, unparse

WORDS = ["a", "b", "offer", "salary", "degree_level", "x1", "as_of"]
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda parts: expr.Name(tuple(parts)))
texts = st.text(max_size=12).filter(
    lambda text: "\r" not in text and "\n" not in text and "\t" not in text and "\0" not in text and text.isprintable()
)
numbers = st.integers(0, 10**12) | st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False, allow_infinity=False)
literals = (texts | numbers | st.booleans()).map(expr.Literal)


def _are_keys(keys: tuple[expr.Expr, ...]) -> bool:
    """Several values in round brackets as the only key read back as several keys."""
    return not (len(keys) == 1 and isinstance(keys[0], expr.Listed) and keys[0].round_brackets)


def _extend(inner: st.SearchStrategy[expr.Expr]) -> st.SearchStrategy[expr.Expr]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    logic = st.builds(lambda operator, items: expr.Logic(operator, items), st.sampled_from(["and", "or"]), several)
    comparison = st.lists(
        st.tuples(st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"]), inner), min_size=1, max_size=2
    )
    return st.one_of(
        logic,
        inner.map(expr.Not),
        inner.map(expr.Negative),
        st.builds(
            lambda left, rest: expr.Compare(left, tuple(op for op, _ in rest), tuple(item for _, item in rest)), inner, comparison
        ),
        st.builds(expr.Arithmetic, st.sampled_from(["+", "-", "*", "/"]), inner, inner),
        st.builds(expr.Conditional, inner, inner, inner),
        st.builds(
            lambda table, keys, column: expr.Lookup(table, keys, column),
            names,
            st.lists(inner, min_size=1, max_size=2).map(tuple).filter(_are_keys),
            st.sampled_from(WORDS),
        ),
        st.builds(expr.Listed, st.lists(inner, max_size=3).map(tuple)),
        st.builds(lambda items: expr.Listed(items, round_brackets=True), several),
        st.builds(
            lambda function, arguments, named: expr.Call(function, arguments, named),
            st.sampled_from(["min", "max", "convert", "contains"]),
            st.lists(inner, max_size=2).map(tuple),
            st.lists(st.tuples(st.sampled_from(WORDS), inner), max_size=2, unique_by=lambda pair: pair[0]).map(tuple),
        ),
        st.builds(
            lambda function, body, source, condition: expr.Quantifier(function, body, "item", source, condition),
            st.sampled_from(["any", "all", "count", "sum"]),
            inner,
            inner,
            st.none() | inner,
        ),
    )


trees = st.recursive(names | literals, _extend, max_leaves=12)


@settings(max_examples=400)
@given(trees)
def test_what_is_printed_reads_back_as_the_same_tree(tree: expr.Expr) -> None:
    """Parsing undoes printing, for every form of the language."""
    assert parse(unparse(tree)) == tree


@settings(max_examples=200)
@given(trees)
def test_canonical_text_prints_back_unchanged(tree: expr.Expr) -> None:
    """Printing undoes parsing, for text in canonical form."""
    text = unparse(tree)
    assert unparse(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        '"skilled_worker" in employer.licence.routes and employer.licence.rating == "A"',
        'going_rate["1", offer.occupation.uk_soc2020].annual * offer.weekly_hours / full_time',
        "offer.pay >= 0.70 * required_pay",
        'any(d.level == "master" and d.stem for d in applicant.degrees if d.recognised)',
        'not any(n in ["GB", "IE"] for n in applicant.nationalities)',
        "case.applied_on <= d.awarded_on + years(3)",
        "a <= b < c",
        "a if b else c if d else e",
        "(a or b) and not (c and d)",
        "a - (b - c)",
        '("1", offer.occupation.uk_soc2020) in going_rate',
        'convert(offer.salary, "GBP/year", hours_per_week=offer.weekly_hours)',
        "-a * b",
    ],
)
def test_usual_expressions_print_back_unchanged(text: str) -> None:
    """Text as rule authors write it is canonical."""
    assert unparse(parse(text)) == text


def test_places_point_into_the_text() -> None:
    """Every node knows where it stands, also behind letters of several bytes."""
    text = ' "für" == b and salary >= 1.50'
    tree = parse(text)
    assert isinstance(tree, expr.Logic)
    last = tree.items[1]
    assert isinstance(last, expr.Compare)
    place = last.rights[0].place
    assert text[place.start : place.start + place.length] == "1.50"
    assert last.rights[0] == expr.Literal(Decimal("1.50"))


def test_numbers_keep_their_digits() -> None:
    """A decimal is read from its text, never through a binary float."""
    assert parse("0.1000000000000000000001") == expr.Literal(Decimal("0.1000000000000000000001"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "E200"),
        ("   ", "E200"),
        ("a &&  b", "E200"),
        ("a = b", "E200"),
        ("(a", "E200"),
        ("a; b", "E200"),
        ("x" * (MAXIMUM_LENGTH + 1), "E200"),
        ("(" * 300 + "a" + ")" * 300, "E200"),
        ("not " * 200 + "a", "E201"),
        ("lambda: 1", "E201"),
        ("a[0]", "E201"),
        ("a[b].c.d", "E201"),
        ("[x for x in a]", "E201"),
        ("f'{a}'", "E201"),
        ("a ** b", "E201"),
        ("a // b", "E201"),
        ("a is b", "E201"),
        ("a.b()", "E201"),
        ("f(*a)", "E201"),
        ("f(**a)", "E201"),
        ("any(x for x in a for y in b)", "E201"),
        ("1e3", "E201"),
        ("0x1F", "E201"),
        ("1_000", "E201"),
        (".5", "E201"),
        ("1j", "E201"),
        ("None", "E201"),
        ("b'a'", "E201"),
        ("a := 1", "E200"),
        ("{'a': 1}", "E201"),
        ("await a", "E201"),
        ("...", "E201"),
        ("a @ b", "E201"),
        ("~a", "E201"),
        ("+a", "E201"),
    ],
)
def test_what_is_not_in_the_language_is_refused(text: str, code: str) -> None:
    """Everything outside the white list is refused with a code and a place inside the text."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.code == code
    assert 0 <= caught.value.start <= max(len(text), 1)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes the parser fail in any other way."""
    try:
        tree = parse(text)
    except ExpressionError:
        return
    assert parse(unparse(tree)) == tree
