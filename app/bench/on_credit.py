"""Practice on a task's hidden credit, which stands in for a perfect reward model: what policy search alone can reach.

Everything else is as in the trainer: the same simulations, starts, PPO, and value of a fall.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from app.stopping import Interrupted, StopFlag
from app.trainers import LearningTrainers
from learning.config import TrainerConfig
from learning.policy import ActorCritic
from learning.ppo import PPO
from learning.practice import PracticeGround, start_inputs
from learning.teachers import credit_spread
from sim.score import evaluate
from sim.task import Task

START_SEED = 0
"""Of the normal starts over which the value of a fresh start is averaged."""
MEMORY = 0.9
"""Of the mean credit of a fallen robot, from one iteration to the next."""


def score_on_credit(task: Task, seed: int, steps: int, stop: StopFlag, changes: dict[str, Any]) -> float:
    """The true score of the policy that `steps` control steps of practice on the credit come to.

    Args:
        task: what is practised.
        seed: decides everything random.
        steps: control steps, to be rounded to whole iterations; at least one is done.
        stop: looked at between iterations.
        changes: fields of the trainer's configuration that are not as usual.

    Raises:
        Interrupted: `stop` was raised.
    """
    config = LearningTrainers(changes).settings(task)
    iterations = max(1, round(steps / (config.nsim * config.rollout_steps)))
    for policy in itertools.islice(practise_on_credit(task, seed, config), iterations):  # noqa: B007 - the last one counts
        if stop.raised:
            raise Interrupted("Stopped.")
    return evaluate(task, policy.weights().act).true_score


def practise_on_credit(task: Task, seed: int, config: TrainerConfig) -> Iterator[ActorCritic]:
    """Practises from scratch, without end, on the credit in units of its spread.

    Args:
        task: what is practised.
        seed: decides everything random.
        config: of the simulations, the policy and its improvement.

    Yields:
        The policy after each iteration; always the same object.
    """
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    ground = PracticeGround(task, config.nsim, config.diverse_share, config.revisited_share, rng)
    policy = ActorCritic(task, config.hidden, config.log_std, generator)
    ppo = PPO(policy, config.ppo, generator)
    fresh = start_inputs(task, policy, START_SEED)
    unit, lying, left = credit_spread(task), 0.0, config.discount**config.fall_hold
    while True:
        rollout = ground.collect(policy, config.rollout_steps)
        credit = task.credit(rollout.reached, rollout.actions.numpy()) / unit
        if rollout.fallen.any():
            lying = MEMORY * lying + (1.0 - MEMORY) * float(credit[rollout.fallen].mean())
        fall = lying * (1.0 - left) / (1.0 - config.discount) + left * policy.value(fresh).mean()
        ppo.update(rollout, torch.from_numpy(credit.astype(np.float32)), fall.float())
        yield policy
