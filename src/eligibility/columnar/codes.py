"""The codes that rules mention: what a code of a profile can be told apart from."""

from __future__ import annotations

from collections.abc import Iterable

from eligibility import nodes
from eligibility.compiler import CompiledRules
from eligibility.datatypes import CodeType, ListType


def mentioned_codes(compiled: CompiledRules) -> dict[CodeType, dict[str, None]]:
    """By scheme the codes that some rule compares with, lists or has in a table."""
    found: dict[CodeType, dict[str, None]] = {}
    seen: set[tuple[int, int]] = set()
    for step in compiled.steps:
        match step.node:
            case nodes.Lookup(keys=keys) | nodes.TableHas(keys=keys) if isinstance(step.data, dict):
                for place, key in enumerate(keys):
                    if isinstance(key.type, CodeType) and (id(step.data), place) not in seen:
                        seen.add((id(step.data), place))
                        found.setdefault(key.type, {}).update(dict.fromkeys([row[place] for row in step.data]))
            case nodes.Constant(type=CodeType() as kind, value=value):
                found.setdefault(kind, {})[str(value)] = None
            case nodes.Constant(type=ListType(element=kind)) | nodes.ListValue(type=ListType(element=kind)):
                values = compiled.start[step.index]
                if isinstance(kind, CodeType) and isinstance(values, Iterable):
                    found.setdefault(kind, {}).update(dict.fromkeys(str(value) for value in values))
    return found
