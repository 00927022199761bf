"""What lies over a whole screen until it is closed, and keeps the screen's keys to itself meanwhile."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui import theme
from ui.shortcuts import ACTIONS, Scope, Shortcuts

SHADE = 0.6
"""Opacity of what lies between the sheet and the screen."""
MARGIN_SHARE = 0.04
"""Of the screen's sides, around the sheet."""
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Cover(QWidget):
    """A sheet over a screen. No key of the screen answers anything while it is open: nobody sees the clips then."""

    closed: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(
        self, shortcuts: Shortcuts, parent: QWidget, *, name: str, own: tuple[str, ...] = (), whole: bool = False
    ) -> None:
        """Hidden at first.

        Args:
            shortcuts: the keys in force.
            parent: the screen that it covers.
            name: stable object name.
            own: actions of the screen whose keys go on to work.
            whole: whether nothing of the screen is left to be seen beside the sheet.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._over, self._shortcuts, self._whole = parent, shortcuts, whole
        self._passing = (*own, *(action.name for action in ACTIONS if action.scope is Scope.EVERYWHERE))
        self.sheet = QFrame()
        theme.set_role(self.sheet, "overlay")
        self.column = QVBoxLayout(self.sheet)
        self.column.setContentsMargins(3 * theme.GRID, 2 * theme.GRID, 3 * theme.GRID, 2 * theme.GRID)
        self.column.setSpacing(2 * theme.GRID)
        self._place = QHBoxLayout(self)
        self._place.addWidget(self.sheet)
        parent.installEventFilter(self)
        self.hide()

    def open_cover(self) -> None:
        """Shows it over the whole screen."""
        self._cover()
        self.show()
        self.raise_()
        self.take_focus()

    @Slot()
    def take_focus(self) -> None:
        """Takes the keys, while it is open."""
        if self.covers:
            (self.focusProxy() or self).setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def close_cover(self) -> None:
        """Closes it, and gives the focus back to the screen."""
        if self.covers:
            self.hide()
            self._over.setFocus()
            self.closed.emit()

    @property
    def covers(self) -> bool:
        """Whether it is open."""
        return not self.isHidden()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Covers the screen at any size, and takes the keys that the screen is given."""
        # the screen also sends events while it is destroyed: those find no cover any more
        if event.type() is QEvent.Type.Resize and self.covers:
            self._cover()
        elif event.type() is QEvent.Type.FocusIn and self.covers:
            QTimer.singleShot(0, self.take_focus)
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Keeps keys from the screen below, but for those that work everywhere."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and not self._passes(event):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the sheet closes it."""
        if not self.sheet.geometry().contains(event.position().toPoint()):
            self.close_cover()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Shades the screen."""
        shade = QColor(Qt.GlobalColor.black)
        shade.setAlphaF(SHADE)
        QPainter(self).fillRect(self.rect(), shade)

    def _passes(self, event: QKeyEvent) -> bool:
        written = QKeySequence.SequenceFormat.PortableText
        pressed = {
            QKeySequence(event.keyCombination()).toString(written),
            # a sign such as ? needs Shift on some layouts, and is written without it
            QKeySequence(event.key() | (event.modifiers() & ~SHIFT).value).toString(written),
        }
        return any(pressed & set(self._shortcuts.keys(name)) for name in self._passing)

    def _cover(self) -> None:
        self.setGeometry(self._over.rect())
        if self._whole:
            self._place.setContentsMargins(0, 0, 0, 0)
            return
        across = max(2 * theme.GRID, round(MARGIN_SHARE * self.width()))
        down = max(2 * theme.GRID, round(MARGIN_SHARE * self.height()))
        self._place.setContentsMargins(across, down, across, down)
