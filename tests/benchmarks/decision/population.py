"""Made-up profiles for the decision, any number of them, the same on every machine: row by row, or as columns of NumPy.

Every value follows from the number of its row by whole-number arithmetic (the finaliser of SplitMix64), so a row is the same
whether it is made alone or among ten million. About one value in twelve is unknown; one salary in fifty lies exactly on a share of
its going rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from benchmarks.decision.rules import FACTS, figures, nationalities

if TYPE_CHECKING:
    import numpy as np

JOBS: Final = (*figures().going_rates, "9999")  # one without a going rate
NATIONALITIES: Final = nationalities()
RATINGS: Final = ("a", "b", "none")
HOURS: Final = (20.0, 30.0, 35.0, 37.5, 37.5, 37.5, 40.0, 48.0)
SHARES: Final = (70, 80, 90, 100)
FIELDS: Final = {
    "nationality": "text", "age": "whole", "degree_level": "whole", "stem_phd": "truth", "relevant_phd": "truth",
    "new_entrant": "truth", "job_code": "text", "on_shortage_list": "truth", "salary": "whole", "weekly_hours": "decimal",
    "english_level": "whole", "sponsor_rating": "text", "funds": "whole", "months_employed": "whole", "sponsor_certifies": "truth",
}  # fmt: skip
WORDS: Final = {"nationality": NATIONALITIES, "job_code": JOBS, "sponsor_rating": RATINGS}
_WORDS: Final = {**WORDS, "weekly_hours": HOURS}
_MASK: Final = (1 << 64) - 1

Draw = Callable[[Any], Any]
"""A whole number from 0 up for each row, and what follows from it; both are Python numbers or NumPy arrays of them."""


def _mixed(number: int) -> int:
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB & _MASK
    return number ^ (number >> 31)


def _seed(row: int, place: int, seed: int) -> int:
    return (row * 0x9E3779B97F4A7C15 + place * 0xD1B54A32D192ED03 + seed * 0x8CB92BA72F3D8DD7) & _MASK


_DRAWS: Final[dict[str, Draw]] = {
    "nationality": lambda drawn: drawn % len(NATIONALITIES),
    "age": lambda drawn: 18 + drawn % 42,
    "degree_level": lambda drawn: drawn % 9,
    "stem_phd": lambda drawn: drawn % 100 < 12,
    "relevant_phd": lambda drawn: drawn % 100 < 15,
    "new_entrant": lambda drawn: drawn % 100 < 15,
    "job_code": lambda drawn: drawn % len(JOBS),
    "on_shortage_list": lambda drawn: drawn % 100 < 20,
    "salary": lambda drawn: (
        9_000 + 10 * (((drawn & 0xFFFF) + (drawn >> 16 & 0xFFFF) + (drawn >> 32 & 0xFFFF)) * 7_000 // 196_606)
    ),
    "weekly_hours": lambda drawn: drawn % len(HOURS),
    "english_level": lambda drawn: 1 + drawn % 6,
    "sponsor_rating": lambda drawn: (drawn % 100 >= 86) * 1 + (drawn % 100 >= 93) * 1,
    "funds": lambda drawn: (drawn % 3_000) * (drawn % 7 + 1) // 2,
    "months_employed": lambda drawn: drawn % 120,
    "sponsor_certifies": lambda drawn: drawn % 100 < 40,
}


_RATES: Final = (*figures().going_rates.values(), 0)
_KNOWN_FROM: Final = 21  # of 256


def _tied(drawn: Any) -> Any:
    """Whether a salary lies exactly on a share of its going rate, for full-time hours."""
    return (drawn >> 48 & 0xFF) < 6


def _share(drawn: Any) -> Any:
    return drawn >> 16 & 3


def row(number: int, seed: int = 1) -> dict[str, Any]:
    """One profile: what is known of it, by field, as in JSON."""
    drawn = {name: _mixed(_seed(number, place, seed)) for place, name in enumerate(FIELDS)}
    value = {name: draw(drawn[name] >> 8) for name, draw in _DRAWS.items()}
    rate, salary = _RATES[value["job_code"]], drawn["salary"] >> 8
    if rate and _tied(salary):
        value["salary"] = rate * SHARES[_share(salary)] // 100
    for name, words in _WORDS.items():
        value[name] = words[value[name]]
    return {name: value[name] for name in FIELDS if drawn[name] & 0xFF >= _KNOWN_FROM}


def rows(count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """The first profiles."""
    return (row(number, seed) for number in range(count))


def columns(count: int, seed: int = 1, first: int = 0) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Profiles as columns: of each field the values, words by their place in `WORDS` and hours as they are, and what is known."""
    import numpy as np

    numbers = np.arange(first, first + count, dtype=np.uint64)
    drawn = {}
    for place, name in enumerate(FIELDS):
        mixed = numbers * np.uint64(0x9E3779B97F4A7C15) + np.uint64(_seed(0, place, seed))
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        drawn[name] = mixed ^ (mixed >> np.uint64(31))
    value = {name: draw((drawn[name] >> np.uint64(8)).astype(np.int64)) for name, draw in _DRAWS.items()}
    rates, salary = np.array(_RATES)[value["job_code"]], (drawn["salary"] >> np.uint64(8)).astype(np.int64)
    tied = _tied(salary) & (rates > 0)
    value["salary"] = np.where(tied, rates * np.array(SHARES)[_share(salary)] // 100, value["salary"])
    value["weekly_hours"] = np.array(HOURS)[value["weekly_hours"]]
    return {name: (value[name], (drawn[name] & np.uint64(0xFF)) >= _KNOWN_FROM) for name in FIELDS}


def profile(known: dict[str, Any]) -> dict[str, Any]:
    """A row as a profile of this program."""
    return {FACTS: known}
