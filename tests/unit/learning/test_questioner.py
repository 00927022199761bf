"""What there is to judge before the robot can do anything."""

import numpy as np
import pytest

from learning.clip_pool import DULL_SHARE
from learning.config import TrainerConfig
from learning.questioner import Questioner
from sim.registry import get_task
from sim.task import Singles, Task


def untaught(task: Task) -> Questioner:
    asked = Questioner(task, TrainerConfig(), np.random.default_rng(4))
    asked.record_broad()
    return asked


@pytest.fixture(scope="module")
def gripper() -> Questioner:
    return untaught(get_task("gripper-grasp"))


def test_a_motor_is_told_something_else_each_step() -> None:
    actions = untaught(get_task("hopper-hop")).broad.actions
    assert (np.abs(np.diff(actions, axis=1)).max(axis=(1, 2)) > 0.5).all()


def test_a_servo_is_told_one_place_for_a_whole_clip(gripper: Questioner) -> None:
    actions = gripper.broad.actions
    assert (np.diff(actions, axis=1) == 0.0).all()
    assert actions[:, 0].min() < -0.9 and actions[:, 0].max() > 0.9


def test_an_untaught_robot_with_servos_moves_one_of_them_alone(gripper: Questioner) -> None:
    task, pool = gripper.task, gripper.broad
    first = task.holding_actions(pool.observations[:, 0])
    assert first is not None
    # the first frame is a control step after the start, by when everything is under way
    moved = np.abs(pool.actions[:, 0] - first) > 0.3
    assert (moved.sum(axis=1) <= 1).mean() > 0.5 and moved.any(axis=0).all()


def test_in_some_clips_of_a_policy_one_motor_goes_elsewhere_and_stays_there(gripper: Questioner) -> None:
    def still(observations: Singles) -> Singles:
        return np.full((len(observations), gripper.task.action_size), 0.125, np.float32)

    def astray(share: float) -> Singles:
        asked = Questioner(gripper.task, TrainerConfig(astray_share=share), np.random.default_rng(7))
        asked.record_recent(still, 15)
        return asked.recent.actions

    assert (astray(0.0) == 0.125).all()
    motors = astray(1.0) != 0.125
    assert (motors.any(axis=1).sum(axis=1) <= 1).all(), "more than one motor"
    assert motors.any(axis=(0, 1)).sum() > 1 and motors.any(axis=(1, 2)).mean() > 0.6
    # from when on is drawn: in some clips at once, in some later, and it never comes back
    assert motors[:, 0].any() and (motors[:, -1].any(axis=1) & ~motors[:, 0].any(axis=1)).any()
    assert (np.diff(motors.astype(int), axis=1) >= 0).all()
    some = (astray(0.5) != 0.125).any(axis=(1, 2)).mean()
    assert 0.1 < some < motors.any(axis=(1, 2)).mean()


def test_clips_with_the_hand_far_from_the_ball_are_thinned_out(gripper: Questioner) -> None:
    task, seen = gripper.task, gripper.broad.observations
    dull = np.mean([task.dull(clip) for clip in seen], axis=1)
    assert 0.02 < (dull > DULL_SHARE).mean() < 0.5 and len(seen) == gripper.config.broad_clips


def test_a_ball_is_held_in_some_clips_and_in_most_not(gripper: Questioner) -> None:
    """What is never seen is never asked about; and what is always seen is told from nothing."""
    task, seen = gripper.task, gripper.broad.observations
    held = task.contact_states(seen)[2].mean(axis=1)  # type: ignore[attr-defined]
    assert 0.01 < (held > 0.8).mean() < 0.2 and (held == 0.0).mean() > 0.5
