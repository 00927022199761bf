"""Running forward on the feet: counted in metres."""

import numpy as np

from sim.attempts import AttemptCounter, Refusal
from sim.cheetah import LAYOUT, CheetahTask
from sim.distance import BODY_TOUCHED, DistanceAttempts, DistanceScorer
from sim.planar import ALONG
from sim.task import Bools, Floats, Readings, Scorer, Singles

METRE = 1.0
"""What is counted is every so many metres forward."""
LEVEL_PITCH = 1.0
"""Head up or down by more than this, radians, is not running: a gallop pitches, a somersault does more."""

FULL_SPEED = 6.0
"""Going faster than this, m/s, earns no more partial credit."""
LOW = 0.4
"""A torso below this, metres, looks as if it would fall."""


class CheetahRun(CheetahTask):
    """Go forward fast, on the feet."""

    name = "cheetah-run"
    title = "Cheetah run"
    summary = "A robot with a hind leg and a foreleg learns to run forward, fast and on its feet."
    question = "Which clip runs forward better?"
    guidance = (
        "Choose the clip in which the cheetah gets further forward (the way its blue visor looks).",
        "It should stay on its feet: rearing up, turning over and sliding are worse the further they go.",
        "Say 'can't tell' freely: a wrong guess costs more than no answer.",
    )
    examples = (
        "It runs forward and stays on its feet.",
        "It does not get anywhere.",
    )
    score_name = "metres run on its feet per 10 s"
    forward = ALONG
    typical_labels = 100

    def credit(self, observations: Singles, actions: Singles) -> Floats:  # noqa: ARG002 - it has no price here
        """Forward speed, less pitching, sinking, and any part but the feet on the floor."""
        return self.forward_credit(observations, FULL_SPEED, LOW)

    def scorer(self, n: int) -> Scorer:
        """Counts metres run."""
        return RunScorer(n)

    def attempt_counter(self, n: int) -> AttemptCounter:
        """Counts metres begun."""
        return RunAttempts(n, RunScorer(n))


class RunScorer(DistanceScorer):
    """Metres forward, level, on or over the feet alone: turning over and other parts on the floor break it."""

    stretch = METRE

    def goes_well(self, readings: Readings) -> Bools:
        """Looks at qpos (n, 9) and the clearances (n, 7). However often it turned over before, level is level."""
        level = np.cos(readings.qpos[:, 2]) > np.cos(LEVEL_PITCH)
        clear = (readings.sensordata[:, LAYOUT.body] > 0.0).all(axis=1)
        return np.asarray(level & clear)


PITCHED = f"pitched {{:.2f}} rad (limit: at most {LEVEL_PITCH:g} rad)"
"""What is said of stretches that were broken off."""


class RunAttempts(DistanceAttempts):
    """Metres begun, and what broke them off."""

    def broken_by(self, readings: Readings, row: int) -> Refusal:
        """Turning over, or another part on the floor."""
        pitch = float(readings.qpos[row, 2])
        away = abs(float(np.arctan2(np.sin(pitch), np.cos(pitch))))
        return Refusal(PITCHED, away) if away >= LEVEL_PITCH else Refusal(BODY_TOUCHED)
