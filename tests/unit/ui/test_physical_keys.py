"""The pads follow the keys of a real keyboard, as an X server tells of them: by their place, on any layout."""

import os
import time

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk
from learning.messages import Press
from tests.unit.ui.conftest import WAIT_MS
from tests.unit.ui.keyboard import EQUALS, KEYPAD_ADD, KEYPAD_SUBTRACT, MINUS, SHIFT, keyboard
from tests.unit.ui.test_press_teaching import Judging, judging, pressed
from ui.press_pads import HOLD_MS

__all__ = ("judging",)
pytestmark = pytest.mark.skipif("DISPLAY" not in os.environ, reason="needs an X server, as `pytest -n` starts one")

SIX = 15
"""The key that types `-` on a French keyboard."""
GERMAN_PLUS, GERMAN_MINUS = 35, 61
PATIENT_MS = 20_000
"""Windows take their time to change places on a busy machine."""


def until_pressed(desk: SessionDesk, qtbot: QtBot, wanted: list[tuple[Press, bool]]) -> None:
    """Waits for presses, and as long again as a held one takes: none may follow."""
    qtbot.waitUntil(lambda: len(pressed(desk)) >= len(wanted), timeout=WAIT_MS)
    qtbot.wait(HOLD_MS + 150)
    assert pressed(desk) == wanted


@pytest.mark.parametrize("layout", ["us", "fr", "ru"])
def test_a_tap_on_plus_whose_shift_is_let_go_first_is_no_strong_press(
    judging: Judging, desk: SessionDesk, qtbot: QtBot, layout: str
) -> None:
    with keyboard(layout) as keys:
        keys.tap(SHIFT, EQUALS)
        until_pressed(desk, qtbot, [(Press.REWARD, False)])
    assert not judging.pad(Press.REWARD).isDown()


def test_shift_that_goes_down_in_the_middle_changes_nothing(judging: Judging, desk: SessionDesk, qtbot: QtBot) -> None:
    with keyboard() as keys:
        keys.down(EQUALS, SHIFT)
        keys.up(EQUALS, SHIFT)
        until_pressed(desk, qtbot, [(Press.REWARD, False)])


@pytest.mark.parametrize(
    ("layout", "plus", "minus"),
    [
        ("us", EQUALS, MINUS),
        ("us", KEYPAD_ADD, KEYPAD_SUBTRACT),
        ("fr", EQUALS, SIX),
        ("fr", KEYPAD_ADD, KEYPAD_SUBTRACT),
        ("ru", EQUALS, MINUS),
        ("de", GERMAN_PLUS, GERMAN_MINUS),
    ],
)
def test_every_layout_has_its_keys(
    judging: Judging, desk: SessionDesk, qtbot: QtBot, layout: str, plus: int, minus: int
) -> None:
    with keyboard(layout) as keys:
        keys.tap(plus)
        keys.tap(minus)
        until_pressed(desk, qtbot, [(Press.REWARD, False), (Press.PUNISH, False)])


def test_a_held_key_is_strong_and_its_repeats_are_nothing(judging: Judging, desk: SessionDesk, qtbot: QtBot) -> None:
    with keyboard() as keys:
        keys.down(SHIFT, EQUALS)
        keys.up(SHIFT)
        qtbot.waitUntil(judging.pad(Press.REWARD).isDown, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: bool(pressed(desk)), timeout=WAIT_MS)
        qtbot.wait(HOLD_MS)
        keys.up(EQUALS)
        until_pressed(desk, qtbot, [(Press.REWARD, True)])
    assert not judging.pad(Press.REWARD).isDown()


def test_a_tap_while_the_window_is_busy_is_no_strong_press(judging: Judging, desk: SessionDesk, qtbot: QtBot) -> None:
    """Its end waits until the window has time for it, and by then the key seems to have been down for long."""
    pad = judging.pad(Press.PUNISH)
    with keyboard() as keys:
        keys.down(MINUS)
        while not pad.isDown():
            QApplication.processEvents()
        keys.up(MINUS)
        time.sleep(2 * HOLD_MS / 1000)
        until_pressed(desk, qtbot, [(Press.PUNISH, False)])


def test_the_window_that_loses_the_keys_while_one_is_held_takes_an_ordinary_press(
    judging: Judging, desk: SessionDesk, qtbot: QtBot
) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    judging.pad(Press.REWARD)._long.setInterval(PATIENT_MS)
    with keyboard() as keys:
        keys.down(SHIFT, EQUALS)
        qtbot.waitUntil(judging.pad(Press.REWARD).isDown, timeout=WAIT_MS)
        other.show()
        other.activateWindow()
        qtbot.waitUntil(other.isActiveWindow, timeout=WAIT_MS)
        assert not judging.pad(Press.REWARD).isDown()
        until_pressed(desk, qtbot, [(Press.REWARD, False)])
        keys.up(EQUALS, SHIFT)
        judging.screen.activateWindow()
        qtbot.waitUntil(judging.screen.isActiveWindow, timeout=WAIT_MS)
        judging.watch(2.0)
        keys.tap(MINUS)
        until_pressed(desk, qtbot, [(Press.REWARD, False), (Press.PUNISH, False)])


def test_a_key_that_is_still_held_when_the_window_gets_the_keys_again_is_no_press(
    judging: Judging, desk: SessionDesk, qtbot: QtBot
) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    judging.pad(Press.PUNISH)._long.setInterval(PATIENT_MS)
    with keyboard() as keys:
        keys.down(MINUS)
        qtbot.waitUntil(judging.pad(Press.PUNISH).isDown, timeout=WAIT_MS)
        other.show()
        other.activateWindow()
        qtbot.waitUntil(other.isActiveWindow, timeout=WAIT_MS)
        judging.screen.activateWindow()
        qtbot.waitUntil(judging.screen.isActiveWindow, timeout=WAIT_MS)
        until_pressed(desk, qtbot, [(Press.PUNISH, False)])
        keys.up(MINUS)
        until_pressed(desk, qtbot, [(Press.PUNISH, False)])
