"""Flips of the hopper: the backflip of Christiano et al. 2017, and its mirror image. What lands is counted strictly."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.attempts import AttemptCounter, Refusal, rows_of
from sim.hopper import LAYOUT, HopperTask
from sim.planar import COS, FALL_HEIGHT, HEIGHT, SIN
from sim.task import Bools, Floats, Readings, Scorer, Singles

STANCE_PITCH = 0.6
"""A stance is within this of upright, radians."""
STANCE_HEIGHT = 0.8
"""and has the torso above this, metres."""
STANCE_FOOT = 0.03
"""and the foot lower than this, metres."""
MIN_AIR_SECONDS = 0.1
"""The whole body must be off the floor for this long without a break, on the way."""

FULL_RATE = 9.0
"""Turning faster than this, rad/s, earns no more partial credit: nobody sees a difference beyond."""
TILT_PRICE = 8.0
"""What standing on the foot loses as the torso tilts, per 1 - cos(pitch)."""
LANDED_BONUS = 120.0
"""What a landed backflip counts in a whole showing: a third of a second's turning does not outweigh it."""


class HopperFlip(HopperTask):
    """Turn in the air by a whole turn and land on the foot, again and again."""

    sense: int
    """The sign of `rooty`'s rate that counts: negative takes the head towards -x, away from the visor."""
    upright_credit: float
    """Partial credit of standing on the foot, upright."""
    body_contact_price: float
    """What any other part on the floor loses."""

    def credit(self, observations: Singles, actions: Singles) -> Floats:  # noqa: ARG002 - it has no price here
        """Turning in the air, uprightness on the foot, and a price for any other part on the floor.

        A person sees just these three things in a short clip. The price of a tilt makes the teacher's taste and the
        true score agree: with a milder one, or one that ends somewhere, faster turning pays for landing askew, and a
        policy that does what it is praised for lands ever more so (docs/lab-notes.md).
        """
        airborne, on_foot, on_body = LAYOUT.contact_states(observations)
        turning = np.clip(self.sense * observations[..., LAYOUT.rate].astype(np.float64), -FULL_RATE, FULL_RATE)
        tilt = 1.0 - observations[..., COS].astype(np.float64)
        stance = self.upright_credit - TILT_PRICE * tilt
        return airborne * turning + on_foot * stance - on_body * self.body_contact_price

    def showing_credit(self, observations: Singles, actions: Singles) -> float:
        """The frames' credit, and a bonus for each landed flip: in some seconds a person counts them."""
        pitch = np.unwrap(np.arctan2(observations[:, SIN], observations[:, COS]).astype(np.float64))
        scorer = self.scorer(1)
        landed = 0
        for frame, angle in zip(observations, pitch, strict=True):
            qpos = np.array([[0.0, frame[HEIGHT], angle, 0.0, 0.0, 0.0]])
            readings = Readings(qpos, np.zeros_like(qpos), frame[None, LAYOUT.clearance].astype(np.float64))
            landed += int(scorer.update(readings)[0])
        return super().showing_credit(observations, actions) + LANDED_BONUS * landed

    def scorer(self, n: int) -> Scorer:
        """Counts landed flips."""
        return FlipScorer(n, self.control_dt, self.sense)

    def attempt_counter(self, n: int) -> AttemptCounter:
        """Counts whole turns, landed or not."""
        return FlipAttempts(n, self.control_dt, self.sense)


class HopperBackflip(HopperFlip):
    """Backward: the skill of the paper."""

    name = "hopper-backflip"
    title = "Hopper backflip"
    summary = "A one-legged hopper learns to jump, turn over backward and land on its foot."
    question = "Which clip is more of a backflip?"
    guidance = (
        "Choose the clip in which the hopper turns backward (away from its blue visor) in the air.",
        "Landing upright on the foot is better than crashing; lying on the floor is worst.",
        "Say 'can't tell' freely: a wrong guess costs more than no answer.",
    )
    examples = (
        "It jumps, turns over backward in the air and lands upright on its foot.",
        "It tips over backward, crashes on its head and stays on the floor.",
    )
    score_name = "landed backflips per 10 s"
    typical_labels = 50
    sense = -1
    upright_credit = 1.2
    body_contact_price = 1.5


