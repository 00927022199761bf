"""Presses and silences in force, and what they say: how the judged moments differ from what is usual."""

from dataclasses import dataclass

import numpy as np

from learning.messages import Press, Reinforcement
from learning.press_likelihood import Presses
from sim.task import Floats, Task

MEMORY = 0.95
"""What is usual is a running mean over judged moments; so much of it is kept from one to the next."""
SIGNS = {Press.REWARD: 1.0, Press.PUNISH: -1.0, Press.SILENCE: 0.0}


def signed(press: Press, strong: bool) -> float:
    """As in `Presses.signs`: 1 or -1, twice that if it was held, 0 for silence."""
    return SIGNS[press] * (2.0 if strong else 1.0)


@dataclass(slots=True, eq=False)
class Judged:
    """Moments, and what is said of them."""

    features: Floats
    """(d,) mean reward features, each frame by its share."""
    sign: float | None
    """As in `Presses`; None after it was taken back."""


class PressBook:
    """All reinforcements of a session."""

    def __init__(self, task: Task) -> None:
        """Nothing was watched yet."""
        self._task = task
        self.judged: dict[int, Judged] = {}
        """By number: in the order in which they were watched."""

    @property
    def count(self) -> int:
        """Presses in force; silences are not counted."""
        return sum(bool(moments.sign) for moments in self.judged.values())

    def take(self, event: Reinforcement) -> bool:
        """Takes an event in; returns whether it is the first about its moments."""
        sign = None if event.press is None else signed(event.press, event.strong)
        known = self.judged.get(event.number)
        if known is not None:
            known.sign = sign
            return False
        assert event.clip is not None and event.shares is not None, "a first judgement brings its moments"
        features = self._task.reward_features(event.clip.observations)
        self.judged[event.number] = Judged(np.asarray(event.shares @ features, np.float64), sign)
        return True

    def presses(self, first_features: Floats) -> Presses | None:
        """What they say; None before any. What is usual before the first is (d,) `first_features`."""
        usual, differences, signs = first_features, [], []
        for _, moments in sorted(self.judged.items()):
            if moments.sign is not None:
                differences.append(moments.features - usual)
                signs.append(moments.sign)
            usual = MEMORY * usual + (1.0 - MEMORY) * moments.features
        return Presses(np.stack(differences), np.array(signs)) if signs else None
