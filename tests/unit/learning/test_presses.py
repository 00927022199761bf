"""Presses and silence as evidence: planted rewards and thresholds are found, and what was taken back is forgotten."""

import numpy as np
import pytest

from learning.messages import Press, Reinforcement
from learning.press_book import MEMORY, PressBook
from learning.press_likelihood import Presses, likelihood
from learning.reward_model import BayesianRewardModel
from learning.reward_prior import WeightPrior
from sim.clip import Clip
from sim.registry import get_task
from sim.task import Floats, Task

SIZE = 8
FLOOR = 0.05


def model(press_sharpness: float = 1.0) -> BayesianRewardModel:
    return BayesianRewardModel(WeightPrior.independent(SIZE, 4.0), FLOOR, 20.0, press_sharpness)


def pressed(planted: Floats, count: int, threshold: float, seed: int, leniency: float = 0.0) -> Presses:
    """By an ordered logit with planted weights."""
    rng = np.random.default_rng(seed)
    differences = rng.normal(size=(count, SIZE))
    noisy = differences @ planted + leniency + rng.logistic(size=count)
    return Presses(differences, np.where(noisy > threshold, 1.0, np.where(noisy < -threshold, -1.0, 0.0)))


def nothing_compared() -> tuple[Floats, Floats]:
    return np.empty((0, SIZE)), np.empty(0)


def cosine(model: BayesianRewardModel, planted: Floats) -> float:
    weights = model.posterior.weights
    return float(weights @ planted / np.linalg.norm(weights) / np.linalg.norm(planted))


def test_the_three_chances_sum_to_one() -> None:
    logits = np.linspace(-8.0, 8.0, 33)[None]
    total = sum(likelihood(logits, np.array([sign]), 1.3, 0.1) for sign in (1.0, 0.0, -1.0))
    assert np.allclose(total, 1.0)


def test_a_strong_press_asks_for_more_than_a_weak_one() -> None:
    logits = np.array([[0.0, 1.0, 3.0]])
    weak, strong = (likelihood(logits, np.array([sign]), 1.0, 0.0)[0] for sign in (1.0, 2.0))
    assert (strong < weak).all()
    assert strong[2] / weak[2] > strong[0] / weak[0]


@pytest.mark.parametrize("seed", range(3))
def test_presses_find_planted_weights(seed: int) -> None:
    planted = np.random.default_rng(100 + seed).normal(size=SIZE)
    learnt = model()
    learnt.fit(*nothing_compared(), pressed(planted, 250, 2.0, seed))
    assert cosine(learnt, planted) > 0.93


def test_the_threshold_is_found() -> None:
    planted = np.random.default_rng(3).normal(size=SIZE)
    found = []
    for threshold in (0.5, 3.0):
        learnt = model()
        learnt.fit(*nothing_compared(), pressed(planted, 400, threshold, 4))
        found.append(learnt.threshold)
    assert 0.25 < found[0] < 1.0
    assert 2.0 < found[1] < 4.5


def test_a_lenient_teacher_teaches_the_same() -> None:
    """Who rewards nearly everything adds the same to all he sees."""
    planted = np.random.default_rng(5).normal(size=SIZE)
    learnt = model()
    learnt.fit(*nothing_compared(), pressed(planted, 300, 1.0, 6, leniency=2.5))
    assert cosine(learnt, planted) > 0.9


def test_silence_teaches() -> None:
    """What is let pass is about as usual: without it the same presses say less."""
    scores: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(6):
        planted = np.random.default_rng(20 + seed).normal(size=SIZE)
        everything = pressed(planted, 120, 3.0, seed)
        telling = everything.signs != 0.0
        for with_silence in scores:
            given = everything if with_silence else Presses(everything.differences[telling], everything.signs[telling])
            learnt = model()
            learnt.fit(*nothing_compared(), given)
            scores[with_silence].append(cosine(learnt, planted))
    assert np.mean(scores[True]) > np.mean(scores[False])


def test_presses_and_comparisons_are_one_model() -> None:
    rng = np.random.default_rng(7)
    planted = rng.normal(size=SIZE)
    differences = rng.normal(size=(25, SIZE))
    compared = differences, (differences @ planted + rng.logistic(size=25) > 0).astype(np.float64)
    presses = pressed(planted, 60, 1.5, 8)
    learnt = [model() for _ in range(3)]
    learnt[0].fit(*compared)
    learnt[1].fit(*nothing_compared(), presses)
    learnt[2].fit(*compared, presses)
    alone, watched, both = (cosine(each, planted) for each in learnt)
    assert both > max(alone, watched)
    probes = rng.normal(size=(20, SIZE))
    assert (learnt[2].std(probes) < np.minimum(learnt[0].std(probes), learnt[1].std(probes))).mean() > 0.9


