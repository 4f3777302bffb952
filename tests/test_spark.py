"""Rules on the workers of Spark and Dask come out as on one machine, row by row."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812  # its usual name
from pyspark.sql.types import LongType, StructField, StructType

import eligibility
from eligibility import spark
from eligibility.columnar import ArrowRules, ColumnarRules
from eligibility.columnar.parcel import opened
from eligibility.diagnostics import UsageError
from eligibility.engine import RuleSet, load_rules
from eligibility.scenarios import scenarios
from population import flat, frame

pytestmark = pytest.mark.xdist_group("spark")  # one session

ROOT: Final = Path(__file__).parents[1]
RULES: Final = ROOT / "rules"
DAY: Final = date(2026, 6, 1)
DAYS: Final = (DAY, date(2025, 7, 21), date(2023, 10, 1))
PATHWAYS: Final = ("gb.global_talent", "gb.graduate", "gb.skilled_worker")
BATCH: Final = 400
WITHOUT_JAVA: Final = "ELIGIBILITY_WITHOUT_JAVA"
# Short runs: no compilation for speed, no pages to watch it, nothing that listens to the network.
SETTINGS: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH),
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.enabled": "false",
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A local Spark with two workers, in a folder of its own."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        if os.environ.get(WITHOUT_JAVA):
            pytest.skip(f"{WITHOUT_JAVA} is set, and Spark needs Java")
        pytest.fail(f"Spark needs Java 17 or later: `apt-get install default-jre-headless`, or set {WITHOUT_JAVA}=1")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("spark"))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("POLARS_MAX_THREADS", "1")
        builder = SparkSession.builder.master("local[2]")
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        made = builder.getOrCreate()
        yield made
        made.stop()


@cache
def rules() -> RuleSet:
    return load_rules(RULES / "core", RULES / "gb", bundled=False)


@cache
def profiles() -> tuple[dict[str, Any], ...]:
    """The profiles of all scenarios of some pathways, each twice, and three that are refused."""
    known = [dict(each.profile) for each in scenarios(rules()) if each.profile is not None and each.rule in PATHWAYS] * 2
    assert len(known) > 2_000
    known[3:3] = [{}, {"applicant": {"date_of_birth": "31.02.1990"}}, {"offer": {"weekly_hours": -1}}]
    return tuple(known)


@cache
def population() -> pl.DataFrame:
    """Their facts, with a number and a date for each."""
    facts = frame([flat(each, rules().book) for each in profiles()])
    numbers = pl.int_range(facts.height, eager=True)
    days = pl.Series(DAYS).gather(numbers % len(DAYS)).set(numbers == 0, None)
    return facts.with_columns(numbers.alias("number"), days.alias("day"))


def grouped(columns: dict[str, pl.Series]) -> list[pl.Series]:
    """Columns with paths for names as structs within structs."""
    groups: dict[str, dict[str, pl.Series]] = {}
    for path, column in columns.items():
        head, _, rest = path.partition(".")
        groups.setdefault(head, {})[rest] = column
    return [
        inner[""].alias(head) if "" in inner else pl.DataFrame(grouped(inner)).to_struct(head) for head, inner in groups.items()
    ]


def arrow(table: pl.DataFrame) -> pa.Table:
    return table.to_arrow(compat_level=pl.CompatLevel.oldest())


def by_number(answer: pa.Table) -> dict[int, dict[str, str]]:
    """What an answer says of each row."""
    assert answer.num_rows == len(profiles())
    return {row.pop("number"): row for row in answer.to_pylist()}


def test_every_row_comes_out_as_on_one_machine(session: SparkSession) -> None:
    """Over partitions, batches and workers, every status and every reason of a row is that of one machine, and of one profile."""
    given = arrow(population().drop("day"))
    asked: dict[str, Any] = {"as_of": DAY, "id_column": "number", "statuses": True}
    table = session.createDataFrame(given).repartition(4)
    found = by_number(spark.evaluate(table, rules(), pathways=PATHWAYS, **asked).toArrow())
    assert found == by_number(ArrowRules(ColumnarRules(rules(), PATHWAYS), **asked)(given))
    assert [number for number, row in sorted(found.items()) if row["refused"]] == [3, 4, 5]
    assert found[4]["refused"].startswith("E402 applicant.date_of_birth: ")
    for number in range(6, len(found), 150):
        report = rules().evaluate(profiles()[number], as_of=DAY, pathways=PATHWAYS)
        assert {outcome.id: found[number][outcome.id] for outcome in report} == {each.id: str(each.status) for each in report}


def test_rows_can_have_dates_of_their_own_and_groups_of_facts(session: SparkSession) -> None:
    """A column says the day whose law applies, and structs hold groups of facts; a row without a day is refused."""
    asked: dict[str, Any] = {"as_of_column": "day", "id_column": ["number", "day"]}
    table = session.createDataFrame(arrow(pl.DataFrame(grouped(population().to_dict(as_series=True))))).repartition(3)
    assert len(table.columns) < 10
    answer = spark.evaluate(table, rules(), pathways=PATHWAYS, **asked)
    assert answer.columns == ["number", "day", *PATHWAYS, "refused"]
    found = by_number(answer.toArrow())
    assert found == by_number(ArrowRules(ColumnarRules(rules(), PATHWAYS), **asked)(arrow(population())))
    assert found[0]["refused"] == "E602 the as-of date of the row is missing or is no date"
    assert len({row["gb.skilled_worker"] for row in found.values()}) > 3


def test_the_rules_are_opened_once_in_each_worker(session: SparkSession) -> None:
    """However many partitions, batches and runs a Python process of a worker gets, it opens the rules once."""
    parcel = spark._parcel(session, rules())
    assert parcel is spark._parcel(session, rules())
    function = ArrowRules(ColumnarRules(rules(), PATHWAYS), as_of=DAY, id_column="number", parcel=parcel)
    table = session.createDataFrame(arrow(population().select("number", "offer.weekly_hours"))).toDF("number", "hours")

    def counted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = function(batch.rename_columns(["number", "offer.weekly_hours"])).num_rows
            yield pa.RecordBatch.from_pylist([{"process": os.getpid(), "opened": opened(), "rows": rows}])

    schema = StructType([StructField(name, LongType()) for name in ("process", "opened", "rows")])
    for partitions in (2, 7):
        found = table.repartition(partitions).mapInArrow(counted, schema).toArrow().to_pylist()
        assert len(found) > len(profiles()) // BATCH
        assert sum(each["rows"] for each in found) == len(profiles())
        assert len({each["process"] for each in found}) > 1
        assert {each["opened"] for each in found} == {1}


def test_what_cannot_be_evaluated_is_said_before_anything_runs(session: SparkSession) -> None:
    """Columns that are no facts, rules and dates that are not there are refused where the call stands, all at once."""
    table = session.range(2).select(
        F.lit(40).alias("offer.weekly_hour"), F.struct(F.lit(1).alias("shoe_size")).alias("applicant"), "id"
    )
    with pytest.raises(UsageError) as refused:
        spark.evaluate(table, rules(), as_of=DAY, id_column=["id", "name"])
    assert [each.message for each in refused.value.diagnostics] == [
        "the column `offer.weekly_hour` is no fact",
        "the column `applicant.shoe_size` is no fact",
        "there is no column `name`",
    ]
    assert refused.value.diagnostics[0].help == "did you mean `offer.weekly_hours`?"
    with pytest.raises(UsageError) as refused:
        spark.evaluate(table, rules(), as_of="2026-13-01", pathways=["gb.nothing", *PATHWAYS], id_column=["id", "name"])
    codes = [each.code for each in refused.value.diagnostics]
    assert codes == ["E600", "E602", "E611", "E611", "E611"]
    with pytest.raises(UsageError) as refused:
        spark.evaluate(table, rules(), as_of=DAY, as_of_column="day", pathways="gb.nothing", id_column="id")
    codes = [each.code for each in refused.value.diagnostics]
    assert codes == ["E600", "E612", "E611", "E611", "E611"]
    hours = session.range(2).select(F.lit(40).alias("offer.weekly_hours"))
    for asked in ({"as_of": "soon"}, {}, {"as_of": DAY, "as_of_column": "day"}, {"as_of": DAY, "pathways": ["gb.nothing"]}):
        with pytest.raises(UsageError):
            spark.evaluate(hours, rules(), **asked)
    moments = hours.select(
        F.struct(F.current_timestamp().alias("start_date")).alias("offer"), F.current_timestamp().alias("seen")
    )
    with pytest.raises(UsageError, match=r"the column `offer.start_date` has the type `timestamp`, which holds neither facts"):
        spark.evaluate(moments, rules(), as_of=DAY, id_column="seen")


def test_midnight_is_a_day(session: SparkSession) -> None:
    """Points in time without a zone are days where they are midnight; a row with another time is refused."""
    table = session.range(2).select("id", F.expr("timestampadd(HOUR, id, timestamp_ntz '2026-07-01 00:00:00') AS start_date"))
    moments = table.select("id", F.struct("start_date").alias("offer"))
    found = spark.evaluate(moments, rules(), as_of=DAY, pathways=PATHWAYS[:1], id_column="id").sort("id").collect()
    assert (found[0].refused, found[1].refused.split()[:2]) == (None, ["E402", "offer.start_date:"])


def test_columns_that_are_carried_can_be_of_any_type(session: SparkSession) -> None:
    """What tells rows apart comes back as it was, also where facts could not be of such a type."""
    moment, scores = F.current_timestamp().alias("seen"), F.create_map(F.lit("a"), F.lit(1)).alias("scores")
    table = session.range(3).select("id", moment, scores, F.lit(40).cast("decimal(10, 2)").alias("offer.weekly_hours"))
    found = spark.evaluate(table, rules(), as_of=DAY, pathways=PATHWAYS[:1], id_column=["id", "seen", "scores"])
    assert found.schema[:3] == table.schema[:3]
    assert [(row.id, row.scores, row.refused) for row in found.collect()] == [(number, {"a": 1}, None) for number in range(3)]


def test_the_page_about_clusters_does_what_it_says(session: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python of `docs/cluster.md` runs, and Spark and the processes of Dask write what one machine gives for every row."""
    people = population().drop("day").head(500)
    people.write_parquet("people.parquet")
    monkeypatch.setattr(eligibility, "load_rules", rules)
    names: dict[str, Any] = {"__name__": "page"}
    text = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        exec(block, names)  # noqa: S102  # the page's own code
    expected = names["function"](arrow(people)).to_pylist()
    assert len(expected) == 500
    for written in ("outcomes.parquet", "outcomes.dask"):
        assert pl.read_parquet(f"{written}/*.parquet").sort("number").to_dicts() == expected
