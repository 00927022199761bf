"""A policy as plain numbers: what crosses to the screen and into files. Needs numpy alone."""

from dataclasses import dataclass

import numpy as np

from sim.checks import finite_array
from sim.task import Singles


@dataclass(frozen=True, slots=True)
class PolicyWeights:
    """The deterministic head of a tanh network with a fixed normaliser.

    `action = tanh-network((observation - centre) / scale clipped to +-clip)`, the mean action, then clipped to [-1, 1].
    """

    centre: Singles
    """(nobs,)"""
    scale: Singles
    """(nobs,)"""
    clip: float
    """Normalised observations are clipped to +- this."""
    weights: tuple[Singles, ...]
    """Each (nout, nin), as in torch.nn.Linear."""
    biases: tuple[Singles, ...]
    """Each (nout,)."""

    def __post_init__(self) -> None:
        size = self.centre.size
        if self.centre.shape != (size,) or self.scale.shape != (size,):
            raise ValueError(
                f"policy normaliser is {self.centre.shape} and {self.scale.shape}, expected one shape (nobs,)"
            )
        if not self.weights or len(self.weights) != len(self.biases):
            raise ValueError(
                f"policy has {len(self.weights)} weights and {len(self.biases)} biases, expected as many, at least one"
            )
        for weight, bias in zip(self.weights, self.biases, strict=True):
            if bias.ndim != 1 or weight.shape != (bias.size, size):
                raise ValueError(
                    f"policy layer is {weight.shape} and {bias.shape}, expected (nout, {size}) and (nout,)"
                )
            size = bias.size

    def act(self, observations: Singles) -> Singles:
        """Returns deterministic actions (n, nu) in [-1, 1] for `observations` (n, nobs).

        Raises:
            InputError: `observations` have another shape, or are not finite numbers.
        """
        observations = finite_array("observations", observations, ("n", len(self.centre)))
        x = np.clip((observations - self.centre) / self.scale, -self.clip, self.clip)
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            x = np.tanh(x @ weight.T + bias)
        x = x @ self.weights[-1].T + self.biases[-1]
        return np.asarray(np.clip(x, -1.0, 1.0), np.float32)
