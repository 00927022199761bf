"""The practice ground."""

import numpy as np
import pytest
import torch

import sim.batch
from learning.policy import ActorCritic, gaussian_log_prob
from learning.practice import PracticeGround, Rollout
from sim.hopper import LAYOUT
from sim.task import Readings, Task

NSIM, STEPS = 32, 80
SPEEDS = [LAYOUT.vx, LAYOUT.vz, LAYOUT.rate]


def collected(task: Task, seed: int = 0, nthread: int = 0) -> tuple[PracticeGround, ActorCritic, Rollout]:
    ground = PracticeGround(task, NSIM, 0.7, 0.0, np.random.default_rng(seed), nthread)
    policy = ActorCritic(task, (8,), -0.5, torch.Generator().manual_seed(seed))
    return ground, policy, ground.collect(policy, STEPS)


def test_a_rollout_says_what_the_policy_did(task: Task) -> None:
    _, policy, rollout = collected(task)
    assert rollout.steps == NSIM * STEPS
    with torch.no_grad():
        torch.testing.assert_close(rollout.means, policy.mean(rollout.inputs))
        log_probs = gaussian_log_prob(rollout.actions, rollout.means, policy.spread())
    torch.testing.assert_close(rollout.log_probs, log_probs)
    noise = (rollout.actions - rollout.means) / policy.spread().detach().exp()
    assert abs(float(noise.mean())) < 0.1 and float(noise.std()) == pytest.approx(1.0, abs=0.05)


def test_frames_lead_to_the_next_inputs_except_where_an_episode_ended(task: Task) -> None:
    _, policy, rollout = collected(task)
    reached = policy.normalise(torch.from_numpy(rollout.reached))
    following = torch.cat([rollout.inputs[1:], rollout.last_inputs[None]])
    same = (reached == following).all(dim=-1).numpy()
    done = rollout.fallen | rollout.truncated
    assert rollout.fallen.any() and rollout.truncated.any()
    assert not (rollout.fallen & rollout.truncated).any()
    np.testing.assert_array_equal(same, ~done)


def test_practice_is_the_same_on_any_number_of_threads(task: Task) -> None:
    first, second = collected(task, nthread=1)[2], collected(task, nthread=2)[2]
    assert first.reached.tobytes() == second.reached.tobytes()
    assert torch.equal(first.actions, second.actions)
    assert collected(task, seed=1)[2].reached.tobytes() != first.reached.tobytes()


def test_a_fresh_policy_starts_anew(task: Task) -> None:
    ground, policy, _ = collected(task)
    before = ground.sim.observations.copy()
    ground.restart()
    assert (ground.sim.observations != before).any(axis=1).all()
    assert np.isfinite(ground.collect(policy, 3).reached).all()


def test_a_share_of_the_episodes_goes_on_from_where_the_policy_was(task: Task) -> None:
    policy = ActorCritic(task, (8,), -0.5, torch.Generator().manual_seed(0))
    ground = PracticeGround(task, NSIM, 0.0, 1.0, np.random.default_rng(0))
    assert len(ground.visited[0]) == 0, "at first there is nothing to go back to"
    first = ground.collect(policy, STEPS)
    qpos, qvel = ground.visited
    assert len(qpos) == len(qvel) > NSIM
    readings = Readings(qpos, qvel, np.full((len(qpos), 4), 1.0))
    assert not task.down(task.observe(readings)).any() and np.isfinite(qvel).all()
    places = {row.tobytes() for row in qpos}
    starts, speeds = ground._starts(50)
    assert {row.tobytes() for row in starts} <= places and len({row.tobytes() for row in starts}) > 20
    assert {row.tobytes() for row in speeds} <= {row.tobytes() for row in qvel}
    assert first.fallen.any(), "and those that fell are not among them"
    ground.restart()
    assert len(ground.visited[0]) == 0, "a fresh policy has been nowhere"


def test_the_exploded_never_reach_the_learner(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 6.0
    _, _, usual = collected(task)
    assert np.abs(usual.reached[..., SPEEDS]).max() > limit
    ground = PracticeGround(task, NSIM, 0.0, 0.0, np.random.default_rng(0))
    policy = ActorCritic(task, (8,), 0.5, torch.Generator().manual_seed(0))
    monkeypatch.setattr(sim.batch, "EXPLODED_SPEED", limit)
    rollout = ground.collect(policy, STEPS)
    assert ground.sim.exploded_total > 10
    assert np.abs(rollout.reached[..., SPEEDS]).max() < limit
    assert torch.isfinite(rollout.inputs).all() and torch.isfinite(rollout.log_probs).all()
    # such an episode was cut off, it is no fall
    assert rollout.truncated.sum() >= ground.sim.exploded_total
