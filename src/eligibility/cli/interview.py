"""The state of an interview: the profile as it grows, what was declined, and the way back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eligibility.engine import RuleSet
    from eligibility.questions import Inquiry, Question


class Interview:
    """Asks about one profile, given as plain data, until nothing can change an outcome any more.

    Raises: ProfileError and UsageError as `RuleSet.inquiry` does.
    """

    def __init__(self, rules: RuleSet, document: Mapping[str, object], as_of: date | str, pathways: Iterable[str] | None) -> None:
        self.rules = rules
        self.document: dict[str, Any] = deepcopy(dict(document))
        self.as_of = as_of
        self.pathways = None if pathways is None else tuple(pathways)
        self.answered = 0
        self._declined: frozenset[str] = frozenset()
        self._past: list[tuple[dict[str, Any], frozenset[str], Question | None, int]] = []
        self._last: Question | None = None
        self._look(self._inquire(self.document, self._declined))

    def _inquire(self, document: Mapping[str, object], declined: frozenset[str]) -> Inquiry:
        return self.rules.inquiry(document or None, as_of=self.as_of, pathways=self.pathways, declined=declined)

    def _look(self, inquiry: Inquiry) -> None:
        """Choose what to ask: what is most decisive, but first what is left to know of the record that was spoken of."""
        questions = inquiry.questions()
        place = self._last.fact.rpartition(".")[0] if self._last and "[" in self._last.fact else None
        owner = self._last.fact.partition("[")[0] if self._last else None
        same = [each for each in questions if place and each.fact.startswith(f"{place}.")]
        near = [each for each in questions if "[" in each.fact and each.fact.partition("[")[0] == owner]
        near.sort(key=lambda each: _position(each.fact))
        self.question: Question | None = next(iter((*same, *near, *questions)), None)
        self.open = len(inquiry.open)

    def answer(self, value: object) -> None:
        """State the fact of the question. Raises: ProfileError where it contradicts what is stated; nothing changes then."""
        self._go_on(value, self._declined)

    def decline(self) -> None:
        """Say that nobody knows the fact of the question; the profile states it as null."""
        if self.question is not None:
            self._go_on(None, self._declined | {self.question.fact})

    def _go_on(self, value: object, declined: frozenset[str]) -> None:
        if self.question is None:
            return
        document = deepcopy(self.document)
        _put(document, self.question.fact, value)
        inquiry = self._inquire(document, declined)
        self._past.append((self.document, self._declined, self._last, self.answered))
        self.document, self._declined, self._last = document, declined, self.question
        self.answered += value is not None
        self._look(inquiry)

    def back(self) -> bool:
        """Take back the last answer; false where there is none."""
        if not self._past:
            return False
        self.document, self._declined, self._last, self.answered = self._past.pop()
        self._look(self._inquire(self.document, self._declined))
        return True

    def text(self) -> str:
        """The profile as JSON text, numbers as exact as they were typed."""
        return _json(self.document, "")


def _position(path: str) -> int:
    return int(path.partition("[")[2].partition("]")[0])


def _put(document: dict[str, Any], path: str, value: object) -> None:
    """State a fact, or a field of a record, in a profile."""
    place, _, field = path.rpartition(".")
    head, _, position = place.partition("[")
    steps = [*head.split("."), field] if not position else head.split(".")
    for step in steps[:-1]:
        if not isinstance(document.get(step), dict):
            document[step] = {}
        document = document[step]
    if not position:
        document[steps[-1]] = value
        return
    records = document[steps[-1]]
    listed = records["value"] if isinstance(records, dict) else records  # a list may say where it comes from
    listed[int(position.removesuffix("]"))][field] = value


def _json(value: object, indent: str) -> str:
    """Plain data as JSON text; a decimal keeps its digits, which `json` does not know how to do."""
    deeper = f"{indent}  "
    if isinstance(value, Mapping) and value:
        parts = [f"{deeper}{json.dumps(key, ensure_ascii=False)}: {_json(each, deeper)}" for key, each in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping | list) for each in value):
        return "[\n" + ",\n".join(f"{deeper}{_json(each, deeper)}" for each in value) + f"\n{indent}]"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_json(each, deeper) for each in value)}]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
