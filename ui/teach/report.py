"""What the header and the foot of the Teach screen report: how much was taught, and what learning is doing now."""

import time

from PySide6.QtCore import QObject, Slot

from learning.messages import Choice, Phase, Snapshot
from ui.pair_player import PairPlayer
from ui.ports import Failure, LabelRecord, SessionPort, WorkerStatus
from ui.teach.foot import Foot
from ui.teach.header import Header
from ui.teach.resumed import ResumedLine
from ui.teach.status import Situation, describe


class Report(QObject):
    """Of one session at a time. It counts the answers, and knows why learning failed."""

    def __init__(self, header: Header, resumed: ResumedLine, foot: Foot, player: PairPlayer) -> None:
        """Reports nothing yet; whether the person is waited for depends on what `player` shows."""
        super().__init__(foot)
        self._header, self._resumed, self._foot, self._player = header, resumed, foot, player
        self._session: SessionPort | None = None
        self._failure: Failure | None = None
        self._opened_at = time.monotonic()
        self.answers = 0
        """In force."""
        self._cannot_tell = 0
        foot.retry.connect(self._on_retry)

    def set_session(self, session: SessionPort | None) -> None:
        """Reports of another session, which has just been opened."""
        self._session, self._failure = session, None
        self._opened_at = time.monotonic()
        self._resumed.restart()

    def count(self, history: list[LabelRecord]) -> None:
        """Takes in all answers in force."""
        self.answers = len(history)
        self._cannot_tell = sum(record.choice is Choice.CANNOT_TELL for record in history)

    def note_failure(self, failure: Failure) -> None:
        """Learning has failed, and why."""
        self._failure = failure

    def practises(self, snapshot: Snapshot | None) -> bool:
        """Whether the trainer practises, or is about to: an answer has been given that it has not taken in."""
        if self._session is None or self._session.status is not WorkerStatus.RUNNING or snapshot is None:
            return False
        return snapshot.phase is not Phase.WAITING or snapshot.labels != self._labels(self._session)

    def look(self, snapshot: Snapshot | None) -> None:
        """Says what is so now."""
        session = self._session
        if session is None:
            return
        labels, status = self._labels(session), session.status
        steps = snapshot.env_steps if snapshot is not None else 0
        self._header.show_progress(labels - self._cannot_tell, self._cannot_tell, steps)
        self._resumed.look(session.resumed, labels)
        paused = status is WorkerStatus.PAUSED
        self._header.show_paused(paused, can_change=paused or status is WorkerStatus.RUNNING)
        self._foot.show_speed(session.steps_per_second)
        on_screen = self._player.pair_on_screen is not None
        next_ready = self._player.ready_pair is not None
        seconds = time.monotonic() - self._opened_at
        said = describe(
            Situation(status, snapshot, labels, on_screen, next_ready, seconds, self._failure, session.waiting)
        )
        self._foot.show_situation(said, self._failure, failed=status is WorkerStatus.FAILED)

    def _labels(self, session: SessionPort) -> int:
        """Answers, and presses on the Watch screen."""
        return self.answers + session.pressing.count

    @Slot()
    def _on_retry(self) -> None:
        if self._session is not None:
            self._failure = None
            self._session.retry()
