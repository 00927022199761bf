"""Looks at a trainer while a simulated teacher spends his minutes: what the benchmarks of presses share."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from app.session import NewSession, Session
from app.stopping import StopFlag
from app.timed_lesson import TimedLesson, TimedTeaching
from app.trainers import LearningTrainers
from learning.clip_pool import ClipPool
from learning.messages import Snapshot
from learning.press_likelihood import Presses
from learning.reward_model import BayesianRewardModel
from learning.teachers import make_teacher
from learning.trainer import Trainer
from sim.registry import get_task
from sim.task import Floats

SOON = 1.0
"""A look comes this many seconds early at most."""
LATER = 0.05
"""A lesson lasts so many minutes longer than its last look is due: a comparison may be under way then."""


def teach_and_look(
    task_name: str,
    seed: int,
    feedback: tuple[str, ...],
    minutes: Sequence[float],
    look: Callable[[float, Trainer], None],
) -> None:
    """One lesson; `look` is called after each of so many minutes of the teacher's time.

    Args:
        task_name: what is taught.
        seed: of the session and of its teacher.
        feedback: as in `TimedLesson`.
        minutes: rising.
        look: gets the minutes and the trainer, and leaves the trainer as it is.
    """
    task = get_task(task_name)
    oracle, due = make_teacher("oracle", task, seed), list(minutes)
    with (
        tempfile.TemporaryDirectory() as folder,
        StopFlag() as stop,
        Session.create(Path(folder) / "session", NewSession(task_name, seed)) as session,
    ):

        def note(_: Snapshot, seconds: float) -> None:
            if due and seconds >= 60.0 * due[0] - SOON:
                trainer = teaching.runner.trainer
                assert isinstance(trainer, Trainer)
                look(due.pop(0), trainer)

        lesson = TimedLesson(feedback, minutes[-1] + LATER)
        teaching = TimedTeaching(session, lesson, ("oracle", oracle.answer), LearningTrainers(), note)
        teaching.run(stop)


def fitted(
    trainer: Trainer, sharpness: float, differences: Floats, targets: Floats, presses: Presses | None = None
) -> BayesianRewardModel:
    """A reward model like the trainer's but for the sharpness of presses."""
    config = trainer.config
    model = BayesianRewardModel(trainer.prior, config.error_floor, config.error_strength, sharpness)
    model.fit(differences, targets, presses)
    return model


def correlations(trainer: Trainer, model: BayesianRewardModel) -> tuple[float, float]:
    """Of learned reward and mean credit, over clips of the untaught robot and of what it practised lately."""
    of_untaught, of_practised = (
        _correlation(trainer, model, pool) for pool in (trainer.questioner.broad, trainer.questioner.recent)
    )
    return of_untaught, of_practised


def _correlation(trainer: Trainer, model: BayesianRewardModel, pool: ClipPool) -> float:
    credit = trainer.task.credit(pool.observations, pool.actions).mean(axis=1)
    return float(np.corrcoef(model.mean(pool.features), credit)[0, 1])
