"""The hopper: a planar robot with one leg, whatever it is taught."""

import math

import numpy as np

from sim.planar import features_by_contact
from sim.recipe import ObservationTerm, Source, UniformStart
from sim.task import Bools, CameraPose, Floats, Readings, Singles, Task

START_HEIGHT = 1.25
"""Height of the torso's centre above the floor when standing straight, metres."""
START_NOISE = 5e-3
"""Half width of the uniform noise on a normal start, as in Gymnasium's Hopper."""
FALL_HEIGHT = 0.45
"""A torso lower than this, with a part other than the foot on the floor, is down; metres."""
TOUCH = 5e-3
"""A part nearer to the floor than this touches it, metres."""
CLEARANCE_CAP = 1.0
"""Clearances are reported up to this, metres: higher tells nothing more about contacts."""

HEIGHT, COS, SIN, THIGH, LEG, FOOT, VX, VZ, RATE, THIGH_RATE, LEG_RATE, FOOT_RATE = range(12)
CLEARANCE = slice(12, 16)
"""Columns of the clearances: torso, thigh, leg, foot."""
FOOT_CLEARANCE = 15

MAX_JOINT_RATE = 30.0

FEATURE_LIMIT = 2.0
"""Scaled observations count no further than this: what is far out is rare, and would decide everything."""


class HopperTask(Task):
    """The robot's part of every hopper task: observation, starts, falls and reward features."""

    model_file = "hopper.xml"
    substeps = 4
    episode_steps = 500
    camera = CameraPose(azimuth=90.0, elevation=-8.0, distance=4.2, lookat=(0.0, 0.0, 0.95), follow="torso")
    observation_names = (
        "height", "cos_pitch", "sin_pitch", "thigh", "leg", "foot",
        "vx", "vz", "pitch_rate", "thigh_rate", "leg_rate", "foot_rate",
        "torso_clearance", "thigh_clearance", "leg_clearance", "foot_clearance",
    )  # fmt: skip
    observation_centre = np.array([1.1, 0, 0, -0.8, -0.8, 0, 0, 0, 0, 0, 0, 0, 0.5, 0.4, 0.3, 0.2], np.float32)
    observation_scale = np.array(
        [0.4, 0.7, 0.7, 0.7, 0.7, 0.5, 2.0, 2.0, 5.0, 6.0, 6.0, 6.0, 0.4, 0.4, 0.4, 0.4], np.float32
    )
    observation_recipe = (
        ObservationTerm(Source.QPOS, 1, "m"),
        ObservationTerm(Source.COS_QPOS, 2, "1"),
        ObservationTerm(Source.SIN_QPOS, 2, "1"),
        *(ObservationTerm(Source.QPOS, joint, "rad") for joint in (3, 4, 5)),
        ObservationTerm(Source.QVEL, 0, "m/s"),
        ObservationTerm(Source.QVEL, 1, "m/s"),
        ObservationTerm(Source.QVEL, 2, "rad/s"),
        *(ObservationTerm(Source.QVEL, joint, "rad/s", (-MAX_JOINT_RATE, MAX_JOINT_RATE)) for joint in (3, 4, 5)),
        *(ObservationTerm(Source.SENSORDATA, part, "m", (0.0, CLEARANCE_CAP)) for part in range(4)),
    )
    start_distribution = UniformStart(
        qpos_centre=(0.0, START_HEIGHT, 0.0, 0.0, 0.0, 0.0),
        qpos_noise=(START_NOISE,) * 6,
        qvel_centre=(0.0,) * 6,
        qvel_noise=(START_NOISE,) * 6,
    )

    def observe(self, readings: Readings) -> Singles:
        """See `observation_names`: metres, radians (pitch as cosine and sine), per second."""
        qpos, qvel = readings.qpos, readings.qvel
        obs = np.empty((len(qpos), self.observation_size), np.float32)
        obs[:, HEIGHT] = qpos[:, 1]
        obs[:, COS] = np.cos(qpos[:, 2])
        obs[:, SIN] = np.sin(qpos[:, 2])
        obs[:, THIGH : FOOT + 1] = qpos[:, 3:6]
        obs[:, VX:][:, :3] = qvel[:, :3]
        np.clip(
            qvel[:, 3:6], -MAX_JOINT_RATE, MAX_JOINT_RATE, out=obs[:, THIGH_RATE : FOOT_RATE + 1], casting="same_kind"
        )
        np.clip(readings.sensordata, 0.0, CLEARANCE_CAP, out=obs[:, CLEARANCE], casting="same_kind")
        return obs

    def normal_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """Standing straight, with a little noise."""
        qpos = rng.uniform(-START_NOISE, START_NOISE, (n, 6))
        qpos[:, 1] += START_HEIGHT
        return qpos, rng.uniform(-START_NOISE, START_NOISE, (n, 6))

    def diverse_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """In the air at any pitch, turning either way, with the leg anyhow."""
        qpos = np.zeros((n, 6))
        qpos[:, 1] = rng.uniform(1.0, 2.4, n)
        qpos[:, 2] = rng.uniform(-math.pi, math.pi, n)
        qpos[:, 3:5] = rng.uniform(-2.2, 0.0, (n, 2))
        qpos[:, 5] = rng.uniform(-0.7, 0.7, n)
        qvel = np.zeros((n, 6))
        qvel[:, 0] = rng.uniform(-1.5, 1.5, n)
        qvel[:, 1] = rng.uniform(-2.0, 4.0, n)
        qvel[:, 2] = rng.uniform(-10.0, 10.0, n)
        qvel[:, 3:6] = rng.uniform(-2.0, 2.0, (n, 3))
        return qpos, qvel

    def down(self, observations: Singles) -> Bools:
        """The torso is low and a part other than the foot touches the floor."""
        body_touch = (observations[:, 12:15] < TOUCH).any(axis=1)
        return np.asarray((observations[:, HEIGHT] < FALL_HEIGHT) & body_touch)

    def reward_features(self, observations: Singles) -> Singles:
        """The scaled observation, apart for each of three contact states: in the air, on the foot alone, otherwise."""
        scaled = (observations[..., :12] - self.observation_centre[:12]) / self.observation_scale[:12]
        return features_by_contact(scaled, FEATURE_LIMIT, contact_states(observations))


def contact_states(observations: Singles) -> tuple[Bools, Bools, Bools]:
    """(..., nobs) -> three (...) masks of which exactly one is true: airborne, on the foot alone, on another part."""
    touch = observations[..., CLEARANCE] < TOUCH
    on_body = np.asarray(touch[..., :3].any(axis=-1))
    on_foot = touch[..., 3] & ~on_body
    return ~(on_body | on_foot), on_foot, on_body
