"""What the prior of the weights says before any answer, and what answers make of it."""

import numpy as np
import pytest

from learning.reward_model import BayesianRewardModel
from learning.reward_prior import WeightPrior
from sim.registry import get_task, task_names
from sim.task import FeatureLayout, Floats

FLOOR = 0.05
VARIANCE = 9.0
LAYOUT = FeatureLayout(3, (0, 1, 1, 2, 2, 2))
"""Six quantities in three contexts."""
QUANTITIES = len(LAYOUT.kinds)
LEARNT = WeightPrior.of_layout(LAYOUT, VARIANCE, 0.1)


def answered(prior: WeightPrior, planted: Floats, count: int, seed: int, contexts: tuple[int, ...]) -> Floats:
    """The weights learnt from random comparisons of clips that lie in one of `contexts`."""
    rng = np.random.default_rng(seed)
    differences = np.zeros((count, len(planted)))
    for row, context in zip(differences, rng.choice(contexts, count), strict=True):
        row[QUANTITIES * context : QUANTITIES * (context + 1)] = rng.normal(size=QUANTITIES)
    model = BayesianRewardModel(prior, FLOOR)
    model.fit(differences, (differences @ planted > 0).astype(np.float64))
    return model.posterior.weights


def correlation(one: Floats, other: Floats) -> float:
    return float(np.corrcoef(one, other)[0, 1])


@pytest.mark.parametrize("name", task_names())
def test_the_layout_describes_the_features(name: str) -> None:
    task = get_task(name)
    layout = task.feature_layout
    features = task.reward_features(np.zeros(task.observation_size, np.float32))
    assert layout.contexts * len(layout.kinds) == len(features)
    assert set(layout.kinds) == set(range(max(layout.kinds) + 1))
    prior = WeightPrior.of_layout(layout, VARIANCE, 1.0)
    assert prior.mixing.shape == (len(features), (layout.contexts + 1) * len(layout.kinds))
    assert set(prior.groups) == set(range(prior.groups.max() + 1))


def test_before_answers_a_quantity_is_worth_about_the_same_in_every_context() -> None:
    covariance = LEARNT.covariance()
    assert np.allclose(np.diag(covariance), 2 * VARIANCE)
    assert covariance[0, QUANTITIES] == covariance[0, 2 * QUANTITIES] == VARIANCE
    assert covariance[0, 1] == covariance[0, QUANTITIES + 1] == 0.0


def test_answers_about_one_context_are_believed_in_another_as_far_as_it_was_not_asked_about() -> None:
    planted = np.tile([0.0, 3.0, 0.0, 0.0, -3.0, 0.0], 3)
    elsewhere = slice(QUANTITIES, 2 * QUANTITIES)
    learnt = answered(LEARNT, planted, 40, 1, (0,))
    apart = answered(WeightPrior.independent(len(planted), VARIANCE), planted, 40, 1, (0,))
    assert correlation(learnt[elsewhere], planted[elsewhere]) > 0.9
    assert not apart[elsewhere].any()


def test_what_holds_in_one_context_only_is_still_learnt() -> None:
    planted = np.zeros(3 * QUANTITIES)
    planted[[1, QUANTITIES + 1, 2 * QUANTITIES + 4]] = 4.0, -4.0, 4.0
    assert np.mean([correlation(answered(LEARNT, planted, 80, seed, (0, 1, 2)), planted) for seed in range(4)]) > 0.9


def test_few_answers_tell_more_where_little_matters() -> None:
    independent = WeightPrior.independent(3 * QUANTITIES, VARIANCE)
    gained = []
    for seed in range(6):
        rng = np.random.default_rng(100 + seed)
        planted = np.tile(3.0 * np.eye(QUANTITIES)[rng.integers(1, QUANTITIES)], 3)
        ours, plain = (
            correlation(answered(prior, planted, 15, seed, (0, 1, 2)), planted) for prior in (LEARNT, independent)
        )
        gained.append(ours - plain)
    assert np.mean(gained) > 0.15


def test_variances_go_where_the_factors_are() -> None:
    prior = WeightPrior(np.eye(4), np.array([0, 0, 1, 1]), 2.0, strength=1.0)
    learnt = prior.learnt_variances(np.array([8.0, 8.0, 0.0, 0.0]))
    assert learnt == pytest.approx([(16 + 2) / 3, (16 + 2) / 3, 2 / 3, 2 / 3])
    assert not WeightPrior.independent(4, 2.0).learns


def test_the_order_of_answers_says_nothing() -> None:
    rng = np.random.default_rng(3)
    differences = rng.normal(size=(30, 3 * QUANTITIES))
    targets = (differences[:, 1] > 0).astype(np.float64)
    model, other = (BayesianRewardModel(LEARNT, FLOOR) for _ in range(2))
    model.fit(differences, targets)
    other.fit(differences[::-1], targets[::-1])
    np.testing.assert_allclose(model.posterior.weights, other.posterior.weights, atol=1e-2)
