"""What the window needs of the program to reward and punish what plays, as a protocol."""

from dataclasses import dataclass
from typing import Protocol

from learning.messages import Press
from sim.rollout import LiveRollout
from sim.task import Floats


@dataclass(frozen=True, slots=True, eq=False)
class PressRecord:
    """A press that was committed, and what it is credited to."""

    press: Press
    strong: bool
    first_step: int
    """Of the live rollout: the first step that it is credited to,"""
    last_step: int
    """and the one after the last."""
    state: Floats
    """(nstate,) mjSTATE_FULLPHYSICS row of the instant that gets most of the credit."""


class PressingPort(Protocol):
    """Rewarding and punishing what plays."""

    def watch(self, rollout: LiveRollout | None) -> None:
        """From here on the person judges what `rollout` plays; None ends it."""
        ...

    def watched(self, speed: float) -> None:
        """After the rollout went on, at `speed` seconds of simulation for each of the person's.

        What was let pass is an answer too. Raises UserError if it cannot be stored.
        """
        ...

    def press(self, press: Press, strong: bool, at_step: int) -> PressRecord | None:
        """Commits a press that was begun at a step of the rollout, then hands it to the trainer.

        None if nothing was watched yet that it could be about. Raises UserError if it cannot be stored.
        """
        ...

    def undo(self) -> Press | None:
        """Takes the newest press in force back; returns it."""
        ...

    @property
    def count(self) -> int:
        """In force."""
        ...

    @property
    def seconds(self) -> float:
        """Spent judging what played."""
        ...

    @property
    def newest(self) -> Press | None:
        """The one that `undo` would take back."""
        ...
