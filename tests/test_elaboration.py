"""Expressions from written to meant: what cannot be typed is reported, never left out without a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eligibility.diagnostics import RuleError
from eligibility.rulefiles import check_folders

SHARED = Path(__file__).parent / "packs" / "world"
PACK = """\
pack: mini
title: A pack
version: 1.0.0
jurisdiction: WORLD
language: 1
maintainer: tests
licence: Apache-2.0
"""
RULE = """\
pathway: mini.visa
title: A visa
in_force: {from: 2020-01-01}
sources:
  LAW: {title: The law, read_on: 2025-12-06, grade: A}
parameters:
  threshold: {title: threshold, unit: GBP/year, cite: LAW 1, values: {2025-01-01: {value: 41700}}}
  study: {title: months of study, unit: months, cite: LAW 1, values: {2025-01-01: {value: 36}}}
lists:
  shortage: {title: shortage list, of: soc, cite: LAW 2, entries: ["2134"]}
tables:
  rates: {title: going rates, file: rates.csv, key: {code: soc}, columns: {annual: GBP/year, listed: boolean}, cite: LAW 3}
derived:
  cost: {title: two years of cost, value: offer.yearly_cost * 2}
classifications:
  needed: {title: needed skills, gives: skill, hit: collect, cite: LAW 4, rows: [{when: offer.permanent, then: python}]}
criteria:
  base: {title: The job is permanent, met_when: offer.permanent, cite: LAW 5}
  drawn: {title: Something holds, cite: LAW 6, met_when: EXPRESSION}
"""
NAMES = """
    threshold study shortage rates cost needed criteria.base criteria
    offer offer.permanent offer.country offer.title offer.salary offer.yearly_cost offer.staff offer.start_date
    applicant.degrees applicant.nationalities applicant.english applicant.skills
    as_of mini.visa mini.visa.rates mini.visa.threshold mini.visa.criteria.base d d.level xyzzy
""".split()  # noqa: SIM905  # a list of as many quoted names reads worse
LITERALS = ["True", "3", "0", "2.5", '"GB"', '"2134"', "[]", '["GB"]', '("2134",)', "years(2)", 'date("2024-01-01")']
OPERATORS = ["<", "==", ">=", "!=", "in", "not in", "+", "-", "*", "/", "and", "or"]
FUNCTIONS = ["max", "round_up", "contains", "starts_with", "days_between", "convert"]
TEXTS = st.recursive(
    st.sampled_from([*NAMES, *LITERALS, "rates[offer.occupation].annual", 'rates["2134"].listed']),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(OPERATORS), inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds(
            "{}({} for d in {} if {})".format, st.sampled_from(["any", "all", "sum", "count", "min", "len"]), inner, inner, inner
        ),
        st.builds("{}({}, {})".format, st.sampled_from(FUNCTIONS), inner, inner),
        st.builds('convert({}, "GBP/year", hours_per_week={})'.format, inner, inner),
        st.builds("{}[{}].{}".format, st.sampled_from(NAMES), inner, st.sampled_from(["annual", "listed", "z"])),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack with an element of every kind."""
    folder = tmp_path_factory.mktemp("packs") / "mini"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    (folder / "rates.csv").write_text("code,annual,listed\n2134,45000,yes\n", encoding="utf-8")
    return folder


@settings(max_examples=150)
@example(text="rates")
@example(text='threshold["2134"].annual')
@example(text="any(d.level == cost for d in needed[3].annual)")
@given(text=TEXTS)
def test_a_criterion_is_meant_or_reported(text: str, pack: Path) -> None:
    """Whatever an expression says, its criterion is part of the rule or has an error at its own line."""
    written = RULE.replace("EXPRESSION", json.dumps(text))
    (pack / "visa.yaml").write_text(written, encoding="utf-8")
    paths: list[str] = []
    lines: set[int] = set()
    try:
        paths = [criterion.path for criterion in check_folders([SHARED, pack]).rules["mini.visa"].criteria]
    except RuleError as error:
        lines = {problem.span.line for problem in error.diagnostics if problem.span}
    assert (paths, lines) in ((["base", "drawn"], set()), ([], {written.count("\n")}))
