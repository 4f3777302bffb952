"""Which share of real offers reaches the pay that each country's law asks for, by year of law.

    uv run python examples/real_offers/reach.py            # prints the table
    uv run python examples/real_offers/reach.py --write    # renews docs/real-offers.md and its chart

Each offer of offers.csv is crossed with applicants of the generated population, because what the law asks for can depend on the
applicant. No exchange rate is used: an offer counts for the country in which it is, if it is in its currency.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Final

import polars as pl
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "population"))
sys.path.insert(0, str(Path(__file__).parent))

from applicants import population
from chart import drawing

from eligibility.columnar import ColumnarRules
from eligibility.engine import RuleSet, load_rules

HERE: Final = Path(__file__).parent
DAYS: Final = (date(2023, 10, 1), date(2024, 10, 1), date(2025, 10, 1), date(2026, 10, 1))
PAIRS: Final = 500  # for each country at least, where applicants are shared out among its offers
LEVELS: Final = {"EN": "I", "MI": "II", "SE": "III", "EX": "IV"}
TRUTHS: Final = {"met": "reached", "unknown": "not known", "not_met": "not reached"}
DOCUMENT: Final = HERE.parents[1] / "docs" / "real-offers.md"
BEGIN, END = "<!-- begin: examples/real_offers/reach.py -->\n", "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class Question:
    """Where an offer is, in which currency, for how many hours a week, and the condition of pay that it should reach."""

    country: str
    name: str
    currency: str
    hours: float
    rule: str
    condition: str

    @property
    def column(self) -> str:
        """The column that says how the condition comes out."""
        return f"{self.rule}.{self.condition}"


QUESTIONS: Final = (
    Question("GB", "United Kingdom", "GBP", 37.5, "gb.skilled_worker", "salary"),
    Question("US", "United States", "USD", 40, "us.h1b", "wage.prevailing"),
    Question("DE", "Germany", "EUR", 40, "de.blue_card", "route.academic.pay"),
    Question("NL", "Netherlands", "EUR", 40, "nl.highly_skilled_migrant", "salary"),
    Question("FR", "France", "EUR", 35, "fr.talent_blue_card", "salary"),
    Question("IE", "Ireland", "EUR", 39, "ie.critical_skills", "leg.listed.pay"),
    Question("CA", "Canada", "CAD", 37.5, "ca.lmia_high_wage", "wage"),
)


@dataclass(frozen=True, slots=True)
class Share:
    """How many pairs of an offer and an applicant come out how, in one country under the law of one day."""

    question: Question
    offers: int
    day: date
    counts: dict[str, int]

    @property
    def pairs(self) -> int:
        """The pairs that the law of the country concerns."""
        return sum(self.counts.values())

    def percent(self, truth: str) -> int:
        """The share of an answer in whole percent."""
        return round(Fraction(100 * self.counts.get(truth, 0), max(1, self.pairs)))


def real_offers() -> pl.DataFrame:
    """The offers of full-time jobs in a country we ask about, in its currency."""
    offers = pl.read_csv(HERE / "offers.csv")
    asked = pl.DataFrame([{"company_location": each.country, "salary_currency": each.currency} for each in QUESTIONS])
    return offers.filter(pl.col("employment_type") == "FT").join(
        asked, on=["company_location", "salary_currency"], maintain_order="left"
    )


def crossed(offers: pl.DataFrame) -> pl.DataFrame:
    """Each offer as often as gives every country enough pairs."""
    counts = offers.group_by("company_location").len()
    times = counts.with_columns((pl.col("len") + PAIRS - 1) // pl.col("len"))
    many = offers.join(times, on="company_location", maintain_order="left")
    places = [place for place, often in enumerate(many["len"]) for _ in range(often)]
    return many.drop("len")[places]


def pairs(offers: pl.DataFrame, day: date, rules: RuleSet) -> pl.DataFrame:
    """A profile for each offer: the offer itself, an applicant of the population, and the assumptions of the document."""
    people = population(offers.height, book=rules.book, anchor=day, countries=offers["company_location"]).drop("id")
    title = offers["job_title"].str.to_lowercase()
    codes = pl.read_csv(HERE / "occupations.csv", infer_schema=False)
    hours = offers["company_location"].replace_strict({each.country: each.hours for each in QUESTIONS}, return_dtype=pl.Float64)
    year = pl.Series("period", ["year"]).new_from_index(0, offers.height)
    pay = {"currency": offers["salary_currency"], "period": year}
    us = offers["company_location"] == "US"
    own = {
        "offer.title": offers["job_title"],
        "offer.salary": pl.DataFrame({"amount": offers["salary"], **pay}).to_struct(),
        "offer.allowances": pl.DataFrame({"amount": offers["salary"] * 0, **pay}).to_struct(),
        "offer.weekly_hours": hours,
        "case.applied_on": pl.Series([day]).new_from_index(0, offers.height),
        "case.us.lca.wage_source": _where(us, pl.Series(["oews"]).new_from_index(0, offers.height)),
        "case.us.lca.filed_on": _where(us, pl.Series([day]).new_from_index(0, offers.height)),
        "case.us.lca.level": _where(us, offers["experience_level"].replace_strict(LEVELS)),
    }
    for scheme in codes.columns[1:]:
        found = pl.Series([None], dtype=pl.String).new_from_index(0, offers.height)
        for words, code in zip(codes["title_contains"], codes[scheme], strict=True):
            other = pl.Series([code]).new_from_index(0, offers.height)
            found = other.zip_with(title.str.contains(words, literal=True) & found.is_null(), found)
        own[f"offer.occupation.{scheme}"] = found
    assumed: dict[str, dict[str, object]] = yaml.safe_load((HERE / "assumptions.yaml").read_text(encoding="utf-8"))
    for country, facts in assumed.items():
        for path, value in facts.items():
            own[path] = _where(offers["company_location"] == country, pl.Series([value]).new_from_index(0, offers.height))
    return people.with_columns(series.alias(path) for path, series in own.items())


def _where(condition: pl.Series, column: pl.Series) -> pl.Series:
    return pl.DataFrame({"condition": condition, "column": column}).select(pl.when("condition").then("column")).to_series()


def shares(rules: RuleSet, days: Sequence[date] = DAYS) -> list[Share]:
    """The answers to all questions, country by country."""
    offers = real_offers()
    counted = dict(offers.group_by("company_location").len().iter_rows())
    many = crossed(offers)
    columns = ColumnarRules(rules, [each.rule for each in QUESTIONS])
    found: dict[tuple[str, date], Share] = {}
    for day in days:
        done = columns.evaluate(pairs(many, day, rules), as_of=day, statuses=True)
        for each in QUESTIONS:
            here = done.outcomes.filter(many["company_location"] == each.country)
            known = each.column in here.columns
            answers = here[each.column].drop_nulls().cast(pl.String) if known else pl.Series(["unknown"] * here.height)
            counts = dict(answers.value_counts().iter_rows())
            found[each.country, day] = Share(each, counted[each.country], day, counts)
    return [found[each.country, day] for each in QUESTIONS for day in days]


def table(found: Sequence[Share]) -> str:
    """The answers as a table in Markdown: reached, not known, not reached; and how many pairs they stand for."""
    days = sorted({share.day for share in found})
    head = ["country (offers)", "condition", *(str(day.year) for day in days)]
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    for each in QUESTIONS:
        row = [share for share in found if share.question is each]
        cells = [" / ".join(f"{share.percent(truth)} %" for truth in TRUTHS) for share in row]
        lines.append("| " + " | ".join([f"{each.name} ({row[0].offers:,})", f"`{each.rule}` `{each.condition}`", *cells]) + " |")
    last = [share for share in found if share.day == days[-1]]
    pairs = [share.pairs for share in last]
    counts = f"{sum(share.offers for share in last):,} offers, {sum(pairs):,} pairs in {days[-1].year}"
    return "\n".join([*lines, "", f"{counts}, {min(pairs):,} or more a country."]) + "\n"


def chart(found: Sequence[Share]) -> str:
    """The answers as a drawing."""
    bars = [(share.question.name, str(share.day.year), [share.percent(truth) for truth in TRUTHS]) for share in found]
    return drawing(bars, list(TRUTHS.values()))


def main() -> None:
    """Print the table, or renew the document and its chart."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="renew docs/real-offers.md and docs/real-offers.svg")
    found = shares(load_rules())
    if not parser.parse_args().write:
        sys.stdout.write(table(found))
        return
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(before + BEGIN + table(found) + END + after, encoding="utf-8")
    DOCUMENT.with_suffix(".svg").write_text(chart(found), encoding="utf-8")


if __name__ == "__main__":
    main()
