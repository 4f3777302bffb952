"""The page of a rule, for people: the data of `rule_data` under headings."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import click

Data = Mapping[str, Any]

_STEP: Final = 2
_NARROWEST: Final = 40
_KINDS: Final = {
    "all": "all of",
    "any": "any of",
    "none": "none of",
    "at_least": "at least {count} of",
    "points": "points that reach {pass_mark}",
}


def rule_page(data: Data, *, width: int | None = None, colour: bool = False) -> str:
    """The page of a rule. With a width, lines are wrapped to it; without, nothing is wrapped or cut."""
    return "\n".join(_Page(width, colour=colour).lines(data))


class _Page:
    def __init__(self, width: int | None, *, colour: bool) -> None:
        self.width = width
        self.colour = colour

    # lines

    def line(self, text: str, depth: int = 0, *, before: str = "") -> Iterator[str]:
        """A line at a depth; where it is wrapped, what follows stands one step deeper. Marks such as `- ` stand before it."""
        indent = " " * (depth * _STEP)
        first = indent[: len(indent) - len(before)] + before if before else indent
        if self.width is None:
            yield first + text
            return
        rest = indent + " " * 2
        yield from textwrap.wrap(
            text,
            max(self.width, len(rest) + _NARROWEST),
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def strong(self, text: str) -> str:
        return click.style(text, bold=True) if self.colour else text

    def heading(self, text: str) -> Iterator[str]:
        yield ""
        yield self.strong(text.upper())

    def section(self, title: str, items: list[Data], show: Callable[[Data], Iterator[str]]) -> Iterator[str]:
        if items:
            yield from self.heading(title)
            for item in items:
                yield from show(item)

    # the page

    def lines(self, data: Data) -> Iterator[str]:
        yield self.strong(f"{data['id']}: {data['title']}")
        authority = f", {data['authority']}" if data["authority"] else ""
        yield from self.line(f"{data['kind'].capitalize()} ({data['jurisdiction']}){authority}")
        reviewed = f"; reviewed until {data['reviewed_until']}" if data["reviewed_until"] else ""
        yield from self.line(f"In force{_period(data)}{reviewed}; pack {data['pack']['name']} {data['pack']['version']}")
        state = "" if data["in_force"] else ": not in force"
        yield from self.line(f"As of {data['as_of']}{state}; `>` marks the figure that holds on that day")
        yield from self.line("Grades of citations: A official text seen, B well known, C uncertain")
        yield from self.section("Whom it concerns", data["applies_when"], self.concern)
        yield from self.section("Criteria (all of them must be met)", data["criteria"], lambda each: self.condition(each, 1))
        yield from self.section("Figures", data["parameters"], self.parameter)
        yield from self.section("Lists", data["lists"], self.listed)
        yield from self.section("Tables", data["tables"], self.table)
        yield from self.section("Derived values", data["derived"], self.derived)
        yield from self.section("Classifications", data["classifications"], self.classification)
        yield from self.section("Assumptions", data["assumptions"], self.assumption)
        yield from self.section("Notes", data["notes"], self.note)
        yield from self.section("About", data["about"], self.about)
        yield from self.section("Sources", data["sources"], self.source)

    def concern(self, each: Data) -> Iterator[str]:
        yield from self.line(each["when"], 1)
        yield from self.line(f"otherwise: {each['otherwise']}{_cited(each)}", 2)

    def condition(self, each: Data, depth: int) -> Iterator[str]:
        name = each["path"].rpartition(".")[2]
        title = each.get("title")
        named = not name.isdecimal()
        aside = "".join(
            [
                " (not in force)" if not each["in_force"] else "",
                f" ({_period(each).strip()})" if "from" in each else "",
                " (if it fails, the pathway is not available)" if "on_failure" in each else "",
            ]
        )
        if title or named:
            said = f"{self.strong(name)}: {title}" if named and title else title or self.strong(name)
            yield from self.line(f"{said}{aside}{_cited(each)}", depth)
            depth += 1
        if "applies_when" in each:
            yield from self.line(f"where {each['applies_when']}", depth)
        if "award" in each:
            most = f" (at most {each['most']})" if "most" in each else ""
            yield from self.line(f"points: {each['award']}{most}", depth)
        if "met_when" in each:
            yield from self.line(each["met_when"], depth, before="" if title or named else "- ")
        if "judgement" in each:
            yield from self.line(f"for a human to judge: {each['judgement']}", depth)
        if "help" in each:
            yield from self.line(f"help: {each['help']}", depth)
        if each["kind"] in _KINDS:
            yield from self.line(_KINDS[each["kind"]].format_map(each), depth)
            for branch in each.get("branches", []):
                yield from self.condition(branch, depth + 1)
        for exception in each.get("exceptions", []):
            yield from self.line("or, as an exception", depth)
            yield from self.condition(exception, depth + 1)

    def parameter(self, each: Data) -> Iterator[str]:
        yield from self.line(f"{self.strong(each['name'])}: {each['title']} ({each['unit']})", 1)
        for value in each["values"]:
            until = f" until {value['until']}" if value["until"] else ""
            text = f"unknown: {value['unknown_because']}" if value["unknown_because"] else value["text"]
            status = {"announced": "; announced, not applied", "struck_down": "; struck down, not applied"}.get(
                value["status"], ""
            )
            said = f"from {value['from']}{until}: {text}{status}{_cited(value)}"
            yield from self.line(said, 3, before="> " if value["current"] else "  ")

    def listed(self, each: Data) -> Iterator[str]:
        count = "unknown" if each["entries_in_force"] is None else f"{each['entries_in_force']} in force"
        head = (
            f"{self.strong(each['name'])}: {each['title']} ({each['of']}; {len(each['entries'])} entries, {count}{_period(each)})"
        )
        yield from self.line(f"{head}{_cited(each)}", 1)
        if each["unknown_from"]:
            yield from self.line(f"from {each['unknown_from']} unknown: {each['unknown_because']}", 2)
        yield from self.line(", ".join(_entry(entry) for entry in each["entries"]) or "no entries", 2)

    def table(self, each: Data) -> Iterator[str]:
        rows = f"{each['rows']:,} rows, {each['rows_in_force']:,} in force{_period(each)}"
        yield from self.line(f"{self.strong(each['name'])}: {each['title']} ({rows}; {each['file']}){_cited(each)}", 1)
        yield from self.line(f"by {_typed(each['key'])}", 2)
        if each["columns"]:
            yield from self.line(f"gives {_typed(each['columns'])}", 2)

    def derived(self, each: Data) -> Iterator[str]:
        unit = f" ({each['unit']})" if each["unit"] else ""
        yield from self.line(f"{self.strong(each['name'])}: {each['title']}{unit}{_cited(each)}", 1)
        yield from self.line(each["value"], 2)

    def classification(self, each: Data) -> Iterator[str]:
        how = {"first": "the first row that is true", "unique": "the only row that is true", "collect": "all rows that are true"}[
            each["hit"]
        ]
        yield from self.line(f"{self.strong(each['name'])}: {each['title']} ({each['gives']}; {how}){_cited(each)}", 1)
        for row in each["rows"]:
            title = f" ({row['title']})" if "title" in row else ""
            yield from self.line(f"{row['then']}{title}: {row['when']}", 2)
        yield from self.line(f"otherwise: {'unknown' if each['otherwise'] is None else each['otherwise']}", 2)

    def assumption(self, each: Data) -> Iterator[str]:
        yield from self.line(f"{each['say']} ({each['fact']}: {each['value']}){_cited(each)}", 1)

    def note(self, each: Data) -> Iterator[str]:
        word = {"note": "", "warning": "warning: ", "next_step": "next step: "}[each["kind"]]
        yield from self.line(f"{word}{each['say']}{_aside(each)}{_cited(each)}", 1)
        if each["when"]:
            yield from self.line(f"when {each['when']}", 2)

    def about(self, each: Data) -> Iterator[str]:
        yield from self.line(f"{self.strong(each['heading'].replace('_', ' '))}: {each['say']}{_aside(each)}{_cited(each)}", 1)

    def source(self, each: Data) -> Iterator[str]:
        grade = f", grade {each['grade']}" if each["grade"] else ""
        yield from self.line(f"{self.strong(each['key'])}: {each['title']} (read on {each['read_on']}{grade})", 1)
        if each["url"]:
            yield from self.line(each["url"], 2)


def _period(each: Data) -> str:
    """` from … until …`, without what is open."""
    return "".join(f" {word} {each[word]}" for word in ("from", "until") if each.get(word))


def _aside(each: Data) -> str:
    return f" ({_period(each).strip()})" if "from" in each else ""


def _cited(each: Data) -> str:
    citation = each.get("citation")
    if citation is None:
        return ""
    review = f", review by {citation['review_by']}" if citation["review_by"] else ""
    return f" [{citation['text']}; grade {citation['grade']}{review}]"


def _entry(entry: Data) -> str:
    text = entry["value"] if entry["text"] == entry["value"] else f"{entry['value']} {entry['text']}"
    return f"{text}{_aside(entry)}"


def _typed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in columns.items())
