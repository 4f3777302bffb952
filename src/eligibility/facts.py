"""A profile: one JSON document checked against the fact declarations. What is absent or null stays unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, DecimalException
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from eligibility.datatypes import DateType, ListType, Money, MoneyType, Number, NumberType, RecordType, Type, Value
from eligibility.diagnostics import MAXIMUM_SHOWN, Collector, Diagnostic, ProfileError, did_you_mean
from eligibility.fitting import Codes, Misfit, fit, fit_money, found
from eligibility.rulebook import FactDeclaration, RuleBook

MAXIMUM_BYTES: Final = 1_000_000
MAXIMUM_DEPTH: Final = 20
MAXIMUM_ITEMS: Final = 500
MAXIMUM_DIGITS: Final = 100
LONGEST_PATH: Final = 120
IGNORED_KEYS: Final = ("$schema",)
_PROVENANCE: Final = frozenset({"as_of", "source"})


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from: the day it was true, and who or what says so."""

    as_of: date | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """All facts of one case.

    `facts` holds the known ones by path; `stated_unknown` those given as null; anything else was not asked.
    Made by `RuleSet.profile`.
    """

    facts: Mapping[str, Value]
    stated_unknown: frozenset[str] = frozenset()
    provenance: Mapping[str, Provenance] = field(default_factory=dict)

    def without(self, *paths: str) -> Profile:
        """The same profile with some facts not stated."""
        return Profile(
            {path: value for path, value in self.facts.items() if path not in paths},
            self.stated_unknown - set(paths),
            self.provenance,
        )

    def only(self, paths: frozenset[str]) -> Profile:
        """The same profile with none but some facts stated."""
        return Profile({path: value for path, value in self.facts.items() if path in paths}, frozenset(), self.provenance)


def read_document(source: str | bytes) -> object:
    """JSON text as plain data with exact numbers.

    Raises: ProfileError E400 for text that is not JSON, E403 beyond the limits of size and depth, E405 for repeated keys.
    """
    collector = Collector()
    document = _document(source, collector)
    if collector.found:
        raise ProfileError(collector.found)
    return document


class _Twice(dict[str, Any]):
    """An object in which some keys stand twice."""

    keys_twice: tuple[str, ...] = ()


