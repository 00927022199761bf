"""The policies kept from all generations. The one with the most learned reward is shown, exported and scored."""

from dataclasses import dataclass

import numpy as np

from learning.packing import Tensors
from learning.reward_model import BayesianRewardModel
from learning.trial import Trial
from sim.policy import PolicyWeights
from sim.task import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A policy that had its trial."""

    version: int
    """Number of its trial."""
    generation: int
    parameters: Tensors
    """Of the whole `ActorCritic`, so that it can practise on."""
    weights: PolicyWeights
    trial: Trial


@dataclass(frozen=True, slots=True)
class Rival:
    """Two entries that could be auditioned."""

    shown: Entry
    other: Entry
    information: float
    """Nats that the answer is expected to tell."""


class Repertoire:
    """At most `capacity` entries. Which one is shown is a function of the entries and of the reward model."""

    def __init__(self, capacity: int, fall_hold: int) -> None:
        """Empty."""
        self._capacity = capacity
        self._fall_hold = fall_hold
        self.entries: list[Entry] = []

    def add(self, entry: Entry, model: BayesianRewardModel, fallen: Floats) -> None:
        """Takes an entry in; if there are too many, the one of least worth goes."""
        self.entries.append(entry)
        if len(self.entries) > self._capacity:
            worths = self.worths(model, fallen)
            worths[-1] = np.inf  # the newest has only begun
            del self.entries[int(np.argmin(worths))]

    def worths(self, model: BayesianRewardModel, fallen: Floats, entries: list[Entry] | None = None) -> Floats:
        """(n,) learned reward of a mean frame of each entry, or of each of `entries`, falls paid for."""
        chosen = self.entries if entries is None else entries
        return model.mean(np.stack([self.mean_features(entry, fallen) for entry in chosen]))

    def best(self, model: BayesianRewardModel, fallen: Floats) -> Entry:
        """The entry of most worth; the oldest of equals."""
        return self.entries[int(np.argmax(self.worths(model, fallen)))]

    def mean_features(self, entry: Entry, fallen: Floats) -> Floats:
        """(d,) of a mean frame, falls paid for."""
        return entry.trial.mean_features(fallen, self._fall_hold)

    def rival(
        self, model: BayesianRewardModel, fallen: Floats, known: set[frozenset[int]], length: float
    ) -> Rival | None:
        """The entry whose comparison with the shown one would tell most; None without any.

        Args:
            model: the present reward model.
            fallen: (d,) features of a robot that is down.
            known: versions of entries that were compared before.
            length: of their clips, in fragments.
        """
        best = self.best(model, fallen)
        others = [
            entry
            for entry in self.entries
            if frozenset((entry.version, best.version)) not in known and entry is not best
        ]
        if not others:
            return None
        middle = self.mean_features(best, fallen)
        differences = np.stack([self.mean_features(entry, fallen) - middle for entry in others])
        information = model.information(length * differences)
        found = int(np.argmax(information))
        return Rival(best, others[found], float(information[found]))
