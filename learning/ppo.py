"""Proximal policy optimisation (Schulman et al. 2017), with the learning rate steered by the KL that it causes."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

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


class PPO:
    """Improves one policy. Owns its optimiser."""

    def __init__(self, policy: ActorCritic, config: PPOConfig, generator: torch.Generator) -> None:
        """`generator` shuffles the minibatches."""
        self.policy = policy
        self.config = config
        self._learning_rate = config.learning_rate
        self.optimiser = torch.optim.Adam(policy.parameters(), lr=self._learning_rate, eps=1e-5, foreach=True)
        self._generator = generator

    def update(self, rollout: Rollout, rewards: Tensor, fall_values: Tensor) -> UpdateReport:
        """One improvement on `rollout`.

        Args:
            rollout: (T, N) steps of this policy.
            rewards: (T, N) of its frames.
            fall_values: (T, N) the value of what comes after a fall; read only where one happened.
        """
        config, policy = self.config, self.policy
        advantages, returns = self._advantages(rollout, rewards, fall_values)
        inputs, actions = rollout.inputs.flatten(0, 1), rollout.actions.flatten(0, 1)
        log_probs, means = rollout.log_probs.flatten(), rollout.means.flatten(0, 1)
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        advantages, returns = advantages.flatten(), returns.flatten()
        size = len(advantages) // config.minibatches
        kl = entropy = 0.0
        for _ in range(config.epochs):
            order = torch.randperm(len(advantages), generator=self._generator)
            for start in range(0, size * config.minibatches, size):
                rows = order[start : start + size]
                x, old_mean = inputs[rows], means[rows]
                mean, log_std = policy.mean(x), policy.spread()
                ratio = torch.exp(gaussian_log_prob(actions[rows], mean, log_std) - log_probs[rows])
                gain = advantages[rows]
                surrogate = torch.min(ratio * gain, ratio.clamp(1.0 - config.clip, 1.0 + config.clip) * gain).mean()
                value_loss = (policy.value(x) - returns[rows]).square().mean()
                entropy_now = log_std.sum()
                loss = -surrogate + config.value_weight * value_loss - config.entropy_weight * entropy_now
                self.optimiser.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]  # torch's own
                nn.utils.clip_grad_norm_(policy.parameters(), config.max_grad_norm, foreach=True)
                self.optimiser.step()
                with torch.no_grad():
                    kl = float(gaussian_kl(old_mean, rollout.log_std, mean, log_std).mean())
                    entropy = float(entropy_now)
                self._steer(kl)
        return UpdateReport(kl, entropy, self.learning_rate)

    @property
    def learning_rate(self) -> float:
        """Of the next step."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = value
        for group in self.optimiser.param_groups:
            group["lr"] = value

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
