"""An arm on a table with a hand of two fingers and a thumb, and a ball: what is said of them whatever is taught."""

import math
from types import MappingProxyType

import numpy as np

from sim.recipe import ObservationTerm, Source, UniformStart
from sim.servos import holding_controls
from sim.task import Bools, CameraPose, FeatureLayout, Floats, Readings, Singles, Task

FRONT = CameraPose(azimuth=180.0, elevation=-45.0, distance=0.75, lookat=(0.3, 0.0, 0.1))
"""As a person who sits before the table sees it: what is nearer and what is higher is nearly the same picture."""
SIDE = CameraPose(azimuth=90.0, elevation=-12.0, distance=0.75, lookat=(0.3, 0.0, 0.1))
"""From the right, hardly above the table: this shows how far the hand is from the ball, and whether that is lifted."""

BALL_RADIUS = 0.03
"""Metres, as in the MJCF; so is all that follows."""
SHOULDER_HEIGHT = 0.22
UPPER_ARM = (0.174, 0.165)
"""Forward and up from the shoulder to the elbow, all joints at zero."""
FOREARM = (0.146, -0.165)
"""and from the elbow to the wrist."""
GRIP_DEPTH = 0.118
"""The middle of the hand's grip lies so far below the wrist when the palm looks down."""

TOUCH = 2e-3
"""A part nearer to the ball than this touches it, metres."""
MAX_RATE = 20.0
"""Rates of joints are observed up to this, rad/s,"""
MAX_SPEED = 3.0
"""the ball's speed up to this, m/s,"""
REACH = 1.0
"""and places and distances up to this, metres: a ball farther off is out of reach."""
FEATURE_LIMIT = 2.0
"""Scaled quantities count no further than this: what is far out is rare, and would decide everything."""

ARM, FINGERS = slice(0, 4), slice(4, 7)
"""Columns of an observation: angles of yaw, shoulder, elbow, wrist; of the thumb and both fingers, greater is open;"""
JOINTS = slice(0, 7)
"""all of them;"""
ARM_RATES = slice(7, 11)
"""rates of the arm's joints, and then of the fingers';"""
BALL_IN_HAND = slice(14, 17)
"""the ball as the hand sees it: from its grip, along the hand's own axes;"""
GRIP = slice(17, 20)
"""the grip's place in the world;"""
BALL, BALL_VELOCITY = slice(20, 23), slice(23, 26)
"""the ball's place and velocity in the world;"""
GAPS = slice(26, 29)
"""from thumb and fingers to the ball;"""
CLEARANCE = 29
"""and from the ball to the table."""
CONTEXTS = 2
"""Of the reward: both sides of the hand touch the ball, or not."""

ARM_RANGE = np.array([0.9, 0.8, 1.0])
"""Yaw, shoulder and elbow turn so far either way, radians."""
FINGER_RANGE = (-0.35, 0.75)
WRIST_RANGE = 1.6

THROWN_TILT = 0.5
"""How far the palm may be tilted at a diverse start, radians,"""
THROWN_GRIP = (0.06, 0.35)
"""and how high the grip may be, metres,"""
BALL_GRIP = (0.032, 0.16)
"""or with the ball in it: from where that lies on the table to where it is certainly lifted."""
TABLE_PART = ((0.16, -0.18), (0.46, 0.18))
"""Where the ball may then lie, or be in the air above: least and most of x and y, metres."""
THROWN_BALL = 0.3
"""and how high it may be, metres."""
KEEP_OFF = (0.14, 0.19)
"""A ball elsewhere is farther than this from the hand's axis or below its wrist, metres: nothing starts inside it."""
IN_GRIP = np.array([0.0, 0.0, -GRIP_DEPTH])
"""The middle of the grip as the wrist sees it;"""
IN_HAND_SPREAD = 1e-3
"""a ball that starts in the hand is within this of it along each axis,"""
HELD_BY_THUMB, HELD_BY_FINGERS = (0.04, 0.06), (-0.03, 0.0)
"""with the thumb and the fingers bent so far, radians: they all but touch it."""
OPEN_SHARE = 0.5
"""In so many of these starts the fingers are open instead, anyhow, so that they may close on it or not;"""
LOW_SHARE = 0.5
"""and in so many the ball lies on the table. What is never seen is never asked about, and by chance no hand closes on a
ball, let alone lifts it."""
LOW_TILT, TILT_FROM = 0.15, 0.07
"""There the palm is tilted less, radians, and from this height on as much as elsewhere, metres."""
NEARBY = 0.12
"""A clip in which the grip is mostly farther from the ball than this, metres, shows little to judge."""
IN_HAND_SHARE, IN_AIR_SHARE = 0.4, 0.1
"""Of diverse starts with the ball held in the hand, and elsewhere in the air. In the others it lies on the table."""
TABLE_MIDDLE = np.array([0.32, 0.0], np.float32)
"""Where the ball lies at normal starts, give or take a little: x and y, metres."""


