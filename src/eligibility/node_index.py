"""The steps of compiled rules by the nodes they were made for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from eligibility.nodes import Node


class NodeIndex(Mapping[Node, int]):
    """The step of each node: found by the very node, or else by one equal to it, which takes long the first time."""

    def __init__(self, nodes: Iterable[Node], steps: Iterable[int]) -> None:
        self.nodes, self.steps = tuple(nodes), tuple(steps)
        self.very = {id(node): step for node, step in zip(self.nodes, self.steps, strict=True)}  # `nodes` keeps the ids theirs

    @cached_property
    def equal(self) -> dict[Node, int]:
        """The steps by nodes that are compared by structure."""
        return dict(zip(self.nodes, self.steps, strict=True))

    def __getitem__(self, node: Node) -> int:
        found = self.very.get(id(node))
        return self.equal[node] if found is None else found

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)

    def __reduce__(self) -> tuple[type[NodeIndex], tuple[tuple[Node, ...], tuple[int, ...]]]:
        return NodeIndex, (self.nodes, self.steps)
