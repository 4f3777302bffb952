"""What a profile cannot say at once: facts that others rule out, and facts that cannot be true together, whatever the law."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from weakref import WeakKeyDictionary

from eligibility import nodes
from eligibility.compiler import CompiledRules, closure
from eligibility.datatypes import MET, NOT_MET, RecordType, Type, Value
from eligibility.diagnostics import Collector, ProfileError
from eligibility.downstream import downstream
from eligibility.english import listed
from eligibility.findings import OUTSIDE, Findings, Frame, facts_below
from eligibility.formatting import show
from eligibility.operations import Inputs, Step, Values
from eligibility.ranges import Span, possible
from eligibility.sweep import Sweep

# Forms that settle nothing as long as one of the values they read is unknown.
_STRICT: Final = (
    nodes.Comparison,
    nodes.Membership,
    nodes.Arithmetic,
    nodes.DateShift,
    nodes.Elapsed,
    nodes.Extreme,
    nodes.Rounded,
)


def refuse_contradictions(compiled: CompiledRules, inputs: Inputs, values: Values) -> None:
    """Refuse a profile that contradicts itself, whichever rules are asked for. The guards have been run on `values`.

    Raises: ProfileError with every contradiction.
    """
    collector = Collector()
    for path in ruled_out(compiled, inputs.facts, values):
        declared, guard = compiled.book.facts[path], compiled.guards[path]
        others = ", ".join(f"`{name}`" for name in sorted(facts_below(compiled, guard)))
        message = f"the {declared.label} is stated, but {others} says that it does not apply"
        collector.add("E404", message, path=path, help=f"leave it out, or correct {others}")
    broken = _Watch.over(compiled).broken(compiled, inputs, values)
    if broken:
        findings = Findings(compiled, values, inputs, "reference")
        for each in broken:
            for stated in _faults(findings, compiled.consistency[each], OUTSIDE):
                names = [f"{f'`{place}`' if place else 'the as-of date'} is {words}" for place, words in stated.items()]
                message = f"{listed(names)}, but {compiled.book.consistency[each].title}"
                path = next((place for place in stated if place), "")
                collector.add("E410", message, path=path, help="correct what is wrong, or leave it out")
    if collector.found:
        raise ProfileError(collector.found)


def ruled_out(compiled: CompiledRules, facts: Mapping[str, Value], values: Values) -> tuple[str, ...]:
    """The stated facts of which others say that they do not apply."""
    guards, declared = compiled.guards, compiled.book.facts
    return tuple(
        path
        for path, value in facts.items()
        if path in guards and values[guards[path]] is NOT_MET and value != declared[path].otherwise
    )


def broken(compiled: CompiledRules, facts: Mapping[str, Value], values: Values) -> tuple[str, ...]:
    """The ids of the consistency that some facts contradict, where the steps of all of it have been run on `values`."""
    needed = _Watch.over(compiled).needed
    return tuple(
        name for name, index in compiled.consistency.items() if values[index] is NOT_MET and needed[name] <= facts.keys()
    )


def telling(compiled: CompiledRules, stated: Iterable[str]) -> tuple[tuple[int, str], ...]:
    """The steps that, where they are not met, make a profile that states some facts contradict itself.

    Each with the fact that it then rules out, unless this has the value it has where it does not apply; with nothing where facts
    contradict each other.
    """
    needed, known = _Watch.over(compiled).needed, frozenset(stated)
    guards = [(index, path) for path, index in compiled.guards.items() if path in known]
    return (*guards, *((index, "") for name, index in compiled.consistency.items() if needed[name] <= known))


def watched(compiled: CompiledRules, facts: Mapping[str, Value], varied: Collection[str]) -> frozenset[int]:
    """As `telling`, for facts of which those in `varied` may have any value."""
    declared = compiled.book.facts
    return frozenset(
        index
        for index, path in telling(compiled, facts.keys() | set(varied))
        if not path or path in varied or facts[path] != declared[path].otherwise
    )


def first_contradiction(
    compiled: CompiledRules, facts: Mapping[str, Value], moving: Sequence[str], first: date, last: date
) -> date | None:
    """The first day from one to another on which facts contradict themselves, some of them being that day; None: there is none.

    Nothing that says so is law, so the compiled rules of any day tell it for all.
    """
    turning = downstream(compiled).of(moving, day=True)
    deciding = watched(compiled, facts, moving).intersection(turning)
    needed = closure(compiled.steps, deciding)
    order = [index for index in (*compiled.order, *compiled.consistency_order) if index in needed]
    again = [index for index in turning if index in needed]
    values = list(compiled.start)

    def search(low: date, high: date) -> date | None:
        inputs = Inputs({**facts, **dict.fromkeys(moving, low)}, low)
        if low == high:
            _run(compiled, order, inputs, values)
        else:
            days = Span(low, high)
            Sweep(compiled, values, inputs, dict.fromkeys(moving, days), days).run(again)
        if not any(NOT_MET in (possible(values[index]) or ()) for index in deciding):
            return None
        if low == high:
            return low
        middle = low + (high - low) // 2
        return search(low, middle) or search(middle + timedelta(days=1), high)

    if not deciding:
        return None
    _run(compiled, order, Inputs({**facts, **dict.fromkeys(moving, first)}, first), values)
    return search(first, last)


def _run(compiled: CompiledRules, order: Iterable[int], inputs: Inputs, values: Values) -> None:
    for index in order:
        values[index] = compiled.steps[index].operation(values, inputs, compiled.steps)


class _Watch:
    """Which consistency has to be looked at for which stated facts; the same for every profile."""

    def __init__(self, compiled: CompiledRules) -> None:
        self.by_fact: dict[str, list[tuple[str, frozenset[str]]]] = {}
        self.always: list[str] = []
        self.needed: dict[str, frozenset[str]] = {}
        self.orders: dict[str, tuple[int, ...]] = {}
        run = frozenset((*compiled.order, *compiled.consistency_order))
        for name, index in compiled.consistency.items():
            self.orders[name] = tuple(sorted(closure(compiled.steps, [index]) & run))
            needs = self.needed[name] = self.needs(compiled.book.consistency[name].node)
            if needs:
                self.by_fact.setdefault(max(needs), []).append((name, needs))
            else:
                self.always.append(name)

    @classmethod
    def over(cls, compiled: CompiledRules) -> _Watch:
        """What watches some compiled rules, made once."""
        known = _KNOWN.get(compiled)
        if known is None:
            known = _KNOWN[compiled] = cls(compiled)
        return known

    def needs(self, node: nodes.Node) -> frozenset[str]:
        """Facts without any one of which nobody has stated anything that makes a condition false."""
        match node:
            case nodes.FactValue(path=path):
                return frozenset({path})
            case nodes.Quantified(source=part) | nodes.Aggregate(source=part) | nodes.Converted(money=part):
                return self.needs(part)
            case nodes.AllOf(items=items):
                return frozenset[str].intersection(*(self.needs(item) for item in items))
            case nodes.Negation(item=nodes.Comparison() | nodes.Membership() as part):
                return self.needs(part)
        parts = nodes.children(node) if isinstance(node, (nodes.AnyOf, *_STRICT)) else ()
        return frozenset[str]().union(*(self.needs(part) for part in parts))

    def broken(self, compiled: CompiledRules, inputs: Inputs, values: Values) -> list[str]:
        """The ids of the consistency that a profile contradicts; its steps are run on `values`."""
        facts, by_fact = inputs.facts, self.by_fact
        looked_at = [name for path in facts if path in by_fact for name, needs in by_fact[path] if needs <= facts.keys()]
        found: list[str] = []
        for name in (*self.always, *looked_at):
            _run(compiled, self.orders[name], inputs, values)
            if values[compiled.consistency[name]] is NOT_MET:
                found.append(name)
        return sorted(found, key=compiled.consistency.__getitem__)


_KNOWN: Final[WeakKeyDictionary[CompiledRules, _Watch]] = WeakKeyDictionary()


def _faults(findings: Findings, index: int, frame: Frame) -> Iterator[dict[str, str]]:
    """What contradicts each other in a condition that is not met: the values in words by their places, each fault apart."""
    step = findings.compiled.steps[index]
    match step.node:
        case nodes.AllOf():
            for part in step.inputs:
                if findings.truth(part, frame) is NOT_MET:
                    yield from _faults(findings, part, frame)
        case nodes.Quantified(kind="all"):
            for inner in findings.frames(step, frame):
                if findings.truth(step.inputs[1], inner) is NOT_MET:
                    yield from _faults(findings, step.inputs[1], inner)
        case _:
            yield dict(_stated(findings, step, frame))


def _stated(findings: Findings, step: Step, frame: Frame) -> Iterator[tuple[str, str]]:
    """The facts that a step reads, by place, and the as-of date, with an empty one, in words."""
    book = findings.compiled.book
    match step.node:
        case nodes.AsOf():
            yield "", findings.inputs.as_of.isoformat()
        case nodes.FactValue(path=path):
            yield path, _words(findings, findings.value(step.index, frame), book.facts[path].type, book.facts[path].unit)
        case nodes.ItemValue(variable=variable, field=name):
            place = frame.places[variable]
            outer = book.facts[place.partition("[")[0]]
            inner = outer if name is None else outer.fields[name]
            value = findings.value(step.index, frame)
            yield f"{place}.{name}" if name else place, _words(findings, value, step.node.type, inner.unit)
        case nodes.Quantified() | nodes.Aggregate():
            yield from _stated(findings, findings.compiled.steps[step.inputs[0]], frame)
        case _:
            for index in _read(findings, step, frame):
                yield from _stated(findings, findings.compiled.steps[index], frame)


def _read(findings: Findings, step: Step, frame: Frame) -> Iterable[int]:
    """What a step read: of a choice the branch it took."""
    if isinstance(step.node, nodes.Choose) and findings.truth(step.inputs[0], frame) in (MET, NOT_MET):
        return (step.inputs[0], step.inputs[1 if findings.truth(step.inputs[0], frame) is MET else 2])
    return step.inputs


def _words(findings: Findings, value: Value, kind: Type, unit: str | None) -> str:
    """A value as a sentence says it; of records their number."""
    if isinstance(value, tuple) and isinstance(getattr(kind, "element", None), RecordType):
        return f"a list of {len(value)}"
    return show(value, kind, findings.compiled.book, unit)


__all__ = ["broken", "first_contradiction", "refuse_contradictions", "ruled_out", "telling", "watched"]