class HopperFrontflip(HopperFlip):
    """Forward: the same, the other way round."""

    name = "hopper-frontflip"
    title = "Hopper front flip"
    summary = "A one-legged hopper learns to jump, turn over forward and land on its foot."
    question = "Which clip is more of a front flip?"
    guidance = (
        "Choose the clip in which the hopper turns forward (towards its blue visor) in the air.",
        "Landing upright on the foot is better than crashing; lying on the floor is worst.",
        "Say 'can't tell' freely: a wrong guess costs more than no answer.",
    )
    examples = (
        "It jumps, turns over forward in the air and lands upright on its foot.",
        "It falls over forward without a jump and stays on the floor.",
    )
    score_name = "landed front flips per 10 s"
    sense = 1
    # turning over the long side of the foot is hard to begin: with the backflip's, every search stands still
    upright_credit = 0.6
    body_contact_price = 1.5


class FlipScorer(Scorer):
    """Landed flips in one sense, strictly.

    From a stance on the foot the pitch advances by a whole turn in that sense, the whole body is off the floor for
    MIN_AIR_SECONDS on the way, the torso never comes below FALL_HEIGHT, and it ends in a stance again. A double turn
    between two stances has one landing, so it counts once.
    """

    def __init__(self, n: int, control_dt: float, sense: int) -> None:
        self._sense = sense
        self._min_air_steps = math.ceil(MIN_AIR_SECONDS / control_dt - 1e-9)
        self._armed = np.zeros(n, bool)
        self._stance_turn = np.zeros(n)
        self._air_steps = np.zeros(n, np.int64)
        self._longest_air = np.zeros(n, np.int64)

    def update(self, readings: Readings) -> NDArray[np.int64]:
        """Takes in qpos (n, 6) and the clearances (n, 4) after a control step; returns (n,) 0 or 1."""
        height, pitch = readings.qpos[:, 1], readings.qpos[:, 2]
        clearances = readings.sensordata
        airborne = (clearances > 0.0).all(axis=1)
        self._air_steps = np.where(airborne, self._air_steps + 1, 0)
        self._longest_air = np.maximum(self._longest_air, self._air_steps)
        self._armed &= height >= FALL_HEIGHT

        turn = np.round(pitch / (2 * math.pi))
        upright = np.abs(pitch - 2 * math.pi * turn) < STANCE_PITCH
        stance = upright & (height > STANCE_HEIGHT) & (clearances[:, 3] < STANCE_FOOT)
        turned = self._sense * (turn - self._stance_turn) >= 1
        landed = stance & self._armed & turned & (self._longest_air >= self._min_air_steps)

        self._stance_turn = np.where(stance, turn, self._stance_turn)
        self._longest_air = np.where(stance, 0, self._longest_air)
        self._armed |= stance
        return landed.astype(np.int64)

    def reset(self, mask: Bools) -> None:
        """A restarted simulation has no stance behind it."""
        self._armed &= ~mask
        self._air_steps[mask] = 0
        self._longest_air[mask] = 0


TORSO_LOW = f"torso came down to {{:.2f}} m (limit: at least {FALL_HEIGHT} m)"
SHORT_AIR = f"in the air for {{:.0f}} ms at a stretch (limit: at least {1000 * MIN_AIR_SECONDS:.0f} ms)"
NO_STANCE_BEFORE = "it did not begin from a stance on the foot"
FOOT_HIGH = f"foot stayed {{:.2f}} m above the floor (limit: at most {STANCE_FOOT} m)"
CROUCHED = f"stood up to {{:.2f}} m only (limit: at least {STANCE_HEIGHT} m)"
"""What is said of turns that did not count."""


