"""Looking at a session that this program cannot go on with."""

import json
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk
from app.session import HEADER
from app.studio import Studio
from learning.messages import Choice
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from ui.dialogs.summary import SummarySheet
from ui.main_window import MainWindow
from ui.session_card import SessionCardView
from ui.teach.plots import PlotsColumn


@pytest.fixture
def window(studio: Studio, desk: SessionDesk, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window at Home, where there is one session, of another learner."""
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
    qtbot.waitUntil(lambda: bool(desk.metrics()) and desk.metrics()[-1].labels == 1, timeout=WAIT_MS)
    header = desk.path / HEADER
    desk.close()
    header.write_text(json.dumps(json.loads(header.read_text()) | {"trainer": {"imagination": 3}}))
    window = MainWindow(studio, renderer)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.close()


def test_its_labels_and_plots_are_shown_without_a_trainer(window: MainWindow, studio: Studio) -> None:
    view = window.findChild(SessionCardView)
    assert view is not None
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton)
    sheet = window.findChild(SummarySheet)
    assert sheet is not None and sheet.isVisible()
    answers, problem = sheet.findChild(QLabel, "summary-answers"), sheet.findChild(QLabel, "summary-problem")
    assert answers is not None and answers.text() == "1 (1 left)"
    assert problem is not None and "another version" in problem.text()
    assert sheet.findChild(PlotsColumn) is not None
    close = sheet.findChild(QPushButton, "summary-close")
    assert close is not None
    close.click()
    assert window.session is None and window.home.isVisible()


def test_opening_its_folder_by_hand_says_why_it_does_not_open(window: MainWindow, desk: SessionDesk) -> None:
    window.home.open_session.emit(desk.path)
    assert window.session is None and "another version" in window.banner.sentence
