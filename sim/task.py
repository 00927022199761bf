"""What a task is: a robot, what it observes, how it starts, and a hidden true score."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import mujoco
import numpy as np
from numpy.typing import NDArray

from sim.recipe import ObservationTerm, UniformStart

if TYPE_CHECKING:
    from sim.attempts import AttemptCounter

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]

SPARE_CLIPS = 1.25
"""So many times the clips wanted are recorded at least: some explode."""


@dataclass(frozen=True, slots=True)
class CameraPose:
    """A free camera, in MuJoCo's terms.

    `azimuth` and `elevation` are in degrees, `distance` and `lookat` in metres. With `follow` set to a body's name,
    `lookat` is an offset from that body's position; its height is followed only as far as it must be to be seen.
    """

    azimuth: float = 90.0
    elevation: float = -8.0
    distance: float = 4.0
    lookat: tuple[float, float, float] = (0.0, 0.0, 0.9)
    follow: str | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """What the simulator says of `n` simulations at one instant."""

    qpos: Floats
    """(n, nq), metres and radians."""
    qvel: Floats
    """(n, nv), per second."""
    sensordata: Floats
    """(n, nsensordata), as the task's model defines them."""


class Scorer(ABC):
    """Counts what the true score counts, for `n` simulations at once. Learners never see it."""

    @abstractmethod
    def update(self, readings: Readings) -> NDArray[np.int64]:
        """Takes in the state after one control step; returns (n,) successes completed at this very step."""

    @abstractmethod
    def reset(self, mask: Bools) -> None:
        """Forgets the history of the simulations in `mask` (n,), which have just been restarted."""

    def state(self) -> dict[str, NDArray[Any]]:
        """Returns copies of what it remembers: its arrays, whose rows are the simulations."""
        return {name: value.copy() for name, value in vars(self).items() if isinstance(value, np.ndarray)}

    def restore(self, state: Mapping[str, NDArray[Any]], rows: Bools | slice = slice(None)) -> None:
        """Takes back what a scorer of the same kind and size remembered, of all simulations or of some `rows`."""
        for name in self.state():
            vars(self)[name] = vars(self)[name].copy()
            vars(self)[name][rows] = state[name][rows]


@dataclass(frozen=True, slots=True)
class FeatureLayout:
    """How reward features belong together: the same quantities in each of some contexts, one after the other."""

    contexts: int
    kinds: tuple[int, ...]
    """Of what kind each quantity is, numbered from 0: quantities of a kind are likely to matter alike."""


