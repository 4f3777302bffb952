"""JSON Lines: profiles as `evaluate` reads them, one a line. Blank lines are no rows.

A block is read at once with the schema of the facts that were seen. Lines of the form that the first ones have (json_form.py) say
nothing that the frame does not hold. Of others that is looked at more closely (json_counts.py, json_shapes.py), and where the
reader refuses them or the frame does not hold all, the lines in question are looked for, and read one by one as any profile is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice
from threading import Lock
from typing import IO, Any, Final

import polars as pl

from eligibility.batch.cells import WHOLE
from eligibility.batch.json_counts import is_odd, tells_all
from eligibility.batch.json_form import Form, lines_of, matching
from eligibility.batch.json_shapes import Shapes
from eligibility.batch.layout import Layout, nested
from eligibility.batch.rows import Block, Part, Refusals, Rows, listed_places, places
from eligibility.batch.sheet import Sheet, read_one_by_one
from eligibility.batch.signatures import MARK, refuse_what_is_no_text
from eligibility.datatypes import BooleanType, ListType, MoneyType, NumberType, RecordType, Type
from eligibility.diagnostics import Diagnostic, ProfileError, UsageError
from eligibility.facts import IGNORED_KEYS, MAXIMUM_BYTES, read_document
from eligibility.rulebook import FactDeclaration

BLOCK: Final = 16_000_000  # bytes
_SAMPLE: Final = 200  # lines that are looked at to learn which keys there are
_FEW: Final = 64  # lines that are rather read one by one than divided again

_Names = dict[str, Any]  # the keys of an object: what stands below each, or the type of its value


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is a row, and its place in the block."""

    place: int
    text: bytes


