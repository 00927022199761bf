"""Three lines for a teacher's first minute, above the clips until they are closed. `ui.teach.guidelines` keeps them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from sim.errors import UserError
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.ports import StudioPort

SEEN = "guidance_seen"
"""The setting with the names of the tasks whose guidance was read."""


class Guidance(QFrame):
    """What to look for. In nobody's way: the clips play and can be answered beside it."""

    problem: SignalInstance = Signal(str)  # type: ignore[assignment]
    examples_wanted: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self, studio: StudioPort) -> None:
        """Hidden until there is something to say."""
        super().__init__()
        self._studio = studio
        self._task = ""
        self.setObjectName("guidance")
        theme.set_role(self, "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        self._lines: list[QLabel] = [label("", wraps=True) for _ in range(3)]
        row.addLayout(numbered(self._lines), 1)
        examples = Button("See examples", "eye", name="guidance-examples")
        examples.clicked.connect(self.examples_wanted)
        close = Button("Got it", name="guidance-close", role="primary")
        close.clicked.connect(self._on_read)
        for button in (examples, close):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_for(self, task: Task) -> None:
        """Says what the task wants said, unless it was read before."""
        if task.name in self._seen():
            return
        self._task = task.name
        for line, text in zip(self._lines, task.guidance, strict=True):
            line.setText(text)
        self.setAccessibleName(" ".join(task.guidance))
        self.show()

    @Slot()
    def _on_read(self) -> None:
        self.hide()
        try:
            self._studio.set_setting(SEEN, [*self._seen(), self._task])
        except UserError as error:
            self.problem.emit(str(error))

    def _seen(self) -> list[object]:
        seen = self._studio.setting(SEEN)
        return list(seen) if isinstance(seen, list) else []


def numbered(lines: Sequence[QLabel]) -> QVBoxLayout:
    """Returns lines one below the other, each after its number."""
    column = QVBoxLayout()
    column.setSpacing(4)
    for number, line in enumerate(lines, 1):
        one = QHBoxLayout()
        one.setSpacing(theme.GRID)
        one.addWidget(label(str(number), "accent"), 0, Qt.AlignmentFlag.AlignTop)
        one.addWidget(line, 1)
        column.addLayout(one)
    return column
