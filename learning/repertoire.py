"""The policies kept from all generations, of which one is shown, exported and scored."""

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
    iteration: int = 0
    """Of the trial,"""
    labels: int = 0
    """how many there were by then,"""
    env_steps: int = 0
    """and after how much practice."""


@dataclass(frozen=True, slots=True)
class Rival:
    """Two entries that could be auditioned."""

    shown: Entry
    other: Entry
    information: float
    """Nats that the answer is expected to tell."""


Outcome = tuple[int, int]
"""Versions of the winner and of the loser of an audition."""


class Repertoire:
    """At most `capacity` entries."""

    def __init__(self, capacity: int, fall_hold: int) -> None:
        """Empty."""
        self._capacity = capacity
        self._fall_hold = fall_hold
        self.entries: list[Entry] = []
        self.retired: dict[int, Entry] = {}
        """By version: those that had to go, to look at and to go back to."""

    def add(self, entry: Entry, model: BayesianRewardModel, fallen: Floats, shown: Entry | None = None) -> None:
        """Takes an entry in; if there are too many, the one of least worth goes, but never the one that is shown."""
        self.entries.append(entry)
        if len(self.entries) > self._capacity:
            worths = self.worths(model, fallen)
            worths[-1] = np.inf  # the newest has only begun
            worths[[kept is shown for kept in self.entries]] = np.inf
            gone = self.entries.pop(int(np.argmin(worths)))
            self.retired[gone.version] = gone

    def all(self) -> list[Entry]:
        """Every policy that ever had a trial, oldest first."""
        return sorted([*self.entries, *self.retired.values()], key=lambda entry: entry.version)

    def find(self, version: int) -> Entry | None:
        """Any of them."""
        kept = next((entry for entry in self.entries if entry.version == version), None)
        return kept or self.retired.get(version)

    def recall(self, version: int) -> Entry | None:
        """The entry, kept again if it had to go; None if there never was one."""
        if version in self.retired:
            self.entries.append(self.retired.pop(version))
            self.entries.sort(key=lambda entry: entry.version)
        return self.find(version)

    def worths(self, model: BayesianRewardModel, fallen: Floats, entries: list[Entry] | None = None) -> Floats:
        """(n,) learned reward of a mean frame of each entry, or of each of `entries`, falls paid for."""
        chosen = self.entries if entries is None else entries
        return model.mean(np.stack([self.mean_features(entry, fallen) for entry in chosen]))

    def best(
        self, model: BayesianRewardModel, fallen: Floats, margin: float = 0.0, entries: list[Entry] | None = None
    ) -> Entry:
        """The oldest of all entries, or of `entries`, whose worth is no more than `margin` below the most.

        Of policies that the reward model hardly tells apart, the older was optimised less against it.
        """
        chosen = self.entries if entries is None else entries
        worths = self.worths(model, fallen, chosen)
        return chosen[int(np.argmax(worths >= worths.max() - margin))]

    def beaten_by(self, outcomes: list[Outcome]) -> dict[int, Entry]:
        """By the version of each entry that lost its last audition against one that is still kept: the winner."""
        kept = {entry.version: entry for entry in self.entries}
        found: dict[int, Entry] = {}
        for winner, loser in outcomes:
            found.pop(winner, None)
            if winner in kept and loser in kept:
                found[loser] = kept[winner]
        return found

    def unbeaten(self, outcomes: list[Outcome]) -> list[Entry]:
        """The others."""
        beaten = self.beaten_by(outcomes)
        return [entry for entry in self.entries if entry.version not in beaten]

    def challenger(
        self,
        shown: Entry,
        model: BayesianRewardModel,
        fallen: Floats,
        known: set[frozenset[int]],
        outcomes: list[Outcome],
        margin: float,
    ) -> Entry | None:
        """The entry that the reward model would rather show, if it is ahead by more than `margin`; None without any.

        Args:
            shown: one of the entries.
            model: the present reward model.
            fallen: (d,) features of a robot that is down.
            known: versions of entries that were compared before.
            outcomes: of the auditions so far.
            margin: of worth.
        """
        others = [entry for entry in self.unbeaten(outcomes) if frozenset((entry.version, shown.version)) not in known]
        if not others:
            return None
        best = self.best(model, fallen, margin, others)
        ahead, of_shown = self.worths(model, fallen, [best, shown])
        return best if ahead > of_shown + margin else None

    def mean_features(self, entry: Entry, fallen: Floats) -> Floats:
        """(d,) of a mean frame, falls paid for."""
        return entry.trial.mean_features(fallen, self._fall_hold)

    def rival(
        self, shown: Entry, model: BayesianRewardModel, fallen: Floats, known: set[frozenset[int]], length: float
    ) -> Rival | None:
        """The entry whose comparison with the shown one would tell most; None without any.

        Args:
            shown: one of the entries.
            model: the present reward model.
            fallen: (d,) features of a robot that is down.
            known: versions of entries that were compared before.
            length: of their clips, in fragments.
        """
        others = [
            entry
            for entry in self.entries
            if frozenset((entry.version, shown.version)) not in known and entry is not shown
        ]
        if not others:
            return None
        middle = self.mean_features(shown, fallen)
        differences = np.stack([self.mean_features(entry, fallen) - middle for entry in others])
        information = model.information(length * differences)
        found = int(np.argmax(information))
        return Rival(shown, others[found], float(information[found]))
