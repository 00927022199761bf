"""The policies kept, and which of them is shown."""

import numpy as np
import pytest

from learning.repertoire import Entry, Repertoire
from learning.reward_model import BayesianRewardModel, Posterior
from learning.reward_prior import WeightPrior
from learning.trial import Trial, run_trial
from sim.policy import PolicyWeights
from sim.task import Floats, Task

FALLEN = np.array([0.0, -1.0])


def entry(version: int, mean: tuple[float, float], falls: int = 0) -> Entry:
    weights = PolicyWeights(
        np.zeros(1, np.float32), np.ones(1, np.float32), 5.0,
        (np.zeros((1, 1), np.float32),), (np.zeros(1, np.float32),),
    )  # fmt: skip
    return Entry(version, 0, {}, weights, Trial(100 * np.array(mean), 100, falls, 0.0, 0.0))


def model_of(weights: tuple[float, float], covariance: Floats | None = None) -> BayesianRewardModel:
    model = BayesianRewardModel(WeightPrior.independent(2, 4.0), 0.05)
    model.posterior = Posterior(np.array(weights), np.eye(2) if covariance is None else covariance)
    return model


def filled(capacity: int, model: BayesianRewardModel, *means: tuple[float, float]) -> Repertoire:
    repertoire = Repertoire(capacity, 50)
    for version, mean in enumerate(means):
        repertoire.add(entry(version, mean), model, FALLEN)
    return repertoire


def test_the_best_follows_the_reward_model() -> None:
    first, second = model_of((1.0, 0.0)), model_of((0.0, 1.0))
    repertoire = filled(5, first, (0.0, 2.0), (3.0, 1.0), (1.0, 0.0))
    assert repertoire.best(first, FALLEN).version == 1
    assert repertoire.best(second, FALLEN).version == 0
    np.testing.assert_allclose(repertoire.worths(first, FALLEN), [0.0, 3.0, 1.0])


def test_of_equals_the_oldest_is_shown() -> None:
    model = model_of((1.0, 0.0))
    assert filled(5, model, (1.0, 0.0), (1.0, 5.0)).best(model, FALLEN).version == 0


def test_of_those_within_the_margin_the_oldest_is_shown() -> None:
    model = model_of((1.0, 0.0))
    repertoire = filled(5, model, (1.0, 0.0), (1.95, 0.0), (1.5, 0.0), (2.0, 0.0), (1.99, 0.0))
    assert [repertoire.best(model, FALLEN, margin).version for margin in (0.0, 0.02, 0.1, 2.0)] == [3, 3, 1, 0]


def test_the_worst_goes_but_the_newest_stays() -> None:
    model = model_of((1.0, 0.0))
    repertoire = filled(3, model, (5.0, 0.0), (1.0, 0.0), (3.0, 0.0), (0.0, 0.0))
    assert [kept.version for kept in repertoire.entries] == [0, 2, 3]
    repertoire.add(entry(4, (4.0, 0.0)), model, FALLEN)
    assert [kept.version for kept in repertoire.entries] == [0, 2, 4]


def test_the_best_survives_any_number_of_newer_ones() -> None:
    model = model_of((1.0, 0.0))
    rng = np.random.default_rng(0)
    repertoire = filled(3, model, (9.0, 0.0), *((float(worth), 0.0) for worth in rng.uniform(0, 5, 30)))
    assert len(repertoire.entries) == 3
    assert repertoire.best(model, FALLEN).version == 0


def test_the_shown_one_stays_however_bad() -> None:
    model = model_of((1.0, 0.0))
    repertoire = filled(2, model, (1.0, 0.0), (3.0, 0.0))
    shown = repertoire.entries[0]
    repertoire.add(entry(2, (2.0, 0.0)), model, FALLEN, shown)
    assert [kept.version for kept in repertoire.entries] == [0, 2]


