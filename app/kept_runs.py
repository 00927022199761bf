"""Runs of a long measurement, kept in a file: what was broken off goes on where it was."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from app.errors import StorageError
from app.files import replace_text
from app.plain_json import to_json
from sim.untrusted import UntrustedError, read_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Run = TypeVar("Run", bound="DataclassInstance")


class KeptRuns(Generic[Run]):
    """All runs so far, in the order in which they were measured."""

    def __init__(self, path: Path | None, of: dict[str, Any], restore: Callable[[dict[str, Any]], Run]) -> None:
        """Reads what there is.

        Args:
            path: of the file; None keeps nothing.
            of: what else decides what a run comes to, JSON-able: runs of anything else are not taken for these.
            restore: makes a run of what `dataclasses.asdict` made of it, before it went through JSON.

        Raises:
            StorageError: the file cannot be read.
        """
        self._path = path
        self._of = json.loads(json.dumps(of))  # JSON has no tuples
        self.runs: tuple[Run, ...] = self._read(path, restore) if path is not None and path.exists() else ()

    def add(self, run: Run) -> None:
        """Takes a run in.

        Raises:
            StorageError: the file cannot be written.
        """
        self.runs = (*self.runs, run)
        if self._path is not None:
            replace_text(self._path, to_json({"of": self._of, "runs": [asdict(each) for each in self.runs]}))

    def find(self, **fields: object) -> Run | None:
        """The run whose fields have these values; None if it is not measured yet."""
        return next((run for run in self.runs if all(getattr(run, name) == fields[name] for name in fields)), None)

    def find_or(self, measure: Callable[[], Run], **fields: object) -> Run:
        """The run whose fields have these values; measured and taken in first if there is none.

        Raises:
            StorageError: the file cannot be written.
        """
        run = self.find(**fields)
        if run is None:
            run = measure()
            self.add(run)
        return run

    def _read(self, path: Path, restore: Callable[[dict[str, Any]], Run]) -> tuple[Run, ...]:
        try:
            kept = read_json(path)
            return tuple(map(restore, kept["runs"])) if kept["of"] == self._of else ()
        except (OSError, UntrustedError, ValueError, TypeError, KeyError) as error:
            raise StorageError(f"'{path}' cannot be read: remove it to measure all of it anew.") from error
