"""What the window talks to: tasks, sessions and settings, and one open session."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance, Slot

from app import catalogue, doctor
from app.commands import Explain, Explained, Pause, Resume, Retry, Submit
from app.errors import ForeignSessionError, SessionError, StorageError
from app.export import gather
from app.exporting import Exporter
from app.files import replace_file
from app.garbage import give_back_memory
from app.helm import Helm
from app.labelling import Labelling
from app.lock import LOCK_FILE, SOFT_LOCK_FILE, FolderLock
from app.paths import sessions_dir, settings_file
from app.press_desk import PressDesk
from app.session import NewSession, Session, free_path
from app.settings import Settings
from app.store_queue import StoreQueue, waiting_sentence
from app.storing import YOUR_ANSWER, YOUR_FLAG, YOUR_PEEK, YOUR_UNDO, Result
from app.threads import end_or_linger
from app.trainers import LearningTrainers, Trainers
from app.watching import ReactionTime
from app.worker import Worker
from learning.messages import Choice, Explanation, MeterPoint, Pair, PairExplanation, Snapshot
from sim.clip import Clip
from sim.registry import get_task, task_names
from sim.task import Task
from ui.ports import (
    Failure,
    LabelAct,
    LabelRecord,
    MetricRow,
    Resumed,
    SessionCard,
    SessionSummary,
    WorkerStatus,
)

REACTION = "reaction"
"""The setting that keeps the person's reaction time."""
CLOSE_SECONDS = 2.0
"""Closing takes no longer, whatever runs."""
EXPORT_CLOSE_SECONDS = 0.5
"""Of these, for an export that is being cancelled."""


