"""What there is to judge before the robot can do anything."""

import numpy as np
import pytest

from learning.clip_pool import DULL_SHARE
from learning.config import TrainerConfig
from learning.questioner import Questioner
from sim.registry import get_task
from sim.task import Task


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
    # a little to one side: places far from the ball are thinned out
    assert np.abs(actions[:, 0].mean(axis=0)).max() < 0.35 and len(np.unique(actions[:, 0, 0])) == len(actions)


def test_clips_with_the_hand_far_from_the_ball_are_thinned_out(gripper: Questioner) -> None:
    task, seen = gripper.task, gripper.broad.observations
    dull = np.mean([task.dull(clip) for clip in seen], axis=1)
    assert 0.02 < (dull > DULL_SHARE).mean() < 0.5 and len(seen) == gripper.config.broad_clips


def test_a_ball_is_held_in_some_clips_and_in_most_not(gripper: Questioner) -> None:
    """What is never seen is never asked about; and what is always seen is told from nothing."""
    task, seen = gripper.task, gripper.broad.observations
    held = task.contact_states(seen)[2].mean(axis=1)  # type: ignore[attr-defined]
    assert 0.01 < (held > 0.8).mean() < 0.2 and (held == 0.0).mean() > 0.5
