"""JSON text: two blanks of indentation, keys in the order of the models, characters as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping


def to_json(data: Mapping[str, object]) -> str:
    """Plain data as JSON text; the same data gives the same text."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
