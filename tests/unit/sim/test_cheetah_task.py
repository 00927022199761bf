"""The half cheetah: what it observes, when it is down, what counts as running, on trajectories made by hand."""

import math

import mujoco
import numpy as np
import pytest

from sim.batch import BatchSim
from sim.cheetah import LAYOUT
from sim.cheetah_run import FULL_SPEED, LEVEL_PITCH, LOW, METRE
from sim.planar import COS, HEIGHT, SIN
from sim.registry import get_task
from sim.task import Readings, Singles, Task
from tests.unit.sim.poses import count, posed

TURN = 2.0 * math.pi
TORSO, THIGH, LEG, FOOT, FRONT_THIGH, FRONT_LEG, FRONT_FOOT = range(7)
"""Places among the clearances."""
BODY = [TORSO, THIGH, LEG, FRONT_THIGH, FRONT_LEG]


@pytest.fixture(scope="module")
def run() -> Task:
    return get_task("cheetah-run")


def touching(frame: Readings, *parts: int) -> Readings:
    """The same with these parts on the floor."""
    clearances = frame.sensordata.copy()
    clearances[0, list(parts)] = -0.001
    return Readings(frame.qpos, frame.qvel, clearances)


def gone(task: Task, *xs: float, pitch: float = 0.0, lowest: float = -0.001) -> list[Readings]:
    return [posed(task, x, pitch, lowest) for x in xs]


def rested(task: Task, pitch: float, height: float) -> Singles:
    """(1, nobs) what it observes after having been let go there for four seconds."""
    sim = BatchSim(task, 1, nthread=1)
    qpos = np.zeros((1, task.model.nq))
    qpos[0, 1:3] = height, pitch
    sim.reset(np.ones(1, bool), qpos, np.zeros((1, task.model.nv)))
    for _ in range(250):
        result = sim.step(np.zeros((1, task.action_size), np.float32))
    return result.observations


def test_its_body_and_its_springs_are_the_public_ones(run: Task) -> None:
    parts = ("torso", "thigh", "leg", "foot", "thigh_front", "leg_front", "foot_front")
    assert [run.model.body(part).mass[0] for part in parts] == pytest.approx(
        [6.25020921, 1.54351464, 1.5874477, 1.09539749, 1.43807531, 1.20083682, 0.88451883], rel=1e-6
    )
    assert run.model.jnt_stiffness[3:].tolist() == [240.0, 180.0, 120.0, 180.0, 120.0, 60.0]
    assert run.model.dof_damping[3:].tolist() == [6.0, 4.5, 3.0, 4.5, 3.0, 1.5]
    assert run.model.actuator_gear[:, 0].tolist() == [120.0, 90.0, 60.0, 120.0, 60.0, 30.0]


def test_its_looks_neither_touch_nor_count_as_torso(run: Task) -> None:
    """They are a body of their own, so that the torso's sensor measures what can touch: torso and head."""
    looks = [number for number in range(run.model.ngeom) if run.model.geom_group[number] == 1]
    assert looks and not run.model.geom_contype[looks].any() and not run.model.geom_conaffinity[looks].any()
    assert {run.model.geom(number).name for number in range(run.model.ngeom)} >= {"visor", "nose", "tail"}
    torso = run.model.body("torso").id
    assert [run.model.geom(number).name for number in np.flatnonzero(run.model.geom_bodyid == torso)] == [
        "torso_geom",
        "head_geom",
    ]


def test_the_sensors_are_in_the_order_of_the_observation(run: Task) -> None:
    names = [f"{run.model.sensor(number).name}" for number in range(run.model.nsensor)]
    assert tuple(names) == run.observation_names[LAYOUT.clearance]
    assert [run.model.actuator(number).name for number in range(run.action_size)] == list(
        run.observation_names[LAYOUT.joints]
    )


def test_it_stands_on_its_feet_when_left_alone(run: Task) -> None:
    """Whatever counts as running has to allow standing."""
    observations = rested(run, 0.0, run.start_distribution.qpos_centre[1])
    clearances = observations[0, LAYOUT.clearance]
    assert clearances[[FOOT, FRONT_FOOT]].max() == 0.0 < 0.05 < clearances[BODY].min()
    assert [bool(state[0]) for state in LAYOUT.contact_states(observations)] == [False, True, False]
    assert not run.down(observations)[0]
    assert observations[0, HEIGHT] > LOW and observations[0, COS] > 0.99


