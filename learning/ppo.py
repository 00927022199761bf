"""Proximal policy optimisation (Schulman et al. 2017), with the learning rate steered by the KL that it causes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from learning.network import Tape
from learning.policy import ActorCritic, gaussian_kl, gaussian_log_prob
from learning.ppo_config import PPOConfig
from learning.practice import Rollout


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did."""

    kl: float
    """Nats a sample between the policy before and after."""
    entropy: float
    learning_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """Some steps of a rollout in one row."""

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

    def minibatches(self, order: Tensor, count: int) -> Iterator["_Steps"]:
        """`count` of the same size, the steps in the order (B,) given; what is left over is left out."""
        size = len(order) // count
        parts = (self.inputs, self.actions, self.means, self.log_probs, self.advantages, self.returns)
        # all rows of an epoch at once, so that each minibatch is a view
        shuffled = [part.index_select(0, order[: size * count]) for part in parts]
        for rows in zip(*(torch.split(part, size) for part in shuffled), strict=True):
            yield _Steps(*rows)


class PPO:
    """Improves one policy. Owns its optimisers.

    Policy and value share no weights, so each has its own gradient, norm and Adam.
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
        kl, value_rate = 0.0, self.learning_rate
        for _ in range(self.config.epochs):
            order = torch.randperm(rollout.steps, generator=self._generator)
            for batch in steps.minibatches(order, self.config.minibatches):
                kl = self._improve_policy(batch, rollout.log_std)
                self._improve_value(batch, value_rate)
        return UpdateReport(kl, float(self.policy.spread().detach().sum()), self.learning_rate)

    @torch.no_grad()
    def _improve_policy(self, batch: _Steps, old_log_std: Tensor) -> float:
        """A step along the clipped surrogate (Schulman et al. 2017, equation 7) and the entropy bonus.

        Returns:
            Nats a sample from the policy that acted to the one before this step.
        """
        config, policy = self.config, self.policy
        gain = batch.advantages
        mean, log_std = self._actor.forward(batch.inputs), policy.spread()
        precision = torch.exp(-log_std)
        z = (batch.actions - mean) * precision
        ratio = torch.exp(gaussian_log_prob(batch.actions, mean, log_std) - batch.log_probs)
        free = torch.where(gain > 0.0, ratio < 1.0 + config.clip, ratio > 1.0 - config.clip)
        of_log_prob = ratio * gain * free * (-1.0 / len(gain))
        self._actor.backward((of_log_prob[:, None] * z) * precision)
        of_log_std = (z * z).t() @ of_log_prob - of_log_prob.sum() - config.entropy_weight
        torch.mul(of_log_std, log_std == policy.log_std, out=self._log_std_gradient)
        limit_norm(self._of_actor, config.max_grad_norm)
        optimiser, _ = self.optimisers
        optimiser.param_groups[0]["lr"] = self.learning_rate
        optimiser.step()
        # of the step before: the mean is already there, and the rate follows the trend
        kl = float(gaussian_kl(batch.means, old_log_std, mean, log_std).mean())
        self._steer(kl)
        return kl

    @torch.no_grad()
    def _improve_value(self, batch: _Steps, learning_rate: float) -> None:
        """A step along the mean squared error of the value."""
        errors = self._critic.forward(batch.inputs) - batch.returns[:, None]
        self._critic.backward(errors * (2.0 * self.config.value_weight / len(errors)))
        limit_norm(self._of_critic, self.config.max_grad_norm)
        _, optimiser = self.optimisers
        optimiser.param_groups[0]["lr"] = learning_rate
        optimiser.step()

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
