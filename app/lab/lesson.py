"""A lesson without a session: a trainer, and whoever answers its pairs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.stopping import Interrupted, StopFlag
from app.trainers import LearningTrainers
from learning.messages import Choice, FeedbackEvent, Pair, Phase
from sim.registry import get_task

if TYPE_CHECKING:
    from learning.trainer import Trainer


def lesson(
    task_name: str,
    answer: Callable[[Pair], Choice],
    seed: int,
    labels: int,
    stop: StopFlag,
    on_answer: "Callable[[int, Trainer], bool | None]" = lambda _number, _trainer: None,
    changes: dict[str, Any] | None = None,
) -> "Trainer":
    """The trainer after so many answers at most, each taken in after the practice for the one before.

    Args:
        task_name: what is taught.
        answer: the teacher's.
        seed: of the trainer.
        labels: answers.
        stop: looked at between iterations.
        on_answer: is told how many answers were given, once they were learnt from; True ends the lesson.
        changes: fields of the trainer's configuration that are not as usual.

    Raises:
        Interrupted: `stop` was raised.
    """
    from learning.trainer import Trainer

    task = get_task(task_name)
    trainer = Trainer(task, LearningTrainers(changes).settings(task), seed=seed)
    trainer.step()
    for number in range(1, labels + 1):
        pair = trainer.open_pairs()[0]
        trainer.submit(FeedbackEvent(number, pair.id, answer(pair)))
        snapshot = trainer.step()
        while snapshot.phase is not Phase.WAITING or snapshot.events_waiting:
            if stop.raised:
                raise Interrupted("Stopped.")
            snapshot = trainer.step()
        if on_answer(number, trainer):
            break
    return trainer
