"""The lock, the light imports, the progress bar, the doctor, the command line's one line."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import doctor
from app.cli.parser import parse
from app.errors import SessionBusyError, UsageError
from app.lock import FolderLock
from app.progress import ProgressBar
from app.session import NewSession, Session, free_path
from app.stopping import StopFlag
from learning.messages import Choice, Pair
from sim.backends import GLReport

DRAWS = GLReport("egl", "llvmpipe", 3.0, 12.0, 4)
HOLD = """
import sys, time
from pathlib import Path
from app.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_ends_with_its_process_even_when_killed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(SessionBusyError, match=f"process {process.pid}"):
        FolderLock(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    lock = FolderLock(tmp_path)
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    lock.release()
    lock.release()


@pytest.mark.parametrize(
    ("module", "unloaded"),
    [
        ("app.cli", ("torch", "PySide6", "mujoco", "sqlalchemy")),
        ("app.studio", ("torch", "alembic", "onnx")),
        ("app.desktop", ("torch", "PySide6")),
        ("app.teach", ("torch", "PySide6")),
    ],
)
def test_what_is_slow_to_load_is_loaded_late(module: str, unloaded: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {unloaded!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_both_sides_of_the_database_write_at_once(session: Session, make_pair: Callable[[int], Pair]) -> None:
    count = 60
    session.journal.record(pairs=[session.save_clips(make_pair(number), 0) for number in range(count)])
    errors: list[Exception] = []

    def train() -> None:
        try:
            for number in range(count):
                session.journal.record(pairs=[session.save_clips(make_pair(count + number), 0)])
        except Exception as error:  # noqa: BLE001 - the main thread shows it
            errors.append(error)

    thread = threading.Thread(target=train)
    thread.start()
    for number in range(count):
        session.labels.append(number, Choice.LEFT, 0.0, teacher="person", peeking=False)
    thread.join()
    assert errors == []
    assert len(session.labels.events()) == count
    assert session.journal.pair_ids() == set(range(2 * count))


def test_a_session_appears_complete_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("app.session._write_header", fail)
        with pytest.raises(Exception, match="No session could be made"):
            Session.create(tmp_path / "new", NewSession("hopper-backflip"))
    assert list(tmp_path.iterdir()) == []


def test_two_sessions_of_one_second_have_two_names(tmp_path: Path) -> None:
    first = free_path(tmp_path, "hopper-backflip")
    first.mkdir()
    assert free_path(tmp_path, "hopper-backflip") != first


def test_a_signal_raises_the_flag_and_no_more() -> None:
    before = signal.getsignal(signal.SIGINT)
    with StopFlag() as stop:
        assert signal.getsignal(signal.SIGINT) is not before
        signal.raise_signal(signal.SIGTERM)
        assert stop.raised
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, "the second one ends the program"
    assert signal.getsignal(signal.SIGINT) is before


def test_the_bar_tells_labels_speed_reward_and_time_left(
    session: Session, start: Callable[[Session], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run = start(session)
    bar = ProgressBar(2)
    bar.show(run.until_waiting(), 51_234.0)
    run.answer()
    bar.show(run.until_waiting(), 51_234.0)
    bar.end()
    said = capsys.readouterr().err
    for words in ("############............", "1/2 labels", "51.2 k steps/s", "learned reward", "0:00 left"):
        assert words in said


def test_the_doctor_says_what_goes_on_without() -> None:
    findings = [doctor.Finding("display", False, "DISPLAY is not set", "no window"), doctor.Finding("cores", True, "2")]
    assert doctor.as_text(findings).splitlines() == [
        "no  display  DISPLAY is not set (no window)",
        "ok  cores    2",
    ]


@pytest.mark.parametrize(
    ("egl", "osmesa", "hints", "draws"),
    [
        (DRAWS, "its library is not installed", ["", "not needed: another way works"], True),
        ("no picture", "its library is not installed", [doctor.WITHOUT_OPENGL] * 2, False),
        (DRAWS, DRAWS, ["", ""], True),
    ],
)
def test_the_doctor_wants_one_way_to_opengl(
    monkeypatch: pytest.MonkeyPatch, egl: GLReport | str, osmesa: GLReport | str, hints: list[str], draws: bool
) -> None:
    monkeypatch.setattr(doctor, "candidates", lambda: ("egl", "osmesa"))
    monkeypatch.setattr(doctor, "try_backend", {"egl": egl, "osmesa": osmesa}.__getitem__)
    findings = doctor.examine()
    ways = [finding for finding in findings if finding.what in ("OpenGL egl", "OpenGL osmesa")]
    assert [way.without for way in ways] == hints
    assert [way.good for way in ways] == [not hint for hint in hints]
    assert doctor.can_draw(findings) is draws


@pytest.mark.parametrize("arguments", [["teach"], ["teach", "x", "--labels", "many"], ["teech"], ["--nonsense"]])
def test_a_bad_command_line_is_a_usage_error(arguments: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse(arguments)
    assert "\n" not in str(caught.value)


def test_the_header_is_plain_json(session: Session, start: Callable[[Session], Any]) -> None:
    start(session)
    header = json.loads((session.path / "session.json").read_text())
    assert header["format"] == 1
    assert header["trainer"] == {"first": 2}