@pytest.mark.parametrize("pitch", [math.pi, -math.pi / 2, math.pi / 2, 2.5])
def test_on_its_back_or_its_head_it_is_down(run: Task, pitch: float) -> None:
    """It can rest on its head and a forefoot, with its torso as high as when it stands."""
    observations = rested(run, pitch, 1.0)
    assert run.down(observations)[0]
    assert [bool(state[0]) for state in LAYOUT.contact_states(observations)] == [False, False, True]


def test_a_low_flight_or_a_knee_on_the_floor_is_not_down(run: Task) -> None:
    frames = [posed(run, pitch=1.3, lowest=0.1), touching(posed(run), LEG, FRONT_LEG)]
    assert not run.down(np.concatenate([run.observe(frame) for frame in frames])).any()


def test_lying_is_a_fall_and_running_over_rough_steps_is_none(run: Task) -> None:
    sim = BatchSim(run, 2, nthread=1)
    qpos = np.zeros((2, run.model.nq))
    qpos[0, 1:3], qpos[1, 1] = (0.13, math.pi), run.start_distribution.qpos_centre[1]
    sim.reset(np.ones(2, bool), qpos, np.zeros((2, run.model.nv)))
    fallen = np.zeros(2, bool)
    for _ in range(60):
        fallen |= sim.step(np.zeros((2, 6), np.float32)).fallen
    assert fallen.tolist() == [True, False]


def test_features_are_bounded_and_each_state_has_its_own(run: Task) -> None:
    frames = [posed(run, lowest=0.3), posed(run), posed(run, pitch=math.pi)]
    features = run.reward_features(np.concatenate([run.observe(frame) for frame in frames]))
    assert np.abs(features).max() <= 2.0
    thirds = np.abs(features).reshape(3, 3, -1).sum(axis=2)
    assert (thirds > 0).tolist() == np.eye(3, dtype=bool).tolist()


def test_features_tell_apart_all_speeds_that_earn_more(run: Task) -> None:
    """A teacher's preference for what the reward model cannot see would be noise to it."""
    observations = np.repeat(run.observe(posed(run)), 3, axis=0)
    observations[:, LAYOUT.vx] = [0.8 * FULL_SPEED, 0.9 * FULL_SPEED, FULL_SPEED]
    features = run.reward_features(observations)
    assert len(np.unique(features, axis=0)) == 3


def test_every_metre_counts_on_the_feet_or_in_the_air(run: Task) -> None:
    assert count(run, gone(run, 0.0, 0.6, 1.2, 1.8, 2.1, 5.3)) == [0, 0, 1, 0, 1, 3]
    assert count(run, gone(run, 0.0, 0.6, 1.2, 1.8, 2.1, lowest=0.2)) == [0, 0, 1, 0, 1]


def test_going_back_and_forth_is_not_going_forward(run: Task) -> None:
    assert sum(count(run, gone(run, 0.0, 0.9, 0.0, 0.9, 0.0, 0.9))) == 0
    assert sum(count(run, gone(run, 0.0, -1.5, -3.0))) == 0


@pytest.mark.parametrize("part", BODY)
def test_a_part_other_than_a_foot_on_the_floor_begins_the_measure_anew(run: Task, part: int) -> None:
    frames = gone(run, 0.0, 0.8, 0.9, 1.2, 1.7)
    frames[2] = touching(frames[2], part)
    assert sum(count(run, frames)) == 0, "0.8 m before and 0.5 m after make no metre"
    assert sum(count(run, [*frames, posed(run, 1.2 + METRE)])) == 1


@pytest.mark.parametrize("pitch", [-1.1 * LEVEL_PITCH, 1.1 * LEVEL_PITCH, math.pi])
def test_rearing_up_and_turning_over_begin_the_measure_anew(run: Task, pitch: float) -> None:
    frames = gone(run, 0.0, 0.8, 0.9, 1.2, 1.7)
    frames[2] = posed(run, 0.9, pitch, lowest=0.2)
    assert sum(count(run, frames)) == 0


@pytest.mark.parametrize("pitch", [-0.9 * LEVEL_PITCH, 0.9 * LEVEL_PITCH, TURN, -3 * TURN])
def test_a_gallop_pitches_and_a_turn_over_is_forgotten(run: Task, pitch: float) -> None:
    assert sum(count(run, gone(run, 0.0, 0.8, 1.6, 2.4, pitch=pitch, lowest=0.2))) == 2


