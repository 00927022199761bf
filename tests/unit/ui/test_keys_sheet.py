"""The sheet of all keys: its frame is around what scrolls."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame, QScrollArea
from pytestqt.qtbot import QtBot

from app.studio import Studio
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from ui import theme
from ui.main_window import MainWindow
from ui.shortcut_help import ShortcutHelp

BELOW_SCREENS = 30
"""Of 255: what is shaded is so much darker than the sheet, at least."""


@pytest.fixture
def window(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[MainWindow]:
    studio.set_setting("theme", "light")
    made = MainWindow(studio, renderer)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=WAIT_MS)
    yield made
    made.close()


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
def test_the_frame_is_round_and_the_bar_inside(window: MainWindow, size: tuple[int, int], qtbot: QtBot) -> None:
    window.resize(*size)
    QTest.keyClick(window, Qt.Key.Key_F1)
    cover = window.findChild(ShortcutHelp)
    assert cover is not None and cover.isVisible()
    qtbot.wait(50)  # Qt lays out anew with its next events
    sheet = cover.findChild(QFrame, "shortcut-help-sheet")
    assert sheet is not None
    (area,) = sheet.findChildren(QScrollArea)
    assert not area.horizontalScrollBar().isVisible()
    bar = area.verticalScrollBar()
    if bar.isVisible():
        assert sheet.rect().contains(QRect(bar.mapTo(sheet, QPoint()), bar.size()).adjusted(-1, 0, 1, 0))
    picture = window.grab().toImage()
    at = QRect(sheet.mapTo(window, QPoint()), sheet.size())
    surface = theme.color("surface").lightness()
    for corner in (at.topLeft(), at.topRight(), at.bottomLeft(), at.bottomRight()):
        assert picture.pixelColor(corner).lightness() < surface - BELOW_SCREENS, corner
    QTest.keyClick(cover, Qt.Key.Key_Escape)
    assert not cover.isVisible()
