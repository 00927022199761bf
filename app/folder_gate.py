"""The gate that every session and bundle passes before anything in its folder is used or written.

A stranger may have made the folder. Behind the gate it holds regular files and folders alone, none of them larger than
what we write, so that nothing outside it can be read, written, emptied or deleted by way of it, and nothing hangs.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.errors import ForeignSessionError
from app.lock import LOCK_FILE, SOFT_LOCK_FILE
from sim.untrusted import MIB, kind_of

ENTRIES = 1_000_000
"""Files and folders in a session: two clips a pair, so half a million pairs."""
DEPTH = 4
"""Folders inside each other: an export lies in `exports/NAME/`."""
DATABASE_LIMIT = 8 << 30
CHECKPOINT_LIMIT = 2 << 30
PICTURE_LIMIT = 16 * MIB
LOG_LIMIT = 64 * MIB

EXPORTS = "exports"
"""A session's folder of bundles."""

Limits = Mapping[str, int]
"""End of a file's name -> the most bytes that such a file may have."""

SIZES: Limits = {
    ".safetensors": CHECKPOINT_LIMIT,
    ".json": 16 * MIB,
    ".png": PICTURE_LIMIT,
    ".log": LOG_LIMIT,
    ".sqlite3": DATABASE_LIMIT,
    ".sqlite3-wal": DATABASE_LIMIT,
    ".sqlite3-shm": CHECKPOINT_LIMIT,
    ".sqlite3-journal": DATABASE_LIMIT,
}
"""Of the files of a session or a bundle. Files with other names are never opened."""


class FolderGateError(ForeignSessionError):
    """A folder holds something that no folder of ours holds."""


def pass_gate(folder: Path, limits: Limits = SIZES, *, written: bool = False) -> None:
    """Looks at everything in `folder`, however deep, without opening or following any of it.

    Args:
        folder: of a session or a bundle. It may be a link itself: the user chose that.
        limits: the most bytes of a file, by the end of its name.
        written: whether the session will be written to. Then no file of ours may have a second name (a hard link),
            which may be anywhere, and whose contents would change too; exports are not written to again.

    Raises:
        FolderGateError: there is a link, pipe, device or socket in it, a file that is too large, or more than any
            session or bundle holds. Names the path, what was found and what was wanted.
    """
    for count, entry in enumerate(_walk(folder, DEPTH)):
        if count >= ENTRIES:
            raise FolderGateError(f"'{folder}' holds more than {ENTRIES:,} files: it is none of ours.")
        if entry.is_dir(follow_symlinks=False):
            continue
        path, status = Path(entry.path), _status(entry)
        _refuse_irregular(path, status)
        if written and _is_ours(path.relative_to(folder)):
            _refuse_shared(path, status)
        limit = next((most for end, most in limits.items() if path.name.endswith(end)), None)
        if limit is not None and status.st_size > limit:
            raise FolderGateError(f"'{path}' has {status.st_size:,} bytes, wanted at most {limit:,}.")


def glance(folder: Path) -> None:
    """Looks at what kinds of things are in `folder`, and at nothing else: fast enough for a list of many.

    Raises:
        FolderGateError: there is a link, pipe, device or socket in it.
    """
    for entry in _walk(folder, DEPTH):
        if not (entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)):
            _refuse_irregular(Path(entry.path), _status(entry))


def pass_file(path: Path) -> None:
    """Lets one file of a session through alone, which need not be there.

    Raises:
        FolderGateError: it is no regular file, or has a second name.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise FolderGateError(f"'{path}' cannot be looked at: {error.strerror or error}.") from error
    _refuse_irregular(path, status)
    _refuse_shared(path, status)


def _refuse_irregular(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise FolderGateError(
            f"'{path}' is {kind_of(status.st_mode)}, wanted a regular file: Backflip writes nothing else, and "
            "opens no folder with such a thing in it."
        )


def _refuse_shared(path: Path, status: os.stat_result) -> None:
    if status.st_nlink > 1:
        raise FolderGateError(
            f"'{path}' has {status.st_nlink} names (hard links), wanted one: copy the folder to another place."
        )


def _is_ours(path: Path) -> bool:
    """Whether a file, by its path in the session's folder, may be written to."""
    return path.parts[0] != EXPORTS and path.name.endswith((*SIZES, LOCK_FILE, SOFT_LOCK_FILE))


def _walk(folder: Path, depth: int) -> Iterator["os.DirEntry[str]"]:
    """Everything below `folder`, no link followed."""
    try:
        with os.scandir(folder) as entries:
            found = list(entries)
    except OSError as error:
        raise FolderGateError(f"'{folder}' cannot be looked into: {error.strerror or error}.") from error
    for entry in found:
        yield entry
        if entry.is_dir(follow_symlinks=False):
            if depth == 0:
                raise FolderGateError(f"'{entry.path}' lies too deep: no folder of ours has such a one.")
            yield from _walk(Path(entry.path), depth - 1)


def _status(entry: "os.DirEntry[str]") -> os.stat_result:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError as error:
        raise FolderGateError(f"'{entry.path}' cannot be looked at: {error.strerror or error}.") from error
