"""The frame that all dialogs share: one of a kind, beside the window's work, closed by Esc."""

from typing import TypeVar

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui import theme
from ui.controls import Button
from ui.scrolling import Scrolling, onto_a_screen

COPIED_MS = 1500
"""A copy button says so for this long."""


class Sheet(QDialog):
    """A dialog with our margins; the contents go into `column`."""

    def __init__(self, window: QWidget, name: str, title: str) -> None:
        """Not shown yet.

        Args:
            window: what it belongs to.
            name: stable object name.
            title: in the window's frame, and for screen readers.
        """
        super().__init__(window)
        self._window = window
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, 3 * theme.GRID, 2 * theme.GRID)
        self.column.setSpacing(2 * theme.GRID)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        self._scrolling = Scrolling(content)
        self._scrolling.content_changed.connect(self._grow)
        whole.addWidget(self._scrolling)
        self._wanted = QSize(0, 0)

    def ask_for(self, width: int, height: int) -> None:
        """Asks for a size in pixels, which grows with the text; it is larger where the contents want more."""
        self._wanted = QSize(theme.scaled(width), theme.scaled(height))

    def present(self) -> None:
        """Shows it, in front, in the middle of its window, and no larger than the screen: then it scrolls."""
        if not self.isVisible():
            place = QRect(QPoint(), self._scrolling.sizeHint().expandedTo(self._wanted).expandedTo(self.minimumSize()))
            place.moveCenter(self._window.window().geometry().center())
            self.setGeometry(onto_a_screen(place))
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot()
    def _grow(self) -> None:
        """Makes room below for what came, as far as the screen has any. Text wraps: it makes no sheet wider."""
        if self.isVisible():
            high = max(self.height(), self._scrolling.height_wanted(self.width()))
            self.setGeometry(onto_a_screen(QRect(self.pos(), QSize(self.width(), high))))

    def done(self, result: int) -> None:
        """Closes it. Keys go to the window again at once, also where no window manager sees to that."""
        super().done(result)
        self._window.window().activateWindow()


AnySheet = TypeVar("AnySheet", bound=Sheet)


def open_sheet(window: QWidget, kind: type[AnySheet], name: str) -> AnySheet | None:
    """The dialog of this kind that the window has open already, or None."""
    found = window.findChild(kind, name)
    return found if isinstance(found, kind) and found.isVisible() else None


def button_row(*buttons: QWidget) -> QHBoxLayout:
    """Buttons at the right edge."""
    row = QHBoxLayout()
    row.setSpacing(theme.GRID)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row


class CopyButton(Button):
    """Copies a text, and says so."""

    def __init__(self, name: str, says: str = "Copy") -> None:
        """Copies nothing before `content` is set."""
        super().__init__(says, "copy", name=name)
        self.content = ""
        self._says = says
        self._again = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._again.timeout.connect(self._reset)
        self.clicked.connect(self._copy)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.content)
        self._show("Copied", "check", "good")
        self._again.start()

    @Slot()
    def _reset(self) -> None:
        self._show(self._says, "copy", "text")

    def _show(self, text: str, icon: str, colour: str) -> None:
        self.setText(text)
        self.show_icon(icon, colour)
        self.set_says(text)
