"""Hopping forward, upright: the classical task of the hopper, counted in hops."""

import numpy as np
from numpy.typing import NDArray

from sim.attempts import AttemptCounter, Refusal, rows_of
from sim.hopper import HopperTask
from sim.planar import ALONG
from sim.task import Bools, Floats, Readings, Scorer, Singles

HOP_LENGTH = 0.3
"""A hop lands at least so far in front of where the last stance was, metres,"""
MIN_AIR_STEPS = 3
"""after at least so many control steps off the floor without a break,"""
UPRIGHT_PITCH = 0.6
"""and never leans further than this on the way, radians."""
LANDING_HEIGHT = 0.8
"""Height of the torso in a stance, metres, at least."""
LANDING_FOOT = 0.03
"""Height of the foot in a stance, metres, at most."""

FULL_SPEED = 3.0
"""Going faster than this, m/s, earns no more partial credit."""
LOW = 1.0
"""A torso below this, metres, looks as if it would fall."""


class HopperHop(HopperTask):
    """Go forward by hops, fast and upright."""

    name = "hopper-hop"
    title = "Hopper hop"
    summary = "A one-legged hopper learns to hop forward, fast and upright."
    question = "Which clip hops forward better?"
    guidance = (
        "Choose the clip in which the hopper gets further forward (the way its blue visor looks).",
        "It should stay upright: leaning, sinking and falling are worse the further they go.",
        "Say 'can't tell' freely: a wrong guess costs more than no answer.",
    )
    examples = (
        "It hops forward, upright, and lands on its foot each time.",
        "It leans further and further forward and falls.",
    )
    score_name = "hops forward per 10 s"
    forward = ALONG
    typical_labels = 100

    def credit(self, observations: Singles, actions: Singles) -> Floats:  # noqa: ARG002 - it has no price here
        """Forward speed, less leaning, sinking, and any part but the foot on the floor."""
        return self.forward_credit(observations, FULL_SPEED, LOW)

    def scorer(self, n: int) -> Scorer:
        """Counts hops forward."""
        return HopScorer(n)

    def attempt_counter(self, n: int) -> AttemptCounter:
        """Counts landings, far enough ahead or not."""
        return HopAttempts(n)


class HopScorer(Scorer):
    """Hops forward, strictly: from stance to stance, through the air, upright all the way, HOP_LENGTH or more ahead."""

    def __init__(self, n: int) -> None:
        self._armed = np.zeros(n, bool)
        self._stance_x = np.zeros(n)
        self._air_steps = np.zeros(n, np.int64)
        self._flown = np.zeros(n, bool)

    def update(self, readings: Readings) -> NDArray[np.int64]:
        """Takes in qpos (n, 6) and the clearances (n, 4) after a control step; returns (n,) 0 or 1."""
        x, height, pitch = readings.qpos[:, 0], readings.qpos[:, 1], readings.qpos[:, 2]
        clearances = readings.sensordata
        self._air_steps = np.where((clearances > 0.0).all(axis=1), self._air_steps + 1, 0)
        self._flown |= self._air_steps >= MIN_AIR_STEPS
        upright = np.abs(pitch) < UPRIGHT_PITCH
        self._armed &= upright & (clearances[:, :3] > 0.0).all(axis=1)

        stance = upright & (height > LANDING_HEIGHT) & (clearances[:, 3] < LANDING_FOOT)
        landed = stance & self._armed & self._flown & (x - self._stance_x >= HOP_LENGTH)
        # while the foot stays down, where it stands is where it came down: rolling over it is no hop
        settled = stance & (self._flown | ~self._armed)
        self._stance_x = np.where(settled, x, self._stance_x)
        self._flown &= ~stance
        self._armed |= stance
        return landed.astype(np.int64)

    def reset(self, mask: Bools) -> None:
        """A restarted simulation has no stance behind it."""
        self._armed &= ~mask
        self._flown &= ~mask
        self._air_steps[mask] = 0


LEANED = f"leaned {{:.2f}} rad (limit: at most {UPRIGHT_PITCH} rad)"
BODY_TOUCHED = "another part than the foot touched the floor"
TOO_SHORT = f"landed {{:.2f}} m ahead (limit: at least {HOP_LENGTH} m)"
"""What is said of landings that did not count."""


class HopAttempts(AttemptCounter):
    """Landings after a flight: each is a hop forward, or refused for the first condition of `HopScorer` it missed."""

    made_name, one_name, counted_name = "landings", "landing", "counted as hops"

    def __init__(self, n: int) -> None:
        super().__init__()
        self._air_steps = np.zeros(n, np.int64)
        self._flown = np.zeros(n, bool)
        self._most_lean = np.zeros(n)
        """Since the last stance, radians."""
        self._touched = np.zeros(n, bool)
        """Whether another part than the foot touched the floor since then."""
        self._stance_x = np.full(n, np.nan)
        """Where the last stance began, metres; NaN before the first."""

    def update(self, readings: Readings, counted: NDArray[np.int64], rows: Bools) -> None:
        """Takes in qpos (n, 6) and the clearances (n, 4)."""
        x, height, pitch = readings.qpos[:, 0], readings.qpos[:, 1], readings.qpos[:, 2]
        clearances = readings.sensordata
        self._air_steps = np.where((clearances > 0.0).all(axis=1), self._air_steps + 1, 0)
        self._flown |= self._air_steps >= MIN_AIR_STEPS
        self._most_lean = np.maximum(self._most_lean, np.abs(pitch))
        self._touched |= (clearances[:, :-1] <= 0.0).any(axis=1)
        down = (height > LANDING_HEIGHT) & (clearances[:, -1] < LANDING_FOOT)
        landing = rows & down & self._flown & np.isfinite(self._stance_x)
        self.accept(int(counted.sum()))
        for row in rows_of(landing & (counted == 0)):
            self.refuse(self._why(row, float(x[row])))
        settled = down & (self._flown | ~np.isfinite(self._stance_x))
        self._stance_x = np.where(settled, x, self._stance_x)
        self._flown &= ~down
        self._touched &= ~down
        self._most_lean[down] = 0.0

    def reset(self, rows: Bools) -> None:
        """A restarted simulation has no stance behind it."""
        self._flown &= ~rows
        self._touched &= ~rows
        self._air_steps[rows] = 0
        self._most_lean[rows] = 0.0
        self._stance_x[rows] = np.nan

    def _why(self, row: int, x: float) -> Refusal:
        if self._touched[row]:
            return Refusal(BODY_TOUCHED)
        if self._most_lean[row] >= UPRIGHT_PITCH:
            return Refusal(LEANED, float(self._most_lean[row]))
        return Refusal(TOO_SHORT, x - float(self._stance_x[row]))
