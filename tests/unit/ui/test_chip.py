"""The labels that lie on pictures: drawn once, and anew where they would look different."""

import pytest
from PySide6.QtGui import QFont

from ui.pane import CHIP, chip


@pytest.mark.usefixtures("qapp")
def test_a_label_is_drawn_once_for_each_look() -> None:
    font = QFont().key()
    left = chip("left", "Left", "left", font, 1.0)
    assert chip("left", "Left", "left", font, 1.0) is left
    for other in (
        chip("left", "Left", "right", font, 1.0),
        chip("left", "Right", "left", font, 1.0),
        chip("", "Left", "left", font, 1.0),
        chip("left", "Left", "left", "another font", 1.0),
    ):
        assert other is not left


@pytest.mark.usefixtures("qapp")
def test_a_label_is_sharp_on_a_fine_screen() -> None:
    font = QFont().key()
    coarse, fine = chip("", "ended", "on_stage", font, 1.0), chip("", "ended", "on_stage", font, 2.0)
    assert coarse.height() == CHIP and fine.height() == 2 * CHIP
    assert fine.deviceIndependentSize() == coarse.deviceIndependentSize()
    image = coarse.toImage()
    shades = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert len(shades) > 10, "there is a word on it"
