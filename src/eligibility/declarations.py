"""Fact declarations: from the files to typed declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from eligibility.datatypes import (
    BARE,
    BooleanType,
    ChoiceType,
    CountryType,
    DateType,
    ListType,
    MoneyType,
    NumberType,
    RecordType,
    TextType,
    Type,
    exact,
)
from eligibility.diagnostics import Collector, did_you_mean
from eligibility.loader import Loaded, LoadedPack
from eligibility.model import Fact, FactField, FactFile
from eligibility.rulebook import FactDeclaration
from eligibility.vocabularies import Vocabularies

_SIMPLE: Final[Mapping[str, Type]] = {
    "boolean": BooleanType(),
    "date": DateType(),
    "text": TextType(),
    "country": CountryType(),
}
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "money": ("unit", "min", "max"),
    "integer": ("unit", "min", "max"),
    "decimal": ("unit", "min", "max"),
    "choice": ("choices", "of"),
    "code": ("scheme",),
    "record": ("fields",),
}


def read_facts(packs: Iterable[LoadedPack], vocabularies: Vocabularies, collector: Collector) -> dict[str, FactDeclaration]:
    """The facts of all packs by path; their guards (`applies_when`) are filled in by the checker."""
    found: dict[str, FactDeclaration] = {}
    written = [(pack.pack.model.pack, file, path) for pack in packs for file in pack.facts for path in file.model.facts]
    for pack, file, path in written:
        span = file.positions.key("facts", path)
        if path in found:
            help = f"the other one is in pack `{found[path].pack}`"
            collector.add("E217", f"the fact `{path}` is declared twice", span, help=help)
            continue
        if path.startswith("criteria."):
            collector.add("E213", "the name `criteria` has a meaning of its own", span, help="choose another group")
        declared = _Declarer(file, ("facts", path), pack, vocabularies, collector).fact(path, file.model.facts[path])
        if declared is not None:
            found[path] = declared
    for _, file, path in written:
        inside = [other for other in found if other.startswith(f"{path}.")]
        if inside:
            message = f"the fact `{path}` stands where `{inside[0]}` needs a group of facts"
            collector.add("E213", message, file.positions.key("facts", path), help="rename one of them")
    return found


class _Declarer:
    """Declares one fact, or one field of a record."""

    def __init__(
        self, file: Loaded[FactFile], at: tuple[str, ...], pack: str, vocabularies: Vocabularies, collector: Collector
    ) -> None:
        self.file = file
        self.at = at
        self.pack = pack
        self.vocabularies = vocabularies
        self.collector = collector

    def refuse(self, message: str, help: str, *below: str) -> None:
        """Report parts of the declaration that do not fit together."""
        self.collector.add("E218", message, self.file.positions.key(*self.at, *below), help=help)

    def unknown(self, message: str, help: str, key: str) -> None:
        """Report a type, unit or vocabulary that is not there."""
        self.collector.add("E214", message, self.file.positions.value(*self.at, key), help=help)

    def fact(self, path: str, fact: Fact | FactField) -> FactDeclaration | None:
        """The declaration; None when it was reported."""
        self.check_keys(fact)
        fields: dict[str, FactDeclaration] = {}
        labels: Mapping[str, str] = {}
        kind: Type | None
        if isinstance(fact, Fact) and fact.type == "record":
            fields = self.fields(path, fact)
            kind = RecordType(tuple((name, declared.type) for name, declared in fields.items()))
            if len(fields) < len(fact.fields or {}):
                kind = None
        else:
            kind, labels = self.scalar(path, fact)
        if kind is None:
            return None
        return FactDeclaration(
            path,
            ListType(kind) if fact.list else kind,
            fact.label,
            fact.question,
            fact.help,
            fact.changed_by if isinstance(fact, Fact) else "applicant",
            fact.personal if isinstance(fact, Fact) else False,
            fact.unit,
            fact.type == "integer",
            None if fact.min is None else exact(fact.min),
            None if fact.max is None else exact(fact.max),
            labels,
            fields,
            self.pack,
        )

    def check_keys(self, fact: Fact | FactField) -> None:
        """Report keys that do not belong to the type of the fact, and bounds and guards that do not fit."""
        allowed = _KEYS.get(fact.type, ())
        for key in ("unit", "choices", "of", "scheme", "fields", "min", "max"):
            if getattr(fact, key, None) is not None and key not in allowed:
                self.refuse(f"`{key}` does not belong to a fact of type {fact.type}", "leave it out, or change the type", key)
        if fact.min is not None and fact.max is not None and fact.min > fact.max:
            self.refuse(f"`min` is greater than `max`: no number lies from {fact.min} up to {fact.max}", "exchange them", "min")
        if isinstance(fact, Fact) and fact.applies_when is None and fact.otherwise is not None:
            self.refuse("`otherwise` needs `applies_when`", "say when the fact applies", "otherwise")

    def fields(self, path: str, fact: Fact) -> dict[str, FactDeclaration]:
        """The fields of a record."""
        if not fact.fields:
            self.refuse("a record has no fields", "write `fields:` with a label, type and question for each")
        if not fact.list:
            self.refuse("a record stands alone", "write `list: true`: records come in lists, of one record too")
        found: dict[str, FactDeclaration] = {}
        for name, field in (fact.fields or {}).items():
            inner = _Declarer(self.file, (*self.at, "fields", name), self.pack, self.vocabularies, self.collector)
            declared = inner.fact(f"{path}.{name}", field)
            if declared is not None:
                found[name] = declared
        return found

    def scalar(self, path: str, fact: Fact | FactField) -> tuple[Type | None, Mapping[str, str]]:
        """The type of a fact that is no record, and the labels of its choices."""
        if fact.type in _SIMPLE:
            return _SIMPLE[fact.type], {}
        if fact.type == "choice":
            return self.choice(path, fact)
        if fact.type == "code":
            return self.code(fact), {}
        return (self.money(fact) if fact.type == "money" else self.number(fact)), {}

    def number(self, fact: Fact | FactField) -> Type | None:
        """The type of a number."""
        if fact.unit is None:
            return NumberType(BARE)
        kind = self.vocabularies.named(fact.unit, self.file.positions.value(*self.at, "unit"), self.collector)
        if kind is not None and not isinstance(kind, NumberType):
            self.unknown(f"`{fact.unit}` is not a unit of numbers", "write one such as `years`, or leave it out", "unit")
        return kind if isinstance(kind, NumberType) else None

    def money(self, fact: Fact | FactField) -> Type | None:
        """The type of money: of any currency and period, or of a stated one."""
        if fact.unit is None:
            return MoneyType()
        kind = self.vocabularies.named(fact.unit, self.file.positions.value(*self.at, "unit"), self.collector)
        if isinstance(kind, NumberType) and kind.unit.currency:
            return kind
        if kind is not None:
            self.unknown(f"`{fact.unit}` is not a unit of money", "write one such as `GBP/year`, or leave it out", "unit")
        return None

    def choice(self, path: str, fact: Fact | FactField) -> tuple[Type | None, Mapping[str, str]]:
        """The type of a choice, and the labels of its values."""
        if (fact.choices is None) == (fact.of is None):
            self.refuse("a choice has either `choices` or `of`", "list the values, or name a vocabulary")
            return None, {}
        if fact.choices is not None:
            if not fact.choices:
                self.refuse("a choice has no values", "list them with a label for each", "choices")
            return ChoiceType(path, tuple(fact.choices)), fact.choices
        known = self.vocabularies.choices
        if fact.of not in known:
            if fact.of in self.vocabularies.broken:
                return None, {}
            help = did_you_mean(fact.of or "", known, otherwise="declare it under `vocabularies`")
            self.unknown(f"unknown vocabulary `{fact.of}`", help, "of")
            return None, {}
        return known[fact.of], self.vocabularies.labels[fact.of]

    def code(self, fact: Fact | FactField) -> Type | None:
        """The type of a code."""
        known = self.vocabularies.schemes
        if fact.scheme is None:
            self.refuse("a code has no `scheme`", "name the scheme its codes are from")
        elif fact.scheme not in known and fact.scheme not in self.vocabularies.broken:
            help = did_you_mean(fact.scheme, known, otherwise="declare it under `schemes`")
            self.unknown(f"unknown scheme `{fact.scheme}`", help, "scheme")
        return known.get(fact.scheme or "")
