"""The JSON Schema of a profile, generated from the fact declarations of the loaded packs.

It refuses what `facts.py` refuses for its structure: unknown facts, wrong types, values outside of lists, patterns and bounds. Of
what no schema can say it is silent: exact decimals, facts that rule one another out, a day that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from eligibility.datatypes import (
    PERIODS,
    BooleanType,
    ChoiceType,
    CodeType,
    CountryType,
    DateType,
    ListType,
    MoneyType,
    Number,
    NumberType,
    RecordType,
    TextType,
    Type,
)
from eligibility.facts import MAXIMUM_ITEMS
from eligibility.fitting import MAXIMUM_NUMBER, MAXIMUM_TEXT
from eligibility.rulebook import FactDeclaration, RuleBook
from eligibility.schemas.generator import DRAFT, Schema

_LONGEST_CODE: Final = 40


def profile_schema(book: RuleBook) -> Schema:
    """The schema of a profile for the facts of a rule book. Every fact may be null, or say where it comes from."""
    return _Writer(book).schema()


class _Writer:
    """Writes one schema; `definitions` gathers the types that several facts share."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.definitions: Schema = {}

    def schema(self) -> Schema:
        properties = {"$schema": {"type": "string", "description": "where this schema stands, for editors"}}
        properties |= self.group(self.book.facts.values(), "")
        return {
            "$schema": DRAFT,
            "title": "Profile",
            "description": "All facts of one case. A fact that is left out or null is unknown.",
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            "minProperties": 1,
            "$defs": dict(sorted(self.definitions.items())),
        }

    def group(self, facts: Iterable[FactDeclaration], prefix: str) -> dict[str, Schema]:
        """The properties of a group of facts, whose paths begin with the prefix."""
        below: dict[str, list[FactDeclaration]] = {}
        for fact in facts:
            below.setdefault(fact.path.removeprefix(prefix).partition(".")[0], []).append(fact)
        properties: dict[str, Schema] = {}
        for name, inside in below.items():
            path = f"{prefix}{name}"
            if inside[0].path == path:
                properties[name] = self.fact(inside[0])
            else:
                properties[name] = {
                    "type": ["object", "null"],
                    "properties": self.group(inside, f"{path}."),
                    "additionalProperties": False,
                }
        return properties

    def fact(self, fact: FactDeclaration) -> Schema:
        """A value, null, or either of them with where it comes from."""
        value = self.typed(fact, fact.type)
        if set(value) == {"$ref"}:
            name = value["$ref"].rpartition("/")[2]
            return {**self.words(fact), **self.defined(f"{name}_stated", self.stated(value))}
        return {**self.words(fact), **self.stated(self.defined(fact.path, value))}

    def stated(self, value: Schema) -> Schema:
        """A value that may be null, and may say where it comes from."""
        day = {"type": ["string", "null"], "format": "date", "description": "the day on which it was true"}
        origin = {
            "value": {"anyOf": [value, {"type": "null"}]},
            "as_of": self.defined("as_of", day),
            "source": self.defined("source", {"type": ["string", "null"], "description": "who or what says so"}),
        }
        wrapped = {"type": "object", "properties": origin, "required": ["value"], "additionalProperties": False}
        return {"anyOf": [value, {"type": "null"}, wrapped]}

    def words(self, fact: FactDeclaration) -> Schema:
        """What a person reads beside a fact."""
        description = [fact.question, *([fact.help] if fact.help else [])]
        if fact.unit:
            description.append(f"In {fact.unit}.")
        element = fact.type.element if isinstance(fact.type, ListType) else fact.type
        if isinstance(element, ChoiceType):
            description.append(_choices(fact.choices or self.book.vocabularies.get(element.name, {})))
        return {"title": fact.label, "description": " ".join(part for part in description if part)}

    def typed(self, fact: FactDeclaration, kind: Type) -> Schema:
        """The schema of a stated value."""
        match kind:
            case BooleanType():
                return self.defined("boolean", {"type": "boolean"})
            case NumberType() if kind.unit.currency:
                return {"anyOf": [self.number(fact), self.money(fact, kind.unit.currency, kind.unit.period)]}
            case NumberType():
                return self.number(fact)
            case MoneyType():
                money = self.money(fact, None, None)
                return money if fact.minimum is not None or fact.maximum is not None else self.defined("money", money)
            case DateType():
                return self.defined("date", {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
            case TextType():
                return self.defined("text", {"type": "string", "maxLength": MAXIMUM_TEXT})
            case ChoiceType(name=name, values=values):
                choice = {"enum": list(values)}
                return choice if name == fact.path else self.defined(name, choice)
            case CodeType(scheme=scheme, pattern=pattern):
                title = self.book.schemes.get(scheme, scheme)
                code = {"title": f"code of {title}", "type": "string", "pattern": f"^(?:{pattern})$", "maxLength": _LONGEST_CODE}
                return self.defined(scheme, code)
            case CountryType():
                return self.defined("country", {"title": "ISO 3166 country code", "enum": list(self.book.codes.countries)})
            case ListType(element=element):
                items = self.typed(fact, element)
                array = {"type": "array", "items": items, "maxItems": MAXIMUM_ITEMS}
                return self.defined(f"{items['$ref'].rpartition('/')[2]}_list", array) if set(items) == {"$ref"} else array
            case RecordType():
                return self.record(fact)

    def number(self, fact: FactDeclaration) -> Schema:
        kind = "integer" if fact.integer else "number"
        low = -MAXIMUM_NUMBER if fact.minimum is None else _plain(fact.minimum)
        high = MAXIMUM_NUMBER if fact.maximum is None else _plain(fact.maximum)
        bounds = "" if (fact.minimum, fact.maximum) == (None, None) else f"_{low}_to_{high}"
        return self.defined(f"{kind}{bounds}", {"type": kind, "minimum": low, "maximum": high})

    def money(self, fact: FactDeclaration, currency: str | None, period: str | None) -> Schema:
        """An amount with currency and period; of a fact with a fixed unit, with just these."""
        if currency is None:
            codes = {"title": "ISO 4217 currency code", "enum": list(self.book.codes.currencies)}
            named, periods = self.defined("currency", codes), Schema(enum=[*PERIODS, None])
        else:
            named, periods = Schema(const=currency), Schema(const=period)
        fixed = currency is not None and period is not None
        return {
            "type": "object",
            "properties": {"amount": self.number(fact), "currency": named, "period": periods},
            "required": ["amount", "currency", *(["period"] if fixed else [])],
            "additionalProperties": False,
        }

    def record(self, fact: FactDeclaration) -> Schema:
        fields = {
            name: {**self.words(field), "anyOf": [self.typed(field, field.type), {"type": "null"}]}
            for name, field in fact.fields.items()
        }
        return {"type": "object", "properties": fields, "additionalProperties": False}

    def defined(self, name: str, schema: Schema) -> Schema:
        """A reference to a shared definition."""
        self.definitions[name] = schema
        return {"$ref": f"#/$defs/{name}"}


def _choices(labels: Mapping[str, str]) -> str:
    told = [f"{value}: {label}" for value, label in labels.items() if label != value]
    return f"Choices: {'; '.join(told)}." if told else ""


def _plain(number: Number) -> int | float:
    """A bound as JSON shows it: bounds are plausibility limits of a few digits, which a float prints as they are written."""
    return number if isinstance(number, int) else float(number)
