"""Colours that can be read, and a program that follows the system's scheme."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from ui import icons, theme
from ui.sides import COLOURS, ICONS


@pytest.mark.parametrize("palette", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), theme.TEXT_PAIRS)
def test_text_can_be_read(palette: theme.Palette, text: str, ground: str) -> None:
    found = theme.contrast(getattr(palette, text), getattr(palette, ground))
    assert found >= theme.LEAST_CONTRAST, f"{text} on {ground}: {found:.2f}"


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert theme.contrast("#123456", "#123456") == pytest.approx(1.0)


def test_left_and_right_differ_by_more_than_colour() -> None:
    assert len(set(ICONS.values())) == len(ICONS)
    assert COLOURS[next(iter(COLOURS))] != COLOURS[list(COLOURS)[1]]


def test_the_theme_changes_the_whole_program_and_its_icons(qapp: QApplication, qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    theme.apply(qapp, "light")
    icons.ThemedIcon(button, "left")
    light = button.icon().pixmap(20, 20).toImage()
    theme.apply(qapp, "dark")
    assert theme.current() is theme.DARK
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == theme.DARK.window
    assert theme.DARK.raised in qapp.styleSheet()
    assert button.icon().pixmap(20, 20).toImage() != light
    theme.apply(qapp, "light")
    assert theme.current() is theme.LIGHT


def test_the_system_is_followed_when_asked(qapp: QApplication) -> None:
    theme.apply(qapp, "system")
    system = qapp.styleHints().colorScheme()
    assert theme.current().dark == (system is Qt.ColorScheme.Dark)
    theme.apply(qapp, "no such theme")
    assert theme.notifier().choice == "system"


def test_every_icon_is_drawn(qapp: QApplication) -> None:
    for name in [*ICONS.values(), "undo", "flag", "flag-set", "play", "pause", "replay", "warning", "backflip"]:
        image = icons.pixmap(name, theme.color("text"), 24).toImage()
        inked = sum(image.pixelColor(x, y).alpha() > 128 for x in range(24) for y in range(24))
        assert 10 < inked < 400, name
