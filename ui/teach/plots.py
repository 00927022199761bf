"""The plots: five curves of a session over its labels, each explained in a sentence. Made once, then only fed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import theme
from ui.controls import label
from ui.intervals import wilson
from ui.ports import MetricRow
from ui.scrolling import ScrollingColumn

PLOT_PX = 104
BAND_ALPHA = 50
"""Opacity of a band, of 255."""
NAN = math.nan
MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Curve:
    """What one plot shows."""

    name: str
    title: str
    sentence: str
    colour: str
    """A name of `theme.Palette`."""
    value: Callable[[MetricRow], float]
    band: Callable[[MetricRow], tuple[float, float]] | None = None
    """Its lower and its upper end."""
    span: tuple[float, float] | None = None
    """The least and the largest value, where they are known."""
    under_peek: bool = False


CURVES = (
    Curve(
        "labels", "Labels",
        "Your answers against environment steps in millions. Where the line is flat, the policy trained without new "
        "answers.",
        "accent", lambda row: float(row.labels),
    ),
    Curve(
        "agreement", "Agreement on held-out labels",
        "Of the answers set aside, the share that the reward model predicted: one half is guessing, one is perfect; "
        "the band is the 95 % interval (Wilson).",
        "accent", lambda row: NAN if row.agreement is None else row.agreement,
        band=lambda row: (NAN, NAN) if row.agreement is None else wilson(row.agreement, max(row.agreement_count, 1)),
        span=(0.0, 1.0),
    ),
    Curve(
        "learned-reward", "Learned reward",
        "The predicted reward of the shown policy, per second. The band is one standard deviation.",
        "accent", lambda row: row.learned_reward,
        band=lambda row: (row.learned_reward - row.learned_reward_std, row.learned_reward + row.learned_reward_std),
    ),
    Curve(
        "true-score", "True score",
        "The score that the task itself counts. If the learned reward rises and this does not, the reward is being "
        "gamed.",
        "good", lambda row: row.true_score, under_peek=True,
    ),
    Curve(
        "leash", "KL budget",
        "How much of the training that your labels allow is used up. At 1, training pauses until your next answer.",
        "warning", lambda row: row.leash_used, span=(0.0, 1.0),
    ),
)  # fmt: skip


class _Plot(QWidget):
    """One curve with its title and its sentence."""

    def __init__(self, curve: Curve) -> None:
        super().__init__()
        self.curve = curve
        self.setObjectName(f"plot-{curve.name}")
        self.setAccessibleName(f"{curve.title}. {curve.sentence}")
        self._graph = pg.PlotWidget()
        self._graph.setFixedHeight(theme.scaled(PLOT_PX))
        self._graph.setMouseEnabled(x=False, y=False)
        self._graph.setMenuEnabled(False)
        self._graph.hideButtons()
        self._graph.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self._graph.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._graph.viewport().setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._graph.getPlotItem().getAxis("left").setWidth(40)
        if curve.span is not None:
            self._graph.setYRange(*curve.span, padding=0.05)
        self._upper, self._lower = pg.PlotCurveItem(pen=None), pg.PlotCurveItem(pen=None)
        self._band = pg.FillBetweenItem(self._lower, self._upper)
        self._line = pg.PlotCurveItem(connect="finite", antialias=True)
        for item in (self._upper, self._lower, self._band, self._line):
            self._graph.addItem(item)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(label(curve.title, "caption"))
        box.addWidget(self._graph)
        box.addWidget(label(curve.sentence, "muted", wraps=True))
        self.dress()

    def dress(self) -> None:
        """Takes on the colours of the theme."""
        self._graph.setBackground(theme.color("surface"))
        colour = theme.color(self.curve.colour)
        pen = QPen(colour, 1.8)
        pen.setCosmetic(True)
        self._line.setPen(pen)
        fill = QColor(colour)
        fill.setAlpha(BAND_ALPHA)
        self._band.setBrush(fill)
        for side in ("left", "bottom"):
            axis = self._graph.getPlotItem().getAxis(side)
            axis.setPen(theme.color("border"))
            axis.setTextPen(theme.color("muted"))
            axis.setTickFont(theme.text_font(11))

    def show_rows(self, across: np.ndarray, rows: Sequence[MetricRow]) -> None:
        """Draws the curve over `across`, one place for each row."""
        values = np.array([self.curve.value(row) for row in rows], float)
        self._line.setData(across, values)
        if self.curve.band is not None:
            known = np.isfinite(values)
            bounds = np.array([self.curve.band(row) for row in rows], float).reshape(-1, 2)[known]
            self._lower.setData(across[known], bounds[:, 0])
            self._upper.setData(across[known], bounds[:, 1])


class PlotsColumn(ScrollingColumn):
    """All plots, one below the other."""

    def __init__(self) -> None:
        """Empty plots."""
        super().__init__("plots", 2 * theme.GRID)
        self.plots = tuple(_Plot(curve) for curve in CURVES)
        for plot in self.plots:
            self.box.addWidget(plot)
        self._hidden = label("The true score is hidden: switch Peek on to see its curve.", "muted", wraps=True)
        self.box.addWidget(self._hidden)
        self.box.addStretch(1)
        self._drawn: tuple[int, MetricRow] | None = None
        theme.notifier().changed.connect(self._on_theme)
        self.show_peeking(False)

    def show_peeking(self, on: bool, *, can_switch: bool = True) -> None:
        """Shows the true score or hides it, and says how to see it where that can be switched."""
        for plot in self.plots:
            if plot.curve.under_peek:
                plot.setVisible(on)
        self._hidden.setVisible(not on and can_switch)

    def show_metrics(self, rows: Sequence[MetricRow]) -> None:
        """Draws these points, oldest first, if there are others than before."""
        newest = (len(rows), rows[-1]) if rows else None
        if newest == self._drawn:
            return
        self._drawn = newest
        across = np.array([row.env_steps / MILLION for row in rows], float)
        for plot in self.plots:
            plot.show_rows(across, rows)

    @Slot()
    def _on_theme(self) -> None:
        for plot in self.plots:
            plot.dress()
