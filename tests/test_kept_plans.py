"""Plans kept between runs: read where all is as it was, and never believed otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from batch_runs import BODY, profile, write_lines
from eligibility import cache
from eligibility.batch import evaluate_files
from eligibility.columnar import ColumnarRules, evaluation
from eligibility.columnar.kept_plans import PlanFile
from eligibility.columnar.sheet import Sheet
from eligibility.engine import RuleSet, load_rules
from eligibility.rule_parts import part_of
from small_rules import WORLD, write

DAY = date(2026, 6, 1)
TITLED = BODY + (
    "  title: {title: The title is one of research, met_when: 'contains(offer.title, \"research\")', cite: LAW 5}\n"
    '  kind: {title: The kind of work is listed, met_when: \'starts_with(offer.occupation, ["21", "25"])\', cite: LAW 6}\n'
)
PEOPLE = pl.DataFrame(
    {
        "offer.country": ["GB", "GB", "FR", None],
        "offer.yearly_cost": [40000, 39999, 50000, 45000],
        "offer.title": ["Research engineer", "Re search", None, "Head of  RESEARCH"],
        "offer.occupation": ["2134", "9999", "25", None],
        "applicant.english": ["B1", "A2", "C1", "B2"],
        "applicant.nationalities": [["FR"], ["GB"], ["FR", "US"], []],
    }
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A folder with one small pack."""
    return write(tmp_path / "small", TITLED)


def loaded(pack: Path) -> RuleSet:
    """The rules as a run of its own has them."""
    return load_rules(WORLD, pack, bundled=False)


def statuses(pack: Path, frame: pl.DataFrame = PEOPLE, **asked: Any) -> pl.DataFrame:
    """What comes of some people in a run of its own."""
    pathways = asked.pop("pathways", None)
    return ColumnarRules(loaded(pack), pathways).evaluate(frame, **{"as_of": DAY, "statuses": True, **asked}).outcomes


def plans(kept: Path) -> list[Path]:
    return sorted(kept.glob("*.plan"))


