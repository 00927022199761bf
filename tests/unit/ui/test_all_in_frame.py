"""Whatever a person does with the camera, in clips and in Watch, the robot stays in the picture."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from learning.messages import Pair
from sim.framing import CameraShift
from sim.policy import PolicyWeights
from sim.registry import get_task
from sim.render import FrameRequest
from sim.task import Task
from tests.unit.sim.framed import seen_in
from tests.unit.sim.hands import played, scripted
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer, long_pair
from ui.live import LiveView
from ui.pair_player import PairPlayer
from ui.steady_camera import COME_BACK_SECONDS, SteadyCamera

PANES = ((900, 320), (340, 560), (600, 300))
"""Both panes of a pair, side by side."""
NOTCH = 120
MANY = 25
"""So many notches of the wheel are farther than anybody goes."""


def turn_wheel(widget: QWidget, notches: int) -> None:
    """Turns the wheel over the middle of a widget, a notch at a time; negative notches go farther away."""
    middle = widget.rect().center()
    for _ in range(abs(notches)):
        wheel = QWheelEvent(
            QPointF(middle), QPointF(widget.mapToGlobal(middle)), QPoint(), QPoint(0, NOTCH if notches > 0 else -NOTCH),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, wheel)


def drag(widget: QWidget, button: Qt.MouseButton, across: int, down: int) -> None:
    """Drags from the middle of a widget, in a few steps."""
    middle = widget.rect().center()
    QTest.mousePress(widget, button, pos=middle)
    for step in range(1, 5):
        QTest.mouseMove(widget, middle + QPoint(across * step // 4, down * step // 4))
    QTest.mouseRelease(widget, button, pos=middle + QPoint(across, down))


def flips(task: Task, number: int) -> Pair:
    """A pair whose left robot turns over in the air with its leg stretched out, and whose right one stands."""
    pair = long_pair(task, number)
    states = pair.left.states.copy()
    share = np.linspace(0.0, 1.0, len(states))
    states[:, 1] = 4.0 * share
    states[:, 2] += 1.2 * np.sin(np.pi * share)
    states[:, 3] = -2.0 * np.pi * share
    return replace(pair, left=replace(pair.left, states=states))


def all_inside(requests: list[FrameRequest]) -> bool:
    return bool(requests) and all(np.abs(seen_in(request)).max() < 1.0 for request in requests)


def clip_requests(renderer: PlainRenderer) -> list[FrameRequest]:
    """The pictures that were asked for of the newest pair."""
    return [replace(job._first, state=job.clip.states[index]) for job in renderer.clips[-2:] for index in job.indices]


@pytest.fixture(params=PANES, ids=str)
def player(request: pytest.FixtureRequest, renderer: PlainRenderer, task: Task, qtbot: QtBot) -> PairPlayer:
    """A visible player of some shape whose clock stands still."""
    made = PairPlayer(renderer)
    qtbot.addWidget(made)
    made.resize(*request.param)
    made.set_task(task)
    made.set_running(False)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def view(renderer: PlainRenderer, task: Task, policy: PolicyWeights, qtbot: QtBot) -> Iterator[LiveView]:
    """A view in which an untaught policy jumps about."""
    made = LiveView(renderer)
    qtbot.addWidget(made)
    made.resize(420, 560)
    made.set_task(task)
    made.set_policy(policy, 1)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.set_running(False)


def test_the_foot_of_a_hopper_that_turns_over_is_in_its_clip(
    player: PairPlayer, renderer: PlainRenderer, task: Task
) -> None:
    player.show_pair(flips(task, 0))
    assert all_inside(clip_requests(renderer))
    framed = {job._first.framed for job in renderer.clips[-2:]}
    assert len(framed) == 1, "both clips are seen alike, from their first picture to their last"


def test_clips_stay_in_the_picture_however_near_a_person_goes(
    player: PairPlayer, renderer: PlainRenderer, task: Task, qtbot: QtBot
) -> None:
    player.show_pair(flips(task, 0))
    turn_wheel(player.panes[0], MANY)
    drag(player.panes[1], Qt.MouseButton.MiddleButton, 120, 90)
    drag(player.panes[1], Qt.MouseButton.LeftButton, -60, 20)
    player._on_tick()
    assert all_inside(renderer.singles)
    player.set_running(True)
    qtbot.waitUntil(lambda: not player._pictures.live, timeout=WAIT_MS)
    player.set_running(False)
    assert all_inside(clip_requests(renderer))


def test_going_back_from_very_near_begins_with_the_first_notch(
    player: PairPlayer, renderer: PlainRenderer, task: Task
) -> None:
    player.show_pair(flips(task, 0))

    def distance() -> float:
        player._on_tick()
        player._on_tick()
        framed = renderer.singles[-1].framed
        assert framed is not None
        return framed.main.distance

    turn_wheel(player.panes[0], MANY)
    nearest = distance()
    turn_wheel(player.panes[0], -2)
    assert distance() > nearest


def test_a_gripper_that_lifts_the_ball_is_in_the_clip_and_in_its_corner(renderer: PlainRenderer, qtbot: QtBot) -> None:
    task = get_task("gripper-grasp")
    lifts = long_pair(task, 0)
    states = played(task, scripted(0.16))
    pair = replace(lifts, left=replace(lifts.left, states=states[-len(lifts.left) :].copy()))
    player = PairPlayer(renderer)
    qtbot.addWidget(player)
    player.resize(520, 420)
    player.set_task(task)
    player.set_cues(side_view=True, depth_cues=True)
    with qtbot.waitExposed(player):
        player.show()
    player.show_pair(pair)
    player.set_running(False)
    requests = clip_requests(renderer)
    assert all(request.side_view for request in requests) and all_inside(requests)


@pytest.mark.parametrize("follow", [True, False])
def test_watch_stays_with_the_robot_however_near_a_person_goes(
    view: LiveView, renderer: PlainRenderer, qtbot: QtBot, *, follow: bool
) -> None:
    view.camera.set_follow(follow)
    turn_wheel(view, MANY)
    drag(view, Qt.MouseButton.LeftButton, 90, -40)
    drag(view, Qt.MouseButton.MiddleButton, 300, 100)
    renderer.singles.clear()
    rollout = view.rollout
    assert rollout is not None
    qtbot.waitUntil(lambda: rollout.steps > 200, timeout=WAIT_MS)
    assert len(renderer.singles) > 20 and all_inside(renderer.singles)


def test_a_drag_moves_the_robot_to_the_edge_and_at_once_back(
    view: LiveView, renderer: PlainRenderer, qtbot: QtBot
) -> None:
    view.set_paused(True)

    def right_edge() -> float:
        return float(seen_in(renderer.singles[-1])[2])

    drag(view, Qt.MouseButton.MiddleButton, 4000, 0)
    qtbot.waitUntil(lambda: 0.8 < right_edge() < 1.0, timeout=WAIT_MS)
    at_edge = right_edge()
    drag(view, Qt.MouseButton.MiddleButton, -60, 0)
    # no way is lost on what was dragged in vain
    qtbot.waitUntil(lambda: right_edge() < at_edge - 0.1, timeout=WAIT_MS)


def test_a_live_camera_comes_back_gently(task: Task) -> None:
    steady, now = SteadyCamera(task), time.monotonic()
    pose = replace(task.camera, distance=1.0)
    state = np.zeros(task.state_size)
    state[1 : 1 + task.model.nq] = task.model.qpos0
    tall = FrameRequest(task, state, pose)
    far = steady.frame(tall, None, now).main.distance
    assert far > pose.distance
    bent = state.copy()
    bent[4:6] = -1.5, -2.2
    distances, shift = [far], CameraShift(0.0, 0.0, far)
    for picture in range(1, 200):
        shift = steady.frame(replace(tall, state=bent), shift, now + picture / 30.0).main
        distances.append(shift.distance)
    steps = -np.diff(distances)
    assert (steps >= 0.0).all() and steps.max() < (far - pose.distance) / (20.0 * COME_BACK_SECONDS)
    assert distances[-1] < far
