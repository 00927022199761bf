"""Files that are either the old or the new, never half of one."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from app.crash_points import crash_point
from app.errors import StorageError


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Lets `write` make a file beside `path`, brings it to the disk, and puts it in the place of `path`.

    Raises:
        StorageError: it could not be written; `path` is what it was.
    """
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
        sync(beside)
        crash_point("file written")
        os.replace(beside, path)
        if os.name != "nt":
            sync(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise StorageError(f"'{path}' could not be written: {error.strerror or error}.") from error


def replace_text(path: Path, text: str) -> None:
    """`replace_file` with a text."""
    replace_file(path, lambda beside: _write_text(beside, text))


def sync(path: Path) -> None:
    """Brings a file, or a folder's list of names, to the disk."""
    descriptor = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
