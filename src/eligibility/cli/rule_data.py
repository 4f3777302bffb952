"""One rule as JSON data: everything its file says, read on a date. What `rules show` prints is made of this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from eligibility import model
from eligibility.datatypes import ChoiceType, CodeType, CountryType, NumberType, Type
from eligibility.formatting import as_json, show
from eligibility.rulebook import Citation, Condition, DatedList, DatedValue, Interval, Parameter, Rule, Table

if TYPE_CHECKING:
    from eligibility.engine import RuleSet

Data = dict[str, Any]
E = TypeVar("E", bound=model.Element)

_BRANCHES = {"all": "all", "any": "any", "none": "none", "at_least": "of", "points": "points"}


def rule_data(rules: RuleSet, rule_id: str, as_of: date) -> Data:
    """The data of a rule. `current`, `in_force` and `rows_in_force` are about the as-of date; the rest is the whole history.

    Raises: UsageError E600 for an unknown rule.
    """
    from eligibility.engine import refuse_unknown_rules

    refuse_unknown_rules([rule_id], rules.book.rules)
    return _Reader(rules, rules.book.rules[rule_id], as_of).data()


class _Reader:
    """Reads the checked rule for what it means and the file for its expressions."""

    def __init__(self, rules: RuleSet, rule: Rule, as_of: date) -> None:
        self.rules = rules
        self.book = rules.book
        self.rule = rule
        self.as_of = as_of
        self.sources: dict[str, model.Source] = {}
        self.body = self.written()

    def written(self) -> model.RuleBody:
        """The file of the rule, with what other packs put in place of its elements."""
        bodies: list[model.RuleBody] = [
            file.model for pack in self.rules.packs for file in (*pack.pathways, *pack.assessments) if file.file == self.rule.file
        ]
        body = bodies[0]
        self.sources.update(body.sources)
        changes: dict[str, dict[str, object]] = {}
        for pack in self.rules.packs:
            for file in pack.amendments:
                for name, element in file.model.overrides.items():
                    rule_id, section, key = name.rsplit(".", 2)
                    if rule_id == self.rule.id:
                        changes.setdefault(section, dict(getattr(body, section)))[key] = element
                        self.sources.update(file.model.sources)
        return body.model_copy(update=changes)

    def data(self) -> Data:
        rule = self.rule
        pack = next(pack for pack in self.book.packs if pack.name == rule.pack)
        return {
            "id": rule.id,
            "kind": rule.kind,
            "title": rule.title,
            "pack": {"name": pack.name, "version": pack.version, "title": pack.title},
            "jurisdiction": rule.jurisdiction,
            "authority": rule.authority,
            **_dates(rule.interval),
            "reviewed_until": _day(rule.reviewed_until),
            "as_of": _day(self.as_of),
            "in_force": rule.interval.holds(self.as_of),
            "applies_when": list(self.concerns()),
            "criteria": [self.condition(each, self.body.criteria[each.path], rule.interval) for each in rule.criteria],
            "parameters": [self.parameter(each) for each in rule.parameters.values()],
            "lists": [self.listed(each) for each in rule.lists.values()],
            "tables": [self.table(each) for each in rule.tables.values()],
            "derived": list(self.derived()),
            "classifications": list(self.classifications()),
            "assumptions": list(self.assumptions()),
            "notes": list(self.notes()),
            "about": list(self.about()),
            "shows": list(rule.shows),
            "sources": [self.source(key, each) for key, each in self.sources.items()],
        }

    def concerns(self) -> Iterator[Data]:
        for concern, written in zip(self.rule.concerns, self.body.applies_when, strict=True):
            yield {"when": written.when, "otherwise": concern.otherwise, "citation": _citation(concern.citation)}

    def condition(self, condition: Condition, written: model.Condition | model.PointsRow | str, within: Interval) -> Data:
        """A criterion or branch; absent parts are left out, and so are dates that are those of what it stands in."""
        node = written if isinstance(written, model.Condition) else None
        branches = getattr(node, _BRANCHES.get(condition.kind, "all"), None) or {}
        parts = list(branches.values() if isinstance(branches, dict) else branches)
        data = {
            "path": condition.path,
            "title": condition.title,
            "kind": condition.kind,
            "count": condition.count or None,
            "pass_mark": None if node is None else _plain(node.pass_mark),
            "award": _plain(written.award) if isinstance(written, model.PointsRow) else None,
            "most": _plain(written.most) if isinstance(written, model.PointsRow) else None,
            "met_when": condition.source_text,
            "judgement": condition.judgement,
            "applies_when": node.applies_when if node else None,
            "help": condition.help,
            "on_failure": condition.on_failure if condition.on_failure == "not_available" else None,
            **(_dates(condition.interval) if condition.interval != within else {}),
            "in_force": condition.interval.holds(self.as_of),
            "citation": _citation(condition.citation),
            "branches": [
                self.condition(each, part, condition.interval) for each, part in zip(condition.children, parts, strict=True)
            ],
            "exceptions": [
                self.condition(each, self.body.exceptions[each.path.removeprefix("exceptions.")], condition.interval)
                for each in condition.exceptions
            ],
        }
        return {key: value for key, value in data.items() if value not in (None, [])}

    def parameter(self, parameter: Parameter) -> Data:
        current = parameter.at(self.as_of)
        dated = sorted(
            (*parameter.values, *parameter.shown), key=lambda each: (each.interval.start or date.min, each.status != "in_force")
        )
        return {
            "name": parameter.name,
            "title": parameter.title,
            "unit": parameter.unit,
            "current": None if current is None else self.shown(current, parameter),
            "values": [self.dated_value(each, parameter, current=each is current) for each in dated],
        }

    def dated_value(self, each: DatedValue, parameter: Parameter, *, current: bool) -> Data:
        return {
            **_dates(each.interval),
            "value": as_json(each.value, parameter.type),
            "text": self.shown(each, parameter),
            "unknown_because": each.why,
            "status": each.status,
            "current": current,
            "citation": _citation(each.citation),
        }

    def shown(self, each: DatedValue, parameter: Parameter) -> str:
        return show(each.value, parameter.type, self.book, parameter.unit)

    def listed(self, each: DatedList) -> Data:
        now = each.at(self.as_of)
        return {
            "name": each.name,
            "title": each.title,
            "of": self.type_name(each.element),
            **_dates(each.interval),
            "unknown_from": _day(each.unknown_from),
            "unknown_because": each.unknown_because,
            "entries_in_force": None if now is None else len(now),
            "entries": [
                {
                    "value": entry.value,
                    "text": show(entry.value, each.element, self.book),
                    **(_dates(entry.interval) if entry.interval != each.interval else {}),
                    "in_force": now is not None and entry.value in now and entry.interval.holds(self.as_of),
                    **({"citation": _citation(entry.citation)} if entry.citation != each.citation else {}),
                }
                for entry in each.entries
            ],
            "citation": _citation(each.citation),
        }

    def table(self, each: Table) -> Data:
        rows = [row for versions in each.rows.values() for row in versions]
        now = sum(row.interval.holds(self.as_of) for row in rows) if each.interval.holds(self.as_of) else 0
        return {
            "name": each.name,
            "title": each.title,
            "file": self.body.tables[each.name].file,
            "key": {name: self.type_name(kind) for name, kind in each.key},
            "columns": self.body.tables[each.name].types,
            **_dates(each.interval),
            "rows": len(rows),
            "rows_in_force": now,
            "citation": _citation(each.citation),
        }

    def derived(self) -> Iterator[Data]:
        for name, written in self.body.derived.items():
            found = self.rule.derived[name]
            yield {
                "name": name,
                "title": found.title,
                "unit": found.unit,
                "value": written.value,
                "citation": _citation(found.citation),
            }

    def classifications(self) -> Iterator[Data]:
        for name, written in self.body.classifications.items():
            rows = [
                {"when": row.when, "then": _plain(row.then), **({"title": row.title} if row.title else {})}
                for row in written.rows
            ]
            yield {
                "name": name,
                "title": written.title,
                "gives": written.gives,
                "hit": written.hit,
                "rows": rows,
                "otherwise": _plain(written.otherwise),
                "citation": _citation(self.rule.derived[name].citation),
            }

    def assumptions(self) -> Iterator[Data]:
        for each in self.rule.assumptions:
            declared = self.book.facts[each.fact]
            value = show(each.value, declared.type, self.book, declared.unit)
            yield {"fact": each.fact, "value": value, "say": each.say, "citation": _citation(each.citation)}

    def notes(self) -> Iterator[Data]:
        for each, written in zip(self.rule.notes, self.body.notes, strict=True):
            yield {
                "kind": each.kind,
                "when": written.when,
                "say": each.say,
                **(_dates(each.interval) if each.interval != self.rule.interval else {}),
                "in_force": each.interval.holds(self.as_of),
                "citation": _citation(each.citation),
            }

    def about(self) -> Iterator[Data]:
        for each in self.rule.about:
            yield {
                "heading": each.heading,
                "say": each.say,
                **(_dates(each.interval) if each.interval != self.rule.interval else {}),
                "in_force": each.interval.holds(self.as_of),
                "citation": _citation(each.citation),
            }

    def source(self, key: str, each: model.Source) -> Data:
        grade = each.grade or self.body.grade
        return {"key": key, "title": each.title, "url": each.url, "read_on": _day(each.read_on), "grade": grade}

    def type_name(self, kind: Type) -> str:
        """What the entries of a list or the keys of a table are, in words."""
        match kind:
            case CodeType(scheme=scheme):
                return self.book.schemes.get(scheme, scheme)
            case ChoiceType(name=name):
                return name
            case CountryType():
                return "countries"
            case NumberType(unit=unit):
                return str(unit)
        return str(kind)


def _citation(citation: Citation | None) -> Data | None:
    if citation is None:
        return None
    return {
        "text": citation.text,
        "source": citation.source,
        "place": citation.place,
        "grade": citation.grade,
        "read_on": _day(citation.read_on),
        "review_by": _day(citation.review_by),
    }


def _dates(interval: Interval) -> Mapping[str, str | None]:
    return {"from": _day(interval.start), "until": _day(interval.until)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | str) else str(value)
