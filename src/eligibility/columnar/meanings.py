"""What each class of node means by column: the meanings of `operations`, for all rows at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from functools import reduce

import polars as pl

from eligibility import nodes
from eligibility.columnar.days import Days, days, elapsed, extreme_day, shifted
from eligibility.columnar.numbers import (
    Numbers,
    Quantity,
    added,
    chosen_number,
    compared,
    compared_cells,
    divided,
    extreme,
    multiplied,
    numbers,
    ratio,
    rounded,
    settled_number,
    subtracted,
)
from eligibility.columnar.sheet import Cell, NotInColumns, Sheet, joined, literal, picked, where
from eligibility.columnar.tables import listed
from eligibility.columnar.terms import (
    Item,
    Listed,
    Members,
    Moneys,
    Term,
    condition,
    day,
    either,
    is_known,
    is_settled,
    kept,
    quantity,
    text,
)
from eligibility.columnar.truths import (
    Condition,
    Truths,
    chosen,
    conjunction,
    disjunction,
    no,
    settled,
    truths,
    where_known,
    yes,
)
from eligibility.columnar.words import Coded, Texts, among, beginning, compared_texts, containing, places
from eligibility.datatypes import (
    MET,
    NOT_MET,
    UNKNOWN,
    UNKNOWN_TRUTH,
    BooleanType,
    DateType,
    NumberType,
    Unknown,
    Value,
)


def comparison(node: nodes.Comparison, one: Term, two: Term) -> Condition:
    """Two values compared."""
    match node.left.type:
        case NumberType():
            return Truths(compared(node.operator, quantity(one), quantity(two)))
        case DateType():
            return Truths(compared_cells(node.operator, days(day(one)).cell, days(day(two)).cell))
    return Truths(compared_texts(node.operator, text(one), text(two), node.order))


def arithmetic(node: nodes.Arithmetic, one: Term, two: Term) -> Quantity:
    """`+`, `-`, `*`, or `/` by a constant."""
    left, right = quantity(one), quantity(two)
    match node.operator:
        case "+":
            return added(left, right)
        case "-":
            return subtracted(left, right)
        case "*":
            return multiplied(left, right)
    if isinstance(right, int | Fraction):
        return UNKNOWN if right == 0 else divided(left, right)
    raise NotInColumns("it divides by something that changes from case to case")


def extremes(sheet: Sheet, node: nodes.Extreme, items: Sequence[Term]) -> Term:
    """The least or greatest of several values."""
    if isinstance(node.type, DateType):
        return extreme_day(node.kind, [day(item) for item in items])
    return extreme(sheet, node.kind, [quantity(item) for item in items])


def converted(sheet: Sheet, node: nodes.Converted, money: Term, hours: Quantity, weeks: Quantity) -> Quantity:
    """Money in a currency and period."""
    target = node.type.unit
    if isinstance(money, Unknown):
        return UNKNOWN
    if not isinstance(money, Moneys):
        if not isinstance(node.money.type, NumberType):
            raise NotInColumns("it converts something that is no money")
        unit = node.money.type.unit
        same = (unit.currency or "") == target.currency
        return _per(sheet, quantity(money), unit.period, target.period, hours, weeks) if same else UNKNOWN
    currency = target.currency or ""
    in_currency = sheet.column(places(money.currency.code, [money.currency.values.index(currency)], len(money.currency.values)))
    amount = settled_number(sheet, money.amount)
    period = sheet.column(money.period.code)
    found: Quantity = UNKNOWN
    for place, name in enumerate(money.period.values):
        is_it = sheet.column(joined(lambda code, at=place: (code == at).fill_null(value=False), period))
        each = _per(sheet, amount, name, target.period, hours, weeks)
        if not isinstance(each, Unknown) or not isinstance(found, Unknown):
            found = chosen_number(is_it, each, found, certain=True)
    if target.period is None:
        found = chosen_number(sheet.column(period.is_null()), amount, found, certain=True)
    return UNKNOWN if isinstance(found, Unknown) else chosen_number(in_currency, found, UNKNOWN)


def _per(sheet: Sheet, amount: Quantity, period: str | None, target: str | None, hours: Quantity, weeks: Quantity) -> Quantity:
    """An amount paid in one period for another."""
    if period == target:
        return amount
    above, below = _a_year(period, hours, weeks), _a_year(target, hours, weeks)
    if isinstance(above, Unknown) or isinstance(below, Unknown):
        return UNKNOWN
    yearly = multiplied(amount, above)
    if isinstance(below, Numbers):
        return settled_number(sheet, ratio(yearly, below))
    return divided(yearly, below) if below else UNKNOWN


def _a_year(period: str | None, hours: Quantity, weeks: Quantity) -> Quantity:
    match period:
        case "year":
            return 1
        case "month":
            return 12
        case "week":
            return weeks
        case "hour" if not isinstance(hours, Unknown) and not isinstance(weeks, Unknown):
            return multiplied(hours, weeks)
    return UNKNOWN


def choose(sheet: Sheet, node: nodes.Choose, test: Term, then: Term, otherwise: Term) -> Term:
    """`then` if the condition is met, `otherwise` if it is not met."""
    tested = condition(test)
    if isinstance(node.type, BooleanType):
        return chosen(sheet, tested, condition(then), condition(otherwise))
    if tested is MET or tested is NOT_MET:
        return then if tested is MET else otherwise
    if not isinstance(tested, Truths):
        return UNKNOWN
    return either(sheet, sheet.column(tested.truth), then, otherwise, node.type)


def membership(sheet: Sheet, item: Term, collection: Term) -> Condition:
    """Whether a value is among the values of a collection."""
    if isinstance(item, Unknown) or isinstance(collection, Unknown):
        return UNKNOWN_TRUTH
    match collection:
        case tuple() | frozenset():
            return _among_fixed(sheet, item, collection)
        case Listed(known=known, taken=taken, items=items):
            item = kept(sheet, item)
            hits = [
                conjunction(sheet, [Truths(place), _equal(item, _single(each))]) for place, each in zip(taken, items, strict=True)
            ]
            stated = is_known(item)
            sure = known if stated is None else known & stated
            return where_known(sure, disjunction(sheet, hits))
        case Members(known=known, values=values, held=held):
            if is_settled(item):
                found = [cell for value, cell in zip(values, held, strict=True) if value == item]
                return where_known(known, Truths(found[0]) if found else NOT_MET)
            item = kept(sheet, item)
            hits = [conjunction(sheet, [Truths(cell), _equal(item, value)]) for value, cell in zip(values, held, strict=True)]
            stated = is_known(item)
            return where_known(known if stated is None else known & stated, disjunction(sheet, hits))
    raise NotInColumns("it looks for a value in something that is no list")


def _among_fixed(sheet: Sheet, item: Term, collection: Collection[Value]) -> Condition:
    if isinstance(item, Coded | Texts):
        return Truths(among(item, collection))
    item = kept(sheet, item)
    hits = disjunction(sheet, [_equal(item, value) for value in collection])
    stated = is_known(item)
    return hits if stated is None else where_known(stated, hits)


def _single(item: Item) -> Term:
    if isinstance(item, dict):
        raise NotInColumns("it looks for a record in a list")
    return item


def _equal(one: Term, two: Term) -> Condition:
    if is_settled(one) and is_settled(two):
        return UNKNOWN_TRUTH if isinstance(one, Unknown) or isinstance(two, Unknown) else MET if one == two else NOT_MET
    if isinstance(one, int | Fraction | Numbers):
        return Truths(compared("==", quantity(one), quantity(two)))
    if isinstance(one, Days) or isinstance(two, Days):
        return Truths(compared_cells("==", days(day(one)).cell, days(day(two)).cell))
    return Truths(compared_texts("==", text(one), text(two), None))


def contains(node: nodes.Contains, searched: Term) -> Condition:
    """Whether a text (whose words are its own column already) holds one of the phrases."""
    if isinstance(searched, Coded | Texts):
        return Truths(containing(searched, node.phrases))
    return UNKNOWN_TRUTH


def starts_with(code: Term, prefixes: Term) -> Condition:
    """Whether a code begins with one of the prefixes."""
    if isinstance(code, Unknown) or isinstance(prefixes, Unknown):
        return UNKNOWN_TRUTH
    if not isinstance(prefixes, tuple | frozenset) or not isinstance(code, Coded | Texts):
        raise NotInColumns("it looks for beginnings that change from case to case")
    return Truths(beginning(code, tuple(str(prefix) for prefix in prefixes)))


def shift(sheet: Sheet, node: nodes.DateShift, start: Term, amount: Term) -> Term:
    """A date moved by whole calendar units."""
    if isinstance(start, Unknown) or isinstance(amount, Unknown):
        return UNKNOWN
    return shifted(sheet, day(start), quantity(amount), node.unit, node.sign)


def passed(sheet: Sheet, node: nodes.Elapsed, start: Term, end: Term) -> Term:
    """Whole calendar units from a date to another."""
    if isinstance(start, Unknown) or isinstance(end, Unknown):
        return UNKNOWN
    return elapsed(sheet, day(start), day(end), node.unit)


def round_off(node: nodes.Rounded, number: Term, step: Term) -> Term:
    """A number rounded to a multiple of a step."""
    if isinstance(number, Unknown):
        return UNKNOWN
    if not isinstance(step, int | Fraction) or step <= 0:
        raise NotInColumns("it rounds to a step that changes from case to case")
    return rounded(node.mode, quantity(number), step)


def classified(sheet: Sheet, node: nodes.Classified, rows: Sequence[Condition]) -> Term:
    """The value of a decision table."""
    match node.hit:
        case "collect":
            return _collected(sheet, node, rows)
        case "unique":
            return _unique(sheet, node, rows)
    return _first(sheet, node, rows)


def _results(node: nodes.Classified) -> list[Value]:
    return list(dict.fromkeys([*node.values, node.otherwise]))


def _first(sheet: Sheet, node: nodes.Classified, rows: Sequence[Condition]) -> Term:
    """The result of the first true row, where the open rows before it would give the same."""
    results = _results(node)
    open_to = [(row, results.index(value)) for row, value in zip(rows, node.values, strict=True) if row is not NOT_MET]
    last = results.index(node.otherwise)
    for place, (row, code) in enumerate(open_to):
        if row is MET:
            open_to, last = open_to[:place], code
            break
    cells = [(settled(sheet, row).truth, code) for row, code in open_to]
    if not cells:
        return results[last]

    def first(*tests: pl.Expr) -> pl.Expr:
        picks = [pl.when(test).then(pl.lit(place, dtype=pl.UInt32)) for place, test in enumerate(tests)]
        return pl.coalesce(*picks, pl.lit(len(tests), dtype=pl.UInt32))

    position = sheet.column(joined(first, *(cell for cell, _ in cells)))
    codes = [*(code for _, code in cells), last]
    found_code = sheet.column(picked(pl.Series(codes, dtype=pl.UInt32), position))

    def torn(at: pl.Expr, found: pl.Expr, *tests: pl.Expr) -> pl.Expr:
        return pl.any_horizontal([test.is_null() & (at > place) & (found != codes[place]) for place, test in enumerate(tests)])

    conflict = joined(torn, position, found_code, *(cell for cell, _ in cells))
    return listed(results, node.type, where(conflict, literal(None, pl.UInt32), found_code))


def _unique(sheet: Sheet, node: nodes.Classified, rows: Sequence[Condition]) -> Term:
    results = _results(node)
    cells = [(settled(sheet, row).truth, results.index(value)) for row, value in zip(rows, node.values, strict=True)]

    def found(*tests: pl.Expr) -> pl.Expr:
        codes = [pl.when(test).then(pl.lit(code, dtype=pl.UInt32)) for test, (_, code) in zip(tests, cells, strict=True)]
        least, most = pl.min_horizontal(*codes), pl.max_horizontal(*codes)
        closed = pl.all_horizontal([test.is_not_null() for test in tests])
        return pl.when(closed & ((least == most) | least.is_null())).then(least.fill_null(results.index(node.otherwise)))

    return listed(results, node.type, joined(found, *(cell for cell, _ in cells)))


def _collected(sheet: Sheet, node: nodes.Classified, rows: Sequence[Condition]) -> Term:
    cells = [settled(sheet, row).truth for row in rows]
    known = sheet.column(reduce(lambda one, two: one & two, (cell.is_not_null() for cell in cells), yes()))
    values = list(dict.fromkeys(node.values))
    held = []
    for value in values:
        hits = [cell.or_else(value=False) for cell, each in zip(cells, node.values, strict=True) if each == value]
        held.append(sheet.column(reduce(lambda one, two: one | two, hits)))
    if not isinstance(node.otherwise, Unknown):
        none = sheet.column(~reduce(lambda one, two: one | two, held, no()))
        if node.otherwise in values:
            at = values.index(node.otherwise)
            held[at] = held[at] | none
        else:
            values.append(node.otherwise)
            held.append(none)
    return kept(sheet, Members(known, tuple(values), tuple(held)))


def aggregate(
    sheet: Sheet, node: nodes.Aggregate, known: Cell | None, parts: Sequence[tuple[Cell | None, Condition, Term]]
) -> Term:
    """count, sum, min or max over what is taken. A part: whether its place is taken (None: always), its condition, its body."""
    counted: list[tuple[Cell, Term]] = []
    open_cells: list[Cell] = []
    for place, test, body in parts:
        here = settled(sheet, truths(test) if place is None else conjunction(sheet, [Truths(place), test]))
        taken = sheet.column(here.truth.or_else(value=False))
        stated = None if node.body is None else is_known(body)
        open_cells.append(here.truth.is_null() if stated is None else here.truth.is_null() | (taken & ~stated))
        counted.append((taken, body))
    number: Quantity = 0
    if node.kind in ("min", "max"):
        found = _extreme_taken(sheet, node, counted)
    else:
        for taken, body in counted:
            value: Quantity = 1 if node.kind == "count" else quantity(body)
            number = added(number, chosen_number(taken, value, 0, certain=True))
        found = number
    closed = ~reduce(lambda one, two: one | two, open_cells, no())
    sure = sheet.column(closed if known is None else closed & known)
    if isinstance(found, Days):
        return Days(where(sure, found.cell, literal(None, pl.Int64)))
    return chosen_number(sure, quantity(found), UNKNOWN)


def _extreme_taken(sheet: Sheet, node: nodes.Aggregate, counted: Sequence[tuple[Cell, Term]]) -> Term:
    pick = pl.min_horizontal if node.kind == "min" else pl.max_horizontal
    if not counted:
        return UNKNOWN
    if isinstance(node.type, DateType):
        empty = literal(None, pl.Int64)
        return Days(joined(pick, *(where(taken, days(day(body)).cell, empty) for taken, body in counted)))
    if not isinstance(node.type, NumberType):
        raise NotInColumns("it takes the least or greatest of something that is neither number nor date")
    least = [numbers(chosen_number(taken, quantity(body), UNKNOWN)) for taken, body in counted]
    found = least[0]
    for each in least[1:]:
        one, two = settled_number(sheet, found), settled_number(sheet, each)
        better = compared("<=" if node.kind == "min" else ">=", one, two)
        first = joined(lambda test, other: test.fill_null(other), better, two.above.cell.is_null())
        found = chosen_number(sheet.column(first), one, two)
    return found
