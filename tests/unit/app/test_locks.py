"""Locks where the system has none, and in the folders of strangers."""

import errno
import fcntl
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.errors import SessionBusyError, StorageError
from app.lock import LOCK_FILE, SOFT_LOCK_FILE, FolderLock, brief_lock
from app.session import NewSession, Session

HOLD = """
import errno, fcntl, os, sys, time
from pathlib import Path
def refuse(*_):
    raise OSError(int(sys.argv[2]), "no locks here")
fcntl.flock = refuse
from app.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""
NO_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has the file system answer that it has no locks."""

    def refuse(number: int) -> None:
        def flock(*_: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(fcntl, "flock", flock)

    return refuse


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Callable[[int], subprocess.Popen[str]]]:
    """Starts another program that holds `tmp_path` on a file system without locks."""
    started: list[subprocess.Popen[str]] = []

    def start(number: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path), str(number)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.parametrize("number", NO_LOCKS)
def test_without_locks_a_file_is_the_lock_and_it_ends_with_its_process(
    tmp_path: Path, number: int, without_locks: Callable[[int], None], holder: Callable[[int], subprocess.Popen[str]]
) -> None:
    without_locks(number)
    process = holder(number)
    with pytest.raises(SessionBusyError, match=f"open in another Backflip .process {process.pid} on "):
        FolderLock(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / SOFT_LOCK_FILE).exists(), "it was left behind"
    lock = FolderLock(tmp_path)
    assert lock.soft
    lock.release()
    assert not (tmp_path / SOFT_LOCK_FILE).exists()
    FolderLock(tmp_path).release()


def test_a_session_without_locks_opens_and_says_so(
    tmp_path: Path,
    without_locks: Callable[[int], None],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    without_locks(errno.ENOSYS)
    with caplog.at_level(logging.INFO, "app"), Session.create(tmp_path / "new", NewSession("hopper-hop")) as session:
        log = (session.path / "session.log").read_text()
    assert "a file system without locks" in capsys.readouterr().err
    assert "held by a lock file" in log


@pytest.mark.parametrize("name", [LOCK_FILE, SOFT_LOCK_FILE])
def test_a_link_in_place_of_a_lock_is_not_followed(
    tmp_path: Path, name: str, without_locks: Callable[[int], None]
) -> None:
    folder, precious = tmp_path / "a stranger's", tmp_path / "precious"
    folder.mkdir()
    precious.write_text("four years of work")
    (folder / name).symlink_to(precious)
    if name == SOFT_LOCK_FILE:
        without_locks(errno.ENOSYS)
    with pytest.raises(StorageError, match=f"{name}' is a link, wanted a regular file"):
        FolderLock(folder)
    assert precious.read_text() == "four years of work"
    assert (folder / name).is_symlink()


def test_a_pipe_in_place_of_a_lock_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / LOCK_FILE)
    with pytest.raises(StorageError, match="is a pipe, wanted a regular file"):
        FolderLock(tmp_path)


def test_a_lock_is_let_go_by_another_thread_than_took_it(tmp_path: Path) -> None:
    import threading

    lock = FolderLock(tmp_path)
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    FolderLock(tmp_path).release()


def test_brief_work_is_done_without_a_lock_where_none_can_be_had(tmp_path: Path) -> None:
    with brief_lock(tmp_path / "a", 0.0) as held:
        assert held
        with brief_lock(tmp_path / "a", 0.05) as second:
            assert not second
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with brief_lock(tmp_path / "link", 0.0) as held:
        assert not held
    assert not (tmp_path / "elsewhere").exists()