def test_where_presses_and_comparisons_part_the_comparisons_are_believed() -> None:
    """What is pressed for is askew: late, and about a look. What is compared is looked at twice, in slow motion."""
    scores: dict[float, list[float]] = {0.1: [], 1.0: []}
    for seed in range(20, 26):
        rng = np.random.default_rng(seed)
        planted, askew = rng.normal(size=(2, SIZE))
        differences = rng.normal(size=(20, SIZE))
        compared = differences, (differences @ planted > 0).astype(np.float64)
        presses = pressed(1.5 * (planted + 0.7 * askew), 80, 1.5, seed)
        for sharpness, found in scores.items():
            learnt = model(sharpness)
            learnt.fit(*compared, presses)
            found.append(cosine(learnt, planted))
    assert np.mean(scores[0.1]) > np.mean(scores[1.0]) + 0.02


def test_presses_alone_are_as_sharp_as_any() -> None:
    presses = pressed(np.arange(SIZE) - 3.0, 60, 1.5, 8)
    sharp, blunt = model(), model(0.1)
    for learnt in (sharp, blunt):
        learnt.fit(*nothing_compared(), presses)
    assert (sharp.posterior.weights == blunt.posterior.weights).all()


def test_no_presses_change_nothing() -> None:
    rng = np.random.default_rng(9)
    differences, targets = rng.normal(size=(12, SIZE)), np.ones(12)
    with_none, without = model(), model()
    without.fit(differences, targets)
    with_none.fit(differences, targets, Presses(np.empty((0, SIZE)), np.empty(0)))
    assert (with_none.posterior.weights == without.posterior.weights).all()


# What was pressed


@pytest.fixture(scope="module")
def hopper() -> Task:
    return get_task("hopper-backflip")


def event(task: Task, number: int, press: Press | None, height: float, *, strong: bool = False) -> Reinforcement:
    """About two frames at a height; the credit is the second one's."""
    observations = np.tile(task.observation_centre, (2, 1)).astype(np.float32)
    observations[1, 0] = height
    states, actions = np.zeros((2, task.state_size)), np.zeros((2, task.action_size), np.float32)
    clip = Clip(task.name, task.model_hash, task.control_dt, states, observations, actions)
    return Reinforcement(number + 1, number, press, strong, clip, np.array([0.0, 1.0]))


def test_moments_are_held_against_what_is_usual(hopper: Task) -> None:
    book = PressBook(hopper)
    assert book.presses(np.zeros(39)) is None
    for number, (press, height) in enumerate([(Press.REWARD, 1.3), (Press.SILENCE, 1.1), (Press.PUNISH, 0.9)]):
        assert book.take(event(hopper, number, press, height, strong=press is Press.PUNISH))
    first = np.zeros(len(book.judged[0].features))
    presses = book.presses(first)
    assert presses is not None
    assert list(presses.signs) == [1.0, 0.0, -2.0]
    assert (presses.differences[0] == book.judged[0].features - first).all()
    usual = MEMORY * first + (1.0 - MEMORY) * book.judged[0].features
    assert np.allclose(presses.differences[1], book.judged[1].features - usual)
    assert book.count == 2


def test_what_is_taken_back_says_nothing(hopper: Task) -> None:
    book = PressBook(hopper)
    book.take(event(hopper, 0, Press.REWARD, 1.3))
    book.take(event(hopper, 1, Press.PUNISH, 0.9))
    assert not book.take(Reinforcement(3, 0, None, supersedes=1))
    presses = book.presses(np.zeros(len(book.judged[0].features)))
    assert presses is not None
    assert list(presses.signs) == [-1.0]
    assert book.count == 1


def test_the_order_of_watching_counts_and_not_the_order_of_arrival(hopper: Task) -> None:
    books = PressBook(hopper), PressBook(hopper)
    events = [event(hopper, number, Press.REWARD, 1.0 + 0.1 * number) for number in range(3)]
    for book, order in zip(books, ((0, 1, 2), (2, 0, 1)), strict=True):
        for number in order:
            book.take(events[number])
    found = [book.presses(np.zeros(len(book.judged[0].features))) for book in books]
    assert found[0] is not None
    assert found[1] is not None
    assert (found[0].differences == found[1].differences).all()