class JsonLines:
    """A file of JSON Lines."""

    def __init__(self, name: str, file: IO[bytes], size: int | None, layout: Layout) -> None:
        self.name = name
        self.size = size
        self.file = file
        self.layout = layout
        self.sheet = Sheet(layout, cells=False)
        self._names: _Names = {}
        self._shapes = Shapes()
        self._form = Form()
        self._patterns: tuple[str, ...] = ()
        self._lock = Lock()

    def check(self) -> None:
        """Look at the first lines. Raises: UsageError."""
        self._learn_first(b"".join(islice(iter(lambda: self.file.readline(MAXIMUM_BYTES), b""), _SAMPLE)))

    def blocks(self) -> Iterator[Block]:
        """Whole lines, as many as fit. Raises: UsageError where every line of the first block has a key that nobody knows."""
        first = True
        for data in whole_lines(self.file, BLOCK):
            if first:
                self._learn_first(data)
                first = False
            yield Block(data, len(data))

    def read(self, block: Block) -> Rows:
        """The rows of a block."""
        data = block.data
        assert isinstance(data, bytes)  # noqa: S101  # made by `blocks`
        refused = Refusals()
        formed = self._formed(data)
        frame = self._of_form(data, len(formed)) if formed is not None and formed.all() else None
        if frame is None and (formed is None or formed.all() or not formed.any()):
            formed, frame = None, self._fast(data)
        if frame is not None:
            lines = cache(lambda: [text for text in data.split(b"\n") if text.strip()])
            return self._rows(frame, places(0, frame.height), lambda place: lines()[place], refused)
        texts = data.split(b"\n")[:-1]
        of_form = [False] * len(texts) if formed is None else formed.to_list()
        rows = [(text, clear) for text, clear in zip(texts, of_form, strict=True) if text.strip()]
        clear = [Line(place, text) for place, (text, is_clear) in enumerate(rows) if is_clear]
        others = [Line(place, text) for place, (text, is_clear) in enumerate(rows) if not is_clear]
        return Rows(len(rows), (*self._read_formed(clear, refused), *self._read_lines(others, refused)), refused)

    def _rows(self, frame: pl.DataFrame, where: pl.Series, line: Callable[[int], bytes], refused: Refusals) -> Rows:
        """The rows of a frame at some places of a block; `line` gives what stands there."""
        return self.sheet.rows(frame, where, frame.height, refused, lambda place: self._one(line(place))[0])

    def _parts(self, frame: pl.DataFrame, lines: Sequence[Line], refused: Refusals) -> tuple[Part, ...]:
        texts = {line.place: line.text for line in lines}
        return self._rows(frame, listed_places([*texts]), texts.__getitem__, refused).parts

    # whole blocks

    def _formed(self, data: bytes) -> pl.Series | None:
        """Which lines have the form of the first ones; None where that is not known."""
        patterns = self._patterns
        if not patterns or not data or _has_long_line(data):
            return None
        lines = lines_of(data)
        return None if lines is None else matching(lines, patterns)

    def _of_form(self, data: bytes, lines: int) -> pl.DataFrame | None:
        """The columns of some lines that have the form of the first ones; None where the reader refuses them."""
        return self._read(data, lambda frame, _: frame.height == lines)

    def _fast(self, data: bytes, *, no_odd: bool = False) -> pl.DataFrame | None:
        """The columns of a block, where every line says exactly what the frame holds; `no_odd` says that no line is odd."""
        if not data or (not no_odd and _has_long_line(data)):
            return None
        return self._read(
            data, lambda frame, names: tells_all(frame, data, no_odd=no_odd) and self._shapes.all_known(data, names)
        )

    def _read(self, data: bytes, tells_all_of_it: Callable[[pl.DataFrame, _Names], bool]) -> pl.DataFrame | None:
        """The columns of some lines; None where the reader refuses them or their frame does not tell all of it."""
        names = self._names
        schema = _schema(names)
        if not schema:
            return None
        try:
            frame = pl.read_ndjson(data, schema=schema)
            return _flat(frame, names) if tells_all_of_it(frame, names) else None
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            return None

    def _learn_first(self, data: bytes) -> None:
        refuse_what_is_no_text(data, self.name)
        lines = data.split(b"\n", _SAMPLE)[:_SAMPLE]
        documents = list(_documents(lines))
        self._refuse_other_json(lines, documents)
        self._learn(documents)
        unknown = [set(self._unknown(each, "")) for each in documents]
        everywhere = set.intersection(*unknown) if unknown else set()
        if everywhere:
            names = [name for name in dict.fromkeys(_paths(documents[0], "")) if name in everywhere]
            self.layout.refuse_unknown([*names, *self.layout.carried.values(), *self.layout.targets], self.name)
        known = {name for each in documents for name in _paths(each, "") if not self._is_inside_fact(name)}
        missing = [name for name in self.layout.carried.values() if name not in known]
        if missing and documents:
            raise UsageError(Diagnostic("E611", f"there is no column `{name}`", path=self.name) for name in missing)

    def _refuse_other_json(self, lines: Sequence[bytes], documents: Sequence[object]) -> None:
        """Refuse a file that is one list or one object over many lines: no line of it is a profile."""
        first = next((line.removeprefix(MARK).strip() for line in lines if line.strip()), b"")
        if first == b"[" or (first.startswith(b"[") and not documents):
            problem, program = "one list of JSON", ".[]"
        elif first == b"{" and not documents:
            problem, program = "JSON over many lines", "."
        else:
            return
        help = f"write one profile a line, as `jq -c '{program}'` does"
        raise UsageError([Diagnostic("E610", f"the file is {problem}, not JSON Lines", path=self.name, help=help)])

    def _unknown(self, document: Mapping[str, object], prefix: str) -> Iterator[str]:
        for key, value in document.items():
            name = f"{prefix}{key}"
            if self.layout.knows(name):
                continue
            if isinstance(value, dict) and self._is_group(name):
                yield from self._unknown(value, f"{name}.")
            else:
                yield name

    def _is_inside_fact(self, name: str) -> bool:
        return any(self.layout.target(name[:end]) for end, each in enumerate(name) if each == ".")

    def _is_group(self, name: str) -> bool:
        known = (*self.layout.book.facts, *self.layout.targets, *self.layout.carried.values())
        return any(each.startswith(f"{name}.") for each in known)

    def _learn(self, documents: Sequence[Mapping[str, object]]) -> bool:
        """Take note of the keys of some documents; whether there are new ones."""
        with self._lock:
            before = repr(self._names)
            names = dict(self._names)
            for document in documents:
                names = self._with(names, document, "")
            self._names = names
            self._form.learn(documents)
            self._patterns = self._form.patterns(names) if names else ()
            return repr(names) != before

    def _with(self, names: _Names, document: Mapping[str, object], prefix: str) -> _Names:
        found = dict(names)
        for key, value in document.items():
            name = f"{prefix}{key}"
            target = None if name in self.layout.written.ignore else self.layout.target(name)
            if target is not None and not target.part and target.column is None and name not in self.layout.constants:
                found[key] = _read_type(target.fact.type, target.fact)
            elif value is None or isinstance(found.get(key), pl.DataType):
                continue
            elif self.layout.knows(name) and name not in self.layout.constants:
                is_number = isinstance(value, int) and not isinstance(value, bool)
                kind = pl.Float64() if target is not None and is_number else _scalar_type(value)
                if kind is not None:
                    found[key] = kind
            elif isinstance(value, dict) and self._is_group(name):
                inner = self._with(found.get(key, {}), value, f"{name}.")
                if inner:
                    found[key] = inner
        return found

    # lines in question

    def _read_formed(self, lines: list[Line], refused: Refusals) -> Iterator[Part]:
        """Lines that have the form of the first ones."""
        frame = self._of_form(b"".join(line.text + b"\n" for line in lines), len(lines)) if lines else None
        if frame is None:
            yield from self._read_lines(lines, refused)
        else:
            yield from self._parts(frame, lines, refused)

    def _read_lines(self, lines: list[Line], refused: Refusals) -> Iterator[Part]:
        clear: list[Line] = []
        odd: list[Line] = []
        for line in lines:
            (odd if len(line.text) > MAXIMUM_BYTES or is_odd(line.text) else clear).append(line)
        yield from self._divide(clear, refused)
        yield from self._slowly(odd, refused)

    def _divide(self, lines: list[Line], refused: Refusals) -> Iterator[Part]:
        if not lines:
            return
        data = b"\n".join(line.text for line in lines) + b"\n"
        frame = self._fast(data, no_odd=True)
        if frame is None and self._learn(list(_documents([line.text for line in lines[:_SAMPLE]]))):
            frame = self._fast(data, no_odd=True)
        if frame is not None and frame.height == len(lines):
            yield from self._parts(frame, lines, refused)
        elif len(lines) <= _FEW:
            yield from self._slowly(lines, refused)
        else:
            middle = len(lines) // 2
            yield from self._divide(lines[:middle], refused)
            yield from self._divide(lines[middle:], refused)

    def _slowly(self, lines: list[Line], refused: Refusals) -> Iterator[Part]:
        if not lines:
            return
        documents: list[object] = []
        carried: list[dict[str, object]] = []
        for line in lines:
            document, beside = self._one(line.text)
            documents.append(document)
            carried.append(beside)
        columns = {
            name: pl.Series(name, [_as_text(row.get(name)) for row in carried], dtype=pl.String) for name in self.layout.carried
        }
        yield from read_one_by_one(self.layout, documents, [line.place for line in lines], pl.DataFrame(columns), refused)

    def _one(self, text: bytes) -> tuple[object, dict[str, object]]:
        """The profile of a line, or the error of reading it; and what it holds beside the facts."""
        beside: dict[str, object] = {}
        moved: dict[str, object] = {}
        try:
            document = read_document(text)
        except ProfileError as error:
            return (error if self.layout.carried else text), beside
        if not isinstance(document, dict):
            return text, beside
        rest = self._rest(document, "", moved, beside)
        try:
            return nested(self.layout.stated(moved, cells=False), rest), beside
        except ProfileError as error:
            return error, beside

    def _rest(
        self, document: Mapping[str, Any], prefix: str, moved: dict[str, object], beside: dict[str, object]
    ) -> dict[str, Any]:
        """An object without what is no fact or goes under another name."""
        wanted = {column: name for name, column in self.layout.carried.items()}
        found: dict[str, Any] = {}
        for key, value in document.items():
            name = f"{prefix}{key}"
            target = None if name in self.layout.written.ignore else self.layout.target(name)
            if name in wanted:
                beside[wanted[name]] = value
            if name in self.layout.targets or ("." in key and target is not None):
                moved[name] = value
            elif target is None and (name in wanted or name in self.layout.written.ignore or name in IGNORED_KEYS):
                continue
            elif target is None and isinstance(value, dict):
                inner = self._rest(value, f"{name}.", moved, beside)
                if inner or not value:
                    found[key] = inner
            else:
                found[key] = value
        return found


