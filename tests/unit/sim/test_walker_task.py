"""The walker: what it observes, when it is down, what counts as walking, against MuJoCo's own kinematics."""

import math

import numpy as np
import pytest

from sim.batch import BatchSim
from sim.registry import get_task
from sim.task import Readings, Task
from sim.walker import LAYOUT
from sim.walker_walk import STRIDE
from tests.unit.sim.poses import count, posed


@pytest.fixture(scope="module")
def walk() -> Task:
    return get_task("walker-walk")


def walked(task: Task, xs: list[float], pitches: list[float] | None = None) -> list[Readings]:
    return [posed(task, x, pitch) for x, pitch in zip(xs, pitches or [0.0] * len(xs), strict=True)]


def test_it_weighs_what_the_public_one_weighs(walk: Task) -> None:
    parts = ("torso", "thigh", "leg", "foot", "thigh_left", "leg_left", "foot_left")
    assert [walk.model.body(part).mass[0] for part in parts] == pytest.approx(
        [3.6651914, 4.0578905, 2.7813567, 3.1667254, 4.0578905, 2.7813567, 3.1667254], rel=1e-3
    )
    looks = [number for number in range(walk.model.ngeom) if walk.model.geom_group[number] == 1]
    assert looks and not walk.model.geom_contype[looks].any() and not walk.model.geom_conaffinity[looks].any()


def test_observations_are_what_the_recipe_says(walk: Task) -> None:
    assert len(walk.observation_names) == len(walk.observation_recipe) == len(walk.observation_centre)
    assert len(walk.observation_scale) == walk.observation_size == 25


def test_contact_states_exclude_one_another(walk: Task) -> None:
    one_foot = posed(walk, joints=(0.0, 0.0, 0.0, -0.5, -0.5, 0.0))
    frames = [posed(walk), one_foot, posed(walk, lowest=0.3), posed(walk, pitch=math.pi)]
    observations = np.concatenate([walk.observe(frame) for frame in frames])
    assert np.stack(LAYOUT.contact_states(observations)).T.astype(int).tolist() == [
        [0, 1, 0],
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 1],
    ]
    assert observations[1, LAYOUT.clearance].min() < 0.005 < observations[1, 24]
    assert walk.down(observations).tolist() == [False, False, False, True]


def test_features_are_bounded_and_each_state_has_its_own(walk: Task) -> None:
    frames = [posed(walk, lowest=0.3), posed(walk), posed(walk, pitch=math.pi)]
    features = walk.reward_features(np.concatenate([walk.observe(frame) for frame in frames]))
    assert np.abs(features).max() <= 2.0
    thirds = np.abs(features).reshape(3, 3, -1).sum(axis=2)
    assert (thirds > 0).tolist() == np.eye(3, dtype=bool).tolist()


def test_every_half_metre_counts(walk: Task) -> None:
    assert count(walk, walked(walk, [0.0, 0.3, 0.6, 0.9, 1.1, 2.7])) == [0, 0, 1, 0, 1, 3]


def test_going_back_and_forth_is_not_going_forward(walk: Task) -> None:
    assert sum(count(walk, walked(walk, [0.0, 0.4, 0.0, 0.4, 0.0, 0.4]))) == 0
    assert sum(count(walk, walked(walk, [0.0, -1.0, -2.0]))) == 0


@pytest.mark.parametrize("lapse", ["lean", "crawl", "body"])
def test_a_lapse_begins_the_measure_anew(walk: Task, lapse: str) -> None:
    frames = walked(walk, [0.0, 0.4, 0.45, 0.6, 0.9])
    good = frames[2]
    if lapse == "lean":
        frames[2] = posed(walk, 0.45, pitch=0.7)
    elif lapse == "crawl":
        low = good.qpos.copy()
        low[0, 1] = 0.7
        frames[2] = Readings(low, good.qvel, good.sensordata)
    else:
        touch = good.sensordata.copy()
        touch[0, 2] = 0.0
        frames[2] = Readings(good.qpos, good.qvel, touch)
    assert sum(count(walk, frames)) == 0, "0.4 m before and 0.3 m after make no half metre"
    assert sum(count(walk, [*frames, posed(walk, 0.6 + STRIDE)])) == 1


def test_a_reset_forgets_how_far_it_was(walk: Task) -> None:
    scorer = walk.scorer(2)
    totals = np.zeros(2, int)
    for number, frame in enumerate(walked(walk, [0.0, 0.4, 0.6])):
        two = Readings(*(np.repeat(array, 2, axis=0) for array in (frame.qpos, frame.qvel, frame.sensordata)))
        if number == 2:
            scorer.reset(np.array([False, True]))
        totals += scorer.update(two)
    assert totals.tolist() == [1, 0]


def test_the_teacher_likes_speed_forward_and_upright(walk: Task) -> None:
    def credit(frame: Readings, speed: float = 0.0) -> float:
        observations = walk.observe(frame)
        observations[:, 9] = speed
        return float(walk.credit(observations, np.zeros((1, 6), np.float32))[0])

    upright = posed(walk)
    assert credit(upright, 1.5) > credit(upright) > credit(upright, -1.5)
    assert credit(upright, 9.0) == credit(upright, 2.0)
    assert credit(upright) > credit(posed(walk, pitch=0.5)) > credit(posed(walk, pitch=math.pi))


def test_its_starts_run(walk: Task) -> None:
    rng = np.random.default_rng(0)
    sim = BatchSim(walk, 64, nthread=1)
    sim.reset(np.ones(64, bool), *walk.mixed_start(rng, 64, 0.5))
    for _ in range(50):
        result = sim.step(rng.uniform(-1, 1, (64, 6)).astype(np.float32))
        assert np.isfinite(result.observations).all() and not result.exploded.any()
        sim.reset(result.done, *walk.normal_start(rng, int(result.done.sum())))
