"""The strict landed backflip, on trajectories made by hand; the clearances are MuJoCo's own."""

import math
from itertools import pairwise

import numpy as np
import pytest

from sim.hopper_flips import FALL_HEIGHT, MIN_AIR_SECONDS, STANCE_HEIGHT
from sim.task import Readings, Task

TURN = 2 * math.pi
ON_FLOOR = -0.001
STANCE = (0.0, ON_FLOOR)
AIR_STEPS = math.ceil(MIN_AIR_SECONDS / 0.016)


def stance(turns: float = 0.0) -> tuple[float, float]:
    """Upright on the foot, after so many whole turns forward."""
    return (turns * TURN, ON_FLOOR)


def jump(start: float, end: float, frames: int = 30, height: float = 0.6) -> list[tuple[float, float]]:
    """In the air from one pitch to another, the lowest point on a parabola; neither end is included."""
    steps = (np.arange(frames) + 1) / (frames + 1)
    return [(start + (end - start) * s, 0.01 + 4 * height * s * (1 - s)) for s in steps]


def roll(start: float, end: float, frames: int = 40) -> list[tuple[float, float]]:
    """Turning while touching the floor all the time."""
    return [(pitch, ON_FLOOR) for pitch in np.linspace(start, end, frames)]


def count(task: Task, readings: list[Readings]) -> list[int]:
    """What the scorer says of each frame."""
    scorer = task.scorer(1)
    return [int(scorer.update(frame)[0]) for frame in readings]


def test_a_landed_backflip_counts_once_when_it_lands(task, puppet):
    frames = [stance(), *jump(0, -TURN), stance(-1), stance(-1)]
    assert count(task, puppet.readings(frames)) == [0] * 31 + [1, 0]


def test_a_tucked_backflip_counts_when_the_foot_is_down_and_not_before(task, puppet):
    flight = jump(0, -TURN)
    tucks = [math.sin(math.pi * (number + 1) / (len(flight) + 1)) for number in range(len(flight))]
    tucked = [(pitch, low, -1.2 * t, -1.8 * t, 0.3 * t) for (pitch, low), t in zip(flight, tucks, strict=True)]
    frames = puppet.readings([stance(), *tucked, stance(-1)])
    assert count(task, frames) == [0] * (len(flight) + 1) + [1]


@pytest.mark.parametrize(
    ("what", "frames"),
    [
        ("a forward flip", [stance(), *jump(0, TURN), stance(1)]),
        ("a jump without a turn", [stance(), *jump(0, 0), stance(0)]),
        ("half a turn and back", [stance(), *jump(0, -math.pi), *jump(-math.pi, 0), stance(0)]),
        ("a cartwheel along the floor", [stance(), *roll(0, -TURN), stance(-1)]),
        ("a landing on the head", [stance(), *jump(0, -math.pi), *roll(-math.pi, -TURN), stance(-1)]),
        ("a flip that never lands", [stance(), *jump(0, -TURN)]),
        (
            "a flip that ends lying",
            [stance(), *jump(0, -TURN - math.pi / 2), *roll(-TURN - math.pi / 2, -TURN), stance(-1)],
        ),
        ("a flip without a stance before it", [*jump(-0.1, -TURN), stance(-1)]),
        ("a landing that leans too far", [stance(), *jump(0, -TURN), (-TURN - 0.65, ON_FLOOR)]),
    ],
)
def test_what_is_no_landed_backflip_counts_nothing(task, puppet, what, frames):
    assert sum(count(task, puppet.readings(frames))) == 0, what


def test_two_turns_in_one_jump_have_one_landing(task, puppet):
    frames = [stance(), *jump(0, -2 * TURN, frames=60, height=2.0), stance(-2), stance(-2)]
    assert sum(count(task, puppet.readings(frames))) == 1


def test_two_backflips_count_twice(task, puppet):
    frames = [stance(), *jump(0, -TURN), stance(-1), *jump(-TURN, -2 * TURN), stance(-2)]
    assert sum(count(task, puppet.readings(frames))) == 2


def test_a_backflip_after_a_forward_flip_counts(task, puppet):
    frames = [stance(), *jump(0, TURN), stance(1), *jump(TURN, 0), stance(0)]
    assert count(task, puppet.readings(frames))[-1] == 1


@pytest.mark.parametrize(("steps", "counted"), [(AIR_STEPS - 1, 0), (AIR_STEPS, 1)])
def test_the_air_must_last_a_tenth_of_a_second(task, puppet, steps, counted):
    frames = [stance(), *jump(0, -TURN, frames=steps, height=1.0), stance(-1)]
    assert sum(count(task, puppet.readings(frames))) == counted