def _document(source: str | bytes, collector: Collector) -> object:
    """As `read_document`, but a key that stands twice is only reported. Raises: ProfileError for text that cannot be read on."""

    def refuse(code: str, message: str, help: str) -> ProfileError:
        collector.add(code, message, path="profile", help=help)
        return ProfileError(collector.found)

    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > MAXIMUM_BYTES:
        raise refuse(
            "E403", f"the profile is larger than {MAXIMUM_BYTES:,} bytes", "a profile is one case; give several one by one"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse(
            "E400", f"the profile is not UTF-8: byte {data[error.start]:#04x} on line {line}", "save it as UTF-8"
        ) from None
    if _too_deep(text):
        raise refuse("E403", f"the profile is nested more than {MAXIMUM_DEPTH} deep", "facts stand at most a few levels deep")
    twice: list[_Twice] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        known = dict(items)
        if len(known) == len(items):
            return known
        seen, again = set[str](), dict[str, None]()
        for key, _ in items:
            if key in seen:
                again[key] = None
            seen.add(key)
        marked = _Twice(known)
        marked.keys_twice = tuple(again)
        twice.append(marked)
        return marked

    try:
        document: object = json.loads(
            text, parse_float=_decimal, parse_int=_integer, parse_constant=Decimal, object_pairs_hook=pairs
        )
    except json.JSONDecodeError as error:
        message = f"the profile is not JSON: line {error.lineno}, column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
        raise refuse("E400", message, _json_help(text)) from None
    for path, key in _keys_twice(document, "") if twice else ():
        collector.add("E405", f"the key `{_cut(key)}` stands twice in one object", path=_cut(path), help="remove one of them")
    return document


def _keys_twice(document: object, path: str) -> Iterator[tuple[str, str]]:
    """Path and name of every key that stands twice, in the order of the document."""
    if isinstance(document, _Twice):
        yield from ((f"{path}.{key}" if path else key, key) for key in document.keys_twice)
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _keys_twice(value, f"{path}.{key}" if path else key)
    elif isinstance(document, list):
        for position, value in enumerate(document):
            yield from _keys_twice(value, f"{path}[{position}]")


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= MAXIMUM_DIGITS else _decimal(text)


def _decimal(text: str) -> Decimal:
    """A number of JSON; one beyond all limits as infinite, so that it is refused where it stands."""
    try:
        return Decimal(text)
    except DecimalException:
        return Decimal("-Infinity" if text.startswith("-") else "Infinity")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PATH else f"{text[:LONGEST_PATH]}…"


def _json_help(text: str) -> str:
    start = text.strip()
    if not start:
        return "the file is empty; start from one in `examples/`"
    if start[0] != "{":
        return "a profile is one object in braces"
    return "check commas, quotes and braces there"


def _too_deep(text: str) -> bool:
    depth, quoted, escaped = 0, False, False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
            if depth > MAXIMUM_DEPTH:
                return True
        elif character in "}]":
            depth -= 1
    return False


def read_profile(source: Mapping[str, object] | str | bytes | Path, book: RuleBook) -> Profile:
    """The profile a document states: a mapping, JSON text, or the path of a JSON file.

    Raises: ProfileError with every problem, each with its path in the document.
    """
    collector = Collector()
    document: object = source
    if isinstance(source, Path):
        document = source = read_file(source)
    if isinstance(source, str | bytes):
        document = _document(source, collector)
    return _Reader(book, collector).read(document)


def read_file(path: Path) -> bytes:
    """The bytes of a file, cut where they are too many for a profile. Raises: ProfileError E409."""
    try:
        with path.open("rb") as file:
            return file.read(MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the name is not possible"
        message = f"the profile cannot be read: {reason[:1].lower()}{reason[1:]}"
        raise ProfileError([Diagnostic("E409", message, path=_cut(str(path)), help="check the name of the file")]) from None


@lru_cache(maxsize=8)
def _groups(paths: tuple[str, ...]) -> frozenset[str]:
    """The paths under which facts stand, without the facts themselves."""
    parts = (path.split(".") for path in paths)
    return frozenset(".".join(steps[:end]) for steps in parts for end in range(1, len(steps)))


class _Reader:
    def __init__(self, book: RuleBook, collector: Collector) -> None:
        self.book = book
        self.codes: Codes = book.codes
        self.groups = _groups(tuple(book.facts))
        self.collector = collector
        self.facts: dict[str, Value] = {}
        self.unknown: set[str] = set()
        self.provenance: dict[str, Provenance] = {}

    def add(self, code: str, message: str, path: str, help: str = "") -> None:
        self.collector.add(code, message, path=_cut(path), help=help)

    def read(self, document: object) -> Profile:
        if not isinstance(document, Mapping):
            help = 'write {"applicant": {...}, "offer": {...}}'
            self.add("E402", f"expected an object with groups of facts, found {found(document)}", "profile", help)
        else:
            self.group(document, "")
            if not self.collector.found and not self.facts and not self.unknown:
                self.add("E407", "the profile states no fact", "profile", "start from a profile in `examples/`")
        if self.collector.found:
            raise ProfileError(self.collector.found)
        return Profile(self.facts, frozenset(self.unknown), self.provenance)

    def group(self, document: Mapping[object, object], prefix: str) -> None:
        for key, value in document.items():
            if prefix == "" and key in IGNORED_KEYS:
                continue
            path = f"{prefix}{key}"
            if not isinstance(key, str) or "." in key:
                self.add("E401", f"unknown fact `{_cut(path)}`", path, self.regrouped(path))
            elif path in self.book.facts:
                self.fact(self.book.facts[path], value, path)
            elif path not in self.groups:
                self.add("E401", f"unknown fact `{_cut(path)}`", path, self.suggestion(path, prefix))
            elif isinstance(value, Mapping):
                self.group(value, f"{path}.")
            elif value is not None:
                help = "write the facts of this group in braces"
                self.add("E402", f"expected an object with facts, found {found(value)}", path, help)

    def regrouped(self, path: str) -> str:
        """How to write a fact whose path stands as one key."""
        if path not in self.book.facts:
            return "a key is one step of the path of a fact"
        first, *rest = (f'{{"{step}": ' for step in path.split("."))
        return f"write it in groups: {first}{''.join(rest)}...{'}' * (len(rest) + 1)}"

    def suggestion(self, path: str, prefix: str) -> str:
        if len(self.collector.found) >= MAXIMUM_SHOWN:
            return ""  # nobody will read it, and looking for it takes long
        siblings = {
            f"{prefix}{known.removeprefix(prefix).partition('.')[0]}" for known in self.book.facts if known.startswith(prefix)
        }
        near = did_you_mean(path.removeprefix(prefix), sorted(name.removeprefix(prefix) for name in siblings))
        near = near.replace("`", f"`{prefix}", 1)
        if not near:
            ending = f".{path.rpartition('.')[2]}"
            near = next((f"did you mean `{known}`?" for known in self.book.facts if known.endswith(ending)), "")
        return near or did_you_mean(path, self.book.facts, otherwise="`eligibility schema profile` lists the facts")

    def fact(self, declared: FactDeclaration, value: object, path: str) -> None:
        if isinstance(value, Mapping) and value and ("value" in value or value.keys() <= _PROVENANCE):
            value = self.provided(value, declared, path)
        if value is None:
            self.unknown.add(path)
            return
        read = self.value(value, declared, declared.type, path)
        if read is not None:
            self.facts[path] = read

    def provided(self, wrapped: Mapping[object, object], declared: FactDeclaration, path: str) -> object:
        """The value of a fact that says where it comes from."""
        known = ("value", *sorted(_PROVENANCE))
        for key in wrapped:
            if key not in known:
                message = f"a fact with its origin has the keys value, as_of and source, found `{_cut(str(key))}`"
                self.add("E408", message, f"{path}.{key}", did_you_mean(str(key), known))
        if "value" not in wrapped:
            self.add("E408", f"the origin of the {declared.label} is stated, but not its value", path, "write `value` beside it")
        as_of, source = wrapped.get("as_of"), wrapped.get("source")
        day: date | None = None
        if as_of is not None:
            try:
                read = fit(as_of, DateType(), self.codes)
                day = read if isinstance(read, date) else None
            except Misfit as misfit:
                self.add("E408", misfit.message, f"{path}.as_of", misfit.help)
        if source is not None and not isinstance(source, str):
            self.add("E408", f"expected text, found {found(source)}", f"{path}.source", "say in words where the fact comes from")
            source = None
        self.provenance[path] = Provenance(day, source)
        return wrapped.get("value")

    def value(self, raw: object, declared: FactDeclaration, kind: Type, path: str) -> Value | None:
        if isinstance(kind, ListType):
            return self.listed(raw, declared, kind, path)
        if isinstance(kind, RecordType):
            return self.record(raw, declared, path)
        try:
            return fit_fact(raw, declared, kind, self.codes)
        except Misfit as misfit:
            message = f"expected {misfit.expected} for the {declared.label}, found {misfit.found}"
            self.add("E402", message, path, misfit.help or declared.help or "")
            return None

    def listed(self, raw: object, declared: FactDeclaration, kind: ListType, path: str) -> Value | None:
        if not isinstance(raw, list | tuple):
            help = "write the items in square brackets; an empty list says that there is none"
            self.add("E402", f"expected a list for the {declared.label}, found {found(raw)}", path, help)
            return None
        if len(raw) > MAXIMUM_ITEMS:
            self.add("E406", f"the list has more than {MAXIMUM_ITEMS} items", path, "a profile is one case")
            return None
        items = (self.value(each, declared, kind.element, f"{path}[{position}]") for position, each in enumerate(raw))
        return tuple(item for item in items if item is not None)

    def record(self, raw: object, declared: FactDeclaration, path: str) -> Value | None:
        keys = f"its keys are {', '.join(declared.fields)}"
        if not isinstance(raw, Mapping):
            self.add("E402", f"expected an object for the {declared.label}, found {found(raw)}", path, keys)
            return None
        fields: dict[str, Value] = {}
        for key, each in raw.items():
            inner = declared.fields.get(key) if isinstance(key, str) else None
            if inner is None:
                message = f"unknown key `{_cut(str(key))}` for the {declared.label}"
                self.add("E401", message, f"{path}.{key}", did_you_mean(str(key), declared.fields, otherwise=keys))
            elif each is not None:
                value = self.value(each, inner, inner.type, f"{path}.{key}")
                if value is not None:
                    fields[key] = value
        return fields


def fit_fact(raw: object, declared: FactDeclaration, kind: Type, codes: Codes) -> Value:
    """The value a scalar means for a fact, or for an item of one: of its type `kind`, within its bounds. Raises: Misfit."""
    percent = declared.unit == "percent"
    if isinstance(kind, MoneyType):
        value: Value = fit_money(raw, codes)
    elif isinstance(kind, NumberType) and kind.unit.currency and isinstance(raw, Mapping):
        value = _fit_stated_unit(raw, kind, codes)
    else:
        value = fit(raw, kind, codes, percent=percent)
    if declared.integer and not isinstance(value, int):
        raise Misfit("a whole number", found(raw))
    number = value.amount if isinstance(value, Money) else value
    if isinstance(number, int | Fraction):
        _check_plausible(number * 100 if percent else number, declared)
    return value


def _fit_stated_unit(raw: Mapping[Any, Any], kind: NumberType, codes: Codes) -> Value:
    """The amount of money that is written out for a fact with a fixed currency and period. Raises: Misfit."""
    money = fit_money(raw, codes)
    if (money.currency, money.period) != (kind.unit.currency, kind.unit.period):
        given = money.currency + (f"/{money.period}" if money.period else "")
        raise Misfit(f"money in {kind.unit}", f"money in {given}", f"state the amount in {kind.unit}")
    return money.amount


def _check_plausible(number: Number, declared: FactDeclaration) -> None:
    """Refuse a number outside the bounds of its declaration. Raises: Misfit."""
    low, high = declared.minimum, declared.maximum
    if (low is None or number >= low) and (high is None or number <= high):
        return
    bounds = [*([] if low is None else [f"from {_plain(low)}"]), *([] if high is None else [f"up to {_plain(high)}"])]
    raise Misfit(f"a number {' '.join(bounds)}", f"the number `{_plain(number)}`", "check the figure and its unit")


def _plain(number: Number) -> str:
    """A number of few decimals in digits."""
    return f"{Decimal(number.numerator) / number.denominator:f}"
