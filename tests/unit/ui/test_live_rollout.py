"""The live rollout: the same physics and the same counts as everywhere else, and what a push does to it."""

import numpy as np
import pytest

from sim.batch import BatchSim
from sim.hopper_flips import HopperBackflip
from sim.policy import PolicyWeights
from sim.rollout import LiveRollout, Moment
from sim.score import evaluate
from sim.task import Readings, Scorer, Task
from tests.unit.ui.conftest import make_policy


class Jumps(Scorer):
    """Counts take-offs and the seventh step of each episode: random policies score it, and every mix-up shows."""

    def __init__(self, n: int) -> None:
        self._before = np.zeros(n, bool)
        self._age = np.zeros(n, np.int64)

    def update(self, readings: Readings) -> np.ndarray:
        up = (readings.sensordata > 0.0).all(axis=1)
        rising = up & ~self._before
        self._before = up
        self._age += 1
        return (rising | (self._age == 7)).astype(np.int64)

    def reset(self, mask: np.ndarray) -> None:
        self._before[mask] = False
        self._age[mask] = 0


class JumpingHopper(HopperBackflip):
    """The hopper, scored by its jumps."""

    def scorer(self, n: int) -> Scorer:
        return Jumps(n)


def test_it_is_the_same_physics_as_a_batch_step_for_step(task: Task, policy: PolicyWeights) -> None:
    rollout = LiveRollout(task, seed=4)
    rollout.policy = policy
    start = np.random.default_rng(4)
    batch = BatchSim(task, 3, nthread=1)
    rows = np.array([False, True, False])
    observations = batch.reset(rows, *task.normal_start(start, 1))
    fell = False
    for _ in range(400):
        result = batch.step(np.repeat(policy.act(observations[1:2]), 3, axis=0))
        moment = rollout.step()
        np.testing.assert_array_equal(rollout.state, batch.physics_states()[1])
        np.testing.assert_array_equal(rollout.recent(1).observations[0], result.observations[1])
        assert (moment is Moment.FALL) == bool(result.fallen[1])
        observations = result.observations
        if result.done[1]:
            fell = True
            batch.reset(np.array([True, False, True]), *task.normal_start(np.random.default_rng(0), 2))
            observations = batch.reset(rows, *task.normal_start(start, 1))
    assert fell, "a random policy that never falls leaves restarts untested"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_counts_as_the_evaluation_does(seed: int) -> None:
    task = JumpingHopper()
    policy = make_policy(task, seed)
    rollout = LiveRollout(task, seed)
    rollout.policy = policy
    for _ in range(task.episode_steps):
        rollout.step()
    measured = evaluate(task, policy.act, seed, episodes=1)
    rate = 10.0 / rollout.seconds_counted
    assert rollout.successes > 0 and rollout.falls > 0
    assert rollout.successes * rate == pytest.approx(measured.true_score)
    assert rollout.falls * rate == pytest.approx(measured.falls_per_10s)


def test_an_episode_ends_by_time_and_starts_anew(task: Task) -> None:
    class Sleeper(HopperBackflip):
        episode_steps = 5

    rollout = LiveRollout(Sleeper())
    moments = [rollout.step() for _ in range(11)]
    assert [number for number, moment in enumerate(moments, 1) if moment is Moment.CUT] == [5, 10]
    assert rollout.state[0] == pytest.approx(task.control_dt)


def test_a_push_changes_the_motion_and_ends_when_let_go(task: Task) -> None:
    pushed, alone = LiveRollout(task, seed=1), LiveRollout(task, seed=1)
    torso = task.model.body("torso").id
    pushed.push(torso, np.array([0.0, 0.0, 400.0]))
    for _ in range(20):
        pushed.step()
        alone.step()
    assert pushed.body_positions[torso, 2] > alone.body_positions[torso, 2] + 0.3
    pushed.let_go()
    speed = pushed.state[1 + task.model.nq + 1]
    pushed.step()
    # free flight: only gravity changes the speed of a robot that is in the air and whose motors rest
    assert pushed.state[1 + task.model.nq + 1] < speed


def test_a_push_outlives_a_restart_only_as_long_as_it_is_held(task: Task) -> None:
    pushed, alone = LiveRollout(task, seed=1), LiveRollout(task, seed=1)
    pushed.push(1, np.array([50.0, 0.0, 0.0]))
    pushed.restart()
    pushed.let_go()
    alone.restart()
    for _ in range(10):
        pushed.step()
        alone.step()
    np.testing.assert_array_equal(pushed.state, alone.state)


def test_it_remembers_the_last_seconds_oldest_first(task: Task, policy: PolicyWeights) -> None:
    rollout = LiveRollout(task)
    assert rollout.recent(10) is None and len(rollout.trail(10)) == 0
    rollout.policy = policy
    seen = []
    for _ in range(rollout.memory_steps + 37):
        rollout.step()
        seen.append(rollout.state)
    clip = rollout.recent(10**6)
    assert clip is not None and len(clip) == rollout.memory_steps
    np.testing.assert_array_equal(clip.states, seen[-rollout.memory_steps :])
    few = rollout.recent(3)
    assert few is not None
    np.testing.assert_array_equal(few.states, seen[-3:])
    np.testing.assert_array_equal(task_actions(policy, few.observations[:-1]), few.actions[1:])


def task_actions(policy: PolicyWeights, observations: np.ndarray) -> np.ndarray:
    """One at a time, as the rollout acts."""
    return np.concatenate([policy.act(row[None]) for row in observations])


def test_a_trail_does_not_reach_over_a_restart(task: Task) -> None:
    rollout = LiveRollout(task)
    for _ in range(8):
        rollout.step()
    assert len(rollout.trail(5)) == 5 and len(rollout.trail(50)) == 8
    rollout.restart()
    assert len(rollout.trail(50)) == 0
    rollout.step()
    np.testing.assert_array_equal(rollout.trail(50), [rollout.state])
