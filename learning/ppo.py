"""Proximal policy optimisation (Schulman et al. 2017), with the learning rate steered by the KL that it causes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

import torch
from torch import Tensor, nn

from learning.network import Tape
from learning.policy import ActorCritic, gaussian_kl, gaussian_log_prob
from learning.practice import Rollout


@dataclass(frozen=True, slots=True)
class PPOConfig:
    """Hyper-parameters, in the paper's words."""

    discount: float = 0.98
    gae_lambda: float = 0.95
    epochs: int = 5
    minibatches: int = 4
    clip: float = 0.2
    entropy_weight: float = 0.002
    value_weight: float = 0.5
    max_grad_norm: float = 1.0
    learning_rate: float = 1e-3
    learning_rate_range: tuple[float, float] = (1e-5, 3e-3)
    kl_target: float = 0.01
    """Nats a sample and update; the learning rate follows it (as in rsl_rl)."""


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did."""

    kl: float
    """Nats a sample between the policy before and after."""
    entropy: float
    learning_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """A rollout in one row."""

    inputs: Tensor
    """(B, nobs)"""
    actions: Tensor
    """(B, nu)"""
    means: Tensor
    """(B, nu) of the policy that acted."""
    log_probs: Tensor
    """(B,)"""
    advantages: Tensor
    """(B,) normalised."""
    returns: Tensor
    """(B,)"""


class PPO:
    """Improves one policy. Owns its optimisers.

    Policy and value share no weights, so each has its own gradient, norm and Adam, and both are improved at the same
    time, in two threads: neither sees the other's work, so the outcome does not depend on which is faster.
    """

    def __init__(self, policy: ActorCritic, config: PPOConfig, generator: torch.Generator) -> None:
        """`generator` shuffles the minibatches."""
        self.policy = policy
        self.config = config
        self._generator = generator
        self._actor, self._critic = Tape(policy.actor), Tape(policy.critic)
        policy.log_std.grad = self._log_std_gradient = torch.zeros_like(policy.log_std)
        self._of_actor = [*policy.actor.parameters(), policy.log_std]
        self._of_critic = list(policy.critic.parameters())
        self.learning_rate = config.learning_rate
        """Of the next step."""

    @cached_property
    def optimisers(self) -> tuple[torch.optim.Adam, torch.optim.Adam]:
        """Of the policy and of the value. Made when first needed: with its first optimiser torch loads its compiler."""
        of_policy, of_value = (
            torch.optim.Adam(parameters, lr=self.config.learning_rate, eps=1e-5, fused=True)
            for parameters in (self._of_actor, self._of_critic)
        )
        return of_policy, of_value

    def update(self, rollout: Rollout, rewards: Tensor, fall_values: Tensor) -> UpdateReport:
        """One improvement on `rollout`.

        Args:
            rollout: (T, N) steps of this policy.
            rewards: (T, N) of its frames.
            fall_values: (T, N) the value of what comes after a fall; read only where one happened.
        """
        advantages, returns = self._advantages(rollout, rewards, fall_values)
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        steps = _Steps(
            rollout.inputs.flatten(0, 1), rollout.actions.flatten(0, 1), rollout.means.flatten(0, 1),
            rollout.log_probs.flatten(), advantages.flatten(), returns.flatten(),
        )  # fmt: skip
        orders = [torch.randperm(rollout.steps, generator=self._generator) for _ in range(self.config.epochs)]
        of_policy, of_value = self.optimisers
        with run_beside(partial(self._improve_value, of_value, steps, orders, self.learning_rate)):
            return self._improve_policy(of_policy, steps, orders, rollout.log_std)

    @torch.no_grad()
    def _improve_policy(
        self, optimiser: torch.optim.Adam, steps: "_Steps", orders: list[Tensor], old_log_std: Tensor
    ) -> UpdateReport:
        """The clipped surrogate (Schulman et al. 2017, equation 7) and the entropy bonus."""
        config, policy = self.config, self.policy
        kl = 0.0
        for rows in self._minibatches(orders):
            gain, actions, old_mean = steps.advantages[rows], steps.actions[rows], steps.means[rows]
            mean, log_std = self._actor.forward(steps.inputs[rows]), policy.spread()
            precision = torch.exp(-log_std)
            z = (actions - mean) * precision
            ratio = torch.exp(gaussian_log_prob(actions, mean, log_std) - steps.log_probs[rows])
            free = torch.where(gain > 0.0, ratio < 1.0 + config.clip, ratio > 1.0 - config.clip)
            of_log_prob = ratio * gain * free * (-1.0 / len(rows))
            self._actor.backward((of_log_prob[:, None] * z) * precision)
            of_log_std = (z * z).t() @ of_log_prob - of_log_prob.sum() - config.entropy_weight
            torch.mul(of_log_std, log_std == policy.log_std, out=self._log_std_gradient)
            limit_norm(self._of_actor, config.max_grad_norm)
            optimiser.param_groups[0]["lr"] = self.learning_rate
            optimiser.step()
            # of the step before: the mean is already there, and the rate follows the trend
            kl = float(gaussian_kl(old_mean, old_log_std, mean, log_std).mean())
            self._steer(kl)
        return UpdateReport(kl, float(policy.spread().sum()), self.learning_rate)

    @torch.no_grad()
    def _improve_value(
        self, optimiser: torch.optim.Adam, steps: "_Steps", orders: list[Tensor], learning_rate: float
    ) -> None:
        """The mean squared error of the value."""
        config = self.config
        optimiser.param_groups[0]["lr"] = learning_rate
        for rows in self._minibatches(orders):
            errors = self._critic.forward(steps.inputs[rows]) - steps.returns[rows, None]
            self._critic.backward(errors * (2.0 * config.value_weight / len(rows)))
            limit_norm(self._of_critic, config.max_grad_norm)
            optimiser.step()

    def _minibatches(self, orders: list[Tensor]) -> Iterator[Tensor]:
        for order in orders:
            size = len(order) // self.config.minibatches
            yield from torch.split(order[: size * self.config.minibatches], size)

    def _steer(self, kl: float) -> None:
        low, high = self.config.learning_rate_range
        if kl > 2.0 * self.config.kl_target:
            self.learning_rate = max(self.learning_rate / 1.5, low)
        elif kl < 0.5 * self.config.kl_target:
            self.learning_rate = min(self.learning_rate * 1.5, high)

    def _advantages(self, rollout: Rollout, rewards: Tensor, fall_values: Tensor) -> tuple[Tensor, Tensor]:
        """Generalised advantage estimation (Schulman et al. 2016): (T, N) advantages and value targets.

        An episode that was cut off goes on in the critic's mind; one that fell goes on with `fall_values`.
        """
        config, policy = self.config, self.policy
        fallen, truncated = torch.from_numpy(rollout.fallen), torch.from_numpy(rollout.truncated)
        with torch.no_grad():
            values = policy.value(rollout.inputs)
            after = torch.cat([values[1:], policy.value(rollout.last_inputs)[None]])
            rows = truncated.nonzero(as_tuple=True)
            if len(rows[0]):
                cut_off = torch.from_numpy(rollout.reached)[rows]
                after[rows] = policy.value(policy.normalise(cut_off))
            after = torch.where(fallen, fall_values, after)
            errors = rewards + config.discount * after - values
            keep = config.discount * config.gae_lambda * (~(fallen | truncated)).float()
            advantages = torch.empty_like(rewards)
            running = torch.zeros(rewards.shape[1])
            for t in range(len(rewards) - 1, -1, -1):
                running = errors[t] + keep[t] * running
                advantages[t] = running
        return advantages, advantages + values


def limit_norm(parameters: list[nn.Parameter], limit: float) -> None:
    """Scales the gradients of all `parameters` down so that together they are no longer than `limit`."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    torch._foreach_mul_(gradients, torch.clamp(limit / (norm + 1e-6), max=1.0))


@contextmanager
def run_beside(work: Callable[[], None]) -> Iterator[None]:
    """Does `work` in another thread meanwhile; raises here what it raised there."""
    failure: list[BaseException] = []

    def run() -> None:
        try:
            torch.set_num_threads(1)  # each thread has a number of its own: without this, two, which spin
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it can be heard
            failure.append(error)

    thread = threading.Thread(target=run, name="beside")
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failure:
        raise failure[0]
