"""The hopper's other skills: what counts, what does not, and what a teacher prefers, on trajectories made by hand."""

import math

import numpy as np
import pytest

from sim.hopper_hop import HOP_LENGTH, MIN_AIR_STEPS
from sim.registry import get_task
from sim.task import Readings, Task
from tests.unit.sim.test_backflip_scorer import ON_FLOOR, TURN, count, jump, roll, stance

STEP = 1.2 * HOP_LENGTH


@pytest.fixture(scope="module")
def hop() -> Task:
    return get_task("hopper-hop")


def carried(readings: list[Readings], xs: list[float]) -> list[Readings]:
    """The same, at these places along the floor."""
    moved = []
    for frame, x in zip(readings, xs, strict=True):
        qpos = frame.qpos.copy()
        qpos[0, 0] = x
        moved.append(Readings(qpos, frame.qvel, frame.sensordata))
    return moved


def hops(puppet, lengths: list[float], frames: int = 20, height: float = 0.2) -> list[Readings]:
    """Stances with jumps of these lengths between them."""
    poses, xs = [stance()], [0.0]
    for length in lengths:
        poses += [*jump(0, 0, frames, height), stance()]
        xs += np.linspace(xs[-1], xs[-1] + length, frames + 2)[1:].tolist()
    return carried(puppet.readings(poses), xs)


def test_a_front_flip_is_a_backflip_the_other_way(puppet):
    front = get_task("hopper-frontflip")
    assert count(front, puppet.readings([stance(), *jump(0, TURN), stance(1), stance(1)])) == [0] * 31 + [1, 0]
    for frames in ([stance(), *jump(0, -TURN), stance(-1)], [stance(), *roll(0, TURN), stance(1)]):
        assert sum(count(front, puppet.readings(frames))) == 0


def test_turning_is_worth_as_much_either_way(puppet):
    back, front = get_task("hopper-backflip"), get_task("hopper-frontflip")
    observations = back.observe(puppet.readings([(-1.0, 0.5)])[0])
    mirrored = observations.copy()
    observations[:, 8], mirrored[:, 8] = -4.0, 4.0
    nothing = np.zeros((1, 3), np.float32)
    assert back.credit(observations, nothing) == front.credit(mirrored, nothing) == 4.0
    assert back.credit(mirrored, nothing) == front.credit(observations, nothing) == -4.0


def test_each_hop_forward_counts_when_it_lands(hop, puppet):
    assert count(hop, hops(puppet, [STEP, STEP])) == [0] * 21 + [1] + [0] * 20 + [1]


@pytest.mark.parametrize("lengths", [[0.0], [-STEP], [0.8 * HOP_LENGTH], [-STEP, STEP / 2]])
def test_on_the_spot_backward_or_short_is_no_hop_forward(hop, puppet, lengths):
    assert sum(count(hop, hops(puppet, lengths))) == 0


def test_going_back_first_does_not_make_a_hop_longer(hop, puppet):
    """What counts is how far it came since it last stood, not since it was furthest back or ahead."""
    assert sum(count(hop, hops(puppet, [-STEP, STEP]))) == 1


@pytest.mark.parametrize(("steps", "counted"), [(MIN_AIR_STEPS - 1, 0), (MIN_AIR_STEPS, 1)])
def test_sliding_is_no_hop(hop, puppet, steps, counted):
    assert sum(count(hop, hops(puppet, [STEP], frames=steps))) == counted


@pytest.mark.parametrize(
    "flight", [jump(0, -TURN), [*jump(0, 0.7, 10, 0.2), *jump(0.7, 0, 10, 0.2)], roll(0, 0), jump(0.0, math.pi / 4)]
)
def test_whoever_leans_too_far_or_stays_down_does_not_hop(hop, puppet, flight):
    last = flight[-1][0] if flight[-1][0] > -3 else -TURN
    frames = puppet.readings([stance(), *flight, (last, ON_FLOOR)])
    assert sum(count(hop, carried(frames, np.linspace(0, 2 * STEP, len(frames)).tolist()))) == 0


def test_a_reset_forgets_where_it_stood(hop, puppet):
    frames = hops(puppet, [STEP])
    scorer = hop.scorer(2)
    totals = np.zeros(2, int)
    for number, frame in enumerate(frames):
        two = Readings(*(np.repeat(array, 2, axis=0) for array in (frame.qpos, frame.qvel, frame.sensordata)))
        totals += scorer.update(two)
        if number == 10:
            scorer.reset(np.array([False, True]))
    assert totals.tolist() == [1, 0]


def test_the_teacher_likes_speed_forward_and_upright(hop, puppet):
    def credit(frame, speed=0.0):
        observations = hop.observe(puppet.readings([frame])[0])
        observations[:, 6] = speed
        return float(hop.credit(observations, np.zeros((1, 3), np.float32))[0])

    air = (0.0, 0.2)
    assert credit(air, 2.0) > credit(air, 0.0) > credit(air, -2.0)
    assert credit(air, 9.0) == credit(air, 3.0)
    assert credit(air) > credit((0.5, 0.2)) > credit((math.pi, 0.0))
    assert credit(air) > credit((0.0, ON_FLOOR, -1.2, -1.8, 0.3)), "sinking"
