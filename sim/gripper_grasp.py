"""Grasping: the ball held between thumb and fingers, off the table, when the time is over."""

import numpy as np
from numpy.typing import NDArray

from sim.attempts import AttemptCounter, Refusal, rows_of
from sim.gripper import BALL, CLEARANCE, GRIP, TOUCH, GripperTask
from sim.task import Bools, Floats, Readings, Scorer, Singles

OFF_TABLE = 0.01
"""A ball higher than this above the table is off it, metres: less is hardly seen."""

THUMB, LEFT, RIGHT, BALL_CLEARANCE = range(6, 10)
"""Columns of the sensors."""

NEAR = 0.12
"""Approaching from farther than about this, metres, earns little partial credit."""
FULL_LIFT = 0.08
"""Lifting higher than this, metres, earns no more."""
TOUCH_CREDIT, HOLD_CREDIT, LIFT_CREDIT = 0.3, 1.0, 3.0
"""Of one side at the ball, of both sides, and of a full lift between them."""


class GripperGrasp(GripperTask):
    """Take the ball from the table and hold it up."""

    name = "gripper-grasp"
    title = "Gripper grasp"
    summary = "An arm with a hand of two fingers and a thumb learns to take a ball from the table and hold it up."
    question = "Which clip grasps the ball better?"
    guidance = (
        "Choose the clip in which the hand comes nearer to the blue ball, open and from above.",
        "Thumb and fingers on the ball are better; the ball off the table between them is best.",
        "Say 'can't tell' freely: a wrong guess costs more than no answer.",
    )
    examples = (
        "It takes the ball between thumb and fingers, lifts it and holds it up.",
        "It closes round the ball but never lifts it off the table.",
    )
    score_name = "share of the last second with the ball held up"
    score_window = 1.0
    typical_labels = 100

    def credit(self, observations: Singles, actions: Singles) -> Floats:  # noqa: ARG002 - it has no price here
        """Being near, then holding between thumb and fingers, then lifting what is held."""
        _, one_side, both = self.contact_states(observations)
        offset = observations[..., BALL].astype(np.float64) - observations[..., GRIP]
        near = 1.0 - np.tanh(np.linalg.norm(offset, axis=-1) / NEAR)
        lift = np.minimum(observations[..., CLEARANCE].astype(np.float64), FULL_LIFT) / FULL_LIFT
        return np.asarray(near + TOUCH_CREDIT * one_side + both * (HOLD_CREDIT + LIFT_CREDIT * lift))

    def scorer(self, n: int) -> Scorer:  # noqa: ARG002 - it keeps nothing of them
        """Counts control steps with the ball held in the air."""
        return HoldScorer()

    def attempt_counter(self, n: int) -> AttemptCounter:  # noqa: ARG002 - it keeps nothing of them
        """Counts control steps of the last second."""
        return HoldAttempts()


class HoldScorer(Scorer):
    """Control steps in which the thumb and at least one finger touch the ball, and it is off the table."""

    def update(self, readings: Readings) -> NDArray[np.int64]:
        """Looks at the distances (n, 10) alone; returns (n,) 0 or 1."""
        sensors = readings.sensordata
        opposed = (sensors[:, THUMB] < TOUCH) & (sensors[:, [LEFT, RIGHT]] < TOUCH).any(axis=1)
        return (opposed & (sensors[:, BALL_CLEARANCE] > OFF_TABLE)).astype(np.int64)

    def reset(self, mask: Bools) -> None:
        """Holding has no history."""


THUMB_OFF = f"thumb {{:.1f}} cm from the ball (limit: at most {100 * TOUCH:g} cm)"
FINGERS_OFF = f"nearer finger {{:.1f}} cm from the ball (limit: at most {100 * TOUCH:g} cm)"
ON_TABLE = f"ball {{:.1f}} cm above the table (limit: at least {100 * OFF_TABLE:g} cm)"
"""What is said of control steps without a hold."""
CM = 100.0


class HoldAttempts(AttemptCounter):
    """Control steps in which the ball should be held: it is, or the first condition of `HoldScorer` that is missing."""

    made_name, one_name, counted_name = "control steps", "control step", "with the ball held"

    def update(self, readings: Readings, counted: NDArray[np.int64], rows: Bools) -> None:
        """Looks at the distances (n, 10) alone."""
        self.accept(int(counted.sum()))
        for row in rows_of(rows & (counted == 0)):
            sensors = readings.sensordata[row]
            thumb, finger = float(sensors[THUMB]), float(sensors[[LEFT, RIGHT]].min())
            if thumb >= TOUCH:
                self.refuse(Refusal(THUMB_OFF, CM * thumb))
            elif finger >= TOUCH:
                self.refuse(Refusal(FINGERS_OFF, CM * finger))
            else:
                self.refuse(Refusal(ON_TABLE, CM * float(sensors[BALL_CLEARANCE])))

    def reset(self, rows: Bools) -> None:
        """Holding has no history."""
