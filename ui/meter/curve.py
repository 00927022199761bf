"""Learned reward and true score of every policy against how far it is from the reference, with a cursor."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from learning.messages import MeterPoint
from ui import theme
from ui.controls import label

DOT_PX = 9
AXIS_PX = 48
LEAST_PX = 180
"""Height of curve and caption, at least."""
FAINT = 0.35
"""Opacity of the line from one policy to the next."""
CAPTION = "Each policy that was evaluated: how far it is from the reference policy, and how well it does."
LEGEND = (
    ("\u25cf learned reward \u00b1 1 standard deviation", "accent"),
    ("\u25ef shown now", "text"),
    ("\u2502 cursor", "text"),
)
"""(text, colour) of what is always drawn."""
LEGEND_TRUE = ("\u25a0 true score (axis on the right)", "good")
LEGEND_GAP = "&nbsp;&nbsp; "
"""Between two entries; the line breaks at its end alone."""


class MeterCurve(QWidget):
    """One dot a policy and measure. A click chooses the nearest policy."""

    chosen: SignalInstance = Signal(int)  # type: ignore[assignment]
    """(int) the version of a policy."""

    def __init__(self) -> None:
        """Without policies."""
        super().__init__()
        self.setObjectName("meter-curve")
        self._points: tuple[MeterPoint, ...] = ()
        self._chosen: int | None = None
        self._peeking = False
        self._legend = QLabel(wordWrap=True)
        self._legend.setObjectName("meter-legend")
        self._legend.setTextFormat(Qt.TextFormat.RichText)
        self._graph = _Graph()
        self._graph.pressed.connect(self._on_pressed)
        plot = self._graph.getPlotItem()
        self._learned_line = pg.PlotCurveItem(antialias=True)
        self._bars = pg.ErrorBarItem(beam=0.0)
        self._learned = pg.ScatterPlotItem(size=DOT_PX, symbol="o")
        self._ring = pg.ScatterPlotItem(size=2 * DOT_PX, symbol="o", brush=None)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        for item in (self._learned_line, self._bars, self._ring, self._learned, self._cursor):
            self._graph.addItem(item)
        # the true score has an axis of its own: its unit is another
        self._other = pg.ViewBox(enableMouse=False, enableMenu=False)
        plot.showAxis("right")
        plot.scene().addItem(self._other)
        plot.getAxis("right").linkToView(self._other)
        self._other.setXLink(plot.getViewBox())
        self._true_line = pg.PlotCurveItem(antialias=True)
        self._true = pg.ScatterPlotItem(size=DOT_PX, symbol="s")
        self._other.addItem(self._true_line)
        self._other.addItem(self._true)
        plot.getViewBox().sigResized.connect(self._on_resized)
        for side in ("left", "right"):
            plot.getAxis(side).setWidth(AXIS_PX)
        for side in ("left", "right", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(label(CAPTION, "muted", wraps=True))
        box.addWidget(self._legend)
        box.addWidget(self._graph, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.setMinimumHeight(LEAST_PX)
        theme.notifier().changed.connect(self._dress)
        self._dress()
        self.show_points((), None, peeking=False)

    def show_points(
        self, points: Sequence[MeterPoint], chosen: int | None, shown: int | None = None, *, peeking: bool
    ) -> None:
        """Draws these policies, oldest first, with the cursor on one and a ring around the shown one.

        The true score is only for who peeks.
        """
        self._points = tuple(point for point in points if math.isfinite(point.reading.kl))
        self._chosen, self._peeking = chosen, peeking
        across = np.array([distance(point) for point in self._points])
        learned = np.array([point.learned_reward for point in self._points])
        spread = np.array([point.learned_reward_std for point in self._points])
        error = np.array([distance_error(point) for point in self._points])
        # one line a generation: the next one began elsewhere
        generations = np.array([point.generation for point in self._points])
        joined = np.append(generations[1:] == generations[:-1], False).astype(np.int32)[: len(across)]
        self._learned_line.setData(across, learned, connect=joined)
        self._learned.setData(across, learned)
        self._graph.setXRange(0.0, max([1.0, *across]), padding=0.05)
        if len(learned):
            # a doubt that is far larger than all rewards would leave no room for them
            self._graph.setYRange(float(learned.min()), max(float(learned.max()), learned.min() + 1.0), padding=0.25)
        self._bars.setData(x=across, y=learned, height=2.0 * spread, width=2.0 * error)
        true = np.array([point.true_score for point in self._points])
        hidden = np.empty(0)
        if peeking:
            self._true_line.setData(across, true, connect=joined)
        else:
            self._true_line.setData(hidden, hidden)
        self._true.setData(*((across, true) if peeking else (hidden, hidden)))
        self._graph.getPlotItem().getAxis("right").setVisible(peeking)
        self._write_legend()
        if peeking and len(true):
            self._other.setYRange(0.0, max(float(true.max()), 1.0), padding=0.08)
        ringed = [point for point in self._points if point.version == shown]
        self._ring.setData([distance(point) for point in ringed], [point.learned_reward for point in ringed])
        at = next((distance(point) for point in self._points if point.version == chosen), None)
        self._cursor.setVisible(at is not None)
        if at is not None:
            self._cursor.setValue(at)
        self._say()

    def _write_legend(self) -> None:
        """As one text, which takes a second line where the window is narrow."""
        entries = (*LEGEND, LEGEND_TRUE) if self._peeking else LEGEND
        self._legend.setText(LEGEND_GAP.join(_entry(*entry) for entry in entries))
        self._legend.setAccessibleName(", ".join(text for text, _ in entries))

    @Slot()
    def _on_resized(self) -> None:
        self._other.setGeometry(self._graph.getPlotItem().getViewBox().sceneBoundingRect())

    @Slot(object)
    def _on_pressed(self, at: QPointF) -> None:
        """Of what is drawn, what lies nearest on the screen."""
        places = [(self._graph.getPlotItem().getViewBox(), point.learned_reward, point) for point in self._points]
        if self._peeking:
            places += [(self._other, point.true_score, point) for point in self._points]
        found: tuple[float, int] | None = None
        for view, height, point in places:
            place = view.mapViewToScene(QPointF(distance(point), height))
            far = math.hypot(place.x() - at.x(), place.y() - at.y())
            if found is None or far < found[0]:
                found = far, point.version
        if found is not None:
            self.chosen.emit(found[1])

    def _say(self) -> None:
        count = len(self._points)
        words = f"{count} polic{'y' if count == 1 else 'ies'} by distance from the reference"
        self.setAccessibleName(words)
        point = next((point for point in self._points if point.version == self._chosen), None)
        self.setAccessibleDescription("" if point is None else f"Cursor on policy {point.version}")

    @Slot()
    def _dress(self) -> None:
        self._graph.setBackground(theme.color("surface"))
        plot = self._graph.getPlotItem()
        for side, colour in (("left", "accent"), ("bottom", "muted"), ("right", "good")):
            axis = plot.getAxis(side)
            axis.setPen(theme.color("border"))
            axis.setTextPen(theme.color(colour))
            axis.setTickFont(theme.text_font(11))
        plot.setLabel("left", "learned reward per s", color=theme.current().accent)
        plot.setLabel("bottom", "\u221aKL from the reference, \u221a(nats per s)", color=theme.current().muted)
        plot.setLabel("right", "true score", color=theme.current().good)
        for line, dots, colour in (
            (self._learned_line, self._learned, "accent"),
            (self._true_line, self._true, "good"),
        ):
            line.setPen(_pen(theme.color(colour, FAINT), 1.2))
            dots.setBrush(theme.color(colour))
            dots.setPen(_pen(theme.color("surface"), 1.0))
        self._bars.setData(pen=_pen(theme.color("accent", FAINT), 1.2))
        self._ring.setPen(_pen(theme.color("text"), 1.5))
        self._cursor.setPen(_pen(theme.color("text"), 1.5))
        self._write_legend()


class _Graph(pg.PlotWidget):  # type: ignore[misc]
    """A plot that is not dragged about, but pressed."""

    pressed: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(QPointF) in the scene."""

    def __init__(self) -> None:
        super().__init__()
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # the robots have the larger part of the screen, whatever height a plot would like
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Where it was pressed."""
        self.pressed.emit(self.mapToScene(event.position().toPoint()))
        event.accept()


def distance(point: MeterPoint) -> float:
    """Square root of the KL: over short distances rewards rise in proportion to it (Gao et al. 2022)."""
    return math.sqrt(max(point.reading.kl, 0.0))


def distance_error(point: MeterPoint) -> float:
    """Of the distance, from the standard error of the KL."""
    far = distance(point)
    return point.reading.std_error / (2.0 * far) if far > 0.0 else 0.0


def _entry(text: str, colour: str) -> str:
    """An entry of the legend, in a colour of the theme and on one line, as rich text."""
    return f'<span style="color:{theme.color(colour).name()}">{text.replace(" ", "&nbsp;")}</span>'


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen
