"""Views larger than any picture that is drawn: they show a smaller one, scaled."""

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from sim.policy import PolicyWeights
from sim.render import Priority
from sim.scenes import SIZE_RANGE, FrameRequest
from sim.task import Task
from tests.unit.ui.conftest import PlainRenderer
from ui.frames import FrameSource
from ui.live import LiveState, LiveView
from ui.live_player import LivePlayer
from ui.pair_frames import most_pixels
from ui.pair_player import PairPlayer

MOST = SIZE_RANGE[1]
SCREENS = [(5120, 1440), (1440, 5120), (5120 * 4, 1440 * 4), (4097, 4097)]


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_no_view_asks_for_a_picture_that_is_too_large(task: Task, qapp: QObject, width: int, height: int) -> None:
    asked = [
        FrameSource(PlainRenderer(), Priority.LIVE, qapp).drawn_size.size(width, height),
        PairPlayer(PlainRenderer()).drawn_size.size(width, height, most_pixels(1)),
    ]
    request = LivePlayer(task).request(width, height)
    for found in (*asked, (request.width, request.height)):
        assert max(found) <= MOST
        assert found[0] / found[1] == pytest.approx(width / height, rel=0.01)
    assert max(asked[0]) == max(request.width, request.height) == MOST


def test_a_window_wider_than_any_picture_is_filled(task: Task, policy: PolicyWeights, qtbot: QtBot) -> None:
    renderer = PlainRenderer()
    view = LiveView(renderer)
    qtbot.addWidget(view)
    view.resize(5120, 1440)
    view.set_task(task)
    view.set_policy(policy, 1)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: view.state is LiveState.PLAYING)
    view.set_running(False)
    wide = [picture for picture in renderer.singles if picture.width == MOST]
    assert wide and all(picture.height == 1152 for picture in wide)
    assert isinstance(view.request(), FrameRequest)
    shown = view.grab().toImage()
    corner = shown.pixelColor(shown.width() - 2, shown.height() - 2)
    assert corner == shown.pixelColor(2, 2), "the picture does not reach the lower right corner"
