"""What crosses between the trainer, the store and the screen: plain frozen values, no torch."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from sim.attempts import Attempts
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


class SteeringKind(StrEnum):
    """In what way a teacher steers practice, beside judging it."""

    REFERENCE = "reference"
    """The meter and the penalty measure from this policy on."""
    PENALTY = "penalty"
    """What straying from that policy costs."""
    GO_BACK = "go_back"
    """An earlier policy is shown, and practises on."""
    FRESH_PAIRS = "fresh_pairs"
    """The next pairs to be made compare what is shown now with other policies, or with the one of a version."""


class PenaltyMode(StrEnum):
    """How the KL penalty's coefficient comes about."""

    OFF = "off"
    FIXED = "fixed"
    """It stays as it was set."""
    ADAPTIVE = "adaptive"
    """It follows the KL, so that it comes to a target (Ziegler et al. 2019, section 2.2)."""


@dataclass(frozen=True, slots=True)
class Steering:
    """One append-only event by which a teacher steers practice, or takes an earlier one back."""

    id: int
    """Number in the session, from 1, in the order committed; shared with `FeedbackEvent`."""
    kind: SteeringKind
    version: int | None = None
    """Of a policy: to measure from, to go back to, or to compare with the shown one."""
    mode: PenaltyMode | None = None
    value: float | None = None
    """Of a fixed penalty: its coefficient, in the learned reward's unit a frame for each nat. Of an adaptive one: the
    target, in nats per second of simulation."""
    supersedes: int | None = None
    """The id of the event that is taken back; then only `kind` says anything more."""


Feedback = FeedbackEvent | Reinforcement | Steering
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


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a policy is from the reference policy, as measured on fresh rollouts."""

    kl: float
    """KL(policy || reference), nats per second of simulation."""
    std_error: float
    """Of it: standard error over the rollouts."""


class AlarmReason(StrEnum):
    """What speaks most for a learned reward's being gamed."""

    DOUBT = "doubt"
    """The reward model knows little of what the policy does now."""
    COMMON = "common"
    """It holds a good part of what the untaught robot did for worth more."""
    SURPRISE = "surprise"
    """Answers about policies came out other than it foretold."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Whether the learned reward of the shown policy looks gamed, from what a real teacher has."""

    score: float
    """0 to 1: the chance of it, as calibrated (docs/lab-notes.md)."""
    loud: bool
    """Whether it has been enough to say so after several answers, one after the other."""
    reason: AlarmReason
    doubt: float
    """Posterior standard deviation of what the policy gained, as a share of it."""
    common: float
    """Share of the untaught robot's frames that the learned reward holds for worth more."""
    answers: int
    """Answers about policies that were looked at,"""
    foretold: int
    """and how many of them the reward model had held for more likely."""


@dataclass(frozen=True, slots=True)
class UntriedPolicy:
    """A policy of the population that the teacher has not been shown, and that the learned reward holds for better."""

    version: int
    ahead: float
    """Learned reward per second above the shown policy's."""
    ahead_std: float
    """Its posterior standard deviation, same unit."""
    asked: bool
    """Whether the teacher has asked to compare the two, and the pair is still to be made."""


@dataclass(frozen=True, slots=True, eq=False)
class MeterPoint:
    """A policy as it was when it had its trial: a point of the curve of reward against KL."""

    version: int
    """Number of its trial."""
    generation: int
    iteration: int
    labels: int
    env_steps: int
    reading: Reading
    learned_reward: float
    """Per second, as the reward model of that moment had it."""
    learned_reward_std: float
    true_score: float
    """Hidden unless the teacher peeks."""
    falls_per_10s: float
    policy: PolicyWeights
    attempts: Attempts | None = None
    """What the true score refused, hidden like it; None where it was not kept."""


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
    early: bool = False
    """Whether only the first few answers were taken in: what they say leaves the reward open."""
    attempts: Attempts | None = None
    """What the true score of the shown policy refused, hidden like it."""
    presses: int = 0
    """Presses in force that the trainer has taken in; `labels` counts them too."""
    practising_policy: PolicyWeights | None = None
    """The policy that practises now,"""
    practising_spread: np.ndarray | None = None
    """and (nu,) the noise with which it tries things: what a teacher who presses watches."""
    alarm: Alarm | None = None
    """None while the shown policy has gained nothing that could be gamed."""
    untried: UntriedPolicy | None = None
    """None while no such policy looks better than the shown one."""
    reading: Reading | None = None
    """How far the shown policy is from the reference policy,"""
    reference_version: int = 0
    """which is the one of this trial; the first is the policy before any feedback."""
    penalty: PenaltyMode = PenaltyMode.OFF
    penalty_coefficient: float = 0.0
    """As it is now, in the learned reward's unit a frame for each nat; 0 while the penalty is off."""
    points: tuple[MeterPoint, ...] = ()
    """Measured, or measured again, since the last snapshot."""
    earlier_attempts: tuple[tuple[int, Attempts], ...] = ()
    """By version: what the true score refused of the policies that a checkpoint brought; told once, by the first
    snapshot."""
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
class PairExplanation:
    """What the reward model says of a pair."""

    left: Explanation
    right: Explanation
    chance_of_left: float
    """That the left clip is preferred, the model's own doubt and the teacher's mistakes included."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainerState:
    """Everything the trainer depends on, as plain tensors and JSON."""

    tensors: dict[str, np.ndarray] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
