"""An operating-system lock on a folder: it ends with its process, however that ends."""

import os
import sys
from pathlib import Path

from app.errors import SessionBusyError, StorageError
from app.folder_gate import LOCK

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCKED_BYTE = 1 << 20
"""Windows locks bytes, and nobody can read a locked one: lock one far behind the process number."""


class FolderLock:
    """Holds `lock` in a folder until `release`, or until the process is gone."""

    def __init__(self, folder: Path) -> None:
        """Takes the lock.

        Raises:
            SessionBusyError: another program (or another session object of this one) has it.
            StorageError: the lock file cannot be written.
        """
        path = folder / LOCK
        try:
            self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StorageError(f"'{folder}' cannot be opened for writing: {error.strerror}.") from error
        try:
            _lock(self._descriptor)
        except OSError as error:
            owner = (
                os.pread(self._descriptor, 32, 0).decode(errors="replace").strip() if sys.platform != "win32" else ""
            )
            os.close(self._descriptor)
            self._descriptor = None
            who = f" (process {owner})" if owner else ""
            raise SessionBusyError(f"'{folder}' is open in another Backflip{who}: close it there first.") from error
        try:
            os.truncate(self._descriptor, 0)
            os.write(self._descriptor, f"{os.getpid()}\n".encode())
        except OSError:
            # the number is a courtesy to the second program; on a full disk the lock itself still holds
            pass

    def release(self) -> None:
        """Lets others in. May be called again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
