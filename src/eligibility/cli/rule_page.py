"""The page of a rule, for people: the data of `rule_data` under headings."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import click

from eligibility.language import ENGLISH, Language

Data = Mapping[str, Any]

_STEP: Final = 2
_NARROWEST: Final = 40
_KINDS: Final = ("all", "any", "none", "at_least")


def rule_page(data: Data, language: Language = ENGLISH, *, width: int | None = None, colour: bool = False) -> str:
    """The page of a rule. With a width, lines are wrapped to it; without, nothing is wrapped or cut."""
    return "\n".join(_Page(width, language, colour=colour).lines(data))


class _Page:
    def __init__(self, width: int | None, language: Language, *, colour: bool) -> None:
        self.width = width
        self.colour = colour
        self.say = language.say
        self.lowered = language.lowered
        self.colon = language.say("word.colon")

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

    def section(self, data: Data, name: str, show: Callable[[Data], Iterator[str]]) -> Iterator[str]:
        if data[name]:
            yield from self.heading(self.say(f"show.{name}"))
            for item in data[name]:
                yield from show(item)

    # the page

    def lines(self, data: Data) -> Iterator[str]:
        say = self.say
        yield self.strong(f"{data['id']}{self.colon}{data['title']}")
        authority = f", {data['authority']}" if data["authority"] else ""
        yield from self.line(f"{say('show.' + data['kind'], jurisdiction=data['jurisdiction'])}{authority}")
        reviewed = say("show.reviewed", day=data["reviewed_until"]) if data["reviewed_until"] else ""
        pack = f"{data['pack']['name']} {data['pack']['version']}"
        yield from self.line(say("show.in_force", period=self.period(data), reviewed=reviewed, pack=pack))
        yield from self.line(say("show.as_of" if data["in_force"] else "show.as_of_not", day=data["as_of"]))
        yield from self.line(say("show.grades"))
        yield from self.section(data, "applies_when", self.concern)
        yield from self.section(data, "criteria", lambda each: self.condition(each, 1))
        yield from self.section(data, "parameters", self.parameter)
        yield from self.section(data, "lists", self.listed)
        yield from self.section(data, "tables", self.table)
        yield from self.section(data, "derived", self.derived)
        yield from self.section(data, "classifications", self.classification)
        yield from self.section(data, "assumptions", self.assumption)
        yield from self.section(data, "notes", self.note)
        yield from self.section(data, "about", self.about)
        yield from self.section(data, "sources", self.source)

    def concern(self, each: Data) -> Iterator[str]:
        yield from self.line(each["when"], 1)
        yield from self.line(f"{self.say('show.otherwise', text=each['otherwise'])}{self.cited(each)}", 2)

    def condition(self, each: Data, depth: int) -> Iterator[str]:
        say, name = self.say, each["path"].rpartition(".")[2]
        title = each.get("title")
        named = not name.isdecimal()
        aside = "".join(
            [
                say("show.not_in_force") if not each["in_force"] else "",
                self.aside(each),
                say("show.closes") if "on_failure" in each else "",
            ]
        )
        if title or named:
            said = self.titled(name, title) if named and title else title or self.strong(name)
            yield from self.line(f"{said}{aside}{self.cited(each)}", depth)
            depth += 1
        if "applies_when" in each:
            yield from self.line(say("show.where", condition=each["applies_when"]), depth)
        if "award" in each and "most" in each:
            yield from self.line(say("show.points_most", award=f"{each['award']}", most=f"{each['most']}"), depth)
        elif "award" in each:
            yield from self.line(say("show.points", award=f"{each['award']}"), depth)
        if "met_when" in each:
            yield from self.line(each["met_when"], depth, before="" if title or named else "- ")
        if "judgement" in each:
            yield from self.line(say("show.judgement", text=each["judgement"]), depth)
        if "help" in each:
            yield from self.line(say("show.help", text=each["help"]), depth)
        if each["kind"] in _KINDS or each["kind"] == "points":
            yield from self.line(self.kind(each), depth)
            for branch in each.get("branches", []):
                yield from self.condition(branch, depth + 1)
        for exception in each.get("exceptions", []):
            yield from self.line(say("show.exception"), depth)
            yield from self.condition(exception, depth + 1)

    def kind(self, each: Data) -> str:
        """How the branches of a condition count."""
        if each["kind"] == "points":
            return self.say("show.pass_mark", mark=f"{each['pass_mark']}")
        return self.say(f"show.{each['kind']}", count=each.get("count", 0))

    def parameter(self, each: Data) -> Iterator[str]:
        yield from self.line(f"{self.titled(each['name'], each['title'])} ({each['unit']})", 1)
        for value in each["values"]:
            until = self.say("show.until", day=value["until"]) if value["until"] else ""
            text = self.say("show.unknown", why=value["unknown_because"]) if value["unknown_because"] else value["text"]
            status = value["status"]
            said = self.say("show.value", day=f"{value['from']}", until=until, text=f"{text}")
            said += self.say(f"show.{status}") if status in ("announced", "struck_down") else ""
            yield from self.line(said + self.cited(value), 3, before="> " if value["current"] else "  ")

    def listed(self, each: Data) -> Iterator[str]:
        now, say = each["entries_in_force"], self.say
        current = say("show.current_unknown") if now is None else say("show.current", count=now)
        named = self.titled(each["name"], each["title"])
        total, period = f"{len(each['entries'])}", self.period(each)
        head = say("show.list", title=named, of=each["of"], total=total, current=current, period=period)
        yield from self.line(f"{head}{self.cited(each)}", 1)
        if each["unknown_from"]:
            yield from self.line(say("show.unknown_from", day=each["unknown_from"], why=f"{each['unknown_because']}"), 2)
        yield from self.line(", ".join(self.entry(entry) for entry in each["entries"]) or say("show.no_entries"), 2)

    def table(self, each: Data) -> Iterator[str]:
        named, period = self.titled(each["name"], each["title"]), self.period(each)
        said = self.say(
            "show.table", title=named, total=each["rows"], count=each["rows_in_force"], period=period, file=each["file"]
        )
        yield from self.line(f"{said}{self.cited(each)}", 1)
        yield from self.line(self.say("show.by", columns=_typed(each["key"])), 2)
        if each["columns"]:
            yield from self.line(self.say("show.gives", columns=_typed(each["columns"])), 2)

    def derived(self, each: Data) -> Iterator[str]:
        unit = f" ({each['unit']})" if each["unit"] else ""
        yield from self.line(f"{self.titled(each['name'], each['title'])}{unit}{self.cited(each)}", 1)
        yield from self.line(each["value"], 2)

    def classification(self, each: Data) -> Iterator[str]:
        how = self.say(f"show.{each['hit']}")
        yield from self.line(f"{self.titled(each['name'], each['title'])} ({each['gives']}; {how}){self.cited(each)}", 1)
        for row in each["rows"]:
            title = f" ({row['title']})" if "title" in row else ""
            yield from self.line(f"{row['then']}{title}{self.colon}{row['when']}", 2)
        rest = self.say("show.current_unknown") if each["otherwise"] is None else f"{each['otherwise']}"
        yield from self.line(self.say("show.otherwise", text=rest), 2)

    def assumption(self, each: Data) -> Iterator[str]:
        yield from self.line(f"{each['say']} ({each['fact']}: {each['value']}){self.cited(each)}", 1)

    def note(self, each: Data) -> Iterator[str]:
        text = each["say"] if each["kind"] == "note" else self.say(f"show.{each['kind']}", text=each["say"])
        yield from self.line(f"{text}{self.aside(each)}{self.cited(each)}", 1)
        if each["when"]:
            yield from self.line(self.say("show.when", condition=each["when"]), 2)

    def about(self, each: Data) -> Iterator[str]:
        heading = self.strong(self.lowered(self.say(f"about.{each['heading']}")))
        yield from self.line(f"{heading}{self.colon}{each['say']}{self.aside(each)}{self.cited(each)}", 1)

    def source(self, each: Data) -> Iterator[str]:
        title, day, grade = self.titled(each["key"], each["title"]), each["read_on"], each["grade"]
        read = self.say("show.read_on_graded", title=title, day=day, grade=grade) if grade else None
        yield from self.line(read or self.say("show.read_on", title=title, day=day), 1)
        if each["url"]:
            yield from self.line(each["url"], 2)

    # parts of lines

    def titled(self, name: str, title: str) -> str:
        """The name of an element in the rule file, and its title."""
        return f"{self.strong(name)}{self.colon}{title}"

    def period(self, each: Data) -> str:
        """` from … until …`, without what is open."""
        return "".join(self.say(f"show.{word}", day=each[word]) for word in ("from", "until") if each.get(word))

    def aside(self, each: Data) -> str:
        return f" ({self.period(each).strip()})" if "from" in each else ""

    def cited(self, each: Data) -> str:
        citation = each.get("citation")
        if citation is None:
            return ""
        text, grade, review = citation["text"], citation["grade"], citation["review_by"]
        if review:
            return self.say("show.cited_review", cited=text, grade=grade, day=review)
        return self.say("show.cited", cited=text, grade=grade)

    def entry(self, entry: Data) -> str:
        text = entry["value"] if entry["text"] == entry["value"] else f"{entry['value']} {entry['text']}"
        return f"{text}{self.aside(entry)}"


def _typed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({kind})" for name, kind in columns.items())
