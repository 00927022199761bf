"""The four answers as large buttons, each with its mark and its key."""

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from learning.messages import Choice
from ui import icons, theme
from ui.controls import Button, label
from ui.shortcuts import Shortcuts
from ui.sides import ACTIONS, COLOURS, ICONS, SHORT

ORDER = (Choice.LEFT, Choice.EQUAL, Choice.CANNOT_TELL, Choice.RIGHT)
"""From left to right: the sides at their sides."""
STRETCH = {Choice.LEFT: 3, Choice.EQUAL: 2, Choice.CANNOT_TELL: 2, Choice.RIGHT: 3}
ICON = 20
LIGHT_MS = 120
"""The button of an answer that was taken looks pressed for so long."""
OBJECT_NAMES = {
    Choice.LEFT: "left",
    Choice.RIGHT: "right",
    Choice.EQUAL: "equal",
    Choice.CANNOT_TELL: "cannot-tell",
}


class AnswerButton(Button):
    """One answer: mark, word, key."""

    def __init__(self, choice: Choice, *, prefix: str = "answer") -> None:
        """`prefix` begins the object name."""
        super().__init__(name=f"{prefix}-{OBJECT_NAMES[choice]}", role="answer", says=SHORT[choice])
        self.choice = choice
        self._mark = QLabel()
        self._mark.setFixedSize(ICON, ICON)
        self._word = label(SHORT[choice], "answer")
        self._key = label("", "key")
        self._key.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.GRID, 0, 2 * theme.GRID, 0)
        row.setSpacing(theme.GRID)
        parts: list[QWidget] = [self._mark, self._word, self._key]
        row.addStretch(1)
        for part in parts[:2] if choice is not Choice.RIGHT else parts[1::-1]:
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        self._key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(self._key, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        theme.notifier().changed.connect(self._draw)
        self._draw()

    def show_key(self, sign: str) -> None:
        """The key that does the same."""
        self._key.setText(sign)
        self._key.setVisible(bool(sign))
        self.setToolTip(f"{SHORT[self.choice]} ({sign})" if sign else "")

    def sizeHint(self) -> QSize:
        """Room for what is in it."""
        inside = self.layout()
        return QSize(inside.sizeHint().width() if inside is not None else 0, theme.scaled(50))

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Paler when it cannot be pressed."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self._draw()

    @Slot()
    def _draw(self) -> None:
        colour = theme.color(COLOURS[self.choice]) if self.isEnabled() else theme.color("muted", 0.5)
        self._mark.setPixmap(icons.pixmap(ICONS[self.choice], colour, ICON, self.devicePixelRatioF()))


class AnswerBar(QWidget):
    """The four answers in a row."""

    answered: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Choice)"""

    def __init__(self, shortcuts: Shortcuts, *, prefix: str = "answer") -> None:
        """`prefix` begins the object names of the buttons."""
        super().__init__()
        self._shortcuts = shortcuts
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        self.buttons = {choice: AnswerButton(choice, prefix=prefix) for choice in ORDER}
        for choice, button in self.buttons.items():
            button.clicked.connect(self._on_clicked)
            row.addWidget(button, STRETCH[choice])
        shortcuts.changed.connect(self._show_keys)
        self._show_keys()

    def set_ready(self, on: bool) -> None:
        """Whether an answer would be accepted."""
        for button in self.buttons.values():
            button.setEnabled(on)

    def mark(self, choice: Choice) -> None:
        """Shows which answer is in force."""
        for each, button in self.buttons.items():
            button.setCheckable(True)
            button.setChecked(each is choice)

    def light(self, choice: Choice) -> None:
        """Shows for a moment which answer was taken."""
        button = self.buttons[choice]
        button.setDown(True)
        QTimer.singleShot(LIGHT_MS, button, lambda: button.setDown(False))

    @Slot()
    def _on_clicked(self) -> None:
        button = self.sender()
        if isinstance(button, AnswerButton):
            self.answered.emit(button.choice)

    @Slot()
    def _show_keys(self) -> None:
        for choice, button in self.buttons.items():
            button.show_key(self._shortcuts.sign(ACTIONS[choice]))
