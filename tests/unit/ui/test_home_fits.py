"""Home has room for its cards again when sessions come, and its lines end where they may."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QTextLayout
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from app.studio import Studio
from tests.unit.ui.conftest import TASK, WAIT_MS, PlainRenderer
from tests.unit.ui.test_home import card
from ui.home import FEW
from ui.main_window import MainWindow
from ui.ports import SessionCard
from ui.task_card import TaskCard

FIRST_SIZE, SMALL_SIZE = (1280, 800), (1024, 700)
NARROWEST, STEP = 60, 4
"""Widths of a line that are tried, pixels."""


@pytest.fixture
def sessions(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[SessionCard]:
    """What Home finds; a test puts more there."""
    found = [card(Path(f"/session-{number}"), labels=123, cannot_tell=3) for number in range(FEW)]
    monkeypatch.setattr(studio, "sessions", lambda: list(found))
    return found


@pytest.fixture
def window(sessions: list[SessionCard], studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(studio, renderer)
    qtbot.addWidget(made)
    made.resize(*FIRST_SIZE)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()


def cut_off(window: MainWindow) -> list[QRect]:
    """Places of task cards that cannot be seen whole, and of those that are lower than their words need."""
    (scroll,) = window.home.findChildren(QScrollArea)
    room = scroll.viewport().rect()
    cards = window.home.findChildren(TaskCard)
    places = [(each, QRect(each.mapTo(scroll.viewport(), QPoint()), each.size())) for each in cards]
    return [at for each, at in places if not room.contains(at) or each.height() < each.sizeHint().height()]


def test_no_card_is_cut_off_after_a_session(window: MainWindow, sessions: list[SessionCard], qtbot: QtBot) -> None:
    first = window.home.findChild(TaskCard, f"task-card-{TASK}")
    assert first is not None
    qtbot.waitUntil(lambda: not cut_off(window), timeout=WAIT_MS)
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None, timeout=WAIT_MS)
    sessions.insert(0, card(Path("/new")))
    back = window.teach.findChild(QPushButton, "back")
    assert back is not None
    QTest.mouseClick(back, Qt.MouseButton.LeftButton)
    more = window.home.findChild(QPushButton, "home-all-sessions")
    assert more is not None
    qtbot.waitUntil(more.isVisible, timeout=WAIT_MS)
    qtbot.wait(50)  # Qt lays out anew with its next events
    assert cut_off(window) == []


def test_no_line_of_a_session_ends_in_a_separator(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(*SMALL_SIZE)
    qtbot.wait(50)
    facts = window.home.findChildren(QLabel, "session-facts")
    assert facts
    assert not any(area.horizontalScrollBar().isVisible() for area in window.findChildren(QScrollArea))
    for each in facts:
        shown = QTextLayout(each.text(), each.font())
        for width in range(NARROWEST, each.fontMetrics().horizontalAdvance(each.text()), STEP):
            ends = lines(shown, width)
            assert len(ends) > 1 and not any(line.endswith("\u00b7") for line in ends), ends


def lines(shown: QTextLayout, width: int) -> list[str]:
    """The lines of a text that is so many pixels wide."""
    shown.beginLayout()
    found = []
    while (line := shown.createLine()).isValid():
        line.setLineWidth(width)
        found.append(shown.text()[line.textStart() : line.textStart() + line.textLength()].rstrip())
    shown.endLayout()
    return found
