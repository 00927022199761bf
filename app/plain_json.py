"""JSON that is JSON: it has no NaN and no Infinity, which Python writes and other programs refuse."""

import json
import math
from typing import Any


def to_json(value: object, indent: int | None = None) -> str:
    """A value as JSON; numbers that are not finite become null.

    Args:
        value: of dictionaries, lists, tuples, texts, numbers, truth values and None.
        indent: spaces a level; None is all on one line.
    """
    return json.dumps(finite(value), indent=indent, allow_nan=False)


def finite(value: Any) -> Any:
    """The same value, with None for each number that is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return value
