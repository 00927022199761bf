"""What a sparkline draws."""

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ui import theme
from ui.sparkline import MARGIN, Sparkline


def heights(curve: Sparkline) -> tuple[float, float]:
    """Of the curve's lowest and highest pixel, as shares of what there is room for."""
    curve.resize(160, 40)
    image = curve.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)
    wanted = theme.color("good")
    near = np.abs(pixels - [wanted.blue(), wanted.green(), wanted.red()]).sum(axis=2) < 90
    rows = np.flatnonzero(near.any(axis=1)) / image.devicePixelRatio()
    room = 40 - 2 * MARGIN
    return float(1.0 - (rows.max() - MARGIN) / room), float(1.0 - (rows.min() - MARGIN) / room)


@pytest.mark.parametrize(
    ("values", "least_span", "highest"),
    [((0.0, 0.03, 0.0), 1.0, 0.03), ((0.0, 0.03, 0.0), 0.0, 1.0), ((0.0, 0.5, 0.0), 1.0, 0.5), ((0.0, 4.0), 1.0, 1.0)],
)
def test_what_hardly_changes_looks_flat(
    qtbot: QtBot, values: tuple[float, ...], least_span: float, highest: float
) -> None:
    curve = Sparkline("score", "good", least_span)
    qtbot.addWidget(curve)
    curve.set_values(values)
    low, high = heights(curve)
    assert low == pytest.approx(0.0, abs=0.12) and high == pytest.approx(highest, abs=0.12)
