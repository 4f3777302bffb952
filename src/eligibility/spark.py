"""Rules for populations that one machine does not hold: the columnar engine on the workers of Spark (the extra `spark`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakKeyDictionary

import pyarrow as pa

from eligibility.columnar import ArrowRules, ColumnarRules
from eligibility.columnar.parcel import Parcel, pack
from eligibility.diagnostics import Diagnostic, UsageError
from eligibility.engine import RuleSet

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType

T = TypeVar("T")


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
    Raises: UsageError with every unknown rule, a date that is none, and every column that is no fact or is not there.
    """
    from pyspark.sql.types import StringType, StructField, StructType

    problems: list[Diagnostic] = []
    wanted = [pathways] if isinstance(pathways, str) else None if pathways is None else list(pathways)
    known = None if wanted is None else [name for name in wanted if name in rules.book.rules]
    columnar = _checked(problems, partial(ColumnarRules, rules, wanted), partial(ColumnarRules, rules, known))
    function = partial(ArrowRules, columnar, as_of=as_of, as_of_column=as_of_column, id_column=id_column, statuses=statuses)
    some_day = None if as_of_column is not None else date.min
    local = _checked(problems, function, partial(function, as_of=some_day))
    only_carried = {*local.id_columns} - {*rules.book.facts, as_of_column}
    types = {each.name: each.dataType for each in df.schema if each.name not in only_carried}
    given = [pa.field(name, _arrow_type(types[name], name, problems) if name in types else pa.null()) for name in df.columns]
    try:
        answer = local.schema(pa.schema(given))
    except UsageError as error:
        problems += error.diagnostics
    if problems:
        raise UsageError(problems)
    carried = [df.schema[name] for name in local.id_columns]
    texts = [StructField(name, StringType()) for name in answer.names[len(carried) :]]
    sent = function(parcel=_parcel(df.sparkSession, rules))
    # Spark takes a dot in the name of a column for a step into a struct: the columns travel by number.
    numbered = df.toDF(*(f"_{index}" for index in range(len(df.columns))))
    return numbered.mapInArrow(_worker(sent, df.columns), StructType([*carried, *texts]))


def _checked(problems: list[Diagnostic], asked: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """What was asked for; where that is refused, what takes its place while the rest is checked."""
    try:
        return asked()
    except UsageError as error:
        problems += error.diagnostics
        return otherwise()


def _worker(function: ArrowRules, names: Sequence[str]) -> Any:
    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield function(batch.rename_columns(names))

    return work


def _arrow_type(kind: DataType, path: str, problems: list[Diagnostic]) -> pa.DataType:
    """The Arrow type of a column of facts or dates; of another one null, with the problem."""
    from pyspark.sql import types

    if isinstance(kind, types.StructType):
        return pa.struct(
            [pa.field(each.name, _arrow_type(each.dataType, f"{path}.{each.name}", problems)) for each in kind.fields]
        )
    if isinstance(kind, types.ArrayType):
        return pa.list_(_arrow_type(kind.elementType, path, problems))
    if isinstance(kind, types.DecimalType):
        return pa.decimal128(kind.precision, kind.scale)
    known = {
        types.BooleanType: pa.bool_(),
        types.ByteType: pa.int8(),
        types.ShortType: pa.int16(),
        types.IntegerType: pa.int32(),
        types.LongType: pa.int64(),
        types.FloatType: pa.float32(),
        types.DoubleType: pa.float64(),
        types.StringType: pa.string(),
        types.DateType: pa.date32(),
        types.TimestampNTZType: pa.timestamp("us"),
        types.NullType: pa.null(),
    }
    if type(kind) in known:
        return known[type(kind)]
    message = f"the column `{path}` has the type `{kind.simpleString()}`, which holds neither facts nor dates"
    problems.append(Diagnostic("E611", message, help="convert it before, or leave it out"))
    return pa.null()


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
