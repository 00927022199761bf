"""Settings and about: changes hold at once and are kept, keys that clash are refused in a sentence."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QKeySequenceEdit,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.errors import StorageError
from app.studio import Studio
from tests.unit.ui.conftest import WAIT_MS
from ui import dialogs, theme
from ui.dialogs.settings import SettingsSheet
from ui.shortcuts import Shortcuts


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def shortcuts(studio: Studio) -> Shortcuts:
    return Shortcuts(studio)


@pytest.fixture
def settings(window: QWidget, studio: Studio, shortcuts: Shortcuts, qapp: QApplication) -> Iterator[SettingsSheet]:
    yield dialogs.show_settings(window, studio, shortcuts)
    theme.apply(qapp, "light")


def button(sheet: QWidget, name: str) -> QAbstractButton:
    found = sheet.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def sentence(sheet: QWidget, name: str) -> str:
    found = sheet.findChild(QLabel, name)
    assert found is not None, name
    return "" if found.isHidden() else found.text()


def give_key(sheet: SettingsSheet, action: str, key: Qt.Key, how: str, qtbot: QtBot) -> None:
    """Presses the button, then the key."""
    pages = sheet.findChild(QTabWidget)
    assert pages is not None
    pages.setCurrentIndex(1)
    button(sheet, f"key-{action}-{how}").click()
    edit = sheet.findChild(QKeySequenceEdit, f"key-{action}-edit")
    assert edit is not None
    with qtbot.waitSignal(edit.editingFinished, timeout=WAIT_MS):
        QTest.keyClick(edit, key)


def test_there_is_one_of_each_and_esc_closes_it(
    window: QWidget, studio: Studio, shortcuts: Shortcuts, settings: SettingsSheet, qtbot: QtBot
) -> None:
    assert dialogs.show_settings(window, studio, shortcuts) is settings
    assert not settings.isModal()
    QTest.keyClick(settings, Qt.Key.Key_Escape)
    assert not settings.isVisible()
    again = dialogs.show_settings(window, studio, shortcuts)
    assert again is not settings and again.isVisible()


@pytest.mark.parametrize("by_key", [True, False])
def test_keys_go_to_the_window_again_when_it_closes(
    window: QWidget, studio: Studio, qtbot: QtBot, *, by_key: bool
) -> None:
    sheet = dialogs.show_about(window, studio)
    qtbot.waitUntil(sheet.isActiveWindow, timeout=WAIT_MS)
    QTest.keyClick(sheet, Qt.Key.Key_Escape) if by_key else sheet.close()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)


def test_colours_hold_at_once_and_are_kept(settings: SettingsSheet, studio: Studio) -> None:
    for number, name in ((2, "dark"), (1, "light")):
        button(settings, f"settings-theme-{number}").click()
        assert theme.current().dark is (name == "dark") and studio.setting("theme") == name


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("settings-speed-2", "speed", 1.0),
        ("settings-depth_cues", "depth_cues", False),
        ("settings-side_view", "side_view", True),
        ("settings-reduced_motion", "reduced_motion", True),
    ],
)
def test_each_setting_is_kept_and_told(
    settings: SettingsSheet, studio: Studio, qtbot: QtBot, name: str, key: str, value: object
) -> None:
    with qtbot.waitSignal(settings.changed) as told:
        button(settings, name).click()
    assert told.args == [key] and studio.setting(key) == value
    assert Studio().setting(key) == value, "the next start of the program finds it"


def test_what_is_in_force_is_shown(window: QWidget, studio: Studio, shortcuts: Shortcuts) -> None:
    for key, value in {"theme": "dark", "speed": 0.25, "depth_cues": False, "side_view": True}.items():
        studio.set_setting(key, value)
    sheet = dialogs.show_settings(window, studio, shortcuts)
    assert button(sheet, "settings-theme-2").isChecked() and button(sheet, "settings-speed-0").isChecked()
    assert not button(sheet, "settings-depth_cues").isChecked() and button(sheet, "settings-side_view").isChecked()


def test_settings_that_cannot_be_written_say_so_and_hold(
    settings: SettingsSheet, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(studio, "set_setting", full)
    button(settings, "settings-theme-2").click()
    assert theme.current().dark and sentence(settings, "settings-problem") == "The disk is full."
    monkeypatch.undo()
    button(settings, "settings-theme-1").click()
    assert sentence(settings, "settings-problem") == ""


def test_a_key_is_changed_added_and_given_back(
    settings: SettingsSheet, shortcuts: Shortcuts, studio: Studio, qtbot: QtBot
) -> None:
    reset = button(settings, "key-equal-reset")
    assert not reset.isEnabled()
    give_key(settings, "equal", Qt.Key.Key_E, "change", qtbot)
    assert shortcuts.keys("equal") == ("E",) and reset.isEnabled()
    give_key(settings, "equal", Qt.Key.Key_Q, "add", qtbot)
    assert shortcuts.keys("equal") == ("E", "Q")
    assert Shortcuts(studio).keys("equal") == ("E", "Q"), "kept"
    reset.click()
    assert shortcuts.keys("equal") == ("Down", "3") and not reset.isEnabled()


def test_a_key_that_is_taken_is_refused_in_one_sentence(
    settings: SettingsSheet, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    give_key(settings, "equal", Qt.Key.Key_S, "change", qtbot)
    assert shortcuts.keys("equal") == ("Down", "3")
    said = sentence(settings, "key-equal-problem")
    assert "'S'" in said and "Can't tell" in said and said.endswith(".")
    give_key(settings, "equal", Qt.Key.Key_E, "change", qtbot)
    assert sentence(settings, "key-equal-problem") == ""


def test_all_keys_go_back_even_when_two_have_changed_places(
    settings: SettingsSheet, shortcuts: Shortcuts, qtbot: QtBot
) -> None:
    give_key(settings, "equal", Qt.Key.Key_E, "change", qtbot)
    give_key(settings, "flag", Qt.Key.Key_Down, "change", qtbot)
    give_key(settings, "equal", Qt.Key.Key_F, "change", qtbot)
    assert (shortcuts.keys("equal"), shortcuts.keys("flag")) == (("F",), ("Down",))
    button(settings, "settings-reset-keys").click()
    assert (shortcuts.keys("equal"), shortcuts.keys("flag")) == (("Down", "3"), ("F",))


def test_about_is_there_to_be_copied(window: QWidget, studio: Studio) -> None:
    sheet = dialogs.show_about(window, studio)
    facts = sheet.findChild(QPlainTextEdit, "about-facts")
    assert facts is not None and "mujoco" in facts.toPlainText() and facts.isReadOnly()
    button(sheet, "about-copy").click()
    assert QGuiApplication.clipboard().text() == facts.toPlainText()
    assert button(sheet, "about-copy").text() == "Copied"
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_everything_that_can_be_pressed_has_a_name(settings: SettingsSheet) -> None:
    pressed = [each for each in settings.findChildren(QAbstractButton) if each.objectName().startswith(("key-", "set"))]
    assert len(pressed) > 60 and all(each.accessibleName() for each in pressed)
