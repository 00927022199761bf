"""Keys: each does one thing, all can be changed, and one that is held down never labels twice."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.studio import Studio
from ui.shortcuts import ACTIONS, SETTING, Scope, ShortcutError, Shortcuts


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def shortcuts(studio: Studio) -> Shortcuts:
    return Shortcuts(studio)


def test_no_key_means_two_things_on_one_screen() -> None:
    for screen in (Scope.TEACH, Scope.WATCH):
        there = [action for action in ACTIONS if action.scope in (screen, Scope.CLIPS, Scope.EVERYWHERE)]
        keys = [key for action in there for key in action.keys]
        assert len(keys) == len(set(keys)), sorted(keys)


def test_what_people_expect(shortcuts: Shortcuts) -> None:
    assert shortcuts.keys("prefer_left") == ("Left", "1") and shortcuts.keys("prefer_right") == ("Right", "2")
    assert shortcuts.keys("undo") == ("Ctrl+Z", "Backspace") and shortcuts.sign("equal") == "\u2193"
    assert shortcuts.tip("flag") == "Flag this pair (F)"


def test_a_key_held_down_acts_once(shortcuts: Shortcuts, window: QWidget) -> None:
    presses: list[str] = []
    shortcuts.bind("prefer_left", window, lambda: presses.append("left"))
    shortcuts.bind("step_forward", window, lambda: presses.append("step"))
    for key, text in ((Qt.Key.Key_Left, ""), (Qt.Key.Key_Period, ".")):
        hold(window, key, text, 5)
    assert presses.count("left") == 1
    assert presses.count("step") == 5, "stepping may go on"


def test_an_action_answers_only_where_it_can_be_seen(shortcuts: Shortcuts, window: QWidget) -> None:
    presses: list[str] = []
    screen = QWidget(window)
    shortcuts.bind("flag", screen, lambda: presses.append("flag"))
    screen.hide()
    QTest.keyClick(window, Qt.Key.Key_F)
    assert not presses
    screen.show()
    QTest.keyClick(window, Qt.Key.Key_F)
    assert presses == ["flag"]


def test_changed_keys_are_kept_and_listened_to(shortcuts: Shortcuts, window: QWidget, studio: Studio) -> None:
    presses: list[str] = []
    shortcuts.bind("flag", window, lambda: presses.append("flag"))
    shortcuts.set_keys("flag", "N; Ctrl+N")
    QTest.keyClick(window, Qt.Key.Key_F)
    QTest.keyClick(window, Qt.Key.Key_N)
    assert presses == ["flag"]
    assert studio.setting(SETTING) == {"flag": "N; Ctrl+N"}
    assert Shortcuts(studio).keys("flag") == ("N", "Ctrl+N")
    shortcuts.reset("flag")
    QTest.keyClick(window, Qt.Key.Key_F)
    assert presses == ["flag", "flag"] and shortcuts.keys("flag") == ("F",)


def test_a_key_that_is_taken_is_refused_in_one_sentence(shortcuts: Shortcuts, studio: Studio) -> None:
    with pytest.raises(ShortcutError, match=r"The key 'Left' belongs to 'Prefer left' already: .*\."):
        shortcuts.set_keys("flag", "Left")
    with pytest.raises(ShortcutError, match="is not a key"):
        shortcuts.set_keys("flag", "nonsense ++")
    shortcuts.set_keys("plots", "N")
    shortcuts.set_keys("flag", "G")
    with pytest.raises(ShortcutError, match="'Flag this pair'"):
        shortcuts.reset("plots")
    assert shortcuts.keys("plots") == ("N",) and studio.setting(SETTING) == {"plots": "N", "flag": "G"}


def test_stored_keys_that_no_longer_fit_are_left_out(studio: Studio) -> None:
    studio.set_setting(SETTING, {"flag": "Left", "equal": "E", "gone": "X"})
    shortcuts = Shortcuts(studio)
    assert shortcuts.keys("flag") == ("F",) and shortcuts.keys("equal") == ("E",)


def hold(widget: QWidget, key: Qt.Key, text: str, times: int) -> None:
    """A key that stays down: one press, then repetitions."""
    for number in range(times):
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text, number > 0)
            QTest.qWait(0)
            if kind is QEvent.Type.KeyPress:
                QTest.simulateEvent(widget, True, key.value, Qt.KeyboardModifier.NoModifier, text, number > 0)
            else:
                QApplication.sendEvent(widget, event)
    QTest.keyRelease(widget, key)