class GripperTask(Task):
    """The robot's part of every task of the arm: observation, starts, falls and reward features."""

    model_file = "gripper.xml"
    substeps = 4
    episode_steps = 75
    can_fall = False
    spare_clips = 4.0
    teaching = MappingProxyType(
        {
            # near, hold, lift: each is learnt on the one before, which takes longer than to find a way to jump
            "schedule": ((15, 2), (40, 4), (100, 9)),
            "generation_iterations": 150,
            "longest_generation": 300,
            "back_to_best": True,
            # what the untaught robot does is no grasp: ask of what is near to one, and of what policies do
            "good_share": 0.75,
            "recent_share": 0.5,
            "astray_share": 0.6,
        }
    )
    camera = CameraPose(azimuth=150.0, elevation=-18.0, distance=0.95, lookat=(0.27, 0.0, 0.14))
    trail_bodies = ("ball", "hand")
    observation_names = (
        "yaw", "shoulder", "elbow", "wrist", "thumb", "left_finger", "right_finger",
        "yaw_rate", "shoulder_rate", "elbow_rate", "wrist_rate", "thumb_rate", "left_finger_rate", "right_finger_rate",
        "ball_ahead_of_grip", "ball_left_of_grip", "ball_above_grip", "grip_x", "grip_y", "grip_z",
        "ball_x", "ball_y", "ball_z", "ball_vx", "ball_vy", "ball_vz",
        "thumb_gap", "left_gap", "right_gap", "ball_clearance",
    )  # fmt: skip
    observation_centre = np.array(
        [*(0.0,) * 4, *(0.2,) * 3, *(0.0,) * 7, 0.0, 0.0, -0.04, 0.32, 0.0, 0.1, 0.32, 0.0, 0.05, *(0.0,) * 3]
        + [0.04] * 3
        + [0.03],
        np.float32,
    )
    observation_scale = np.array(
        [0.3] * 4 + [0.3] * 3 + [2.0] * 4 + [6.0] * 3 + [0.06] * 3 + [0.06, 0.1, 0.06] + [0.06, 0.1, 0.06] + [0.3] * 3
        + [0.04] * 3
        + [0.05],
        np.float32,
    )  # fmt: skip
    observation_recipe = (
        *(ObservationTerm(Source.QPOS, joint, "rad") for joint in range(7)),
        *(ObservationTerm(Source.QVEL, joint, "rad/s", (-MAX_RATE, MAX_RATE)) for joint in range(7)),
        *(ObservationTerm(Source.SENSORDATA, column, "m", (-REACH, REACH)) for column in range(6)),
        *(ObservationTerm(Source.QPOS, column, "m", (-REACH, REACH)) for column in range(7, 10)),
        *(ObservationTerm(Source.QVEL, column, "m/s", (-MAX_SPEED, MAX_SPEED)) for column in range(7, 10)),
        *(ObservationTerm(Source.SENSORDATA, column, "m", (0.0, REACH)) for column in range(6, 10)),
    )
    start_distribution = UniformStart(
        qpos_centre=(*(0.0,) * 4, *(0.2,) * 3, 0.32, 0.0, BALL_RADIUS, 1.0, 0.0, 0.0, 0.0),
        qpos_noise=(*(0.02,) * 4, *(0.05,) * 3, 0.05, 0.08, 0.0, 0.0, 0.0, 0.0, 0.0),
        qvel_centre=(0.0,) * 13,
        qvel_noise=(*(0.01,) * 7, *(0.0,) * 6),
    )

    def observe(self, readings: Readings) -> Singles:
        """See `observation_names`: metres, radians, per second."""
        qpos, qvel, sensors = readings.qpos, readings.qvel, readings.sensordata
        obs = np.empty((len(qpos), self.observation_size), np.float32)
        obs[:, :7] = qpos[:, :7]
        _limit(qvel[:, :7], -MAX_RATE, MAX_RATE, obs[:, 7:14])
        _limit(sensors[:, :6], -REACH, REACH, obs[:, 14:20])
        _limit(qpos[:, 7:10], -REACH, REACH, obs[:, BALL])
        _limit(qvel[:, 7:10], -MAX_SPEED, MAX_SPEED, obs[:, BALL_VELOCITY])
        _limit(sensors[:, 6:], 0.0, REACH, obs[:, 26:])
        return obs

    def normal_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """The hand above the middle of its reach, the ball on the table anywhere near there."""
        return self.start_distribution.sample(rng, n)

    def diverse_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """The arm in any pose above the table, the fingers anyhow, the ball on the table, in the air or in the hand."""
        qpos, qvel = np.zeros((n, 14)), np.zeros((n, 13))
        where = rng.random(n)
        missing = np.arange(n)
        while len(missing):
            drawn = self._thrown(rng, where[missing])
            qpos[missing], fits = drawn, self._fits(drawn)
            missing = missing[~fits]
        qvel[:, :4] = rng.uniform(-1.0, 1.0, (n, 4))
        qvel[:, 4:7] = rng.uniform(-2.0, 2.0, (n, 3))
        flying = qpos[:, 9] > BALL_RADIUS
        qvel[flying, 7:10] = rng.uniform(-0.3, 0.3, (int(flying.sum()), 3))
        return qpos, qvel

    def down(self, observations: Singles) -> Bools:
        """Never: an arm bolted to a table cannot fall, and a ball that rolled off is back after three seconds.

        Ending the episode there would only teach to leave the ball alone.
        """
        return np.zeros(len(observations), bool)

    def dull(self, observations: Singles) -> Bools:
        """Where the hand is nowhere near the ball."""
        offset = observations[:, BALL] - observations[:, GRIP]
        return np.asarray(np.linalg.norm(offset, axis=1) > NEARBY)

    def holding_actions(self, observations: Singles) -> Singles:
        """(n, nobs) -> (n, nu) places that the joints are at, as far as the servos reach."""
        qpos = np.tile(self.model.qpos0, (len(observations), 1))
        qpos[:, JOINTS] = observations[:, JOINTS]
        return np.clip(holding_controls(self.model, qpos), -1.0, 1.0).astype(np.float32)

    def contact_states(self, observations: Singles) -> tuple[Bools, Bools, Bools]:
        """(..., nobs) -> three (...) masks of which one is true: nothing touches the ball, one side, both sides."""
        thumb, finger = _touching(observations)
        return ~(thumb | finger), thumb ^ finger, thumb & finger

    def reward_features(self, observations: Singles) -> Singles:
        """One and the scaled quantities, apart for a ball that both sides of the hand touch and one that they do not.

        How far the ball is from the grip along each of the world's axes and in all, how far, in radii and up to one,
        from being touched from both sides and from one, the heights, how open the fingers and how tilted the palm, how
        fast arm and ball go, and where on the table the ball is. Distances are zero where a hand that holds has them.
        """
        offset = observations[..., BALL] - observations[..., GRIP]
        distance = np.linalg.norm(offset, axis=-1, keepdims=True)
        tilt = observations[..., 1:4].sum(axis=-1, keepdims=True)
        of_thumb, of_fingers = np.split(observations[..., GAPS], [1], axis=-1)
        of_finger = of_fingers.min(axis=-1, keepdims=True)
        base = [
            np.ones_like(distance),
            np.abs(offset) / 0.06,
            distance / 0.1,
            np.minimum(np.maximum(of_thumb, of_finger) / BALL_RADIUS, 1.0),
            np.minimum(np.minimum(of_thumb, of_finger) / BALL_RADIUS, 1.0),
            observations[..., CLEARANCE, None] / 0.06,
            (observations[..., GRIP][..., 2:] - 0.12) / 0.07,
            (observations[..., FINGERS].mean(axis=-1, keepdims=True) - 0.2) / 0.3,
            np.abs(tilt) / 0.4 - 0.5,
            np.abs(observations[..., ARM_RATES]).mean(axis=-1, keepdims=True) / 1.0 - 0.5,
            np.linalg.norm(observations[..., BALL_VELOCITY], axis=-1, keepdims=True) / 0.3 - 0.5,
            (observations[..., BALL][..., :2] - TABLE_MIDDLE) / 0.1,
        ]
        scaled = np.clip(np.concatenate(base, axis=-1), -FEATURE_LIMIT, FEATURE_LIMIT)
        thumb, finger = _touching(observations)
        held = thumb & finger
        return np.concatenate([scaled * state[..., None] for state in (~held, held)], axis=-1).astype(np.float32)

    @property
    def feature_layout(self) -> FeatureLayout:
        """Held or not is the context. A touch of one side is none: a reward that knows little of it is gamed there."""
        sizes = (1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2)
        return FeatureLayout(CONTEXTS, tuple(kind for kind, size in enumerate(sizes) for _ in range(size)))

    def _thrown(self, rng: np.random.Generator, where: Floats) -> Floats:
        """(n, 14) positions, some of which may have the hand in the table or the ball in the hand.

        Args:
            rng: draws them.
            where: (n,) in [0, 1), decides where the ball is.
        """
        n = len(where)
        qpos = np.zeros((n, 14))
        held = where > 1.0 - IN_HAND_SHARE
        low = held & (rng.random(n) < LOW_SHARE)
        qpos[:, :3] = rng.uniform(-ARM_RANGE, ARM_RANGE, (n, 3))
        height = np.where(low, BALL_GRIP[0], rng.uniform(*BALL_GRIP, n))
        most = np.where(held, np.interp(height, (BALL_GRIP[0], TILT_FROM), (LOW_TILT, THROWN_TILT)), THROWN_TILT)
        tilt = rng.uniform(-most, most)
        qpos[held, 2] = _elbow(qpos[:, 1], tilt, height)[held]
        qpos[:, 3] = np.clip(tilt - qpos[:, 1] - qpos[:, 2], -WRIST_RANGE, WRIST_RANGE)
        qpos[:, 4:7] = rng.uniform(*FINGER_RANGE, (n, 3))
        (low_x, low_y), (high_x, high_y) = TABLE_PART
        qpos[:, 7] = rng.uniform(low_x, high_x, n)
        qpos[:, 8] = rng.uniform(low_y, high_y, n)
        qpos[:, 9] = BALL_RADIUS
        flying = where < IN_AIR_SHARE
        qpos[flying, 9] = rng.uniform(BALL_RADIUS, THROWN_BALL, int(flying.sum()))
        bent = np.column_stack([rng.uniform(*HELD_BY_THUMB, n), rng.uniform(*HELD_BY_FINGERS, (n, 2))])
        opened = (rng.random(n) < OPEN_SHARE)[:, None]
        qpos[held, 4:7] = np.where(opened, rng.uniform(bent, FINGER_RANGE[1]), bent)[held]
        wrist, axes = _hand(qpos)
        inside = IN_GRIP + rng.uniform(-IN_HAND_SPREAD, IN_HAND_SPREAD, (n, 3))
        qpos[held, 7:10] = (wrist + np.einsum("nij,nj->ni", axes, inside))[held]
        qpos[:, 10] = 1.0
        return qpos

    def _fits(self, qpos: Floats) -> Bools:
        """(n,) whether the hand is above the table, and the ball outside it or between its fingers."""
        wrist, axes = _hand(qpos)
        grip = wrist[:, 2] - GRIP_DEPTH * axes[:, 2, 2]
        seen = np.einsum("nji,nj->ni", axes, qpos[:, 7:10] - wrist)
        aside, below = KEEP_OFF
        between = np.abs(seen - IN_GRIP).max(axis=1) <= IN_HAND_SPREAD + 1e-6
        off = (np.hypot(seen[:, 0], seen[:, 1]) > aside) | (seen[:, 2] < -below)
        heights = zip(BALL_GRIP, THROWN_GRIP, strict=True)
        low, high = (np.where(between, in_hand, other) for in_hand, other in heights)
        reached = (np.abs(qpos[:, 2]) <= ARM_RANGE[2]) & (grip > low - 1e-6) & (grip < high + 1e-6)
        lowest, highest = TABLE_PART
        there = ((qpos[:, 7:9] >= lowest) & (qpos[:, 7:9] <= highest)).all(axis=1)
        return np.asarray(reached & there & (qpos[:, 9] >= BALL_RADIUS) & (between | off))


