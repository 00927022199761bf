"""Runs the trainer of one open session. Every path does: the window's thread, and the commands without a window.

Up go the newest snapshot (one slot, overwritten), the open pairs, a bounded ring of metrics, and rare news; down come
small frozen commands in one queue, acted on between iterations. Knows no Qt.
"""

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.board import RING, Board
from app.commands import (
    CheckpointSaved,
    Command,
    Explain,
    Explained,
    Failed,
    News,
    PairsOffered,
    Pause,
    Resume,
    Retry,
    StatusChanged,
    Stop,
    Submit,
)
from app.crash_points import crash_point
from app.errors import HeldDatabaseError, StorageError
from app.restoring import UNRECORDED, restore
from app.session import Session
from app.stopping import StopFlag, goes_on
from app.store.journal import Digest
from app.store.waiting import telling, waiting_at_most, waiting_unless
from app.trainers import Trainer, Trainers
from learning.messages import Feedback, Pair, Phase, Snapshot, Taken, TrainerState
from sim.errors import UserError
from ui.ports import Failure, WorkerStatus

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 20.0
"""A checkpoint is written this often while something changes."""
REST_SECONDS = 1.0
"""and when the trainer has waited this long: answers that come quickly are not held up by it."""
LAST_SECONDS = 1.0
"""The last checkpoint waits no longer for a database that another program holds."""
METRIC_SECONDS = 1.0
"""Points of the plots are at least this far apart, unless a label lies between."""


