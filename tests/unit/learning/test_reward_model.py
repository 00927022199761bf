"""The reward model against planted weights, numerical integration, and wrong answers."""

import numpy as np
import pytest
from numpy.typing import NDArray

from learning.reward_model import BayesianRewardModel
from learning.reward_prior import WeightPrior
from sim.task import Floats

FLOOR = 0.05
VARIANCE = 4.0


def model_of(size: int, differences: Floats | None = None, targets: Floats | None = None) -> BayesianRewardModel:
    model = BayesianRewardModel(WeightPrior.independent(size, VARIANCE), FLOOR)
    if differences is not None and targets is not None:
        model.fit(differences, targets)
    return model


def answers_of(planted: Floats, differences: Floats) -> Floats:
    return (differences @ planted > 0).astype(np.float64)


def planted_comparisons(size: int, count: int, seed: int) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    planted = rng.normal(size=size)
    differences = rng.normal(size=(count, size))
    return planted, differences, answers_of(planted, differences)


def log_likelihood(logits: Floats, target: float) -> Floats:
    win = FLOOR / 2 + (1 - FLOOR) / (1 + np.exp(-logits))
    return target * np.log(win) + (1 - target) * np.log(1 - win)


@pytest.mark.parametrize("seed", range(3))
def test_telling_questions_find_planted_weights(seed: int) -> None:
    rng = np.random.default_rng(seed)
    planted = rng.normal(size=12)
    differences, targets = np.empty((0, 12)), np.empty(0)
    model = model_of(12)
    for _ in range(100):
        proposed = rng.normal(size=(300, 12))
        asked = proposed[np.argmax(model.information(proposed))]
        differences = np.vstack([differences, asked])
        targets = np.append(targets, float(asked @ planted > 0))
        model.fit(differences, targets)
    assert np.corrcoef(model.posterior.weights, planted)[0, 1] > 0.95


def test_telling_questions_teach_more_than_random_ones() -> None:
    rng = np.random.default_rng(5)
    found: dict[bool, list[float]] = {True: [], False: []}
    for telling in found:
        for _ in range(4):
            planted = rng.normal(size=12)
            differences, targets, model = np.empty((0, 12)), np.empty(0), model_of(12)
            for _ in range(40):
                proposed = rng.normal(size=(300, 12))
                asked = proposed[np.argmax(model.information(proposed))] if telling else proposed[0]
                differences, targets = np.vstack([differences, asked]), np.append(targets, float(asked @ planted > 0))
                model.fit(differences, targets)
            found[telling].append(float(np.corrcoef(model.posterior.weights, planted)[0, 1]))
    assert np.mean(found[True]) > np.mean(found[False])


def test_standard_deviation_covers_the_truth() -> None:
    """Weights from the prior, answers from the likelihood: then the posterior must be calibrated."""
    rng = np.random.default_rng(11)
    scores = []
    for _ in range(60):
        planted = rng.normal(size=6) * np.sqrt(VARIANCE)
        differences = rng.normal(size=(40, 6))
        chance = np.exp(log_likelihood(differences @ planted, 1.0))
        model = model_of(6, differences, (rng.random(40) < chance).astype(np.float64))
        probes = rng.normal(size=(5, 6))
        scores.append((probes @ planted - model.mean(probes)) / model.std(probes))
    inside = np.mean(np.abs(scores) < 1.96)
    assert 0.90 < inside < 0.99
    assert 0.8 < np.std(scores) < 1.25


def test_ties_pull_to_zero() -> None:
    direction = np.array([[1.0, 0.0]])
    won = model_of(2, direction, np.array([1.0]))
    tied = model_of(2, np.repeat(direction, 9, axis=0), np.append(1.0, np.full(8, 0.5)))
    assert won.mean(direction)[0] > 1.0
    assert 0 < tied.mean(direction)[0] < 0.5 * won.mean(direction)[0]
    assert tied.std(direction)[0] < 0.5 * won.std(direction)[0]
    only_ties = model_of(2, np.repeat(direction, 8, axis=0), np.full(8, 0.5))
    assert abs(only_ties.mean(direction)[0]) < 1e-9
    assert only_ties.std(direction)[0] < 0.7 * np.sqrt(VARIANCE)


def test_one_wrong_answer_ruins_nothing() -> None:
    planted, differences, targets = planted_comparisons(6, 80, 2)
    clearest = int(np.argmax(np.abs(differences @ planted)))
    wrong = targets.copy()
    wrong[clearest] = 1 - wrong[clearest]
    before = np.corrcoef(model_of(6, differences, targets).posterior.weights, planted)[0, 1]
    after = np.corrcoef(model_of(6, differences, wrong).posterior.weights, planted)[0, 1]
    assert before > 0.97
    assert after > before - 0.05
    without_floor = BayesianRewardModel(WeightPrior.independent(6, VARIANCE), 1e-6)
    without_floor.fit(differences, wrong)
    assert np.corrcoef(without_floor.posterior.weights, planted)[0, 1] < after


