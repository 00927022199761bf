"""The thread that trains while the window stays smooth."""

import logging

from PySide6.QtCore import QObject, QThread, Signal

from app.commands import CheckpointSaved, Command, Explained, Failed, News, PairsOffered, StatusChanged, Stop
from app.runner import Runner
from app.session import Session
from app.threads import end_or_linger
from app.trainers import Trainers

log = logging.getLogger(__name__)


class Worker(QThread):
    """Runs a `Runner` until it is stopped, then closes the session: the last one to write lets it go.

    Its signals are emitted on the training thread: connect them to `@Slot` methods with a QueuedConnection. They are
    rare; what changes often is read from the runner's board.
    """

    changed = Signal()
    """The status, the open pairs, or a checkpoint."""
    failed = Signal(object)
    """(Failure)"""
    explained = Signal(object)
    """(Explained)"""

    def __init__(self, session: Session, trainers: Trainers, parent: QObject | None = None) -> None:
        """Does not start yet."""
        super().__init__(parent)
        self.setObjectName("training")
        self._session = session
        self.runner = Runner(session, trainers, self._tell)

    def run(self) -> None:
        """The body of the thread."""
        try:
            self.runner.run()
        except BaseException:
            # nothing may leave a QThread's run; the session is in its database and goes on from there
            log.exception("the training thread ended")
        finally:
            self._session.close()

    def send(self, command: Command) -> None:
        """Queues a command for between two iterations."""
        self.runner.send(command)

    def stop(self, seconds: float) -> bool:
        """Ends after the iteration that runs, with a checkpoint.

        Returns:
            Whether it ended in `seconds`. If not, it is kept alive until it does.
        """
        self.send(Stop())
        return end_or_linger(self, seconds)

    def _tell(self, news: News) -> None:
        match news:
            case StatusChanged() | PairsOffered() | CheckpointSaved():
                self.changed.emit()
            case Failed(failure):
                self.failed.emit(failure)
            case Explained():
                self.explained.emit(news)
