"""The plain reward button of animal training: a press is the reward itself, and nothing but the policy learns from it.

One robot practises in front of the teacher in real time; each press is the reward of the frames that it is credited to,
as for the reward model. What a reward model adds is that no press has to be given twice.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import torch

from app.watching import ReactionTime, credit_shares
from learning.config import TrainerConfig
from learning.policy import ActorCritic
from learning.ppo import PPO
from learning.practice import PracticeGround, start_inputs
from learning.press_book import signed
from learning.pressers import SimulatedPresser
from sim.task import Singles, Task

ROLLOUT_STEPS = 512
"""Control steps between two improvements: some 8 s of one robot."""
START_SEED = 0


def press_plainly(task: Task, seed: int, config: TrainerConfig, minutes: float) -> Iterator[tuple[float, ActorCritic]]:
    """Practises for so many minutes of the teacher's time.

    Args:
        task: what is practised.
        seed: decides everything random.
        config: of the policy and its improvement; there is one simulation.
        minutes: of watching in real time.

    Yields:
        Seconds watched and the policy, after each improvement; always the same object.
    """
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    ground = PracticeGround(task, 1, config.diverse_share, config.revisited_share, rng, nthread=1)
    policy = ActorCritic(task, config.hidden, config.log_std, generator)
    ppo = PPO(policy, config.ppo, generator)
    fresh = start_inputs(task, policy, START_SEED)
    presser = SimulatedPresser(task, seed)
    shares = credit_shares(ReactionTime(), task.control_dt)
    rollout_seconds = ROLLOUT_STEPS * task.control_dt
    for number in itertools.count(1):
        if (number - 1) * rollout_seconds >= 60.0 * minutes:
            return
        rollout = ground.collect(policy, ROLLOUT_STEPS)
        rewards = pressed(presser, rollout.reached[:, 0], rollout.actions[:, 0].numpy().clip(-1.0, 1.0), shares)
        with torch.no_grad():
            fall = policy.value(fresh).mean()
        ppo.update(rollout, torch.from_numpy(rewards[:, None]), fall)
        yield number * rollout_seconds, policy


def pressed(presser: SimulatedPresser, observations: Singles, actions: Singles, shares: np.ndarray) -> Singles:
    """(T, nobs), (T, nu), (k,) -> (T,) the reward of each frame: presses, spread over the frames before them."""
    rewards = np.zeros(len(observations), np.float32)
    for step, (observation, action) in enumerate(zip(observations, actions, strict=True)):
        given = presser.see(observation, action)
        if given is None:
            continue
        frames = min(step + 1, len(shares))
        rewards[step + 1 - frames : step + 1] += signed(*given) * shares[-frames:]
    return rewards