class SessionDesk(QObject):
    """An open session as the window sees it (`ui.ports.SessionPort`). All on the GUI thread."""

    changed: SignalInstance = Signal()  # type: ignore[assignment]
    failed: SignalInstance = Signal(object)  # type: ignore[assignment]
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    exported: SignalInstance = Signal(object)  # type: ignore[assignment]
    export_progress: SignalInstance = Signal(float, str)  # type: ignore[assignment]

    def __init__(self, session: Session, trainers: Trainers, settings: Settings | None = None) -> None:
        """Starts the training thread of an open session, which this object then owns.

        Args:
            session: the open session.
            trainers: makes the trainer.
            settings: of the program, where the person's reaction time is.
        """
        super().__init__()
        self.task: Task = session.task
        self.path: Path = session.path
        self._session = session
        self._closed = False
        self._exporter: Exporter | None = None
        self._worker = Worker(session, trainers)
        self._board = self._worker.runner.board
        self._labelling = Labelling(session, self._submit, lambda: self._board.offered)
        self._storing = storing = StoreQueue()
        storing.changed.connect(self.changed)
        storing.problem.connect(self.problem)
        self.steering = Helm(session, self._submit, peeking=self._peeks, changed=self.changed.emit, storer=storing)
        self.pressing = PressDesk(
            session, self._submit, partial(_reaction, settings), self._peeks, self.changed.emit, storing
        )
        queued = Qt.ConnectionType.QueuedConnection
        self._worker.changed.connect(self._on_changed, queued)
        self._worker.failed.connect(self._on_failed, queued)
        self._worker.explained.connect(self._on_explained, queued)
        self._worker.start()

    @property
    def status(self) -> WorkerStatus:
        """What the training thread is doing."""
        return self._board.status

    def snapshot(self) -> Snapshot | None:
        """The newest snapshot; None before the first."""
        return self._board.snapshot

    @property
    def resumed(self) -> Resumed | None:
        """From where the session goes on; None for a new one."""
        return self._board.resumed

    def metrics(self) -> list[MetricRow]:
        """Points of the plots, oldest first."""
        return self._board.metrics

    @property
    def steps_per_second(self) -> float:
        """Control steps a second, lately."""
        return self._board.steps_per_second

    def pairs(self) -> tuple[Pair, ...]:
        """Offered and not answered: those taken back first, then the oldest."""
        return self._labelling.pairs()

    @property
    def waits_to_store(self) -> bool:
        """Whether something that the person did is not stored yet."""
        return self._storing.waits

    @property
    def waiting(self) -> str:
        """What the session waits for, as a sentence; empty if for nothing."""
        if self._storing.sentence:
            return self._storing.sentence
        return waiting_sentence("learning goes on") if self._board.waits_for_database else ""

    def answer(self, pair_id: int, choice: Choice, seconds: float) -> LabelRecord | None:
        """Commits an answer, then hands it to the trainer; None if it waits to be stored, or others do."""
        act = partial(self._labelling.answer, pair_id, choice, seconds)
        return self._stored(YOUR_ANSWER, act, alone=True)

    def undo(self) -> LabelRecord | None:
        """Undoes what was done to answers last."""
        return self._stored(YOUR_UNDO, self._labelling.undo, alone=True)

    @property
    def undoable(self) -> LabelAct | None:
        """What `undo` would undo; None if nothing."""
        return self._labelling.undoable

    def amend(self, event_id: int, choice: Choice | None) -> None:
        """Changes an earlier answer, or takes it back."""
        self._stored(YOUR_ANSWER, partial(self._labelling.amend, event_id, choice), alone=True)

    def amend_all(self, choice: Choice) -> None:
        """Has all answers in force say this instead."""
        self._stored(YOUR_ANSWER, partial(self._labelling.amend_all, choice))

    def set_flag(self, pair_id: int, flagged: bool) -> None:
        """Marks a pair for later."""
        self._stored(YOUR_FLAG, partial(self._labelling.set_flag, pair_id, flagged))

    def history(self, count: int) -> list[LabelRecord]:
        """The last answers in force, newest last."""
        return self._labelling.history(count)

    def pair(self, pair_id: int) -> Pair:
        """Any pair that was offered, with its clips."""
        return self._labelling.pair(pair_id)

    def explain(self, pair_id: int, done: Callable[[PairExplanation], None]) -> None:
        """Asks the trainer for the learned reward of both clips."""
        pair = self.pair(pair_id)

        def tell(explanation: Explanation | PairExplanation) -> None:
            assert isinstance(explanation, PairExplanation)
            done(explanation)

        self._worker.send(Explain((pair.left, pair.right), tell))

    def explain_clip(self, clip: Clip, done: Callable[[Explanation], None]) -> None:
        """Asks the trainer for the learned reward of any clip."""

        def tell(explanation: Explanation | PairExplanation) -> None:
            assert isinstance(explanation, Explanation)
            done(explanation)

        self._worker.send(Explain((clip,), tell))

    def curve(self) -> list[MeterPoint]:
        """Every policy that had a trial, oldest first."""
        return self._board.curve

    @property
    def peeking(self) -> bool:
        """Whether the true score is shown."""
        return self._labelling.peeking

    def set_peek(self, on: bool) -> None:
        """Shows or hides the true score, and records that."""
        self._stored(YOUR_PEEK, partial(self._labelling.set_peek, on))

    def pause(self) -> None:
        """Stops after the iteration that runs."""
        self._worker.send(Pause())

    def resume(self) -> None:
        """Goes on after a pause."""
        self._worker.send(Resume())

    def retry(self) -> None:
        """Goes on from the last checkpoint after a failure."""
        self._worker.send(Retry())

    def export(self, folder: Path) -> None:
        """Starts writing the bundle; `exported` tells the end.

        Raises:
            SessionError: an export runs already, or nothing has been learnt yet.
        """
        snapshot = self.snapshot()
        if self._exporter is not None:
            raise SessionError("An export is being written already: wait for it, or cancel it first.")
        if snapshot is None:
            raise SessionError("There is no policy yet: it takes a moment from the start of a session.")
        self._exporter = Exporter(gather(self._session, snapshot, self._labelling), folder)
        queued = Qt.ConnectionType.QueuedConnection
        self._exporter.progress.connect(self._on_export_progress, queued)
        self._exporter.ended.connect(self._on_export_ended, queued)
        self._exporter.start()

    def cancel_export(self) -> None:
        """Ends the export early."""
        if self._exporter is not None:
            self._exporter.cancel()

    def kept(self, key: str) -> object:
        """What `keep` stored under a name; None if nothing was."""
        return self._session.settings.get(key)

    def keep(self, key: str, value: object) -> None:
        """Keeps plain values with the session."""
        self._session.settings.set(key, value)

    def save_picture(self, png: bytes) -> None:
        """Keeps a picture of the robot for Home."""
        replace_file(self._session.picture, lambda beside: _write(beside, png))

    def close(self) -> None:
        """Checkpoint, stop, release the lock; bounded to 2 s. May be called again."""
        if self._closed:
            return
        self._closed = True
        until = time.monotonic() + CLOSE_SECONDS
        self._storing.close()
        if self._exporter is not None:
            self._exporter.cancel()
            end_or_linger(self._exporter, EXPORT_CLOSE_SECONDS)
            self._exporter = None
        self._worker.stop(until - time.monotonic())
        give_back_memory()

    def _stored(self, what: str, act: Callable[[], Result], *, alone: bool = False) -> Result | None:
        """Stores something now or later; `alone` is not at all while something waits. Tells that something changed."""
        result = (self._storing.store_alone if alone else self._storing.store)(what, act)
        self.changed.emit()
        return result

    def _peeks(self) -> bool:
        return self.peeking

    def _submit(self, event: Any) -> None:
        self._worker.send(Submit(event))

    @Slot()
    def _on_changed(self) -> None:
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        self.failed.emit(failure)

    @Slot(object)
    def _on_explained(self, explained: Explained) -> None:
        explained.done(explained.explanation)

    @Slot(float, str)
    def _on_export_progress(self, share: float, what: str) -> None:
        self.export_progress.emit(share, what)

    @Slot(object)
    def _on_export_ended(self, result: object) -> None:
        if self._exporter is not None:
            self._exporter.wait()
            self._exporter = None
        self.exported.emit(result)


