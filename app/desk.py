"""One open session, as the window talks to it."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance, Slot

from app.commands import Explain, Explained, Pause, Resume, Retry, Submit
from app.export import Facts, gather
from app.export_desk import ExportDesk
from app.files import replace_file
from app.garbage import give_back_memory
from app.helm import Helm
from app.labelling import Labelling
from app.press_desk import PressDesk
from app.session import Session
from app.store_queue import StoreQueue, waiting_sentence
from app.storing import YOUR_ANSWER, YOUR_FLAG, YOUR_PEEK, YOUR_UNDO, Result
from app.trainers import Trainers
from app.watching import ReactionTime
from app.worker import Worker
from learning.messages import Choice, Explanation, MeterPoint, Pair, PairExplanation, Snapshot
from sim.clip import Clip
from sim.task import Task
from ui.ports import Failure, LabelAct, LabelRecord, MetricRow, Resumed, WorkerStatus

CLOSE_SECONDS = 2.0
"""Closing takes no longer, whatever runs."""


class SessionDesk(QObject):
    """An open session as the window sees it (`ui.ports.SessionPort`). All on the GUI thread."""

    changed: SignalInstance = Signal()  # type: ignore[assignment]
    failed: SignalInstance = Signal(object)  # type: ignore[assignment]
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]

    def __init__(self, session: Session, trainers: Trainers, reaction: Callable[[], ReactionTime | None]) -> None:
        """Starts the training thread of an open session, which this object then owns.

        Args:
            session: the open session.
            trainers: makes the trainer.
            reaction: how late the person presses, as known now.
        """
        super().__init__()
        self.task: Task = session.task
        self.path: Path = session.path
        self._session = session
        self._closed = False
        self._worker = Worker(session, trainers)
        self._board = self._worker.runner.board
        self._labelling = Labelling(session, self._submit, lambda: self._board.offered)
        self._storing = storing = StoreQueue()
        storing.changed.connect(self.changed)
        storing.problem.connect(self.problem)
        self.steering = Helm(session, self._submit, peeking=self._peeks, changed=self.changed.emit, storer=storing)
        self.pressing = PressDesk(session, self._submit, reaction, self._peeks, self.changed.emit, storing)
        self.exporting = ExportDesk(self._learnt)
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
        self.exporting.close()
        self._worker.stop(until - time.monotonic())
        give_back_memory()

    def _stored(self, what: str, act: Callable[[], Result], *, alone: bool = False) -> Result | None:
        """Stores something now or later; `alone` is not at all while something waits. Tells that something changed."""
        result = (self._storing.store_alone if alone else self._storing.store)(what, act)
        self.changed.emit()
        return result

    def _learnt(self) -> Facts | None:
        """What an export says of the session; None while there is no policy."""
        snapshot = self.snapshot()
        return None if snapshot is None else gather(self._session, snapshot, self._labelling)

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


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
