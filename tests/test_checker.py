"""Checking rules: all mistakes of all files at once, none told twice, and none that another mistake brings about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eligibility.dependencies import LONGEST_CHAIN
from eligibility.diagnostics import RuleError
from eligibility.engine import RuleSet
from eligibility.rulebook import RuleBook
from eligibility.rulefiles import check_folders

WORLD = Path(__file__).parent / "packs" / "world"
HEAD = """\
{kind}: mini.{name}
title: A rule
in_force: {{from: 2020-01-01}}
sources:
  LAW: {{title: The law, read_on: 2025-12-06, grade: A}}
"""
PACK = "pack: mini\ntitle: A pack\nversion: 1.0.0\njurisdiction: WORLD\nlanguage: 1\nmaintainer: tests\nlicence: Apache-2.0\n"

Check = Callable[..., RuleBook]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check a pack of some rules, each given by what stands below its head."""

    def checked(**bodies: str) -> RuleBook:
        folder = tmp_path / "mini"
        folder.mkdir()
        (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
        for name, body in bodies.items():
            kind = "pathway" if "criteria:" in body else "assessment"
            (folder / f"{name}.yaml").write_text(HEAD.format(kind=kind, name=name) + body, encoding="utf-8")
        return check_folders([WORLD, folder])

    return checked


def told(check: Check, **bodies: str) -> list[tuple[str, str, int]]:
    """Code, file and line of everything that is said."""
    with pytest.raises(RuleError) as caught:
        check(**bodies)
    return [(each.code, each.span.file, each.span.line) for each in caught.value.diagnostics if each.span]


def test_mistakes_of_all_kinds_and_files_come_at_once(check: Check) -> None:
    """An unknown key, an unknown name, a missing citation and a mistake in another file are told in one go."""
    one = "criteria:\n  a: {titel: A, met_when: offer.permanent, cite: LAW 1}\n  b: {title: B, met_when: offer.permament}\n"
    two = "derived:\n  d: {title: d, value: offer.staff + offer.weekly_hours}\n"
    assert told(check, one=one, two=two) == [
        ("E110", "mini/one.yaml", 7),
        ("E300", "mini/one.yaml", 8),
        ("E202", "mini/one.yaml", 8),
        ("E206", "mini/two.yaml", 7),
    ]


def test_a_broken_element_is_told_once(check: Check) -> None:
    """What refers to an element with mistakes is not told that it is not there."""
    body = (
        "parameters:\n  p: {title: p, unit: furlongs, cite: LAW 1, values: {2020-01-01: {value: 1}}}\n"
        "derived:\n  d: {title: d, value: p + 1}\n  e: {title: e, value: d}\n"
        "criteria:\n  c: {title: C, met_when: e > 0, cite: LAW 1}\n"
    )
    assert told(check, one=body) == [("E214", "mini/one.yaml", 7)]


def test_the_order_of_declaration_does_not_matter(check: Check) -> None:
    """A derived value may stand before those it reads, also over files, and a long chain of them is checked."""
    count = LONGEST_CHAIN // 2 - 5
    chain = "".join(f"  d{number}: {{title: d, value: d{number + 1} + 1}}\n" for number in range(count))
    book = check(
        a=f"derived:\n{chain}  d{count}: {{title: d, value: mini.b.x}}\n", b="derived:\n  x: {title: x, value: offer.staff}\n"
    )
    rules = RuleSet(book)
    outcome = rules.evaluate({"offer": {"staff": 1}}, as_of="2025-01-01", engine="reference")["mini.a"]
    assert outcome.value("d0").value == count + 1


def test_a_circle_over_files_is_told_once(check: Check) -> None:
    """Elements of several files that depend on each other are told with the way round, at the first of them."""
    a = "derived:\n  x: {title: x, value: mini.b.why}\n"
    b = "derived:\n  why: {title: why, value: mini.a.x}\n  z: {title: z, value: why}\n"
    with pytest.raises(RuleError, match=r"`mini\.a\.x` -> `mini\.b\.why` -> `mini\.a\.x`") as caught:
        check(a=a, b=b)
    assert [each.code for each in caught.value.diagnostics] == ["E210"]


def test_a_very_long_circle_does_no_harm(check: Check) -> None:
    """A circle of a thousand elements is an error like any other."""
    ring = "".join(f"  d{number}: {{title: d, value: d{(number + 1) % 1000} + 1}}\n" for number in range(1000))
    assert told(check, a=f"derived:\n{ring}") == [("E210", "mini/a.yaml", 7)]


def test_an_assumption_holds_whoever_asks_first(check: Check) -> None:
    """A value that another rule reads first is calculated with the assumptions of its own rule."""
    a = "derived:\n  x: {title: x, value: mini.b.why}\n"
    b = (
        "derived:\n  why: {title: why, value: offer.remote_share}\n"
        "assumptions:\n  - {fact: offer.remote_share, value: 50, say: Half of it., cite: LAW 1}\n"
    )
    rules = RuleSet(check(a=a, b=b))
    report = rules.evaluate({"offer": {"staff": 1}}, as_of="2025-01-01", engine="reference")
    assert [report["mini.a"].value("x").text, report["mini.b"].value("why").text] == [report["mini.b"].value("why").text] * 2
    assert report["mini.b"].value("why").value * 2 == 1  # type: ignore[operator]  # a ratio
