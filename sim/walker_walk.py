"""Walking forward, upright: counted in strides of half a metre."""

import numpy as np

from sim.attempts import AttemptCounter, Refusal
from sim.distance import BODY_TOUCHED, DistanceAttempts, DistanceScorer
from sim.planar import ALONG
from sim.task import Bools, Floats, Readings, Scorer, Singles
from sim.walker import LAYOUT, WalkerTask

STRIDE = 0.5
"""What is counted is every so many metres forward."""
UPRIGHT_PITCH = 0.6
"""Leaning further than this, radians, is not walking."""
LEAST_HEIGHT = 0.8
"""Nor is a torso lower than this, metres."""

FULL_SPEED = 2.0
"""Going faster than this, m/s, earns no more partial credit."""
LOW = 1.05
"""A torso below this, metres, looks as if it would fall."""


class WalkerWalk(WalkerTask):
    """Go forward on two legs, upright."""

    name = "walker-walk"
    title = "Walker walk"
    summary = "A robot with two legs learns to walk forward, upright."
    question = "Which clip walks forward better?"
    guidance = (
        "Choose the clip in which the walker gets further forward (the way its blue visor looks).",
        "It should stay upright: leaning, sinking and falling are worse the further they go.",
        "Say 'can't tell' freely: a wrong guess costs more than no answer.",
    )
    examples = (
        "It walks forward and stays upright.",
        "It falls before it has taken a step.",
    )
    score_name = "half metres walked upright per 10 s"
    forward = ALONG

    def credit(self, observations: Singles, actions: Singles) -> Floats:  # noqa: ARG002 - it has no price here
        """Forward speed, less leaning, sinking, and any part but the feet on the floor."""
        return self.forward_credit(observations, FULL_SPEED, LOW)

    def scorer(self, n: int) -> Scorer:
        """Counts half metres walked."""
        return WalkScorer(n)

    def attempt_counter(self, n: int) -> AttemptCounter:
        """Counts half metres begun."""
        return WalkAttempts(n, WalkScorer(n))


class WalkScorer(DistanceScorer):
    """Half metres forward, on or over the feet alone: leaning, sinking and other parts on the floor break it."""

    stretch = STRIDE

    def goes_well(self, readings: Readings) -> Bools:
        """Looks at qpos (n, 9) and the clearances (n, 7)."""
        height, pitch = readings.qpos[:, 1], readings.qpos[:, 2]
        clear = (readings.sensordata[:, LAYOUT.body] > 0.0).all(axis=1)
        return np.asarray((np.abs(pitch) < UPRIGHT_PITCH) & (height > LEAST_HEIGHT) & clear)


LEANED = f"leaned {{:.2f}} rad (limit: at most {UPRIGHT_PITCH} rad)"
TORSO_LOW = f"torso came down to {{:.2f}} m (limit: at least {LEAST_HEIGHT} m)"
"""What is said of stretches that were broken off."""


class WalkAttempts(DistanceAttempts):
    """Half metres begun, and what broke them off."""

    worse_below = frozenset({TORSO_LOW})

    def broken_by(self, readings: Readings, row: int) -> Refusal:
        """Leaning, sinking, or another part on the floor."""
        height, lean = float(readings.qpos[row, 1]), abs(float(readings.qpos[row, 2]))
        if lean >= UPRIGHT_PITCH:
            return Refusal(LEANED, lean)
        return Refusal(TORSO_LOW, height) if height <= LEAST_HEIGHT else Refusal(BODY_TOUCHED)
