"""Planar robots of a torso and legs of thigh, leg and foot, however many legs and whatever they are taught.

What is said of heights and angles without more is meant for robots that stand upright; others say what they need.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.recipe import ObservationTerm, Source, UniformStart
from sim.task import Bools, CameraPose, FeatureLayout, Floats, Readings, Singles, Task

START_HEIGHT = 1.25
"""Height of an upright robot's torso above the floor when it stands straight, metres."""
START_NOISE = 5e-3
"""Half width of the uniform noise on a normal start, as in Gymnasium's Hopper and Walker2d."""
FALL_HEIGHT = 0.45
"""A torso lower than this, with a part other than a foot on the floor, is down; metres."""
TOUCH = 5e-3
"""A part nearer to the floor than this touches it, metres."""
CLEARANCE_CAP = 1.0
"""Clearances are reported up to this, metres: higher tells nothing more about contacts."""
MAX_JOINT_RATE = 30.0
FEATURE_LIMIT = 2.0
"""Scaled observations count no further than this: what is far out is rare, and would decide everything."""

HEIGHT, COS, SIN = range(3)
"""Columns of an observation that are the same for every such robot: of the torso's height and pitch."""
ROOT = 3
"""Joints of the torso: along, up, and turning."""
ALONG = 0
"""Column of qpos that is the torso's place along the floor, metres."""
CONTACT_STATES = 3
"""In the air, on feet alone, on another part."""
LEG_PARTS = ("thigh", "leg", "foot")
Range = tuple[float, float]
"""Least and most."""
LegRanges = tuple[Range, Range, Range]
"""Of the angles of thigh, leg and foot, radians."""
BENT_LEG: LegRanges = ((-2.2, 0.0), (-2.2, 0.0), (-0.7, 0.7))
"""How a leg under an upright robot may be bent when it is thrown into the air."""

TILT_PRICE = 3.0
"""Of going forward: per 1 - cos(pitch)."""
SINK_PRICE = 2.0
"""Of going forward: per metre that the torso is too low."""
BODY_CONTACT_PRICE = 3.0
"""Of going forward: with a part other than a foot on the floor."""


