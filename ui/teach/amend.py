"""An earlier answer, opened: its pair plays again, and the answer can be changed or taken back."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from learning.messages import Choice, Pair
from sim.render import Priority, SceneRenderer
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.pair_player import PairPlayer
from ui.ports import LabelRecord
from ui.shortcuts import Shortcuts
from ui.sides import WORDS
from ui.teach.answers import AnswerBar

SHADE = 0.5
WIDEST, HIGHEST = 880, 640


class AmendCard(QWidget):
    """Lies over the Teach screen while an earlier answer is open. The answer keys then belong to it."""

    amended: SignalInstance = Signal(object, object)  # type: ignore[assignment]
    """(LabelRecord, Choice | None) the new answer; None takes it back."""
    closed: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self, renderer: SceneRenderer, shortcuts: Shortcuts, parent: QWidget) -> None:
        """Hidden at first."""
        super().__init__(parent)
        self.setObjectName("amend")
        self.setAccessibleName("An earlier answer")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._over = parent
        self._record: LabelRecord | None = None
        self.player = PairPlayer(renderer, Priority.PAIR)
        for pane in self.player.panes:
            pane.setObjectName(f"amend-{pane.objectName()}")
        self._title = label("", "heading", name="amend-title")
        self._now = label("", "muted", name="amend-now")
        self.answers = AnswerBar(shortcuts, prefix="amend-answer")
        self.answers.answered.connect(self.answer)
        take_back = Button("Take it back", "delete", name="amend-take-back", role="danger", colour="danger")
        take_back.clicked.connect(self.take_back)
        close = Button(icon="close", name="amend-close", role="quiet", says="Close without a change (Esc)")
        close.clicked.connect(self.close_card)

        sheet = QFrame()
        theme.set_role(sheet, "overlay")
        box = QVBoxLayout(sheet)
        box.setContentsMargins(2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID, 2 * theme.GRID)
        box.setSpacing(2 * theme.GRID)
        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._now)
        head.addLayout(words, 1)
        head.addWidget(take_back)
        head.addWidget(close)
        box.addLayout(head)
        box.addWidget(self.player, 1)
        box.addWidget(self.answers)
        self._sheet = sheet
        self._place = QHBoxLayout(self)
        self._place.addWidget(sheet)
        parent.installEventFilter(self)
        self.hide()

    def open(self, task: Task, pair: Pair, record: LabelRecord) -> None:
        """Shows an answer with its pair."""
        self._record = record
        self._title.setText(f"Pair {pair.id + 1}")
        flagged = " \u00b7 flagged" if record.flagged else ""
        self._now.setText(f"You said: {WORDS[record.choice]}, after {record.seconds:.1f} s{flagged}. Change it?")
        self._cover()
        self.show()
        self.raise_()
        self.setFocus()
        self.player.set_task(task)
        self.player.set_running(True)
        self.player.show_pair(pair)

    @Slot(object)
    def answer(self, choice: Choice) -> None:
        """Changes the answer, once the clips can have been seen; the same answer again changes nothing."""
        if self._record is not None and self.player.pair_seen is not None:
            record = self._record
            self.close_card()
            if choice is not record.choice:
                self.amended.emit(record, choice)

    @Slot()
    def take_back(self) -> None:
        """Takes the answer back."""
        if self._record is not None:
            record = self._record
            self.close_card()
            self.amended.emit(record, None)

    @Slot()
    def close_card(self) -> None:
        """Closes it without a change."""
        self._record = None
        self.player.set_running(False)
        self.player.set_task(None)
        if self.isVisible():
            self.hide()
            self._over.setFocus()
        self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Covers the screen at any size."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._cover()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the sheet closes it."""
        if not self._sheet.geometry().contains(event.position().toPoint()):
            self.close_card()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Shades the screen."""
        shade = QColor(Qt.GlobalColor.black)
        shade.setAlphaF(SHADE)
        QPainter(self).fillRect(self.rect(), shade)

    def _cover(self) -> None:
        self.setGeometry(self._over.rect())
        across = max(3 * theme.GRID, (self.width() - WIDEST) // 2)
        down = max(3 * theme.GRID, (self.height() - HIGHEST) // 2)
        self._place.setContentsMargins(across, down, across, down)
