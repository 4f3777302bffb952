"""Fact declarations, vocabularies, schemes and code lists: from the files to typed declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from eligibility.csv_source import read_csv
from eligibility.datatypes import (
    BARE,
    BooleanType,
    ChoiceType,
    CodeType,
    CountryType,
    DateType,
    ListType,
    MoneyType,
    NumberType,
    RecordType,
    TextType,
    Type,
    Unit,
    exact,
)
from eligibility.diagnostics import Collector, Span, did_you_mean
from eligibility.fitting import Codes
from eligibility.loader import Loaded, LoadedPack
from eligibility.model import Fact, FactField, FactFile
from eligibility.rulebook import FactDeclaration

UNIT_WORDS = ("count", "percent", "date", "boolean", "text", "country")


@dataclass(slots=True)
class Vocabularies:
    """Every named type: choices with their labels, schemes with their titles, and the code lists."""

    choices: dict[str, ChoiceType] = field(default_factory=dict)
    labels: dict[str, Mapping[str, str]] = field(default_factory=dict)
    schemes: dict[str, CodeType] = field(default_factory=dict)
    scheme_titles: dict[str, str] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)

    def named(self, text: str, span: Span | None, collector: Collector) -> Type | None:
        """The type a unit, vocabulary, scheme or type word names; None when it was reported."""
        words: dict[str, Type] = {"date": DateType(), "boolean": BooleanType(), "text": TextType(), "country": CountryType()}
        if text in words:
            return words[text]
        unit = Unit.parse(text)
        if unit is not None:
            if unit.currency and unit.currency not in self.codes.currencies:
                collector.add(
                    "E214",
                    f"unknown currency `{unit.currency}`",
                    span,
                    help=did_you_mean(unit.currency, self.codes.currencies, otherwise="write its ISO 4217 code"),
                )
                return None
            return NumberType(unit)
        if text in self.choices:
            return self.choices[text]
        if text in self.schemes:
            return self.schemes[text]
        known = [*UNIT_WORDS, *self.choices, *self.schemes, "years", "months", "weeks", "days", "hours/week", "hours", "EUR/year"]
        collector.add(
            "E214",
            f"unknown unit or type `{text}`",
            span,
            help=did_you_mean(
                text,
                known,
                otherwise="write a unit such as `EUR/year`, `years`, `percent`, `count`, or the name of a vocabulary or scheme",
            ),
        )
        return None


def read_vocabularies(packs: Iterable[LoadedPack], collector: Collector) -> Vocabularies:
    """The named types of all packs."""
    found = Vocabularies()
    for pack in packs:
        for file in pack.facts:
            _read_codes(file, found, collector)
            for name, vocabulary in file.model.vocabularies.items():
                if name in found.choices or name in found.schemes:
                    collector.add(
                        "E217",
                        f"`{name}` is declared twice",
                        file.positions.key("vocabularies", name),
                        help="use the one that is there, or choose another name",
                    )
                    continue
                found.choices[name] = ChoiceType(name, tuple(vocabulary.values), vocabulary.ordered)
                found.labels[name] = vocabulary.values
            for name, scheme in file.model.schemes.items():
                if name in found.schemes or name in found.choices:
                    collector.add(
                        "E217",
                        f"`{name}` is declared twice",
                        file.positions.key("schemes", name),
                        help="use the one that is there, or choose another name",
                    )
                    continue
                try:
                    re.compile(scheme.pattern)
                except re.error:
                    collector.add(
                        "E218",
                        "the pattern is not a regular expression",
                        file.positions.value("schemes", name, "pattern"),
                        help=r"write one such as '\d{4}'",
                    )
                    continue
                found.schemes[name] = CodeType(name, scheme.pattern)
                found.scheme_titles[name] = scheme.title
    return found


def _read_codes(file: Loaded[FactFile], found: Vocabularies, collector: Collector) -> None:
    for kind in ("countries", "currencies"):
        declared = getattr(file.model, kind)
        if declared is None:
            continue
        path = file.folder / declared.file
        csv = read_csv(path, _beside(file.file, declared.file), collector)
        if csv is None:
            continue
        if csv.header[:2] != ("code", "name") or (kind == "currencies" and "minor_units" not in csv.header):
            collector.add("E308", "a code list has the columns code and name, for currencies also minor_units", csv.header_span())
            continue
        if kind == "countries":
            found.codes = replace(found.codes, countries={row[0]: row[1] for row in csv.rows})
        else:
            column = csv.header.index("minor_units")
            digits = {row[0]: int(row[column]) for row in csv.rows if row[column].isdecimal()}
            found.codes = replace(found.codes, currencies=digits)


def _beside(file: str, name: str) -> str:
    folder = file.rpartition("/")[0]
    return f"{folder}/{name}" if folder else name


def read_facts(packs: Iterable[LoadedPack], vocabularies: Vocabularies, collector: Collector) -> dict[str, FactDeclaration]:
    """The facts of all packs by path; their guards (`applies_when`) are filled in by the checker."""
    found: dict[str, FactDeclaration] = {}
    for pack in packs:
        for file in pack.facts:
            for path, fact in file.model.facts.items():
                at = ("facts", path)
                if path in found:
                    collector.add(
                        "E217",
                        f"the fact `{path}` is declared twice",
                        file.positions.key(*at),
                        help=f"the other one is in pack {found[path].pack}",
                    )
                    continue
                declared = _declare(path, fact, file, at, pack.pack.model.pack, vocabularies, collector)
                if declared is not None:
                    found[path] = declared
    for pack in packs:
        for file in pack.facts:
            for path in file.model.facts:
                inside = [other for other in found if other.startswith(f"{path}.")]
                if inside:
                    collector.add(
                        "E213",
                        f"the fact `{path}` stands where `{inside[0]}` needs a group of facts",
                        file.positions.key("facts", path),
                        help="rename one of them",
                    )
    return found


def _declare(
    path: str,
    fact: Fact | FactField,
    file: Loaded[FactFile],
    at: tuple[str, ...],
    pack: str,
    vocabularies: Vocabularies,
    collector: Collector,
) -> FactDeclaration | None:
    fields: dict[str, FactDeclaration] = {}
    labels: Mapping[str, str] = {}
    kind: Type | None
    if isinstance(fact, Fact) and fact.type == "record":
        written = fact.fields or {}
        if not written or not fact.list:
            collector.add(
                "E218",
                "a record is a list of records with `fields`",
                file.positions.key(*at),
                help="write `list: true` and `fields:`",
            )
        for name, inner in written.items():
            declared = _declare(f"{path}.{name}", inner, file, (*at, "fields", name), pack, vocabularies, collector)
            if declared is not None:
                fields[name] = declared
        kind = RecordType(tuple((name, declared.type) for name, declared in fields.items()))
    else:
        if isinstance(fact, Fact) and fact.fields is not None:
            collector.add("E218", "only a record has `fields`", file.positions.key(*at, "fields"), help="write `type: record`")
        kind, labels = _scalar(path, fact, file, at, vocabularies, collector)
    if kind is None:
        return None
    for bound in ("min", "max"):
        if getattr(fact, bound) is not None and not isinstance(kind, NumberType | MoneyType):
            collector.add("E218", f"`{bound}` is for numbers", file.positions.key(*at, bound), help="leave it out")
    if isinstance(fact, Fact):
        if fact.applies_when is None and fact.otherwise is not None:
            collector.add(
                "E218", "`otherwise` needs `applies_when`", file.positions.key(*at, "otherwise"), help="say when the fact applies"
            )
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
        pack,
    )


def _scalar(
    path: str,
    fact: Fact | FactField,
    file: Loaded[FactFile],
    at: tuple[str, ...],
    vocabularies: Vocabularies,
    collector: Collector,
) -> tuple[Type | None, Mapping[str, str]]:
    allowed = {
        "money": ("unit",),
        "integer": ("unit",),
        "decimal": ("unit",),
        "choice": ("choices", "of"),
        "code": ("scheme",),
    }.get(fact.type, ())
    for key in ("unit", "choices", "of", "scheme"):
        if getattr(fact, key) is not None and key not in allowed:
            collector.add(
                "E218",
                f"`{key}` does not belong to a fact of type {fact.type}",
                file.positions.key(*at, key),
                help="leave it out, or change the type",
            )
    match fact.type:
        case "boolean":
            return BooleanType(), {}
        case "date":
            return DateType(), {}
        case "text":
            return TextType(), {}
        case "country":
            return CountryType(), {}
        case "integer" | "decimal":
            if fact.unit is None:
                return NumberType(BARE), {}
            kind = vocabularies.named(fact.unit, file.positions.value(*at, "unit"), collector)
            if kind is not None and not isinstance(kind, NumberType):
                collector.add("E214", f"`{fact.unit}` is not a unit of numbers", file.positions.value(*at, "unit"))
            return kind if isinstance(kind, NumberType) else None, {}
        case "money":
            if fact.unit is None:
                return MoneyType(), {}
            kind = vocabularies.named(fact.unit, file.positions.value(*at, "unit"), collector)
            if isinstance(kind, NumberType) and kind.unit.currency:
                return kind, {}
            if kind is not None:
                collector.add(
                    "E214",
                    f"`{fact.unit}` is not a unit of money",
                    file.positions.value(*at, "unit"),
                    help="write one such as `GBP/year`, or leave it out",
                )
            return None, {}
        case "choice":
            if (fact.choices is None) == (fact.of is None):
                collector.add(
                    "E218",
                    "a choice has either `choices` or `of`",
                    file.positions.key(*at),
                    help="list the values, or name a vocabulary",
                )
                return None, {}
            if fact.choices is not None:
                return ChoiceType(path, tuple(fact.choices)), fact.choices
            if fact.of not in vocabularies.choices:
                collector.add(
                    "E214",
                    f"unknown vocabulary `{fact.of}`",
                    file.positions.value(*at, "of"),
                    help=did_you_mean(fact.of or "", vocabularies.choices),
                )
                return None, {}
            return vocabularies.choices[fact.of], vocabularies.labels[fact.of]
        case "code":
            if fact.scheme not in vocabularies.schemes:
                collector.add(
                    "E214",
                    f"unknown scheme `{fact.scheme}`",
                    file.positions.value(*at, "scheme") if fact.scheme else file.positions.key(*at),
                    help=did_you_mean(fact.scheme or "", vocabularies.schemes, otherwise="declare it under `schemes`"),
                )
                return None, {}
            return vocabularies.schemes[fact.scheme], {}
    return None, {}
