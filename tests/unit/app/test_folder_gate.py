"""The gate before a session's folder, and what lies behind it: nothing outside is touched, nothing hangs."""

import os
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app import folder_gate
from app.catalogue import card
from app.errors import SessionError
from app.folder_gate import FolderGateError, pass_gate
from app.session import CHECKPOINTS, CLIPS, DATABASE, LOG, SETTINGS, Session, open_to_read

PLACES = ("lock", LOG, SETTINGS, "settings.json.part", DATABASE, f"{DATABASE}-wal", "picture.png", "notes.txt", CLIPS)


def _socket(path: Path) -> None:
    server = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(path.parent)  # a socket's path is short
    server.bind(path.name)
    os.chdir(here)
    server.close()


STRANGE: dict[str, Callable[[Path, Path], object]] = {
    "a link": lambda path, outside: path.symlink_to(outside),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a socket": lambda path, _: _socket(path),
}


@pytest.fixture
def closed(session: Session) -> Path:
    session.close()
    return session.path


@pytest.mark.parametrize("what", STRANGE)
@pytest.mark.parametrize("place", [*PLACES, f"{CHECKPOINTS}/x", "exports/a/run.py", "backups/session-000001.sqlite3"])
def test_what_is_no_regular_file_closes_the_gate(closed: Path, tmp_path: Path, place: str, what: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    path = closed / place
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    STRANGE[what](path, outside)
    with pytest.raises(SessionError, match=f"is {what}, wanted a regular file|is no session") as caught:
        Session(closed)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert outside.read_text() == "mine" and path.lstat()
    shown = card(closed)
    assert shown is not None and shown.problem is not None and f"is {what}" in shown.problem, (
        "no button that can only fail"
    )


def test_a_link_to_a_session_is_the_users_own_affair(closed: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(closed)
    Session(tmp_path / "link").close()


def test_files_of_no_session_are_left_out_or_refused(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (closed / "my notes.txt").write_text("the third try")
    Session(closed).close()
    with pytest.raises(FolderGateError, match=r"session\.json' has [\d,]+ bytes, wanted at most 10"):
        pass_gate(closed, {".json": 10})
    deep = closed.joinpath(*"abcdef")
    deep.mkdir(parents=True)
    with pytest.raises(FolderGateError, match="too deep"):
        Session(closed)
    deep.rmdir()
    monkeypatch.setattr(folder_gate, "ENTRIES", 5)
    with pytest.raises(FolderGateError, match="more than 5 files"):
        Session(closed)


def test_the_log_is_lines_of_ours_alone(closed: Path) -> None:
    text = '{"schema": 1, "theme": "dark", "labels": "x\\ntouch HARM \\u001b[2J"}'
    (closed / SETTINGS).write_text(text)
    Session(closed).close()
    lines = (closed / LOG).read_text().splitlines()
    assert any("touch HARM" in line for line in lines)
    assert not any(line.startswith("touch") or "\x1b" in line for line in lines)


def test_a_session_that_cannot_be_written_is_read_from_a_copy(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def access(path: object, mode: int) -> bool:
        return mode != os.W_OK or closed not in (Path(str(path)), *Path(str(path)).parents)

    monkeypatch.setattr(os, "access", access)
    with closing(sqlite3.connect(closed / DATABASE)) as writer:
        writer.execute("INSERT INTO peek_event (peeking, created_at) VALUES (1, 1.0)")
        writer.commit()
        assert (closed / f"{DATABASE}-wal").stat().st_size, "the last commit lies in the journal yet"
        shown = card(closed)
        assert shown is not None and shown.problem is None and shown.peeked
    before = sorted((path, path.stat().st_mtime_ns) for path in closed.rglob("*"))
    with open_to_read(closed) as copy:
        assert copy.path != closed and copy.path.name == closed.name and copy.labels.events() == []
        made = copy.path
    assert not made.exists(), "the copy is gone"
    assert sorted((path, path.stat().st_mtime_ns) for path in closed.rglob("*")) == before
