"""Each file in `bad_profiles/` is a profile with mistakes; beside it stands exactly what is said about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from eligibility.diagnostics import Diagnostic, ProfileError, render
from eligibility.engine import RuleSet, load_rules

TESTS = Path(__file__).parent
CASES = sorted((TESTS / "bad_profiles").glob("*.json"))


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """Rules with facts of every type."""
    return load_rules(TESTS / "packs" / "world", bundled=False)


def problems(rules: RuleSet, profile: Path | dict[str, object] | str) -> Sequence[Diagnostic]:
    """What is said about a profile."""
    with pytest.raises(ProfileError) as caught:
        rules.evaluate(profile, as_of="2026-01-01", engine="reference")
    return caught.value.diagnostics


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_bad_profile_is_reported_in_the_expected_words(
    path: Path, rules: RuleSet, golden: Callable[[Path, str], None]
) -> None:
    """A mistake in a profile is reported with its code, path, reason and next step, word for word as expected."""
    found = problems(rules, path)
    assert path.name.partition("_")[0] in {problem.code for problem in found}
    golden(path.with_suffix(".txt"), render(found) + "\n")


def test_a_profile_that_is_not_there_is_reported(rules: RuleSet, tmp_path: Path) -> None:
    """A profile that cannot be read is named with the reason."""
    (problem,) = problems(rules, tmp_path / "nowhere.json")
    assert (problem.code, problem.message) == ("E409", "the profile cannot be read: no such file or directory")
    assert problem.path == str(tmp_path / "nowhere.json")
    assert problem.help


def test_a_profile_beyond_the_limits_is_not_read(rules: RuleSet) -> None:
    """A profile of some megabytes is refused before it is read."""
    (problem,) = problems(rules, '{"offer": {"title": "' + "x" * 2_000_000 + '"}}')
    assert (problem.code, problem.path) == ("E403", "profile")


def test_a_list_of_too_many_items_is_refused(rules: RuleSet) -> None:
    """A list that no person could have is refused as a whole."""
    (problem,) = problems(rules, {"applicant": {"nationalities": ["GB"] * 10_001}})
    assert (problem.code, problem.path) == ("E406", "applicant.nationalities")