def test_who_lost_last_is_beaten_even_in_a_circle() -> None:
    model = model_of((1.0, 0.0))
    repertoire = filled(4, model, (1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (0.0, 0.0))
    circle = [(0, 1), (1, 2), (2, 0)]
    beaten = [sorted(repertoire.beaten_by(circle[:count])) for count in range(4)]
    assert beaten == [[], [1], [2], [0]]
    assert repertoire.beaten_by(circle)[0].version == 2
    assert [kept.version for kept in repertoire.unbeaten(circle)] == [1, 2, 3]
    # one that is kept no more beats nobody
    assert repertoire.unbeaten([(7, 1)]) == repertoire.entries


def test_a_challenger_is_ahead_and_was_not_compared() -> None:
    model = model_of((1.0, 0.0))
    repertoire = filled(5, model, (1.0, 0.0), (3.0, 0.0), (2.0, 0.0), (1.04, 0.0))
    shown = repertoire.entries[0]

    def challenger(known: set[frozenset[int]], outcomes: list[tuple[int, int]]) -> int | None:
        found = repertoire.challenger(shown, model, FALLEN, known, outcomes, 0.05)
        return None if found is None else found.version

    assert challenger(set(), []) == 1
    assert challenger({frozenset((0, 1))}, [(0, 1)]) == 2
    assert challenger({frozenset((0, 1)), frozenset((0, 2))}, [(0, 1), (0, 2)]) is None
    assert challenger(set(), [(2, 1)]) == 2


def test_falls_are_paid_for() -> None:
    steady, falling = entry(0, (1.0, 0.0)), entry(1, (1.0, 0.0), falls=4)
    repertoire = Repertoire(5, fall_hold=25)
    np.testing.assert_allclose(repertoire.mean_features(steady, FALLEN), [1.0, 0.0])
    # 100 frames that were seen, and 4 times 25 on the floor
    np.testing.assert_allclose(repertoire.mean_features(falling, FALLEN), [0.5, -0.5])


def test_a_rival_is_the_one_whose_comparison_tells_most() -> None:
    model = model_of((1.0, 0.0), np.diag([1e-4, 4.0]))
    repertoire = filled(5, model, (3.0, 0.0), (2.9, 0.1), (2.8, 3.0), (0.0, 0.0))
    shown = repertoire.best(model, FALLEN)
    found = repertoire.rival(shown, model, FALLEN, set(), 1.0)
    assert found is not None
    assert (found.shown.version, found.other.version) == (0, 2)
    assert found.information > 0.1
    again = repertoire.rival(shown, model, FALLEN, {frozenset((0, 2))}, 1.0)
    assert again is not None and again.other.version != 2 and again.information < found.information
    assert repertoire.rival(shown, model, FALLEN, {frozenset((0, version)) for version in (1, 2, 3)}, 1.0) is None


def test_one_policy_has_no_rival() -> None:
    model = model_of((1.0, 0.0))
    alone = filled(5, model, (1.0, 0.0))
    assert alone.rival(alone.entries[0], model, FALLEN, set(), 1.0) is None


@pytest.fixture
def toppling(task: Task) -> PolicyWeights:
    size = task.observation_size
    return PolicyWeights(
        task.observation_centre, task.observation_scale, 5.0,
        (np.zeros((task.action_size, size), np.float32),), (np.array([0.0, -1.0, 0.0], np.float32),),
    )  # fmt: skip


def test_a_trial_is_the_same_each_time_and_sees_all_frames(task: Task, toppling: PolicyWeights) -> None:
    first, second = (run_trial(task, toppling, 0, 2) for _ in range(2))
    assert first.feature_sum.tobytes() == second.feature_sum.tobytes()
    assert first.frames == 2 * task.episode_steps
    assert first.falls > 0
    seconds = first.frames * task.control_dt
    assert first.falls_per_10s == pytest.approx(10 * first.falls / seconds)
    # each frame has exactly one contact state, and each contact state a constant
    constants = first.feature_sum.reshape(3, -1)[:, 0]
    assert constants.sum() == first.frames
