"""The line on top of the Teach screen: where one is, how far it has come, and the ways out."""

from PySide6.QtCore import QSize, Signal, SignalInstance, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui import theme
from ui.controls import Button, label
from ui.readings import label_words
from ui.shortcuts import Shortcuts

ROOM_FOR_STEPS = 900
"""Pixels of width: a narrower line has no room for the environment steps."""


class Header(QWidget):
    """Back, the task, labels and steps; pause, watch, export, keys."""

    back: SignalInstance = Signal()  # type: ignore[assignment]
    pause: SignalInstance = Signal()  # type: ignore[assignment]
    watch: SignalInstance = Signal()  # type: ignore[assignment]
    meter: SignalInstance = Signal()  # type: ignore[assignment]
    export: SignalInstance = Signal()  # type: ignore[assignment]
    help: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self, shortcuts: Shortcuts) -> None:
        """Names nothing yet."""
        super().__init__()
        self._shortcuts = shortcuts
        self._back = Button("Home", "back", name="back", role="quiet")
        self._title = label("", "heading", name="title")
        self._labels = label("", name="label-count")
        self._steps = label("", "muted", name="step-count")
        self._pause = Button("Pause", "pause", name="pause-learning")
        self._watch = Button("Watch", "eye", name="watch")
        self._meter = Button("Meter", "meter", name="meter")
        self._export = Button("Export", "export", name="export")
        self._help = Button(icon="help", name="help", role="quiet")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        for part in (self._back, self._title):
            row.addWidget(part)
        row.addSpacing(2 * theme.GRID)
        row.addWidget(self._labels)
        row.addSpacing(theme.GRID)
        row.addWidget(self._steps)
        row.addStretch(1)
        for part in (self._pause, self._watch, self._meter, self._export, self._help):
            row.addWidget(part)
        self._back.clicked.connect(self.back)
        self._pause.clicked.connect(self.pause)
        self._watch.clicked.connect(self.watch)
        self._meter.clicked.connect(self.meter)
        self._export.clicked.connect(self.export)
        self._help.clicked.connect(self.help)
        self._words = {button: button.text() for button in (self._pause, self._watch, self._meter, self._export)}
        """What buttons say where there is room for it; else they show their icons alone."""
        self._folded = False
        shortcuts.changed.connect(self._say_keys)
        self._say_keys()

    def minimumSizeHint(self) -> QSize:
        """Without the words of buttons."""
        least = super().minimumSizeHint()
        return QSize(least.width() - (0 if self._folded else self._room_for_words()), least.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the steps give way to what can be pressed, and then words to icons."""
        super().resizeEvent(event)
        width = event.size().width()
        self._steps.setVisible(width >= theme.scaled(ROOM_FOR_STEPS))
        self._folded = width < self.minimumSizeHint().width() + self._room_for_words()
        self._show_words()

    def _room_for_words(self) -> int:
        """Pixels that the words of buttons take."""
        return sum(self.fontMetrics().horizontalAdvance(f"{word} ") for word in self._words.values())

    def _show_words(self) -> None:
        for button, word in self._words.items():
            button.setText("" if self._folded else word)

    def set_title(self, title: str) -> None:
        """The task."""
        self._title.setText(title)

    def show_progress(self, labels: int, cannot_tell: int, env_steps: int) -> None:
        """How far it has come: labels that say something, answers that do not, and environment steps."""
        self._labels.setText(label_words(labels, cannot_tell))
        self._steps.setText(f"{short_count(env_steps)} environment steps")

    def show_paused(self, paused: bool, *, can_change: bool) -> None:
        """Whether learning is paused, and whether that can be changed now."""
        self._words[self._pause] = "Resume" if paused else "Pause"
        self._show_words()
        self._pause.show_icon("play" if paused else "pause")
        self._pause.setEnabled(can_change)

    @Slot()
    def _say_keys(self) -> None:
        for button, action in (
            (self._back, "back"),
            (self._pause, "pause_learning"),
            (self._watch, "watch"),
            (self._meter, "meter"),
            (self._export, "export"),
            (self._help, "help"),
        ):
            button.set_says(self._shortcuts.tip(action))


def short_count(count: float) -> str:
    """Such as `940`, `51 k` or `4.1 M`."""
    if count < 1000:
        return f"{count:.0f}"
    return f"{count / 1000:.0f} k" if count < 999_500 else f"{count / 1e6:.1f} M"
