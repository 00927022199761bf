"""A lesson without a session: a trainer, and whoever answers its pairs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.stopping import Interrupted, StopFlag
from app.trainers import LearningTrainers
from learning.messages import Choice, FeedbackEvent, Pair, Phase
from sim.registry import get_task

if TYPE_CHECKING:
    from learning.trainer import Trainer


class Lesson:
    """A trainer that is answered one pair at a time, each answer after the practice for the one before."""

    def __init__(self, task_name: str, seed: int, stop: StopFlag, changes: dict[str, Any] | None = None) -> None:
        """Nothing was answered yet.

        Args:
            task_name: what is taught.
            seed: of the trainer.
            stop: looked at between iterations.
            changes: fields of the trainer's configuration that are not as usual.
        """
        from learning.trainer import Trainer

        task = get_task(task_name)
        self.trainer = Trainer(task, LearningTrainers(changes).settings(task), seed=seed)
        self._stop = stop
        self._newest: dict[int, int] = {}
        """Of each pair that was answered, the event in force."""
        self._events = 0
        self.trainer.step()

    def answer(self, answer: Callable[[Pair], Choice]) -> None:
        """Answers the oldest pair on offer, and lets the trainer practise for it.

        Raises:
            Interrupted: the flag was raised.
        """
        pair = self.trainer.open_pairs()[0]
        self._submit(pair.id, answer(pair))
        self._settle()

    def amend_all(self, choice: Choice) -> None:
        """Has all answers so far say this instead.

        Raises:
            Interrupted: the flag was raised.
        """
        for pair_id in tuple(self._newest):
            self._submit(pair_id, choice)
        self._settle()

    def _submit(self, pair_id: int, choice: Choice) -> None:
        self._events += 1
        self.trainer.submit(FeedbackEvent(self._events, pair_id, choice, self._newest.get(pair_id)))
        self._newest[pair_id] = self._events

    def _settle(self) -> None:
        snapshot = self.trainer.step()
        while snapshot.phase is not Phase.WAITING or snapshot.events_waiting:
            if self._stop.raised:
                raise Interrupted("Stopped.")
            snapshot = self.trainer.step()


def lesson(
    task_name: str,
    answer: Callable[[Pair], Choice],
    seed: int,
    labels: int,
    stop: StopFlag,
    on_answer: "Callable[[int, Trainer], None]" = lambda _number, _trainer: None,
    changes: dict[str, Any] | None = None,
) -> "Trainer":
    """The trainer after so many answers.

    Args:
        task_name: what is taught.
        answer: the teacher's.
        seed: of the trainer.
        labels: answers.
        stop: looked at between iterations.
        on_answer: is told how many answers were given, once they were learnt from.
        changes: fields of the trainer's configuration that are not as usual.

    Raises:
        Interrupted: `stop` was raised.
    """
    taught = Lesson(task_name, seed, stop, changes)
    for number in range(1, labels + 1):
        taught.answer(answer)
        on_answer(number, taught.trainer)
    return taught.trainer
