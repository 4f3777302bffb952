"""Languages: templates, labels and formats of languages other than English, and what they must not change."""

from __future__ import annotations

import pytest

from eligibility import UsageError, load_rules
from eligibility.engine import RuleSet


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """The bundled rules."""
    return load_rules()


def test_a_language_that_is_not_there_is_reported(rules: RuleSet) -> None:
    """A language that no pack knows is refused with E606, and the languages there are are named."""
    with pytest.raises(UsageError) as caught:
        rules.in_language("dee")
    assert caught.value.diagnostics[0].code == "E606"
    assert caught.value.diagnostics[0].help == "did you mean `de`?"
    with pytest.raises(UsageError) as caught:
        rules.in_language("xx")
    assert caught.value.diagnostics[0].help.startswith("the languages are en, de")
