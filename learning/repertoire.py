"""The policies kept from all generations, of which one is shown, exported and scored."""

from dataclasses import dataclass

from learning.packing import Tensors
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


Outcome = tuple[int, int]
"""Versions of the winner and of the loser of an audition."""


class Repertoire:
    """At most `capacity` entries, and those that had to go."""

    def __init__(self, capacity: int, fall_hold: int) -> None:
        """Empty.

        Args:
            capacity: entries that are kept.
            fall_hold: frames that a fall costs a policy's mean frame.
        """
        self._capacity = capacity
        self._fall_hold = fall_hold
        self.entries: list[Entry] = []
        self.retired: dict[int, Entry] = {}
        """By version: those that had to go, to look at and to go back to."""

    def add(self, entry: Entry) -> None:
        """Takes the newest entry in."""
        self.entries.append(entry)

    @property
    def overfull(self) -> bool:
        """Whether one of them has to go."""
        return len(self.entries) > self._capacity

    def retire(self, entry: Entry) -> None:
        """Lets one of the entries go."""
        self.entries = [kept for kept in self.entries if kept is not entry]
        self.retired[entry.version] = entry

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

    def mean_features(self, entry: Entry, fallen: Floats) -> Floats:
        """(d,) of a mean frame, falls paid for."""
        return entry.trial.mean_features(fallen, self._fall_hold)
