"""Pressure: a policy is optimised against a reward model that learns no more, ever further from the reference.

With how much optimisation does a learned reward stop standing for what it was learnt of? (Gao, Schulman and Hilton
2022, "Scaling laws for reward model overoptimization".)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from learning.aim import Aim
from learning.kl_meter import Meter
from learning.messages import PenaltyMode, Reading
from learning.packing import pack_module, unpack_module
from learning.policy import ActorCritic
from learning.ppo import PPO
from learning.practice import PracticeGround, start_inputs
from learning.steering import SteeringBook
from learning.trainer import TRIAL_SEED, Trainer
from learning.trial import run_trial
from sim.policy import PolicyWeights
from sim.task import Floats


@dataclass(frozen=True, slots=True)
class PressurePoint:
    """What optimisation came to at one target."""

    target: float
    """Nats per second of simulation that the penalty aimed at; 0 for the reference itself."""
    reading: Reading
    learned: float
    """Learned reward per second, falls paid for."""
    true: float
    falls_per_10s: float
    policy: PolicyWeights
    features: Floats
    """(d,) of a mean frame of its trial, falls paid for."""


class Pressure:
    """One policy that begins as the reference, and is let ever further away."""

    def __init__(self, trainer: Trainer, seed: int) -> None:
        """Takes the reward model of `trainer` as it is now; its policies have no part in it.

        Args:
            trainer: a session's, which is left as it is.
            seed: decides everything random.
        """
        self._trainer, self._seed = trainer, seed
        task, config = trainer.task, trainer.config
        rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        reference = trainer.steering.meter.reference
        self._policy = ActorCritic(task, config.hidden, config.log_std, generator)
        # the reference's value is of other rewards: the policy alone begins as that
        actor = {name: array for name, array in pack_module(reference, "").items() if not name.startswith("critic.")}
        unpack_module(self._policy, "", pack_module(self._policy, "") | actor)
        self._ppo = PPO(self._policy, config.ppo, generator)
        self._ground = PracticeGround(task, config.nsim, config.diverse_share, config.revisited_share, rng)
        self._steering = SteeringBook(Meter(task, config, seed, reference))
        self._starts = start_inputs(task, self._policy, TRIAL_SEED)
        self._aim = Aim(task, trainer.first_features)
        self._aim.point(trainer.model.posterior.weights, trainer.scale)

    def rise(self, targets: Sequence[float], iterations: int) -> Iterator[PressurePoint]:
        """Practises `iterations` at each target, nats per second, rising; first comes the reference itself."""
        yield self._measured(0.0)
        for target in targets:
            self._steering.penalty.set(PenaltyMode.ADAPTIVE, target)
            for _ in range(iterations):
                self._practise()
            yield self._measured(target)

    def _practise(self) -> None:
        trainer = self._trainer
        rollout = self._ground.collect(self._policy, trainer.config.rollout_steps)
        rewards = torch.from_numpy(self._aim.reward(rollout.reached))
        straying = self._steering.charge(rollout, rewards)
        fall = self._aim.fall_value(self._policy, self._starts, trainer.lying, trainer.config, straying)
        self._ppo.update(rollout, rewards, fall)

    def _measured(self, target: float) -> PressurePoint:
        trainer = self._trainer
        trial = run_trial(trainer.task, self._policy.weights(), TRIAL_SEED, trainer.config.trial_episodes)
        features = trial.mean_features(trainer.lying, trainer.config.worth_hold)
        learned = float((features - trainer.first_features) @ self._aim.weights) / trainer.task.control_dt
        found = self._steering.meter.measure(round(1e3 * target), self._policy)
        return PressurePoint(
            target, found, learned, trial.true_score, trial.falls_per_10s, self._policy.weights(), features
        )
