"""What the strict counts refuse: trajectories made by hand, one for each reason, and whole evaluations."""

import math

import numpy as np
import pytest

from sim.attempts import Attempts
from sim.hopper_flips import FALL_HEIGHT
from sim.registry import get_task, task_names
from sim.rollout import LiveRollout
from sim.score import evaluate
from sim.task import Readings, Task
from tests.unit.sim.poses import posed
from tests.unit.sim.test_backflip_scorer import AIR_STEPS, ON_FLOOR, TURN, jump, roll, stance


def attempts(task: Task, readings: list[Readings], *, ends: bool = False) -> Attempts:
    """What the scorer and the counter beside it make of each frame."""
    scorer, counter, one = task.scorer(1), task.attempt_counter(1), np.ones(1, bool)
    for frame in readings:
        counter.update(frame, scorer.update(frame), one)
    if ends:
        counter.reset(one)
    return counter.attempts(10.0)


def test_a_landed_turn_is_an_attempt_that_counts(task, puppet):
    found = attempts(
        task, puppet.readings([stance(), *jump(0, -TURN), stance(-1), *jump(-TURN, -2 * TURN), stance(-2)])
    )
    assert (found.made, found.counted, found.reason) == (2, 2, "")
    assert found.words == "2 turns in 10 s, 2 landed"


def test_a_low_torso_is_said_with_its_height(task, puppet):
    readings = puppet.readings([stance(), *jump(0, -TURN), stance(-1)])
    low = readings[15].qpos.copy()
    low[0, 1] = 0.41
    readings[15] = Readings(low, readings[15].qvel, readings[15].sensordata)
    found = attempts(task, readings)
    assert found.words == "1 turn in 10 s, 0 landed: torso came down to 0.41 m (limit: at least 0.45 m)"


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        (
            [stance(), *jump(0, -TURN, frames=AIR_STEPS - 1, height=1.0), stance(-1)],
            "in the air for 96 ms at a stretch (limit: at least 100 ms)",
        ),
        ([stance(), *roll(0, -TURN), stance(-1)], "torso came down"),
        ([*jump(-0.1, -TURN), stance(-1)], "it did not begin from a stance"),
        ([stance(), *jump(0, -2 * TURN, frames=60, height=2.0), stance(-2)], "foot stayed"),
    ],
)
def test_each_missed_condition_has_its_reason(task, puppet, frames, reason):
    found = attempts(task, puppet.readings(frames))
    assert found.refused == 1 and found.reason.startswith(reason), found.words


def test_standing_too_low_before_the_next_turn_is_a_reason(task, puppet):
    crouch = (-TURN, ON_FLOOR, -0.8, -1.0, 0.0)
    frames = puppet.readings([stance(), *jump(0, -TURN), crouch, *jump(-TURN, -2 * TURN), stance(-2)])
    height = frames[31].qpos[0, 1]
    found = attempts(task, frames)
    assert height > FALL_HEIGHT and found.made == 2 and found.counted == 1
    assert found.reason == f"stood up to {height:.2f} m only (limit: at least 0.8 m)"


@pytest.mark.parametrize(
    "frames",
    [
        [stance(), *jump(0, 0), stance(0)],
        [stance(), *jump(0, TURN), stance(1)],
        [stance(), *jump(0, -math.pi), *jump(-math.pi, 0), stance(0)],
        [stance(), *jump(0, TURN), *jump(TURN, 0), stance(0)],
    ],
)
def test_what_is_no_whole_turn_is_no_attempt(task, puppet, frames):
    assert attempts(task, puppet.readings(frames)).made == 0


def test_a_fall_after_a_turn_refuses_it_and_the_end_of_the_time_does_not(task, puppet):
    turned = puppet.readings([stance(), *jump(0, -TURN), (-TURN, 0.2)])
    assert attempts(task, turned, ends=True).made == 0
    lying = Readings(turned[-1].qpos.copy(), turned[-1].qvel, turned[-1].sensordata)
    lying.qpos[0, 1] = 0.2
    found = attempts(task, [*turned, lying], ends=True)
    assert found.made == 1 and found.reason.startswith("torso came down to 0.20 m")


def test_short_hops_and_leaning_ones_are_told_apart():
    hop = get_task("hopper-hop")

    def hopped(x: float, lean: float) -> list[Readings]:
        air = [posed(hop, x=x * step / 5, pitch=lean, lowest=0.2) for step in range(1, 6)]
        return [posed(hop), *air, posed(hop, x=x)]

    assert attempts(hop, hopped(0.4, 0.0)).words == "1 landing in 10 s, 1 counted as hops"
    assert attempts(hop, hopped(0.12, 0.0)).reason == "landed 0.12 m ahead (limit: at least 0.3 m)"
    assert attempts(hop, hopped(0.4, 0.7)).reason == "leaned 0.70 rad (limit: at most 0.6 rad)"


def test_a_broken_stretch_has_its_reason():
    walk, run = get_task("walker-walk"), get_task("cheetah-run")
    leaning = [posed(walk, lowest=0.001), posed(walk, x=0.2, pitch=0.7, lowest=0.001)]
    assert (
        attempts(walk, leaning).words
        == "1 stretch of 0.5 m ended in 10 s, 0 completed: leaned 0.70 rad (limit: at most 0.6 rad)"
    )
    sinking = [posed(walk, lowest=0.001)]
    for height in (0.79, 0.6, 0.7, 1.2):
        low = posed(walk, lowest=0.001)
        low.qpos[0, 1] = height
        sinking.append(low)
    assert attempts(walk, sinking).reason == "torso came down to 0.60 m (limit: at least 0.8 m)", "the worst of it"
    turning = [posed(run, lowest=0.001), posed(run, x=0.2, pitch=1.2, lowest=0.001)]
    assert attempts(run, turning).reason == "pitched 1.20 rad (limit: at most 1 rad)"


@pytest.mark.parametrize("name", task_names())
def test_an_evaluation_counts_what_it_scores(name):
    task = get_task(name)
    rng = np.random.default_rng(1)

    def act(observations):
        return rng.uniform(-1, 1, (len(observations), task.action_size)).astype(np.float32)

    found = evaluate(task, act, 0, episodes=2)
    scored = task.scored_steps * task.control_dt * 2
    per = task.scored_steps * 2 if task.score_window is not None else scored / 10.0
    assert found.attempts is not None
    assert found.attempts.counted == pytest.approx(found.true_score * per)
    assert found.attempts.made >= found.attempts.counted and found.attempts.seconds == pytest.approx(scored)


def test_a_live_rollout_counts_from_where_it_was_cleared(task):
    rollout = LiveRollout(task, seed=0)
    for _ in range(300):
        rollout.step()
    assert rollout.attempts.seconds == pytest.approx(rollout.seconds_counted)
    rollout.clear_counts()
    assert rollout.attempts == Attempts(0, 0, 0.0, "turns", "landed")
