"""Distance and speed along the floor, on the pictures of tasks that ask for motion along it, and of no others."""

from dataclasses import replace

import numpy as np
import pytest

from sim.clip import Clip
from sim.registry import get_task, task_names
from sim.render import FrameRequest, Priority, SceneRenderer
from sim.render_jobs import frame_request
from sim.task import Floats, Task
from sim.travel import SPEED_SECONDS, Travel, speed_steps, travel

FORWARD = ("hopper-hop", "walker-walk", "cheetah-run")
SPEED = 1.5


def going(task: Task, steps: int = 40) -> Floats:
    """States of a robot that is moved along the floor at a constant speed, from 2 m on."""
    states = np.zeros((steps, task.state_size))
    states[:, 0] = task.control_dt * np.arange(steps)
    states[:, 1 : 1 + task.model.nq] = task.model.qpos0
    states[:, 1] = 2.0 + SPEED * states[:, 0]
    return states


def clip_of(task: Task, states: Floats) -> Clip:
    """A clip of these states; what was observed and done is left out."""
    observations = np.zeros((len(states), task.observation_size), np.float32)
    actions = np.zeros((len(states), task.action_size), np.float32)
    return Clip(task.name, task.model_hash, task.control_dt, states, observations, actions)


@pytest.mark.parametrize("name", task_names())
def test_tasks_say_whether_motion_along_the_floor_is_asked_for(name: str) -> None:
    task = get_task(name)
    states = going(task)
    way = travel(task, states[0], states)
    assert (way is not None) == (name in FORWARD)
    if way is not None:
        gone = SPEED * task.control_dt * (len(states) - 1)
        assert way == Travel(pytest.approx(2.0), pytest.approx(gone), pytest.approx(SPEED))


def test_at_the_start_nothing_is_gone_yet() -> None:
    task = get_task("walker-walk")
    states = going(task)
    way = travel(task, states[0], states[:1])
    assert way == Travel(2.0, 0.0, 0.0)
    assert way.lines == ("distance +0.00 m", "speed +0.0 m/s")
    assert Travel(0.0, -0.004, -0.04).lines == ("distance +0.00 m", "speed +0.0 m/s")
    assert Travel(0.0, -1.5, -2.0).lines == ("distance -1.50 m", "speed -2.0 m/s")
    assert speed_steps(task) == round(SPEED_SECONDS / task.control_dt)


def test_speed_is_of_the_last_moments() -> None:
    task = get_task("walker-walk")
    states = going(task)
    states[20:, 1] = states[20, 1]
    way = travel(task, states[0], states)
    assert way is not None and way.speed == pytest.approx(0.0), "it stands"
    assert way.distance > 0.4


@pytest.mark.parametrize(("name", "drawn"), [("walker-walk", True), ("hopper-backflip", False)])
def test_a_clip_is_drawn_with_it_where_it_is_asked_for(real_renderer: SceneRenderer, name: str, *, drawn: bool) -> None:
    task = get_task(name)
    clip = clip_of(task, going(task))
    plain, told = (
        real_renderer.render_clip(task, clip, task.camera, (320, 240), 20, Priority.PAIR, travel=on).wait(30.0)
        for on in (False, True)
    )
    differ = [(a != b).any(axis=2) for a, b in zip(plain, told, strict=True)]
    assert all(each.any() == drawn for each in differ)
    if drawn:
        assert differ[0][:60, :160].any(), "distance and speed are in the upper left corner"
        assert differ[0][120:, 100:220].any(), "the mark is on the floor below it"


def test_the_mark_stays_where_the_robot_started(real_renderer: SceneRenderer) -> None:
    """The camera goes with the robot: in the picture the mark moves back."""
    task = get_task("walker-walk")
    clip = clip_of(task, going(task))
    first = FrameRequest(task, clip.states[0], replace(task.camera, elevation=-30.0), 320, 240)
    columns = []
    for frame in (0, 10, 20, 30):
        asked = frame_request(first, clip, frame, 0, with_travel=True)
        with_mark, without = (real_renderer.render(each).astype(int) for each in (asked, replace(asked, travel=None)))
        mark = (np.abs(with_mark - without).sum(axis=2) > 60)[150:]
        columns.append(float(np.flatnonzero(mark.any(axis=0)).mean()))
    assert np.diff(columns).max() < -5.0
