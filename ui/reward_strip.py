"""The strip under a live policy: the learned reward of its last seconds."""

from collections import deque

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from learning.messages import Explanation, Press
from sim.task import Floats
from ui import theme
from ui.pressing_port import PressRecord
from ui.sides import PRESS_COLOURS
from ui.why_words import Moment

LEFT, RIGHT, TOP, BOTTOM = 64, 16, 8, 20
"""Pixels around the curve, for the numbers."""
HEIGHT = 92
LEAST_SPAN = 1.0
"""The scale never spans less than this: the noise of a policy that stands still shall not fill the strip."""
WIDENING = 1.1
BAND_OPACITY = 0.22
MOMENT_PX = 4
"""Height of the bar at a moment that is marked."""
REPAINT_MS = 80
"""It is painted no more often than this: a curve of 10 s moves slowly, and the robot needs the time."""
PRESSES = 64
"""Presses remembered."""
CUTS = 64
"""Restarts remembered."""


class RewardStrip(QWidget):
    """Learned reward of each step with its standard deviation, newest at the right; gaps where nothing is known yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Knows nothing yet."""
        super().__init__(parent)
        self.setObjectName("watch-reward-strip")
        self.setAccessibleName("Learned reward of the last 10 seconds")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._soon = QTimer(self, singleShot=True, interval=REPAINT_MS)
        self._soon.timeout.connect(self.update)
        self.clear(1, 1.0)

    def clear(self, length: int, control_dt: float) -> None:
        """Forgets everything.

        Args:
            length: control steps that it shows.
            control_dt: seconds of one.
        """
        self._control_dt = control_dt
        self._mean = np.full(length, np.nan)
        self._std = np.full(length, np.nan)
        self._newest = self._known = 0
        self._cuts: deque[int] = deque(maxlen=CUTS)
        self._presses: deque[PressRecord] = deque(maxlen=PRESSES)
        self._moments: tuple[tuple[int, int, float], ...] = ()
        """First step, the one after the last, and worth of those that are marked."""
        self.update()

    @property
    def known(self) -> int:
        """Up to which step, counted from the first, the learned reward is known."""
        return self._known

    def advance(self, newest: int) -> None:
        """Time went on: so many steps have been played since the first."""
        gone = min(newest - self._newest, len(self._mean))
        rows = np.arange(newest - gone, newest) % len(self._mean)
        self._mean[rows] = self._std[rows] = np.nan
        self._newest = newest
        self._repaint_soon()

    def cut(self) -> None:
        """The robot starts anew after the newest step."""
        self._cuts.append(self._newest)

    def mark(self, record: PressRecord) -> None:
        """A press, and the steps that it is credited to."""
        self._presses.append(record)
        self._repaint_soon()

    def unmark(self) -> None:
        """The newest press was taken back."""
        if self._presses:
            self._presses.pop()
            self._repaint_soon()

    @property
    def marks(self) -> tuple[PressRecord, ...]:
        """Presses remembered, oldest first."""
        return tuple(self._presses)

    def learn(self, end: int, explanation: Explanation) -> None:
        """What the reward model says of the steps before step `end`."""
        oldest = self._newest - len(self._mean)
        steps = np.arange(end - len(explanation.mean), end)
        shown = steps >= oldest
        rows = steps[shown] % len(self._mean)
        self._mean[rows], self._std[rows] = explanation.mean[shown], explanation.std[shown]
        self._known = end
        self._repaint_soon()

    def recent(self) -> tuple[Floats, Floats]:
        """(T,) mean and standard deviation of the steps that it shows, oldest first; NaN where nothing is known."""
        steps = np.arange(max(self._newest - len(self._mean), 0), self._newest) % len(self._mean)
        return self._mean[steps], self._std[steps]

    def show_moments(self, moments: tuple[Moment, ...]) -> None:
        """Marks these moments, whose frames are counted from the oldest step that is shown now; none ends it."""
        oldest = max(self._newest - len(self._mean), 0)
        self._moments = tuple((oldest + moment.first, oldest + moment.last, moment.worth) for moment in moments)
        self._repaint_soon()

    def _repaint_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(480, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Curve, band, restarts and scale."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.text_font(12))
        painter.setPen(theme.color("muted"))
        area = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)
        self._paint_times(painter, area)
        self._paint_presses(painter, area)
        self._paint_moments(painter, area)
        steps = np.arange(max(self._newest - len(self._mean), 0), self._newest)
        mean = self._mean[steps % len(self._mean)]
        if np.isfinite(mean).any():
            self._paint_curve(painter, area, steps, mean, self._std[steps % len(self._mean)])
        else:
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "Asking the reward model")
        painter.end()

    def _paint_times(self, painter: QPainter, area: QRectF) -> None:
        span = len(self._mean) * self._control_dt
        for share in (0.0, 0.5, 1.0):
            text = "now" if share == 1.0 else f"{(share - 1.0) * span:.0f} s".replace("-", "\u2212")
            flag = {0.0: Qt.AlignmentFlag.AlignLeft, 0.5: Qt.AlignmentFlag.AlignHCenter}.get(
                share, Qt.AlignmentFlag.AlignRight
            )
            painter.drawText(QRectF(area.left(), area.bottom() + 2, area.width(), BOTTOM - 2), flag, text)

    def _paint_presses(self, painter: QPainter, area: QRectF) -> None:
        """Each as a bar over the steps that it is credited to, and a mark where it came."""
        width = area.width() / len(self._mean)
        painter.save()
        painter.setClipRect(area.adjusted(0, -TOP, 0, 0))
        for record in self._presses:
            colour = PRESS_COLOURS[record.press]
            right = area.right() - (self._newest - record.last_step) * width
            left = area.right() - (self._newest - record.first_step) * width
            if right < area.left():
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(colour, BAND_OPACITY * (1.6 if record.strong else 1.0)))
            painter.drawRect(QRectF(left, area.top(), right - left, area.height()))
            painter.setPen(QPen(theme.color(colour), 3.0 if record.strong else 2.0))
            painter.drawLine(QPointF(right, area.top() - TOP / 2), QPointF(right, area.bottom()))
            sign = "+" if record.press is Press.REWARD else "\u2212"
            painter.drawText(QRectF(right - 20, area.top() - 2, 17, 16), Qt.AlignmentFlag.AlignRight, sign)
        painter.restore()
        painter.setPen(theme.color("muted"))

    def _paint_moments(self, painter: QPainter, area: QRectF) -> None:
        """Each as a bar at the top if it is good, at the bottom if it is bad."""
        width = area.width() / len(self._mean)
        for first, last, worth in self._moments:
            left, right = (area.right() - (self._newest - step) * width for step in (first, last))
            if left >= area.left():
                top = area.top() if worth > 0.0 else area.bottom() - MOMENT_PX
                painter.fillRect(QRectF(left, top, right - left, MOMENT_PX), theme.color("text"))

    def _paint_curve(
        self, painter: QPainter, area: QRectF, steps: np.ndarray, mean: np.ndarray, std: np.ndarray
    ) -> None:
        low, high = _span(mean - std, mean + std)

        def place(step: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            x = area.right() - (self._newest - step) * (area.width() / len(self._mean))
            return x, area.bottom() - (value - low) / (high - low) * area.height()

        self._paint_scale(painter, area, low, high)
        colour = theme.color("accent")
        for part in _parts(mean):
            x, y = place(steps[part], mean[part])
            _, upper = place(steps[part], mean[part] + std[part])
            _, lower = place(steps[part], mean[part] - std[part])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent", BAND_OPACITY))
            painter.drawPolygon(_polygon(np.concatenate([x, x[::-1]]), np.concatenate([upper, lower[::-1]])))
            painter.setPen(QPen(colour, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(_polygon(x, y))
        painter.setPen(QPen(theme.color("muted"), 1.0, Qt.PenStyle.DashLine))
        for cut in self._cuts:
            if cut > self._newest - len(self._mean):
                x_cut, _ = place(np.array(cut), np.array(low))
                painter.drawLine(QPointF(float(x_cut), area.top()), QPointF(float(x_cut), area.bottom()))

    def _paint_scale(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        taken: list[float] = []
        # 0 comes first: it is what the curve is read against, and it has its number whatever else has none
        for value in sorted({low, high, 0.0 if low < 0.0 < high else low}, key=abs):
            y = area.bottom() - (value - low) / (high - low) * area.height()
            painter.setPen(theme.color("border"))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if any(abs(y - other) < painter.fontMetrics().height() for other in taken):
                continue
            taken.append(y)
            painter.setPen(theme.color("muted"))
            text = "0" if value == 0.0 else f"{value:.1f}".replace("-", "\u2212")
            beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, LEFT - 8, 16), beside, text)


def _span(low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """Least and most of the scale: all that is known, and 0."""
    least, most = min(float(np.nanmin(low)), 0.0), max(float(np.nanmax(high)), 0.0)
    missing = max(LEAST_SPAN - (most - least), 0.0) / 2.0
    return (least - missing) * WIDENING, (most + missing) * WIDENING


def _parts(values: np.ndarray) -> list[slice]:
    """The stretches without a gap, of two values or more."""
    edges = np.diff(np.concatenate([[False], np.isfinite(values), [False]]).astype(int))
    pairs = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
    return [slice(int(start), int(end)) for start, end in pairs if end - start > 1]


def _polygon(x: np.ndarray, y: np.ndarray) -> QPolygonF:
    return QPolygonF([QPointF(float(a), float(b)) for a, b in zip(x, y, strict=True)])
