"""Verification: a receipt is replayed with the rules of now, and every difference is traced to what changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from eligibility import receipt_model as model
from eligibility.diagnostics import Diagnostic, ReceiptError
from eligibility.engine import RuleSet, parse_day
from eligibility.facts import Profile
from eligibility.receipts import profile_digest, receipt_digest
from eligibility.report_model import PackPart

MAXIMUM_BYTES: Final = 10_000_000
_SHOWN: Final = 10  # so many problems of one receipt are shown
_SEALED: Final = "sealed in the receipt"
_EXPECTED: Final = {
    "missing": "a key is missing",
    "unexpected_keyword_argument": "no receipt has this key",
    "literal_error": "this is none of the possible values",
}


def verify(
    receipt: model.Receipt | Mapping[str, object] | str | bytes | Path,
    profile: Profile | Mapping[str, object] | str | bytes | Path,
    rules: RuleSet,
    *,
    as_of: date | str | None = None,
) -> model.Verification:
    """Replay a receipt with the profile it is about.

    `receipt` is one that `Report.receipt` made, its plain data, JSON text, or the path of a JSON file. The law of the day of the
    receipt is applied, or that of `as_of`.
    Raises: ReceiptError E700 or E701 for what is no receipt, E702 for one that was altered, E703 for another profile, E704 for
    findings that the very same rules do not give; ProfileError; UsageError for a date that cannot be read.
    """
    then = read_receipt(receipt)
    day = then.as_of if as_of is None else parse_day(as_of)
    known = rules.profile(profile)
    if profile_digest(known, rules.book) != then.profile:
        help = "give the profile as it was then; any fact, also one stated as null, and any origin of a fact counts"
        raise _refused("E703", "the receipt is about another profile", "profile", help)
    there = [name for name in then.pathways if name in rules.book.rules]
    now = rules.evaluate(known, as_of=day, pathways=there, engine=then.engine).receipt()
    used = _packs_used(then) | _packs_used(now)
    packs = [change for change in _pack_changes(then.packs, now.packs) if change.name in used]
    programs = _program_changes(then.programs, now.programs)
    outcomes = _outcome_drifts(then, now, {change.name for change in packs})
    same = not packs and not programs and day == then.as_of
    if same and then.outcomes != now.outcomes:
        raise _refused("E704", "the same rules do not give the findings of the receipt", "outcomes", "ask for a new receipt")
    drifted = any(_is_other(each) for each in outcomes)
    return model.Verification(
        document="verification",
        schema_version=model.RECEIPT_VERSION,
        verdict="drifted" if drifted else "verified" if same else "unchanged",
        receipt=then.digest,
        as_of=then.as_of,
        replayed_as_of=day,
        findings=sum(len(each.findings) for each in then.outcomes),
        packs=packs,
        programs=programs,
        outcomes=outcomes,
    )


def read_receipt(source: model.Receipt | Mapping[str, object] | str | bytes | Path) -> model.Receipt:
    """A receipt that is whole and unaltered. Raises: ReceiptError E700, E701 or E702."""
    if isinstance(source, Path):
        source = _read_file(source)
    try:
        if isinstance(source, str | bytes):
            data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
            if len(data) > MAXIMUM_BYTES:
                raise _refused("E700", f"the receipt is larger than {MAXIMUM_BYTES:,} bytes", "receipt", "give a single receipt")
            read = model.Receipt.from_json(data)
        elif isinstance(source, Mapping):
            read = TypeAdapter(model.Receipt).validate_python(dict(source), strict=False)
        else:
            read = source
    except ValidationError as error:
        raise ReceiptError(_problems(error)) from None
    try:
        digest = receipt_digest(read)
    except (ValueError, UnicodeError, RecursionError):
        digest = ""
    if digest != read.digest:
        help = "give it as it was written, or ask for a new one"
        raise _refused("E702", "the receipt was altered after it was made: its content does not fit its digest", "digest", help)
    return read


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the name is not possible"
        message = f"the receipt cannot be read: {reason[:1].lower()}{reason[1:]}"
        raise _refused("E700", message, str(path), "check the name of the file") from None


def _refused(code: str, message: str, path: str, help: str) -> ReceiptError:
    return ReceiptError([Diagnostic(code, message, path=path, help=help)])


def _problems(error: ValidationError) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    for each in error.errors(include_url=False, include_input=False)[:_SHOWN]:
        if each["type"] == "json_invalid":
            return [Diagnostic("E700", "the receipt is not JSON", path="receipt", help="give the file that `--receipt` wrote")]
        place = ".".join(str(step) for step in each["loc"]) or "receipt"
        message = f"this is no receipt: {_EXPECTED.get(each['type'], 'the value has another form')}"
        found.append(Diagnostic("E701", message, path=place, help="`eligibility schema receipt` says what a receipt holds"))
    return found


# drift


def _packs_used(receipt: model.Receipt) -> set[str]:
    """The names of the packs that the outcomes of a receipt rest on."""
    rests_on = (pack for outcome in receipt.outcomes for finding in outcome.findings for pack in finding.packs)
    return {outcome.pack for outcome in receipt.outcomes}.union(rests_on)


def _pack_changes(then: list[PackPart], now: list[PackPart]) -> list[model.VersionChange]:
    before, after = {each.name: each for each in then}, {each.name: each for each in now}
    return [
        model.VersionChange(name=name, then=_version(before.get(name)), now=_version(after.get(name)))
        for name in sorted(before.keys() | after.keys())
        if name not in before or name not in after or before[name].digest != after[name].digest
    ]


def _version(pack: PackPart | None) -> str | None:
    return None if pack is None else f"{pack.version} ({pack.digest[:12]})"


def _program_changes(then: list[model.Program], now: list[model.Program]) -> list[model.VersionChange]:
    before, after = {each.name: each.version for each in then}, {each.name: each.version for each in now}
    return [
        model.VersionChange(name=name, then=before[name], now=after[name])
        for name in before
        if name in after and before[name] != after[name]
    ]


def _is_other(outcome: model.OutcomeDrift) -> bool:
    """Whether an outcome came out otherwise, not only on other figures."""
    return outcome.then != outcome.now or bool(outcome.values) or any(each.then != each.now for each in outcome.findings)


def _outcome_drifts(then: model.Receipt, now: model.Receipt, changed: set[str]) -> list[model.OutcomeDrift]:
    after = {each.id: each for each in now.outcomes}
    found = []
    for each in then.outcomes:
        other = after.get(each.id)
        drift = model.OutcomeDrift(
            id=each.id,
            title=each.title,
            then=each.status,
            now=None if other is None else other.status,
            findings=[] if other is None else _finding_drifts(each, other, changed),
            values=[] if other is None else _value_drifts(each, other),
        )
        if _is_other(drift) or drift.findings or (other is not None and _lists(each) != _lists(other)):
            found.append(drift)
    return found


def _lists(outcome: model.OutcomeMade) -> tuple[list[str], list[str], list[str]]:
    return outcome.failing, outcome.unknown, outcome.judgement


def _finding_drifts(then: model.OutcomeMade, now: model.OutcomeMade, changed: set[str]) -> list[model.FindingDrift]:
    """The findings that differ, or rest on figures that do."""
    before, after = {each.path: each for each in then.findings}, {each.path: each for each in now.findings}
    figures = _figure_drifts(then, now)
    found = []
    for path in _merged(list(before), list(after)):
        was, is_now = before.get(path), after.get(path)
        made = [each for each in (was, is_now) if each is not None]
        names = dict.fromkeys(name for each in made for name in each.figures if name in figures)
        truths = (None if was is None else was.finding, None if is_now is None else is_now.finding)
        if truths[0] == truths[1] and not names:
            continue
        rests_on = {pack for each in made for pack in each.packs} & changed
        found.append(
            model.FindingDrift(
                path=path,
                title=made[-1].title,
                then=truths[0],
                now=truths[1],
                figures=[figures[name] for name in names],
                packs=sorted(rests_on),
            )
        )
    return found


def _merged(before: list[str], after: list[str]) -> list[str]:
    """The paths of now in their order, with each that is gone at the end of what is there of its parent."""
    merged = list(after)
    known = set(after)
    for path in before:
        if path not in known:
            parent = path.rpartition(".")[0]
            near = [place for place, each in enumerate(merged) if each == parent or each.startswith(f"{parent}.")]
            merged.insert(near[-1] + 1 if parent and near else len(merged), path)
    return merged


def _figure_drifts(then: model.OutcomeMade, now: model.OutcomeMade) -> dict[str, model.ValueDrift]:
    """The figures of both receipts that have another value now."""
    before, after = {each.name: each for each in then.figures}, {each.name: each for each in now.figures}
    return {
        name: model.ValueDrift(name=name, then=_words(before[name]), now=_words(after[name]), since=after[name].since)
        for name in before
        if name in after and (before[name].value, before[name].seal) != (after[name].value, after[name].seal)
    }


def _value_drifts(then: model.OutcomeMade, now: model.OutcomeMade) -> list[model.ValueDrift]:
    before, after = {each.name: each for each in then.values}, {each.name: each for each in now.values}
    return [
        model.ValueDrift(
            name=name,
            then=_words(before[name]) if name in before else None,
            now=_words(after[name]) if name in after else None,
        )
        for name in dict.fromkeys([*before, *after])
        if name not in before
        or name not in after
        or (before[name].value, before[name].seal) != (after[name].value, after[name].seal)
    ]


def _words(used: model.FigureUsed | model.ValueShown) -> str:
    return used.text if used.text is not None else _SEALED


__all__ = ["read_receipt", "verify"]
