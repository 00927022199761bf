"""The live view: one picture at a time, only while it is seen, and what the pointer does."""

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from sim import camera as cameras
from sim.cues import project
from sim.drawing_costs import LEAST
from sim.policy import PolicyWeights
from sim.render import Priority, SceneRenderer
from sim.rollout import LiveRollout, Moment
from sim.task import Task
from tests.unit.ui.conftest import WAIT_MS, PatientRenderer, PlainRenderer, make_policy
from ui.frames import FRAME_BUDGET_S
from ui.live import NEW_POLICY, LiveState, LiveView

NOBODY = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def show(task: Task, policy: PolicyWeights, qtbot: QtBot) -> Iterator[Callable[[PlainRenderer], LiveView]]:
    """Shows a view in which a policy plays."""
    made: list[LiveView] = []

    def show(renderer: PlainRenderer) -> LiveView:
        view = LiveView(renderer)
        qtbot.addWidget(view)
        made.append(view)
        view.resize(640, 400)
        view.set_task(task)
        view.set_policy(policy, 1)
        with qtbot.waitExposed(view):
            view.show()
        return view

    yield show
    for view in made:
        view.set_running(False)


def rollout_of(view: LiveView) -> LiveRollout:
    assert view.rollout is not None
    return view.rollout


def torso_in(view: LiveView, task: Task) -> QPoint:
    """Where the torso is drawn."""
    positions = rollout_of(view).body_positions
    (column, row), _ = project(positions[1], cameras.view(task.camera, positions[1], view.width(), view.height()))
    return QPoint(round(float(column)), round(float(row)))


def test_without_a_policy_it_says_so_and_asks_for_nothing(task: Task, patient: PatientRenderer, qtbot: QtBot) -> None:
    view = LiveView(patient)
    qtbot.addWidget(view)
    view.show()
    for given in (None, task):
        view.set_task(given)
        assert view.state is LiveState.EMPTY and not patient.waiting
        assert not view.grab().isNull()


def test_one_picture_at_a_time_and_the_newest_next(
    show: Callable[[PlainRenderer], LiveView], patient: PatientRenderer, qtbot: QtBot
) -> None:
    view = show(patient)
    assert view.state is LiveState.STARTING
    qtbot.waitUntil(lambda: rollout_of(view).steps > 10, timeout=WAIT_MS)
    assert len(patient.waiting) == 1 and patient.waiting[0][1] is Priority.LIVE
    first = patient.draw_newest()
    qtbot.waitUntil(lambda: len(patient.waiting) == 2, timeout=WAIT_MS)
    assert view.state is LiveState.PLAYING
    assert patient.newest.state[0] > first.state[0] + 0.1, "what was wished for meanwhile is forgotten"


def test_nothing_moves_while_nobody_looks(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, qtbot: QtBot
) -> None:
    view = show(renderer)
    qtbot.waitUntil(lambda: rollout_of(view).steps > 3, timeout=WAIT_MS)
    for stop, go_on in ((view.hide, view.show), (lambda: view.set_running(False), lambda: view.set_running(True))):
        stop()
        steps, asked = rollout_of(view).steps, len(renderer.singles)
        qtbot.wait(150)
        assert (rollout_of(view).steps, len(renderer.singles)) == (steps, asked)
        go_on()
        qtbot.waitUntil(lambda before=steps: rollout_of(view).steps > before + 2, timeout=WAIT_MS)


def test_it_plays_in_real_time(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, qtbot: QtBot
) -> None:
    view = show(renderer)
    view._player.rollout.policy = None  # it stands and falls slowly: no pause for a fall in this second
    view.restart()
    began, before = time.monotonic(), rollout_of(view).steps
    qtbot.wait(800)
    seconds = time.monotonic() - began
    assert (rollout_of(view).steps - before) * 0.016 == pytest.approx(seconds, abs=0.2)


