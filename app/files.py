"""Files that are either the old or the new, never half of one."""

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from app.crash_points import crash_point
from app.errors import StorageError
from sim.beside import new_part, part_path

FOLDER_WITHOUT_SYNC = frozenset(
    number
    for name in ("EINVAL", "EBADF", "ENOTSUP", "EOPNOTSUPP", "EACCES", "EPERM", "ENOSYS", "EISDIR", "ENOTTY", "EROFS")
    if (number := getattr(errno, name, None)) is not None
)
"""What file systems answer that cannot bring a folder's list of names to the disk: they do that in their own way."""


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Lets `write` fill a new file beside `path`, brings it to the disk, and puts it in the place of `path`.

    Raises:
        StorageError: it could not be written; `path` is what it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = new_part(path)
        write(beside)
        sync(beside)
        crash_point("file written")
        os.replace(beside, path)
        if os.name != "nt":
            sync(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            part_path(path).unlink(missing_ok=True)
        raise StorageError(f"'{path}' could not be written: {error.strerror or error}.") from error


def replace_text(path: Path, text: str) -> None:
    """Does what `replace_file` does, with a text."""
    replace_file(path, lambda beside: _write_text(beside, text))


def sync(path: Path) -> None:
    """Brings a file, or a folder's list of names, to the disk; a folder only where the file system can.

    Raises:
        OSError: a file's contents did not reach the disk, or a folder met another trouble than that.
    """
    folder = stat.S_ISDIR(path.stat().st_mode)
    try:
        descriptor = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if not (folder and error.errno in FOLDER_WITHOUT_SYNC):
            raise


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
