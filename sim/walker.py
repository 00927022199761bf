"""The walker: a planar robot with two legs, whatever it is taught."""

import math

import numpy as np

from sim.planar import features_by_contact
from sim.recipe import ObservationTerm, Source, UniformStart
from sim.task import Bools, CameraPose, Floats, Readings, Singles, Task

START_HEIGHT = 1.25
"""Height of the torso's centre above the floor when standing straight, metres."""
START_NOISE = 5e-3
"""Half width of the uniform noise on a normal start, as in Gymnasium's Walker2d."""
FALL_HEIGHT = 0.45
"""A torso lower than this, with a part other than a foot on the floor, is down; metres."""
TOUCH = 5e-3
"""A part nearer to the floor than this touches it, metres."""
CLEARANCE_CAP = 1.0
"""Clearances are reported up to this, metres: higher tells nothing more about contacts."""

HEIGHT, COS, SIN = range(3)
JOINTS = slice(3, 9)
VX, VZ, RATE = range(9, 12)
JOINT_RATES = slice(12, 18)
CLEARANCE = slice(18, 25)
"""Columns of the clearances: torso, then thigh, leg and foot of the right leg and of the left one."""
MOVING = 18
"""Columns before the clearances."""
FEET = [3, 6]
"""Places of the feet among the clearances,"""
BODY = [0, 1, 2, 4, 5]
"""and of the other parts."""

MAX_JOINT_RATE = 30.0

FEATURE_LIMIT = 2.0
"""Scaled observations count no further than this: what is far out is rare, and would decide everything."""


class WalkerTask(Task):
    """The robot's part of every walker task: observation, starts, falls and reward features."""

    model_file = "walker.xml"
    substeps = 4
    episode_steps = 500
    camera = CameraPose(azimuth=90.0, elevation=-8.0, distance=4.2, lookat=(0.0, 0.0, 0.95), follow="torso")
    observation_names = (
        "height", "cos_pitch", "sin_pitch", "thigh", "leg", "foot", "thigh_left", "leg_left", "foot_left",
        "vx", "vz", "pitch_rate",
        "thigh_rate", "leg_rate", "foot_rate", "thigh_left_rate", "leg_left_rate", "foot_left_rate",
        "torso_clearance", "thigh_clearance", "leg_clearance", "foot_clearance",
        "thigh_left_clearance", "leg_left_clearance", "foot_left_clearance",
    )  # fmt: skip
    observation_centre = np.array(
        [1.1, 0, 0, *(-0.5, -0.6, 0) * 2, 0, 0, 0, *(0,) * 6, 0.5, *(0.4, 0.3, 0.2) * 2], np.float32
    )
    observation_scale = np.array(
        [0.4, 0.7, 0.7, *(0.7, 0.7, 0.5) * 2, 2.0, 2.0, 5.0, *(6.0,) * 6, *(0.4,) * 7], np.float32
    )
    observation_recipe = (
        ObservationTerm(Source.QPOS, 1, "m"),
        ObservationTerm(Source.COS_QPOS, 2, "1"),
        ObservationTerm(Source.SIN_QPOS, 2, "1"),
        *(ObservationTerm(Source.QPOS, joint, "rad") for joint in range(3, 9)),
        ObservationTerm(Source.QVEL, 0, "m/s"),
        ObservationTerm(Source.QVEL, 1, "m/s"),
        ObservationTerm(Source.QVEL, 2, "rad/s"),
        *(ObservationTerm(Source.QVEL, joint, "rad/s", (-MAX_JOINT_RATE, MAX_JOINT_RATE)) for joint in range(3, 9)),
        *(ObservationTerm(Source.SENSORDATA, part, "m", (0.0, CLEARANCE_CAP)) for part in range(7)),
    )
    start_distribution = UniformStart(
        qpos_centre=(0.0, START_HEIGHT, *(0.0,) * 7),
        qpos_noise=(START_NOISE,) * 9,
        qvel_centre=(0.0,) * 9,
        qvel_noise=(START_NOISE,) * 9,
    )

    def observe(self, readings: Readings) -> Singles:
        """See `observation_names`: metres, radians (pitch as cosine and sine), per second."""
        qpos, qvel = readings.qpos, readings.qvel
        obs = np.empty((len(qpos), self.observation_size), np.float32)
        obs[:, HEIGHT] = qpos[:, 1]
        obs[:, COS] = np.cos(qpos[:, 2])
        obs[:, SIN] = np.sin(qpos[:, 2])
        obs[:, JOINTS] = qpos[:, 3:9]
        obs[:, VX : RATE + 1] = qvel[:, :3]
        np.clip(qvel[:, 3:9], -MAX_JOINT_RATE, MAX_JOINT_RATE, out=obs[:, JOINT_RATES], casting="same_kind")
        np.clip(readings.sensordata, 0.0, CLEARANCE_CAP, out=obs[:, CLEARANCE], casting="same_kind")
        return obs

    def normal_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """Standing straight, with a little noise."""
        qpos = rng.uniform(-START_NOISE, START_NOISE, (n, 9))
        qpos[:, 1] += START_HEIGHT
        return qpos, rng.uniform(-START_NOISE, START_NOISE, (n, 9))

    def diverse_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """In the air at any pitch, turning either way, with the legs anyhow."""
        qpos = np.zeros((n, 9))
        qpos[:, 1] = rng.uniform(1.0, 2.4, n)
        qpos[:, 2] = rng.uniform(-math.pi, math.pi, n)
        qvel = np.zeros((n, 9))
        qvel[:, 0] = rng.uniform(-1.5, 1.5, n)
        qvel[:, 1] = rng.uniform(-2.0, 4.0, n)
        qvel[:, 2] = rng.uniform(-10.0, 10.0, n)
        for leg in (3, 6):
            qpos[:, leg : leg + 2] = rng.uniform(-2.2, 0.0, (n, 2))
            qpos[:, leg + 2] = rng.uniform(-0.7, 0.7, n)
        qvel[:, 3:9] = rng.uniform(-2.0, 2.0, (n, 6))
        return qpos, qvel

    def down(self, observations: Singles) -> Bools:
        """The torso is low and a part other than a foot touches the floor."""
        body_touch = (observations[:, CLEARANCE][:, BODY] < TOUCH).any(axis=1)
        return np.asarray((observations[:, HEIGHT] < FALL_HEIGHT) & body_touch)

    def reward_features(self, observations: Singles) -> Singles:
        """The scaled observation, apart for each of three contact states: in the air, on feet alone, otherwise."""
        scaled = (observations[..., :MOVING] - self.observation_centre[:MOVING]) / self.observation_scale[:MOVING]
        return features_by_contact(scaled, FEATURE_LIMIT, contact_states(observations))


def contact_states(observations: Singles) -> tuple[Bools, Bools, Bools]:
    """(..., nobs) -> three (...) masks of which exactly one is true: airborne, on feet alone, on another part."""
    touch = observations[..., CLEARANCE] < TOUCH
    on_body = np.asarray(touch[..., BODY].any(axis=-1))
    on_feet = np.asarray(touch[..., FEET].any(axis=-1)) & ~on_body
    return ~(on_body | on_feet), on_feet, on_body
