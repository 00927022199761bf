"""The gate before a session's folder, and what lies behind it: nothing outside is touched, nothing hangs."""

import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app import folder_gate
from app.catalogue import card, summary
from app.errors import SessionError
from app.folder_gate import FolderGateError, pass_gate
from app.session import CHECKPOINTS, CLIPS, DATABASE, LOG, SETTINGS, Session, open_to_read
from tests.benchmarks.fuzz.mutate_database import naming_journal

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


@pytest.mark.parametrize("place", ["lock", LOG, SETTINGS, DATABASE, f"{DATABASE}-shm", f"{CHECKPOINTS}/a.safetensors"])
def test_what_is_written_has_no_second_name(closed: Path, tmp_path: Path, place: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    (closed / place).unlink(missing_ok=True)
    os.link(outside, closed / place)
    with pytest.raises(FolderGateError, match=r"has 2 names \(hard links\), wanted one: copy") as caught:
        Session(closed)
    assert str(closed / place) in str(caught.value) and outside.read_text() == "mine"


def test_exports_and_notes_may_have_second_names(closed: Path, tmp_path: Path) -> None:
    (closed / "exports" / "a").mkdir(parents=True)
    for place in ("exports/a/policy.safetensors", "notes.txt"):
        (closed / place).write_text("a result")
        os.link(closed / place, tmp_path / Path(place).name)
    Session(closed).close()


@pytest.mark.parametrize("beside", ["-journal", "-shm", "-wal"])
def test_home_waits_for_no_pipe_beside_a_database(closed: Path, beside: str) -> None:
    (closed / f"{DATABASE}{beside}").unlink(missing_ok=True)
    os.mkfifo(closed / f"{DATABASE}{beside}")
    shown = card(closed)
    assert shown is not None and shown.problem is not None and "is a pipe, wanted a regular file" in shown.problem


def test_no_rollback_deletes_a_file_that_a_journal_names(closed: Path, tmp_path: Path) -> None:
    """SQLite deletes the file when it opens the database to write."""
    outside = tmp_path / "canary" / "secret.txt"
    outside.parent.mkdir()
    outside.write_text("mine")
    (closed / f"{DATABASE}-journal").write_bytes(naming_journal(closed / DATABASE))
    with pytest.raises(SessionError, match="names another file, which opening the database would delete"):
        Session(closed)
    shown = card(closed)
    assert shown is not None and shown.problem is not None and "names another file" in shown.problem
    assert outside.read_text() == "mine"
    with closing(sqlite3.connect(closed / DATABASE)) as connection:
        connection.execute("SELECT count(*) FROM pair")
    assert not outside.exists(), "the journal is one that does delete"


def test_a_file_in_the_place_of_the_backups_keeps_nothing_from_opening(closed: Path) -> None:
    shutil.rmtree(closed / "backups", ignore_errors=True)
    (closed / "backups").write_text("mine")
    Session(closed).close()
    assert (closed / "backups").read_text() == "mine"


def test_a_name_that_steers_a_terminal_is_told_in_escapes(closed: Path) -> None:
    (closed / "two\nlines\x1b[2J").symlink_to("nowhere")
    with pytest.raises(FolderGateError, match="is a link") as caught:
        Session(closed)
    assert str(caught.value).isprintable() and r"two\nlines\x1b[2J" in str(caught.value)


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
        assert shown is not None and shown.problem is None and summary(closed).peeked
    before = sorted((path, path.stat().st_mtime_ns) for path in closed.rglob("*"))
    with open_to_read(closed) as copy:
        assert copy.path != closed and copy.path.name == closed.name and copy.labels.events() == []
        made = copy.path
    assert not made.exists(), "the copy is gone"
    assert sorted((path, path.stat().st_mtime_ns) for path in closed.rglob("*")) == before
