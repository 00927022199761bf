"""What a teacher can do while watching: reward, punish, let pass, undo. The same for a person and a simulated one."""

from collections.abc import Callable
from dataclasses import dataclass

from app.session import PERSON, Session
from app.store.presses import PressInForce, counts_as_label
from app.watching import ReactionTime, WatchedMoments, Watcher
from learning.messages import Feedback, Press, Reinforcement
from sim.rollout import LiveRollout


@dataclass(frozen=True, slots=True)
class PressRecord:
    """A press in force."""

    event_id: int
    number: int
    press: Press
    strong: bool
    first_step: int
    """Of the live rollout: where what it is credited to begins,"""
    last_step: int
    """and ends."""


class Pressing:
    """The presses of one open session. All on the teacher's thread; committed first, then handed on."""

    def __init__(
        self, session: Session, submit: Callable[[Feedback], None], rollout: LiveRollout, teacher: str = PERSON
    ) -> None:
        """Reads what was pressed so far, and watches from here.

        Args:
            session: the open session.
            submit: hands a committed event to the trainer.
            rollout: what is watched.
            teacher: `person`, or the kind of the simulated one.
        """
        self._session = session
        self._submit = submit
        self._rollout = rollout
        self._teacher = teacher
        self._in_force = session.presses.in_force()
        self._seconds = 0.0
        """Watched since the last event."""
        self.peeking = False
        self.events = 0
        """Given here so far."""
        self.set_reaction(ReactionTime())

    @property
    def count(self) -> int:
        """Presses in force."""
        return sum(counts_as_label(moments.press) for moments in self._in_force.values())

    def set_reaction(self, reaction: ReactionTime) -> None:
        """Credits presses by another reaction time from now on."""
        self._watcher = Watcher(self._rollout, reaction)

    def press(self, press: Press, strong: bool = False) -> PressRecord | None:
        """Commits a press at this instant; None if nothing was watched yet that it could be about.

        Raises:
            StorageError: it could not be stored.
        """
        moments = self._watcher.press(press, strong)
        if moments is None:
            return None
        event = self._commit(moments)
        first = moments.end - len(moments.clip)
        return PressRecord(event.id, event.number, press, strong, first, moments.end)

    def step(self) -> None:
        """Call it after each control step that was watched: what was let pass is committed as silence.

        Raises:
            StorageError: it could not be stored.
        """
        self._seconds += self._rollout.task.control_dt
        moments = self._watcher.step()
        if moments is not None:
            self._commit(moments)

    def undo(self) -> Press | None:
        """Takes the newest press in force back and returns it; None if there is none. Silences stay.

        Raises:
            StorageError: it could not be stored; the press stays in force.
        """
        for moments in reversed(self._in_force.values()):
            if counts_as_label(moments.press):
                self._change(moments, None)
                return moments.press
        return None

    def _commit(self, moments: WatchedMoments) -> Reinforcement:
        seconds, self._seconds = self._seconds, 0.0
        event = self._session.presses.append(
            moments.press,
            moments.clip,
            moments.shares,
            strong=moments.strong,
            seconds=seconds,
            teacher=self._teacher,
            peeking=self.peeking,
        )
        self._in_force[event.number] = PressInForce(event.id, event.number, moments.press, moments.strong, seconds)
        self.events += 1
        self._submit(event)
        return event

    def _change(self, moments: PressInForce, press: Press | None) -> None:
        event = self._session.presses.change(
            moments.number, press, strong=moments.strong, seconds=0.0, teacher=self._teacher, peeking=self.peeking
        )
        self._in_force[moments.number] = PressInForce(event.id, event.number, press, moments.strong, 0.0)
        self.events += 1
        self._submit(event)
