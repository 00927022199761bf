"""A picture whose scene goes with the pointer: a drag turns or moves it, the wheel brings it nearer."""

from PySide6.QtCore import QPointF, Qt, Signal, SignalInstance
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from ui.drags import Drag, camera_drag

WHEEL_NOTCH = 120.0
"""Qt's units for one notch of a wheel."""


class DraggedPicture(QWidget):
    """Knows no camera: it says what the pointer does."""

    orbited: SignalInstance = Signal(float, float)  # type: ignore[assignment]
    """(across, down) a drag, as shares of the picture's height."""
    panned: SignalInstance = Signal(float, float)  # type: ignore[assignment]
    """(across, down) the same of a drag that moves the scene."""
    zoomed: SignalInstance = Signal(float)  # type: ignore[assignment]
    """(notches) of the wheel."""

    def __init__(self, parent: QWidget | None = None, *, cursor: Qt.CursorShape | None = None) -> None:
        """Nothing is dragged yet; the pointer has the shape `cursor` over it, None is that of the parent."""
        super().__init__(parent)
        self._resting = cursor
        self._pointer = QPointF()
        self._drag: Drag | None = None
        self._rest()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of the camera."""
        self._pointer = event.position()
        self._drag = camera_drag(event)
        if self._drag is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turns or moves the camera."""
        moved = (event.position() - self._pointer) / max(self.height(), 1)
        self._pointer = event.position()
        if self._drag is not None:
            (self.panned if self._drag is Drag.PAN else self.orbited).emit(moved.x(), moved.y())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Lets go."""
        self.end_drag()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Goes nearer or farther."""
        self.zoomed.emit(event.angleDelta().y() / WHEEL_NOTCH)
        event.accept()

    def end_drag(self) -> None:
        """Lets go of the camera."""
        self._drag = None
        self._rest()

    def _rest(self) -> None:
        if self._resting is None:
            self.unsetCursor()
        else:
            self.setCursor(self._resting)
