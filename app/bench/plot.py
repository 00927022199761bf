"""A picture of true score against labels, one thin line a seed and a thick one for their median."""

import os
import statistics
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.desktop import new_application
from app.doctor import display
from app.errors import StorageError

if TYPE_CHECKING:
    from pyqtgraph import PlotWidget
    from PySide6.QtCore import QCoreApplication

SIZE = (900, 560)
KIND_COLOURS = (("#9dbfe4", "#0b3d78"), ("#9ed3ae", "#14693a"), ("#cdb7ea", "#6d3fc0"), ("#f0b8a8", "#b3261e"))
"""Of the seeds and of their median, for each kind."""
FloatCurve = list[tuple[float, float]]
Curve = list[tuple[int, float]]
"""(labels, true score), in order."""


def plot_curves(curves: dict[int, Curve], path: Path, title: str, score_name: str) -> None:
    """Draws the curve of each seed.

    Args:
        curves: by seed.
        path: of the PNG file.
        title: above the picture.
        score_name: what the true score counts.

    Raises:
        UsageError: Qt cannot be loaded.
        StorageError: the file cannot be written.
    """
    widget = _plot_widget(title, "labels", score_name)
    import pyqtgraph as pg

    for curve in curves.values():
        widget.plot(*_columns(curve), pen=pg.mkPen("#7aa7d9", width=1), antialias=True)
    widget.plot(*_columns(median_curve(curves)), pen=pg.mkPen("#0b3d78", width=3), antialias=True)
    _save_plot(widget, path)


def plot_medians(curves: dict[str, list[FloatCurve]], path: Path, title: str, across: str, up: str) -> None:
    """Draws, for each kind of something, the curve of each seed thinly and their median thickly.

    Args:
        curves: of all seeds, by kind.
        path: of the PNG file.
        title: above the picture.
        across: what the horizontal axis is.
        up: what the vertical one is.

    Raises:
        UserError: as `plot_curves`.
    """
    widget = _plot_widget(title, across, up)
    import pyqtgraph as pg

    widget.addLegend(offset=(10, 10), labelTextColor="k")
    for (kind, of_seeds), (pale, strong) in zip(curves.items(), KIND_COLOURS, strict=False):
        for curve in of_seeds:
            widget.plot(*zip(*curve, strict=True), pen=pg.mkPen(pale, width=1), antialias=True)
        points = sorted({x for curve in of_seeds for x, _ in curve})
        median = [statistics.median(score_at(curve, x) for curve in of_seeds) for x in points]
        widget.plot(points, median, pen=pg.mkPen(strong, width=3), name=kind, antialias=True)
    _save_plot(widget, path)


def plot_points(
    across: list[float], curves: dict[str, list[tuple[float, float, float]]], path: Path, title: str, below: str
) -> None:
    """Draws two curves with intervals over the same places, each on a vertical axis of its own.

    Args:
        across: where the points are.
        curves: by what they are, first that of the left axis: (middle, low, high) of each point.
        path: of the PNG file.
        title: above the picture.
        below: what the horizontal axis is.

    Raises:
        UserError: as `plot_curves`.
    """
    (left, of_left), (right, of_right) = curves.items()
    widget = _plot_widget(title, below, left)
    import numpy as np
    import pyqtgraph as pg

    plot = widget.getPlotItem()
    other = pg.ViewBox()
    plot.showAxis("right")
    plot.scene().addItem(other)
    plot.getAxis("right").linkToView(other)
    plot.getAxis("right").setTextPen("k")
    plot.setLabel("right", right)
    other.setXLink(plot.getViewBox())
    plot.getViewBox().sigResized.connect(lambda: other.setGeometry(plot.getViewBox().sceneBoundingRect()))
    for view, points, (_, strong) in ((plot, of_left, KIND_COLOURS[0]), (other, of_right, KIND_COLOURS[1])):
        middle, low, high = (np.array(column) for column in zip(*points, strict=True))
        places = np.array(across)
        pen = pg.mkPen(strong, width=2)
        view.addItem(pg.ErrorBarItem(x=places, y=middle, top=high - middle, bottom=middle - low, beam=0.1, pen=pen))
        view.addItem(pg.PlotDataItem(places, middle, pen=pen, symbol="o", symbolSize=7, symbolBrush=strong))
    plot.getAxis("left").setTextPen(KIND_COLOURS[0][1])
    plot.getAxis("right").setTextPen(KIND_COLOURS[1][1])
    other.setGeometry(plot.getViewBox().sceneBoundingRect())
    _save_plot(widget, path)


def running_application() -> "QCoreApplication | None":
    """Qt's application, if there is one."""
    try:
        from PySide6.QtCore import QCoreApplication
    except ImportError:  # `new_application` says what to do
        return None
    return QCoreApplication.instance()


def median_curve(curves: dict[int, Curve]) -> Curve:
    """The median over seeds at each number of labels; where a seed has no point, its last one before counts."""
    labels = sorted({number for curve in curves.values() for number, _ in curve})
    return [(number, statistics.median(score_at(curve, number) for curve in curves.values())) for number in labels]


def score_at(curve: Sequence[tuple[float, float]], labels: float) -> float:
    """The true score after so many labels, or seconds: the curve's last point up to there; 0 without any."""
    score = 0.0
    for number, found in curve:
        if number > labels:
            break
        score = found
    return score


@cache
def _application() -> "QCoreApplication":
    """Qt's, or ours, which lives on."""
    return running_application() or new_application()


def _plot_widget(title: str, across: str, up: str) -> "PlotWidget":
    if not display().good:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _application()
    import pyqtgraph as pg

    widget = pg.PlotWidget(background="w", title=title)
    widget.resize(*SIZE)
    for axis in ("left", "bottom"):
        widget.getAxis(axis).setTextPen("k")
    widget.setLabel("bottom", across)
    widget.setLabel("left", up)
    return widget


def _save_plot(widget: "PlotWidget", path: Path) -> None:
    _application().processEvents()
    if not widget.grab().save(str(path)):
        raise StorageError(f"'{path}' could not be written.")
    widget.close()


def _columns(curve: Curve) -> tuple[list[int], list[float]]:
    return [number for number, _ in curve], [score for _, score in curve]
