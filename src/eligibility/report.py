"""The report: every outcome of one evaluation, and what was evaluated. Nothing is worked out before it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from eligibility.diagnostics import Diagnostic, UsageError, did_you_mean
from eligibility.facts import Profile
from eligibility.findings import Findings
from eligibility.language import DEFAULT
from eligibility.outcome import Outcome
from eligibility.ranking import Rank, ranked
from eligibility.rulebook import RuleBook

if TYPE_CHECKING:
    from eligibility.receipt_model import Receipt


@dataclass(slots=True)
class Report:
    """All outcomes of one evaluation, in the order of the rules."""

    outcomes: tuple[Outcome, ...]
    profile: Profile
    findings: Findings
    book_in: Callable[[str], RuleBook] = field(repr=False)

    @property
    def as_of(self) -> date:
        """The day whose law was applied."""
        return self.findings.inputs.as_of

    @property
    def engine(self) -> str:
        """The engine that answered."""
        return self.findings.engine

    @property
    def language(self) -> str:
        """The code of the language it is in."""
        return self.findings.compiled.book.language.code

    def in_language(self, code: str) -> Report:
        """The same report in another language; where that lacks words, they stay English. Nothing is evaluated again.

        Raises: UsageError for a language no pack knows; RuleError where a pack translates what is not there.
        """
        if code == self.language:
            return self
        from eligibility.labels import compiled_in  # imported late: English needs no translation

        compiled = compiled_in(self.findings.compiled, self.book_in(code))
        findings = Findings(compiled, self.findings.values, self.findings.inputs, self.findings.engine)
        rules = {rule.rule.id: rule for rule in compiled.rules}
        outcomes = tuple(Outcome(rules[each.id], findings, each.status) for each in self.outcomes)
        return Report(outcomes, self.profile, findings, self.book_in)

    @property
    def ranking(self) -> tuple[Rank, ...]:
        """The pathways that may concern the case, the nearest to an approval first; see `ranking.ranked`."""
        return ranked(self.outcomes)

    def __getitem__(self, rule: str) -> Outcome:
        """The outcome of a rule by id. Raises: UsageError."""
        for outcome in self.outcomes:
            if outcome.id == rule:
                return outcome
        known = [outcome.id for outcome in self.outcomes]
        raise UsageError([Diagnostic("E600", f"there is no outcome of `{rule}`", help=did_you_mean(rule, known))])

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    def __len__(self) -> int:
        return len(self.outcomes)

    def receipt(self) -> Receipt:
        """What was decided and on what, without the facts, to be replayed by `verify`; see `receipt_model.Receipt`."""
        from eligibility.receipts import receipt_of  # imported late, as everything that only writing needs

        return receipt_of(self.in_language(DEFAULT))

    def as_dict(self) -> dict[str, object]:
        """The report as plain JSON data; see `report_model.ReportDocument`."""
        from eligibility.documents import report_document  # imported late, as everything that only printing needs

        return report_document(self).as_dict()

    def to_json(self) -> str:
        """The report as JSON text; the same evaluation gives the same text."""
        from eligibility.rendering.json import to_json

        return to_json(self.as_dict())

    def to_markdown(self, *, depth: int | None = None, only_failing: bool = False, full: bool = False) -> str:
        """The report as Markdown; see `to_text`."""
        from eligibility.documents import report_document
        from eligibility.rendering.markdown import report_markdown
        from eligibility.rendering.outline import Detail

        return report_markdown(report_document(self), Detail(depth, only_failing, full), self.findings.compiled.book.language)

    def to_html(self, *, depth: int | None = None, only_failing: bool = False, full: bool = False) -> str:
        """The report as one page of HTML that holds all it needs: no script, no picture and no font from elsewhere.

        See `to_text`; what is left out there is folded here.
        """
        from eligibility.documents import report_document
        from eligibility.rendering.html import report_html
        from eligibility.rendering.outline import Detail

        return report_html(report_document(self), Detail(depth, only_failing, full), self.findings.compiled.book.language)

    def to_text(
        self,
        *,
        color: bool = False,
        width: int | None = 100,
        depth: int | None = None,
        only_failing: bool = False,
        full: bool = False,
    ) -> str:
        """The report as text.

        Lines are no wider than `width` (None: as wide as they are), explanations no deeper than `depth` levels below each
        criterion (None: all); with `only_failing` only criteria that are not met are explained. Among other rules, one that
        lacks many facts is shown with what is missing and what to ask first, unless in `full`. With `color` the text is styled
        for a terminal.
        """
        from eligibility.documents import report_document
        from eligibility.rendering.outline import Detail
        from eligibility.rendering.text import report_text

        detail, language = Detail(depth, only_failing, full), self.findings.compiled.book.language
        return report_text(report_document(self), detail, color=color, width=width, language=language)

    def __str__(self) -> str:
        return self.to_text()