class Task(ABC):
    """A robot model, its observation and action layout, its starts, its camera, and a hidden true score.

    A task holds no simulation state: every method maps arrays to arrays.
    """

    name: str
    """The name on the command line, such as `hopper-backflip`."""
    title: str
    """The name on the screen."""
    summary: str
    """One sentence for the task's card."""
    question: str
    """What the teacher is asked about a pair."""
    guidance: tuple[str, str, str]
    """Three lines for the teacher's guidelines."""
    examples: tuple[str, str] = ("", "")
    """What the recorded good and the recorded bad example show (`sim.examples`), a sentence each."""
    score_name: str
    """What the true score counts, such as `landed backflips per 10 s`."""
    score_window: float | None = None
    """The true score is the share of so many seconds at an episode's end whose control steps are successes, in [0, 1];
    None: successes per 10 s of all of it."""
    model_file: str
    """The MJCF file in `resources`."""
    substeps: int
    """Physics steps in one control step."""
    episode_steps: int
    """Control steps after which an episode is cut off (truncated)."""
    spare_clips: float = SPARE_CLIPS
    """So many more clips are recorded than wanted: some explode, and most in which there is nothing to judge are left
    out. The less often anything happens by chance, the more."""
    teaching: Mapping[str, Any] = MappingProxyType({})
    """Numbers of the learner's configuration that this task needs otherwise, by the name of the field."""
    can_fall: bool = True
    """Whether the robot can ever be `down`."""
    typical_labels: int | None = None
    """Answers within which most sessions of the simulated teacher had the skill (docs/benchmarks.md); None: few had it
    within any number that was tried."""
    camera: CameraPose
    forward: int | None = None
    """Column of qpos that is the robot's place along the world's x axis, where the task asks for motion along it: its
    pictures then show distance and speed. None: it asks for none."""
    trail_bodies: tuple[str, ...] = ("torso", "foot")
    """Bodies whose past positions can be drawn, as far as the model has them; the first one's height, too."""
    observation_names: tuple[str, ...]
    observation_centre: Singles
    """(nobs,) subtracted from an observation by the policy's fixed normaliser."""
    observation_scale: Singles
    """(nobs,) by which the difference is then divided."""
    observation_recipe: tuple[ObservationTerm, ...]
    """What `observe` computes, as data: a bundle carries it to where our code is not."""
    start_distribution: UniformStart
    """What `normal_start` draws from, as data, with the same draws for the same generator."""

    @cached_property
    def model_xml(self) -> str:
        """The task's MJCF as text."""
        return files("resources").joinpath(self.model_file).read_text(encoding="utf-8")

    @cached_property
    def model(self) -> mujoco.MjModel:
        """The compiled model. Shared: copy it before changing anything."""
        return mujoco.MjModel.from_xml_string(self.model_xml)

    @cached_property
    def model_hash(self) -> str:
        """SHA-256 of the MJCF text: clips and sessions made with another model are refused."""
        return hashlib.sha256(self.model_xml.encode()).hexdigest()

    @property
    def control_dt(self) -> float:
        """Seconds of simulation in one control step."""
        return float(self.model.opt.timestep) * self.substeps

    @property
    def scored_steps(self) -> int:
        """Control steps at an episode's end whose successes count."""
        return self.episode_steps if self.score_window is None else round(self.score_window / self.control_dt)

    @property
    def observation_size(self) -> int:
        """Length of an observation."""
        return len(self.observation_names)

    @property
    def action_size(self) -> int:
        """Number of actuators; actions are in [-1, 1]."""
        return int(self.model.nu)

    @property
    def state_size(self) -> int:
        """Length of an mjSTATE_FULLPHYSICS row."""
        return int(mujoco.mj_stateSize(self.model, mujoco.mjtState.mjSTATE_FULLPHYSICS))

    @abstractmethod
    def observe(self, readings: Readings) -> Singles:
        """Observations (n, nobs), in natural units, of the state in `readings`."""

    @abstractmethod
    def normal_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """`n` starts as the task is scored from: qpos (n, nq), qvel (n, nv)."""

    @abstractmethod
    def diverse_start(self, rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
        """`n` starts spread over what the robot can get into: qpos (n, nq), qvel (n, nv).

        They belong to the robot, not to the skill (after the reference-state initialisation of DeepMimic, Peng et al.
        2018, without a reference). Practice uses a share of them; scoring never does.
        """

    def mixed_start(self, rng: np.random.Generator, n: int, diverse_share: float) -> tuple[Floats, Floats]:
        """`n` normal starts, of which each is a diverse one instead with the chance `diverse_share`."""
        qpos, qvel = self.normal_start(rng, n)
        diverse = rng.random(n) < diverse_share
        wide_qpos, wide_qvel = self.diverse_start(rng, n)
        qpos[diverse], qvel[diverse] = wide_qpos[diverse], wide_qvel[diverse]
        return qpos, qvel

    @abstractmethod
    def down(self, observations: Singles) -> Bools:
        """(n,) whether the robot lies on the floor at this instant; several in a row are a fall."""

    def holding_actions(self, observations: Singles) -> Singles | None:  # noqa: ARG002 - most motors are no servos
        """(n, nobs) -> (n, nu) actions that leave a robot with servos as it is; None: its motors are none.

        A servo goes to the place that an action names. One that is told another place each step stays in the middle,
        so the untaught robot is told one for a whole clip.
        """
        return None

    def dull(self, observations: Singles) -> Bools:
        """(n,) whether there is nothing to judge at this instant: one look at it tells as much as ten."""
        return self.down(observations)

    @abstractmethod
    def reward_features(self, observations: Singles) -> Singles:
        """(..., nobs) -> (..., nfeature): what the reward model may weigh, each of about unit size.

        They describe the robot and its contacts, and know nothing of the skill.
        """

    @property
    @abstractmethod
    def feature_layout(self) -> FeatureLayout:
        """How the columns of `reward_features` belong together."""

    @abstractmethod
    def credit(self, observations: Singles, actions: Singles) -> Floats:
        """(..., T, nobs), (..., T, nu) -> (..., T): the hidden partial credit of each frame.

        It is what a simulated teacher compares short clips by; a person would see the same. Learners never see it.
        """

    def showing_credit(self, observations: Singles, actions: Singles) -> float:
        """(T, nobs), (T, nu) -> the hidden credit of a whole showing: a simulated teacher chooses policies by it.

        A clip of some seconds shows successes and failures as such, where a short one shows only how they begin or end.
        Unless a task says more, it is the sum of the frames' credit.
        """
        return float(self.credit(observations, actions).sum())

    @abstractmethod
    def scorer(self, n: int) -> Scorer:
        """A fresh counter of the true score for `n` simulations."""

    @abstractmethod
    def attempt_counter(self, n: int) -> "AttemptCounter":
        """A fresh counter of what `scorer` refuses, for `n` simulations."""