def test_a_new_policy_is_shown_and_the_same_again_is_not(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, task: Task, policy: PolicyWeights
) -> None:
    view = show(renderer)
    assert view.mark == "" and "1" in view.accessibleDescription()
    view.set_policy(make_policy(task, 7), 1)
    assert view.mark == "" and rollout_of(view).policy is policy
    other = make_policy(task, 7)
    view.set_policy(other, 2)
    assert view.mark == NEW_POLICY and rollout_of(view).policy is other
    view.set_policy(policy, 1)
    assert view.mark == "Policy 1", "it was there before"
    view.set_policy(other, 5, newest=False)
    assert view.mark == "Policy 5", "somebody looked for it"


def test_a_machine_that_cannot_draw_says_so_and_rests(
    show: Callable[[PlainRenderer], LiveView], no_gl: PlainRenderer, qtbot: QtBot
) -> None:
    view = show(no_gl)
    qtbot.waitUntil(lambda: view.state is LiveState.FAILED, timeout=WAIT_MS)
    assert view.accessibleDescription() == "Nothing can be drawn on this machine."
    steps = rollout_of(view).steps
    qtbot.wait(120)
    assert rollout_of(view).steps == steps and not view.grab().isNull()


def test_a_drag_turns_and_the_wheel_zooms(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, task: Task
) -> None:
    view = show(renderer)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, NOBODY, QPoint(300, 200))
    QTest.mouseMove(view, QPoint(380, 180))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, NOBODY, QPoint(380, 180))
    view.repaint()
    wheel = QWheelEvent(
        QPointF(20, 20), QPointF(view.mapToGlobal(QPoint(20, 20))), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, NOBODY, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, wheel)
    pose = view._player.hand.pose
    assert pose.azimuth != task.camera.azimuth and pose.elevation > task.camera.elevation
    assert pose.distance < task.camera.distance
    view.camera.reset()
    assert view._player.hand.pose == task.camera


@pytest.mark.parametrize(
    ("button", "modifier"),
    [(Qt.MouseButton.MiddleButton, NOBODY), (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)],
)
def test_another_drag_moves_the_scene(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, task: Task, button, modifier
) -> None:
    view = show(renderer)
    QTest.mousePress(view, button, modifier, QPoint(300, 200))
    QTest.mouseMove(view, QPoint(380, 240))
    QTest.mouseRelease(view, button, modifier, QPoint(380, 240))
    lookat = view._player.hand.pose.lookat
    assert lookat[0] < task.camera.lookat[0] and lookat[2] > task.camera.lookat[2], "one sees left and above"
    assert view._player.hand.pose.azimuth == task.camera.azimuth
    QTest.mouseMove(view, QPoint(100, 100))
    assert view._player.hand.pose.lookat == lookat, "let go"


@pytest.mark.parametrize(
    ("button", "modifier"),
    [(Qt.MouseButton.RightButton, NOBODY), (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier)],
)
def test_the_robot_is_pushed_while_the_pointer_holds_it(
    show: Callable[[PlainRenderer], LiveView],
    renderer: PlainRenderer,
    task: Task,
    qtbot: QtBot,
    button: Qt.MouseButton,
    modifier: Qt.KeyboardModifier,
) -> None:
    view = show(renderer)
    view.set_paused(True)
    view.restart()
    place = torso_in(view, task)
    QTest.mousePress(view, button, modifier, place)
    assert not view.pushing, "only where it may be pushed"
    QTest.mouseRelease(view, button, modifier, place)
    view.set_pushable(True)
    QTest.mousePress(view, button, modifier, place)
    QTest.mouseMove(view, place + QPoint(-150, -100))
    qtbot.waitUntil(lambda: view._pointer.toPoint() == place + QPoint(-150, -100))
    assert view.pushing
    before = rollout_of(view).body_positions[1].copy()
    for _ in range(15):
        view.step_once()
    assert rollout_of(view).body_positions[1, 0] < before[0] - 0.05
    assert view._player.hand.pose == task.camera, "a push turns no camera"
    QTest.mouseRelease(view, button, modifier, place)
    assert not view.pushing
    assert not rollout_of(view)._force.any()


def test_paused_it_steps_one_by_one(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, qtbot: QtBot
) -> None:
    view = show(renderer)
    view.set_paused(True)
    steps = rollout_of(view).steps
    qtbot.wait(120)
    assert rollout_of(view).steps == steps
    with qtbot.waitSignal(view.advanced):
        view.step_once()
    assert rollout_of(view).steps == steps + 1


