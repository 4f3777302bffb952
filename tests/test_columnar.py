"""The columnar engine gives every row what one evaluation of the row gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from book_builder import AS_OF, COUNTRY, RECORD, VALUES, book, profiles, roots
from eligibility.columnar import ColumnarRules, Evaluated
from eligibility.datatypes import Value
from eligibility.diagnostics import ProfileError
from eligibility.engine import RuleSet
from eligibility.facts import Profile
from eligibility.fitting import Codes
from eligibility.nodes import Node
from eligibility.rulebook import RuleBook
from eligibility.status import Status
from population import frame, plain

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def with_declarations(made: RuleBook) -> RuleBook:
    """The book with what the door asks of facts: the fields of records, and the countries."""
    records = made.facts["s.records"]
    fields = {
        name: dataclasses.replace(records, path=f"s.records.{name}", type=kind, applies_when=None) for name, kind in RECORD.fields
    }
    facts = {**made.facts, "s.records": dataclasses.replace(records, fields=fields)}
    countries = {cast(str, code): cast(str, code) for code in VALUES[COUNTRY]}
    return dataclasses.replace(made, facts=facts, codes=Codes(countries, {}))


def is_statable(value: Value) -> bool:
    """Whether a frame can hold a value: numbers have at most six decimals."""
    match value:
        case int() | Fraction():
            return (Fraction(value) * 10**6).denominator == 1 and abs(Fraction(value)) <= 10**9
        case tuple():
            return all(is_statable(each) for each in value)
        case Mapping():
            return all(is_statable(each) for each in value.values())
    return True


def same_as_single(rules: RuleSet, facts: Sequence[Mapping[str, Value]], found: Evaluated, day: date) -> None:
    """Every outcome and every truth of a frame is that of the reference engine."""
    outcomes = {name: found.outcomes[name].to_list() for name in found.outcomes.columns}
    for row, each in enumerate(facts):
        if row in found.refused:
            with pytest.raises(ProfileError) as refused:
                rules.evaluate(Profile(dict(each)), as_of=day, engine="reference")
            assert [one.code for one in found.refused[row]] == [one.code for one in refused.value.diagnostics]
            assert all(column[row] is None for column in outcomes.values())
            continue
        report = rules.evaluate(Profile(dict(each)), as_of=day, engine="reference")
        for outcome in report:
            assert outcomes[outcome.id][row] == str(outcome.status), (outcome.id, row, each)
            for part in (part for each in outcome.compiled.conditions for part in each.walk()):
                truth = outcome.findings.truth(part.effective).value
                expected = None if outcome.status is Status.NOT_APPLICABLE else truth
                assert outcomes[f"{outcome.id}.{part.condition.path}"][row] == expected, (part.condition.path, row, each)


@SLOW
@given(roots(), st.lists(profiles(), min_size=1, max_size=12))
def test_generated_rules_and_profiles_agree(drawn: tuple[Node, ...], facts: list[Mapping[str, Value]]) -> None:
    """Columns and the reference engine agree on every truth of generated rules, at ties, with gaps, on unlisted codes."""
    rules = RuleSet(with_declarations(book(*drawn)))
    kept = [{path: value for path, value in each.items() if is_statable(value)} for each in facts]
    kept = [each for each in kept if each]
    if not kept:
        return
    rows = [{path: plain(value) for path, value in each.items()} for each in kept]
    found = ColumnarRules(rules).evaluate(frame(rows), as_of=AS_OF, statuses=True)
    same_as_single(rules, kept, found, AS_OF)
