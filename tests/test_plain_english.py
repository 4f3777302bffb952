"""Reports are written in plain English: nothing in them is a name from a rule file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from eligibility.engine import RuleSet, load_rules
from eligibility.explanation import Explanation
from eligibility.outcome import Outcome
from eligibility.rulebook import RuleBook
from eligibility.scenarios import scenarios
from eligibility.status import Status
from small_rules import load, outcome

COLUMNS = """
tables:
  rates:
    title: entry in the table of rates
    file: rates.csv
    key: {list: text, soc: soc}
    columns: {annual: {gives: GBP/year, title: going rate}, PHD}
    cite: LAW 1
criteria:
  salary:
    title: Paid enough
    cite: LAW 1
    met_when: 'convert(offer.salary, "GBP/year") >= rates["first_list", offer.occupation].annual'
  phd: {title: A PhD counts, cite: LAW 1, met_when: 'rates["first_list", offer.occupation].phd_points'}
"""
PAID = {"offer.salary": {"amount": 40000, "currency": "GBP", "period": "year"}}


def sentence(root: Explanation, path: str) -> str:
    found = root.find(path)
    assert found is not None, path
    return found.sentence


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("phd_points: {gives: boolean, title: a PhD brings points}", "a PhD brings points"),
        ("phd_points: boolean", "entry in the table of rates (phd points)"),
    ],
)
def test_a_cell_is_called_by_its_column(column: str, said: str, tmp_path: Path) -> None:
    """A cell is called by the title of its column, else by that of its table, and never by the row that the rule names."""
    found = load(tmp_path, COLUMNS.replace("PHD", column), rates_csv="list,soc,annual,phd_points\nfirst_list,2134,54700,true\n")
    known = outcome(found, {**PAID, "offer.occupation": "2134"}).explanation
    assert sentence(known, "salary").partition(": ")[0] == (
        "Basic pay is GBP 40,000 a year; it must be at least the going rate for 2134, GBP 54,700 a year (LAW 1)"
    )
    assert sentence(known, "phd") == f"{said[0].upper()}{said[1:]} for 2134 (LAW 1): yes."
    unknown = outcome(found, {**PAID, "offer.occupation": "2135"}).explanation
    assert {gap.label for gap in unknown.missing} == {"going rate", said}


def test_a_long_calculation_is_shown_and_not_named(tmp_path: Path) -> None:
    """A calculation that takes too many words to name is called the result, and how it was worked out stands below."""
    many = " + ".join(["offer.staff"] * 15)
    found = load(tmp_path, f"criteria:\n  many: {{title: Many, cite: LAW 1, met_when: {many} >= 30}}\n")
    root = outcome(found, {"offer.staff": 3}).explanation
    assert sentence(root, "many") == "Result of the calculation is 45; it must be at least 30: above by 15."
    assert sentence(root, "many/v1") == f"Result of the calculation: {' + '.join('3' * 15)} = 45."


def test_whether_something_applies_is_said_once(tmp_path: Path) -> None:
    """A criterion that depends on another under the same open condition does not say twice that it is open."""
    body = """
    criteria:
      one: {title: One, cite: LAW 1, applies_when: offer.permanent, met_when: offer.staff >= 3}
      two: {title: Two, cite: LAW 1, applies_when: offer.permanent, met_when: criteria.one}
    """
    root = outcome(load(tmp_path, body), {"offer.staff": 2}).explanation
    assert sentence(root, "two").count("Whether this applies is not known.") == 1


def test_an_amount_says_its_period_once(tmp_path: Path) -> None:
    """Where the noun of an amount says for which period it is, the amount does not say it again."""
    body = """
    parameters:
      least: {title: lowest annual cost, unit: GBP/year, cite: LAW 1, values: {2020-01-01: {value: 100}}}
    criteria:
      cost: {title: Costly, cite: LAW 1, met_when: offer.yearly_cost >= least}
    """
    cost = {"offer.yearly_cost": {"amount": 90, "currency": "GBP", "period": "year"}}
    root = outcome(load(tmp_path, body), cost).explanation
    assert (
        sentence(root, "cost").partition(" (")[0]
        == "Yearly cost of the job is GBP 90; it must be at least the lowest annual cost, GBP 100"
    )


# the bundled rules

DAY = date(2026, 11, 23)
LONGEST_PART = 45
RAW = re.compile(r"[A-Za-z0-9]+_\w+|\b(?:applicant|offer|employer|recruitment|case)\.[a-z]\w*")


@cache
def bundled() -> RuleSet:
    return load_rules()


def printed(book: RuleBook) -> Iterator[tuple[str, str]]:
    """Every text of rule files that reports print, with its place."""
    for path, fact in book.facts.items():
        for place, each in ((path, fact), *((f"{path}[].{name}", field) for name, field in fact.fields.items())):
            yield place, " ".join([each.label, each.question, each.help or ""])
    for name, values in book.vocabularies.items():
        yield from ((f"{name}.{value}", label) for value, label in values.items())
    for rule in book.rules.values():
        yield rule.id, " ".join([rule.title, *(each.otherwise for each in rule.concerns)])
        for kind in (rule.parameters, rule.lists, rule.tables, rule.derived):
            yield from ((f"{rule.id}.{name}", each.title) for name, each in kind.items())
        for table in rule.tables.values():
            yield from ((f"{rule.id}.{table.name}.{column}", table.called(column)) for column in table.columns)
        for condition in (each for criterion in rule.criteria for each in criterion.walk()):
            yield (
                f"{rule.id}.{condition.path}",
                " ".join([condition.title or "", condition.judgement or "", condition.help or ""]),
            )


def test_no_text_of_the_bundled_rules_is_a_name() -> None:
    """Labels, titles, questions and choices of the bundled rules hold no name of a fact, column or value."""
    assert [(place, text) for place, text in printed(bundled().book) if RAW.search(text)] == []


def test_what_is_required_is_not_called_as_what_is_found() -> None:
    """No figure of law has the title of a fact, so that no sentence holds a thing against itself."""
    facts = {fact.label for fact in bundled().book.facts.values()}
    rules = bundled().book.rules.values()
    assert [(rule.id, name) for rule in rules for name, each in rule.parameters.items() if each.title in facts] == []


@cache
def explained() -> dict[str, Outcome]:
    """Of each bundled rule how a scenario that fails comes out on one day, or where none does one that is open."""
    chosen = {}
    for each in scenarios(bundled()):
        if each.case.expect.outcome == "not_eligible" or (each.case.expect.outcome == "undetermined" and each.rule not in chosen):
            chosen[each.rule] = each
    return {
        rule: bundled().evaluate(each.profile or {}, as_of=DAY, pathways=[rule], engine="reference")[rule]
        for rule, each in chosen.items()
    }


def is_sum(node: Explanation) -> bool:
    """Whether a node holds points against a pass mark; its rows are no tests."""
    return node.required is not None and node.required.name == "pass mark"


def leaves(node: Explanation, *, cited: bool = False) -> Iterator[tuple[Explanation, bool]]:
    """The tests of an explanation that stand on no other, each with whether it or what it is part of says where it stands."""
    cited = cited or node.citation is not None
    below = [child for child in node.children if child.kind != "value" and not is_sum(node)]
    if not below and node.kind not in ("rule", "value"):
        yield node, cited
    for child in below:
        yield from leaves(child, cited=cited)


def test_no_report_holds_a_name() -> None:
    """No sentence, title or question of an explanation holds the name of a fact, column or value."""
    said = {
        (place, text)
        for place, each in explained().items()
        for node in each.explanation.walk()
        for text in (node.title, node.sentence, *(f"{gap.label} {gap.question} {gap.why}" for gap in node.missing))
    }
    assert [(place, text) for place, text in sorted(said) if RAW.search(text)] == []


def test_every_sentence_is_short_enough() -> None:
    """No part of a sentence between stops has more than 45 words, sources aside."""
    said = {(place, node.sentence) for place, each in explained().items() for node in each.explanation.walk()}
    assert [(place, text) for place, text in sorted(said) if longest_part(text) > LONGEST_PART] == []


def longest_part(text: str) -> int:
    """The number of words of the longest part of a sentence."""
    return max(len(part.split()) for part in re.split(r"[.:;] ", re.sub(r"\([^()]*\)", "", text)))


def test_what_fails_says_what_was_found_and_what_is_required() -> None:
    """Each test that fails has both sides, with a margin between numbers and, other than whom a rule concerns, a citation."""
    for place, each in explained().items():
        for node, cited in leaves(each.explanation):
            if node.status != "not_met":
                continue
            assert node.observed is not None, (place, node.sentence)
            assert node.required is not None, (place, node.sentence)
            found, required = node.observed.value, node.required.value
            if isinstance(found, int | Fraction) and isinstance(required, int | Fraction) and required:
                assert node.margin is not None, (place, node.sentence)
            assert cited or each.status is Status.NOT_APPLICABLE, (place, node.sentence)
