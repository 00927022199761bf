"""A simulated teacher who watches and presses: late, at times not at all, at times for nothing, and ever more tired.

He sees the hidden partial credit of what plays, holds it against what he is used to, and presses when it is better or
worse by more than his threshold. People reward progress, not levels: what earned a reward once is let pass when it has
become usual (MacGlashan et al. 2017).
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from learning.messages import Press
from learning.teachers import credit_spread
from sim.task import Singles, Task

LOOK_SECONDS = 0.4
"""A judgement is about so much of the past."""
HABIT_SECONDS = 15.0
"""Time constant of what he is used to."""
REFRACTORY_SECONDS = 0.6
"""From one judgement to the next at least."""


@dataclass(frozen=True, slots=True)
class PresserConfig:
    """Of one teacher."""

    delay: float = 0.35
    """Median of the reaction time, seconds; it is log-normal,"""
    delay_spread: float = 0.25
    """with this standard deviation of its logarithm."""
    threshold: float = 0.5
    """In units of a frame's credit when the robot is thrown about."""
    miss: float = 0.1
    """Chance that a judgement comes to no press."""
    false_per_minute: float = 1.0
    """Presses for nothing."""
    fatigue_minutes: float = 30.0
    """After so many minutes of watching he misses 1 - 1/e of what he would have pressed for."""
    leniency: float = 0.0
    """Added to what he sees, in the same unit."""


class SimulatedPresser:
    """Watches a live rollout, step by step."""

    def __init__(self, task: Task, seed: int, config: PresserConfig | None = None) -> None:
        """`seed` decides delays, misses and false presses."""
        self.config = config or PresserConfig()
        self._task = task
        self._seed = seed
        self._rng = np.random.default_rng((seed, 7))
        self._unit = credit_spread(task)
        self._dt = task.control_dt
        self._look: deque[float] = deque(maxlen=round(LOOK_SECONDS / self._dt))
        self._usual: float | None = None
        self._time = 0.0
        self._free_at = 0.0
        self._coming: deque[tuple[float, Press, bool]] = deque()

    def reactions(self, count: int) -> list[float]:
        """So many reaction times in seconds, as the game that calibrates a person would measure them."""
        rng = np.random.default_rng((self._seed, 8))
        return [self._delay(rng) for _ in range(count)]

    def see(self, observation: Singles, action: Singles) -> tuple[Press, bool] | None:
        """One control step (nobs,), (nu,): the press that comes now and whether it is held, or None."""
        config = self.config
        self._time += self._dt
        credit = float(self._task.credit(observation[None], action[None])[0]) / self._unit
        self._look.append(credit)
        self._usual = credit if self._usual is None else self._usual + self._dt / HABIT_SECONDS * (credit - self._usual)
        self._judge(float(np.mean(self._look)) - self._usual + config.leniency)
        if self._rng.random() < config.false_per_minute * self._dt / 60.0:
            self._coming.append((self._time, Press.REWARD if self._rng.random() < 0.5 else Press.PUNISH, False))
        if self._coming and self._coming[0][0] <= self._time:
            _, press, strong = self._coming.popleft()
            return press, strong
        return None

    def _delay(self, rng: np.random.Generator) -> float:
        return float(self.config.delay * np.exp(self.config.delay_spread * rng.standard_normal()))

    def _judge(self, better: float) -> None:
        config = self.config
        if self._time < self._free_at or abs(better) < config.threshold or len(self._look) < (self._look.maxlen or 0):
            return
        self._free_at = self._time + REFRACTORY_SECONDS
        awake = (1.0 - config.miss) * np.exp(-self._time / 60.0 / config.fatigue_minutes)
        delay = self._delay(self._rng)
        if self._rng.random() < awake:
            press = Press.REWARD if better > 0 else Press.PUNISH
            self._coming.append((self._time + delay, press, abs(better) > 2.0 * config.threshold))
