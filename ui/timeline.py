"""The timeline that both clips share: scrubbed with the mouse, with the end of the shorter clip marked."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSlider

from ui import theme

TRACK, HANDLE = 6.0, 16.0
"""Height of the track and width of the handle."""


class Timeline(QSlider):
    """A slider over the frames of a pair; a press goes there at once. The keys belong to the shortcuts."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("timeline")
        self.setAccessibleName("Position in both clips")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setEnabled(False)
        self._lengths = (1, 1)

    def set_lengths(self, left: int, right: int) -> None:
        """Frames of the two clips."""
        self._lengths = (left, right)
        self.setRange(0, max(left, right) - 1)
        self.setEnabled(True)

    def x_of(self, frame: float) -> float:
        """Where a frame is, in pixels; plots above or below it use the same."""
        usable = self.width() - HANDLE
        return HANDLE / 2 + usable * frame / max(1, self.maximum())

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(200, 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Track, the part played, the end of the shorter clip, handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("border"))
        track = QRectF(HANDLE / 2, middle - TRACK / 2, self.width() - HANDLE, TRACK)
        painter.drawRoundedRect(track, TRACK / 2, TRACK / 2)
        if not self.isEnabled():
            return
        here = self.x_of(self.value())
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(track.left(), track.top(), here - track.left(), TRACK), TRACK / 2, TRACK / 2)
        self._paint_end(painter, middle)
        painter.setBrush(theme.color("text"))
        painter.drawEllipse(QRectF(here - HANDLE / 2, middle - HANDLE / 2, HANDLE, HANDLE))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Goes where the pointer is."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follows the pointer."""
        if self.isSliderDown():
            self._go(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Lets go."""
        self.setSliderDown(False)

    def _go(self, x: float) -> None:
        share = (x - HANDLE / 2) / max(1.0, self.width() - HANDLE)
        frame = round(min(max(share, 0.0), 1.0) * self.maximum())
        self.setValue(frame)
        self.sliderMoved.emit(frame)

    def _paint_end(self, painter: QPainter, middle: float) -> None:
        """A triangle that points to the side whose clip ends there, in its colour."""
        left, right = self._lengths
        if left == right:
            return
        side, direction = ("left", -1.0) if left < right else ("right", 1.0)
        x = self.x_of(min(left, right) - 1)
        painter.setBrush(theme.color(side))
        painter.drawRect(QRectF(x - 1, middle - 9, 2, 18))
        tip = QPolygonF([QPointF(x, middle - 12), QPointF(x + 7 * direction, middle - 8), QPointF(x, middle - 4)])
        painter.drawPolygon(tip)
