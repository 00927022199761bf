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
from app.lock import LOCK_FILE, brief_lock
from sim.errors import UserError
from sim.untrusted import read_json

log = logging.getLogger(__name__)

SCHEMA = 1
SCHEMA_KEY = "schema"
LOCK_SECONDS = 1.0
"""Another program that writes settings is waited for so long; then they are written all the same."""

Kinds = Mapping[str, Any]
"""Key -> the type its value must have."""

PROGRAM_KINDS: Kinds = {
    "theme": Literal["system", "light", "dark"],
    "speed": float,
    "task_speeds": dict[str, float],
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
    """Settings in one file, which several programs may have open at once.

    Each change is merged into what the file holds by then: settings that others changed meanwhile stay, and so do those
    of a newer program, known or not.
    """

    def __init__(self, path: Path, kinds: Kinds = PROGRAM_KINDS) -> None:
        """Reads `path` as far as it can be read; what cannot be is logged and left out."""
        self._path = path
        self._kinds = {key: TypeAdapter(kind) for key, kind in kinds.items()}
        self._unsaved: dict[str, JsonValue] = {}
        """What could not be written yet."""
        self._values = self._accepted(self._stored())

    def get(self, key: str, default: JsonValue = None) -> JsonValue:
        """The value of `key`, or `default`."""
        return self._values.get(key, default)

    def set(self, key: str, value: object) -> None:
        """Checks `value`, keeps it and writes it into the file, beside what others have written there.

        Raises:
            UsageError: the value is of the wrong type.
            StorageError: the file could not be written; the value holds until the program ends.
        """
        checked = self._checked(key, value)
        self._values[key] = self._unsaved[key] = checked
        with brief_lock(self._path.with_name(f".{self._path.name}.{LOCK_FILE}"), LOCK_SECONDS):
            stored = self._stored()
            stored.setdefault(SCHEMA_KEY, SCHEMA)
            stored |= self._unsaved
            text = json.dumps(stored, indent=2, ensure_ascii=False)
            replace_text(self._path, text + "\n")
            crash_point("setting written")
        self._unsaved.clear()
        self._values = self._accepted(stored)

    def _stored(self) -> dict[str, Any]:
        """What the file holds, whatever it is; a file that is none of ours is set aside."""
        try:
            found = read_json(self._path)
        except FileNotFoundError:
            return {}
        except (OSError, UserError, RecursionError) as error:
            log.warning("'%s' cannot be read (%s): defaults are used", self._path, error)
            self._set_aside()
            return {}
        if not isinstance(found, dict):
            log.warning("'%s' holds no settings: defaults are used", self._path)
            self._set_aside()
            return {}
        return found

    def _accepted(self, stored: Mapping[str, Any]) -> dict[str, JsonValue]:
        """The settings among `stored` whose values can be used."""
        values: dict[str, JsonValue] = {}
        for key, value in stored.items():
            if key != SCHEMA_KEY:
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
            raise UsageError(f"'{self._path}': the setting {key!r} is {value!r}: {reason.lower()}.") from error
        return checked

    def _set_aside(self) -> None:
        try:
            os.replace(self._path, self._path.with_name(self._path.name + ".unreadable"))
        except OSError:
            log.warning("'%s' could not be set aside", self._path)