class Studio:
    """The program behind the window (`ui.ports.StudioPort`)."""

    def __init__(self, trainers: Trainers | None = None, folder: Path | None = None) -> None:
        """Loads nothing heavy.

        Args:
            trainers: makes the trainers of all sessions.
            folder: where sessions are; None is the usual place.
        """
        self._trainers = trainers or LearningTrainers()
        self._folder = folder or sessions_dir()
        self._settings = Settings(Path(os.path.realpath(settings_file())))
        self._open: SessionDesk | None = None

    def tasks(self) -> list[Task]:
        """All tasks, in the order they are shown."""
        return [get_task(name) for name in task_names()]

    def sessions(self) -> list[SessionCard]:
        """All sessions in the usual place, newest first."""
        return catalogue.cards(self._folder, self._trainers.refusal)

    def summary(self, path: Path) -> SessionSummary:
        """What is in a session, whether or not it can be opened."""
        return catalogue.summary(path)

    def new_session(self, task_name: str) -> SessionDesk:
        """Makes a session and opens it."""
        return self._started(Session.create(free_path(self._folder, task_name), NewSession(task_name)))

    def open_session(self, path: Path) -> SessionDesk:
        """Opens a session, unless this program cannot go on with it."""
        problem = catalogue.problem_of(path, self._trainers.refusal)
        if problem is not None:
            raise ForeignSessionError(problem)
        return self._started(Session(path))

    def delete_session(self, path: Path) -> None:
        """Deletes a session's folder, unless it is open somewhere; of a link, the link and nothing else.

        Raises:
            UserError: it is no session, open, or cannot be deleted.
        """
        card = catalogue.card(path, self._trainers.refusal)
        if card is None:
            raise SessionError(f"'{path}' is no session: nothing was deleted.")
        if not card.deletable:
            raise SessionError(f"{card.problem} Nothing was deleted.")
        linked = path.is_symlink()
        if not linked or any(os.path.lexists(path / name) for name in (LOCK_FILE, SOFT_LOCK_FILE)):
            with suppress(StorageError):  # who cannot lock it cannot have it open either
                FolderLock(path).release()
        try:
            if linked:
                path.unlink()
            else:
                shutil.rmtree(path)
        except OSError as error:
            raise StorageError(f"'{path}' could not be deleted: {error.strerror}.") from error

    def setting(self, key: str) -> object:
        """A setting, or None."""
        return self._settings.get(key)

    def set_setting(self, key: str, value: object) -> None:
        """Keeps a setting."""
        self._settings.set(key, value)

    def reaction(self) -> tuple[float, float] | None:
        """The person's reaction time: median in seconds, and standard deviation of its logarithm."""
        known = _reaction(self._settings)
        return None if known is None else (known.median, known.spread)

    def calibrate(self, seconds: list[float]) -> tuple[float, float]:
        """Keeps the reaction time that these reactions speak for."""
        found = ReactionTime.of(seconds)
        self._settings.set(REACTION, {"median": found.median, "spread": found.spread})
        return found.median, found.spread

    def about(self) -> str:
        """Versions and what this machine can do."""
        return doctor.as_text(doctor.examine(try_opengl=False))

    def close(self) -> None:
        """Closes the session that is open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _started(self, session: Session) -> SessionDesk:
        self.close()
        self._open = SessionDesk(session, self._trainers, self._settings)
        return self._open


def _reaction(settings: Settings | None) -> ReactionTime | None:
    """The person's, if it was ever measured and makes sense."""
    stored = None if settings is None else settings.get(REACTION)
    match stored:
        case {"median": float(median), "spread": float(spread)} if 0.05 < median < 5.0 and 0.01 < spread < 2.0:
            return ReactionTime(median, spread)
    return None


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
