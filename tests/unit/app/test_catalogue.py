"""The list of sessions: one that cannot be read hides no other, and what cannot be gone on with says so."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.catalogue import card, cards, problem_of, summary
from app.cli import run
from app.errors import ForeignSessionError, SessionBusyError
from app.lock import FolderLock
from app.session import DATABASE, HEADER, PICTURE, NewSession, Session
from app.studio import Studio
from app.trainers import LearningTrainers, refusal_of
from learning.messages import Choice
from tests.unit.app.foreign_holder import ForeignHolder

TASK = "hopper-hop"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good session."""
    made = tmp_path / "sessions"
    Session.create(made / "good", NewSession(TASK)).close()
    return made


def change_header(path: Path, **fields: object) -> None:
    file = path / HEADER
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def copy(folder: Path, name: str) -> Path:
    return Path(shutil.copytree(folder / "good", folder / name))


def test_an_unreadable_folder_is_listed_with_its_reason(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "lost+found").mkdir()
    real = os.lstat

    def lstat(path: Any, **options: Any) -> os.stat_result:
        if "lost+found" + os.sep in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, **options)

    monkeypatch.setattr(os, "lstat", lstat)
    monkeypatch.setattr(Path, "lstat", lambda path: lstat(path))
    found = {item.path.name: item for item in cards(folder)}
    assert set(found) == {"good", "lost+found"} and found["good"].problem is None
    assert found["lost+found"].problem == f"'{folder / 'lost+found'}' cannot be read: Permission denied."
    assert not found["lost+found"].deletable and not found["lost+found"].readable


def test_a_folder_of_sessions_that_cannot_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(path: Any) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", scandir)
    (found,) = cards(tmp_path)
    assert found.problem == f"'{tmp_path}' cannot be read: Permission denied."


def spoil_header(path: Path) -> None:
    (path / HEADER).write_text('{"app": "backflip", "form')


def spoil_database(path: Path) -> None:
    (path / DATABASE).write_bytes(b"no database at all" * 100)


def foreign_schema(path: Path) -> None:
    (path / DATABASE).unlink()
    with closing(sqlite3.connect(path / DATABASE)) as database:
        database.execute("create table holidays (place text)")


def foreign_types(path: Path) -> None:
    with closing(sqlite3.connect(path / DATABASE)) as database:
        database.execute(
            "insert into metric (iteration, labels, env_steps, agreement_count, true_score) values (1, 1, 1, 0, 'high')"
        )
        database.commit()


def pipe_as_database(path: Path) -> None:
    (path / DATABASE).unlink()
    os.mkfifo(path / DATABASE)


def link_as_database(path: Path) -> None:
    (path / DATABASE).unlink()
    (path / DATABASE).symlink_to("/etc/passwd")


def no_database(path: Path) -> None:
    (path / DATABASE).unlink()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (spoil_header, "is no JSON"),
        (spoil_database, "cannot be read"),
        (foreign_schema, "is not ours"),
        (foreign_types, "cannot be read"),
        (pipe_as_database, "is a pipe, wanted a regular file"),
        (link_as_database, "is a link, wanted a regular file"),
        (no_database, "is missing"),
    ],
)
def test_a_spoilt_session_is_listed_beside_the_others(folder: Path, spoil: Callable[[Path], None], reason: str) -> None:
    spoil(copy(folder, "bad"))
    found = {item.path.name: item for item in cards(folder)}
    assert found["good"].problem is None and found["good"].readable
    assert found["bad"].problem is not None and reason in found["bad"].problem
    assert "\n" not in found["bad"].problem


def test_what_is_no_session_is_left_out(folder: Path) -> None:
    (folder / "notes.txt").write_text("")
    (folder / "empty").mkdir()
    (folder / ".hidden").mkdir()
    os.mkfifo(folder / "pipe")
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(folder / "socket"))
        assert [item.path.name for item in cards(folder)] == ["good"]
    assert cards(folder / "nowhere") == cards(folder / "notes.txt") == []


def test_a_link_that_leads_nowhere_is_listed_and_can_be_deleted(folder: Path) -> None:
    (folder / "gone").symlink_to(folder / "nowhere")
    (folder / "round").symlink_to(folder / "round")
    found = {item.path.name: item for item in cards(folder)}
    assert found["gone"].problem == f"It is a link to '{folder / 'nowhere'}', which is not there."
    Studio(folder=folder).delete_session(folder / "gone")
    Studio(folder=folder).delete_session(folder / "round")
    assert [item.path.name for item in cards(folder)] == ["good"]


def unknown_field(path: Path) -> None:
    change_header(path, trainer=LearningTrainers().default_config() | {"imagination": 3})


def other_learner(path: Path) -> None:
    change_header(path, trainer=LearningTrainers().default_config() | {"learner": 99})


def other_model(path: Path) -> None:
    change_header(path, model_hash="0" * 64)


def unknown_task(path: Path) -> None:
    change_header(path, task="hopper-yodel")