def _touching(observations: Singles) -> tuple[Bools, Bools]:
    """(..., nobs) -> (...), (...) whether the thumb, and whether either finger, touches the ball."""
    touch = observations[..., GAPS] < TOUCH
    return np.asarray(touch[..., 0]), np.asarray(touch[..., 1] | touch[..., 2])


def _limit(values: Floats, least: float, most: float, out: Singles) -> None:
    np.clip(values, least, most, out=out, casting="same_kind")


def _elbow(shoulder: Floats, tilt: Floats, height: Floats) -> Floats:
    """(n,) the elbow's angle that brings the grip to a height, metres; the nearest it comes where that is too far."""
    (x1, z1), (x2, z2) = UPPER_ARM, FOREARM
    wanted = height + GRIP_DEPTH * np.cos(tilt) - SHOULDER_HEIGHT - z1 * np.cos(shoulder) + x1 * np.sin(shoulder)
    bent = np.arccos(np.clip(wanted / math.hypot(x2, z2), -1.0, 1.0)) - math.atan2(x2, z2)
    return np.asarray(bent - shoulder)


def _hand(qpos: Floats) -> tuple[Floats, Floats]:
    """(n, 3) places of the wrist, and (n, 3, 3) the hand's axes as columns, all in the world."""
    yaw, shoulder = qpos[:, 0], qpos[:, 1]
    bent = shoulder + qpos[:, 2]
    tilt = bent + qpos[:, 3]
    (x1, z1), (x2, z2) = UPPER_ARM, FOREARM
    out = x1 * np.cos(shoulder) + z1 * np.sin(shoulder) + x2 * np.cos(bent) + z2 * np.sin(bent)
    up = z1 * np.cos(shoulder) - x1 * np.sin(shoulder) + z2 * np.cos(bent) - x2 * np.sin(bent)
    wrist = np.stack([out * np.cos(yaw), out * np.sin(yaw), SHOULDER_HEIGHT + up], axis=1)
    cy, sy, ct, st, zero = np.cos(yaw), np.sin(yaw), np.cos(tilt), np.sin(tilt), np.zeros(len(qpos))
    rows = [[cy * ct, -sy, cy * st], [sy * ct, cy, sy * st], [-st, zero, ct]]
    return wrist, np.moveaxis(np.array(rows), 2, 0)
