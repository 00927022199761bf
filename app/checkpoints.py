"""The trainer's whole state on disk: one safetensors file a checkpoint, the last two kept."""

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save_file

from app.crash_points import crash_point
from app.errors import CheckpointError
from app.files import replace_file
from app.folder_gate import CHECKPOINT_LIMIT
from learning.messages import TrainerState
from sim.errors import one_line
from sim.untrusted import JSON_LIMIT, UntrustedError, parse_json, read_tensors

log = logging.getLogger(__name__)

FORMAT = "1"
FILE_NAME = re.compile(r"checkpoint-\d{8,19}-\d{6,19}\.safetensors")
"""Iterations done and events taken in, in decimal digits."""
KEPT = 2
"""The newest, and the one before for when the newest turns out to be damaged."""


class CheckpointShelf:
    """The checkpoints of one session."""

    def __init__(self, folder: Path, session_id: str) -> None:
        """Keeps them in `folder`; one of another session than `session_id` is refused."""
        self._folder = folder
        self._session_id = session_id

    def files(self) -> list[Path]:
        """All checkpoint files, newest first. Copies that somebody made of them, and other files, are left alone."""
        try:
            found = [path for path in self._folder.iterdir() if FILE_NAME.fullmatch(path.name)]
        except OSError as error:
            log.warning("'%s' cannot be looked into: %s", self._folder, error)
            return []
        return sorted(found, key=lambda path: [int(number) for number in path.stem.split("-")[1:]], reverse=True)

    def save(self, state: TrainerState, iteration: int, events: int) -> Path:
        """Writes a checkpoint beside the others, then drops the oldest.

        Args:
            state: all that the trainer depends on.
            iteration: iterations done.
            events: events taken in; with `iteration` it orders the files.

        Raises:
            StorageError: it could not be written; the others are as they were.
        """
        tensors = {name: np.ascontiguousarray(array) for name, array in state.tensors.items()}
        meta = json.dumps(state.meta)
        about = {
            "format": FORMAT,
            "session": self._session_id,
            "meta": meta,
            "sha256": content_hash(tensors, meta),
        }
        path = self._folder / f"checkpoint-{iteration:08d}-{events:06d}.safetensors"

        def write(beside: Path) -> None:
            try:
                save_file(tensors, beside, about)
            except SafetensorError as error:
                raise OSError(str(error)) from error

        replace_file(path, write)
        crash_point("checkpoint in place")
        for old in self.files()[KEPT:]:
            old.unlink(missing_ok=True)
        return path

    def good(self) -> Iterator[tuple[Path, TrainerState]]:
        """Every checkpoint that can be trusted, newest first; the others are logged and passed over."""
        for path in self.files():
            try:
                yield path, self.load(path)
            except CheckpointError as error:
                log.warning("checkpoint passed over: %s", error)

    def load(self, path: Path) -> TrainerState:
        """Reads one checkpoint.

        Raises:
            CheckpointError: it is truncated, altered, of another session or of a newer format.
        """
        try:
            tensors, about = read_tensors(path, CHECKPOINT_LIMIT)
        except UntrustedError as error:
            raise CheckpointError(str(error)) from error
        except OSError as error:
            raise CheckpointError(f"'{path}' is no readable checkpoint: {error.strerror or error}.") from error
        if about.get("format") != FORMAT:
            raise CheckpointError(f"'{path}' has checkpoint format {str(about.get('format'))[:60]!r}, wanted {FORMAT}.")
        if about.get("session") != self._session_id:
            raise CheckpointError(f"'{path}' belongs to another session.")
        text = about.get("meta", "")
        if about.get("sha256") != content_hash(tensors, text):
            raise CheckpointError(f"'{path}' is not as it was written: its checksum differs.")
        try:
            meta: Any = parse_json(text, JSON_LIMIT, finite=False)  # what was not measured yet is NaN
        except ValueError as error:
            raise CheckpointError(f"'{path}' has a header that cannot be read: {one_line(error)}.") from error
        if not isinstance(meta, dict):
            raise CheckpointError(f"'{path}' has a header that says nothing.")
        return TrainerState(tensors, meta)


def content_hash(tensors: dict[str, np.ndarray], meta: str) -> str:
    """SHA-256 over names, types, shapes and bytes, and the meta text."""
    digest = hashlib.sha256(meta.encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()
