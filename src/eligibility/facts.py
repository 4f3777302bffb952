"""A profile: one JSON document checked against the fact declarations. What is absent or null stays unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

from eligibility.datatypes import ListType, Money, MoneyType, NumberType, RecordType, Type, Value
from eligibility.diagnostics import Collector, ProfileError, did_you_mean
from eligibility.fitting import Misfit, fit, fit_money, found
from eligibility.rulebook import FactDeclaration, RuleBook

MAXIMUM_BYTES: Final = 1_000_000
MAXIMUM_DEPTH: Final = 20
MAXIMUM_ITEMS: Final = 500
IGNORED_KEYS: Final = ("$schema",)
_PROVENANCE: Final = ("as_of", "source")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from: the day it was true, and who or what says so."""

    as_of: date | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """All facts of one case.

    `facts` holds the known ones by path; `stated_unknown` those given as null; anything else was not asked. Made by `RuleSet.profile`.
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

    Raises: ProfileError E400 for text that is not JSON, E403 beyond the limits of size and depth, E405 for a key that stands twice.
    """
    collector = Collector()
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > MAXIMUM_BYTES:
        collector.add(
            "E403",
            f"the profile is larger than {MAXIMUM_BYTES:,} bytes",
            path="profile",
            help="a profile is one case; give several one by one",
        )
        raise ProfileError(collector.found)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        collector.add("E400", f"the profile is not UTF-8 (byte {error.start})", path="profile", help="save it as UTF-8")
        raise ProfileError(collector.found) from None
    if _too_deep(text):
        collector.add(
            "E403",
            f"the profile is nested more than {MAXIMUM_DEPTH} deep",
            path="profile",
            help="facts stand at most a few levels deep",
        )
        raise ProfileError(collector.found)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for key, value in items:
            if key in known:
                collector.add(
                    "E405", f"the key `{key[:60]}` stands twice in one object", path=key[:60], help="remove one of them"
                )
            known[key] = value
        return known

    try:
        document = json.loads(text, parse_float=Decimal, parse_int=_integer, parse_constant=_constant, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        collector.add(
            "E400",
            f"the profile is not JSON: line {error.lineno}, column {error.colno}: {error.msg.lower()}",
            path="profile",
            help=_json_help(text),
        )
        raise ProfileError(collector.found) from None
    except (ValueError, RecursionError):
        collector.add(
            "E400",
            "the profile is not JSON: it holds NaN, Infinity or a number of too many digits",
            path="profile",
            help="leave out what is unknown, or write null",
        )
        raise ProfileError(collector.found) from None
    if collector.found:
        raise ProfileError(collector.found)
    return cast(object, document)


def _integer(text: str) -> int:
    if len(text) > 40:
        raise ValueError
    return int(text)


def _constant(text: str) -> object:
    raise ValueError(text)


def _json_help(text: str) -> str:
    if not text.strip():
        return "the file is empty; start from one in `examples/`"
    if text.lstrip()[0] not in "{":
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
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                source = file.read(MAXIMUM_BYTES + 1)
        except OSError as error:
            collector = Collector()
            collector.add(
                "E409",
                f"the profile cannot be read: {(error.strerror or 'unknown reason').lower()}",
                path=str(source),
                help="check the name of the file",
            )
            raise ProfileError(collector.found) from None
    document = read_document(source) if isinstance(source, str | bytes) else source
    return _Reader(book).read(document)


class _Reader:
    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.collector = Collector()
        self.facts: dict[str, Value] = {}
        self.unknown: set[str] = set()
        self.provenance: dict[str, Provenance] = {}

    def read(self, document: object) -> Profile:
        if not isinstance(document, Mapping):
            self.collector.add(
                "E402",
                f"expected an object with groups of facts, found {found(document)}",
                path="profile",
                help='write {"applicant": {...}, "offer": {...}}',
            )
        else:
            self.group(document, "")
            if not self.collector.found and not self.facts and not self.unknown:
                self.collector.add(
                    "E407", "the profile states no fact", path="profile", help="start from a profile in `examples/`"
                )
        if self.collector.found:
            raise ProfileError(self.collector.found)
        return Profile(self.facts, frozenset(self.unknown), self.provenance)

    def group(self, document: Mapping[object, object], prefix: str) -> None:
        for key, value in document.items():
            if prefix == "" and key in IGNORED_KEYS:
                continue
            path = f"{prefix}{key}"
            declared = self.book.facts.get(path)
            if declared is not None:
                self.fact(declared, value, path)
            elif any(known.startswith(f"{path}.") for known in self.book.facts):
                if isinstance(value, Mapping):
                    self.group(value, f"{path}.")
                elif value is not None:
                    self.collector.add(
                        "E402",
                        f"expected an object with facts, found {found(value)}",
                        path=path,
                        help="write the facts of this group in braces",
                    )
            else:
                self.collector.add("E401", f"unknown fact `{path[:120]}`", path=path[:120], help=self.suggestion(path, prefix))

    def suggestion(self, path: str, prefix: str) -> str:
        siblings = {
            f"{prefix}{known.removeprefix(prefix).partition('.')[0]}" for known in self.book.facts if known.startswith(prefix)
        }
        near = did_you_mean(path, sorted(siblings)) or did_you_mean(path, self.book.facts)
        by_ending = [known for known in self.book.facts if known.endswith(f".{path.rpartition('.')[2]}")]
        if not near and by_ending:
            near = f"did you mean `{by_ending[0]}`?"
        return near or "`eligibility schema profile` lists the facts"

    def fact(self, declared: FactDeclaration, value: object, path: str) -> None:
        if isinstance(value, Mapping) and "value" in value and not isinstance(declared.type, RecordType):
            value = self.provided(value, path)
        if value is None:
            self.unknown.add(path)
            return
        read = self.value(value, declared, declared.type, path)
        if read is not None:
            self.facts[path] = read

    def provided(self, wrapped: Mapping[object, object], path: str) -> object:
        """The value of a fact that says where it comes from."""
        for key in wrapped:
            if key not in ("value", *_PROVENANCE):
                self.collector.add(
                    "E408",
                    f"a fact with its origin has the keys value, as_of and source, found `{key}`",
                    path=f"{path}.{key}",
                    help=did_you_mean(str(key), ("value", *_PROVENANCE)),
                )
        as_of, source = wrapped.get("as_of"), wrapped.get("source")
        day: date | None = None
        if isinstance(as_of, date):
            day = as_of
        elif as_of is not None:
            try:
                day = date.fromisoformat(as_of) if isinstance(as_of, str) and len(as_of) == 10 else None
            except ValueError:
                day = None
            if day is None:
                self.collector.add(
                    "E408", f"expected a date, found {found(as_of)}", path=f"{path}.as_of", help="write a date as YYYY-MM-DD"
                )
        if source is not None and not isinstance(source, str):
            self.collector.add(
                "E408",
                f"expected text, found {found(source)}",
                path=f"{path}.source",
                help="say in words where the fact comes from",
            )
            source = None
        self.provenance[path] = Provenance(day, source)
        return wrapped["value"]

    def value(self, raw: object, declared: FactDeclaration, kind: Type, path: str) -> Value | None:
        if isinstance(kind, ListType):
            return self.listed(raw, declared, kind, path)
        if isinstance(kind, RecordType):
            return self.record(raw, declared, path)
        if isinstance(raw, float):
            raw = Decimal(repr(raw))
        try:
            value = self.scalar(raw, declared, kind)
        except Misfit as misfit:
            help = misfit.help or (f"{declared.help}" if declared.help else "")
            self.collector.add("E402", f"{misfit.message} for the {declared.label}", path=path, help=help)
            return None
        number = value.amount if isinstance(value, Money) else value
        if isinstance(number, int | Fraction):
            low, high = declared.minimum, declared.maximum
            amount = number * 100 if declared.unit == "percent" else number
            if (low is not None and amount < low) or (high is not None and amount > high):
                bounds = f"between {low} and {high}" if high is not None else f"of at least {0 if low is None else low}"
                self.collector.add(
                    "E402",
                    f"expected a number {bounds} for the {declared.label}, found {found(raw) if not isinstance(raw, Mapping) else found(raw['amount'])}",
                    path=path,
                    help="check the figure and its unit",
                )
                return None
        return value

    def scalar(self, raw: object, declared: FactDeclaration, kind: Type) -> Value:
        if isinstance(kind, MoneyType):
            return fit_money(raw, self.book.codes)
        if isinstance(kind, NumberType) and kind.unit.currency and isinstance(raw, Mapping):
            money = fit_money(raw, self.book.codes)
            if (money.currency, money.period) != (kind.unit.currency, kind.unit.period):
                given = money.currency + (f"/{money.period}" if money.period else "")
                raise Misfit(f"money in {kind.unit}", f"money in {given}", f"state the amount in {kind.unit}")
            return money.amount
        value = fit(raw, kind, self.book.codes, percent=declared.unit == "percent")
        if declared.integer and not isinstance(value, int):
            raise Misfit("a whole number", found(raw))
        return value

    def listed(self, raw: object, declared: FactDeclaration, kind: ListType, path: str) -> Value | None:
        if not isinstance(raw, list | tuple):
            self.collector.add(
                "E402",
                f"expected a list for the {declared.label}, found {found(raw)}",
                path=path,
                help="write the items in square brackets; an empty list says that there is none",
            )
            return None
        if len(raw) > MAXIMUM_ITEMS:
            self.collector.add("E406", f"the list has more than {MAXIMUM_ITEMS} items", path=path, help="a profile is one case")
            return None
        items: list[Value] = []
        for position, each in enumerate(raw):
            value = self.value(each, declared, kind.element, f"{path}[{position}]")
            if value is not None:
                items.append(value)
        return tuple(items)

    def record(self, raw: object, declared: FactDeclaration, path: str) -> Value | None:
        if not isinstance(raw, Mapping):
            self.collector.add(
                "E402",
                f"expected an object for the {declared.label}, found {found(raw)}",
                path=path,
                help=f"its keys are {', '.join(declared.fields)}",
            )
            return None
        fields: dict[str, Value] = {}
        for key, each in raw.items():
            inner = declared.fields.get(str(key))
            if inner is None:
                self.collector.add(
                    "E401",
                    f"unknown key `{key}` for the {declared.label}",
                    path=f"{path}.{key}",
                    help=did_you_mean(str(key), declared.fields, otherwise=f"its keys are {', '.join(declared.fields)}"),
                )
            elif each is not None:
                value = self.value(each, inner, inner.type, f"{path}.{key}")
                if value is not None:
                    fields[str(key)] = value
        return fields
