"""Clips that a pair can be made of: recorded while the robot is thrown about, and while policies act."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.batch import BatchSim
from sim.clip import Clip
from sim.task import SPARE_CLIPS, Bools, Floats, Singles, Task

DULL_SHARE = 0.6
"""A clip of which more than this is dull, as is a robot that only lies there,"""
DULL_KEPT = 0.2
"""is kept with this chance."""

STORED = ("states", "observations", "actions", "numbers", "iterations", "uses")
"""Arrays of a pool that its state holds; the features follow from them."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """`n` clips of `T` frames, with falls and what follows them in: nobody stands the robot up."""

    states: Floats
    """(n, T, nstate)"""
    observations: Singles
    """(n, T, nobs)"""
    actions: Singles
    """(n, T, nu) as applied, in [-1, 1]."""

    def __len__(self) -> int:
        return len(self.states)

    def clip(self, task: Task, row: int, number: int, iteration: int) -> Clip:
        """The clip in a row, under a number of its own."""
        recorded = self.states[row].copy(), self.observations[row].copy(), self.actions[row].copy()
        return Clip(task.name, task.model_hash, task.control_dt, *recorded, iteration, {"number": number})


def record(
    task: Task,
    act: Callable[[Singles], Singles],
    rng: np.random.Generator,
    count: int,
    frames: int,
    *,
    diverse_share: float,
    latest: int = 0,
    thin_out: bool = True,
) -> Recording:
    """Records `count` clips at most.

    Args:
        task: what is simulated.
        act: (n, nobs) -> (n, nu) actions.
        rng: decides starts, and where a clip is cut out.
        count: number of clips wanted; fewer if too many explode.
        frames: length of a clip.
        diverse_share: share of diverse starts.
        latest: a clip begins up to so many control steps after its start.
        thin_out: leave most clips out in which there is little to judge.
    """
    n = int(count * (task.spare_clips if thin_out else SPARE_CLIPS)) + 1
    sim = BatchSim(task, n)
    observations = sim.reset(np.ones(n, bool), *task.mixed_start(rng, n, diverse_share))
    begins = rng.integers(0, latest + 1, n)
    kept = Recording(
        np.empty((n, frames, task.state_size)),
        np.empty((n, frames, task.observation_size), np.float32),
        np.empty((n, frames, task.action_size), np.float32),
    )
    bad = np.zeros(n, bool)
    dull_frames = np.zeros(n, np.int64)
    for t in range(latest + frames):
        actions = np.clip(act(observations), -1.0, 1.0)
        result = sim.step(actions)
        observations = result.observations
        bad |= result.exploded
        at = t - begins
        rows = np.flatnonzero((at >= 0) & (at < frames))
        kept.states[rows, at[rows]] = sim.physics_states()[rows]
        kept.observations[rows, at[rows]] = observations[rows]
        kept.actions[rows, at[rows]] = actions[rows]
        dull_frames[rows] += task.dull(observations)[rows]
    dull = thin_out & (dull_frames > DULL_SHARE * frames) & (rng.random(n) >= DULL_KEPT)
    good = np.flatnonzero(~bad & np.isfinite(kept.states).all(axis=(1, 2)))
    # the dull ones last: they fill up only what is missing
    order = good[np.argsort(dull[good], kind="stable")][:count]
    return Recording(kept.states[order], kept.observations[order], kept.actions[order])


class ClipPool:
    """The newest `capacity` clips, each with its number and its mean reward features."""

    def __init__(self, task: Task, frames: int, capacity: int) -> None:
        """Empty; room for `capacity` clips of `frames` frames."""
        self._task = task
        self.capacity = capacity
        self.states = np.empty((0, frames, task.state_size))
        self.observations = np.empty((0, frames, task.observation_size), np.float32)
        self.actions = np.empty((0, frames, task.action_size), np.float32)
        self.numbers = np.empty(0, np.int64)
        self.iterations = np.empty(0, np.int64)
        self.uses = np.empty(0, np.int64)
        self.features = np.empty((0, len(task.reward_features(np.zeros(task.observation_size, np.float32)))))

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, recording: Recording, first_number: int, iteration: int) -> None:
        """Takes clips in, numbered from `first_number`; the oldest give way."""
        n = len(recording)
        numbers = np.arange(first_number, first_number + n)
        self.states = self._newest(self.states, recording.states)
        self.observations = self._newest(self.observations, recording.observations)
        self.actions = self._newest(self.actions, recording.actions)
        self.numbers = self._newest(self.numbers, numbers)
        self.iterations = self._newest(self.iterations, np.full(n, iteration))
        self.uses = self._newest(self.uses, np.zeros(n, np.int64))
        self.features = self._newest(self.features, clip_features(self._task, recording.observations))

    def clip(self, row: int) -> Clip:
        """The clip in a row."""
        recorded = Recording(self.states, self.observations, self.actions)
        return recorded.clip(self._task, row, int(self.numbers[row]), int(self.iterations[row]))

    def state(self, prefix: str) -> dict[str, np.ndarray]:
        """A copy of everything, under names that begin with `prefix`."""
        return {f"{prefix}{name}": getattr(self, name).copy() for name in STORED}

    def restore(self, prefix: str, tensors: dict[str, np.ndarray]) -> None:
        """Goes on from a `state`."""
        for name in STORED:
            setattr(self, name, np.array(tensors[f"{prefix}{name}"]))
        self.features = clip_features(self._task, self.observations)

    def _newest(self, old: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.concatenate([old, new])[-self.capacity :]


def clip_features(task: Task, observations: Singles) -> Floats:
    """(..., T, nobs) -> (..., d) mean reward features of clips."""
    return np.asarray(task.reward_features(observations).mean(axis=-2, dtype=np.float64))


def compared_features(task: Task, clip: Clip, fragment: int) -> Floats:
    """(d,) what a clip counts in a comparison: its mean reward features, in proportion to its length.

    Bradley and Terry over the sum of a clip's reward, in units of a fragment of so many frames: a longer one says more.
    """
    return clip_features(task, clip.observations) * (len(clip) / fragment)


def lying(task: Task, observations: Singles) -> Bools:
    """(..., nobs) -> (...) whether the robot is down."""
    flat = observations.reshape(-1, observations.shape[-1])
    return task.down(flat).reshape(observations.shape[:-1])
