"""What the reward model says of every frame of both clips, under the timeline and in step with it."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from learning.messages import Explanation
from ui import theme
from ui.sides import Side
from ui.timeline import Timeline

HEIGHT = 64
BAND_ALPHA = 0.16
MARK_EVERY = 8
"""Frames from mark to mark: circles for the left clip, squares for the right."""
ASKING = "Asking the reward model"
NOT_NOW = "The reward model cannot be asked while learning has stopped."
NOTHING = "The reward model says nothing yet: it needs a first answer."


class WhyCurve(QWidget):
    """Learned reward per frame, with one standard deviation as a band; zero is the thin line."""

    def __init__(self, timeline: Timeline) -> None:
        """`timeline` says where a frame is."""
        super().__init__()
        self.setObjectName("why-curve")
        self.setAccessibleName("Learned reward of each frame of both clips")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._timeline = timeline
        self._explanations: tuple[Explanation, Explanation] | None = None
        self._sentence = ASKING

    @property
    def explanations(self) -> tuple[Explanation, Explanation] | None:
        """What is drawn, left and right; None while the answer is awaited."""
        return self._explanations

    def show_explanations(self, explanations: tuple[Explanation, Explanation]) -> None:
        """Draws other curves."""
        self._explanations = explanations
        self.update()

    def say(self, sentence: str) -> None:
        """Shows a sentence in place of the curves."""
        self._explanations, self._sentence = None, sentence
        self.update()

    def sizeHint(self) -> QSize:
        """A flat strip."""
        return QSize(200, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Both curves, and where the clips are."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.text_font(12))
        if self._explanations is None:
            painter.setPen(theme.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._sentence)
            return
        means = [np.asarray(each.mean, float) for each in self._explanations]
        stds = [np.asarray(each.std, float) for each in self._explanations]
        low = min(0.0, *(float((mean - std).min()) for mean, std in zip(means, stds, strict=True)))
        high = max(0.0, *(float((mean + std).max()) for mean, std in zip(means, stds, strict=True)))
        if not high > low:
            painter.setPen(theme.color("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, NOTHING)
            return
        scale = (self.height() - 10) / (high - low)

        def point(frame: int, value: float) -> QPointF:
            return QPointF(self._timeline.x_of(frame), self.height() - 5 - (value - low) * scale)

        painter.setPen(theme.color("border"))
        painter.drawLine(point(0, 0.0), point(self._timeline.maximum(), 0.0))
        for side, mean, std in zip(Side, means, stds, strict=True):
            frames = range(len(mean))
            upper = [point(frame, mean[frame] + std[frame]) for frame in frames]
            lower = [point(frame, mean[frame] - std[frame]) for frame in reversed(frames)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(side, BAND_ALPHA))
            painter.drawPolygon(QPolygonF(upper + lower))
            curve = [point(frame, mean[frame]) for frame in frames]
            painter.setPen(QPen(theme.color(side), 1.6))
            painter.setBrush(theme.color(side))
            painter.drawPolyline(QPolygonF(curve))
            for at in curve[::MARK_EVERY]:
                box = QRectF(at.x() - 2.5, at.y() - 2.5, 5, 5)
                painter.drawEllipse(box) if side is Side.LEFT else painter.drawRect(box)
        painter.setPen(theme.color("text"))
        here = self._timeline.x_of(self._timeline.value())
        painter.drawLine(QPointF(here, 0), QPointF(here, self.height()))