class Runner:
    """The trainer of `session` and its records.

    `send` and `board` may be used from any thread; all else belongs to the one thread that runs the trainer.
    """

    def __init__(self, session: Session, trainers: Trainers, on_news: Callable[[News], None] = lambda _: None) -> None:
        """Makes no trainer yet.

        Args:
            session: the open session.
            trainers: makes the trainer.
            on_news: called on the trainer's thread with what happens rarely.
        """
        self._session = session
        self._trainers = trainers
        self._on_news = on_news
        self._commands: deque[Command] = deque()
        self._command_came = threading.Condition()
        self.board = Board(session.journal.metrics(RING), session.journal.points())
        """What it shows to everyone."""

        self._trainer: Trainer | None = None
        self._paused = self._stopping = self._retrying = False
        self._stop_asked = False
        """Set by whatever thread asks: it ends waiting for the database."""
        self._seen: set[int] = set()
        self._catching_up: set[int] = set()
        self._held: list[Feedback] = []
        self._fresh_input = False
        self._known_pairs: set[int] = set()
        self._events_taken = 0
        self._iteration = 0
        self._record_ends = 0, 0
        self._dirty = False
        self._saved_at = self._metric_at = time.monotonic()
        self._metric_labels = -1
        self._unrecorded: tuple[Taken, ...] = ()
        """Events taken in whose record could not be stored."""

    # Any thread

    def send(self, command: Command) -> None:
        """Queues a command and wakes the trainer's thread."""
        self._stop_asked = self._stop_asked or isinstance(command, Stop)
        with self._command_came:
            self._commands.append(command)
            self._command_came.notify()

    # The trainer's thread

    @property
    def trainer(self) -> Trainer:
        """The trainer, once started."""
        assert self._trainer is not None, "start() comes first"
        return self._trainer

    @property
    def waits_for_teacher(self) -> bool:
        """Whether no turn changes anything before the next command: no practice and no event is left."""
        snapshot = self.board.snapshot
        if snapshot is None or self._fresh_input:
            return False
        return snapshot.phase is Phase.WAITING and snapshot.events_waiting == 0

    @property
    def _repeats_record(self) -> bool:
        """Whether the trainer goes where one has been before: events or digests on record lie ahead of it."""
        return bool(self._catching_up) or (self._iteration, self._events_taken) < self._record_ends

    def run(self) -> None:
        """Runs until `Stop`, through pauses, waiting and failures. Ends with a checkpoint."""
        while not self._stopping:
            try:
                self._set_status(WorkerStatus.STARTING)
                with telling(self._tell_waiting), waiting_unless(lambda: self._stop_asked):
                    self.start()
                    self._loop()
            except Exception as error:  # noqa: BLE001 - whatever it was: the labels are safe, and the teacher may try again
                if self._stop_asked and isinstance(error, HeldDatabaseError):
                    self.checkpoint_unrecorded()
                    break
                self._fail(error)
                self._wait_for_retry()
        with waiting_unless(lambda: self._stop_asked):
            self.finish()
        self._trainer = None
        self._set_status(WorkerStatus.STOPPED)

    def start(self) -> None:
        """Makes the trainer from the newest good checkpoint, and hands it every event that is not in there.

        Raises:
            ForeignSessionError: the session's trainer is of another version.
            StorageError: the session cannot be written.
        """
        self._trainer = None
        restored = restore(self._session, self._trainers)
        self._trainer, self._iteration = restored.trainer, restored.iteration
        self.board.resumed = restored.resumed
        self.board.restart_speed()
        self._known_pairs = self._session.journal.pair_ids()
        self._events_taken = len(restored.events)
        self._seen = restored.events | {event.id for event in (*restored.recorded, *restored.new)}
        self._catching_up = {event.id for event in restored.recorded}
        self._held = restored.new
        self._record_ends = self._session.journal.last_digest()
        self._release_held()
        self._offer(restored.trainer.open_pairs(), self._iteration)
        log.info(
            "trainer ready: %d events in it, %d to repeat, %d new",
            len(restored.events),
            len(self._catching_up),
            len(restored.new),
        )

    def turn(self) -> Snapshot:
        """Acts on the commands that came, then does one iteration, or nothing when the trainer waits."""
        self._drain()
        return self._iterate()

    def checkpoint(self) -> None:
        """Writes a checkpoint if anything has changed since the last one.

        Raises:
            StorageError: it could not be written; it is tried again later.
        """
        if not self._dirty or self._trainer is None:
            return
        state, digest = self._trainer.state(), self._trainer.weights_digest()
        # no checkpoint on the disk may be ahead of the record of how it came about
        self._session.journal.record_digest(Digest(self._iteration, self._events_taken, digest))
        crash_point("digest recorded")
        path = self._session.checkpoints.save(state, self._iteration, self._events_taken)
        self._dirty = False
        self._saved_at = time.monotonic()
        self._on_news(CheckpointSaved(path))

    def finish(self) -> None:
        """Writes a last checkpoint; without one, the session goes on from the one before."""
        try:
            with waiting_at_most(LAST_SECONDS):
                self.checkpoint()
        except HeldDatabaseError:
            self.checkpoint_unrecorded()
        except (StorageError, MemoryError):
            log.exception("no last checkpoint")

    def checkpoint_unrecorded(self) -> None:
        """Writes a checkpoint while another program holds the database; the next start records what is missing."""
        if self._trainer is None:
            return
        state = self._trainer.state()
        meta = {**state.meta, UNRECORDED: [[item.event_id, item.iteration] for item in self._unrecorded]}
        try:
            self._session.checkpoints.save(TrainerState(state.tensors, meta), self._iteration, self._events_taken)
        except (StorageError, MemoryError):
            log.exception("no checkpoint of what could not be recorded")
        else:
            self._dirty = False

    def _loop(self) -> None:
        while True:
            self._drain()
            if self._stopping:
                return
            if self._paused:
                self.checkpoint()
                self._set_status(WorkerStatus.PAUSED)
                self._wait(None)
                continue
            self._set_status(WorkerStatus.RUNNING)
            self._iterate()
            if self.waits_for_teacher and not self._wait(REST_SECONDS):
                self.checkpoint()
                self._wait(None)

    def _iterate(self) -> Snapshot:
        self._fresh_input = False
        snapshot = self.trainer.step()
        if snapshot.phase is Phase.WAITING and not snapshot.taken and self._repeats_record:
            self._take_another_course(snapshot)
            return snapshot
        self._account(snapshot)
        if self._dirty and time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self.checkpoint()
        return snapshot

    def _account(self, snapshot: Snapshot) -> None:
        moved = snapshot.iteration != self._iteration or bool(snapshot.taken)
        self._dirty |= moved
        self._iteration = snapshot.iteration
        now = time.monotonic()
        due = snapshot.labels != self._metric_labels or now - self._metric_at >= METRIC_SECONDS
        metric = snapshot if moved and due else None
        if metric:
            self._metric_labels, self._metric_at = snapshot.labels, now
        if snapshot.taken or metric or snapshot.points:
            self._unrecorded = snapshot.taken
            self._session.journal.record(taken=snapshot.taken, metric=metric, points=snapshot.points)
            crash_point("iteration recorded")
            self._unrecorded = ()
        self._events_taken += len(snapshot.taken)
        self._catching_up.difference_update(item.event_id for item in snapshot.taken)
        self._release_held()
        self.board.put_snapshot(snapshot, moved=moved, metric=metric is not None)
        self._offer(self.trainer.open_pairs(), snapshot.iteration)

    def _offer(self, pairs: tuple[Pair, ...], iteration: int) -> None:
        """A pair can be answered once its clips and its row are stored."""
        new = [pair for pair in pairs if pair.id not in self._known_pairs]
        if new:
            self._session.journal.record(pairs=[self._session.save_clips(pair, iteration) for pair in new])
            self._known_pairs.update(pair.id for pair in new)
        if self.board.put_pairs(pairs):
            self._on_news(PairsOffered())

    def _release_held(self) -> None:
        """New events wait until the trainer is where it was: earlier, they would change a course that is on record."""
        if not self._repeats_record and self._held:
            for event in self._held:
                self.trainer.submit(event)
            self._held.clear()
            self._fresh_input = True

    def _take_another_course(self, snapshot: Snapshot) -> None:
        """The trainer waits where its record says it went on: another machine computes a little differently."""
        log.warning("iteration %d waits where the record goes on; going another way from here", snapshot.iteration)
        self._session.journal.forget_after(snapshot.iteration, self._events_taken, sorted(self._catching_up))
        self.start()
        self._fresh_input = True

    def _drain(self) -> None:
        while self._commands:
            match self._commands.popleft():
                # without a trainer (after a failure) events can be dropped: the next start reads them in the database
                case Submit(event):
                    if self._trainer is not None and event.id not in self._seen:
                        self._seen.add(event.id)
                        self._held.append(event)
                        self._release_held()
                case Explain((clip,), done):
                    if self._trainer is not None:
                        self._on_news(Explained(done, self._trainer.explain(clip)))
                case Explain((left, right), done):
                    if self._trainer is not None:
                        self._on_news(Explained(done, self._trainer.explain_pair(left, right)))
                case Pause():
                    self._paused = True
                case Resume():
                    self._paused = False
                case Retry():
                    self._retrying = True
                case Stop():
                    self._stopping = True

    def _wait(self, seconds: float | None) -> bool:
        """Sleeps until a command comes; False if none came in `seconds`."""
        with self._command_came:
            return self._command_came.wait_for(lambda: bool(self._commands), seconds)

    def _fail(self, error: Exception) -> None:
        log.error("an iteration failed", exc_info=error)
        self._trainer = None
        self._dirty = False
        self._set_status(WorkerStatus.FAILED)
        details = "".join(traceback.format_exception(error))
        self._on_news(Failed(Failure(failure_sentence(error), details)))

    def _wait_for_retry(self) -> None:
        self._retrying = False
        while not (self._stopping or self._retrying):
            self._wait(None)
            self._drain()

    def _tell_waiting(self, waiting: bool) -> None:
        """Shows that another program holds the database, and when it has let go."""
        self.board.waits_for_database = waiting
        self._on_news(StatusChanged(self.board.status))

    def _set_status(self, status: WorkerStatus) -> None:
        if self.board.put_status(status):
            self._on_news(StatusChanged(status))


@contextmanager
def ending_resumable(runner: Runner, session: Path, stop: StopFlag) -> Iterator[None]:
    """Has a lesson that another program keeps from its database end with a checkpoint and a word on how to go on.

    It waits for that program, unless `stop` is raised meanwhile.

    Raises:
        HeldDatabaseError: that it was kept from it, and how to go on.
    """
    try:
        with waiting_unless(lambda: stop.raised):
            yield
    except HeldDatabaseError as error:
        runner.checkpoint_unrecorded()
        raise HeldDatabaseError(f"{error} All labels so far are stored: {goes_on(session)}") from error


def failure_sentence(error: Exception) -> str:
    """What the teacher is told of a failed iteration."""
    if isinstance(error, UserError):
        return str(error)
    return (
        f"Learning stopped on an error ({type(error).__name__}: {error}); your labels are safe, and you can try again."
    )
