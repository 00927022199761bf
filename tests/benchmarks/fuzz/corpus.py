"""What is mutated: a session and a bundle that the program itself made, once."""

import shutil
import sqlite3
from contextlib import closing
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from app.bundle import load_bundle, write_bundle
from app.bundle_weights import MEAN
from app.commands import Submit
from app.runner import Runner
from app.session import CHECKPOINTS, CLIPS, DATABASE, PERSON, NewSession, Session
from app.store.schema import JOURNAL
from app.teach import BUNDLE, SESSION, teach
from app.trainers import LearningTrainers
from learning.messages import PenaltyMode, SteeringKind
from sim.registry import get_task
from sim.task import Task

TASK = "hopper-backflip"
SMALL = {
    "nsim": 4, "rollout_steps": 4, "hidden": [4], "schedule": [[3, 1], [8, 1]], "late_iterations": 1,
    "generation_iterations": 3, "trial_every": 3, "trial_episodes": 1, "repertoire": 2, "meter_rollouts": 2,
    "meter_seconds": 0.1, "clip_frames": 4, "broad_clips": 6, "recent_clips": 4, "clips_per_trial": 2, "candidates": 10,
    "check_every": 4, "repeat_every": 5, "pairs_kept": 2, "audition_frames": 4, "auditions_from": 0, "audition_gap": 1,
}  # fmt: skip
"""A trainer whose checkpoint has a few kilobytes."""
MINUTES = 0.6
"""Of a teacher's time: half a minute of comparisons, then some presses."""
MADE = "made"
"""A file that says that the corpus is whole."""


class Corpus:
    """The files, read as they are needed."""

    def __init__(self, folder: Path) -> None:
        """Of a folder that `make_corpus` filled."""
        self.folder = folder
        self.session = folder / SESSION
        self.bundle = folder / BUNDLE

    @cached_property
    def task(self) -> Task:
        """What was taught."""
        return get_task(TASK)

    @cached_property
    def journal(self) -> bytes:
        """A write-ahead log of the session's database, of another course than the database itself."""
        return (self.folder / JOURNAL).read_bytes()

    @cached_property
    def clips(self) -> list[Path]:
        """Of the session."""
        return sorted((self.session / CLIPS).iterdir())

    @cached_property
    def checkpoint(self) -> Path:
        """The newest one."""
        return max((self.session / CHECKPOINTS).iterdir())

    @cached_property
    def recordings(self) -> list[tuple[int, bytes]]:
        """Number and recording of all moments that were judged."""
        return self._rows("SELECT number, recording FROM moments ORDER BY number")

    @cached_property
    def policies(self) -> list[tuple[int, bytes]]:
        """Version and weights of all policies that had a trial."""
        return self._rows("SELECT version, policy FROM meter_point ORDER BY version")

    def _rows(self, statement: str) -> list[tuple[int, bytes]]:
        with closing(sqlite3.connect(f"{(self.session / DATABASE).as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(statement).fetchall()


@cache
def content(path: Path) -> bytes:
    """The bytes of a file of the corpus."""
    return path.read_bytes()


def make_corpus(folder: Path) -> Corpus:
    """The corpus in `folder`, which is made if it is not there or not whole."""
    folder = folder.resolve()
    if not (folder / MADE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _make(folder)
        (folder / MADE).touch()
    return Corpus(folder)


def _make(folder: Path) -> None:
    new = NewSession(TASK, 3, "oracle", None, "compare,press", MINUTES)
    teach(new, folder, trainers=LearningTrainers(SMALL))
    with Session(folder / SESSION) as session:
        _steer(session)
    bundle = load_bundle(folder / BUNDLE)
    features = bundle.task.reward_features(np.zeros((1, bundle.task.observation_size), np.float32)).shape[1]
    write_bundle(
        folder / BUNDLE,
        task=bundle.task,
        policy=bundle.policy,
        card=bundle.card,
        reward={MEAN: np.ones(features, np.float32)},
        preview=False,
    )
    _write_journal(folder)


def _steer(session: Session) -> None:
    """Adds what a person does in the window: a flag, a look at the score, and steering; the checkpoint has it too."""
    session.labels.set_flag(0, True)
    session.labels.set_peek(True)
    runner = Runner(session, LearningTrainers(SMALL))
    runner.start()
    who = {"teacher": PERSON, "peeking": False}
    for event in (
        session.steering.choose_policy(SteeringKind.GO_BACK, 0, **who),
        session.steering.set_penalty(PenaltyMode.ADAPTIVE, 1.0, **who),
    ):
        runner.send(Submit(event))
    while runner.turn().taken or not runner.waits_for_teacher:
        pass
    runner.finish()


def _write_journal(folder: Path) -> None:
    """The log of a copy in which something was written and not yet brought into the database."""
    copy = folder / "copy.sqlite3"
    shutil.copyfile(folder / SESSION / DATABASE, copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE metric SET labels = labels + 1")
        connection.execute("INSERT INTO digest VALUES (999, 1, 'x')")
        connection.commit()
        shutil.copyfile(copy.with_name(copy.name + JOURNAL), folder / JOURNAL)
    copy.unlink()
