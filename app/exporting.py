"""The thread that writes a bundle while teaching goes on."""

import logging
import threading
import traceback
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from app.export import Facts, write_export
from app.garbage import give_back_memory
from sim.errors import UserError
from ui.ports import Failure

log = logging.getLogger(__name__)


class Exporter(QThread):
    """Writes one bundle. Connect its signals with a QueuedConnection."""

    progress = Signal(float, str)
    """(share done, what is being written)"""
    ended = Signal(object)
    """(Path) of the bundle, or (Failure)."""

    def __init__(self, facts: Facts, folder: Path, parent: QObject | None = None) -> None:
        """Does not start yet."""
        super().__init__(parent)
        self.setObjectName("export")
        self._facts = facts
        self._folder = folder
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Asks it to end early; `ended` still comes."""
        self._cancelled.set()

    def run(self) -> None:
        """The body of the thread."""
        try:
            done = write_export(
                self._facts, self._folder, on_progress=self.progress.emit, cancelled=self._cancelled.is_set
            )
            self.ended.emit(done.bundle)
        except UserError as error:
            self.ended.emit(Failure(str(error), ""))
        except Exception as error:
            log.exception("the export to '%s' failed", self._folder)
            sentence = f"The policy could not be exported to '{self._folder}' ({type(error).__name__}: {error})."
            self.ended.emit(Failure(sentence, traceback.format_exc()))
        finally:
            give_back_memory()
