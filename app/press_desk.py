"""Pressing on what plays (`ui.pressing_port.PressingPort`): from switching it on to switching it off, and counts."""

from collections.abc import Callable

from app.pressing import Pressing
from app.session import Session
from app.store.presses import counts_as_label
from app.storing import Storer
from app.watching import ReactionTime
from learning.messages import Feedback, Press
from sim.rollout import LiveRollout
from ui.pressing_port import PressRecord


class PressDesk:
    """The presses of one open session, where there is a rollout to judge only now and then. All on the GUI thread."""

    def __init__(
        self,
        session: Session,
        submit: Callable[[Feedback], None],
        reaction: Callable[[], ReactionTime | None],
        peeking: Callable[[], bool],
        changed: Callable[[], None],
        storer: Storer,
    ) -> None:
        """Nothing is watched yet.

        Args:
            session: the open session.
            submit: hands a committed event to the trainer.
            reaction: how late the person presses, as known now.
            peeking: whether the true score is on the screen now.
            changed: is told of each press and undo.
            storer: stores them, now or later.
        """
        self._session, self._submit = session, submit
        self._reaction, self._peeking, self._changed = reaction, peeking, changed
        self._pressing: Pressing | None = None
        self._storer = storer
        self._in_force = session.presses.in_force()
        """Shared by all that press here: what is stored late counts whoever watches by then."""

    def watch(self, rollout: LiveRollout | None) -> None:
        """From here on the person judges what `rollout` plays; None ends it."""
        self._pressing = None
        if rollout is not None:
            self._pressing = Pressing(
                self._session,
                self._submit,
                rollout,
                reaction=self._reaction(),
                peeking=self._peeking,
                storer=self._storer,
                in_force=self._in_force,
            )

    def watched(self, speed: float) -> None:
        """What was let pass is an answer too."""
        if self._pressing is not None:
            self._pressing.set_speed(speed)
            self._pressing.step()

    def press(self, press: Press, strong: bool, at_step: int) -> PressRecord | None:
        """Commits a press, then hands it to the trainer."""
        record = None if self._pressing is None else self._pressing.press(press, strong, at_step)
        self._changed()
        return record

    def undo(self) -> Press | None:
        """Takes the newest press in force back."""
        undone = None if self._pressing is None else self._pressing.undo()
        self._changed()
        return undone

    @property
    def count(self) -> int:
        """In force."""
        return sum(counts_as_label(moments.press) for moments in self._in_force.values())

    @property
    def seconds(self) -> float:
        """Spent judging what played."""
        return 0.0 if self._pressing is None else self._pressing.seconds_watched

    @property
    def newest(self) -> Press | None:
        """The one that `undo` would take back."""
        return None if self._pressing is None else self._pressing.newest