def test_a_second_run_plans_nothing(kept: Path, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan of the same rules for data of the same shape is read, and says the same: also what functions work out."""
    before = statuses(pack)
    assert len(plans(kept)) == 1
    monkeypatch.setattr(evaluation, "plan_rules", lambda *_, **__: pytest.fail("the rules were planned again"))
    assert statuses(pack).equals(before)
    other = PEOPLE.reverse()
    assert statuses(pack, other).equals(before.reverse())


@pytest.mark.parametrize(
    "asked",
    [
        {"as_of": date(2026, 6, 2)},
        {"as_of": pl.Series([DAY, date(2026, 6, 2), DAY, DAY])},
        {"statuses": False},
        {"pathways": ["small.visa"]},
        {"frame": PEOPLE.drop("offer.title")},
        {"frame": PEOPLE.with_columns(pl.col("applicant.nationalities").list.head(1))},
        {"frame": PEOPLE.with_columns(pl.col("offer.yearly_cost") + pl.lit("0.5").cast(pl.Decimal(10, 2)))},
    ],
)
def test_what_is_asked_otherwise_has_a_plan_of_its_own(kept: Path, pack: Path, asked: Mapping[str, Any]) -> None:
    """Another day, other rules, criteria or shapes of data: each is planned, and comes out as without a cache."""
    extra = write(pack.parent / "other", BODY.replace("small.", "other."), name="other")
    (extra / "visa.yaml").write_text((extra / "visa.yaml").read_text().replace("small.visa", "other.visa"))
    rules = load_rules(WORLD, pack, extra, bundled=False)
    ColumnarRules(rules).evaluate(PEOPLE, as_of=DAY, statuses=True)
    (first,) = plans(kept)
    options = {"frame": PEOPLE, "as_of": DAY, "statuses": True, **asked}
    pathways = options.pop("pathways", None)
    found = ColumnarRules(rules, pathways).evaluate(**options).outcomes
    assert len(plans(kept)) == 2
    assert first in plans(kept)
    rules.place = None
    assert ColumnarRules(rules, pathways).evaluate(**options).outcomes.equals(found)


def test_changed_rules_are_planned_anew(kept: Path, pack: Path) -> None:
    """A plan belongs to the rules that it was made of, down to the byte."""
    assert statuses(pack)["small.visa"][0] == "eligible"
    visa = pack / "visa.yaml"
    visa.write_text(visa.read_text().replace("40000", "40001"))
    assert statuses(pack)["small.visa"][0] == "not_eligible"
    assert len(plans(kept)) == 2


def test_another_version_of_polars_makes_plans_of_its_own(kept: Path, pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How expressions are written is a matter of the version of Polars."""
    statuses(pack)
    monkeypatch.setattr(pl, "__version__", "1.30.0")
    statuses(pack)
    assert len(plans(kept)) == 2


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\0" * 4096, None])
def test_damaged_plans_are_ignored(kept: Path, pack: Path, damage: bytes | None) -> None:
    """A plan that is empty, overwritten or cut off changes nothing, and is kept anew."""
    before = statuses(pack)
    (file,) = plans(kept)
    whole = file.read_bytes()
    file.write_bytes(whole[:-10] if damage is None else damage)
    assert statuses(pack).equals(before)
    assert loaded_plan(kept, pack) is not None


def loaded_plan(kept: Path, pack: Path) -> object:
    """What the one file of a plan holds for who asks as it was asked."""
    (file,) = plans(kept)
    place = loaded(pack).place
    assert place is not None
    return place.read(file.name.removeprefix(f"{place.name}."))


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
def test_the_plan_of_somebody_else_is_ignored(kept: Path, pack: Path) -> None:
    """A plan in a file of another user is never read."""
    statuses(pack)
    (file,) = plans(kept)
    os.chown(file, 12345, 12345)
    assert loaded_plan(kept, pack) is None


def test_what_is_no_plan_is_ignored(kept: Path, pack: Path) -> None:
    """A file whose hash is right and which holds something else is planned over."""
    place = loaded(pack).place
    assert place is not None
    file = PlanFile(place, ("anything",))
    plan = Sheet().plan({})
    file.write(plan)
    assert file.read() == plan
    file.write("no plan")  # type: ignore[arg-type]
    assert file.read() is None


def test_only_the_first_plans_of_a_run_are_kept(kept: Path, pack: Path) -> None:
    """A run over many shapes leaves one plan, and one with criteria, so that it pushes nothing else out."""
    rules = ColumnarRules(loaded(pack))
    for day in (1, 2, 3):
        rules.evaluate(PEOPLE, as_of=date(2026, 6, day))
    assert len(plans(kept)) == 1
    for day in (1, 2, 3):
        rules.evaluate(PEOPLE, as_of=date(2026, 6, day), statuses=True)
    assert len(plans(kept)) == 2


def test_a_second_batch_plans_nothing(kept: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plans of `eligibility batch` are those of the rules that are asked for, and kept as well."""
    path = write_lines(tmp_path / "in.jsonl", [profile(), profile(pay=1)])
    first = evaluate_files([str(path)], tmp_path / "out.csv", loaded(pack), as_of=DAY)
    before = (tmp_path / "out.csv").read_bytes()
    assert plans(kept)
    monkeypatch.setattr(evaluation, "plan_rules", lambda *_, **__: pytest.fail("the rules were planned again"))
    second = evaluate_files([str(path)], tmp_path / "out.csv", loaded(pack), as_of=DAY)
    assert (tmp_path / "out.csv").read_bytes() == before
    assert second.rules == first.rules


def test_a_part_of_the_rules_has_plans_of_its_own(kept: Path, pack: Path) -> None:
    """The same rule of other rules is planned anew."""
    rules = loaded(pack)
    for each in (rules, part_of(rules, ["small.visa"])):
        ColumnarRules(each, ["small.visa"]).evaluate(PEOPLE, as_of=DAY)
    extra = write(pack.parent / "other", "", name="other")
    more = (pack / "visa.yaml").read_text().replace("small.visa", "other.visa")
    (extra / "visa.yaml").write_text(more)
    several = load_rules(WORLD, pack, extra, bundled=False)
    for each in (several, part_of(several, ["small.visa"])):
        ColumnarRules(each, ["small.visa"]).evaluate(PEOPLE, as_of=DAY)
    assert len(plans(kept)) == 3


def test_only_the_latest_few_plans_are_kept(kept: Path, pack: Path) -> None:
    """Old plans are cleared away, and nothing else with them."""
    for day in range(1, 13):
        statuses(pack, as_of=date(2026, 6, day))
    assert len(plans(kept)) == 8
    assert len(list(kept.glob("*.rules"))) == 1


def test_no_plan_is_kept_where_nothing_is(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cache, or where it cannot be written, rules are planned all the same."""
    monkeypatch.setenv(cache.VARIABLE, "off")
    expected = statuses(pack)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    rules = loaded(pack)
    monkeypatch.setattr(cache, "_keep", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
    assert ColumnarRules(rules).evaluate(PEOPLE, as_of=DAY, statuses=True).outcomes.equals(expected)
    assert not plans(tmp_path / "cache")
