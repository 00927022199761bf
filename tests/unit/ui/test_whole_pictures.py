"""A picture that was drawn for another shape is seen whole until the next one comes: a cut number reads as another."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from learning.messages import Pair
from sim.policy import PolicyWeights
from sim.render import FrameRequest, Image
from sim.task import Task
from tests.unit.ui.conftest import PatientRenderer, PlainRenderer
from ui import theme
from ui.live import LiveView
from ui.pair_player import PairPlayer
from ui.preview import Preview

EDGE = 12
"""Pixels of each edge that have a colour of their own."""
SIZES = ((600, 300), (900, 300), (600, 520))
"""As first drawn, wider, and higher."""


def framed(picture: Image) -> Image:
    """The picture with a green left and right edge, and a blue upper and lower one."""
    picture[:] = 0
    picture[:EDGE] = picture[-EDGE:] = (0, 0, 255)
    picture[EDGE:-EDGE, :EDGE] = picture[EDGE:-EDGE, -EDGE:] = (0, 255, 0)
    return picture


class Framing(PlainRenderer):
    """Draws frames."""

    def draw(self, request: FrameRequest) -> Image:
        return framed(super().draw(request))


class PatientFraming(PatientRenderer):
    """Draws frames when a test says so."""

    def draw(self, request: FrameRequest) -> Image:
        return framed(super().draw(request))


def edges_in(widget: QWidget) -> tuple[int, int]:
    """How many edges (at the sides, above and below) are seen along the middle row and column of a widget."""
    shown = widget.grab().toImage()
    middle = widget.rect().center() * shown.devicePixelRatio()
    across = [shown.pixelColor(column, round(middle.y())) for column in range(shown.width())]
    down = [shown.pixelColor(round(middle.x()), row) for row in range(shown.height())]
    return stripes(across, QColor.green), stripes(down, QColor.blue)


def stripes(line: list[QColor], channel: Callable[[QColor], int]) -> int:
    """How many stripes of a colour are in a line of pixels."""
    lit = [channel(colour) > 200 and colour.red() < 60 for colour in line]
    return sum(after and not before for before, after in zip([False, *lit], lit, strict=False))


@pytest.mark.parametrize("size", SIZES)
def test_clips_of_the_old_shape_are_seen_whole(
    task: Task, make_pair: Callable[[int], Pair], size: tuple[int, int], qtbot: QtBot
) -> None:
    renderer = Framing()
    player = PairPlayer(renderer)
    qtbot.addWidget(player)
    player.resize(*SIZES[0])
    player.set_task(task)
    player.set_running(False)
    with qtbot.waitExposed(player):
        player.show()
    player.show_pair(make_pair(0))
    renderer.at_once = False
    player.resize(*size)
    qtbot.waitUntil(lambda: player.panes[0].height() >= size[1] - 2 * EDGE)
    for pane in player.panes:
        assert edges_in(pane) == (2, 2)


@pytest.mark.parametrize("size", SIZES)
def test_a_live_picture_of_the_old_shape_is_seen_whole(
    task: Task, policy: PolicyWeights, size: tuple[int, int], qtbot: QtBot
) -> None:
    renderer = PatientFraming()
    view = LiveView(renderer)
    qtbot.addWidget(view)
    view.resize(*SIZES[0])
    view.set_task(task)
    view.set_policy(policy, 1)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: bool(renderer.waiting))
    renderer.draw_newest()
    qtbot.waitUntil(lambda: view.state == "playing")
    view.set_running(False)
    view.resize(*size)
    assert edges_in(view) == (2, 2)
    shown, (across, down) = view.grab().toImage(), green_bounds(view)
    assert across / down == pytest.approx(SIZES[0][0] / SIZES[0][1], rel=0.05), "and undistorted"
    if size != SIZES[0]:
        assert shown.pixelColor(QPoint(1, 1)) == theme.color("stage")


def green_bounds(widget: QWidget) -> tuple[int, int]:
    """Width and height of what is not the stage's colour."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    drawn = (pixels != np.array(theme.color("stage").getRgb()[:3])).any(axis=2)
    return int(drawn.any(axis=0).sum()), int(drawn.any(axis=1).sum())


def test_a_preview_of_the_old_shape_is_seen_whole(task: Task, qtbot: QtBot) -> None:
    preview = Preview(task, Framing(), (320, 200))
    qtbot.addWidget(preview)
    preview.show()
    preview.play(moving=False)
    qtbot.waitUntil(lambda: preview.drawn)
    preview._timer.stop()
    preview.setFixedSize(200, 200)
    assert edges_in(preview) == (2, 2)
