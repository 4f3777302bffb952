"""The shards of the durable engine: the rules they make of conditions, the limits of durable-rules, and the self-check."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, cast

import pytest

from eligibility.backends import durable_shards
from eligibility.backends.durable_decisions import (
    Condition,
    CountField,
    Decision,
    Inference,
    Item,
    TruthField,
    conjunction,
    counted,
    disjunction,
)
from eligibility.backends.durable_shards import Shard, field_names, packed
from eligibility.datatypes import JUDGEMENT, MET, NOT_MET, UNKNOWN_TRUTH, Truth, Value, all_of, any_of, at_least, negate
from eligibility.diagnostics import EngineError
from eligibility.operations import Values

durable_rules = pytest.importorskip("durable_rules_engine")
TRUTHS = tuple(Truth)


def shard(*decisions: Decision, module: Any = durable_rules) -> Shard:
    return Shard(module, decisions, {})


def items(signs: tuple[bool, ...], *, judged: bool = True) -> list[Item]:
    return [Item(TruthField(f"f{index}", index), positive, judged) for index, positive in enumerate(signs)]


@pytest.mark.parametrize("signs", list(itertools.product((True, False), repeat=3)))
def test_combinations_follow_the_truth_tables(signs: tuple[bool, ...]) -> None:
    """Rules for conjunctions and disjunctions of plain and negated items give the truth of `all_of` and `any_of`."""
    both = shard(conjunction(3, items(signs)), disjunction(4, items(signs)))
    for truths in itertools.product(TRUTHS, repeat=3):
        values: Values = [*truths, UNKNOWN_TRUTH, UNKNOWN_TRUTH]
        both.run(values, {})
        read = [truth if positive else negate(truth) for truth, positive in zip(truths, signs, strict=True)]
        assert values[3:] == [all_of(read), any_of(read)]


def test_counting_follows_the_truth_tables() -> None:
    """Rules for k of n give the truth of `at_least`, for every k."""
    names = field_names()
    fields = [CountField((next(names), next(names), next(names), next(names)), (0, 1, 2, 3)) for _ in range(6)]
    all_counts = shard(*(counted(4 + count, count, field, judged=True) for count, field in enumerate(fields)))
    for truths in itertools.product(TRUTHS, repeat=4):
        values: Values = [*truths, *[UNKNOWN_TRUTH] * 6]
        all_counts.run(values, {})
        assert values[4:] == [at_least(count, truths) for count in range(6)]


@pytest.mark.parametrize("width", [1, 2, 5, 24])
def test_full_shards_stay_inside_the_limits(width: int) -> None:
    """A shard filled to the brim answers for every profile: the stack of durable-rules never overflows."""
    chance = Random(width)  # noqa: S311 - not a secret, but the same every time
    count = 200
    made = []
    for step in range(count, 2 * count):
        fields = [TruthField(f"f{each}", each) for each in chance.sample(range(60), width)]
        read = [Item(field, positive=chance.random() < 0.5, judged=True) for field in fields]
        made.append((conjunction if step % 2 else disjunction)(step, read))
    group = max(packed(made), key=len)
    full = shard(*group)
    extremes = [[truth] * count for truth in TRUTHS]
    mixed = [[chance.choice(TRUTHS) for _ in range(count)] for _ in range(40)]
    for truths in (*extremes, *mixed):
        values: Values = [*truths, *[UNKNOWN_TRUTH] * count]
        full.run(values, {})
        for decision in group:
            assert (values[decision.step] is not UNKNOWN_TRUTH) >= all(value is not UNKNOWN_TRUTH for value in truths)


def test_shards_are_as_large_as_they_may_be() -> None:
    """Decisions are packed in order, and none is left out."""
    made = [conjunction(step, items((True,) * 20)) for step in range(100, 110)]
    groups = packed(made)
    assert [decision for group in groups for decision in group] == made
    assert max(len(group) for group in groups) == 2
    assert packed([]) == []


@pytest.mark.parametrize("wide", [{"load": 60}, {"siblings": 400}, {"members": 300}, {"rules": 120}])
def test_a_decision_too_large_for_any_shard_is_refused(wide: dict[str, int]) -> None:
    """A decision that could bring durable-rules to a limit is an error when the rules are compiled, not when they are run."""
    fields = tuple(TruthField(f"f{each}", each) for each in range(wide.get("members", 1)))
    rules = tuple(Inference(MET, {"f0": 2}) for _ in range(wide.get("rules", 1)))
    large = Decision(9, rules, fields, bool, load=wide.get("load", 1), siblings=wide.get("siblings", 1))
    with pytest.raises(EngineError, match="E504"):
        packed([large])


def test_field_names_never_collide(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two fields of a fact have one 32-bit hash, which durable-rules would take for one field."""
    assert durable_shards.fnv1a("liquid") == durable_shards.fnv1a("costarring")
    names = list(itertools.islice(field_names(), 10_000))
    assert len({durable_shards.fnv1a(name) for name in (*names, "id", "sid", "k", "$s", "$forward")}) == len(names) + 5
    hashes = dict[str, int]()
    monkeypatch.setattr(durable_shards, "fnv1a", lambda name: hashes.setdefault(name, len(hashes) // 3))
    rare = list(itertools.islice(field_names(), 10))
    assert len({hashes[name] for name in rare}) == 10


def test_a_condition_without_truth_is_refused() -> None:
    """A value that is no truth is an error, not taken for one."""
    with pytest.raises(EngineError, match="E502"):
        shard(conjunction(1, items((True,)))).run([cast(Value, None), UNKNOWN_TRUTH], {})


def test_judgement_where_none_can_be_is_refused() -> None:
    """A judgement that the rules were not made for is an error, never met or not met."""
    with pytest.raises(EngineError, match="E503"):
        shard(conjunction(1, items((True,), judged=False))).run([JUDGEMENT, UNKNOWN_TRUTH], {})


# the self-check


class Tampered:
    """durable-rules with a part of its answers changed: messages are what the rules fire, as `{"name":{...}}`."""

    error = durable_rules.error

    def __init__(self, change: Callable[[list[str]], Iterable[str]]) -> None:
        self.change = change
        self.honest = True
        self.waiting: Iterator[str] = iter(())

    def __getattr__(self, name: str) -> Any:
        return getattr(durable_rules, name)

    def start_action_for_state(self, handle: int, state: int) -> tuple[str, str] | None:
        first = durable_rules.start_action_for_state(handle, state)
        messages = [first[1]]
        while message := durable_rules.complete_and_start_action(handle, state):
            messages.append(message)
        names = [message[2 : message.index('"', 2)] for message in messages]
        self.waiting = (f'{{"{name}":{{}}}}' for name in (names if self.honest else self.change(names)))
        changed = next(self.waiting, None)
        return None if changed is None else (first[0], changed)

    def complete_and_start_action(self, _handle: int, _state: int) -> str | None:
        return next(self.waiting, None)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda names: names[:-1], id="lost"),
        pytest.param(lambda _: [], id="silent"),
        pytest.param(lambda names: [*names, names[-1]], id="doubled"),
        pytest.param(lambda names: [*names, "9m"], id="foreign"),
        pytest.param(lambda names: [*names, "2n"], id="met and not met"),
        pytest.param(lambda names: [*names, "3n"], id="undecidable"),
        pytest.param(lambda names: [name for name in names if name != "z"], id="no sentinel"),
        pytest.param(itertools.cycle, id="endless"),
    ],
)
def test_unsound_answers_are_refused(change: Callable[[list[str]], Iterable[str]]) -> None:
    """A finding that was lost, doubled, invented or contradicted is an error, and nothing of it is written down."""
    module = Tampered(change)
    tampered = shard(conjunction(2, items((True, False))[:1]), conjunction(3, items((True, True))[1:]), module=module)
    values: Values = [MET, UNKNOWN_TRUTH, UNKNOWN_TRUTH, UNKNOWN_TRUTH]
    tampered.run(values, {})
    assert values == [MET, UNKNOWN_TRUTH, MET, UNKNOWN_TRUTH]
    module.honest = False
    values = [MET, UNKNOWN_TRUTH, UNKNOWN_TRUTH, UNKNOWN_TRUTH]
    with pytest.raises(EngineError, match="E503"):
        tampered.run(values, {})
    assert values[2:] == [UNKNOWN_TRUTH, UNKNOWN_TRUTH]


