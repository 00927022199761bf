"""The meter on Gaussians whose KL is known, and the penalty's controller on a KL that is planted."""

import math

import numpy as np
import pytest
import torch

from learning.config import TrainerConfig
from learning.kl_meter import Meter, read, reading
from learning.kl_penalty import COEFFICIENT_RANGE, FIRST_COEFFICIENT, HORIZON, KLPenalty
from learning.messages import PenaltyMode
from learning.policy import ActorCritic, gaussian_kl, gaussian_log_prob
from sim.task import Task


def constant(task: Task, mean: float, log_std: float) -> ActorCritic:
    """A policy that does the same everywhere, but for its noise."""
    policy = ActorCritic(task, (4,), log_std, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for layer in policy.actor.linear:
            layer.weight.zero_()
            layer.bias.zero_()
        policy.actor.linear[-1].bias.fill_(mean)
    return policy


def known_kl(mean: float, std: float, other_mean: float, other_std: float) -> float:
    """Of one-dimensional Gaussians, nats."""
    return math.log(other_std / std) + (std**2 + (mean - other_mean) ** 2) / (2 * other_std**2) - 0.5


@pytest.mark.parametrize(
    ("mean", "log_std", "other_mean", "other_log_std"),
    [(0.0, -0.3, 0.0, -0.3), (0.4, -0.3, -0.2, -0.3), (0.1, -1.0, 0.1, 0.2), (-0.5, 0.3, 0.5, -0.7)],
)
def test_the_meter_reads_what_is_known(
    task: Task, mean: float, log_std: float, other_mean: float, other_log_std: float
) -> None:
    policy, reference = constant(task, mean, log_std), constant(task, other_mean, other_log_std)
    found = read(task, policy, reference, (0,), 4, 0.2)
    one = known_kl(mean, math.exp(log_std), other_mean, math.exp(other_log_std))
    assert found.kl == pytest.approx(task.action_size * one / task.control_dt, rel=1e-4, abs=1e-4)
    assert found.std_error == pytest.approx(0.0, abs=1e-4)


def test_the_closed_form_is_what_samples_come_to() -> None:
    generator = torch.Generator().manual_seed(1)
    mean, other = torch.tensor([0.3, -0.2, 0.6]), torch.tensor([0.0, 0.1, -0.1])
    log_std, other_log_std = torch.tensor([-0.5, 0.1, -1.0]), torch.tensor([-0.2, -0.2, -0.4])
    actions = mean + torch.exp(log_std) * torch.randn(100_000, 3, generator=generator)
    ratios = gaussian_log_prob(actions, mean, log_std) - gaussian_log_prob(actions, other, other_log_std)
    error = float(ratios.std()) / len(ratios) ** 0.5
    assert float(gaussian_kl(mean, log_std, other, other_log_std)) == pytest.approx(float(ratios.mean()), abs=4 * error)


def test_the_standard_error_covers_the_truth() -> None:
    """Of 400 readings of 16 rollouts each, as many lie within two errors of the truth as Student's t says."""
    rng = np.random.default_rng(0)
    readings = [reading(rng.normal(7.0, 3.0, 16)) for _ in range(400)]
    inside = np.mean([abs(each.kl - 7.0) < 2.0 * each.std_error for each in readings])
    assert 0.90 < inside < 0.97


def test_a_reading_says_how_sure_it_is(task: Task) -> None:
    """Where the policy goes differs from rollout to rollout, so an untaught network's distance does."""
    policy = ActorCritic(task, (8,), -0.3, torch.Generator().manual_seed(3))
    with torch.no_grad():
        policy.actor.linear[-1].weight.mul_(100.0)
    reference = constant(task, 0.0, -0.3)
    few, many = (read(task, policy, reference, (1,), count, 2.0) for count in (8, 128))
    assert 0.0 < many.std_error < few.std_error
    assert abs(few.kl - many.kl) < 5.0 * few.std_error


def test_the_same_seed_reads_the_same(task: Task, small: TrainerConfig) -> None:
    policy = ActorCritic(task, (8,), -0.3, torch.Generator().manual_seed(3))
    meter = Meter(task, small, 5, constant(task, 0.2, -0.3))
    assert meter.measure(2, policy) == meter.measure(2, policy) == meter.readings[2]
    meter.measure_from(2, constant(task, 0.1, -0.3))
    assert meter.readings == {} and meter.reference_version == 2


def test_an_adaptive_penalty_brings_the_kl_to_its_target() -> None:
    """A planted policy that strays less the more it costs."""
    penalty = KLPenalty()
    penalty.set(PenaltyMode.ADAPTIVE, 20.0)
    assert penalty.coefficient == FIRST_COEFFICIENT
    for _ in range(300):
        kl = 8.0 / penalty.coefficient
        penalty.adapt(kl, HORIZON // 2)
    assert kl == pytest.approx(20.0, rel=0.02)


def test_the_controller_moves_as_published() -> None:
    penalty = KLPenalty()
    penalty.set(PenaltyMode.ADAPTIVE, 10.0)
    penalty.adapt(11.0, 1_000)
    assert penalty.coefficient == pytest.approx(0.15 * (1 + 0.1 * 1_000 / HORIZON))
    before = penalty.coefficient
    penalty.adapt(1e9, 1_000)
    assert penalty.coefficient == pytest.approx(before * (1 + 0.2 * 1_000 / HORIZON))
    for _ in range(10_000):
        penalty.adapt(0.0, HORIZON)
    assert penalty.coefficient == COEFFICIENT_RANGE[0]


def test_a_fixed_penalty_stays_and_off_is_nothing() -> None:
    penalty = KLPenalty()
    penalty.set(PenaltyMode.FIXED, 0.4)
    penalty.adapt(1e6, HORIZON)
    assert penalty.coefficient == 0.4
    penalty.set(PenaltyMode.OFF, None)
    penalty.adapt(1e6, HORIZON)
    assert penalty.coefficient == 0.0


def test_another_target_keeps_what_was_found() -> None:
    penalty = KLPenalty()
    penalty.set(PenaltyMode.ADAPTIVE, 10.0)
    penalty.adapt(100.0, HORIZON)
    penalty.set(PenaltyMode.ADAPTIVE, 20.0)
    assert penalty.coefficient == pytest.approx(0.15 * 1.2)


@pytest.mark.parametrize("value", [None, 0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("mode", [PenaltyMode.FIXED, PenaltyMode.ADAPTIVE])
def test_nonsense_is_refused(mode: PenaltyMode, value: float | None) -> None:
    penalty = KLPenalty()
    with pytest.raises(ValueError, match="above zero"):
        penalty.set(mode, value)
    assert penalty.mode is PenaltyMode.OFF
