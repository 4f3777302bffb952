"""How figures were worked out: a tree of values, each with its name, the calculation in figures and the result."""

from __future__ import annotations

from eligibility import nodes
from eligibility.datatypes import MET, BooleanType
from eligibility.english import capital
from eligibility.explaining.phrases import Phrases
from eligibility.explanation import Explanation, Side
from eligibility.findings import Frame


def calculations(
    phrases: Phrases, path: str, parts: tuple[nodes.Node, ...], frame: Frame, *, decides: bool
) -> tuple[Explanation, ...]:
    """The calculations behind some values; nothing for one that is stated or fixed by law as it stands."""
    worked = [part for part in dict.fromkeys(parts) if _is_worked_out(phrases, part, frame)]
    return tuple(_value(phrases, f"{path}/v{position + 1}", part, frame, decides=decides) for position, part in enumerate(worked))


def _is_worked_out(phrases: Phrases, node: nodes.Node, frame: Frame) -> bool:
    if isinstance(node, nodes.Reference):
        return not phrases.names_criterion(node) and not isinstance(node.type, BooleanType)
    if isinstance(node, nodes.Converted):
        return phrases.formula(node, frame) != phrases.short(node, frame)
    worked = isinstance(node, nodes.Arithmetic | nodes.DateShift | nodes.Extreme | nodes.Rounded | nodes.Elapsed | nodes.Choose)
    return worked and phrases.reads_facts(node)


def _value(phrases: Phrases, path: str, node: nodes.Node, frame: Frame, *, decides: bool) -> Explanation:
    worked = phrases.derived(node).node if isinstance(node, nodes.Reference) else node
    noun, text, law = phrases.noun(node, frame), phrases.text(node, frame), phrases.law(node, frame)
    atoms = _atoms(phrases, worked, frame)
    if phrases.is_unknown(node, frame):
        atoms = [atom for atom in (atoms or _conditions(phrases, worked, frame)) if phrases.is_unknown(atom, frame)]
        stated = isinstance(worked, nodes.FactValue | nodes.AssumedFact | nodes.ItemValue)
        text = phrases.say("value.not_stated" if stated else "value.unknown")
        said, reasons = text, []
    else:
        formula = phrases.formula(worked, frame)
        said, reasons = text if formula == phrases.short(node, frame) else f"{formula} = {text}", _reasons(phrases, worked, frame)
        if len(atoms) == 1 and not isinstance(atoms[0], nodes.Reference) and phrases.text(atoms[0], frame) == text:
            atoms = []
    if worked is node:  # it has no name of its own: its noun names every part
        atoms = [atom for atom in atoms if isinstance(atom, nodes.Reference)]
    return Explanation(
        path,
        "value",
        capital(noun),
        None,
        phrases.say("test.worked_out", noun=noun, value=said, source=phrases.source(law, *reasons)),
        decides,
        citation=None if law is None else law.citation,
        since=None if law is None else law.since,
        observed=Side(noun, phrases.value(node, frame), node.type, text),
        children=tuple(
            _value(phrases, f"{path}.{position + 1}", atom, frame, decides=decides) for position, atom in enumerate(atoms)
        ),
    )


def _atoms(phrases: Phrases, node: nodes.Node, frame: Frame) -> list[nodes.Node]:
    """The named values a calculation is made of, each once."""
    match node:
        case nodes.Constant() | nodes.FactValue() | nodes.AssumedFact() | nodes.ItemValue() | nodes.ParameterValue():
            return []
        case nodes.Choose():
            chosen = phrases.chosen(node, frame)
            below: tuple[nodes.Node, ...] = (node.then, node.otherwise) if chosen is None else (chosen,)
        case nodes.Converted() if phrases.formula(node, frame) == phrases.short(node.money, frame):
            below = (node.money,)
        case nodes.Lookup() | nodes.Classified() | nodes.Aggregate():
            below = ()
        case nodes.Quantified(source=source):
            below = (source,)
        case _:
            below = nodes.children(node)
    found: list[nodes.Node] = []
    for each in below:
        named = isinstance(
            each,
            nodes.FactValue
            | nodes.AssumedFact
            | nodes.ItemValue
            | nodes.ParameterValue
            | nodes.Reference
            | nodes.Lookup
            | nodes.Aggregate
            | nodes.AsOf,
        )
        found.extend([each] if named else _atoms(phrases, each, frame))
    return list(dict.fromkeys(found))


def _conditions(phrases: Phrases, node: nodes.Node, frame: Frame) -> list[nodes.Node]:
    """The named values that the unknown conditions of a decision table read."""
    waiting = [each for each in nodes.children(node) if phrases.is_unknown(each, frame)]
    found: list[nodes.Node] = []
    while waiting:
        each = waiting.pop(0)
        named = isinstance(each, nodes.FactValue | nodes.AssumedFact | nodes.ParameterValue | nodes.Lookup)
        if named or (isinstance(each, nodes.Reference) and not phrases.names_criterion(each)):
            found.append(each)
        else:
            below = (each.source,) if isinstance(each, nodes.Quantified | nodes.Aggregate) else nodes.children(each)
            waiting.extend(child for child in below if phrases.is_unknown(child, frame))
    return list(dict.fromkeys(found))


def _reasons(phrases: Phrases, node: nodes.Node, frame: Frame) -> list[str]:
    """Why a decision table or a choice gives the value it gives."""
    if isinstance(node, nodes.Choose):
        chosen = phrases.chosen(node, frame)
        if chosen is None:
            return []
        reason = phrases.reason(node.condition, positive=chosen is node.then, frame=frame)
        return [reason, *_reasons(phrases, chosen, frame)]
    if not isinstance(node, nodes.Classified):
        return []
    met = [condition for condition in node.conditions if phrases.truth(condition, frame) is MET]
    if not met:
        return [phrases.say("why.no_row")]
    return [phrases.reason(each, frame=frame) for each in (met if node.hit == "collect" else met[:1])]