def whole_lines(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Pieces of a file of about a size that end with a line; of a line that is too long for a profile only the beginning."""
    rest, is_cut = b"", False
    while data := file.read(size):
        end = data.rfind(b"\n") + 1
        if end:
            start = data.find(b"\n") if is_cut else 0
            yield b"".join((rest, memoryview(data)[start:end]))
            rest, is_cut = data[end:], False
        elif len(rest) <= MAXIMUM_BYTES:
            rest += data
        else:
            rest, is_cut = rest[: MAXIMUM_BYTES + 1], True
    if rest:
        yield rest + b"\n"


def _has_long_line(data: bytes) -> bool:
    """Whether a line may be longer than a profile; also of some that are half as long."""
    half = MAXIMUM_BYTES // 2
    return any(data.find(b"\n", start, start + half) < 0 for start in range(0, len(data), half))


def _documents(lines: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    """The objects among some lines."""
    for line in lines:
        try:
            document = read_document(line) if line.strip() else None
        except ProfileError:
            continue
        if isinstance(document, dict):
            yield document


def _paths(document: Mapping[str, object], prefix: str) -> Iterator[str]:
    for key, value in document.items():
        yield f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _paths(value, f"{prefix}{key}.")


def _as_text(value: object) -> str | None:
    """What stands beside the facts, as a column that is text says it."""
    if isinstance(value, list):
        return ", ".join(str(_as_text(each)) for each in value)
    if value is None:
        return None
    if isinstance(value, float | Decimal):
        number = float(value)
        return str(int(number)) if abs(number) < WHOLE and number.is_integer() else str(number)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.encode("utf-8", "replace").decode()


# schemas


def _read_type(kind: Type, declared: FactDeclaration) -> pl.DataType:
    """How the values of a fact are read."""
    match kind:
        case BooleanType():
            return pl.Boolean()
        case NumberType():
            return pl.Float64()
        case MoneyType():
            return pl.Struct({"amount": pl.Float64(), "currency": pl.String(), "period": pl.String()})
        case ListType(element=element):
            return pl.List(_read_type(element, declared))
        case RecordType():
            return pl.Struct({name: _read_type(each.type, each) for name, each in declared.fields.items()})
    return pl.String()


def _scalar_type(value: object) -> pl.DataType | None:
    if isinstance(value, bool):
        return pl.Boolean()
    if isinstance(value, str):
        return pl.String()
    if isinstance(value, list):
        return next((pl.List(inner) for each in value if (inner := _scalar_type(each)) is not None), None)
    if isinstance(value, dict):
        inside = {key: inner for key, each in value.items() if (inner := _scalar_type(each)) is not None}
        return pl.Struct(inside) if inside else None
    return None if value is None else pl.Int64() if isinstance(value, int) else pl.Float64()


def _schema(names: _Names) -> dict[str, pl.DataType]:
    return {key: pl.Struct(_schema(inner)) if isinstance(inner, dict) else inner for key, inner in names.items()}


def _flat(frame: pl.DataFrame, names: _Names) -> pl.DataFrame:
    """A column for each path whose value is no group of facts. Raises: PolarsError where two keys are one path."""

    def columns(frame: pl.DataFrame, names: _Names, prefix: str) -> Iterator[pl.Series]:
        for key, inner in names.items():
            if isinstance(inner, dict):
                yield from columns(frame[key].struct.unnest(), inner, f"{prefix}{key}.")
            else:
                yield frame[key].alias(f"{prefix}{key}")

    return pl.DataFrame(list(columns(frame, names, "")))
