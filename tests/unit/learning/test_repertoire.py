"""The policies kept, who beat whom, and their trials."""

import numpy as np
import pytest

from learning.repertoire import Entry, Repertoire
from learning.trial import Trial, run_trial
from sim.policy import PolicyWeights
from sim.task import Task

FALLEN = np.array([0.0, -1.0])


def entry(version: int, mean: tuple[float, float], falls: int = 0) -> Entry:
    weights = PolicyWeights(
        np.zeros(1, np.float32), np.ones(1, np.float32), 5.0,
        (np.zeros((1, 1), np.float32),), (np.zeros(1, np.float32),),
    )  # fmt: skip
    return Entry(version, 0, {}, weights, Trial(100 * np.array(mean), 100, falls, 0.0, 0.0))


def filled(capacity: int, count: int) -> Repertoire:
    repertoire = Repertoire(capacity, 50)
    for version in range(count):
        repertoire.add(entry(version, (1.0, 0.0)))
    return repertoire


def test_who_had_to_go_is_found_and_recalled_in_its_place() -> None:
    repertoire = filled(2, 3)
    assert repertoire.overfull
    first = repertoire.entries[0]
    repertoire.retire(first)
    assert not repertoire.overfull
    assert [kept.version for kept in repertoire.entries] == [1, 2]
    assert repertoire.find(0) is first and [each.version for each in repertoire.all()] == [0, 1, 2]
    assert repertoire.recall(0) is first and repertoire.entries[0] is first and not repertoire.retired
    assert repertoire.recall(7) is None


def test_who_lost_last_is_beaten_even_in_a_circle() -> None:
    repertoire = filled(4, 4)
    circle = [(0, 1), (1, 2), (2, 0)]
    beaten = [sorted(repertoire.beaten_by(circle[:count])) for count in range(4)]
    assert beaten == [[], [1], [2], [0]]
    assert repertoire.beaten_by(circle)[0].version == 2
    assert [kept.version for kept in repertoire.unbeaten(circle)] == [1, 2, 3]
    # one that is kept no more beats nobody
    assert repertoire.unbeaten([(7, 1)]) == repertoire.entries


def test_falls_are_paid_for() -> None:
    steady, falling = entry(0, (1.0, 0.0)), entry(1, (1.0, 0.0), falls=4)
    repertoire = Repertoire(5, fall_hold=25)
    np.testing.assert_allclose(repertoire.mean_features(steady, FALLEN), [1.0, 0.0])
    # 100 frames that were seen, and 4 times 25 on the floor
    np.testing.assert_allclose(repertoire.mean_features(falling, FALLEN), [0.5, -0.5])


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