@dataclass(frozen=True)
class Layout:
    """Where things are in an observation: the torso's pose, the joints, their rates, and how far each part is up."""

    legs: tuple[str, ...]
    """What is added to the names of each leg's parts."""
    leg_centre: tuple[float, float, float]
    """Usual angles of thigh, leg and foot, radians."""
    thrown_legs: tuple[LegRanges, ...]
    """How each leg may be bent when the robot is thrown into the air."""
    thrown_height: Range = (1.0, 2.4)
    """and how high its torso may then be, metres."""
    start_height: float = START_HEIGHT
    """Of the torso at a normal start, metres."""
    height: tuple[float, float] = (1.1, 0.4)
    """Usual height of the torso, and its spread, metres."""
    leg_spread: tuple[float, float, float] = (0.7, 0.7, 0.5)
    """Spread of the angles of thigh, leg and foot, radians."""
    speed_spread: float = 2.0
    """Spread of the speed forward, m/s: reward features tell apart what goes up to FEATURE_LIMIT times as fast."""
    part_heights: tuple[float, float, float, float] = (0.5, 0.4, 0.3, 0.2)
    """Usual clearances of torso, thigh, leg and foot, metres."""

    @property
    def njoint(self) -> int:
        """Joints of the legs."""
        return len(LEG_PARTS) * len(self.legs)

    @property
    def joints(self) -> slice:
        """Columns of the angles."""
        return slice(ROOT, ROOT + self.njoint)

    @property
    def vx(self) -> int:
        """Column of the speed forward; the speed up and the pitch's rate follow."""
        return ROOT + self.njoint

    @property
    def vz(self) -> int:
        """Column of the speed up."""
        return self.vx + 1

    @property
    def rate(self) -> int:
        """Column of the pitch's rate."""
        return self.vx + 2

    @property
    def joint_rates(self) -> slice:
        """Columns of the angles' rates."""
        return slice(self.vx + ROOT, self.moving)

    @property
    def moving(self) -> int:
        """Columns before the clearances."""
        return 2 * (ROOT + self.njoint)

    @property
    def clearance(self) -> slice:
        """Columns of the clearances: torso, then thigh, leg and foot of each leg."""
        return slice(self.moving, self.moving + 1 + self.njoint)

    @cached_property
    def feet(self) -> list[int]:
        """Places of the feet among the clearances."""
        return [place for place in range(1, 1 + self.njoint) if place % len(LEG_PARTS) == 0]

    @cached_property
    def body(self) -> list[int]:
        """Places of the other parts among the clearances."""
        return [place for place in range(1 + self.njoint) if place not in self.feet]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns."""
        parts = [f"{part}{leg}" for leg in self.legs for part in LEG_PARTS]
        return (
            "height", "cos_pitch", "sin_pitch", *parts, "vx", "vz", "pitch_rate",
            *(f"{part}_rate" for part in parts), "torso_clearance", *(f"{part}_clearance" for part in parts),
        )  # fmt: skip

    @property
    def centre(self) -> Singles:
        """(nobs,) usual values."""
        legs = len(self.legs)
        moving = [self.height[0], 0.0, 0.0, *self.leg_centre * legs, *(0.0,) * (ROOT + self.njoint)]
        torso, *leg = self.part_heights
        return np.array([*moving, torso, *leg * legs], np.float32)

    @property
    def scale(self) -> Singles:
        """(nobs,) spreads about them."""
        pose = [self.height[1], 0.7, 0.7, *self.leg_spread * len(self.legs)]
        rates = [self.speed_spread, 2.0, 5.0, *(6.0,) * self.njoint]
        return np.array([*pose, *rates, *(0.4,) * (1 + self.njoint)], np.float32)

    @property
    def recipe(self) -> tuple[ObservationTerm, ...]:
        """The observation as data."""
        joints = range(ROOT, ROOT + self.njoint)
        limits = (-MAX_JOINT_RATE, MAX_JOINT_RATE)
        return (
            ObservationTerm(Source.QPOS, 1, "m"),
            ObservationTerm(Source.COS_QPOS, 2, "1"),
            ObservationTerm(Source.SIN_QPOS, 2, "1"),
            *(ObservationTerm(Source.QPOS, joint, "rad") for joint in joints),
            ObservationTerm(Source.QVEL, 0, "m/s"),
            ObservationTerm(Source.QVEL, 1, "m/s"),
            ObservationTerm(Source.QVEL, 2, "rad/s"),
            *(ObservationTerm(Source.QVEL, joint, "rad/s", limits) for joint in joints),
            *(ObservationTerm(Source.SENSORDATA, part, "m", (0.0, CLEARANCE_CAP)) for part in range(1 + self.njoint)),
        )

    @property
    def start(self) -> UniformStart:
        """Standing straight, with a little noise, as data."""
        size = ROOT + self.njoint
        return UniformStart(
            qpos_centre=(0.0, self.start_height, *(0.0,) * (size - 2)),
            qpos_noise=(START_NOISE,) * size,
            qvel_centre=(0.0,) * size,
            qvel_noise=(START_NOISE,) * size,
        )

    def contact_states(self, observations: Singles) -> tuple[Bools, Bools, Bools]:
        """(..., nobs) -> three (...) masks of which exactly one is true: airborne, on feet alone, on another part."""
        touch = observations[..., self.clearance] < TOUCH
        on_body = np.asarray(touch[..., self.body].any(axis=-1))
        on_feet = np.asarray(touch[..., self.feet].any(axis=-1)) & ~on_body
        return ~(on_body | on_feet), on_feet, on_body


class PlanarTask(Task):
    """The robot's part of every task of such a robot: observation, starts, falls and reward features."""

    layout: Layout
    substeps = 4
    episode_steps = 500
    camera = CameraPose(azimuth=90.0, elevation=-8.0, distance=4.2, lookat=(0.0, 0.0, 0.95), follow="torso")

    def __init_subclass__(cls) -> None:
        """All that the layout decides."""
        cls.observation_names, cls.observation_recipe = cls.layout.names, cls.layout.recipe
        cls.observation_centre, cls.observation_scale = cls.layout.centre, cls.layout.scale
        cls.start_distribution = cls.layout.start

    def observe(self, readings: Readings) -> Singles:
        """See `observation_names`: metres, radians (pitch as cosine and sine), per second."""
        layout, qpos, qvel = self.layout, readings.qpos, readings.qvel
        obs = np.empty((len(qpos), self.observation_size), np.float32)
        obs[:, HEIGHT] = qpos[:, 1]
        obs[:, COS] = np.cos(qpos[:, 2])
        obs[:, SIN] = np.sin(qpos[:, 2])
        obs[:, layout.joints] = qpos[:, ROOT:]
        obs[:, layout.vx : layout.rate + 1] = qvel[:, :ROOT]
        rates, clearances = obs[:, layout.joint_rates], obs[:, layout.clearance]
        np.clip(qvel[:, ROOT:], -MAX_JOINT_RATE, MAX_JOINT_RATE, out=rates, casting="same_kind")
        np.clip(readings.sensordata, 0.0, CLEARANCE_CAP, out=clearances, casting="same_kind")
        return obs

    def normal_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """Standing straight, with a little noise."""
        return self.start_distribution.sample(rng, n)

    def diverse_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """In the air at any pitch, turning either way, with the legs anyhow."""
        layout = self.layout
        njoint = layout.njoint
        qpos, qvel = np.zeros((n, ROOT + njoint)), np.zeros((n, ROOT + njoint))
        qpos[:, 1] = rng.uniform(*layout.thrown_height, n)
        qpos[:, 2] = rng.uniform(-math.pi, math.pi, n)
        for thigh, leg in zip(range(ROOT, ROOT + njoint, len(LEG_PARTS)), layout.thrown_legs, strict=True):
            least, most = np.transpose(leg)
            qpos[:, thigh : thigh + 2] = rng.uniform(least[:2], most[:2], (n, 2))
            qpos[:, thigh + 2] = rng.uniform(least[2], most[2], n)
        qvel[:, 0] = rng.uniform(-1.5, 1.5, n)
        qvel[:, 1] = rng.uniform(-2.0, 4.0, n)
        qvel[:, 2] = rng.uniform(-10.0, 10.0, n)
        qvel[:, ROOT:] = rng.uniform(-2.0, 2.0, (n, njoint))
        return qpos, qvel

    def down(self, observations: Singles) -> Bools:
        """The torso is low and a part other than a foot touches the floor."""
        _, _, on_body = self.layout.contact_states(observations)
        return np.asarray((observations[:, HEIGHT] < FALL_HEIGHT) & on_body)

    def reward_features(self, observations: Singles) -> Singles:
        """One and the scaled observation, apart for each of three contact states: in the air, on feet alone, otherwise.

        Zero but for the part of the present contact state; without the clearances, which the contact states stand for.
        """
        moving = self.layout.moving
        scaled = (observations[..., :moving] - self.observation_centre[:moving]) / self.observation_scale[:moving]
        base = np.clip(scaled, -FEATURE_LIMIT, FEATURE_LIMIT)
        base = np.concatenate([np.ones((*base.shape[:-1], 1), np.float32), base], axis=-1)
        states = self.layout.contact_states(observations)
        return np.concatenate([base * state[..., None] for state in states], axis=-1).astype(np.float32)

    @property
    def feature_layout(self) -> FeatureLayout:
        """The contact states are the contexts."""
        joints = self.layout.njoint
        constant, height, pitch, angle, speed, turning, joint_rate = range(7)
        moving = [height, pitch, pitch, *(angle,) * joints, speed, speed, turning, *(joint_rate,) * joints]
        return FeatureLayout(CONTACT_STATES, (constant, *moving))

    def forward_credit(self, observations: Singles, full_speed: float, low: float) -> Floats:
        """(..., nobs) -> (...): forward speed, less leaning, sinking, and any part but the feet on the floor.

        Args:
            observations: in natural units.
            full_speed: going faster than this earns no more, m/s.
            low: a torso below this looks as if it would fall, metres.
        """
        _, _, on_body = self.layout.contact_states(observations)
        forward = np.clip(observations[..., self.layout.vx].astype(np.float64), -full_speed, full_speed)
        tilt = 1.0 - observations[..., COS].astype(np.float64)
        sunk = np.maximum(low - observations[..., HEIGHT].astype(np.float64), 0.0)
        return forward - TILT_PRICE * tilt - SINK_PRICE * sunk - BODY_CONTACT_PRICE * on_body
