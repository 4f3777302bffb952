"""What a message says that a misspelt name may have meant."""

from __future__ import annotations

import pytest

from eligibility.diagnostics import did_you_mean


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("GPB", ["GBP", "PAB"], "did you mean `GBP`?"),
        ("offer.contry", ["offer.city", "offer.country"], "did you mean `offer.country`?"),
        ("tcerruc", ["current", "currect"], ""),
        ("zzz", ["GBP"], ""),
    ],
)
def test_the_nearest_name_is_meant(name: str, known: list[str], said: str) -> None:
    """A name with swapped letters is taken before others as near; one that only shares its letters is not."""
    assert did_you_mean(name, known) == said
