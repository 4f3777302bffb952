"""The decision in expression languages: zen-engine, datalogic (JSONLogic), CEL twice, and Rego.

Each function makes what decides a profile, from the figures of the law. Three-valued truth is written as the language allows.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.decision.by_hand import Answer, Decide
from benchmarks.decision.formula import (
    PART,
    Among,
    Both,
    Either,
    Holds,
    Leaf,
    Named,
    Part,
    answer,
    criteria,
    facts_of,
    folded,
    rails,
    with_need,
)
from benchmarks.decision.rules import Figures


def _plain(leaf: Leaf, fact: str = "", need: str = "need") -> str:
    """A leaf as most expression languages write it, where its facts are known; `fact` stands before the name of a fact."""
    match leaf:
        case Holds(fact=name):
            return f"{fact}{name}"
        case Among(fact=name, words=words):
            return f"{fact}{name} in {json.dumps(words)}"
        case Part(share=share):
            return f"{fact}salary * {PART}.0 >= {share}.0 * {need}"
        case _:
            return f"{fact}{leaf.fact} {leaf.sign} {json.dumps(leaf.value)}"


def zen(law: Figures) -> Decide:
    """zen-engine: a decision table for the going rates, then an expression for each criterion."""
    import zen as engine

    def leaf(each: Leaf) -> str:
        unknown = " or ".join(f"{'$.need' if name == 'need' else name} == null" for name in facts_of(each))
        return f"(({unknown}) ? 0.5 : (({_plain(each, need='$.need')}) ? 1 : 0))"

    names = {name: f"c{number}" for number, name in enumerate(criteria(law))}
    written = [("need", "rate == null or weekly_hours == null ? null : rate * weekly_hours")]
    for name, formula in criteria(law).items():
        text = folded(
            formula,
            leaf,
            lambda other: f"$.{names[other]}",
            lambda parts: f"min([{', '.join(parts)}])",
            lambda parts: f"max([{', '.join(parts)}])",
        )
        written.append((names[name], text))
    place = {"x": 0, "y": 0}
    table = {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": "job", "name": "job", "field": "job_code"}],
        "outputs": [{"id": "rate", "name": "rate", "field": "rate"}],
        "rules": [{"_id": job, "job": json.dumps(job), "rate": str(rate)} for job, rate in law.going_rates.items()],
    }
    expressions = {"expressions": [{"id": key, "key": key, "value": value} for key, value in written]}
    document = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "position": place},
            {"id": "table", "name": "table", "type": "decisionTableNode", "position": place, "content": table},
            {"id": "rules", "name": "rules", "type": "expressionNode", "position": place, "content": expressions},
            {"id": "out", "name": "out", "type": "outputNode", "position": place},
        ],
        "edges": [
            {"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"}
            for one, other in (("in", "table"), ("table", "rules"), ("rules", "out"))
        ],
    }
    decision = engine.ZenEngine().create_decision(json.dumps(document))

    def decide(profile: Mapping[str, Any]) -> Answer:
        found = decision.evaluate(profile)["result"]
        return answer([found[name] for name in names.values()])

    return decide


def datalogic(law: Figures) -> Decide:
    """datalogic: JSONLogic in Rust, the least and greatest of 0, 0.5 and 1."""
    import datalogic_py as engine

    rate = {"var": [{"cat": ["rates.", {"var": "job_code"}]}]}
    need = {"*": [rate, {"var": "weekly_hours"}]}

    def leaf(each: Leaf) -> Any:
        match each:
            case Holds(fact=name):
                known: Any = {"var": name}
            case Among(fact=name, words=words):
                known = {"in": [{"var": name}, list(words)]}
            case Part(share=share):
                known = {">=": [{"*": [{"var": "salary"}, PART]}, {"*": [share, need]}]}
            case _:
                known = {each.sign: [{"var": each.fact}, each.value]}
        reads = [{"var": "salary"}, rate, {"var": "weekly_hours"}] if isinstance(each, Part) else [{"var": each.fact}]
        tests = [{"===": [read, None]} for read in reads]
        return {"if": [{"or": tests} if len(tests) > 1 else tests[0], 0.5, {"if": [known, 1, 0]}]}

    made: dict[str, Any] = {}
    for name, formula in criteria(law).items():
        made[name] = folded(formula, leaf, made.__getitem__, lambda parts: {"min": parts}, lambda parts: {"max": parts})
    rule = engine.Engine().compile(list(made.values()))
    rates = dict(law.going_rates)
    return lambda profile: answer(rule.evaluate({**profile, "rates": rates}))


def cel_rust(law: Figures) -> Decide:
    """CEL in Rust: one program of two conditions for each criterion, guarded by `has`."""
    import cel

    def leaf(each: Leaf) -> tuple[str, str]:
        known = " && ".join(f"has(p.{name})" for name in facts_of(each))
        return f"({known} && {_plain(each, 'p.', 'p.need')})", f"({known} && !({_plain(each, 'p.', 'p.need')}))"

    made: dict[str, tuple[str, str]] = {}
    for name, formula in criteria(law).items():
        made[name] = rails(
            formula, leaf, made.__getitem__, lambda parts: f"({' && '.join(parts)})", lambda parts: f"({' || '.join(parts)})"
        )
    program = cel.compile(f"[{', '.join(text for pair in made.values() for text in pair)}]")

    def decide(profile: Mapping[str, Any]) -> Answer:
        found = with_need(law.going_rates, profile)
        if "salary" in found:
            found["salary"] = float(found["salary"])
        held = program.execute(cel.Context(variables={"p": found}))
        truths = [True if met else False if failed else None for met, failed in zip(held[::2], held[1::2], strict=True)]
        return truths[-1], tuple(truths[:-1])

    return decide


def cel_cpp(law: Figures) -> Decide:
    """CEL in C++: a program for each criterion; `||` and `&&` absorb the error of a missing fact, as unknown does."""
    from cel_expr_python import cel

    kind = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    environment = cel.NewEnv(variables={"p": kind, "s": kind})

    def text(name: str) -> str:
        return folded(
            criteria(law)[name],
            lambda leaf: f"({_plain(leaf, 'p.', 'p.need')})",
            lambda other: f"s.{names[other]}",
            lambda parts: f"({' && '.join(parts)})",
            lambda parts: f"({' || '.join(parts)})",
        )

    names = {name: f"c{number}" for number, name in enumerate(criteria(law))}
    programs = [(names[name], environment.compile(text(name))) for name in names]

    def decide(profile: Mapping[str, Any]) -> Answer:
        found = with_need(law.going_rates, profile)
        if "salary" in found:
            found["salary"] = float(found["salary"])
        settled: dict[str, bool] = {}
        for name, program in programs:
            value = program.eval(data={"p": found, "s": settled}).value()
            if value is True or value is False:
                settled[name] = value
        truths = [settled.get(name) for name in names.values()]
        return truths[-1], tuple(truths[:-1])

    return decide


def rego(law: Figures) -> Decide:
    """Rego in Rust (regorus): for each criterion a rule for met and one for not met, else null."""
    import opa_eval
    import orjson

    lines = [
        "package decision",
        "import rego.v1",
        f"rates := {json.dumps(dict(law.going_rates))}",
        "need := rates[input.job_code] * input.weekly_hours",
    ]
    names = {name: f"c{number}" for number, name in enumerate(criteria(law))}

    def rule(name: str, formula: Any) -> None:
        lines.append(f"default {name} := null")
        match formula:
            case Both() | Either():
                parts = []
                for number, item in enumerate(formula.items):
                    parts.append(names[item.name] if isinstance(item, Named) else f"{name}_{number}")
                    if not isinstance(item, Named):
                        rule(parts[-1], item)
                decisive, neutral = ("true", "false") if isinstance(formula, Either) else ("false", "true")
                lines.extend(f"{name} := {decisive} if {part} == {decisive}" for part in parts)
                lines.append(f"{name} := {neutral} if {{ {'; '.join(f'{part} == {neutral}' for part in parts)} }}")
            case Holds(fact=fact):
                lines.append(f"{name} := input.{fact}")
            case Among(fact=fact, words=words):
                lines.append(f"{name}_set := {{{', '.join(json.dumps(word) for word in words)}}}")
                lines.append(f"{name} := true if input.{fact} in {name}_set")
                lines.append(f"{name} := false if {{ input.{fact}; not input.{fact} in {name}_set }}")
            case _:
                text = _plain(formula, "input.")
                opposite = (
                    text.replace(">=", "<")
                    if ">=" in text
                    else text.replace("==", "!=")
                    if "==" in text
                    else text.replace("<", ">=")
                )
                lines.append(f"{name} := true if {text}")
                lines.append(f"{name} := false if {opposite}")

    for name, formula in criteria(law).items():
        rule(names[name], formula)
    lines.append(f"result := [{', '.join(names.values())}]")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decision.rego"
        path.write_text("\n".join(lines), encoding="utf-8")
        engine = opa_eval.OpaEval(str(path), query="data.decision.result")

    def decide(profile: Mapping[str, Any]) -> Answer:
        found: Any = engine.evaluate_parsed(orjson.dumps(profile).decode())
        while not (isinstance(found, list) and len(found) == len(names)):
            found = found["result"] if isinstance(found, dict) else found[0]["expressions"][0]["value"]
        return found[-1], tuple(found[:-1])

    return decide
