"""A trial: a policy shows what it does, from the normal start, with deterministic actions.

What a learner may know of it is the reward features; the true score is counted along the way for the screen alone.
"""

from dataclasses import dataclass

import numpy as np

from sim.attempts import Attempts
from sim.batch import StepResult
from sim.policy import PolicyWeights
from sim.score import evaluate
from sim.task import Bools, Floats, Singles, Task


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What a policy did."""

    feature_sum: Floats
    """(d,) reward features, summed over all frames."""
    frames: int
    falls: int
    true_score: float
    """Hidden from learners."""
    falls_per_10s: float
    attempts: Attempts | None = None
    """What the true score refused, hidden like it; None of a trial that an older version recorded."""

    def mean_features(self, fallen: Floats, hold: int) -> Floats:
        """(d,) reward features of a mean frame, as if the robot lay there for `hold` frames after each fall.

        Args:
            fallen: (d,) features of a frame in which the robot is down.
            hold: frames.
        """
        return (self.feature_sum + self.falls * hold * fallen) / (self.frames + self.falls * hold)


def run_trial(task: Task, policy: PolicyWeights, seed: int, episodes: int) -> Trial:
    """Lets `policy` act for `episodes` whole episodes; after a fall the robot stands up again and time goes on."""
    seen: list[Singles] = []
    fallen: list[Bools] = []

    def watch(result: StepResult) -> None:
        seen.append(result.observations)
        fallen.append(result.fallen)

    evaluation = evaluate(task, policy.act, seed, episodes, on_step=watch)
    features = task.reward_features(np.concatenate(seen))
    total = features.sum(axis=0, dtype=np.float64)
    falls = int(np.count_nonzero(fallen))
    return Trial(total, len(features), falls, evaluation.true_score, evaluation.falls_per_10s, evaluation.attempts)
