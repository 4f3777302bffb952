"""What stands on top of every page: the notice, which law was applied, how old it is, and how to read what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from eligibility.english import counted, row
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
) -> list[Child]:
    """The notice and what can be seen at a glance.

    `law` says the days whose law was applied; its age is told as of the first of them. `oldest` is the day on which the oldest
    source was read, `reviewed` the title of each outcome with what limits how far it can be relied on, `bars` how to read a bar.
    """
    rows: list[tuple[str, Child]] = [("Law as of", element("strong", *pieces(law)))]
    if oldest is not None:
        days = (as_of - oldest).days
        before = f", {counted(days, 'day')} before" if days > 0 else ""
        rows.append(("Oldest source read on", element("span", *pieces(f"{oldest}{before}"))))
    rows.append(("Reviews", _reviews(list(reviewed))))
    if bars is not None:
        rows.append(("Bars", bars))
    listed = [element("div", element("dt", name), element("dd", value)) for name, value in rows]
    return [element("p", notice, class_="notice"), element("dl", *listed)]


def _reviews(outcomes: list[tuple[str, Sequence[CautionPart]]]) -> Child:
    """Which outcomes rest on law whose review was due; each sentence once, with the outcomes it is about."""
    said: dict[str, list[str]] = {}
    for title, cautions in outcomes:
        for caution in cautions:
            if caution.kind in _AGE:
                said.setdefault(caution.sentence, []).append(title)
    if not said:
        return "none overdue"
    if len(outcomes) == 1:
        return element("span", *pieces(" ".join(said)), class_="stale")
    overdue = len({title for titles in said.values() for title in titles})
    entries = [element("li", *pieces(f"{row(titles)}: {sentence}"), class_="plain") for sentence, titles in said.items()]
    words = element("span", f"overdue for {overdue} of {counted(len(outcomes), 'outcome')}", class_="stale")
    return element("details", element("summary", words), element("ul", *entries))
