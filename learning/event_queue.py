"""Events that were submitted and are not taken in yet: those that wait for their turn, and those of an iteration."""

from learning.messages import Feedback


class EventQueue:
    """First come, first taken in; what is planned for an iteration comes before what waits."""

    def __init__(self) -> None:
        """Holds nothing."""
        self._waiting: list[Feedback] = []
        self._planned: dict[int, list[Feedback]] = {}

    def __len__(self) -> int:
        return len(self._waiting) + sum(map(len, self._planned.values()))

    def submit(self, event: Feedback, at_iteration: int | None = None) -> None:
        """Queues an event, to be taken in when its turn comes, or exactly at an iteration."""
        if at_iteration is None:
            self._waiting.append(event)
        else:
            self._planned.setdefault(at_iteration, []).append(event)

    def due(self, iteration: int, *, practising: bool) -> list[Feedback]:
        """Takes out the events whose turn it is, in the order committed.

        A teacher who is faster than practice is not held up: while the trainer practises, all that wait are due. While
        it does not, it is one at a time, planned or not: a record may lie between any two.

        Args:
            iteration: at which the trainer is.
            practising: whether practice is paid for.
        """
        due = self._planned.pop(iteration, [])
        if practising:
            due, self._waiting = due + self._waiting, []
        elif len(due) > 1:
            self._planned[iteration] = due[1:]
            due = due[:1]
        elif not due and self._waiting:
            due = [self._waiting.pop(0)]
        return due
