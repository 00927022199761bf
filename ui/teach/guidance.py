"""Three lines for a teacher's first minute, above the clips until they are closed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from ui import theme
from ui.controls import Button, label


class Guidance(QFrame):
    """What to look for. In nobody's way: the clips play and can be answered beside it."""

    closed: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self) -> None:
        """Hidden until there is something to say."""
        super().__init__()
        self.setObjectName("guidance")
        theme.set_role(self, "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        self._lines: list[QLabel] = [label("", wraps=True) for _ in range(3)]
        lines = QVBoxLayout()
        lines.setSpacing(4)
        for number, line in enumerate(self._lines, 1):
            one = QHBoxLayout()
            one.setSpacing(theme.GRID)
            one.addWidget(label(str(number), "accent"), 0, Qt.AlignmentFlag.AlignTop)
            one.addWidget(line, 1)
            lines.addLayout(one)
        row.addLayout(lines, 1)
        close = Button("Got it", name="guidance-close")
        close.clicked.connect(self.hide)
        close.clicked.connect(self.closed)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def show_lines(self, lines: Sequence[str]) -> None:
        """Says what the task wants said."""
        for line, text in zip(self._lines, lines, strict=True):
            line.setText(text)
        self.setAccessibleName(" ".join(lines))
        self.show()
