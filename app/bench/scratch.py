"""A lesson that leaves nothing behind, to be measured."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from app.session import NewSession, Session
from app.stopping import StopFlag
from app.teach import Lesson, run_teacher
from app.trainers import Trainers
from learning.messages import Snapshot

TEACHER = "oracle"


def teach_in_scratch(
    task_name: str, seed: int, labels: int, trainers: Trainers, on_progress: Callable[[Snapshot, float], None]
) -> None:
    """Does what `backflip teach` does between its first question and its last iteration, in a temporary session.

    Args:
        task_name: what is taught.
        seed: of the session and of its oracle.
        labels: answers.
        trainers: makes the trainer.
        on_progress: called after each turn with the snapshot and the steps a second.
    """
    from learning.teachers import make_teacher

    with (
        tempfile.TemporaryDirectory(prefix="backflip-bench-") as folder,
        StopFlag() as stop,
        Session.create(Path(folder) / "session", NewSession(task_name, seed, TEACHER, labels)) as session,
    ):
        teacher = make_teacher(TEACHER, session.task, seed)
        lesson = Lesson(TEACHER, labels, None, preview=False)
        run_teacher(session, lesson, teacher.answer, stop, trainers, on_progress)
