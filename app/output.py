"""What the commands have in common: their defaults, and how they tell what they found."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

from tyro.conf import arg

from app.plain_json import to_json

OK = 0
"""Exit status: done."""
DEFAULT_LABELS = 200
DEFAULT_TEACHER = "oracle"
DEFAULT_MINUTES = 10.0
"""Of presses."""

Json = Annotated[bool, arg(name="json", help="The last line of stdout is one JSON object.")]


def notice(sentence: str) -> None:
    """Prints a line on stderr that a person should know and that stops nothing; nowhere if there is no stderr."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            print(f"backflip: {sentence}", file=sys.stderr, flush=True)


def tell(fields: Mapping[str, object], as_json: bool) -> None:
    """Prints `fields` as one line of JSON, if that was asked for."""
    if as_json:
        print(to_json(fields))
