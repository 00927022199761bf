"""Exports of an open session as the window sees them: one at a time, written by a thread of its own."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance, Slot

from app.errors import SessionError
from app.export import Facts
from app.exporting import Exporter
from app.threads import end_or_linger

CLOSE_SECONDS = 0.5
"""An export that is being cancelled is waited for no longer when the session closes."""


class ExportDesk(QObject):
    """The export of an open session (`ui.export_port.ExportPort`). All on the GUI thread."""

    progress: SignalInstance = Signal(float, str)  # type: ignore[assignment]
    ended: SignalInstance = Signal(object)  # type: ignore[assignment]

    def __init__(self, facts: Callable[[], Facts | None]) -> None:
        """Nothing is written yet; `facts` tells what is exported, None while nothing has been learnt."""
        super().__init__()
        self._facts = facts
        self._exporter: Exporter | None = None

    def begin(self, folder: Path) -> None:
        """Starts writing the bundle; `ended` tells the end.

        Raises:
            SessionError: an export runs already, or nothing has been learnt yet.
        """
        if self._exporter is not None:
            raise SessionError("An export is being written already: wait for it, or cancel it first.")
        facts = self._facts()
        if facts is None:
            raise SessionError("There is no policy yet: it takes a moment from the start of a session.")
        self._exporter = Exporter(facts, folder)
        queued = Qt.ConnectionType.QueuedConnection
        self._exporter.progress.connect(self._on_progress, queued)
        self._exporter.ended.connect(self._on_ended, queued)
        self._exporter.start()

    def cancel(self) -> None:
        """Ends the export early."""
        if self._exporter is not None:
            self._exporter.cancel()

    def close(self) -> None:
        """Ends the export early, and waits for that a little."""
        if self._exporter is not None:
            self._exporter.cancel()
            end_or_linger(self._exporter, CLOSE_SECONDS)
            self._exporter = None

    @Slot(float, str)
    def _on_progress(self, share: float, what: str) -> None:
        self.progress.emit(share, what)

    @Slot(object)
    def _on_ended(self, result: object) -> None:
        if self._exporter is not None:
            self._exporter.wait()
            self._exporter = None
        self.ended.emit(result)
