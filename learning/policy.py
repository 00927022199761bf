"""The policy that practises: a Gaussian over actions and a value, both small tanh networks."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from learning.network import TanhNetwork
from sim.policy import PolicyWeights
from sim.task import Singles, Task

OBSERVATION_CLIP = 5.0
"""Normalised observations are clipped to +- this."""
LOG_STD_RANGE = (-2.5, 0.5)
"""The spread of the actions stays inside this."""


class ActorCritic(nn.Module):
    """Gaussian policy with a spread of its own for each actuator, and a value network beside it.

    Observations are normalised by the task's fixed centre and scale, so that nothing drifts while the reward does.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, task: Task, hidden: Sequence[int], log_std: float, generator: torch.Generator) -> None:
        """Draws fresh weights from `generator`.

        Args:
            task: gives the sizes and the normaliser.
            hidden: sizes of the hidden layers of both networks.
            log_std: natural logarithm of the spread at first.
            generator: where the weights come from.
        """
        super().__init__()
        self.register_buffer("centre", torch.from_numpy(np.array(task.observation_centre, np.float32)))
        self.register_buffer("scale", torch.from_numpy(np.array(task.observation_scale, np.float32)))
        self.actor = TanhNetwork((task.observation_size, *hidden, task.action_size), 0.01, generator)
        self.critic = TanhNetwork((task.observation_size, *hidden, 1), 1.0, generator)
        self.log_std = nn.Parameter(torch.full((task.action_size,), log_std))

    def normalise(self, observations: Tensor) -> Tensor:
        """(..., nobs) in natural units -> (..., nobs) as the networks take them."""
        centred = (observations - self.centre) / self.scale
        return centred.clamp(-OBSERVATION_CLIP, OBSERVATION_CLIP)

    def mean(self, normalised: Tensor) -> Tensor:
        """(..., nobs) -> (..., nu) the most likely action, not yet clipped."""
        actions: Tensor = self.actor(normalised)
        return actions

    def value(self, normalised: Tensor) -> Tensor:
        """(..., nobs) -> (...) expected discounted sum of rewards."""
        values: Tensor = self.critic(normalised)
        return values.squeeze(-1)

    def spread(self) -> Tensor:
        """(nu,) natural logarithm of the standard deviation."""
        return self.log_std.clamp(*LOG_STD_RANGE)

    def weights(self) -> PolicyWeights:
        """The deterministic head as plain numbers."""
        layers = self.actor.linear
        return PolicyWeights(
            _array(self.centre),
            _array(self.scale),
            OBSERVATION_CLIP,
            tuple(_array(layer.weight) for layer in layers),
            tuple(_array(layer.bias) for layer in layers),
        )


def gaussian_log_prob(actions: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    """(..., nu), (..., nu), (nu,) -> (...) log density of a diagonal Gaussian."""
    z = (actions - mean) * torch.exp(-log_std)
    return -0.5 * (z * z).sum(-1) - (log_std.sum() + 0.5 * math.log(2 * math.pi) * actions.shape[-1])


def gaussian_kl(old_mean: Tensor, old_log_std: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    """(..., nu), (nu,), (..., nu), (nu,) -> (...) KL(old || new) of diagonal Gaussians, in nats."""
    ratio = torch.exp(2.0 * (old_log_std - log_std))
    shift = (old_mean - mean) * torch.exp(-log_std)
    return (log_std - old_log_std).sum() + 0.5 * (ratio.sum() + (shift * shift).sum(-1) - mean.shape[-1])


def _array(tensor: Tensor) -> Singles:
    return np.array(tensor.detach().numpy(), np.float32)
