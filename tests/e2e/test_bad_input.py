"""Bad input: one clear line each, exit status 2, nothing lost, no traceback."""

import json
import os
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.session import DATABASE, HEADER, NewSession, Session
from tests.e2e.command import TASK, assert_one_clear_line, backflip, command, environment, small_backflip

SMALL_DISK, ROOMY_DISK = 1_200_000, 64_000_000
"""Bytes: room for a new session and a few pairs, and for a whole one."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def session(tmp_path: Path) -> Path:
    """A closed session without labels."""
    path = tmp_path / "session"
    Session.create(path, NewSession(TASK, 0, "oracle", 3)).close()
    return path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("teach", TASK, "--labels", "-3"), ("--labels", "-3", "wanted 1 to")),
        (("teach", TASK, "--labels", "many"), ("--labels", "many")),
        (("teach", TASK, "--teacher", "nobody"), ("'nobody'", "oracle")),
        (("teach", TASK, "--teacher", "orcale"), ("'orcale'", "did you mean 'oracle'")),
        (("teach", "hoper-backflip"), ("'hoper-backflip'", "did you mean 'hopper-backflip'")),
        (("teach", TASK, "--seed", "-1"), ("--seed", "-1")),
        (("teach",), ("teach",)),
        (("teech", TASK), ("'teech'", "did you mean 'teach'")),
        (("teach", TASK, "--lables", "3"), ("--lables", "did you mean '--labels'")),
        (("teach", TASK, "--labels", "1", "--out", "/proc/nowhere"), ("/proc/nowhere",)),
        (("resume", "/nowhere"), ("/nowhere", "no session")),
        (("play", "/nowhere"), ("/nowhere",)),
        (("export", "/nowhere", "--to", "/tmp/bundle"), ("/nowhere", "no session")),
        (("replay", "/nowhere", "--check"), ("/nowhere", "no session")),
    ],
)
def test_a_mistake_is_told_in_one_line(home: Path, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert_one_clear_line(backflip(home, *arguments), *words)
    assert not (home / "sessions").exists(), "a mistake leaves no session behind"


def test_a_folder_that_is_no_bundle(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    assert_one_clear_line(backflip(home, "play", folder), str(folder))


def test_a_folder_in_use_is_not_overwritten(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "session"
    folder.mkdir()
    (folder / "thesis.txt").write_text("precious")
    assert_one_clear_line(backflip(home, "teach", TASK, "--labels", "1", "--out", tmp_path), "not empty")
    assert (folder / "thesis.txt").read_text() == "precious"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 99}, ("session format 99", "wanted 1")),
        ({"app": "frontflip"}, ("not written by Backflip",)),
        ({"model_hash": "0" * 64}, ("another model",)),
        ({"seed": "seven"}, ("'seed'",)),
        ({"task": "walker"}, ("'walker'",)),
    ],
)
def test_a_foreign_or_newer_session(
    home: Path, session: Path, change: dict[str, object], words: tuple[str, ...]
) -> None:
    file = session / HEADER
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    before = {path: path.stat().st_mtime_ns for path in session.rglob("*")}
    assert_one_clear_line(backflip(home, "resume", session), *words)
    assert {path: path.stat().st_mtime_ns for path in session.rglob("*")} == before, "nothing was touched"


def test_a_damaged_database_names_the_copy_to_go_on_from(home: Path, session: Path) -> None:
    Session(session).close()
    database = session / DATABASE
    content = database.read_bytes()
    database.write_bytes(content[:512] + b"\x5a" * (len(content) - 512))
    assert_one_clear_line(backflip(home, "resume", session), DATABASE, "last good copy")
    max((session / "backups").glob("*.sqlite3")).replace(database)
    Session(session).close()


def test_a_missing_database(home: Path, session: Path) -> None:
    (session / DATABASE).unlink()
    assert_one_clear_line(backflip(home, "export", session, "--to", session / "bundle"), DATABASE, "missing")


def test_a_full_disk(home: Path, tmp_path: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small tmpfs")
    disk = tmp_path / "small disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no tmpfs can be mounted here")
    try:
        done = small_backflip(home, "teach", TASK, "--labels", "60", "--out", disk / "out", "--json")
        lines = done.stderr.strip().splitlines()
        assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
        assert lines[-1].startswith("backflip: ") and str(disk) in lines[-1] and "full" in lines[-1]
        kept = disk / "out" / "session"
        with closing(sqlite3.connect(f"file:{kept / DATABASE}?mode=ro", uri=True)) as connection:
            labels = connection.execute("SELECT count(*) FROM feedback_event").fetchone()[0]
        assert labels >= 1, "it taught until the disk was full"
        roomier = [*mount[:4], f"remount,size={ROOMY_DISK}", *mount[5:]]
        subprocess.run(roomier, check=True)
        again = backflip(home, "resume", kept, "--labels", labels + 1, "--json")
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout.splitlines()[-1])["labels"] == labels + 1
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_second_program_is_told_and_changes_nothing(home: Path, session: Path) -> None:
    with Session(session):
        before = _content(session)
        assert_one_clear_line(backflip(home, "resume", session, "--labels", "5"), "open in another Backflip")
        assert _content(session) == before


@pytest.mark.parametrize("display", [None, ":987"])
def test_without_a_display_the_desktop_says_what_works(home: Path, display: str | None) -> None:
    done = backflip(home, DISPLAY=display, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None if display is None else "xcb")
    assert_one_clear_line(done, "No window", "backflip teach")


def test_an_unwritable_log_does_not_stop_the_start(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("")
    done = backflip(file / "home", "tasks")
    assert done.returncode == 0 and TASK in done.stdout and not done.stderr


def test_settings_that_cannot_be_read_do_not_stop_the_start(home: Path) -> None:
    home.mkdir()
    (home / "settings.json").write_text("{ not json")
    assert backflip(home, "sessions").returncode == 0


def test_one_bad_session_does_not_hide_the_others(home: Path) -> None:
    for name in ("good", "bad"):
        Session.create(home / "sessions" / name, NewSession(TASK, 0)).close()
    (home / "sessions" / "bad" / DATABASE).write_bytes(b"nothing of the kind" * 100)
    done = backflip(home, "sessions", "--json")
    assert done.returncode == 0
    listed = {Path(item["path"]).name: item["problem"] for item in json.loads(done.stdout.splitlines()[-1])["sessions"]}
    assert listed["good"] is None and DATABASE in listed["bad"]


def test_teaching_needs_no_opengl(home: Path, tmp_path: Path) -> None:
    done = small_backflip(
        home, "teach", TASK, "--labels", "1", "--out", tmp_path / "out", "--json", MUJOCO_GL="disable", DISPLAY=None
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["labels"] == 1


def test_a_signal_ends_teaching_after_a_checkpoint(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen(
        command("teach", TASK, "--labels", "10000", "--out", out),
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    _wait_for_label(process, out / "session" / DATABASE)
    process.terminate()
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130 and "Traceback" not in said
    assert "backflip resume" in said.splitlines()[-1]
    assert list((out / "session" / "checkpoints").glob("*.safetensors"))


def _wait_for_label(process: subprocess.Popen[str], database: Path) -> None:
    for _ in range(600):
        if database.exists():
            with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                if connection.execute("SELECT count(*) FROM feedback_event").fetchone()[0]:
                    return
        assert process.poll() is None
        time.sleep(0.1)
    raise AssertionError("no label within a minute")


def _content(session: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{session / DATABASE}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())
