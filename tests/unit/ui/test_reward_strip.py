"""The scale beside the learned reward of a live policy: numbers that never touch."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from learning.messages import Explanation
from ui import theme
from ui.reward_strip import HEIGHT, LEFT, RewardStrip

STEPS = 40
GAP = 8
"""Pixels between a number and the curve."""


def heights_of_numbers(strip: RewardStrip) -> list[int]:
    """Heights in pixels of what is written left of the curve, one after the other."""
    image = strip.grab().toImage()
    ground = image.pixelColor(2, 2)
    rows = [any(image.pixelColor(x, y) != ground for x in range(LEFT - GAP)) for y in range(image.height())]
    starts, heights = False, list[int]()
    for row in rows:
        if row:
            heights = [*heights[:-1], heights[-1] + 1] if starts else [*heights, 1]
        starts = row
    return heights


@pytest.mark.parametrize(
    ("least", "most", "numbers"),
    [(-0.2, 1.4, 2), (-0.36, 1.45, 2), (-1.0, 1.0, 3), (-1.45, 0.36, 2), (-3.0, 0.01, 2), (0.0, 2.0, 2)],
)
def test_no_number_of_the_scale_touches_another(qtbot: QtBot, least: float, most: float, numbers: int) -> None:
    strip = RewardStrip()
    qtbot.addWidget(strip)
    strip.resize(600, HEIGHT)
    strip.clear(STEPS, 0.05)
    with qtbot.waitExposed(strip):
        strip.show()
    strip.advance(STEPS)
    strip.learn(STEPS, Explanation(np.linspace(least, most, STEPS), np.zeros(STEPS)))
    heights = heights_of_numbers(strip)
    assert len(heights) == numbers
    assert max(heights) <= theme.text_font(12).pixelSize(), "two numbers that touch are one block"
