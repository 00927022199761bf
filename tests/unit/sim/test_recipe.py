"""The recipe of a task's observations, and its start as data, say what the task itself computes."""

import numpy as np
import pytest

from sim.batch import BatchSim
from sim.recipe import ObservationTerm, Source, UniformStart, observe_with
from sim.registry import get_task, task_names
from sim.task import Readings, Task


@pytest.fixture(params=task_names())
def task(request: pytest.FixtureRequest) -> Task:
    return get_task(request.param)


def test_the_recipe_is_the_observation_to_the_bit(task: Task) -> None:
    rng = np.random.default_rng(8)
    model, n = task.model, 5_000
    spread = rng.choice([0.1, 1.0, 40.0], (n, 1))
    readings = Readings(
        spread * rng.normal(size=(n, model.nq)),
        spread * rng.normal(size=(n, model.nv)),
        spread * rng.normal(size=(n, model.nsensordata)),
    )
    np.testing.assert_array_equal(observe_with(task.observation_recipe, readings), task.observe(readings))


def test_the_recipe_is_the_observation_of_moving_robots(task: Task) -> None:
    rng = np.random.default_rng(9)
    sim = BatchSim(task, 64)
    sim.reset(np.ones(64, bool), *task.diverse_start(rng, 64))
    for _ in range(20):
        result = sim.step(rng.uniform(-1, 1, (64, task.action_size)).astype(np.float32))
        np.testing.assert_array_equal(observe_with(task.observation_recipe, sim.readings), result.observations)


def test_every_number_has_its_term(task: Task) -> None:
    assert len(task.observation_recipe) == task.observation_size
    assert all(term.unit for term in task.observation_recipe)


def test_the_start_as_data_draws_what_the_task_draws(task: Task) -> None:
    ours, theirs = np.random.default_rng(3), np.random.default_rng(3)
    for n in (1, 5):
        for drawn, wanted in zip(task.start_distribution.sample(ours, n), task.normal_start(theirs, n), strict=True):
            np.testing.assert_array_equal(drawn, wanted)


def test_each_source_is_read_where_it_is() -> None:
    readings = Readings(np.array([[0.5, 2.0]]), np.array([[30.0, 40.0]]), np.array([[700.0, -8.0]]))
    recipe = (
        ObservationTerm(Source.QPOS, 1, "m"),
        ObservationTerm(Source.COS_QPOS, 0, "1"),
        ObservationTerm(Source.SIN_QPOS, 0, "1"),
        ObservationTerm(Source.QVEL, 1, "m/s"),
        ObservationTerm(Source.QVEL, 1, "m/s", (-35.0, 35.0)),
        ObservationTerm(Source.SENSORDATA, 1, "m", (0.0, 1.0)),
    )
    expected = np.array([[2.0, np.cos(0.5), np.sin(0.5), 40.0, 35.0, 0.0]], np.float32)
    np.testing.assert_array_equal(observe_with(recipe, readings), expected)


@pytest.mark.parametrize(("index", "clip"), [(-1, None), (0, (1.0, 1.0)), (0, (2.0, 1.0))])
def test_a_term_that_means_nothing_is_refused(index: int, clip: tuple[float, float] | None) -> None:
    with pytest.raises(ValueError, match="observation term"):
        ObservationTerm(Source.QPOS, index, "m", clip)


def test_positions_and_velocities_start_about_their_own_centres() -> None:
    start = UniformStart((1.0, 2.0), (0.0, 0.5), (-3.0,), (0.25,))
    qpos, qvel = start.sample(np.random.default_rng(0), 1000)
    assert (qpos[:, 0] == 1.0).all() and np.abs(qpos[:, 1] - 2.0).max() <= 0.5 and np.ptp(qpos[:, 1]) > 0.9
    assert qvel.shape == (1000, 1) and np.abs(qvel + 3.0).max() <= 0.25
