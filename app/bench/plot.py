"""A picture of true score against labels, one thin line a seed and a thick one for their median."""

import os
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

from app.desktop import new_application
from app.doctor import display
from app.errors import StorageError

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

SIZE = (900, 560)
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
    if not display().good:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = running_application() or new_application()
    import pyqtgraph as pg

    widget = pg.PlotWidget(background="w", title=title)
    widget.resize(*SIZE)
    for axis in ("left", "bottom"):
        widget.getAxis(axis).setTextPen("k")
    widget.setLabel("bottom", "labels")
    widget.setLabel("left", score_name)
    for curve in curves.values():
        widget.plot(*_columns(curve), pen=pg.mkPen("#7aa7d9", width=1), antialias=True)
    widget.plot(*_columns(median_curve(curves)), pen=pg.mkPen("#0b3d78", width=3), antialias=True)
    application.processEvents()
    if not widget.grab().save(str(path)):
        raise StorageError(f"'{path}' could not be written.")
    widget.close()


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


def score_at(curve: Curve, labels: int) -> float:
    """The true score after so many labels: the curve's last point up to there; 0 without any."""
    score = 0.0
    for number, found in curve:
        if number > labels:
            break
        score = found
    return score


def _columns(curve: Curve) -> tuple[list[int], list[float]]:
    return [number for number, _ in curve], [score for _, score in curve]
