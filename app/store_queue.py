"""Stores what a person does: at once, or in order as soon as another program lets go of the database."""

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance, Slot

from app.errors import HeldDatabaseError
from app.store.waiting import waiting_at_most
from app.storing import Result
from sim.errors import UserError

log = logging.getLogger(__name__)

FIRST_SECONDS, AGAIN_SECONDS = 0.1, 0.03
"""The window stands still for no longer, at the first try and at each later one."""
RETRY_MS = 250
SAID_AFTER_SECONDS = 0.4
"""Waiting for longer than this is said; the trainer's own writing is waited for more briefly."""
LONG_SECONDS = 60.0
"""After so long the person is told that this does not seem to end by itself."""
CLOSE_SECONDS = 0.5
"""A last try, when the session is closed."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    what: str
    act: Callable[[], object]
    since: float = field(default_factory=time.monotonic)


class StoreQueue(QObject):
    """Stores what the person does in the window, which never waits for it. All on the GUI thread."""

    changed: SignalInstance = Signal()  # type: ignore[assignment]
    """Something was stored late, or `sentence` is another one."""
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence: what waited could not be stored after all, or has waited for very long."""

    def __init__(self) -> None:
        """Nothing waits yet."""
        super().__init__()
        self._queue: deque[_Waiting] = deque()
        self._said = ""
        self._complained = False
        self._timer = QTimer(self, interval=RETRY_MS)
        self._timer.timeout.connect(self._retry)

    @property
    def waits(self) -> bool:
        """Whether something is not stored yet."""
        return bool(self._queue)

    @property
    def sentence(self) -> str:
        """What waits, and for what; empty if nothing has waited for long enough to be said."""
        if not self._queue or time.monotonic() - self._queue[0].since < SAID_AFTER_SECONDS:
            return ""
        what, others = self._queue[0].what, len({item.what for item in self._queue}) > 1
        return waiting_sentence(f"{'what you did' if others else what} is stored")

    def store(self, what: str, act: Callable[[], Result]) -> Result | None:
        """Calls `act` now, or later if another program holds the database or something waits already.

        Args:
            what: what is stored, such as "your answer".
            act: stores it, all of it or nothing; raises HeldDatabaseError while it cannot.

        Returns:
            What it returned; None if it waits.

        Raises:
            UserError: it could not be stored for another reason.
        """
        if not self._queue:
            try:
                with waiting_at_most(FIRST_SECONDS):
                    return act()
            except HeldDatabaseError as error:
                log.info("%s waits: %s", what, error)
        self._queue.append(_Waiting(what, act))
        self._timer.start()
        return None

    def store_alone(self, what: str, act: Callable[[], Result]) -> Result | None:
        """Does what `store` does, but nothing while something waits: it would be about what is not stored yet."""
        if not self._queue:
            return self.store(what, act)
        self._said = self.sentence
        self.changed.emit()
        return None

    def close(self) -> None:
        """Tries a last time; what cannot be stored then is logged and lost."""
        self._timer.stop()
        self._try(CLOSE_SECONDS)
        for item in self._queue:
            log.error("%s was not stored: another program held the database until the session was closed", item.what)
        self._queue.clear()

    @Slot()
    def _retry(self) -> None:
        stored = self._try(AGAIN_SECONDS)
        if not self._queue:
            self._timer.stop()
            self._complained = False
        elif not self._complained and time.monotonic() - self._queue[0].since > LONG_SECONDS:
            self._complained = True
            self.problem.emit(
                f"Another program has held the database of this session for {LONG_SECONDS:.0f} s: close it there. "
                f"Nothing is lost: {self._queue[0].what} waits in this window."
            )
        if stored or self.sentence != self._said:
            self._said = self.sentence
            self.changed.emit()

    def _try(self, seconds: float) -> bool:
        """Stores what waits, oldest first, as far as it can be; returns whether anything was."""
        stored = False
        while self._queue:
            try:
                with waiting_at_most(seconds):
                    self._queue[0].act()
            except HeldDatabaseError:
                break
            except UserError as error:
                self.problem.emit(str(error))
            except Exception:
                log.exception("%s could not be stored", self._queue[0].what)
                self.problem.emit(f"Storing {self._queue[0].what} failed on an error of ours; the log tells more.")
            self._queue.popleft()
            stored = True
        return stored


def waiting_sentence(then: str) -> str:
    """Says what the window waits for, and what happens `then`."""
    return f"Another program holds the database of this session; {then} as soon as it lets go."
