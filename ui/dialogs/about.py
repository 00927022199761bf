"""About: versions, licence, what this machine can do."""

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QWidget

from ui import theme
from ui.controls import Button, label
from ui.dialogs.sheet import CopyButton, Sheet, button_row, open_sheet
from ui.icons import pixmap
from ui.ports import StudioPort

NAME = "about-dialog"
SIZE = (680, 480)
DRAWN = "ok  drawing {:<11} {}"
"""A line on pictures, in the form of the lines on versions."""
ICON = 48
WHAT = "Teach a simulated robot by choosing between clips, and take the policy away."
LICENCE = "Free software under the Apache License 2.0. The icons are our own, under the same licence."


class AboutSheet(Sheet):
    """What a person copies into a report."""

    def __init__(self, window: QWidget, studio: StudioPort, drawn: Mapping[str, str]) -> None:
        """Asks the studio once; `drawn` says how sharp pictures of what are."""
        super().__init__(window, NAME, "About Backflip")
        self.ask_for(*SIZE)
        sign = QLabel()
        sign.setPixmap(pixmap("backflip", theme.color("accent"), ICON, self.devicePixelRatioF()))
        words = QHBoxLayout()
        words.setSpacing(2 * theme.GRID)
        words.addWidget(sign)
        words.addWidget(label("Backflip", "title"))
        words.addWidget(label(WHAT, "muted", wraps=True), 1)
        self.column.addLayout(words)
        self.column.addWidget(label("This machine", "caption"))
        facts = QPlainTextEdit("\n".join([studio.about(), *(DRAWN.format(*line) for line in drawn.items())]))
        facts.setObjectName("about-facts")
        facts.setAccessibleName("Versions, and what this machine can do")
        facts.setReadOnly(True)
        facts.setTabChangesFocus(True)
        facts.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        facts.setStyleSheet(f"font-family: '{mono.family()}'; font-size: 12px;")
        self.column.addWidget(facts, 1)
        self.column.addWidget(label(LICENCE, "muted", wraps=True))
        copy = CopyButton("about-copy")
        copy.content = facts.toPlainText()
        close = Button("Close", name="about-close", role="primary")
        close.clicked.connect(self.close)
        self.column.addLayout(button_row(copy, close))
        close.setFocus(Qt.FocusReason.OtherFocusReason)


def show_about(window: QWidget, studio: StudioPort, drawn: Mapping[str, str] = MappingProxyType({})) -> AboutSheet:
    """Opens it, or brings it to the front.

    Args:
        window: lies behind it.
        studio: knows the versions.
        drawn: what was drawn, and how sharp its pictures are on this machine.
    """
    sheet = open_sheet(window, AboutSheet, NAME) or AboutSheet(window, studio, drawn)
    sheet.present()
    return sheet
