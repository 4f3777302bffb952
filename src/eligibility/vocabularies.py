"""The named types of all packs: vocabularies, coding schemes, and the code lists of countries and currencies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from eligibility.csv_source import CsvFile
from eligibility.datatypes import BooleanType, ChoiceType, CodeType, CountryType, DateType, NumberType, TextType, Type, Unit
from eligibility.diagnostics import Collector, Span, did_you_mean
from eligibility.fitting import Codes
from eligibility.loader import Loaded, LoadedPack
from eligibility.model import FactFile, Scheme
from eligibility.table_checker import beside

_WORDS: Final[Mapping[str, Type]] = {
    "date": DateType(),
    "boolean": BooleanType(),
    "text": TextType(),
    "country": CountryType(),
}
_UNITS: Final = ("count", "percent", "years", "months", "weeks", "days", "hours", "hours/week", "weeks/year")
_CODE_LISTS: Final = {"countries": ("code", "name"), "currencies": ("code", "name", "minor_units")}
_CODES: Final = {"countries": re.compile("[A-Z]{2}"), "currencies": re.compile("[A-Z]{3}")}
_ANYTHING: Final = re.compile("(?s).+")
_DIGIT: Final = re.compile("[0-9]")


@dataclass(slots=True)
class Vocabularies:
    """Every named type: choices with their labels, schemes with their titles, and the code lists.

    `broken` has the names whose declarations have errors that were reported, `countries` and `currencies` among them.
    """

    choices: dict[str, ChoiceType] = field(default_factory=dict)
    labels: dict[str, Mapping[str, str]] = field(default_factory=dict)
    schemes: dict[str, CodeType] = field(default_factory=dict)
    scheme_titles: dict[str, str] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)
    broken: set[str] = field(default_factory=set)

    def named(self, text: str, span: Span | None, collector: Collector) -> Type | None:
        """The type a unit, vocabulary, scheme or type word names; None when it was reported."""
        if text in _WORDS:
            return _WORDS[text]
        unit = Unit.parse(text)
        if unit is not None:
            if unit.currency and unit.currency not in self.codes.currencies:
                if "currencies" in self.broken:
                    return None
                help = did_you_mean(unit.currency, self.codes.currencies, otherwise="write its ISO 4217 code")
                collector.add("E214", f"unknown currency `{unit.currency}`", span, help=help)
                return None
            return NumberType(unit)
        if text in self.choices or text in self.schemes:
            return self.choices.get(text) or self.schemes[text]
        if text in self.broken:
            return None
        known = [*_WORDS, *_UNITS, *self.choices, *self.schemes]
        otherwise = "write a unit such as `EUR/year`, `years`, `percent` or `count`, or the name of a vocabulary or scheme"
        collector.add("E214", f"unknown unit or type `{text}`", span, help=did_you_mean(text, known, otherwise=otherwise))
        return None


def read_vocabularies(packs: Iterable[LoadedPack], collector: Collector) -> Vocabularies:
    """The named types of all packs."""
    found = Vocabularies()
    for file in (file for pack in packs for file in pack.facts):
        found.broken.update(str(path[-1]) for path in file.broken if path[0] != "facts")
        _read_code_lists(file, found, collector)
        for name, vocabulary in file.model.vocabularies.items():
            if _is_free(name, found, file.positions.key("vocabularies", name), collector):
                found.choices[name] = ChoiceType(name, tuple(vocabulary.values), vocabulary.ordered)
                found.labels[name] = vocabulary.values
        for name, scheme in file.model.schemes.items():
            free = _is_free(name, found, file.positions.key("schemes", name), collector)
            if free and not _has_pattern(scheme, file.positions.value("schemes", name, "pattern"), collector):
                found.broken.add(name)
            elif free:
                found.schemes[name] = CodeType(name, scheme.pattern)
                found.scheme_titles[name] = scheme.title
    return found


def _is_free(name: str, found: Vocabularies, span: Span, collector: Collector) -> bool:
    if name in found.choices or name in found.schemes:
        help = "use the one that is there, or choose another name"
        collector.add("E217", f"`{name}` is declared twice", span, help=help)
        return False
    if name in _WORDS or Unit.parse(name) is not None:
        collector.add("E213", f"the name `{name}` has a meaning of its own", span, help="choose another name")
        return False
    return True


def _has_pattern(scheme: Scheme, span: Span, collector: Collector) -> bool:
    try:
        re.compile(scheme.pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        help = r"write one such as '\d{4}'"
        collector.add("E218", "the pattern is not a regular expression", span, help=help)
        return False
    return True


def _read_code_lists(file: Loaded[FactFile], found: Vocabularies, collector: Collector) -> None:
    for kind, wanted in _CODE_LISTS.items():
        declared = file.model.countries if kind == "countries" else file.model.currencies
        if declared is None:
            continue
        span = file.positions.value(kind, "file")
        if found.codes.countries if kind == "countries" else found.codes.currencies:
            collector.add("E217", f"the {kind} are declared twice", span, help="use the list that is there")
            continue
        csv = beside(file, declared.file, span, collector)
        if csv is None:
            found.broken.add(kind)
            continue
        missing = [column for column in wanted if column not in csv.header]
        for column in missing:
            help = did_you_mean(column, csv.header, otherwise=f"it needs the columns {', '.join(wanted)}")
            collector.add("E308", f"the table has no column `{column}`", csv.header_span(), help=help)
        if missing:
            found.broken.add(kind)
            continue
        if kind == "countries":
            found.codes = replace(found.codes, countries=dict(_codes(csv, kind, "name", _ANYTHING, collector)))
        else:
            digits = {code: int(digits) for code, digits in _codes(csv, kind, "minor_units", _DIGIT, collector)}
            found.codes = replace(found.codes, currencies=digits)


def _codes(csv: CsvFile, kind: str, column: str, shape: re.Pattern[str], collector: Collector) -> Iterator[tuple[str, str]]:
    """Each code with what stands in a column beside it."""
    seen: set[str] = set()
    first, second = csv.header.index("code"), csv.header.index(column)
    for number, row in enumerate(csv.rows):
        code, value = row[first], row[second]
        if not _CODES[kind].fullmatch(code):
            letters = "two" if kind == "countries" else "three"
            message = f"expected a code of {letters} capital letters, found `{code}`"
            collector.add("E308", message, csv.span(number, first), help="write it as ISO does")
        elif not shape.fullmatch(value):
            help = "write how many digits its amounts have after the point" if shape is _DIGIT else "write it"
            collector.add("E308", f"`{code}` has no `{column}`", csv.span(number, second), help=help)
        elif code in seen:
            collector.add("E309", f"the code `{code}` stands twice in the table", csv.span(number, first), help="remove one row")
        else:
            seen.add(code)
            yield code, value