def test_nothing_is_asked_where_nothing_can_be_decided() -> None:
    """A shard that knows too little to decide anything does not call durable-rules."""
    module = Tampered(itertools.cycle)
    one = shard(conjunction(1, items((True,))), module=module)
    module.honest = False
    values: Values = [UNKNOWN_TRUTH, UNKNOWN_TRUTH]
    one.run(values, {})
    assert values == [UNKNOWN_TRUTH, UNKNOWN_TRUTH]


def test_a_disjunction_may_fire_once_for_every_true_branch() -> None:
    """What fires once for every true branch is one finding."""
    doubled = shard(disjunction(3, items((True, True, True))))
    assert doubled.fired(doubled.fact([MET, MET, MET], {})) == {"3m": 3, "z": 1}


def test_failures_of_the_c_module_are_engine_errors() -> None:
    """An error inside durable-rules becomes one of ours that says nothing about the profile, and the shard goes on working."""
    one = shard(conjunction(1, items((True,))))
    for fact_text in ('{"f0":1e99999,"secret":', '{"f0":[', "\ud800"):
        with pytest.raises(EngineError) as caught:
            one.fired(fact_text)
        assert caught.value.diagnostics[0].code == "E502"
        assert "secret" not in str(caught.value)
    values: Values = [MET, UNKNOWN_TRUTH]
    one.run(values, {})
    assert values == [MET, MET]


def test_a_fact_left_behind_is_noticed_and_removed() -> None:
    """A state that an interrupted run left behind never leaks into the next answer, and only costs one failure."""
    one = shard(conjunction(1, items((True,))))
    durable_rules.assert_fact(one.handle, one.fact([NOT_MET], {}))
    with pytest.raises(EngineError):
        one.run([MET, UNKNOWN_TRUTH], {})
    values: Values = [MET, UNKNOWN_TRUTH]
    one.run(values, {})
    assert values == [MET, MET]


def test_refused_rules_are_engine_errors() -> None:
    """A ruleset that durable-rules refuses is an error when it is first run."""
    broken = Decision(1, (Inference(MET, cast(Condition, {"$nonsense": {"f0": 1}})),), (), bool, load=1, siblings=1)
    with pytest.raises(EngineError, match="E502"):
        shard(broken).fired('{"k":1,"sid":"1","id":"1"}')


def test_a_shard_does_not_run_inside_itself() -> None:
    """A call out of a running shard, as a signal handler could make, is an error and leaves the running one alone."""
    caught: list[EngineError] = []

    class Interrupting(Tampered):
        def complete_and_start_action(self, handle: int, state: int) -> str | None:
            if not self.honest:
                with pytest.raises(EngineError, match="E502") as inner:
                    one.run([NOT_MET, UNKNOWN_TRUTH], {})
                caught.append(inner.value)
            return super().complete_and_start_action(handle, state)

    module = Interrupting(lambda names: names)
    one = shard(conjunction(1, items((True,))), module=module)
    module.honest = False
    values: Values = [MET, UNKNOWN_TRUTH]
    one.run(values, {})
    assert values == [MET, MET]
    assert caught
