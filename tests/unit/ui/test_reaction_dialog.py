"""The reaction game: what it measures is kept, and what is too early, too late or wrong does not count."""

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.studio import Studio
from learning.messages import Press
from tests.unit.ui.conftest import WAIT_MS
from ui.dialogs import reaction
from ui.dialogs.reaction import ReactionSheet
from ui.ports import REACTIONS
from ui.shortcuts import Shortcuts

KEYS = {Press.REWARD: Qt.Key.Key_Plus, Press.PUNISH: Qt.Key.Key_Minus}
OTHER = {Press.REWARD: Press.PUNISH, Press.PUNISH: Press.REWARD}


@pytest.fixture
def sheet(studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReactionSheet]:
    monkeypatch.setattr(reaction, "LEAST_WAIT_S", 0.05)
    monkeypatch.setattr(reaction, "MOST_WAIT_S", 0.08)
    window = QWidget()
    qtbot.addWidget(window)
    made = ReactionSheet(window, studio, Shortcuts(studio, window), seed=1)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.present()
    qtbot.waitUntil(made.isActiveWindow, timeout=WAIT_MS)
    yield made
    made.close()


def said(sheet: ReactionSheet) -> str:
    found = sheet.findChild(QLabel, "reaction-said")
    assert found is not None
    return found.text()


def react(sheet: ReactionSheet, qtbot: QtBot, seconds: float, *, rightly: bool = True) -> None:
    qtbot.waitUntil(lambda: sheet.sign is not None, timeout=WAIT_MS)
    since, press = time.monotonic(), sheet.sign
    assert press is not None
    qtbot.waitUntil(lambda: time.monotonic() - since >= seconds, timeout=WAIT_MS)
    QTest.keyClick(sheet, KEYS[press if rightly else OTHER[press]])


def test_a_planted_reaction_time_is_found_and_kept(sheet: ReactionSheet, studio: Studio, qtbot: QtBot) -> None:
    assert studio.reaction() is None
    sheet.begin()
    for number in range(REACTIONS):
        react(sheet, qtbot, 0.25 + 0.01 * (number % 3))
    qtbot.waitUntil(lambda: studio.reaction() is not None, timeout=WAIT_MS)
    known = studio.reaction()
    assert known is not None
    assert 0.24 < known[0] < 0.36
    assert f"{known[0]:.2f} s" in said(sheet)
    again = sheet.findChild(QPushButton, "reaction-begin")
    assert again is not None
    assert again.text() == "Again"


def test_early_late_and_wrong_presses_do_not_count(
    sheet: ReactionSheet, qtbot: QtBot, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet.begin()
    QTest.keyClick(sheet, Qt.Key.Key_Plus)
    assert said(sheet) == "Too early: wait for the sign."
    react(sheet, qtbot, 0.1, rightly=False)
    assert said(sheet) == "The other one: once more."
    sheet._late.setInterval(120)
    qtbot.waitUntil(lambda: said(sheet) == "Too late: once more.", timeout=WAIT_MS)
    sheet._late.setInterval(2000)
    react(sheet, qtbot, 0.2)
    assert said(sheet).endswith(f"{REACTIONS - 1} more")
    sheet.close()
    assert studio.reaction() is None, "a game that is left measures nothing"


def test_a_setting_that_makes_no_sense_is_as_if_it_were_not_there(studio: Studio) -> None:
    studio.set_setting("reaction", {"median": 9.0, "spread": 0.3})
    assert studio.reaction() is None
    studio.set_setting("reaction", {"median": 0.4, "spread": 0.3})
    assert studio.reaction() == (0.4, 0.3)
