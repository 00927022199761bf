"""The trainer's whole state on disk: one safetensors file a checkpoint, the last two kept."""

import hashlib
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from app.errors import CheckpointError
from app.files import replace_file
from learning.messages import TrainerState

log = logging.getLogger(__name__)

FORMAT = "1"
KEPT = 2
"""The newest, and the one before for when the newest turns out to be damaged."""


class CheckpointShelf:
    """The checkpoints of one session."""

    def __init__(self, folder: Path, session_id: str) -> None:
        """Keeps them in `folder`; one of another session than `session_id` is refused."""
        self._folder = folder
        self._session_id = session_id

    def files(self) -> list[Path]:
        """All checkpoint files, newest first."""
        return sorted(self._folder.glob("checkpoint-*.safetensors"), reverse=True)

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
            with safe_open(path, framework="numpy") as file:
                about = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no dict
        except (SafetensorError, OSError, ValueError) as error:
            raise CheckpointError(f"'{path}' is no readable checkpoint: {error}.") from error
        if about.get("format") != FORMAT:
            raise CheckpointError(f"'{path}' has checkpoint format {about.get('format')}, wanted {FORMAT}.")
        if about.get("session") != self._session_id:
            raise CheckpointError(f"'{path}' belongs to another session.")
        text = about.get("meta", "")
        if about.get("sha256") != content_hash(tensors, text):
            raise CheckpointError(f"'{path}' is not as it was written: its checksum differs.")
        meta: dict[str, Any] = json.loads(text)
        return TrainerState(tensors, meta)


def content_hash(tensors: dict[str, np.ndarray], meta: str) -> str:
    """SHA-256 over names, types, shapes and bytes, and the meta text."""
    digest = hashlib.sha256(meta.encode())
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.data if array.size else b"")
    return digest.hexdigest()
