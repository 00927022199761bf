"""The KL penalty: straying from the reference policy costs reward (Ziegler et al. 2019, section 2.2)."""

import math
from dataclasses import dataclass

from learning.messages import PenaltyMode

FIRST_COEFFICIENT = 0.15
"""Of an adaptive penalty, as in the paper,"""
HORIZON = 10_000
"""which it moves by a fifth of itself in no fewer than so many control steps,"""
MOST_ERROR = 0.2
"""since an error counts no more than this."""
COEFFICIENT_RANGE = (1e-6, 1e3)


@dataclass(slots=True)
class KLPenalty:
    """What a nat costs, and how that follows the KL."""

    mode: PenaltyMode = PenaltyMode.OFF
    coefficient: float = 0.0
    """In units of the reward a frame, for each nat of that frame's step."""
    target: float | None = None
    """Of an adaptive penalty, nats per second of simulation."""

    def set(self, mode: PenaltyMode, value: float | None) -> None:
        """Another mode, and its value as in `Steering`; an adaptive penalty with a new target keeps its coefficient.

        Raises:
            ValueError: the mode needs a value above zero.
        """
        if mode is PenaltyMode.OFF:
            self.coefficient, self.target = 0.0, None
        elif value is None or not math.isfinite(value) or value <= 0.0:
            raise ValueError(f"a penalty that is {mode} needs a number above zero, found {value}")
        elif mode is PenaltyMode.FIXED:
            self.coefficient, self.target = value, None
        else:
            if self.mode is not PenaltyMode.ADAPTIVE:
                self.coefficient = FIRST_COEFFICIENT
            self.target = value
        self.mode = mode

    def adapt(self, kl: float, steps: int) -> None:
        """Follows a KL of `kl` nats per second that was seen over `steps` control steps.

        The coefficient is multiplied by `1 + clip(kl / target - 1, -0.2, 0.2) * steps / horizon`.
        """
        if self.target is not None:
            error = min(max(kl / self.target - 1.0, -MOST_ERROR), MOST_ERROR)
            least, most = COEFFICIENT_RANGE
            self.coefficient = min(max(self.coefficient * (1.0 + error * steps / HORIZON), least), most)
