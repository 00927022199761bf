"""Settings in a JSON file: one bad key does not discard the rest, a failed write leaves the old file."""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue, TypeAdapter, ValidationError

from app.crash_points import crash_point
from app.errors import UsageError
from app.files import replace_text

log = logging.getLogger(__name__)

SCHEMA = 1
SCHEMA_KEY = "schema"

Kinds = Mapping[str, Any]
"""Key -> the type its value must have."""

PROGRAM_KINDS: Kinds = {
    "theme": Literal["system", "light", "dark"],
    "speed": float,
    "depth_cues": bool,
    "side_view": bool,
    "reduced_motion": bool,
    "shortcuts": dict[str, str],
    "guidance_seen": list[str],
    "window": dict[str, int],
    "reaction": dict[str, float],
}
"""Settings of the program whose values are checked. Others are the screens' own affair."""

SESSION_KINDS: Kinds = {
    "teacher": str,
    "labels": int,
    "feedback": str,
    "minutes": float,
    "tour": dict[str, float],
}
"""Who teaches a session without a window, up to how many labels, or what he gives and for how long; where its guided
tour is."""


class Settings:
    """Settings in one file."""

    def __init__(self, path: Path, kinds: Kinds = PROGRAM_KINDS) -> None:
        """Reads `path` as far as it can be read; what cannot be is logged and left out."""
        self._path = path
        self._kinds = {key: TypeAdapter(kind) for key, kind in kinds.items()}
        self._values = self._read()

    def get(self, key: str, default: JsonValue = None) -> JsonValue:
        """The value of `key`, or `default`."""
        return self._values.get(key, default)

    def set(self, key: str, value: object) -> None:
        """Checks `value`, keeps it and writes the file.

        Raises:
            UsageError: the value is of the wrong type.
            StorageError: the file could not be written; the value holds until the program ends.
        """
        self._values[key] = self._checked(key, value)
        text = json.dumps({SCHEMA_KEY: SCHEMA, **self._values}, indent=2, ensure_ascii=False)
        replace_text(self._path, text + "\n")
        crash_point("setting written")

    def _read(self) -> dict[str, JsonValue]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("'%s' cannot be read (%s): defaults are used", self._path, error)
            self._set_aside()
            return {}
        if not isinstance(found, dict):
            log.warning("'%s' holds no settings: defaults are used", self._path)
            self._set_aside()
            return {}
        found.pop(SCHEMA_KEY, None)
        values: dict[str, JsonValue] = {}
        for key, value in found.items():
            try:
                values[key] = self._checked(key, value)
            except UsageError as error:
                log.warning("%s The default is used.", error)
        return values

    def _checked(self, key: str, value: object) -> JsonValue:
        kind = self._kinds.get(key) or TypeAdapter(JsonValue)
        try:
            checked: JsonValue = kind.validate_python(value, strict=not isinstance(value, int))
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise UsageError(f"'{self._path}': the setting '{key}' is {value!r}: {reason.lower()}.") from error
        return checked

    def _set_aside(self) -> None:
        try:
            os.replace(self._path, self._path.with_name(self._path.name + ".unreadable"))
        except OSError:
            log.warning("'%s' could not be set aside", self._path)
