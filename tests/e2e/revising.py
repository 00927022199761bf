"""Command lines for a warm process that the program itself does not have: a small session; changing what was said."""

from collections.abc import Sequence
from pathlib import Path

from app.commands import Submit
from app.helm import Helm
from app.labelling import Labelling
from app.pressing import Pressing
from app.runner import Runner
from app.session import NewSession, Session
from app.trainers import LearningTrainers
from learning.messages import Choice, Feedback, PenaltyMode
from sim.rollout import LiveRollout

PENALTY = 0.1
SMALL = {"nsim": 16, "broad_clips": 60, "candidates": 100, "trial_episodes": 4, "schedule": [[30, 2]]}
"""Fields of the configuration of a trainer that learns little, fast."""


def make(arguments: Sequence[str]) -> int:
    """Makes a session at PATH for TASK by TEACHER with LABELS, FEEDBACK and MINUTES, whose trainer learns fast."""
    path, task, teacher, labels, feedback, minutes = arguments
    new = NewSession(task, 0, teacher, int(labels), feedback, float(minutes) or None)
    with Session.create(Path(path), new) as session:
        session.set_trainer_config({**LearningTrainers().default_config(session.task), **SMALL})
    return 0


def run(arguments: Sequence[str]) -> int:
    """Opens the session that is named, takes back, changes all answers, steers, and practises for it."""
    with Session(Path(arguments[0])) as session:
        runner = Runner(session, LearningTrainers())

        def submit(event: Feedback) -> None:
            runner.send(Submit(event))

        labelling = Labelling(session, submit, lambda: runner.board.offered)
        helm = Helm(session, submit)
        pressing = Pressing(session, submit, LiveRollout(session.task, session.header.seed))
        runner.start()
        settle(runner)
        pressing.undo()
        labelling.amend_all(Choice.EQUAL)
        labelling.undo()
        helm.set_penalty(PenaltyMode.FIXED, PENALTY)
        settle(runner)
        helm.undo()
        settle(runner)
        runner.finish()
    return 0


def settle(runner: Runner) -> None:
    """Practises until the trainer waits for its teacher."""
    runner.turn()
    while not runner.waits_for_teacher:
        runner.turn()
