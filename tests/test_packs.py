"""Each folder in `packs/` shows one idea of the language, with the scenarios that must come out, on every engine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from eligibility.engine import ENGINES, RuleSet
from eligibility.rulefiles import check_folders
from eligibility.scenarios import Scenario, run_scenario, scenarios

PACKS = Path(__file__).parent / "packs"
NAMES = sorted(folder.name for folder in PACKS.iterdir() if folder.name != "world")


@cache
def rules(name: str) -> RuleSet:
    """The rules of one idea, with the facts that all of them share."""
    folders = (PACKS / "world", PACKS / name)
    return RuleSet(check_folders(folders), folders)


CASES = [(name, each) for name in NAMES for each in scenarios(rules(name))]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("name", "scenario"), CASES, ids=[scenario.id for _, scenario in CASES])
def test_what_must_come_out_comes_out(name: str, scenario: Scenario, engine: str) -> None:
    """Every scenario of every idea comes out as it says, whichever engine answers."""
    assert run_scenario(rules(name), scenario, engine).problems == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_idea_has_scenarios(name: str) -> None:
    """A pack without scenarios shows nothing."""
    assert any(each == name for each, _ in CASES)
