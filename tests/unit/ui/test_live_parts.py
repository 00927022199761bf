"""What a live view is made of, without Qt: pace, camera and push."""

from itertools import pairwise

import numpy as np
import pytest

from sim import camera as cameras
from sim.cues import project
from sim.rollout import LiveRollout
from sim.task import Task
from ui.camera_hand import CameraHand
from ui.live_player import LivePlayer
from ui.pace import LONGEST_GAP_S, Pace
from ui.pushing import MOST_WEIGHTS, Push, part_at

DT = 0.016
SIZE = (800, 600)


@pytest.mark.parametrize(("speed", "steps"), [(0.25, 31), (1.0, 125), (2.0, 250)])
def test_simulated_time_keeps_its_pace_at_any_rate_of_ticks(speed: float, steps: int) -> None:
    for tick in (0.007, 0.033, 0.066):
        pace = Pace(DT)
        pace.speed = speed
        pace.due(50.0)
        done = sum(pace.due(50.0 + tick * number) for number in range(1, round(2.0 / tick) + 1))
        assert done == pytest.approx(steps, abs=5)


def test_a_long_break_is_not_raced_through() -> None:
    pace = Pace(DT)
    assert pace.due(10.0) == 0
    assert pace.due(1000.0) == int(LONGEST_GAP_S / DT)


def test_nothing_is_due_while_it_is_held_nor_for_that_time_afterwards() -> None:
    pace = Pace(DT)
    pace.due(0.0)
    pace.hold(0.6)
    assert [pace.due(time) for time in (0.2, 0.4, 0.59)] == [0, 0, 0]
    assert pace.due(0.6 + 2.5 * DT) == 2


def test_a_stop_forgets_the_time_until_the_next_look() -> None:
    pace = Pace(DT)
    pace.due(0.0)
    pace.stop()
    assert pace.due(0.05) == 0 and pace.due(0.05 + 1.5 * DT) == 1


def test_the_camera_stays_where_it_is_when_it_stops_following(task: Task) -> None:
    hand = CameraHand(task)
    positions = np.zeros((task.model.nbody, 3))
    positions[task.model.body("torso").id] = (7.0, 0.0, 1.1)
    before = cameras.view(hand.pose, hand.body(positions), *SIZE)
    hand.follow(False, positions)
    assert not hand.following
    after = cameras.view(hand.pose, hand.body(positions), *SIZE)
    np.testing.assert_allclose(before.position, after.position)
    positions += 3.0
    np.testing.assert_allclose(cameras.view(hand.pose, hand.body(positions), *SIZE).position, before.position)
    hand.follow(True, positions)
    assert hand.pose.follow == task.camera.follow and hand.pose.lookat == task.camera.lookat


def test_a_drag_turns_the_scene_with_the_pointer(task: Task) -> None:
    hand = CameraHand(task)
    near = np.array([0.0, -1.0, 1.0])  # the camera looks along +y

    def column() -> float:
        view = cameras.view(hand.pose, np.zeros(3), *SIZE)
        return float(project(near, view)[0][0])

    before = column()
    hand.orbit(0.1, 0.0)
    assert column() > before
    hand.home()
    hand.pan(0.1, 0.0)
    assert column() == pytest.approx(before + 0.1 * SIZE[1], rel=0.5), "nearer than what is looked at, it moves further"
    assert hand.pose.azimuth == task.camera.azimuth
    hand.zoom(2.0)
    assert hand.pose.distance < task.camera.distance
    hand.home()
    assert hand.pose == task.camera


def test_the_part_under_the_pointer_is_the_one_that_is_drawn_there(task: Task) -> None:
    rollout = LiveRollout(task)
    positions = rollout.body_positions
    view = cameras.view(task.camera, positions[1], *SIZE)
    pixels, _ = project(positions, view)
    for body in range(1, task.model.nbody):
        assert part_at(positions, view, *pixels[body]) == body
    assert part_at(positions, view, 5.0, 5.0) is None


def test_a_push_pulls_towards_the_pointer_and_no_harder_than_it_may(task: Task) -> None:
    player = LivePlayer(task)
    positions = player.rollout.body_positions
    view = cameras.view(task.camera, positions[1], *SIZE)
    push = Push(task, 1)
    (column, row), _ = project(positions[1], view)
    np.testing.assert_allclose(push.force(positions, view, column, row), 0.0, atol=1e-6)
    to_the_right = push.force(positions, view, column + 40, row)
    assert to_the_right @ view.right > 0.0
    assert abs(to_the_right @ view.up) < 1e-6 and abs(to_the_right @ view.forward) < 1e-6
    twice = push.force(positions, view, column + 80, row)
    np.testing.assert_allclose(twice, 2.0 * to_the_right, atol=1e-6)
    strongest = [float(np.linalg.norm(push.force(positions, view, column, row - far))) for far in (4e3, 8e3)]
    weight = 9.81 * float(task.model.body_mass.sum())
    assert strongest == pytest.approx([MOST_WEIGHTS * weight] * 2, rel=1e-3)


def test_taking_hold_pushes_from_the_next_step_on(task: Task) -> None:
    pushed, alone = LivePlayer(task), LivePlayer(task)
    view = cameras.view(task.camera, pushed.rollout.body_positions[1], *SIZE)
    column, row = (float(value) for value in project(pushed.rollout.body_positions[1], view)[0])
    assert not pushed.take((2.0, 2.0), SIZE) and pushed.take((column, row), SIZE)
    for player in (pushed, alone):
        player.advance(0.0)
    for before, after in pairwise(np.arange(0.0, 0.4, 0.033)):
        pushed.pull((column + 200.0, row), SIZE)
        for player in (pushed, alone):
            player.advance(float(after))
        assert after > before
    torso = 1
    assert pushed.rollout.body_positions[torso, 0] > alone.rollout.body_positions[torso, 0] + 0.05
    assert pushed.held_at(SIZE, pushed.rollout.body_positions) is not None
    pushed.let_go()
    assert not pushed.held and pushed.held_at(SIZE, pushed.rollout.body_positions) is None