def test_sliding_on_its_back_or_its_belly_is_no_running(run: Task) -> None:
    assert sum(count(run, gone(run, *np.linspace(0, 9, 30), pitch=math.pi))) == 0
    belly = [touching(frame, TORSO, FOOT, FRONT_FOOT) for frame in gone(run, *np.linspace(0, 9, 30))]
    assert sum(count(run, belly)) == 0


def test_a_reset_forgets_how_far_it_was(run: Task) -> None:
    scorer = run.scorer(2)
    totals = np.zeros(2, int)
    for number, frame in enumerate(gone(run, 0.0, 0.8, 1.2)):
        two = Readings(*(np.repeat(array, 2, axis=0) for array in (frame.qpos, frame.qvel, frame.sensordata)))
        if number == 2:
            scorer.reset(np.array([False, True]))
        totals += scorer.update(two)
    assert totals.tolist() == [1, 0]


def credit(task: Task, frame: Readings, speed: float = 0.0, **columns: float) -> float:
    """Of a frame at a speed."""
    observations = task.observe(frame)
    observations[:, LAYOUT.vx] = speed
    for name, value in columns.items():
        observations[:, task.observation_names.index(name)] = value
    return float(task.credit(observations, np.zeros((1, 6), np.float32))[0])


def test_the_teacher_likes_speed_forward_up_to_a_limit(run: Task) -> None:
    standing = posed(run)
    assert credit(run, standing, 3.0) > credit(run, standing, 1.0) > credit(run, standing) > credit(run, standing, -1.0)
    assert credit(run, standing, 2 * FULL_SPEED) == credit(run, standing, FULL_SPEED)
    assert credit(run, standing) == pytest.approx(0.0)


def test_the_teacher_dislikes_pitching_sinking_and_other_parts_on_the_floor(run: Task) -> None:
    standing = posed(run)
    assert credit(run, standing) > credit(run, posed(run, pitch=0.5)) > credit(run, posed(run, pitch=1.0, lowest=0.1))
    assert credit(run, posed(run, pitch=-0.5)) == pytest.approx(credit(run, posed(run, pitch=0.5)))
    assert credit(run, standing) > credit(run, standing, height=LOW - 0.1)
    for part in BODY:
        assert credit(run, standing) > credit(run, touching(standing, part)) + 1.0


def test_standing_still_is_liked_more_than_sliding_fast_on_its_back(run: Task) -> None:
    assert credit(run, posed(run)) > credit(run, posed(run, pitch=math.pi), FULL_SPEED)
    assert credit(run, posed(run), 1.0) > credit(run, posed(run, pitch=1.2), 2.0)


def test_it_looks_the_way_it_runs(run: Task) -> None:
    """The teacher is told to go by the visor; a positive pitch is nose down, as for all planar robots."""
    data = mujoco.MjData(run.model)
    data.qpos[1:3] = 1.0, 0.5
    mujoco.mj_forward(run.model, data)
    assert data.geom("visor").xpos[0] > data.geom("head").xpos[0] > data.body("torso").xpos[0]
    assert data.geom("torso_geom").xpos[2] > data.body("thigh_front").xpos[2]
    row = run.observe(Readings(data.qpos[None], data.qvel[None], data.sensordata[None]))[0]
    assert row[SIN] > 0.0


def test_nothing_is_thrown_into_the_floor(run: Task) -> None:
    rng = np.random.default_rng(3)
    sim = BatchSim(run, 512, nthread=1)
    sim.reset(np.ones(512, bool), *run.diverse_start(rng, 512))
    assert sim.readings.sensordata.min() > 0.0
    low, high = run.model.jnt_range[3:].T
    angles = sim.readings.qpos[:, 3:]
    assert (angles >= low).all() and (angles <= high).all()


def test_its_starts_run(run: Task) -> None:
    rng = np.random.default_rng(0)
    sim = BatchSim(run, 64, nthread=1)
    sim.reset(np.ones(64, bool), *run.mixed_start(rng, 64, 0.5))
    for _ in range(50):
        result = sim.step(rng.uniform(-1, 1, (64, 6)).astype(np.float32))
        assert np.isfinite(result.observations).all() and not result.exploded.any()
        sim.reset(result.done, *run.normal_start(rng, int(result.done.sum())))