@pytest.mark.parametrize(("share", "least", "most", "gain"), [(0.0, 0.0, FLOOR, -0.002), (0.3, 2 * FLOOR, 0.3, 0.003)])
def test_how_often_a_teacher_slips_is_learnt(share: float, least: float, most: float, gain: float) -> None:
    """A slip is an answer at random, so half of them are right by chance; many that are not look like close calls."""
    found, closer = [], []
    for seed in range(8):
        planted, differences, targets = planted_comparisons(6, 120, seed)
        wrong = np.random.default_rng(100 + seed).random(len(targets)) < share / 2
        slipped = np.where(wrong, 1.0 - targets, targets)
        learnt, fixed = learner_of_slips(6), model_of(6, differences, slipped)
        learnt.fit(differences, slipped)
        found.append(learnt.floor)
        closer.append(
            np.corrcoef(learnt.posterior.weights, planted)[0, 1] - np.corrcoef(fixed.posterior.weights, planted)[0, 1]
        )
    assert least < np.mean(found) < most
    assert np.mean(closer) > gain


def test_what_was_learnt_of_slips_depends_on_the_answers_in_force_alone() -> None:
    _, differences, targets = planted_comparisons(4, 40, 1)
    model, other = learner_of_slips(4), learner_of_slips(4)
    model.fit(differences, 1.0 - targets)
    model.fit(differences, targets)
    other.fit(differences, targets)
    assert model.floor == other.floor < FLOOR
    model.fit(differences[:0], targets[:0])
    assert model.floor == FLOOR, "no answers: what was held before"
    model.fit(differences, np.full(len(targets), 0.5))
    assert model.floor == FLOOR, "a tie is no slip"


def learner_of_slips(size: int) -> BayesianRewardModel:
    return BayesianRewardModel(WeightPrior.independent(size, VARIANCE), FLOOR, 20.0)


def test_information_is_where_the_model_is_uncertain_and_falls_after_asking() -> None:
    known, unknown = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    model = model_of(2, np.repeat(known, 10, axis=0), np.ones(10))
    assert model.information(unknown)[0] > 3 * model.information(known)[0] > 0
    before = model.information(unknown)[0]
    model.fit(np.vstack([np.repeat(known, 10, axis=0), np.repeat(unknown, 3, axis=0)]), np.ones(13))
    assert model.information(unknown)[0] < 0.7 * before


def test_information_is_never_more_than_a_bit_nor_less_than_nothing() -> None:
    _, differences, targets = planted_comparisons(4, 30, 8)
    model = model_of(4, differences, targets)
    information = model.information(np.vstack([differences * scale for scale in (0.0, 1e-3, 1.0, 1e3)]))
    assert (information > -1e-9).all() and (information < np.log(2)).all()
    assert information.max() > 0.05


def test_two_sides_swapped_say_the_same() -> None:
    _, differences, targets = planted_comparisons(4, 30, 4)
    model = model_of(4, differences, targets)
    np.testing.assert_allclose(model.probability(differences) + model.probability(-differences), 1.0, atol=1e-12)
    swapped = model_of(4, -differences, 1 - targets)
    np.testing.assert_allclose(model.posterior.weights, swapped.posterior.weights, atol=1e-9)


def test_fit_is_a_function_of_the_comparisons_alone() -> None:
    _, differences, targets = planted_comparisons(8, 50, 1)
    order = np.random.default_rng(0).permutation(50)
    once, shuffled = model_of(8, differences, targets), model_of(8, differences[order], targets[order])
    np.testing.assert_allclose(once.posterior.weights, shuffled.posterior.weights, atol=1e-6)
    np.testing.assert_allclose(once.posterior.covariance, shuffled.posterior.covariance, atol=1e-6)
    used = model_of(8, -2 * differences[:20], targets[:20])
    used.fit(differences, targets)
    assert used.posterior.weights.tobytes() == once.posterior.weights.tobytes()
    assert used.posterior.covariance.tobytes() == once.posterior.covariance.tobytes()


def test_without_comparisons_it_is_the_prior() -> None:
    _, differences, targets = planted_comparisons(3, 9, 0)
    model = model_of(3, differences, targets)
    model.fit(np.empty((0, 3)), np.empty(0))
    np.testing.assert_array_equal(model.posterior.weights, np.zeros(3))
    np.testing.assert_allclose(model.posterior.covariance, VARIANCE * np.eye(3), rtol=1e-12)
    np.testing.assert_allclose(model.probability(differences), 0.5, atol=1e-12)


