"""What a teacher can do about practice itself: choose the reference, charge for straying, go back, undo."""

from collections.abc import Callable

from app.session import PERSON, Session
from app.storing import YOUR_STEERING, YOUR_UNDO, StoreNow, Storer
from learning.messages import Feedback, PenaltyMode, Steering, SteeringKind


class Helm:
    """The steering of one open session, mirrored in memory. All on the teacher's thread; committed first."""

    def __init__(
        self,
        session: Session,
        submit: Callable[[Feedback], None],
        teacher: str = PERSON,
        peeking: Callable[[], bool] = lambda: False,
        changed: Callable[[], None] = lambda: None,
        storer: Storer | None = None,
    ) -> None:
        """Reads what was steered so far.

        Args:
            session: the open session.
            submit: hands a committed event to the trainer.
            teacher: `person`, or the kind of the simulated one.
            peeking: whether the true score is on the screen now, which each event keeps.
            changed: is told of each.
            storer: stores them; None waits for it.
        """
        self._store = session.steering
        self._submit = submit
        self._teacher = teacher
        self._in_force = self._store.in_force()
        self._peeking, self._changed = peeking, changed
        self._storer = storer or StoreNow()

    def reference(self) -> int:
        """Version of the policy that is measured from."""
        newest = self._newest(SteeringKind.REFERENCE)
        return 0 if newest is None or newest.version is None else newest.version

    def penalty(self) -> tuple[PenaltyMode, float | None]:
        """As it was set last."""
        newest = self._newest(SteeringKind.PENALTY)
        return (PenaltyMode.OFF, None) if newest is None else (newest.mode or PenaltyMode.OFF, newest.value)

    @property
    def newest(self) -> Steering | None:
        """What `undo` would take back."""
        return self._in_force[-1] if self._in_force else None

    def measure_from(self, version: int) -> None:
        """The policy of this version is the reference from now on.

        Raises:
            AnswerError: there is none.
            StorageError: it could not be stored; nothing has changed.
        """
        if version != self.reference():
            self._choose(SteeringKind.REFERENCE, version)

    def go_back(self, version: int) -> None:
        """The policy of this version is shown, and practises on. Raises as `measure_from` does."""
        self._choose(SteeringKind.GO_BACK, version)

    def ask_fresh(self) -> None:
        """The next pairs to be made compare what is shown now with other policies.

        Raises:
            StorageError: it could not be stored.
        """
        peeking = self._peeking()
        self._put(lambda: self._store.ask_fresh(teacher=self._teacher, peeking=peeking))

    def compare(self, version: int) -> None:
        """The next pair to be made compares what is shown now with the policy of this version.

        Raises as `measure_from` does.
        """
        self._choose(SteeringKind.FRESH_PAIRS, version)

    def set_penalty(self, mode: PenaltyMode, value: float | None) -> None:
        """What straying costs from now on.

        Raises:
            AnswerError: the mode needs a number above zero.
            StorageError: it could not be stored.
        """
        if mode is PenaltyMode.OFF:
            value = None
        if (mode, value) != self.penalty():
            peeking = self._peeking()
            self._put(lambda: self._store.set_penalty(mode, value, teacher=self._teacher, peeking=peeking))

    def undo(self) -> Steering | None:
        """Takes the newest event in force back and returns it; None if there is none.

        Raises:
            StorageError: it could not be stored; it stays in force.
        """
        return self._storer.store_alone(YOUR_UNDO, self._undo_newest)

    def _undo_newest(self) -> Steering | None:
        newest = self.newest
        if newest is not None:
            event = self._store.take_back(newest.id, teacher=self._teacher, peeking=self._peeking())
            self._in_force.remove(newest)
            self._submit(event)
            self._changed()
        return newest

    def _choose(self, kind: SteeringKind, version: int) -> None:
        peeking = self._peeking()
        self._put(lambda: self._store.choose_policy(kind, version, teacher=self._teacher, peeking=peeking))

    def _put(self, commit: Callable[[], Steering]) -> None:
        """Stores an event and hands it on, now or later."""
        self._storer.store(YOUR_STEERING, lambda: self._note(commit()))

    def _newest(self, kind: SteeringKind) -> Steering | None:
        return next((event for event in reversed(self._in_force) if event.kind is kind), None)

    def _note(self, event: Steering) -> None:
        self._in_force.append(event)
        self._submit(event)
        self._changed()
