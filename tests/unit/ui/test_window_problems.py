"""Bad input that reaches the window: one sentence in it, nothing lost, and the window goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.session import CLIPS, DATABASE, HEADER, NewSession, Session
from app.studio import Studio
from learning.messages import Choice
from sim import backends
from sim.render import SceneRenderer, create_renderer
from tests.unit.app.conftest import TASK
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from ui.main_window import MainWindow


@pytest.fixture
def window(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(studio, renderer)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.close()


@pytest.fixture
def session(home: Path) -> Path:
    """A closed session without labels, where the window looks."""
    path = home / "sessions" / "lesson"
    Session.create(path, NewSession(TASK, 0)).close()
    return path


def content(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, but for what SQLite puts beside a database that is looked at."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal"))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_session_that_is_open_in_another_program(window: MainWindow, session: Path) -> None:
    with Session(session):
        before = content(session)
        window.home.open_session.emit(session)
        assert "open in another Backflip" in window.banner.sentence
        assert window.session is None and not window.home.isHidden()
        assert content(session) == before
    window.home.open_session.emit(session)
    assert window.session is not None, "once the other is closed it opens"


@pytest.mark.parametrize(
    ("file", "wrong", "words"),
    [
        (DATABASE, b"nothing of the kind" * 500, DATABASE),
        (HEADER, b'{"app": "frontflip"}', "not written by Backflip"),
        (HEADER, b'{"app": "backflip", "format": 99}', "format 99"),
    ],
)
def test_a_session_that_cannot_be_opened(
    window: MainWindow, session: Path, file: str, wrong: bytes, words: str
) -> None:
    (session / file).write_bytes(wrong)
    window.home.open_session.emit(session)
    assert words in window.banner.sentence and "\n" not in window.banner.sentence
    assert window.session is None and (session / file).read_bytes() == wrong


def test_sessions_that_cannot_be_written(window: MainWindow, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "sessions").write_text("a file where a folder should be")
    window.home.begin.emit(TASK)
    assert "No session could be made" in window.banner.sentence and window.session is None


def test_an_answered_pair_whose_clip_is_truncated(
    window: MainWindow, session: Path, studio: Studio, qtbot: QtBot
) -> None:
    window.home.open_session.emit(session)
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None, timeout=WAIT_MS)
    window.teach.acts.answer(Choice.LEFT)
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None and window.teach.shown_pair.id == 1, timeout=WAIT_MS)
    window.teach.back.emit()
    clip = session / CLIPS / "000000-left.safetensors"
    clip.write_bytes(clip.read_bytes()[:100])

    window.home.open_session.emit(session)
    desk = window.session
    assert desk is not None
    (record,) = desk.history(9)
    window.teach._side.strip.opened.emit(record)
    assert clip.name in window.banner.sentence
    window.teach.acts.undo()
    assert desk.history(9) == [], "what is taken back cannot be shown again, but it can be taken back"
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None and window.teach.shown_pair.id == 1, timeout=WAIT_MS)


def test_no_opengl_at_all(studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the program's own renderer, on a machine where nothing can be drawn."""
    monkeypatch.setenv(backends.CHOICE_VARIABLE, "disable")
    backends._probe.cache_clear()
    blind: SceneRenderer
    with create_renderer() as blind:
        window = MainWindow(studio, blind)
        qtbot.addWidget(window)
        window.show()
        window.home.begin.emit(TASK)
        panes = window.teach.player.panes
        qtbot.waitUntil(lambda: all("switched off" in pane.message for pane in panes), timeout=WAIT_MS)
        assert window.session is not None and window.session.pairs(), "learning goes on and offers its pairs"
        window.close()
