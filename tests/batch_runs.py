"""Tables of profiles for tests: one pathway on the facts that the packs for tests share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

from eligibility.batch import evaluate_files
from eligibility.batch_model import BatchSummary
from eligibility.engine import RuleSet
from small_rules import load

BODY: Final = """\
applies_when:
  - {when: offer.country == "GB", otherwise: The job is elsewhere.}
parameters:
  threshold:
    title: salary threshold
    unit: GBP/year
    values:
      2020-01-01: {value: 30000, cite: LAW 1}
      2026-01-01: {value: 40000, cite: LAW 2}
criteria:
  pay: {title: The pay reaches the threshold, met_when: offer.yearly_cost >= threshold, cite: LAW 1}
  english: {title: English is good enough, met_when: applicant.english >= "B1", cite: LAW 3}
  origin: {title: The applicant comes from abroad, met_when: 'not any(n == "GB" for n in applicant.nationalities)', cite: LAW 4}
"""
RULE: Final = "small.visa"
DAY: Final = "2026-06-01"


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """Rules with the one pathway."""
    return load(tmp_path_factory.mktemp("rules"), BODY)


def profile(
    pay: object = 45000, english: object = "B2", country: object = "GB", nationalities: object = ("FR",), **more: object
) -> dict[str, Any]:
    """A profile that is eligible, save for what is said otherwise; what is None is not stated."""
    offer = {"country": country, "yearly_cost": pay, **more}
    applicant = {"english": english, "nationalities": list(nationalities) if isinstance(nationalities, tuple) else nationalities}
    stated = {"applicant": applicant, "offer": offer}
    return {group: {name: fact for name, fact in facts.items() if fact is not None} for group, facts in stated.items()}


def write_lines(path: Path, rows: Iterable[Mapping[str, object] | str]) -> Path:
    """A file of JSON Lines; a row that is text stands there as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"))
    return path


@dataclass(frozen=True)
class Run:
    """A batch that was run: the summary, the rows of the table, and the lines about rejected rows."""

    summary: BatchSummary
    rows: list[dict[str, Any]]
    rejects: list[dict[str, Any]]

    @property
    def outcomes(self) -> list[str | None]:
        """The status of each row."""
        return [row[RULE] for row in self.rows]


def run(rules: RuleSet, path: Path | str, *more: Path | str, out: str = "out.jsonl", **options: Any) -> Run:
    """Evaluate files into a table beside the first."""
    output = Path(path).parent / out
    names = [str(path), *map(str, more)]
    summary = evaluate_files(names, output, rules, **({"as_of": DAY} | options))
    rows = _read(output).to_dicts() if output.stat().st_size else []
    lines = output.with_name(f"{out}.rejects.jsonl").read_text(encoding="utf-8").splitlines()
    return Run(summary, rows, [json.loads(line) for line in lines])


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".jsonl":
        return pl.read_ndjson(path, infer_schema_length=None)
    return pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
