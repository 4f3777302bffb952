"""What stands on top of every page: the notice, which law was applied, how old it is, and how to read what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from eligibility.english import row
from eligibility.language import ENGLISH, Language
from eligibility.rendering.elements import Child, element, pieces
from eligibility.report_model import CautionPart

_AGE: Final = ("past_review", "beyond_review")  # the cautions that tell how old the law is


def glance(
    notice: str,
    law: str,
    as_of: date,
    oldest: date | None,
    reviewed: Iterable[tuple[str, Sequence[CautionPart]]],
    bars: str | None = None,
    language: Language = ENGLISH,
    more: Sequence[tuple[str, Child]] = (),
) -> list[Child]:
    """The notice and what can be seen at a glance.

    `law` says the days whose law was applied; its age is told as of the first of them. `oldest` is the day on which the oldest
    source was read, `reviewed` the title of each outcome with what limits how far it can be relied on, `bars` how to read a bar,
    `more` what else there is to see.
    """
    say = language.say
    rows: list[tuple[str, Child]] = [(say("page.law"), element("strong", *pieces(law)))]
    if oldest is not None:
        days, day = (as_of - oldest).days, language.day(oldest)
        read = say("page.before", day=day, days=say("unit.days", number=days, count=days)) if days > 0 else day
        rows.append((say("page.oldest"), element("span", *pieces(read))))
    if outcomes := list(reviewed):
        rows.append((say("page.reviews"), _reviews(outcomes, language)))
    rows += more
    if bars is not None:
        rows.append((say("page.bars"), bars))
    listed = [element("div", element("dt", name), element("dd", value)) for name, value in rows]
    return [element("p", notice, class_="notice"), element("dl", *listed)]


def _reviews(outcomes: list[tuple[str, Sequence[CautionPart]]], language: Language) -> Child:
    """Which outcomes rest on law whose review was due; each sentence once, with the outcomes it is about."""
    said: dict[str, list[str]] = {}
    for title, cautions in outcomes:
        for caution in cautions:
            if caution.kind in _AGE:
                said.setdefault(caution.sentence, []).append(title)
    if not said:
        return language.say("page.none_overdue")
    if len(outcomes) == 1:
        return element("span", *pieces(" ".join(said)), class_="stale")
    overdue = len({title for titles in said.values() for title in titles})
    colon = language.say("word.colon")
    entries = [element("li", *pieces(f"{row(titles)}{colon}{sentence}"), class_="plain") for sentence, titles in said.items()]
    total = language.say("page.outcomes", count=len(outcomes))
    words = element("span", language.say("page.overdue", count=overdue, outcomes=total), class_="stale")
    return element("details", element("summary", words), element("ul", *entries))