def test_the_air_of_an_earlier_jump_does_not_count(task, puppet):
    short = jump(0, -TURN, frames=AIR_STEPS - 1, height=1.0)
    frames = [stance(), *jump(0, 0), stance(), *short, stance(-1)]
    assert sum(count(task, puppet.readings(frames))) == 0


def test_a_landing_counts_only_when_the_hopper_stands_up(task, puppet):
    crouch = (-TURN, ON_FLOOR, -0.8, -1.0, 0.0)
    readings = puppet.readings([stance(), *jump(0, -TURN), crouch, crouch, stance(-1)])
    assert FALL_HEIGHT < readings[-2].qpos[0, 1] < STANCE_HEIGHT
    assert readings[-2].sensordata[0].argmin() == 3
    assert count(task, readings)[-3:] == [0, 0, 1]


def test_air_must_be_unbroken(task, puppet):
    """As much air as is needed, but in two pieces with a touch of the outstretched leg between them."""
    flight = jump(0, -TURN, frames=2 * (AIR_STEPS - 1) + 1, height=1.0)
    whole = puppet.readings([stance(), *flight, stance(-1)])
    assert sum(count(task, whole)) == 1
    middle = 1 + AIR_STEPS - 1
    touch = whole[middle].sensordata.copy()
    touch[0, 3] = ON_FLOOR
    whole[middle] = Readings(whole[middle].qpos, whole[middle].qvel, touch)
    assert whole[middle].qpos[0, 1] > FALL_HEIGHT
    assert sum(count(task, whole)) == 0


def test_a_low_torso_on_the_way_disarms_until_the_next_stance(task, puppet):
    flight = [stance(), *jump(0, -TURN), stance(-1)]
    readings = puppet.readings(flight)
    low = readings[15].qpos.copy()
    low[0, 1] = FALL_HEIGHT - 0.01
    readings[15] = Readings(low, readings[15].qvel, readings[15].sensordata)
    again = puppet.readings([*jump(-TURN, -2 * TURN), stance(-2)])
    assert sum(count(task, readings)) == 0
    assert count(task, readings + again)[-1] == 1


def test_a_reset_disarms_only_the_simulations_that_were_reset(task, puppet):
    frames = puppet.readings([stance(), *jump(0, -TURN), stance(-1)])
    scorer = task.scorer(3)
    totals = np.zeros(3, int)
    for number, frame in enumerate(frames):
        three = Readings(*(np.repeat(array, 3, axis=0) for array in (frame.qpos, frame.qvel, frame.sensordata)))
        totals += scorer.update(three)
        if number == 10:
            scorer.reset(np.array([False, True, False]))
    assert totals.tolist() == [1, 0, 1]


def test_simulations_do_not_mix(task, puppet):
    """One row flips backward, one forward, one stands, each at its own time."""
    flips = [stance(), *jump(0, -TURN), stance(-1)]
    forward = [stance(), *jump(0, TURN), stance(1)]
    rows = [[stance()] * 5 + flips, forward + [stance(1)] * 5, [stance()] * (len(flips) + 5)]
    posed = [puppet.readings(row) for row in rows]
    scorer = task.scorer(3)
    counts = []
    for frames in zip(*posed, strict=True):
        arrays = [np.concatenate([getattr(frame, name) for frame in frames]) for name in ("qpos", "qvel", "sensordata")]
        counts.append(scorer.update(Readings(*arrays)))
    assert np.sum(counts, axis=0).tolist() == [1, 0, 0]
    assert counts[-1].tolist() == [1, 0, 0]


def test_the_trajectories_are_what_they_say(puppet):
    """The puppet's clearances agree with its heights, or every test above would mean nothing."""
    standing, flying = puppet.readings([stance()])[0], puppet.readings(jump(0, -TURN))
    assert standing.qpos[0, 1] == pytest.approx(1.25, abs=0.05)
    assert standing.sensordata[0, 3] == pytest.approx(ON_FLOOR, abs=1e-9)
    assert all(frame.sensordata.min() > 0 for frame in flying)
    assert all(later.qpos[0, 2] < sooner.qpos[0, 2] for sooner, later in pairwise(flying))
    head_down = puppet.readings([(math.pi, ON_FLOOR)])[0]
    assert head_down.sensordata[0].argmin() == 0
    assert head_down.qpos[0, 1] < FALL_HEIGHT
