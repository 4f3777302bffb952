"""Rules for populations that one machine does not hold: the columnar engine on the workers of Spark (the extra `spark`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from eligibility.columnar import ArrowRules, ColumnarRules
from eligibility.columnar.parcel import Parcel, pack
from eligibility.diagnostics import Diagnostic, UsageError
from eligibility.engine import RuleSet

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


def evaluate(
    df: DataFrame,
    rules: RuleSet,
    *,
    as_of: date | str | None = None,
    as_of_column: str | None = None,
    pathways: Iterable[str] | None = None,
    id_column: str | Sequence[str] = (),
    statuses: bool = False,
) -> DataFrame:
    """The outcome of every rule, or of some by id, for every row of a data frame, on a date or on that of a column.

    A column of `df` is a fact, named by its path (`offer.salary`), or a struct of facts (`applicant` with a field `degrees`);
    null where nothing is stated. The answer has the columns `id_column`, a column of text for each rule with the status (with
    `statuses` also for each criterion, `<rule>.<criterion>`), and `refused`: why a row has no outcomes, null where it has.
    Spark wants backticks around the names of rules, which have dots.

    Nothing is evaluated until rows are asked for. The rules go to the workers once, and each Python process opens them once.
    Raises: UsageError for an unknown rule, a date that is none, and every column that is no fact or is not there.
    """
    from pyspark.sql.types import StringType, StructField, StructType

    columnar = ColumnarRules(rules, pathways)
    function = partial(ArrowRules, columnar, as_of=as_of, as_of_column=as_of_column, id_column=id_column, statuses=statuses)
    local = function()
    answer = local.schema(_arrow_schema(df))
    carried = [df.schema[name] for name in local.id_columns]
    texts = [StructField(name, StringType()) for name in answer.names[len(carried) :]]
    sent = function(parcel=_parcel(df.sparkSession, rules))
    # Spark takes a dot in the name of a column for a step into a struct: the columns travel by number.
    numbered = df.toDF(*(f"_{index}" for index in range(len(df.columns))))
    return numbered.mapInArrow(_worker(sent, df.columns), StructType([*carried, *texts]))


def _worker(function: ArrowRules, names: Sequence[str]) -> Any:
    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield function(batch.rename_columns(names))

    return work


def _arrow_schema(df: DataFrame) -> pa.Schema:
    """The schema that the tables of a data frame have. Raises: UsageError E611 for types that Arrow does not have."""
    import pyarrow as pa
    from pyspark.errors import PySparkException
    from pyspark.sql.pandas.types import to_arrow_type

    fields: list[pa.Field] = []
    problems: list[Diagnostic] = []
    for each in df.schema:
        try:
            fields.append(pa.field(each.name, to_arrow_type(each.dataType)))
        except PySparkException:
            message = f"the column `{each.name}` has the type `{each.dataType.simpleString()}`, which holds no facts"
            problems.append(Diagnostic("E611", message, help="convert it before, or leave it out"))
    if problems:
        raise UsageError(problems)
    return pa.schema(fields)


_shipped: Final[WeakKeyDictionary[RuleSet, tuple[str, Parcel]]] = WeakKeyDictionary()


def _parcel(session: SparkSession, rules: RuleSet) -> Parcel:
    """The rules as a broadcast, made once for a Spark application."""
    from pyspark.errors import PySparkException

    parcel = pack(rules)
    try:
        context = session.sparkContext
    except PySparkException:
        return parcel  # Spark Connect has no broadcasts: the rules travel with the function
    application, known = _shipped.get(rules, ("", parcel))
    if application != context.applicationId:
        known = replace(parcel, content=context.broadcast(parcel.content))
        _shipped[rules] = (context.applicationId, known)
    return known
