"""The decision for many profiles at once: NumPy in chunks, DuckDB, and C on two threads.

Each function takes the laws and columns, does once what does not depend on the number of runs, and gives what decides: the outcome
of each law, or with `statuses` also each criterion before it, in whatever form is fastest, and what reads this form.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.decision.formula import PART, Among, Formula, Holds, Leaf, Part, criteria, folded, rails
from benchmarks.decision.population import FIELDS, WORDS
from benchmarks.decision.rules import CRITERIA, Figures

Columns = Mapping[str, tuple[np.ndarray, np.ndarray]]
CHUNK = 32_768
THREADS = 2
_UNKNOWN_CODE = 255


@dataclass(frozen=True, slots=True)
class Runner:
    """What decides, and what reads what comes out: an array for each truth of each law, of 1 for met, 0 for unknown, -1 for not."""

    run: Callable[[], Any]
    read: Callable[[Any], Iterator[np.ndarray]]


def coded(columns: Columns) -> dict[str, np.ndarray]:
    """Columns with one value for unknown: not a number, the code 255, or the truth 2."""
    found = {}
    for name, (values, known) in columns.items():
        if FIELDS[name] in ("whole", "decimal"):
            found[name] = np.where(known, values, np.nan).astype("f8")
        else:
            unknown = _UNKNOWN_CODE if FIELDS[name] == "text" else 2
            found[name] = np.where(known, values, unknown).astype("u1")
    return found


def _listed(fact: str, words: Sequence[str]) -> np.ndarray:
    """By code of a word: 1 where it is listed, 0 where it is not, 2 for unknown."""
    table = np.zeros(256, "u1")
    table[[WORDS[fact].index(word) for word in words]] = 1
    table[_UNKNOWN_CODE] = 2
    return table


def _rates(law: Figures) -> np.ndarray:
    """The going rate by code of the job, not a number where there is none."""
    table = np.full(256, np.nan)
    for code, job in enumerate(WORDS["job_code"]):
        table[code] = law.going_rates.get(job, np.nan)
    return table


def in_numpy(laws: Sequence[Figures], given: Mapping[str, np.ndarray], *, statuses: bool) -> Runner:
    """NumPy: two truths for each criterion of coded columns, in chunks that stay in the cache, on two threads.

    It keeps a byte for each outcome, or two bits for each truth.
    """
    count = len(given["age"])
    shape: tuple[int, ...] = (len(CRITERIA) + 1, 2, -(-count // 8)) if statuses else (count,)
    prepared = [(criteria(law), _rates(law), _tables(criteria(law).values())) for law in laws]

    def chunk(first: int, out: list[np.ndarray]) -> None:
        part = {name: values[first : first + CHUNK] for name, values in given.items()}
        pay = part["salary"] * PART
        for (formulas, rates, tables), result in zip(prepared, out, strict=True):
            need = rates[part["job_code"]] * part["weekly_hours"]
            made: dict[str, tuple[np.ndarray, np.ndarray]] = {}

            def leaf(each: Leaf, need: Any = need, tables: Any = tables) -> tuple[Any, Any]:
                match each:
                    case Holds(fact=fact):
                        return part[fact] == 1, part[fact] == 0
                    case Among(fact=fact):
                        listed = tables[fact][part[fact]]
                        return listed == 1, listed == 0
                    case Part(share=share):
                        wanted = share * need
                        return pay >= wanted, pay < wanted
                values = part[each.fact]
                if each.sign == "==":
                    code = WORDS[each.fact].index(str(each.value))
                    return values == code, (values != code) & (values != _UNKNOWN_CODE)
                met, failed = values >= each.value, values < each.value
                return (met, failed) if each.sign == ">=" else (failed, met)

            for name, formula in formulas.items():
                made[name] = rails(formula, leaf, made.__getitem__, _all, _any)
            for place, (met, failed) in enumerate(made.values() if statuses else ()):
                result[place, 0, first // 8 : (first + CHUNK) // 8] = np.packbits(met, bitorder="little")
                result[place, 1, first // 8 : (first + CHUNK) // 8] = np.packbits(failed, bitorder="little")
            if not statuses:
                met, failed = made["outcome"]
                np.subtract(met.view("i1"), failed.view("i1"), out=result[first : first + CHUNK])

    def run() -> list[np.ndarray]:
        out = [np.empty(shape, "u1" if statuses else "i1") for _ in laws]
        with np.errstate(invalid="ignore"), ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(lambda first: chunk(first, out), range(0, count, CHUNK)))
        return out

    return Runner(run, lambda found: _unpacked(found, count) if statuses else iter(found))


def _unpacked(found: list[np.ndarray], count: int) -> Iterator[np.ndarray]:
    """Truths of two bits each as numbers."""
    for met, failed in (pair for each in found for pair in each):
        one, two = (np.unpackbits(bits, count=count, bitorder="little").view("i1") for bits in (met, failed))
        yield one - two


def _all(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else np.logical_and.reduce(parts) if len(parts) > 2 else parts[0] & parts[1]


def _any(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else np.logical_or.reduce(parts) if len(parts) > 2 else parts[0] | parts[1]


def _tables(formulas: Any) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}

    def look(formula: Formula) -> None:
        if isinstance(formula, Among):
            found[formula.fact] = _listed(formula.fact, formula.words)
        for item in getattr(formula, "items", ()):
            look(item)

    for formula in formulas:
        look(formula)
    return found


_POINTED = (
    "salary", "weekly_hours", "age", "english_level", "funds", "nationality", "job_code", "sponsor_rating",
    "stem_phd", "relevant_phd", "new_entrant", "on_shortage_list", "sponsor_certifies",
)  # fmt: skip


class _Columns(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in _POINTED]


class _Law(ctypes.Structure):
    _fields_ = [
        ("threshold", ctypes.c_double * 5),
        ("share", ctypes.c_double * 5),
        ("young_until", ctypes.c_double),
        ("least_english", ctypes.c_double),
        ("least_funds", ctypes.c_double),
        ("rate", ctypes.c_void_p),
        ("job", ctypes.c_void_p),
        ("nationality", ctypes.c_void_p),
    ]


def in_c(laws: Sequence[Figures], given: Mapping[str, np.ndarray], *, statuses: bool) -> Runner:
    """C on two threads, compiled here by gcc for this machine: a byte for each outcome, or two bits for each truth.

    Raises: OSError where there is no gcc.
    """
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "kernel.so"
        source = Path(__file__).parent / "kernel.c"
        command = ["gcc", "-O3", "-march=native", "-shared", "-fPIC", str(source), "-o", str(library)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # our own source
        loaded = ctypes.CDLL(str(library))
    decide = loaded.decide_all if statuses else loaded.decide
    decide.argtypes = [
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_int,
        ctypes.c_void_p,
        ctypes.c_long,
        ctypes.c_long,
        ctypes.c_long,
    ]
    count = len(given["age"])
    pointed = _Columns(*(given[name].ctypes.data for name in _POINTED))
    kept = list(given.values())  # what the structures point to must stay
    shape: tuple[int, ...] = (len(CRITERIA) + 1, 2, -(-count // 64) * 8) if statuses else (count,)

    def place(table: np.ndarray) -> int:
        kept.append(table)
        return int(table.ctypes.data)

    written = (_Law * len(laws))()
    for law, here in zip(laws, written, strict=True):
        for option, (threshold, share) in enumerate(law.options):
            here.threshold[option], here.share[option] = threshold, share
        here.young_until, here.least_english, here.least_funds = law.young_until, law.least_english, law.least_funds
        here.rate, here.job = place(_rates(law)), place(_listed("job_code", tuple(law.going_rates)))
        here.nationality = place(_listed("nationality", law.english_speaking))

    def run() -> list[np.ndarray]:
        assert kept
        out = [np.empty(shape, "u1" if statuses else "i1") for _ in laws]
        pointers = (ctypes.c_void_p * len(out))(*(each.ctypes.data for each in out))
        middle = count // THREADS // 2_048 * 2_048
        bounds = [(0, middle), (middle, count)]

        def part(bound: tuple[int, int]) -> None:
            decide(ctypes.byref(pointed), ctypes.byref(written), len(laws), ctypes.byref(pointers), *bound, shape[-1])

        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(part, bounds))
        return out

    return Runner(run, lambda found: _unpacked(found, count) if statuses else iter(found))


def as_arrow(columns: Columns) -> Any:
    """The columns as a table of Arrow with texts, as a file reader gives them, and the number of each row."""
    import pyarrow as pa

    found = {"row": pa.array(np.arange(len(columns["age"][0])))}
    for name, (values, known) in columns.items():
        if name in WORDS:
            codes = pa.array(values.astype("i4"), mask=~known)
            found[name] = pa.DictionaryArray.from_arrays(codes, pa.array(WORDS[name])).cast(pa.string())
        else:
            found[name] = pa.array(values, mask=~known)
    return pa.table(found)


def in_duckdb(laws: Sequence[Figures], columns: Columns, *, statuses: bool) -> Runner:
    """DuckDB on two threads: what depends on a code is joined once, then one level of criteria after the other.

    Its rows come out in any order, with their numbers.
    """
    import duckdb
    import pyarrow as pa

    connection = duckdb.connect()
    connection.execute(f"SET threads={THREADS}")
    connection.register("given", as_arrow(columns))
    connection.execute("CREATE TABLE population AS SELECT * FROM given")
    jobs: dict[str, Sequence[object]] = {"code": WORDS["job_code"]}
    nations: dict[str, Sequence[object]] = {"code": WORDS["nationality"]}
    levels: list[list[str]] = [[], [], [], []]
    for number, law in enumerate(laws):
        jobs |= {f"rate{number}": [law.going_rates.get(job) for job in WORDS["job_code"]]}
        nations |= {f"listed{number}": [name in law.english_speaking for name in WORDS["nationality"]]}
        levels[0].append(f"rate{number} * weekly_hours AS need{number}")

        def leaf(each: Leaf, number: int = number) -> str:
            match each:
                case Holds(fact=fact):
                    return fact
                case Among(fact="job_code"):
                    return f"(CASE WHEN job_code IS NULL THEN NULL ELSE rate{number} IS NOT NULL END)"
                case Among():
                    return f"listed{number}"
                case Part(share=share):
                    return f"(salary * {PART} >= {share} * need{number})"
            value = f"'{each.value}'" if isinstance(each.value, str) else each.value
            return f"({each.fact} {'=' if each.sign == '==' else each.sign} {value})"

        for name, formula in criteria(law).items():
            text = folded(formula, leaf, partial(_column, number), _sql_all, _sql_any)
            stage = 3 if name == "outcome" else 2 if name in ("english", "salary") else 1
            levels[stage].append(f"{text} AS {_column(number, name)}")
    connection.register("jobs", pa.table(jobs))
    connection.register("nations", pa.table(nations))
    query = " ".join(
        (
            f"SELECT p.*, j.* EXCLUDE code, n.* EXCLUDE code, {', '.join(levels[0])} FROM population p",  # noqa: S608  # our own words
            "LEFT JOIN jobs j ON p.job_code = j.code LEFT JOIN nations n ON p.nationality = n.code",
        )
    )
    names = [*CRITERIA, "outcome"] if statuses else ["outcome"]
    wanted = [_column(number, name) for number in range(len(laws)) for name in names]
    carried = ", ".join(["row", *(name for name in wanted if not name.startswith("outcome"))])
    for level, before in zip(levels[1:], ("*", "*", carried), strict=True):
        query = f"SELECT {before}, {', '.join(level)} FROM ({query})"  # noqa: S608  # our own words

    def read(found: Any) -> Iterator[np.ndarray]:
        order = np.argsort(found["row"].to_numpy(), kind="stable")
        return (_from_arrow(found[name].combine_chunks())[order] for name in wanted)

    return Runner(lambda: connection.sql(query).to_arrow_table(), read)


def _column(number: int, name: str) -> str:
    return f"{name.replace('.', '_')}{number}"


def _sql_all(parts: list[str]) -> str:
    return f"({' AND '.join(parts)})"


def _sql_any(parts: list[str]) -> str:
    return f"({' OR '.join(parts)})"


def _from_arrow(truths: Any) -> np.ndarray:
    numbers = truths.cast("int8").to_numpy(zero_copy_only=False)  # not a number for null, where there is any
    return np.where(np.isnan(numbers), 0, numbers * 2 - 1).astype("i1")
