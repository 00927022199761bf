"""A lock on a folder, or on a file: the system's own where the file system has one, else a file that is the lock."""

import errno
import logging
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import BaseFileLock as Lock
from filelock import FileLock, SoftFileLock, Timeout

from app.errors import SessionBusyError, StorageError
from sim.errors import UserError
from sim.untrusted import kind_of, read_file

log = logging.getLogger(__name__)

LOCK_FILE = "lock"
"""In a session folder. The system's lock is on it; it stays when the lock is let go."""
SOFT_SUFFIX = ".soft"
"""Of the file that is the lock itself, where the system has none: it is there as long as the lock is held."""
SOFT_LOCK_FILE = LOCK_FILE + SOFT_SUFFIX
WITHOUT_LOCKS = frozenset(
    number
    for name in ("ENOSYS", "EOPNOTSUPP", "ENOTSUP", "ENOLCK", "EINVAL", "EBADF", "ENOTTY", "EREMOTEIO", "EIO")
    if (number := getattr(errno, name, None)) is not None
)
"""What file systems answer that have no locks, or whose server of locks does not answer."""
OWNER_LIMIT = 1024
"""Bytes of a lock file that are looked at for who holds it."""
MALFORMED_SECONDS = 3.0
"""A file that should be a soft lock and names no holder counts as one for two seconds: it may just be written."""
POLL_SECONDS = 0.02


class FolderLock:
    """Holds `lock` in a folder until `release`, or until the process is gone, however that ends."""

    def __init__(self, folder: Path) -> None:
        """Takes the lock.

        Raises:
            SessionBusyError: another program (or another session object of this one) has it.
            StorageError: the lock file cannot be written, or something else has its name.
        """
        path = folder / LOCK_FILE
        self.soft = False
        """Whether a file stands in for a lock of the system's."""
        try:
            self._lock: Lock = _system_lock(path, seconds=0.0)
        except Timeout:
            raise _busy(folder, path) from None
        except OSError as error:
            if error.errno not in WITHOUT_LOCKS:
                raise StorageError(f"'{folder}' cannot be opened for writing: {error.strerror or error}.") from error
            log.info("'%s' has no locks of the system's (%s): '%s%s' is the lock", folder, error, path, SOFT_SUFFIX)
            self._lock = _soft_folder_lock(folder, path)
            self.soft = True

    @property
    def kind(self) -> str:
        """What holds the folder, for a log."""
        return "a lock file" if self.soft else "a lock of the system's"

    def release(self) -> None:
        """Lets others in. May be called again, from any thread."""
        with suppress(OSError):
            self._lock.release(force=True)


@contextmanager
def brief_lock(path: Path, seconds: float) -> Iterator[bool]:
    """Holds a lock file at `path` for a short piece of work, which is done without it where none can be had.

    Args:
        path: of the lock file.
        seconds: how long to wait for who has it.

    Yields:
        Whether it is held.
    """
    lock: Lock | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock = _system_lock(path, seconds)
        except OSError as error:
            if isinstance(error, Timeout) or error.errno not in WITHOUT_LOCKS:
                raise
            lock = _soft_lock(path, seconds)
    except (OSError, StorageError) as error:
        log.info("goes on without the lock '%s': %s", path, error)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            with suppress(OSError):
                lock.release(force=True)


def _system_lock(path: Path, seconds: float) -> Lock:
    """The lock of the system's on the file at `path`, which then holds the number of this process.

    Raises:
        Timeout: it is held for longer than `seconds`.
        OSError: the file cannot be opened, or there are no such locks here.
        StorageError: `path` is a link, or no file.
    """
    _refuse_what_is_no_file(path)
    lock = FileLock(
        path, mode=0o644, timeout=seconds, thread_local=False, poll_interval=POLL_SECONDS, on_acquired=_write_owner
    )
    lock.acquire(blocking=seconds > 0.0)
    return lock


def _soft_lock(path: Path, seconds: float) -> Lock:
    """A file beside `path` as the lock; one whose process is gone is taken over."""
    soft = path.with_name(path.name + SOFT_SUFFIX)
    _refuse_what_is_no_file(soft)
    lock = SoftFileLock(soft, mode=0o644, timeout=seconds, thread_local=False, poll_interval=POLL_SECONDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lock.acquire(blocking=seconds > 0.0)
    return lock


def _soft_folder_lock(folder: Path, path: Path) -> Lock:
    soft = path.with_name(path.name + SOFT_SUFFIX)
    try:
        # what names no holder may be a lock that is just being written; only later it counts as left behind
        named = _owner(soft) is not None or not soft.exists()
        return _soft_lock(path, 0.0 if named else MALFORMED_SECONDS)
    except Timeout:
        raise _busy(folder, soft) from None
    except OSError as error:
        raise StorageError(f"'{folder}' cannot be opened for writing: {error.strerror or error}.") from error


def _write_owner(descriptor: int) -> None:
    """Puts the number of this process into a lock file that is held."""
    # the number is a courtesy to the second program; on a full disk the lock itself still holds
    with suppress(OSError):
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.ftruncate(descriptor, 0)
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, f"{os.getpid()}\n".encode())


def _busy(folder: Path, path: Path) -> SessionBusyError:
    process, host = _owner(path) or ("", "")
    who = f" (process {process}{f' on {host}' if host else ''})" if process else ""
    way_out = "close it there first"
    if path.name.endswith(SOFT_SUFFIX):
        way_out += f", or remove '{path}' if it is gone"
    return SessionBusyError(f"'{folder}' is open in another Backflip{who}: {way_out}.")


def _owner(path: Path) -> tuple[str, str] | None:
    """The number of the process that a lock file names, and its machine where that is told; None if it names none."""
    try:
        lines = read_file(path, OWNER_LIMIT).decode("utf-8", errors="replace").split("\n")
    except (OSError, UserError):
        return None
    if not (lines[0].isascii() and lines[0].isdigit()):
        return None
    host = lines[1] if len(lines) > 1 else ""
    return lines[0], host if host.isprintable() else ""


def _refuse_what_is_no_file(path: Path) -> None:
    """Refuses a link or anything else in the place of a lock file: it would be written to.

    Raises:
        StorageError: names what was found.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        return  # nothing is there, or opening it says why not
    if not stat.S_ISREG(mode):
        raise StorageError(f"'{path}' is {kind_of(mode)}, wanted a regular file: remove it to open this folder.")
