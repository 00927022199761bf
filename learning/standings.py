"""How the policies of the repertoire stand now, by the learned reward and by what the teacher preferred."""

from dataclasses import dataclass

import numpy as np

from learning.repertoire import Entry, Outcome, Repertoire
from learning.reward_model import BayesianRewardModel
from sim.task import Floats


@dataclass(frozen=True, slots=True)
class Rival:
    """Whom the shown policy could be auditioned against."""

    other: Entry
    information: float
    """Nats that the answer is expected to tell."""


@dataclass(frozen=True, slots=True)
class Standings:
    """Holds for as long as nothing is learnt, tried or answered."""

    repertoire: Repertoire
    model: BayesianRewardModel
    fallen: Floats
    """(d,) reward features of a robot that is down."""
    margin: float
    """Policies whose worth differs by less are as good as equal."""
    outcomes: list[Outcome]
    """Who was preferred to whom, in auditions and beside them."""
    shown: Entry
    """The one that the others are auditioned against."""

    def worths(self, entries: list[Entry] | None = None) -> Floats:
        """(n,) learned reward of a mean frame of each entry, or of each of `entries`, falls paid for."""
        chosen = self.repertoire.entries if entries is None else entries
        return self.model.mean(np.stack([self.repertoire.mean_features(entry, self.fallen) for entry in chosen]))

    def unbeaten(self) -> list[Entry]:
        """Those whose last audition was no loss."""
        return self.repertoire.unbeaten(self.outcomes)

    def best(self, entries: list[Entry] | None = None) -> Entry:
        """The oldest of the unbeaten, or of `entries`, whose worth is no more than `margin` below the most.

        Of policies that the reward model hardly tells apart, the older was optimised less against it.
        """
        chosen = self.unbeaten() if entries is None else entries
        worths = self.worths(chosen)
        return chosen[int(np.argmax(worths >= worths.max() - self.margin))]

    def worst(self) -> Entry:
        """Who goes first when there are too many: whose worth is least, but neither the newest nor the shown one."""
        worths = self.worths()
        worths[-1] = np.inf  # the newest has only begun
        worths[[entry is self.shown for entry in self.repertoire.entries]] = np.inf
        return self.repertoire.entries[int(np.argmin(worths))]

    def to_show(self, wins: list[Outcome], leap: float) -> Entry:
        """The shown policy stays until another beats it in an audition.

        One that has not won itself also gives way to what is far ahead by the learned reward: it is right about that
        more often than not, but whether it is being gamed only the teacher can tell.

        Args:
            wins: of the outcomes, those whose winner stays all the same.
            leap: of worth, by which the other has to be ahead.
        """
        shown = self.repertoire.beaten_by(self.outcomes).get(self.shown.version, self.shown)
        if any(winner == shown.version for winner, _ in wins):
            return shown
        best = self.best()
        ahead, of_shown = self.worths([best, shown])
        return best if ahead - of_shown > leap else shown

    def challenger(self, known: set[frozenset[int]]) -> Entry | None:
        """The entry that the reward model would rather show, if it is ahead by more than the margin; None without any.

        Args:
            known: versions of entries that were compared before.
        """
        others = [entry for entry in self.unbeaten() if frozenset((entry.version, self.shown.version)) not in known]
        if not others:
            return None
        best = self.best(others)
        ahead, of_shown = self.worths([best, self.shown])
        return best if ahead > of_shown + self.margin else None

    def rival(self, known: set[frozenset[int]], length: float) -> Rival | None:
        """The entry whose comparison with the shown one would tell most; None without any.

        Args:
            known: versions of entries that were compared before.
            length: of their clips, in fragments.
        """
        shown = self.shown
        others = [
            entry
            for entry in self.repertoire.entries
            if frozenset((entry.version, shown.version)) not in known and entry is not shown
        ]
        if not others:
            return None
        middle = self.repertoire.mean_features(shown, self.fallen)
        differences = np.stack([self.repertoire.mean_features(entry, self.fallen) - middle for entry in others])
        information = self.model.information(length * differences)
        found = int(np.argmax(information))
        return Rival(others[found], float(information[found]))
