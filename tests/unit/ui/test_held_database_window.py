"""The window while another program holds the database: it says so, and nobody's answer is lost or overtaken."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.session import DATABASE
from app.studio import Studio
from learning.messages import Choice
from tests.unit.app.foreign_holder import ForeignHolder
from tests.unit.ui.conftest import TASK, WAIT_MS, PlainRenderer
from ui.main_window import MainWindow

HELD = "Another program holds the database of this session; your answer is stored as soon as it lets go."


@pytest.fixture
def window(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window, teaching, with a pair on the screen."""
    window = MainWindow(studio, renderer)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    window.home.begin.emit(TASK)
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None, timeout=WAIT_MS)
    yield window
    window.close()
    window.close()


def holder_of(window: MainWindow) -> ForeignHolder:
    assert window.session is not None
    return ForeignHolder(window.session.path / DATABASE)


def given(window: MainWindow) -> list[tuple[int, Choice]]:
    assert window.session is not None
    return [(record.pair_id, record.choice) for record in window.session.history(9)]


def shows(window: MainWindow, pair_id: int) -> Callable[[], bool]:
    def check() -> bool:
        pair = window.teach.shown_pair
        return pair is not None and pair.id == pair_id

    return check


def test_the_window_says_what_it_waits_for_and_stores_the_answer_before_the_next_pair(
    window: MainWindow, qtbot: QtBot
) -> None:
    left = window.teach.findChild(QPushButton, "answer-left")
    assert left is not None
    with holder_of(window) as holder:
        QTest.keyClick(window.teach, Qt.Key.Key_Left)
        qtbot.waitUntil(lambda: window.banner.sentence == HELD, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: not left.isEnabled(), timeout=WAIT_MS)
        foot = window.teach.findChild(QLabel, "status-line")
        assert foot is not None
        qtbot.waitUntil(lambda: foot.text() == HELD, timeout=WAIT_MS)
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Backspace, Qt.Key.Key_Left):
            QTest.keyClick(window.teach, key)
        qtbot.wait(600)
        assert shows(window, 0)() and given(window) == []
        window.teach.watch_wanted.emit()
        assert window.banner.sentence == HELD, "on every screen"
        window.watch.back.emit()
        window.teach.back.emit()
        assert window.session is not None and window.banner.sentence == HELD, "nobody leaves what is not stored"
        holder.let_go()
    qtbot.waitUntil(shows(window, 1), timeout=WAIT_MS)
    assert given(window) == [(0, Choice.LEFT)]
    assert window.banner.sentence == "" and left.isEnabled()


def test_a_window_that_is_closed_meanwhile_closes_when_the_answer_is_stored(
    window: MainWindow, studio: Studio, qtbot: QtBot
) -> None:
    assert window.session is not None
    path = window.session.path
    with holder_of(window) as holder:
        QTest.keyClick(window.teach, Qt.Key.Key_Left)
        assert not window.close()
        qtbot.waitUntil(lambda: "The window closes then" in window.banner.sentence, timeout=WAIT_MS)
        assert window.isVisible()
        holder.let_go()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT_MS)
    again = studio.open_session(path)
    assert [(record.pair_id, record.choice) for record in again.history(9)] == [(0, Choice.LEFT)]


def test_who_closes_a_second_time_is_let_go(window: MainWindow, qtbot: QtBot) -> None:
    with holder_of(window):
        QTest.keyClick(window.teach, Qt.Key.Key_Left)
        assert not window.close()
        assert window.close()
