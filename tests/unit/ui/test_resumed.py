"""Opening a session says what was restored, in one line that goes with the next label."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk
from app.restoring import count_labels
from app.studio import Studio
from learning.messages import Choice, Phase
from tests.unit.ui.conftest import TASK, WAIT_MS, PlainRenderer
from ui.main_window import MainWindow
from ui.ports import Resumed
from ui.teach.resumed import resumed_words


@pytest.fixture
def window(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(studio, renderer)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=WAIT_MS)
    yield made
    made.close()


def at_rest(desk: SessionDesk, labels: int) -> bool:
    snapshot = desk.snapshot()
    return snapshot is not None and snapshot.phase is Phase.WAITING and snapshot.labels == labels


def test_what_was_restored_is_said_until_the_next_answer(window: MainWindow, studio: Studio, qtbot: QtBot) -> None:
    desk = studio.new_session(TASK)
    for number in range(3):
        qtbot.waitUntil(lambda number=number: at_rest(desk, number), timeout=WAIT_MS)
        desk.answer(number, Choice.LEFT, 1.0)
    qtbot.waitUntil(lambda: at_rest(desk, 3), timeout=WAIT_MS)
    desk.undo()
    qtbot.waitUntil(lambda: at_rest(desk, 2), timeout=WAIT_MS)
    assert desk.resumed is None, "a new session restores nothing"
    desk.close()

    window.home.open_session.emit(desk.path)
    line = window.teach.findChild(QLabel, "resumed")
    assert line is not None
    qtbot.waitUntil(line.isVisible, timeout=WAIT_MS)
    assert line.text().startswith("Restored: 2 answers and presses, and the training on all of them.")
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None, timeout=WAIT_MS)
    QTest.keyClick(window.teach, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: not line.isVisible(), timeout=WAIT_MS)
    window.home.begin.emit(TASK)
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None, timeout=WAIT_MS)
    assert not line.isVisible()


def test_a_policy_that_is_behind_the_labels_is_said_to_be(studio: Studio, qtbot: QtBot) -> None:
    desk = studio.new_session(TASK)
    qtbot.waitUntil(lambda: at_rest(desk, 0), timeout=WAIT_MS)
    desk.answer(0, Choice.LEFT, 1.0)
    qtbot.waitUntil(lambda: at_rest(desk, 1), timeout=WAIT_MS)
    events = [event.id for event in desk._session.labels.events()]
    assert (count_labels(desk._session), count_labels(desk._session, []), count_labels(desk._session, events)) == (
        1,
        0,
        1,
    )
    behind = resumed_words(Resumed(labels=53, policy_labels=50))
    assert "53 answers and presses" in behind and "as it was after 50 of them" in behind and "the other 3" in behind
    assert "trained on them again" in resumed_words(Resumed(labels=2, policy_labels=0))
