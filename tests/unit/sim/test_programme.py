"""What a teacher who presses is shown: scenes of what practice tries, and of the best so far."""

import numpy as np

from sim.policy import PolicyWeights
from sim.programme import LYING_SECONDS, SCENE_SECONDS, Programme
from sim.registry import get_task
from sim.rollout import LiveRollout, Moment
from sim.task import Task


def policy(task: Task, bias: float) -> PolicyWeights:
    """Always the same action."""
    weights = np.zeros((task.action_size, task.observation_size), np.float32)
    biases = np.full(task.action_size, bias, np.float32)
    return PolicyWeights(task.observation_centre, task.observation_scale, 5.0, (weights,), (biases,))


def test_scenes_alternate_and_end() -> None:
    task = get_task("hopper-backflip")
    rollout = LiveRollout(task, 0)
    programme = Programme(rollout, 1)
    best, trying = policy(task, 0.0), policy(task, 0.3)
    spread = np.full(task.action_size, 0.2, np.float32)
    programme.set_policies(best, trying, spread)
    of_best, lengths, length = [], [], 0
    lain: list[int] = []
    fell: int | None = None
    for _ in range(3000):
        is_best = programme.of_best
        assert rollout.policy is (best if is_best else trying)
        moment = programme.step()
        length += 1
        action = rollout.last[1]
        if is_best:
            assert (action == 0.0).all(), "the best acts without noise"
        if moment is Moment.FALL:
            fell = length
        if moment is Moment.CUT:
            if fell is not None:
                lain.append(length - fell)
            fell = None
            of_best.append(is_best)
            lengths.append(length)
            length = 0
    lying = round(LYING_SECONDS / task.control_dt)
    assert max(lengths) <= round(SCENE_SECONDS / task.control_dt) + lying
    assert lain and max(lain) == lying, "a robot that fell is seen lying"
    assert 0 < sum(of_best) < len(of_best) / 2


def test_a_rollout_that_is_let_go_plays_as_ever() -> None:
    task = get_task("hopper-backflip")
    rollout = LiveRollout(task, 0)
    programme = Programme(rollout, 1)
    best = policy(task, 0.0)
    programme.set_policies(best, policy(task, 0.3), np.full(task.action_size, 0.2, np.float32))
    while programme.of_best:
        programme.step()
    programme.stop()
    assert rollout.policy is best
    assert not rollout.spread.any()
    assert rollout.lie_steps == 0
    assert rollout.diverse_share == 0.0
