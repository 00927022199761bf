"""Policy optimisation against slow references."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal, kl_divergence

from learning.network import TanhNetwork
from learning.policy import LOG_STD_RANGE, ActorCritic, gaussian_kl, gaussian_log_prob
from learning.ppo import PPO, limit_norm
from learning.ppo_config import PPOConfig
from learning.practice import Rollout
from sim.task import Bools, Singles, Task

HIDDEN = (8,)


class OpenBook(ActorCritic):
    """A critic whose value of an observation is its first number, so that a mix-up shows."""

    def normalise(self, observations: Tensor) -> Tensor:
        return observations

    def value(self, normalised: Tensor) -> Tensor:
        return normalised[..., 0]


def numbered(shape: tuple[int, ...], width: int, start: float) -> Singles:
    """Observations (*shape, width) whose first numbers are all different."""
    observations = np.zeros((*shape, width), np.float32)
    observations[..., 0] = start + np.arange(np.prod(shape)).reshape(shape)
    return observations


def slow_advantages(
    values: Singles, rewards: Singles, reached: Singles, last: Singles, fallen: Bools, truncated: Bools,
    fall_values: Singles, config: PPOConfig,
) -> np.ndarray:  # fmt: skip
    """The sum of Schulman et al. 2016, equation 16, term by term."""
    steps, nsim = rewards.shape
    advantages = np.zeros((steps, nsim))
    for n in range(nsim):
        for t in range(steps):
            for k in range(t, steps):
                if fallen[k, n]:
                    after = fall_values[k, n]
                elif truncated[k, n]:
                    after = reached[k, n]
                else:
                    after = values[k + 1, n] if k + 1 < steps else last[n]
                error = rewards[k, n] + config.discount * after - values[k, n]
                advantages[t, n] += (config.discount * config.gae_lambda) ** (k - t) * error
                if fallen[k, n] or truncated[k, n]:
                    break
    return advantages


def test_advantages_agree_with_the_slow_sum(task: Task) -> None:
    steps, nsim, width = 6, 4, task.observation_size
    rng = np.random.default_rng(0)
    inputs, reached = numbered((steps, nsim), width, 1), numbered((steps, nsim), width, 1001)
    last = numbered((nsim,), width, 5001)
    fallen, truncated = np.zeros((steps, nsim), bool), np.zeros((steps, nsim), bool)
    fallen[2, 0] = fallen[3, 0] = fallen[5, 3] = True
    truncated[3, 1] = truncated[5, 1] = truncated[0, 3] = True
    rewards = rng.normal(size=(steps, nsim)).astype(np.float32)
    fall_values = (-100 - np.arange(steps * nsim, dtype=np.float32)).reshape(steps, nsim)
    config = PPOConfig(discount=0.9, gae_lambda=0.8)
    policy = OpenBook(task, HIDDEN, -0.5, torch.Generator())
    actions = torch.zeros(steps, nsim, task.action_size)
    rollout = Rollout(
        torch.from_numpy(inputs), actions, torch.zeros(steps, nsim), actions, policy.spread().detach(), reached,
        fallen, truncated, torch.from_numpy(last),
    )  # fmt: skip
    found, targets = PPO(policy, config, torch.Generator())._advantages(
        rollout, torch.from_numpy(rewards), torch.from_numpy(fall_values)
    )
    wanted = slow_advantages(
        inputs[..., 0], rewards, reached[..., 0], last[:, 0], fallen, truncated, fall_values, config
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(targets, wanted + inputs[..., 0], rtol=1e-5, atol=1e-3)


def test_one_value_of_falling_serves_all(task: Task) -> None:
    policy = OpenBook(task, HIDDEN, -0.5, torch.Generator())
    observations = numbered((2, 3), task.observation_size, 1)
    actions = torch.zeros(2, 3, task.action_size)
    rollout = Rollout(
        torch.from_numpy(observations), actions, torch.zeros(2, 3), actions, policy.spread().detach(), observations,
        np.ones((2, 3), bool), np.zeros((2, 3), bool), torch.from_numpy(observations[0]),
    )  # fmt: skip
    ppo = PPO(policy, PPOConfig(discount=0.5), torch.Generator())
    advantages, targets = ppo._advantages(rollout, torch.zeros(2, 3), torch.tensor(-8.0))
    np.testing.assert_allclose(targets, -4.0)
    np.testing.assert_allclose(advantages, -4.0 - observations[..., 0])


def test_density_and_divergence_are_torchs() -> None:
    generator = torch.Generator().manual_seed(0)
    old_mean, mean, actions = (torch.randn(5, 3, generator=generator) for _ in range(3))
    old_log_std, log_std = (torch.randn(3, generator=generator) for _ in range(2))
    old, new = (
        Independent(Normal(centre, spread.exp().expand_as(centre)), 1)
        for centre, spread in ((old_mean, old_log_std), (mean, log_std))
    )
    torch.testing.assert_close(gaussian_log_prob(actions, mean, log_std), new.log_prob(actions))
    torch.testing.assert_close(gaussian_kl(old_mean, old_log_std, mean, log_std), kl_divergence(old, new))
    torch.testing.assert_close(gaussian_kl(mean, log_std, mean, log_std), torch.zeros(5))


def bandit(policy: ActorCritic, width: int, generator: torch.Generator, target: Tensor) -> tuple[Rollout, Tensor]:
    """Steps that are whole episodes: the reward falls with the square of the distance to `target`."""
    steps, nsim = 8, 32
    inputs = torch.zeros(steps, nsim, width)
    with torch.no_grad():
        means, log_std = policy.mean(inputs), policy.spread().clone()
        actions = means + log_std.exp() * torch.randn(means.shape, generator=generator)
        log_probs = gaussian_log_prob(actions, means, log_std)
    ends = np.ones((steps, nsim), bool)
    reached = np.zeros((steps, nsim, width), np.float32)
    rollout = Rollout(inputs, actions, log_probs, means, log_std, reached, ends, ~ends, inputs[0])
    return rollout, -(actions - target).square().sum(-1)


def test_a_bandit_is_learnt(task: Task) -> None:
    generator = torch.Generator().manual_seed(0)
    policy = ActorCritic(task, HIDDEN, -0.5, generator)
    ppo = PPO(policy, PPOConfig(), generator)
    target = torch.tensor([0.6, -0.4, 0.2])
    nothing = torch.zeros(1, task.observation_size)
    before = (policy.mean(nothing)[0] - target).detach().norm()
    for _ in range(40):
        rollout, rewards = bandit(policy, task.observation_size, generator, target)
        report = ppo.update(rollout, rewards, torch.tensor(0.0))
        assert np.isfinite([report.kl, report.entropy, report.learning_rate]).all()
    assert (policy.mean(nothing)[0] - target).detach().norm() < 0.15 * before
    assert (policy.spread() < -0.5).all()


def test_the_learning_rate_follows_the_divergence(task: Task) -> None:
    low, high = 1e-4, 2e-3
    rates = {}
    for target in (1e-9, 1e9):
        generator = torch.Generator().manual_seed(0)
        policy = ActorCritic(task, HIDDEN, -0.5, generator)
        ppo = PPO(policy, PPOConfig(kl_target=target, learning_rate_range=(low, high)), generator)
        rollout, rewards = bandit(policy, task.observation_size, generator, torch.tensor(0.3))
        ppo.update(rollout, rewards, torch.tensor(0.0))
        rates[target] = ppo.learning_rate
    assert rates == {1e-9: pytest.approx(low), 1e9: pytest.approx(high)}


def test_one_step_is_the_gradient_of_the_papers_loss(task: Task) -> None:
    """Far from the policy that acted, with ratios on both sides of both limits, and one spread at its bound."""
    generator = torch.Generator().manual_seed(0)
    policy = ActorCritic(task, HIDDEN, -0.5, generator)
    policy.log_std.data[1] = LOG_STD_RANGE[1] + 0.1
    config = PPOConfig(epochs=1, minibatches=1, max_grad_norm=1e9)
    rollout, rewards = bandit(policy, task.observation_size, generator, torch.tensor([0.6, -0.4, 0.2]))
    for network in (policy.actor, policy.critic):
        for parameter in network.parameters():
            parameter.data += 0.4 * torch.randn(parameter.shape, generator=generator)
    policy.log_std.data -= 0.05
    ppo = PPO(policy, config, generator)
    reference = copy.deepcopy(policy)
    ppo.update(rollout, rewards, torch.tensor(0.0))

    inputs, actions = rollout.inputs.flatten(0, 1), rollout.actions.flatten(0, 1)
    returns = rewards.flatten()
    advantages = returns - reference.value(inputs)
    gain = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    mean, log_std = through(reference.actor, inputs), reference.spread()
    ratio = torch.exp(gaussian_log_prob(actions, mean, log_std) - rollout.log_probs.flatten())
    low, high = 1.0 - config.clip, 1.0 + config.clip
    for sign in (-1, 1):
        assert (ratio[sign * gain > 0] < low).any() and (ratio[sign * gain > 0] > high).any()
    surrogate = torch.min(ratio * gain, ratio.clamp(low, high) * gain).mean()
    value_loss = (through(reference.critic, inputs).squeeze(-1) - returns).square().mean()
    loss = -surrogate + config.value_weight * value_loss - config.entropy_weight * log_std.sum()
    loss.backward()  # type: ignore[no-untyped-call]  # torch's own
    assert reference.log_std.grad is not None and reference.log_std.grad[1] == 0.0
    for (name, mine), theirs in zip(policy.named_parameters(), reference.parameters(), strict=True):
        assert mine.grad is not None and theirs.grad is not None
        torch.testing.assert_close(mine.grad, theirs.grad, atol=1e-6, rtol=1e-3, msg=name)


def through(network: TanhNetwork, inputs: Tensor) -> Tensor:
    """With a graph."""
    *hidden, last = network.linear
    for layer in hidden:
        inputs = torch.tanh(layer(inputs))
    outputs: Tensor = last(inputs)
    return outputs


def test_a_long_gradient_is_cut_to_the_limit() -> None:
    parameters = [torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(1))]
    parameters[0].grad, parameters[1].grad = torch.tensor([3.0, 0.0]), torch.tensor([4.0])
    limit_norm(parameters, 10.0)
    assert parameters[1].grad.item() == 4.0
    limit_norm(parameters, 1.0)
    assert parameters[0].grad[0].item() == pytest.approx(0.6, abs=1e-4)
    assert parameters[1].grad.item() == pytest.approx(0.8, abs=1e-4)


def test_exported_head_acts_as_the_policy(task: Task) -> None:
    policy = ActorCritic(task, (16, 16), -0.5, torch.Generator().manual_seed(3))
    with torch.no_grad():
        for parameter in policy.actor.parameters():
            parameter.mul_(3.0)
    observations = np.random.default_rng(0).normal(0, 3, (500, task.observation_size)).astype(np.float32)
    with torch.no_grad():
        wanted = policy.mean(policy.normalise(torch.from_numpy(observations))).clamp(-1, 1).numpy()
    assert np.abs(wanted).max() > 0.05
    np.testing.assert_allclose(policy.weights().act(observations), wanted, atol=1e-5)
