"""About: versions, licence, what this machine can do."""

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
ICON = 48
WHAT = "Teach a simulated robot by choosing between clips, and take the policy away."
LICENCE = "Free software under the Apache License 2.0. The icons are our own, under the same licence."


class AboutSheet(Sheet):
    """What a person copies into a report."""

    def __init__(self, window: QWidget, studio: StudioPort) -> None:
        """Asks the studio once."""
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
        facts = QPlainTextEdit(studio.about())
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


def show_about(window: QWidget, studio: StudioPort) -> AboutSheet:
    """Opens it, or brings it to the front."""
    sheet = open_sheet(window, AboutSheet, NAME) or AboutSheet(window, studio)
    sheet.present()
    return sheet