class FlipAttempts(AttemptCounter):
    """Whole turns in one sense: each is landed, or refused for the first condition of `FlipScorer` that it missed.

    A turn is over in the next stance, when the next turn is complete, or when the robot has fallen. One that the end
    of the time cuts off is not counted.
    """

    made_name, one_name, counted_name = "turns", "turn", "landed"

    def __init__(self, n: int, control_dt: float, sense: int) -> None:
        super().__init__()
        self._sense, self._control_dt = sense, control_dt
        self._turns = np.zeros(n, np.int64)
        """Whole turns so far; those before the last stance count from it."""
        self._turned = np.zeros(n, bool)
        """Whether a turn is complete and neither landed nor refused."""
        self._stood = np.zeros(n, bool)
        self._lowest = np.full(n, np.inf)
        """Of the torso since the last stance, metres."""
        self._air_steps, self._longest_air = np.zeros(n, np.int64), np.zeros(n, np.int64)
        self._nearest_foot = np.full(n, np.inf)
        """To the floor while upright, since the turn was complete, metres."""
        self._highest = np.zeros(n)
        """Of the torso, upright with the foot down, since then."""

    def update(self, readings: Readings, counted: NDArray[np.int64], rows: Bools) -> None:
        """Takes in qpos (n, 6) and the clearances (n, 4)."""
        height, pitch, clearances = readings.qpos[:, 1], readings.qpos[:, 2], readings.sensordata
        foot = clearances[:, -1]
        self._air_steps = np.where((clearances > 0.0).all(axis=1), self._air_steps + 1, 0)
        self._longest_air = np.maximum(self._longest_air, self._air_steps)
        self._lowest = np.minimum(self._lowest, height)

        turn = np.round(pitch / (2 * math.pi))
        upright = rows & (np.abs(pitch - 2 * math.pi * turn) < STANCE_PITCH)
        turns = (self._sense * turn).astype(np.int64)
        complete = upright & (turns > self._turns)
        self._refuse(complete & self._turned)
        self._turns = np.where(complete, turns, self._turns)
        self._turned |= complete
        self._nearest_foot[complete], self._highest[complete] = np.inf, 0.0
        self._nearest_foot = np.where(upright, np.minimum(self._nearest_foot, foot), self._nearest_foot)
        down = upright & (foot < STANCE_FOOT)
        self._highest = np.where(down, np.maximum(self._highest, height), self._highest)

        stance = down & (height > STANCE_HEIGHT)
        landed = counted > 0
        self.accept(int(counted.sum()))
        self._refuse(stance & self._turned & ~landed)
        self._turned &= ~stance
        self._stood |= stance
        self._turns = np.where(stance, turns, self._turns)
        self._lowest[stance], self._longest_air[stance] = np.inf, 0

    def reset(self, rows: Bools) -> None:
        """Whoever fell after a turn did not land it."""
        self._refuse(rows & self._turned & (self._lowest < FALL_HEIGHT))
        self._turned &= ~rows
        self._stood &= ~rows
        self._turns[rows] = self._air_steps[rows] = self._longest_air[rows] = 0
        self._lowest[rows] = np.inf

    def _refuse(self, rows: Bools) -> None:
        for row in rows_of(rows):
            self.refuse(self._why(row))

    def _why(self, row: int) -> Refusal:
        """The first condition that a turn missed."""
        air_seconds = float(self._longest_air[row]) * self._control_dt
        if self._lowest[row] < FALL_HEIGHT:
            return Refusal(TORSO_LOW, float(self._lowest[row]))
        if air_seconds < MIN_AIR_SECONDS:
            return Refusal(SHORT_AIR, 1000 * air_seconds)
        if not self._stood[row]:
            return Refusal(NO_STANCE_BEFORE)
        if self._nearest_foot[row] >= STANCE_FOOT:
            return Refusal(FOOT_HIGH, float(self._nearest_foot[row]))
        return Refusal(CROUCHED, float(self._highest[row]))
