"""A sheet over a screen: the screen is shaded, and a click beside the sheet closes it."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui import theme

SHADE = 0.6
"""Opacity of what lies between the sheet and the screen."""


class Overlay(QWidget):
    """Covers its parent at any size. Hidden until `uncover`."""

    closed: SignalInstance = Signal()  # type: ignore[assignment]
    most: tuple[int, int] | None = (880, 640)
    """The sheet is no wider and no higher than this, pixels; None lets nothing of the screen be seen beside it."""

    def __init__(self, parent: QWidget, *, name: str, says: str) -> None:
        """Hidden at first.

        Args:
            parent: what it lies over.
            name: object name.
            says: accessible name.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._over = parent
        self._sheet = QFrame()
        theme.set_role(self._sheet, "overlay")
        self.box = QVBoxLayout(self._sheet)
        """The sheet's layout."""
        self.box.setContentsMargins(2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID)
        self.box.setSpacing(2 * theme.GRID)
        self._place = QHBoxLayout(self)
        self._place.addWidget(self._sheet)
        parent.installEventFilter(self)
        self.hide()

    def uncover(self) -> None:
        """Lies over the screen from now on."""
        self._cover()
        self.show()
        self.raise_()
        self.setFocus()

    @Slot()
    def close_card(self) -> None:
        """Closes it without a change."""
        if self.is_open:
            self.hide()
            self._over.setFocus()
            self.closed.emit()

    @property
    def is_open(self) -> bool:
        """Whether it lies over its screen, also while another screen is shown."""
        return not self.isHidden()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Covers the screen at any size."""
        if event.type() is QEvent.Type.Resize and self.is_open:
            self._cover()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the sheet closes it."""
        if not self._sheet.geometry().contains(event.position().toPoint()):
            self.close_card()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Shades the screen."""
        shade = QColor(Qt.GlobalColor.black)
        shade.setAlphaF(SHADE)
        QPainter(self).fillRect(self.rect(), shade)

    def _cover(self) -> None:
        """Shades all of the screen; the sheet lies where the screen is seen, which a small window shows a part of."""
        whole = self._over.rect()
        seen = self._over.visibleRegion().boundingRect() & whole
        if seen.isEmpty():
            seen = whole
        self.setGeometry(whole)
        across = down = 0
        if self.most is not None:
            across = max(3 * theme.GRID, (seen.width() - theme.scaled(self.most[0])) // 2)
            down = max(3 * theme.GRID, (seen.height() - theme.scaled(self.most[1])) // 2)
        right, below = whole.width() - seen.x() - seen.width(), whole.height() - seen.y() - seen.height()
        self._place.setContentsMargins(seen.x() + across, seen.y() + down, right + across, below + down)