def newer_format(path: Path) -> None:
    change_header(path, format=2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (unknown_field, "it sets 'imagination', which this learner does not have"),
        (other_learner, "it began with learner 99"),
        (other_model, "another model"),
        (unknown_task, "hopper-yodel"),
        (newer_format, "format 2"),
    ],
)
def test_what_cannot_be_gone_on_with_can_be_looked_at_and_is_not_opened(
    folder: Path, change: Callable[[Path], None], reason: str
) -> None:
    path = copy(folder, "other")
    change(path)
    before = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
    found = card(path)
    assert found is not None and found.problem is not None and reason in found.problem and found.readable
    assert ("Answers", "0") in summary(path).facts
    with pytest.raises(ForeignSessionError):
        Studio(folder=folder).open_session(path)
    assert {name: (path / name).read_bytes() for name in before} == before
    Studio(folder=folder).delete_session(path)
    assert not path.exists()


def test_a_session_of_this_learner_goes_on(folder: Path) -> None:
    config = json.loads(json.dumps(LearningTrainers().default_config()))
    assert refusal_of(config) is None
    change_header(folder / "good", trainer=config)
    assert problem_of(folder / "good") is None


def test_whether_a_session_goes_on_is_found_out_without_torch(folder: Path) -> None:
    unknown_field(copy(folder, "other"))
    code = f"""
import sys
from pathlib import Path
from app.catalogue import cards
print(sum(item.problem is not None for item in cards(Path({str(folder)!r}))), "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_of_a_link_the_link_is_deleted_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(folder / "good", elsewhere)
    (folder / "linked").symlink_to(elsewhere)
    (found,) = cards(folder)
    assert found.problem is None and found.link == str(elsewhere)
    held = FolderLock(elsewhere)
    with pytest.raises(SessionBusyError):
        Studio(folder=folder).delete_session(folder / "linked")
    held.release()
    names = sorted(file.name for file in elsewhere.iterdir())
    Studio(folder=folder).delete_session(folder / "linked")
    assert not os.path.lexists(folder / "linked")
    assert sorted(file.name for file in elsewhere.iterdir()) == names


def test_a_strangers_session_with_a_link_for_a_lock_can_be_deleted(folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("four years of work")
    (folder / "good" / "lock").unlink()
    (folder / "good" / "lock").symlink_to(precious)
    (folder / "good" / PICTURE).symlink_to(precious)
    (found,) = cards(folder)
    assert found.picture is None
    Studio(folder=folder).delete_session(folder / "good")
    assert not (folder / "good").exists() and precious.read_text() == "four years of work"


def test_a_session_held_for_itself_by_another_program_keeps_nobody_waiting(folder: Path) -> None:
    copy(folder, "held")
    with closing(sqlite3.connect(folder / "held" / DATABASE, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode = DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        found = {item.path.name: item for item in cards(folder)}
    assert found["good"].problem is None
    assert found["held"].problem is not None and "Another program holds the database" in found["held"].problem


def test_a_summary_tells_labels_and_plots_without_a_trainer(session: Session, start: Callable[[Session], Any]) -> None:
    run = start(session)
    for choice in (Choice.LEFT, Choice.LEFT, Choice.CANNOT_TELL):
        run.until_waiting()
        run.answer(choice)
    run.until_waiting()
    with ForeignHolder(session.path / DATABASE):
        told = summary(session.path)
    facts = dict(told.facts)
    assert facts["Answers"] == "3 (2 left, 1 cannot tell)" and facts["Teacher"] == "person"
    assert [row.labels for row in told.metrics][-1] == 3 and not told.peeked
    with pytest.raises(ForeignSessionError):
        Studio().open_session(session.path)


def test_a_name_that_steers_a_terminal_is_shown_as_escapes(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session.close()
    monkeypatch.setenv("BACKFLIP_HOME", str(session.path.parent))
    named = session.path.parent / "sessions" / "a\x1b[2Jb"
    named.parent.mkdir()
    session.path.rename(named)
    assert run(["sessions"]) == 0
    told = capsys.readouterr().out
    assert "a\\x1b[2Jb" in told and "\x1b" not in told


def test_looking_leaves_no_journal_behind(folder: Path) -> None:
    before = sorted(file.name for file in (folder / "good").iterdir())
    assert not any(name.endswith(("-wal", "-shm")) for name in before)
    cards(folder)
    summary(folder / "good")
    assert sorted(file.name for file in (folder / "good").iterdir()) == before


def test_looking_takes_no_journal_away_that_somebody_writes_to(folder: Path) -> None:
    with Session(folder / "good") as session:
        session.labels.set_peek(True)
        cards(folder)
        assert (folder / "good" / f"{DATABASE}-wal").stat().st_size > 0
        session.labels.set_peek(False)
        assert session.labels.ever_peeked()
    assert not (folder / "good" / f"{DATABASE}-wal").exists()