@pytest.mark.parametrize(
    ("scales", "targets"),
    [
        ([1.5], [1.0]),
        ([1.5], [0.5]),
        ([1.0, 2.0, -0.5], [1.0, 1.0, 0.0]),
        ([1.0, 1.0, 1.0, 2.0], [1.0, 1.0, 0.0, 0.5]),
    ],
    ids=["won", "tie", "agreeing", "mixed"],
)
def test_posterior_agrees_with_integration_in_one_dimension(scales: list[float], targets: list[float]) -> None:
    grid = np.linspace(-14, 14, 20001)
    log = -(grid**2) / (2 * VARIANCE)
    for scale, target in zip(scales, targets, strict=True):
        log = log + log_likelihood(scale * grid, target)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = float(weight @ grid)
    std = float(np.sqrt(weight @ (grid - mean) ** 2))
    model = model_of(1, np.array(scales)[:, None], np.array(targets))
    tolerance = 1e-3 if len(scales) == 1 else 0.06  # one site is matched exactly
    assert model.mean(np.ones((1, 1)))[0] == pytest.approx(mean, abs=tolerance * std)
    assert model.std(np.ones((1, 1)))[0] == pytest.approx(std, rel=tolerance)


def test_posterior_agrees_with_integration_in_two_dimensions() -> None:
    rng = np.random.default_rng(3)
    differences = rng.normal(size=(7, 2))
    targets = np.array([1.0, 1.0, 0.0, 0.5, 1.0, 0.0, 0.0])
    axis = np.linspace(-11, 11, 401)
    grid: NDArray[np.float64] = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    log = -(grid**2).sum(axis=1) / (2 * VARIANCE)
    for difference, target in zip(differences, targets, strict=True):
        log = log + log_likelihood(grid @ difference, float(target))
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = weight @ grid
    covariance = (grid - mean).T @ ((grid - mean) * weight[:, None])
    posterior = model_of(2, differences, targets).posterior
    stds = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(posterior.weights / stds, mean / stds, atol=0.06)
    np.testing.assert_allclose(np.sqrt(np.diag(posterior.covariance)), stds, rtol=0.06)
    correlation = covariance[0, 1] / stds.prod()
    assert posterior.covariance[0, 1] / np.sqrt(np.prod(np.diag(posterior.covariance))) == pytest.approx(
        correlation, abs=0.06
    )


def test_draws_are_of_the_posterior() -> None:
    _, differences, targets = planted_comparisons(6, 15, 2)
    model = model_of(6, differences, targets)
    rng = np.random.default_rng(0)
    draws = np.array([model.draw(rng.standard_normal(6)) for _ in range(40_000)])
    np.testing.assert_allclose(draws.mean(axis=0), model.posterior.weights, atol=0.05)
    np.testing.assert_allclose(np.cov(draws.T), model.posterior.covariance, atol=0.08)


def test_a_draw_follows_the_answers() -> None:
    _, differences, targets = planted_comparisons(6, 40, 3)
    normals = np.random.default_rng(1).standard_normal(6)
    before, after = (model_of(6, differences[:n], targets[:n]) for n in (39, 40))
    step = np.linalg.norm(after.draw(normals) - before.draw(normals))
    assert 0 < step < 0.3 * np.linalg.norm(before.draw(normals) - before.posterior.weights)


def test_what_open_questions_will_tell_is_not_asked_again() -> None:
    """In the mean over both answers the variance becomes what it was expected to."""
    _, differences, targets = planted_comparisons(5, 12, 3)
    model = model_of(5, differences, targets)
    rng = np.random.default_rng(0)
    asked, others = rng.normal(size=(1, 5)), rng.normal(size=(6, 5))
    expected = model.expecting(asked)
    chance = float(model.probability(asked)[0])
    after = 0.0
    for target, share in ((1.0, chance), (0.0, 1.0 - chance)):
        answered = model_of(5, np.vstack([differences, asked]), np.append(targets, target))
        after += share * float(answered.std(asked)[0]) ** 2
    assert float(expected.std(asked)[0]) ** 2 == pytest.approx(after, rel=0.1)
    assert expected.information(asked)[0] < 0.95 * model.information(asked)[0]
    assert (expected.information(others) <= model.information(others) + 1e-9).all()
    np.testing.assert_array_equal(expected.mean(others), model.mean(others))
    np.testing.assert_array_equal(model.std(others), model_of(5, differences, targets).std(others))
    assert (np.linalg.eigvalsh(model.expecting(np.repeat(asked, 20, axis=0)).posterior.covariance) > 0.0).all()


def test_what_an_answer_tells_of_some_rewards_is_what_makes_them_surer() -> None:
    _, differences, targets = planted_comparisons(5, 12, 3)
    model = model_of(5, differences, targets)
    rng = np.random.default_rng(1)
    asked, probes = rng.normal(size=(4, 5)), rng.normal(size=(7, 5))
    surer = [np.log(model.std(probes) / model.expecting(question[None]).std(probes)).sum() for question in asked]
    np.testing.assert_allclose(model.information_about(asked, probes), surer, rtol=1e-6)
    assert model.information_about(asked, np.zeros((0, 5))).tolist() == [0.0] * 4


def test_no_open_question_changes_nothing() -> None:
    _, differences, targets = planted_comparisons(4, 12, 3)
    model = model_of(4, differences, targets)
    np.testing.assert_array_equal(model.expecting(differences[:0]).posterior.covariance, model.posterior.covariance)
