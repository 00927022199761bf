"""A small curve without axes, for how something went lately."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme

HEIGHT = 40
BAND_ALPHA = 0.18
MARGIN = 4.0


class Sparkline(QWidget):
    """A curve with a band, newest on the right."""

    def __init__(self, says: str, colour: str = "accent", least_span: float = 0.0) -> None:
        """Empty.

        Args:
            says: the accessible name.
            colour: of the theme.
            least_span: from the least value upwards, the strip stands for so much at least: what hardly changes
                looks flat.
        """
        super().__init__()
        self.setAccessibleName(says)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._colour = colour
        self._least_span = least_span
        self._values: Sequence[float] = ()
        self._spreads: Sequence[float] = ()

    def set_values(self, values: Sequence[float], spreads: Sequence[float] = ()) -> None:
        """Another curve; `spreads` are half the band's height, as many as `values`, or none."""
        if values != self._values or spreads != self._spreads:
            self._values, self._spreads = values, spreads
            self.update()

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(160, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Band, curve, and a dot on the newest value."""
        count = len(self._values)
        if count == 0:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        spreads = self._spreads or [0.0] * count
        low = min(value - spread for value, spread in zip(self._values, spreads, strict=True))
        high = max(value + spread for value, spread in zip(self._values, spreads, strict=True))
        high = max(high, low + self._least_span)
        tall = self.height() - 2 * MARGIN
        wide = self.width() - 2 * MARGIN

        def point(number: int, value: float) -> QPointF:
            across = wide * number / (count - 1) if count > 1 else wide
            up = (value - low) / (high - low) if high > low else 0.5
            return QPointF(MARGIN + across, MARGIN + tall * (1.0 - up))

        painter.setPen(Qt.PenStyle.NoPen)
        if self._spreads:
            painter.setBrush(theme.color(self._colour, BAND_ALPHA))
            upper = [point(n, v + s) for n, (v, s) in enumerate(zip(self._values, spreads, strict=True))]
            lower = [point(n, v - s) for n, (v, s) in enumerate(zip(self._values, spreads, strict=True))]
            painter.drawPolygon(QPolygonF(upper + lower[::-1]))
        painter.setPen(QPen(theme.color(self._colour), 1.8))
        painter.drawPolyline(QPolygonF([point(number, value) for number, value in enumerate(self._values)]))
        painter.setBrush(theme.color(self._colour))
        painter.drawEllipse(point(count - 1, self._values[-1]), 2.5, 2.5)
