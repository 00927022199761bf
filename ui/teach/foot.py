"""The foot of the Teach screen: what learning is doing now, and what to do when it has failed."""

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui import theme
from ui.controls import Button, label
from ui.ports import Failure
from ui.teach.header import short_count
from ui.teach.status import Sentence


class Foot(QWidget):
    """One line, and two buttons that are there after a failure alone."""

    retry: SignalInstance = Signal()  # type: ignore[assignment]
    """The person wants to go on from the last checkpoint."""

    def __init__(self) -> None:
        """Says nothing yet."""
        super().__init__()
        self._failure: Failure | None = None
        self._status = label("", name="status-line", wraps=True)
        self._status.setMinimumHeight(theme.scaled(theme.CONTROL_PX) + 2)  # nothing moves when buttons appear beside it
        self._copy = Button("Copy details", "copy", name="copy-details")
        self._retry = Button("Try again", "replay", name="retry", role="primary", colour="on_accent")
        self._speed = label("", "muted", name="steps-per-second")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(self._status, 1)
        row.addWidget(self._copy)
        row.addWidget(self._retry)
        row.addWidget(self._speed)
        self._copy.clicked.connect(self._on_copy)
        self._retry.clicked.connect(self.retry)

    def show_situation(self, said: Sentence, failure: Failure | None, *, failed: bool) -> None:
        """Says what is going on; `failure` has the details if learning has `failed`."""
        self._failure = failure
        self._status.setText(said.text)
        theme.set_role(self._status, said.role)
        self._retry.setVisible(failed)
        self._copy.setVisible(failed and failure is not None)

    def show_speed(self, steps_per_second: float) -> None:
        """Control steps a second; nothing where there are none."""
        self._speed.setText(f"{short_count(steps_per_second)} steps/s" if steps_per_second >= 1.0 else "")

    @Slot()
    def _on_copy(self) -> None:
        if self._failure is not None:
            QGuiApplication.clipboard().setText(self._failure.details)
