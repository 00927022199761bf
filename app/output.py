"""What the commands have in common: their defaults, and how they tell what they found."""

from collections.abc import Mapping
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


def tell(fields: Mapping[str, object], as_json: bool) -> None:
    """Prints `fields` as one line of JSON, if that was asked for."""
    if as_json:
        print(to_json(fields))
