"""The meter: how far a policy has gone from a reference, in nats per second of simulation.

Both are diagonal Gaussians over actions, so the KL of one step is known in closed form wherever the policy comes to,
and only *where it comes to* is sampled: on fresh rollouts of the policy itself, with its noise, from normal starts. The
KL of two policies over a stretch of time is the sum over its steps.
"""

import numpy as np
import torch

from learning.config import TrainerConfig
from learning.messages import Reading
from learning.policy import ActorCritic, gaussian_kl
from sim.batch import BatchSim
from sim.task import Floats, Task


def read(
    task: Task,
    policy: ActorCritic,
    reference: ActorCritic,
    seed: tuple[int, ...],
    rollouts: int,
    seconds: float,
) -> Reading:
    """How far `policy` is from `reference`.

    Args:
        task: what both act in.
        policy: the one that acts.
        reference: the one that it is measured from.
        seed: decides starts and noise.
        rollouts: how many fresh rollouts, two or more.
        seconds: of simulation in each; a robot that falls goes on from another start.
    """
    rng = np.random.default_rng(seed)
    steps = max(round(seconds / task.control_dt), 1)
    sim = BatchSim(task, rollouts)
    observations = sim.reset(np.ones(rollouts, bool), *task.normal_start(rng, rollouts))
    noise = torch.from_numpy(rng.standard_normal((steps, rollouts, task.action_size), np.float32))
    nats = torch.zeros(steps, rollouts)
    with torch.no_grad():
        noise *= torch.exp(policy.spread())
        for t in range(steps):
            inputs = policy.normalise(torch.from_numpy(observations))
            mean = policy.mean(inputs)
            nats[t] = gaussian_kl(mean, policy.spread(), reference.mean(inputs), reference.spread())
            result = sim.step((mean + noise[t]).numpy())
            done = result.done
            observations = sim.reset(done, *task.normal_start(rng, int(done.sum())))
    return reading(nats.numpy().mean(axis=0, dtype=np.float64) / task.control_dt)


def reading(rates: Floats) -> Reading:
    """(n,) nats per second of `n` rollouts, two or more -> their mean and its standard error."""
    return Reading(float(rates.mean()), float(rates.std(ddof=1) / np.sqrt(len(rates))))


class Meter:
    """Readings of all policies that had a trial, from one reference policy."""

    def __init__(self, task: Task, config: TrainerConfig, seed: int, reference: ActorCritic) -> None:
        """Nothing is measured yet, and the reference is the policy of the first trial.

        Args:
            task: what all act in.
            config: says how much is measured.
            seed: decides the rollouts.
            reference: a policy of its own, not to be changed.
        """
        self.task = task
        self._config, self._seed = config, seed
        self.reference = reference
        self.reference_version = 0
        self.readings: dict[int, Reading] = {}
        """By the number of the trial."""

    def measure_from(self, version: int, reference: ActorCritic) -> None:
        """Another reference: the policy of a trial. Nothing is measured from it yet."""
        self.reference_version, self.reference = version, reference
        self.readings.clear()

    def measure(self, version: int, policy: ActorCritic) -> Reading:
        """Measures the policy of a trial, or anything else that has a number of its own."""
        config, seed = self._config, (self._seed, version)
        found = read(self.task, policy, self.reference, seed, config.meter_rollouts, config.meter_seconds)
        self.readings[version] = found
        return found
