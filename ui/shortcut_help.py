"""The sheet of all keys, over whatever screen is open."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.controls import Button, label
from ui.scrolling import Scrolling
from ui.shortcuts import Action, Shortcuts

SHADE = 0.55
"""Opacity of what lies between the sheet and the screen."""
MOST_COLUMNS = 3
MARGIN = 12
"""Around the sheet."""
FRAME = 6
"""Between the sheet's edge and what scrolls: its corners are round."""


class ShortcutHelp(QWidget):
    """Covers its parent; closed by Esc, by the key that opened it, or by a click beside the sheet."""

    def __init__(self, shortcuts: Shortcuts, parent: QWidget) -> None:
        """Hidden at first."""
        super().__init__(parent)
        self.setObjectName("shortcut-help")
        self.setAccessibleName("All keys")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._shortcuts, self._over = shortcuts, parent
        self._sheet: QFrame | None = None
        self._place = QVBoxLayout(self)
        self._place.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        shortcuts.changed.connect(self.close_sheet)
        parent.installEventFilter(self)
        self.hide()

    def toggle(self) -> None:
        """Opens or closes it."""
        if self.isVisible():
            self.close_sheet()
            return
        room = self._over.width() - 2 * MARGIN
        for columns in range(MOST_COLUMNS, 0, -1):
            self._sheet = _framed(Scrolling(self._build(columns)))
            if self._sheet.sizeHint().width() <= room:
                break
        assert self._sheet is not None
        self._place.addWidget(self._sheet, 0, Qt.AlignmentFlag.AlignCenter)
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()
        self.setFocus()

    def close_sheet(self) -> None:
        """Closes it, and gives the focus back to the screen below."""
        if self._sheet is not None:
            self._place.removeWidget(self._sheet)
            self._sheet.deleteLater()
            self._sheet = None
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Covers the parent at any size."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._over.rect())
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Esc closes the sheet and nothing behind it."""
        overrides = isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_sheet()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """A click beside the sheet closes it."""
        self.close_sheet()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Shades the screen."""
        shade = QColor(0, 0, 0)
        shade.setAlphaF(SHADE)
        QPainter(self).fillRect(self.rect(), shade)

    def _build(self, count: int) -> QWidget:
        sheet = QWidget()
        theme.set_role(sheet, "plain")
        box = QVBoxLayout(sheet)
        box.setContentsMargins(24, 16, 24, 24)
        box.setSpacing(16)
        head = QHBoxLayout()
        head.addWidget(label("Keys", "title"), 1)
        close = Button(icon="close", name="shortcut-help-close", role="quiet", says="Close")
        close.clicked.connect(self.close_sheet)
        head.addWidget(close)
        box.addLayout(head)
        columns = QHBoxLayout()
        columns.setSpacing(32)
        box.addLayout(columns)
        made = [QVBoxLayout() for _ in range(count)]
        rows = [0] * count
        for title, actions in self._shortcuts.groups():
            shortest = rows.index(min(rows))
            made[shortest].addLayout(self._block(title, actions))
            rows[shortest] += 1 + len(actions)
        for column in made:
            column.setSpacing(16)
            column.addStretch(1)
            columns.addLayout(column)
        box.addWidget(label("Keys can be changed in the settings.", "muted"))
        return sheet

    def _block(self, title: str, actions: list[Action]) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(16)
        grid.addWidget(label(title, "caption"), 0, 0, 1, 2)
        for row, action in enumerate(actions, 1):
            grid.addWidget(label(action.title), row, 0)
            keys = QHBoxLayout()
            keys.setSpacing(4)
            keys.addStretch(1)
            for sign in self._shortcuts.signs(action.name):
                keys.addWidget(key_cap(sign))
            grid.addLayout(keys, row, 1)
        return grid


def _framed(scrolling: Scrolling) -> QFrame:
    """The sheet: its frame stays where it is while what is in it scrolls, and the scroll bar is inside."""
    sheet = QFrame()
    sheet.setObjectName("shortcut-help-sheet")
    theme.set_role(sheet, "overlay")
    inside = QVBoxLayout(sheet)
    inside.setContentsMargins(FRAME, FRAME, FRAME, FRAME)
    inside.addWidget(scrolling)
    return sheet


def key_cap(sign: str) -> QLabel:
    """A key, drawn as one."""
    made = label(sign, "key")
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
    return made
