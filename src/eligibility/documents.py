"""From live outcomes and explanations to the documents that are printed: everything a printer needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, cast

from eligibility import report_model as model
from eligibility.datatypes import Number, Type, Unknown, Value
from eligibility.explaining.cautions import cautions_of
from eligibility.explaining.gaps import gaps_of
from eligibility.explaining.reliance import deciding_steps, figures_of
from eligibility.explanation import Explanation, Gap, Side
from eligibility.formatting import as_json, clean, exact_text
from eligibility.rulebook import Citation, RuleBook
from eligibility.status import Status
from eligibility.wording import SENTENCES

if TYPE_CHECKING:
    from eligibility.outcome import Outcome, ShownValue
    from eligibility.ranking import Rank
    from eligibility.report import Report

NOTICE: Final = SENTENCES["document.notice"]
_NAMED: Final = 3  # so many missing facts are named in the reason for an undetermined outcome, the rest is counted


def report_document(report: Report) -> model.ReportDocument:
    """The document of a report."""
    book = report.findings.compiled.book
    return model.ReportDocument(
        schema_version=model.SCHEMA_VERSION,
        as_of=report.as_of,
        engine=report.engine,
        packs=pack_parts(book),
        oldest_source=oldest_source(report),
        notice=book.language.say("document.notice"),
        language=book.language.code,
        untranslated=_untranslated(report, book),
        ranking=[_rank(rank) for rank in report.ranking],
        outcomes=[outcome_part(outcome) for outcome in report],
        origins=[
            model.OriginPart(
                fact=path,
                label=book.facts[path].label,
                as_of=origin.as_of,
                source=None if origin.source is None else clean(origin.source),
            )
            for path, origin in sorted(report.profile.provenance.items())
        ],
    )


def _rank(rank: Rank) -> model.RankPart:
    away = rank.distance
    return model.RankPart(
        id=rank.outcome.id,
        status=rank.outcome.status.value,
        open_facts=rank.open_facts,
        conditions=None if away is None else away.conditions,
        share=None if away is None else _exact(away.share),
    )


def outcome_document(outcome: Outcome) -> model.OutcomeDocument:
    """The document of one outcome."""
    book = outcome.findings.compiled.book
    return model.OutcomeDocument(
        schema_version=model.SCHEMA_VERSION,
        as_of=outcome.as_of,
        engine=outcome.engine,
        packs=pack_parts(book),
        oldest_source=oldest_source([outcome]),
        notice=book.language.say("document.notice"),
        language=book.language.code,
        untranslated=_untranslated([outcome], book),
        outcome=outcome_part(outcome),
    )


def _untranslated(outcomes: Iterable[Outcome], book: RuleBook) -> int:
    """How many texts of some rules and of what they read are in English; of rules without concern only title and reason."""
    if book.language.is_english:
        return 0
    from eligibility.labels import labels_read  # imported late: English needs no translation

    lacking: set[str] = set()
    known = {*book.language.texts, *book.language.texts.values()}
    for outcome in outcomes:
        if outcome.is_concerned:
            lacking.update(labels_read(outcome.findings.compiled, [outcome.compiled]).lacking(book.language))
        else:
            lacking.update(text for text in outcome.unconcerned if text not in known)
            lacking.update({f"{outcome.id}.title"} - book.language.labels.keys())
    return len(lacking)


def pack_parts(book: RuleBook) -> list[model.PackPart]:
    """The packs that were loaded as they stand in documents."""
    return [model.PackPart(name=pack.name, title=pack.title, version=pack.version, digest=pack.digest) for pack in book.packs]


def oldest_source(outcomes: Iterable[Outcome]) -> date | None:
    """The earliest day on which a source was read that some outcomes use."""
    read = [citation.read_on for outcome in outcomes if outcome.is_concerned for citation in outcome.used_citations]
    return min(read, default=None)


# outcomes


def outcome_part(outcome: Outcome) -> model.OutcomePart:
    """One outcome as data."""
    rule, book = outcome.compiled.rule, outcome.findings.compiled.book
    explanation = outcome.explanation
    missing = gaps_of(outcome.missing, book)
    met = [node.id for node in explanation.children if node.kind == "criterion" and node.status == "met"]
    return model.OutcomePart(
        id=rule.id,
        kind=rule.kind,
        title=rule.title,
        jurisdiction=rule.jurisdiction,
        authority=rule.authority,
        status=outcome.status.value,
        sentence=outcome.sentence,
        reason=_reason(outcome, explanation, missing),
        failing=list(outcome.failing),
        unknown=list(outcome.unknown),
        judgement=list(outcome.judgement),
        met=met,
        missing=[gap_part(gap) for gap in missing],
        facts=sorted(explanation.facts()),
        values=[_shown(outcome, value) for value in outcome.values],
        notes=[
            model.NotePart(
                kind=cast(Literal["note", "warning", "next_step"], note.kind),
                text=note.text,
                citation=citation_part(note.citation),
            )
            for note in outcome.notes
        ],
        about=[
            model.AboutPart(
                heading=cast(model.AboutHeading, statement.heading), text=text, citation=citation_part(statement.citation)
            )
            for statement, text in outcome.about
        ],
        assumptions=[
            model.AssumptionPart(
                fact=each.fact,
                label=book.facts[each.fact].label,
                value=_data(each.value, book.facts[each.fact].type),
                text=each.say,
                citation=citation_part(each.citation),
            )
            for each in outcome.assumptions
        ],
        cautions=caution_parts(outcome, explanation),
        sources=_sources(outcome, explanation),
        explanation=explanation_node(explanation),
    )


def caution_parts(outcome: Outcome, explanation: Explanation) -> list[model.CautionPart]:
    """What limits how far an outcome can be relied on."""
    return [
        model.CautionPart(kind=each.kind, sentence=each.sentence, names=list(each.names))
        for each in cautions_of(outcome.compiled, outcome.findings, outcome.status, explanation)
    ]


def _sources(outcome: Outcome, explanation: Explanation) -> list[model.SourcePart]:
    """What the citations of an outcome refer to: in its explanation and figures, notes and statements."""
    steps = deciding_steps(outcome.compiled, outcome.findings, outcome.status)
    cited = [node.citation for node in explanation.walk() if node.citation is not None]
    cited += [figure.citation for figure in figures_of(outcome.findings, steps)]
    cited += [note.citation for note in outcome.notes]
    cited += [assumption.citation for assumption in outcome.assumptions]
    cited += [statement.citation for statement, _ in outcome.about]
    found = {
        (each.source, each.title): model.SourcePart(key=each.source, title=each.title, url=each.url, read_on=each.read_on)
        for each in cited
    }
    return [found[name] for name in sorted(found)]


def reason_of(outcome: Outcome) -> str:
    """The main reason of an outcome in a few words, as in the overview of a report."""
    return _reason(outcome, outcome.explanation, gaps_of(outcome.missing, outcome.findings.compiled.book))


def _reason(outcome: Outcome, explanation: Explanation, missing: tuple[Gap, ...]) -> str:
    """The main reason of an outcome in a few words, for an overview."""
    status, say = outcome.status, outcome.findings.compiled.book.language.say
    deciding = [node for node in explanation.children if node.decides and node.kind == "criterion"]
    if status is Status.NOT_APPLICABLE:
        return outcome.unconcerned[0]
    if status is Status.UNDETERMINED and missing:
        labels = list(dict.fromkeys(gap.label for gap in missing))
        rest = len(labels) - _NAMED
        named = "; ".join(labels[:_NAMED])
        return say("reason.missing_more", labels=named, count=rest) if rest > 0 else say("reason.missing", labels=named)
    if status is Status.NOT_ELIGIBLE and deciding:
        margin, title = deciding[0].margin, deciding[0].title
        reason = say("reason.not_met_by", title=title, margin=margin.words) if margin else say("reason.not_met", title=title)
    elif status is Status.SUBJECT_TO_JUDGEMENT and deciding:
        reason = say("reason.judged", title=deciding[0].title)
    else:
        return explanation.sentence
    return say("reason.more", reason=reason, count=len(deciding) - 1) if len(deciding) > 1 else reason


def _shown(outcome: Outcome, value: ShownValue) -> model.ShownPart:
    kind = outcome.findings.compiled.steps[outcome.compiled.named[value.name]].node.type
    return model.ShownPart(name=value.name, title=value.title, value=_data(value.value, kind), text=value.text)


# explanations


def explanation_node(node: Explanation) -> model.ExplanationNode:
    """A tree as data."""
    margin = node.margin
    return model.ExplanationNode(
        id=node.id,
        kind=node.kind,
        title=node.title,
        status=node.status,
        sentence=node.sentence,
        decides=node.decides,
        citation=None if node.citation is None else citation_part(node.citation),
        since=node.since,
        observed=_side(node.observed),
        required=_side(node.required),
        margin=None
        if margin is None
        else model.MarginPart(
            amount=_exact(margin.amount),
            unit=margin.unit,
            share=None if margin.share is None else _exact(margin.share),
            words=margin.words,
        ),
        facts=list(node.used),
        missing=[gap_part(gap) for gap in node.missing],
        help=node.help,
        children=[explanation_node(child) for child in node.children],
    )


def citation_part(citation: Citation) -> model.CitationPart:
    """A citation as it stands in documents."""
    return model.CitationPart(
        text=citation.text,
        title=citation.title,
        url=citation.url,
        read_on=citation.read_on,
        grade=citation.grade,
        review_by=citation.review_by,
    )


def gap_part(gap: Gap) -> model.GapPart:
    """Something missing as it stands in documents."""
    return model.GapPart(
        kind=gap.kind,
        name=gap.name,
        label=gap.label,
        question=gap.question or None,
        why=gap.why or None,
        changed_by=gap.changed_by,
    )


def _side(side: Side | None) -> model.ValuePart | None:
    return None if side is None else model.ValuePart(name=side.name, value=_data(side.value, side.type), text=side.text)


def _exact(number: Number) -> int | str:
    return exact_text(number) if isinstance(number, Fraction) else number


def _data(value: Value, kind: Type) -> object:
    return None if isinstance(value, Unknown) else as_json(value, kind)
