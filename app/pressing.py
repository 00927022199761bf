"""What a teacher can do while watching: reward, punish, let pass, undo. The same for a person and a simulated one."""

from collections.abc import Callable

import numpy as np

from app.session import PERSON, Session
from app.store.presses import PressInForce, counts_as_label
from app.storing import YOUR_PRESS, YOUR_UNDO, StoreNow, Storer
from app.watching import ReactionTime, WatchedMoments, Watcher
from learning.messages import Feedback, Press, Reinforcement
from sim.rollout import LiveRollout
from ui.pressing_port import PressRecord


class Pressing:
    """The presses of one open session. All on the teacher's thread; committed first, then handed on."""

    def __init__(
        self,
        session: Session,
        submit: Callable[[Feedback], None],
        rollout: LiveRollout,
        teacher: str = PERSON,
        reaction: ReactionTime | None = None,
        peeking: Callable[[], bool] = lambda: False,
        storer: Storer | None = None,
        in_force: dict[int, PressInForce] | None = None,
    ) -> None:
        """Reads what was pressed so far, and watches from here.

        Args:
            session: the open session.
            submit: hands a committed event to the trainer.
            rollout: what is watched.
            teacher: `person`, or the kind of the simulated one.
            reaction: how late the teacher presses; None is as people usually do.
            peeking: whether the true score is on the screen now, which each event keeps.
            storer: stores what is pressed; None waits for it.
            in_force: what is in force, shared with whoever pressed before; None reads it.
        """
        self._session = session
        self._submit = submit
        self._rollout = rollout
        self._teacher = teacher
        self._storer = storer or StoreNow()
        self._in_force = session.presses.in_force() if in_force is None else in_force
        self._watched_to = rollout.steps
        """The rollout's step up to which time was counted."""
        self._seconds = 0.0
        """Watched since the last event,"""
        self._seconds_before = session.presses.seconds_watched()
        """and up to it."""
        self._peeking = peeking
        self.events = 0
        """Given here so far."""
        self.reaction = reaction or ReactionTime()
        """The teacher's, at the speed of life."""
        self._speed = 1.0
        self._watcher = Watcher(rollout, self.reaction)

    @property
    def count(self) -> int:
        """Presses in force."""
        return sum(counts_as_label(moments.press) for moments in self._in_force.values())

    def set_speed(self, speed: float) -> None:
        """So many seconds of simulation pass for each of the teacher's: in slow motion he reacts sooner."""
        if speed != self._speed:
            self._speed = speed
            self._watcher = Watcher(self._rollout, self.reaction.at(speed))

    @property
    def seconds_watched(self) -> float:
        """Of the teacher's time: in slow motion more than was simulated."""
        return self._seconds_before + self._seconds

    @property
    def newest(self) -> Press | None:
        """The newest press in force; None without any."""
        found = self._newest()
        return None if found is None else found.press

    def press(self, press: Press, strong: bool = False, at_step: int | None = None) -> PressRecord | None:
        """Commits a press that began at a step of the rollout, or else at this instant.

        Returns:
            What it is credited to; None if nothing was watched yet that it could be about.

        Raises:
            StorageError: it could not be stored.
        """
        moments = self._watcher.press(press, strong, at_step)
        if moments is None:
            return None
        self._commit(moments)
        state = moments.clip.states[int(np.argmax(moments.shares))]
        return PressRecord(press, strong, moments.end - len(moments.clip), moments.end, state)

    def step(self) -> None:
        """Call it as the rollout goes on: what was let pass is committed as silence.

        Raises:
            StorageError: it could not be stored.
        """
        now = self._rollout.steps
        self._seconds += (now - self._watched_to) * self._rollout.task.control_dt / self._speed
        self._watched_to = now
        moments = self._watcher.step()
        if moments is not None:
            self._commit(moments)

    def undo(self) -> Press | None:
        """Takes the newest press in force back and returns it; None if there is none. Silences stay.

        Raises:
            StorageError: it could not be stored; the press stays in force.
        """
        return self._storer.store_alone(YOUR_UNDO, self._undo_newest)

    def _undo_newest(self) -> Press | None:
        found = self._newest()
        if found is None:
            return None
        event = self._session.presses.change(
            found.number, None, strong=found.strong, seconds=0.0, teacher=self._teacher, peeking=self._peeking()
        )
        self._note(event)
        return found.press

    def _newest(self) -> PressInForce | None:
        return next((each for each in reversed(self._in_force.values()) if counts_as_label(each.press)), None)

    def _commit(self, moments: WatchedMoments) -> None:
        seconds, self._seconds = self._seconds, 0.0
        self._seconds_before += seconds
        peeking = self._peeking()

        def commit() -> None:
            event = self._session.presses.append(
                moments.press,
                moments.clip,
                moments.shares,
                strong=moments.strong,
                seconds=seconds,
                teacher=self._teacher,
                peeking=peeking,
            )
            self._note(event)

        self._storer.store(YOUR_PRESS, commit)

    def _note(self, event: Reinforcement) -> None:
        """Hands a committed event on."""
        self._in_force[event.number] = PressInForce(event.number, event.press, event.strong)
        self.events += 1
        self._submit(event)
