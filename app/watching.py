"""Which moments of a live rollout a press is about, and when silence is an answer too.

A press comes late, by a reaction time that differs from person to person and from press to press. So it is credited to
the frames that the teacher may have been judging: a look of some tenths of a second that ended one reaction time ago,
averaged over the reaction times that are likely (a narrower form of the uniform 0.2 to 4 s of Deep TAMER, Warnell et
al. 2018). A look that no press can be about any more was watched in silence.
"""

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from learning.messages import Press
from sim.clip import Clip
from sim.rollout import LiveRollout
from sim.task import Floats

LOOK_SECONDS = 0.4
"""What a teacher judges at once."""
SILENCE_EVERY_SECONDS = 0.8
"""At most one silence so often: what is seen changes no faster."""
PREMATURE = 0.12
"""Nobody sees, decides and presses sooner, seconds."""
LEAST_REACTIONS = 5
USUAL_COUNTS = 6
"""The usual spread counts as so many reactions: a dozen say little of how much they differ."""
NORMAL_MAD = 1.4826
"""From the median deviation of normal numbers to their standard deviation."""
LIKELY = 2.0
"""Standard deviations of the logarithm of the reaction time that are reckoned with."""


@dataclass(frozen=True, slots=True)
class ReactionTime:
    """Log-normal, as reaction times are; calibrated for a person."""

    median: float = 0.4
    """Seconds."""
    spread: float = 0.35
    """Standard deviation of its logarithm."""

    @classmethod
    def of(cls, reactions: list[float]) -> "ReactionTime":
        """What measured reactions in seconds speak for; what is usual where they are too few.

        Robust: the middle ones count, and who was ready to press anyway (PREMATURE) does not.
        """
        logs = np.log([seconds for seconds in reactions if seconds >= PREMATURE])
        if len(logs) < LEAST_REACTIONS:
            return cls()
        middle = float(np.median(logs))
        spread = NORMAL_MAD * float(np.median(np.abs(logs - middle)))
        usual = cls()
        settled = (len(logs) * spread**2 + USUAL_COUNTS * usual.spread**2) / (len(logs) + USUAL_COUNTS)
        return cls(math.exp(middle), math.sqrt(settled))

    @property
    def earliest(self) -> float:
        """Seconds; hardly any press is quicker."""
        return self.median * math.exp(-LIKELY * self.spread)

    @property
    def latest(self) -> float:
        """Seconds; hardly any press is slower."""
        return self.median * math.exp(LIKELY * self.spread)

    def at(self, speed: float) -> "ReactionTime":
        """In seconds of a simulation that runs so many times as fast as the clock."""
        return ReactionTime(self.median * speed, self.spread)

    def by(self, seconds: float) -> float:
        """Chance that a press has come so many seconds after what it is about."""
        if seconds <= 0.0:
            return 0.0
        return 0.5 * (1.0 + math.erf(math.log(seconds / self.median) / (self.spread * math.sqrt(2.0))))


@dataclass(frozen=True, slots=True, eq=False)
class WatchedMoments:
    """Frames that were judged together."""

    press: Press
    strong: bool
    clip: Clip
    shares: Floats
    """(T,) of the credit, summing to 1."""
    end: int
    """The rollout's step after the last of them."""


def credit_shares(reaction: ReactionTime, control_dt: float) -> Floats:
    """(k,) of the frames before a press, oldest first: how much of it each is credited with; they sum to 1.

    The share of a frame is the chance that a look which holds it ended when the press began to come.
    """
    look, latest = round(LOOK_SECONDS / control_dt), round(reaction.latest / control_dt)
    chance = [reaction.by(lag * control_dt) for lag in range(latest + look + 1)]
    shares = [chance[lag] - chance[max(lag - look, 0)] for lag in range(len(chance))]
    return np.array(shares[::-1]) / sum(shares)


class Watcher:
    """Cuts what was watched into judged moments. Call `step` after every control step of the rollout."""

    def __init__(self, rollout: LiveRollout, reaction: ReactionTime) -> None:
        """Begins with nothing to judge."""
        dt = rollout.task.control_dt
        self._rollout = rollout
        self._look = round(LOOK_SECONDS / dt)
        self._earliest, self._latest = round(reaction.earliest / dt), round(reaction.latest / dt)
        self._stride = round(SILENCE_EVERY_SECONDS / dt)
        self._shares = credit_shares(reaction, dt)
        self._first = rollout.steps
        """Nothing before is judged."""
        self._silent_from = rollout.steps
        """The next silent look ends no earlier."""
        self._presses: deque[int] = deque(maxlen=8)

    def press(self, press: Press, strong: bool, at_step: int | None = None) -> WatchedMoments | None:
        """A press that began at a step of the rollout, or else at this instant.

        None if nothing was watched yet that it could be about.
        """
        now = self._rollout.steps if at_step is None else min(at_step, self._rollout.steps)
        self._presses.append(now)
        frames = min(len(self._shares), now - self._first)
        clip = self._before(now, frames) if frames > 0 else None
        if clip is None:
            return None
        shares = self._shares[-len(clip) :]
        if shares.sum() < 0.1:
            return None
        return WatchedMoments(press, strong, clip, shares / shares.sum(), now)

    def step(self) -> WatchedMoments | None:
        """The look that was now certainly watched in silence, if there is one."""
        now = self._rollout.steps
        end = now - self._latest
        if end < self._first + self._look or end < self._silent_from:
            return None
        if any(self._earliest - self._look < pressed - end <= self._latest + self._look for pressed in self._presses):
            return None
        clip = self._before(end, self._look)
        if clip is None or len(clip) < self._look:
            return None
        self._silent_from = end + self._stride
        return WatchedMoments(Press.SILENCE, False, clip, np.full(self._look, 1.0 / self._look), end)

    def _before(self, end: int, frames: int) -> Clip | None:
        """The last `frames` steps before step `end`, fewer if no more are remembered; None without any."""
        since = self._rollout.steps - end
        clip = self._rollout.recent(frames + since)
        if clip is None or len(clip) <= since:
            return None
        if since == 0:
            return clip
        kept = clip.states[:-since], clip.observations[:-since], clip.actions[:-since]
        return Clip(clip.task, clip.model_hash, clip.control_dt, *kept)