def test_a_fall_is_told_and_left_to_be_seen(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, qtbot: QtBot
) -> None:
    view = show(renderer)
    with qtbot.waitSignal(view.moment, timeout=WAIT_MS) as told:
        pass
    assert told.args == [Moment.FALL]
    steps = rollout_of(view).steps
    qtbot.wait(200)
    assert rollout_of(view).steps == steps


def test_the_follow_switch_keeps_the_picture(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer
) -> None:
    view = show(renderer)
    assert view.camera.following
    view.camera.set_follow(False)
    assert not view.camera.following and view._player.hand.pose.follow is None
    view.camera.set_follow(True)
    assert view.camera.following


def test_trail_and_side_view_reach_the_picture(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, qtbot: QtBot
) -> None:
    view = show(renderer)
    qtbot.waitUntil(lambda: rollout_of(view).steps > 5, timeout=WAIT_MS)
    assert renderer.singles[-1].trail is None and not renderer.singles[-1].side_view
    view.set_paused(True)
    view.set_trail(True)
    view.set_side_view(True)
    qtbot.waitUntil(lambda: renderer.singles[-1].side_view, timeout=WAIT_MS)
    trail = renderer.singles[-1].trail
    assert trail is not None and np.array_equal(trail[-1], renderer.singles[-1].state)


def test_pictures_that_cost_too_much_are_asked_for_smaller(
    show: Callable[[PlainRenderer], LiveView], renderer: PlainRenderer, qtbot: QtBot
) -> None:
    view = show(renderer)
    qtbot.waitUntil(lambda: view.state is LiveState.PLAYING, timeout=WAIT_MS)
    assert (renderer.singles[-1].width, renderer.singles[-1].height) == (640, 400)
    for pixels in (160 * 100, 640 * 400):
        for _ in range(LEAST):
            renderer.costs.note(pixels, 4 * FRAME_BUDGET_S * pixels / (640 * 400))
    qtbot.waitUntil(lambda: (renderer.singles[-1].width, renderer.singles[-1].height) == (320, 200), timeout=WAIT_MS)
    shown = view.grab().toImage()
    corner = shown.pixelColor(shown.width() - 2, shown.height() - 2)
    assert corner == shown.pixelColor(2, 2), "it is scaled to fill the view"


def test_closing_leaves_neither_timer_nor_thread_and_a_late_picture_does_no_harm(
    task: Task, policy: PolicyWeights, patient: PatientRenderer, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    before = set(threading.enumerate())
    view = LiveView(patient)
    view.set_task(task)
    view.set_policy(policy, 1)
    view.show()
    qtbot.waitUntil(lambda: len(patient.waiting) == 1, timeout=WAIT_MS)
    timers = view.findChildren(QTimer)
    assert [timer.isActive() for timer in timers] == [True]
    view.close()
    assert not any(timer.isActive() for timer in timers)
    view.deleteLater()
    QCoreApplication.sendPostedEvents(view, QEvent.Type.DeferredDelete)
    del view, timers
    request, _, future = patient.waiting[0]
    if not future.cancelled():
        late = threading.Thread(target=lambda: future.set_result(patient.draw(request)))
        late.start()
        late.join()
    qtbot.wait(50)
    assert set(threading.enumerate()) <= before
    assert "exception calling callback" not in caplog.text


def test_the_program_draws_it(task: Task, policy: PolicyWeights, real_renderer: SceneRenderer, qtbot: QtBot) -> None:
    view = LiveView(real_renderer)
    qtbot.addWidget(view)
    view.resize(320, 200)
    view.set_task(task)
    view.set_policy(policy, 1)
    view.show()
    qtbot.waitUntil(lambda: view.state is LiveState.PLAYING, timeout=3 * WAIT_MS)
    picture = view.grab().toImage()
    colours = {picture.pixel(column, row) for column in range(0, 320, 4) for row in range(0, 200, 4)}
    assert len(colours) > 20, "a robot on a floor has more than a few colours"
    view.set_running(False)
