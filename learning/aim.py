"""The reward that is practised on, frame by frame, and what a fall is worth by it."""

import numpy as np
import torch

from learning.config import TrainerConfig
from learning.policy import ActorCritic
from sim.task import Floats, Singles, Task


class Aim:
    """A linear reward over the task's features, in the unit of the learned reward, about the untaught robot's mean."""

    def __init__(self, task: Task, first_features: Floats) -> None:
        """Points nowhere yet.

        Args:
            task: gives the features.
            first_features: (d,) of a mean frame of the untaught robot, whose reward is zero.
        """
        self._task = task
        self._first = first_features
        self.weights: Floats = np.zeros(len(first_features))
        """(d,)"""
        self.point(self.weights, 1.0)

    def point(self, weights: Floats, scale: float) -> None:
        """From here on the reward is `features @ weights / scale`."""
        self.weights = weights / scale
        self._singles = self.weights.astype(np.float32)
        self._middle = np.float32(self._first @ self.weights)

    def reward(self, observations: Singles) -> Singles:
        """(..., nobs) -> (...) of each frame."""
        return np.asarray(self._task.reward_features(observations) @ self._singles - self._middle, np.float32)

    def fall_value(
        self, policy: ActorCritic, start_inputs: torch.Tensor, lying: Floats, config: TrainerConfig, straying: float
    ) -> torch.Tensor:
        """() lying there for a while, then the value of a fresh start.

        Args:
            policy: whose value it is.
            start_inputs: (n, nobs) normalised observations of normal starts.
            lying: (d,) features of a robot that is down.
            config: says for how long, and what a fall costs beside.
            straying: what a mean frame loses to the KL penalty: a fall must not be a way out of that.
        """
        discount, hold = config.discount, config.fall_hold
        with torch.no_grad():
            fresh = policy.value(start_inputs).mean()
        lying_reward = float((lying - self._first) @ self.weights) - config.fall_price - straying
        return lying_reward * (1.0 - discount**hold) / (1.0 - discount) + discount**hold * fresh
