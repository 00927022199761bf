"""What the hopper's observations, starts, falls and partial credit say, against MuJoCo's own kinematics."""

import hashlib
import math

import mujoco
import numpy as np
import pytest

from sim.errors import UnknownTaskError
from sim.hopper import LAYOUT
from sim.registry import get_task, task_names
from sim.task import Readings


def observe(task, puppet, *frames):
    """Observations of posed frames: (pitch, lowest) or with the leg."""
    return np.concatenate([task.observe(reading) for reading in puppet.readings(frames)])


def test_the_registry_names_the_nearest_task():
    assert get_task(task_names()[0]) is get_task(task_names()[0])
    with pytest.raises(UnknownTaskError, match="did you mean 'hopper-backflip'"):
        get_task("hopper-backflop")


def test_the_hash_is_of_the_model_that_is_simulated(task):
    assert task.model_hash == hashlib.sha256(task.model_xml.encode()).hexdigest()
    assert task.control_dt == pytest.approx(0.016)
    assert (task.observation_size, task.action_size) == (16, 3)
    assert len(task.observation_centre) == len(task.observation_scale) == task.observation_size


def test_observations_name_what_they_measure(task):
    qpos = np.array([[9.0, 1.3, 0.7, -0.1, -0.2, 0.3]])
    qvel = np.array([[1.0, 2.0, 3.0, 4.0, 50.0, -60.0]])
    row = task.observe(Readings(qpos, qvel, np.array([[0.1, 0.2, 0.3, 2.5]])))[0]
    named = dict(zip(task.observation_names, row.tolist(), strict=True))
    assert named == pytest.approx(
        {
            "height": 1.3, "cos_pitch": math.cos(0.7), "sin_pitch": math.sin(0.7),
            "thigh": -0.1, "leg": -0.2, "foot": 0.3,
            "vx": 1.0, "vz": 2.0, "pitch_rate": 3.0, "thigh_rate": 4.0, "leg_rate": 30.0, "foot_rate": -30.0,
            "torso_clearance": 0.1, "thigh_clearance": 0.2, "leg_clearance": 0.3, "foot_clearance": 1.0,
        }
    )  # fmt: skip


def test_negative_pitch_is_backward(task):
    """The head goes towards -x, away from the nose."""
    data = mujoco.MjData(task.model)
    data.qpos[1:3] = 1.25, -0.5
    mujoco.mj_forward(task.model, data)
    assert data.geom("head").xpos[0] < data.body("torso").xpos[0] < data.geom("nose").xpos[0]


def test_what_only_looks_neither_weighs_nor_touches(task):
    model = task.model
    looks = [number for number in range(model.ngeom) if model.geom_group[number] == 1]
    assert {model.geom(number).name for number in looks} >= {"head", "visor", "nose", "backpack"}
    assert not model.geom_contype[looks].any()
    assert not model.geom_conaffinity[looks].any()
    bodies = [model.body(name).mass[0] for name in ("torso", "thigh", "leg", "foot")]
    assert bodies == pytest.approx([3.6651914, 4.0578905, 2.7813567, 5.3155746], rel=1e-3)


def test_contact_states_exclude_one_another(task, puppet):
    observations = observe(task, puppet, (0.0, 0.3), (0.0, 0.0), (math.pi, 0.0))
    assert np.stack(LAYOUT.contact_states(observations)).T.astype(int).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_down_is_low_and_on_another_part_than_the_foot(task, puppet):
    on_its_head, standing = (math.pi, 0.0), (0.0, 0.0)
    assert task.down(observe(task, puppet, on_its_head, standing)).tolist() == [True, False]
    low_jump = observe(task, puppet, (math.pi / 2, 0.1))
    assert low_jump[0, 0] < 0.45
    assert not task.down(low_jump)[0]


def test_credit_prefers_backward_turns_and_upright_landings(task, puppet):
    def credit(frame, rate=0.0):
        observations = observe(task, puppet, frame)
        observations[:, 8] = rate
        return float(task.credit(observations, np.zeros((1, 3), np.float32))[0])

    air = (-1.0, 0.5)
    assert credit(air, -5.0) > credit(air, 0.0) > credit(air, 5.0)
    assert credit(air, -50.0) == credit(air, -60.0)
    assert credit((0.0, 0.0)) > credit((0.5, 0.0)) > credit((math.pi, 0.0))


def test_reward_features_are_bounded_and_stack(task, puppet):
    observations = observe(task, puppet, (0.0, 0.3), (0.0, 0.0), (math.pi, 0.0))
    features = task.reward_features(observations)
    assert np.abs(features).max() <= 2.0
    assert np.array_equal(task.reward_features(observations[None, None])[0, 0], features)
    thirds = features.reshape(3, 3, -1)  # (frame, contact state, feature): each frame fills its own state's part alone
    assert (np.abs(thirds).sum(axis=2) > 0).tolist() == np.eye(3, dtype=bool).tolist()


def test_starts_are_drawn_from_the_generator_handed_in(task):
    for start in (task.normal_start, task.diverse_start):
        one, two = start(np.random.default_rng(4), 5), start(np.random.default_rng(4), 5)
        assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
        assert one[0].shape == one[1].shape == (5, 6)
        assert len(np.unique(one[0][:, 1])) == 5
