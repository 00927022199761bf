"""What crosses between the trainer, the store and the screen: plain frozen values, no torch."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from sim.clip import Clip
from sim.policy import PolicyWeights


class Choice(StrEnum):
    """A teacher's answer to a pair."""

    LEFT = "left"
    RIGHT = "right"
    EQUAL = "equal"
    CANNOT_TELL = "cannot_tell"


class PairKind(StrEnum):
    """Why a pair is asked."""

    FRAGMENT = "fragment"
    """Two short clips: what is better, moment by moment?"""
    AUDITION = "audition"
    """Two longer clips, one of each of two policies: which policy shall go on?"""
    REPEAT = "repeat"
    """An earlier pair again, sometimes with the sides swapped, to measure the teacher's consistency."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two clips offered for one comparison, as they are shown."""

    id: int
    """Number in the session, from 0, in the order offered."""
    kind: PairKind
    left: Clip
    right: Clip
    repeats: int | None = None
    """The pair that this one repeats."""
    swapped: bool = False
    """Whether the sides are the other way round than in the pair it repeats."""


@dataclass(frozen=True, slots=True)
class FeedbackEvent:
    """One append-only event: an answer, a changed answer, or an answer taken back."""

    id: int
    """Number in the session, from 1, in the order committed."""
    pair_id: int
    choice: Choice | None
    """None takes the answer to the pair back."""
    supersedes: int | None = None
    """The id of the event whose place this one takes; None for a first answer."""


class Press(StrEnum):
    """What a teacher did about moments of a live rollout."""

    REWARD = "reward"
    PUNISH = "punish"
    SILENCE = "silence"
    """Watched, and let pass: neither better nor worse than usual."""


@dataclass(frozen=True, slots=True, eq=False)
class Reinforcement:
    """One append-only event of watching: a press, silence, or one of them taken back."""

    id: int
    """Number in the session, from 1, in the order committed; shared with `FeedbackEvent`."""
    number: int
    """Of the moments that it is about, from 0."""
    press: Press | None
    """None takes back what was said of them."""
    strong: bool = False
    """Whether the press was held."""
    clip: Clip | None = None
    """The moments, of the live rollout; None where it is taken back."""
    shares: np.ndarray | None = None
    """(T,) how much of the press each of its frames is credited with; they sum to 1."""
    supersedes: int | None = None
    """The id of the event whose place this one takes; None for a first one."""


Feedback = FeedbackEvent | Reinforcement
"""Any event of a teacher."""


class Phase(StrEnum):
    """What the trainer is doing."""

    PREPARING = "preparing"
    """Recording the very first clips."""
    PRACTISING = "practising"
    WAITING = "waiting"
    """The leash is spent: nothing moves until the next label."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that the trainer has taken in, and at which iteration."""

    event_id: int
    iteration: int


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The state of learning after one iteration, for the screen. Newest wins."""

    iteration: int
    """Iterations done. It does not move while waiting."""
    phase: Phase
    env_steps: int
    """Control steps simulated for learning so far."""
    labels: int
    """Answers in force (not taken back) that the trainer has taken in, 'cannot tell' included."""
    events_waiting: int
    """Events submitted and not yet taken in."""
    generation: int
    """How many times practice has started afresh."""
    learned_reward: float
    """Mean learned reward per second of the shown policy, under the present reward model."""
    learned_reward_std: float
    """The reward model's own uncertainty of it (posterior standard deviation), same unit."""
    agreement: float | None
    """Share of held-out comparisons that the reward model predicted before it learnt from them; None without any."""
    agreement_count: int
    """How many those are."""
    leash_used: float
    """Share of the practice that the labels so far allow that is used up, 0 to 1."""
    kl: float
    """Nats between the practising policy and itself at the last label, per control step."""
    true_score: float
    """Of the shown policy; hidden unless the teacher peeks. NaN before the first evaluation."""
    falls_per_10s: float
    """Of the shown policy."""
    shown_policy: PolicyWeights
    """The policy that is shown, exported and scored."""
    shown_version: int
    """Counts how often the shown policy has changed."""
    presses: int = 0
    """Presses in force that the trainer has taken in; `labels` counts them too."""
    practising_policy: PolicyWeights | None = None
    """The policy that practises now,"""
    practising_spread: np.ndarray | None = None
    """and (nu,) the noise with which it tries things: what a teacher who presses watches."""
    taken: tuple[Taken, ...] = ()
    """Events taken in since the last snapshot."""
    exploded: int = 0
    """Simulations restarted because their state left all bounds."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What the reward model says of each frame of a clip."""

    mean: np.ndarray
    """(T,) learned reward of each frame."""
    std: np.ndarray
    """(T,) its posterior standard deviation."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainerState:
    """Everything the trainer depends on, as plain tensors and JSON."""

    tensors: dict[str, np.ndarray] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
