"""What a press, or its absence, says of the reward: an ordered logit.

A teacher who watches holds what he sees against what he is used to, and presses when it is better or worse by more than
a threshold (docs/presses.md). With `s` the learned reward of the judged moments less what is usual, plus the teacher's
own leniency, a reward has the chance `sigmoid(s - threshold)`, a punishment `sigmoid(-s - threshold)`, and silence the
rest (McCullagh 1980). So silence says that it was neither, which is not nothing. A share of presses are slips.
"""

from dataclasses import dataclass

import numpy as np

from sim.task import Floats

THRESHOLDS = np.geomspace(0.1, 10.0, 25)
"""What a teacher's threshold can be, in logits."""
THRESHOLD_EXPECTED = 1.5
THRESHOLD_SPREAD = 0.7
"""Standard deviation of its logarithm before the presses say more."""
LENIENCY_VARIANCE = 4.0
"""Of what a teacher adds to everything, in logits."""
STRONG = 2.0
"""A press held long enough says that twice the threshold was passed."""


@dataclass(frozen=True, slots=True, eq=False)
class Presses:
    """What was judged while watching."""

    differences: Floats
    """(k, d) mean reward features of the judged moments, less what is usual."""
    signs: Floats
    """(k,) 1 rewarded, -1 punished, 2 and -2 strongly; 0 watched in silence."""

    def __len__(self) -> int:
        return len(self.signs)


def likelihood(logits: Floats, signs: Floats, threshold: float, slips: float) -> Floats:
    """(k, nodes), (k,) -> (k, nodes) the chance of each press, or of silence, given the logits.

    Args:
        logits: what the judged moments are worth beyond the usual, leniency included.
        signs: as in `Presses`.
        threshold: in logits.
        slips: share of moments at which the teacher does any of the three by chance.
    """
    sign = signs[:, None]
    steps = np.where(np.abs(sign) > 1.0, STRONG, 1.0) * threshold
    pressed = sigmoid(np.sign(sign) * logits - steps)
    silent = sigmoid(threshold - logits) - sigmoid(-threshold - logits)
    return np.asarray(slips / 3.0 + (1.0 - slips) * np.where(sign == 0.0, silent, pressed))


def learnt_threshold(logits: Floats, signs: Floats, node_weights: Floats, slips: float) -> float:
    """The most likely threshold, given the logits (k, nodes) that all other answers leave possible."""
    fits = [
        np.log(likelihood(logits, signs, threshold, slips) @ node_weights).sum()
        - 0.5 * (np.log(threshold / THRESHOLD_EXPECTED) / THRESHOLD_SPREAD) ** 2
        for threshold in THRESHOLDS
    ]
    return float(THRESHOLDS[int(np.argmax(fits))])


def sigmoid(logits: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -40.0, 40.0))))
