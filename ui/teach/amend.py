"""An earlier answer, opened: its pair plays again, and the answer can be changed or taken back."""

from PySide6.QtCore import Signal, SignalInstance, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from learning.messages import Choice, Pair
from sim.render import Priority, SceneRenderer
from sim.task import Task
from ui.controls import Button, label
from ui.overlay import Overlay
from ui.pair_player import PairPlayer
from ui.ports import LabelRecord
from ui.readings import SEPARATOR
from ui.shortcuts import Shortcuts
from ui.sides import WORDS
from ui.teach.answers import AnswerBar
from ui.teach.transport import TIME_WIDTH
from ui.timeline import Timeline
from ui.why_curve import WhyPanel

HOW_TO_CHANGE = "Choose another answer to change it."


class AmendCard(Overlay):
    """Lies over the Teach screen while an earlier answer is open. The answer keys then belong to it."""

    amended: SignalInstance = Signal(object, object)  # type: ignore[assignment]
    """(LabelRecord, Choice | None) the new answer; None takes it back."""
    why_wanted: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Pair) what the reward model says of it is to be shown."""

    def __init__(self, renderer: SceneRenderer, shortcuts: Shortcuts, parent: QWidget) -> None:
        """Hidden at first."""
        super().__init__(parent, name="amend", says="An earlier answer")
        self._record: LabelRecord | None = None
        self.player = PairPlayer(renderer, Priority.PAIR)
        for pane in self.player.panes:
            pane.setObjectName(f"amend-{pane.objectName()}")
        self._title = label("", "heading", name="amend-title")
        self._now = label("", "muted", name="amend-now", wraps=True)
        self.answers = AnswerBar(shortcuts, prefix="amend-answer")
        self.answers.answered.connect(self.answer)
        take_back = Button("Remove this answer", "delete", name="amend-take-back", role="danger", colour="danger")
        take_back.clicked.connect(self.take_back)
        close = Button(icon="close", name="amend-close", role="quiet", says="Close without a change (Esc)")
        close.clicked.connect(self.close_card)

        self.why = Button("Why?", "why", name="amend-why", role="quiet", says=shortcuts.tip("why"))
        self.why.setCheckable(True)
        self.why.toggled.connect(self._on_why)
        self._timeline = Timeline()
        self._timeline.setObjectName("amend-timeline")
        self._timeline.sliderMoved.connect(self.player.seek)
        self.player.moved.connect(self._on_moved)
        self.why_panel = WhyPanel(self._timeline, prefix="amend-")
        self.why_panel.hide()

        head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._now)
        head.addLayout(words, 1)
        head.addWidget(self.why)
        head.addWidget(take_back)
        head.addWidget(close)
        timed = QGridLayout()
        timed.setSpacing(4)
        timed.setColumnMinimumWidth(1, TIME_WIDTH)
        timed.setColumnStretch(0, 1)
        timed.addWidget(self.why_panel, 0, 0, 1, 2)
        timed.addWidget(self._timeline, 1, 0)
        self.box.addLayout(head)
        self.box.addWidget(self.player, 1)
        self.box.addLayout(timed)
        self.box.addWidget(self.answers)

    def open(self, task: Task, pair: Pair, record: LabelRecord) -> None:
        """Shows an answer with its pair."""
        self._record = record
        self._title.setText(f"Pair {pair.id + 1}")
        flagged = f"{SEPARATOR}flagged" if record.flagged else ""
        self._now.setText(f"You said: {WORDS[record.choice]}, after {record.seconds:.1f} s{flagged}. {HOW_TO_CHANGE}")
        self.answers.mark(record.choice)
        self.uncover()
        self.player.set_task(task)
        self.player.set_running(True)
        self.player.show_pair(pair)
        self._on_why(self.why.isChecked())

    @Slot(object)
    def answer(self, choice: Choice) -> None:
        """Changes the answer, once the clips can have been seen; the same answer again changes nothing."""
        if self._record is None:
            return
        self.answers.mark(self._record.choice)  # a click has moved the mark, and this one may come too early
        if self.player.pair_seen is not None:
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
        super().close_card()

    @Slot(bool)
    def _on_why(self, on: bool) -> None:
        self.why_panel.setVisible(on)
        if on and self.player.pair is not None:
            self.why_wanted.emit(self.player.pair)

    @Slot()
    def _on_moved(self) -> None:
        """The clips are at another frame."""
        playback, pair = self.player.playback, self.player.pair
        if playback is None or pair is None:
            return
        self._timeline.set_lengths(len(pair.left), len(pair.right))
        if not self._timeline.isSliderDown():
            self._timeline.setValue(playback.frame)
        if self.why_panel.isVisible():
            self.why_panel.curve.update()
