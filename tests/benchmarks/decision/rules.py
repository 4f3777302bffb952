"""The decision that engines are measured with: a pathway of twelve criteria and options, and any number of variants of it.

It stands in `pack/` in the rule language. Its figures are read from there, so that what is written in other languages has the same.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import yaml

PACK: Final = Path(__file__).parent / "pack"
FACTS: Final = "bench"
PATHWAY: Final = "decision.sponsored_work"
CRITERIA: Final = (
    "sponsor", "job", "english.level", "english.nationality", "english", "funds",
    "salary.a", "salary.b", "salary.c", "salary.d", "salary.e", "salary",
)  # fmt: skip
TOP: Final = ("sponsor", "job", "english", "funds", "salary")
FULL_TIME: Final = Fraction(75, 2)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the law of one variant says: pay in pounds a year, shares in per cent."""

    number: int
    general: int
    with_phd: int
    reduced: int
    phd_share: int
    stem_share: int
    shortage_share: int
    entrant_share: int
    young_until: int
    least_english: int
    least_funds: int
    english_speaking: tuple[str, ...]
    going_rates: Mapping[str, int]

    @property
    def options(self) -> tuple[tuple[int, int], ...]:
        """Threshold and share of the options a to e."""
        shares = (100, self.phd_share, self.stem_share, self.shortage_share, self.entrant_share)
        return tuple(zip((self.general, self.with_phd, *[self.reduced] * 3), shares, strict=True))


def _written() -> dict[str, Any]:
    document = yaml.safe_load((PACK / "sponsored_work.yaml").read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def figures(number: int = 0) -> Figures:
    """The figures of a variant; number 0 is the pathway as it stands in the pack, in every other one each figure differs."""
    document = _written()
    stated = {name: next(iter(each["values"].values()))["value"] for name, each in document["parameters"].items()}
    assert Fraction(str(stated.pop("full_time"))) == FULL_TIME
    with (PACK / "going_rates.csv").open(encoding="utf-8", newline="") as file:
        rates = {row["job"]: int(row["annual"]) for row in csv.DictReader(file)}
    listed = tuple(document["lists"]["english_speaking"]["entries"])
    first = Figures(0, **stated, english_speaking=listed, going_rates=rates)
    return first if number == 0 else _moved(first, number)


def _moved(first: Figures, number: int) -> Figures:
    def pay(amount: int) -> int:
        return round(amount * (1000 + 11 * number) / 10_000) * 10

    names = nationalities()
    return replace(
        first,
        number=number,
        general=pay(first.general),
        with_phd=pay(first.with_phd),
        reduced=pay(first.reduced),
        phd_share=first.phd_share - 1 - number % 12,
        stem_share=first.stem_share - 1 - number % 11,
        shortage_share=first.shortage_share - 1 - number % 7,
        entrant_share=first.entrant_share - 1 - number % 13,
        young_until=22 + number % 4,
        least_english=(2, 4, 5, 6)[number % 4],
        least_funds=pay(first.least_funds),
        english_speaking=tuple(sorted(names[(number + 3 * each) % len(names)] for each in range(18))),
        going_rates={job: pay(rate) for job, rate in first.going_rates.items()},
    )


def nationalities() -> tuple[str, ...]:
    """All nationalities."""
    document = yaml.safe_load((PACK / "facts.yaml").read_text(encoding="utf-8"))
    return tuple(document["vocabularies"]["nationality"]["values"])


def write_pack(folder: Path, count: int) -> Path:
    """A pack with the pathway and so many variants less one, named `decision.sponsored_work_<number>`."""
    shutil.copytree(PACK, folder)
    for number in range(1, count):
        stated = figures(number)
        document = _written()
        document["pathway"] = pathway(number)
        for name, parameter in document["parameters"].items():
            value = next(iter(parameter["values"].values()))
            value["value"] = value["value"] if name == "full_time" else getattr(stated, name)
        document["lists"]["english_speaking"]["entries"] = list(stated.english_speaking)
        document["tables"]["going_rates"]["file"] = f"going_rates_{number}.csv"
        (folder / f"sponsored_work_{number}.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        rows = "".join(f"{job},{rate}\n" for job, rate in stated.going_rates.items())
        (folder / f"going_rates_{number}.csv").write_text(f"job,annual\n{rows}", encoding="utf-8")
    return folder


def pathway(number: int) -> str:
    """The id of a variant."""
    return PATHWAY if number == 0 else f"{PATHWAY}_{number}"
