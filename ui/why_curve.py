"""What the reward model says of every frame of both clips, under the timeline and in step with it."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from learning.messages import Explanation, PairExplanation
from ui import theme
from ui.controls import label
from ui.sides import Side
from ui.timeline import Timeline
from ui.why_words import Moment, knows_nothing, pair_words, reasons

TOP, BOTTOM, CURVE = 20, 18, 70
"""Pixels of the legend and of the axis of time, which grow with the text, and of the curves between them."""
BAND_ALPHA, MOMENT_ALPHA = 0.16, 0.35
MOMENT_PX = 5
"""Height of the bars over the moments that decide."""
MARK_EVERY, MARK_PX = 8, 5
"""Frames from mark to mark: circles for the left clip, squares for the right."""
TEXT_PX = 12
GAP = 6
ASKING = "Asking the reward model"
NOT_NOW = "The reward model cannot be asked while learning has stopped."
LEGEND = {Side.LEFT: "left", Side.RIGHT: "right"}
BAND_WORDS = "shaded: \u00b1 1 standard deviation"
BAR_WORDS = "bars: moments that decide most"
AXIS_WORDS = "learned reward of a frame; 0: random motion"


class WhyCurve(QWidget):
    """Learned reward per frame with one standard deviation as a band; axes on the right and below, a legend on top."""

    def __init__(self, timeline: Timeline) -> None:
        """`timeline` says where a frame is; what is on the right of it is the axis's."""
        super().__init__()
        self.setObjectName("why-curve")
        self.setAccessibleName("Learned reward of each frame of both clips")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._timeline = timeline
        self._control_dt = 1.0
        self._explanation: PairExplanation | None = None
        self._moments: tuple[tuple[Side, Moment], ...] = ()

    @property
    def explanation(self) -> PairExplanation | None:
        """What is drawn; None while the answer is awaited."""
        return self._explanation

    def show_explanation(self, explanation: PairExplanation | None, control_dt: float = 1.0) -> None:
        """Draws other curves, of clips with frames of `control_dt` seconds; None draws none."""
        self._explanation, self._control_dt = explanation, control_dt
        self._moments = () if explanation is None else reasons(explanation).moments
        self.update()

    def sizeHint(self) -> QSize:
        """A flat strip."""
        return QSize(200, _top() + CURVE + theme.scaled(BOTTOM))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Legend, axes, both curves, and where the clips are."""
        if self._explanation is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.text_font(TEXT_PX))
        both = {Side.LEFT: self._explanation.left, Side.RIGHT: self._explanation.right}
        low = min(0.0, *(float((each.mean - each.std).min()) for each in both.values()))
        high = max(0.0, *(float((each.mean + each.std).max()) for each in both.values()))
        high = high if high > low else low + 1.0
        self._paint_legend(painter)
        self._paint_axes(painter, low, high)
        for side, explanation in both.items():
            self._paint_curve(painter, side, explanation, (low, high))
        for side, moment in self._moments:
            left, right = (self._timeline.x_of(frame) for frame in (moment.first, moment.last - 1))
            at = _top() if side is Side.LEFT else _top() + CURVE - MOMENT_PX
            painter.fillRect(QRectF(left, at, right - left, MOMENT_PX), theme.color(side))
            painter.fillRect(QRectF(left, _top(), right - left, CURVE), theme.color(side, BAND_ALPHA))
        painter.setPen(theme.color("text"))
        here = self._timeline.x_of(self._timeline.value())
        painter.drawLine(QPointF(here, _top()), QPointF(here, _top() + CURVE))

    def _point(self, frame: float, value: float, span: tuple[float, float]) -> QPointF:
        low, high = span
        return QPointF(self._timeline.x_of(frame), _top() + CURVE * (high - value) / (high - low))

    def _paint_legend(self, painter: QPainter) -> None:
        """As much of it as there is room for."""
        x, middle = self._timeline.x_of(0), _top() / 2
        for side, words in LEGEND.items():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(side))
            _mark(painter, side, QPointF(x + MARK_PX, middle))
            x = self._say(painter, x + 2 * MARK_PX + GAP, words)
        for words in (BAND_WORDS, BAR_WORDS):
            x = self._say(painter, x, words)

    def _say(self, painter: QPainter, x: float, words: str) -> float:
        """Writes on the line of the legend; returns where the next words begin."""
        width = painter.fontMetrics().horizontalAdvance(words)
        if x + width <= self.width():
            painter.setPen(theme.color("muted"))
            painter.drawText(QRectF(x, 0, width + 1, _top()), Qt.AlignmentFlag.AlignVCenter, words)
        return x + width + 2 * GAP

    def _paint_axes(self, painter: QPainter, low: float, high: float) -> None:
        end = self._timeline.maximum()
        right = self._timeline.x_of(end)
        for value in sorted({low, 0.0, high}):
            at = self._point(0, value, (low, high))
            painter.setPen(theme.color("border"))
            painter.drawLine(at, QPointF(right, at.y()))
            near = value != 0.0 and abs(at.y() - self._point(0, 0.0, (low, high)).y()) < TEXT_PX
            if not near:
                painter.setPen(theme.color("muted"))
                text = ("0" if value == 0.0 else f"{value:+.1f}").replace("-", "\u2212")
                painter.drawText(QPointF(right + GAP, at.y() + TEXT_PX / 3), text)
        painter.setPen(theme.color("muted"))
        below = QRectF(self._timeline.x_of(0), _top() + CURVE, right - self._timeline.x_of(0), theme.scaled(BOTTOM))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, "0 s")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, AXIS_WORDS)
        ends = f"{end * self._control_dt:.2f} s"
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, ends)

    def _paint_curve(self, painter: QPainter, side: Side, of: Explanation, span: tuple[float, float]) -> None:
        mean, std = np.asarray(of.mean, float), np.asarray(of.std, float)
        frames = range(len(mean))
        upper = [self._point(frame, mean[frame] + std[frame], span) for frame in frames]
        lower = [self._point(frame, mean[frame] - std[frame], span) for frame in reversed(frames)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(side, BAND_ALPHA))
        painter.drawPolygon(QPolygonF(upper + lower))
        curve = [self._point(frame, mean[frame], span) for frame in frames]
        painter.setPen(QPen(theme.color(side), 1.6))
        painter.setBrush(theme.color(side))
        painter.drawPolyline(QPolygonF(curve))
        for at in curve[::MARK_EVERY]:
            _mark(painter, side, at)


class WhyPanel(QWidget):
    """The curves, and above them in words what is predicted, with which confidence, and which moments decide."""

    def __init__(self, timeline: Timeline, *, prefix: str = "") -> None:
        """`prefix` goes before the object names where there is another one."""
        super().__init__()
        self.setObjectName(f"{prefix}why-panel")
        self.pair_id: int | None = None
        """Of the pair that was asked about last."""
        self._words = label(ASKING, name=f"{prefix}why-words", wraps=True)
        self.curve = WhyCurve(timeline)
        self.curve.setObjectName(f"{prefix}why-curve")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self._words)
        box.addWidget(self.curve)

    def show_explanation(self, explanation: PairExplanation, control_dt: float, *, answered: bool = False) -> None:
        """What the reward model said; see `pair_words`."""
        self._words.setText(pair_words(explanation, control_dt, answered=answered))
        self.curve.show_explanation(None if knows_nothing(explanation) else explanation, control_dt)

    def say(self, sentence: str) -> None:
        """Shows a sentence in place of the curves."""
        self._words.setText(sentence)
        self.curve.show_explanation(None)


def _mark(painter: QPainter, side: Side, at: QPointF) -> None:
    box = QRectF(at.x() - MARK_PX / 2, at.y() - MARK_PX / 2, MARK_PX, MARK_PX)
    painter.drawEllipse(box) if side is Side.LEFT else painter.drawRect(box)


def _top() -> int:
    """Pixels above the curves, which grow with the text."""
    return theme.scaled(TOP)
