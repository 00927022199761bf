"""The guided tour of the gripper: a hand that fools the eye that judges it, and how that is found out.

The person is the teacher. First one sees the hand from the front alone; what looks like a grasp from there need not be
one, and the robot learns what it looks like. Then one looks from the side, and teaches again with both views.
"""

import time
from dataclasses import asdict, replace

from PySide6.QtCore import QVariantAnimation, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout

from learning.messages import Choice, Snapshot
from sim.camera import between
from sim.errors import UserError
from sim.framing import SideView
from sim.gripper import FRONT, SIDE, GripperTask
from ui import theme
from ui.controls import Button, label
from ui.live import LiveView
from ui.pair_player import PairPlayer
from ui.ports import SessionPort
from ui.teach.remaining import Remaining, left_words
from ui.teach.reveal import TURN_MS, Reveal, Views
from ui.tour_stages import Progress, Stage, training_words, words

KEPT = "tour"
"""The session's setting that says where the tour is."""
STEPS = 4
"""So many stages have a number: two in which one teaches, and two in which one looks."""
REVEALED = {Stage.FOOLED: Views.FRONT, Stage.LOOKED: Views.BOTH}
"""What the reveal shows, in the stages that take the whole window."""
WHOLE = 1000
"""The bar's end, where it shows a share."""
BUTTONS = {
    Stage.OFFERED: "Take the tour",
    Stage.FOOLED: "Look from the side",
    Stage.LOOKED: "Teach with both views",
    Stage.DONE: "End the tour",
}
DECLINE, LEAVE = "No, thanks", "Leave the tour"
"""What the other button says, while the tour is offered and later."""


class Tour(QFrame):
    """A card above the clips. The tour goes on in the session it was begun in, whenever that is opened."""

    looks_changed: SignalInstance = Signal()  # type: ignore[assignment]
    """`cues` is another one."""
    peek_wanted: SignalInstance = Signal(bool)  # type: ignore[assignment]
    problem: SignalInstance = Signal(str)  # type: ignore[assignment]

    def __init__(self, player: PairPlayer, live: LiveView, reveal: Reveal) -> None:
        """Hidden until a session has a tour."""
        super().__init__()
        self.setObjectName("tour")
        theme.set_role(self, "card")
        self._player, self._live, self._reveal = player, live, reveal
        self._remaining = Remaining()
        self._active, self._moving = False, True
        self._session: SessionPort | None = None
        self._snapshot: Snapshot | None = None
        self._answers = 0
        self.progress = Progress()
        self._where = label("", "caption", name="tour-stage")
        self._words = label("", name="tour-words", wraps=True)
        self._bar = QProgressBar()
        self._bar.setObjectName("tour-answers")
        self._bar.setTextVisible(False)
        self._go = Button(BUTTONS[Stage.OFFERED], name="tour-go", role="primary")
        self._leave = Button(LEAVE, name="tour-leave", role="quiet")
        self._turn = QVariantAnimation(self)
        self._turn.setDuration(TURN_MS)
        self._turn.setStartValue(0.0)
        self._turn.setEndValue(1.0)
        self._turn.valueChanged.connect(self._on_turn)
        self._go.clicked.connect(self._on_go)
        self._leave.clicked.connect(self.leave)
        reveal.go.connect(self._on_go)
        reveal.leave.connect(self.leave)
        text = QVBoxLayout()
        text.setSpacing(4)
        for part in (self._where, self._words, self._bar):
            text.addWidget(part)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        row.setSpacing(2 * theme.GRID)
        row.addLayout(text, 1)
        row.addWidget(self._leave)
        row.addWidget(self._go)
        self.hide()

    def set_session(self, session: SessionPort | None, *, moving: bool = True) -> None:
        """Goes on where the session is; only a gripper has a tour. Without `moving` the camera jumps."""
        self._turn.stop()
        self._turn.setDuration(TURN_MS if moving else 0)
        self._moving, self._active = moving, False
        self._session = session if session is not None and isinstance(session.task, GripperTask) else None
        self._snapshot, self._answers = None, 0
        self._take(Progress() if self._session is None else Progress.of(self._session.kept(KEPT)))

    def activate(self) -> None:
        """The screen can be seen: a stage that takes the whole window opens."""
        self._active = True
        self._show_reveal()

    @property
    def trains(self) -> bool:
        """Whether all answers of a stage are in, and the robot still trains on them: no more are taken meanwhile."""
        return self._session is not None and self.progress.complete(self._answers)

    @property
    def cues(self) -> tuple[SideView, bool] | None:
        """Whether the clips have a side view, and cues of depth; None is as the person wants."""
        both = self.progress.stage is Stage.BOTH
        # in a corner of the clips the hand would be hardly larger than a finger
        return (SideView.BESIDE if both else SideView.NONE, both) if self.progress.during else None

    def look(self, snapshot: Snapshot | None, answers: int) -> None:
        """What the trainer says, and how many answers are in force; may end a stage."""
        if self._session is None or self.progress.stage is Stage.OVER:
            return
        self._snapshot, self._answers = snapshot, answers
        if self.progress.stage is Stage.OFFERED and answers > 0:
            self.leave()  # whoever began without it does not want it
        elif snapshot is not None and self.progress.finished(answers, snapshot):
            self._on_go()
        else:
            self._say()

    @Slot()
    def leave(self) -> None:
        """Ends it, wherever it is: the session goes on without."""
        self._go_to(Stage.OVER)

    @Slot()
    def _on_go(self) -> None:
        if self.progress.stage is not Stage.LOOKED or self._withdraw():
            self._go_to(Stage(self.progress.stage + 1))

    def _withdraw(self) -> bool:
        """What was said from the front counts as "can't tell" from here on, unless it came to a grasp.

        False if that could not be stored: it can be tried again.
        """
        if self._session is None or self.progress.front_was_enough:
            return True
        try:
            self._session.amend_all(Choice.CANNOT_TELL)
        except UserError as error:
            self.problem.emit(str(error))
            return False
        return True

    def _go_to(self, stage: Stage) -> None:
        if self._session is None:
            return
        progress = replace(self.progress, stage=stage, began=self._answers)
        if self._snapshot is not None and stage is Stage.FRONT:
            progress = replace(progress, reward=float(self._snapshot.learned_reward))
        if self._snapshot is not None and stage is Stage.LOOKED:
            progress = replace(progress, score=float(self._snapshot.true_score))
        try:
            self._session.keep(KEPT, asdict(progress))
        except UserError as error:
            self.problem.emit(str(error))
        self._turn.stop()
        self._remaining.restart()
        if stage is Stage.LOOKED:
            self.peek_wanted.emit(True)
            self._turn.start()
        self._take(progress)

    def _take(self, progress: Progress) -> None:
        """Cameras, cues and buttons as a stage wants them."""
        before, self.progress = self.cues, progress
        if self.cues != before:
            self.looks_changed.emit()
        self.setVisible(self._session is not None and progress.stage is not Stage.OVER)
        if self._session is None:
            return
        stage = progress.stage
        self._player.stand(FRONT if progress.during else None)
        if self._turn.state() is not QVariantAnimation.State.Running:
            seen_from = FRONT if stage <= Stage.FOOLED else SIDE
            self._live.camera.stand(seen_from if progress.during else None)
        self._go.setVisible(stage in BUTTONS)
        self._go.setText(BUTTONS.get(stage, ""))
        self._go.set_says(self._go.text())
        self._leave.setVisible(stage is not Stage.DONE)
        self._leave.setText(DECLINE if stage is Stage.OFFERED else LEAVE)
        self._leave.set_says(self._leave.text())
        self._bar.setVisible(progress.wanted > 0)
        self._show_reveal()
        self._say()

    @Slot(object)
    def _on_turn(self, share: float) -> None:
        self._live.camera.stand(between(FRONT, SIDE, share))

    def _show_reveal(self) -> None:
        """Opens or closes what takes the whole window."""
        views = REVEALED.get(self.progress.stage)
        if self._session is None or views is None:
            self._reveal.close_card()
            return
        if self._active:
            self._player.set_running(False)
            self._live.set_running(False)
            self._reveal.open_for(self._session.task)
        self._reveal.show_views(views, TURN_MS if self._moving else 0)

    def _say(self) -> None:
        """The words and numbers of the present stage."""
        if self._session is None:
            return
        stage = self.progress.stage
        given, wanted = self.progress.given(self._answers), self.progress.wanted
        where = "Guided tour" if stage is Stage.OFFERED else f"Guided tour, step {min(stage, STEPS)} of {STEPS}"
        if self.trains:
            if self._taken_in is not None:
                self._remaining.look(self._taken_in.leash_used, time.monotonic())
            self._where.setText(f"{where}: training on {given} answers")
            self._words.setText(training_words(left_words(self._remaining.seconds)))
            self._bar.setMaximum(WHOLE)
            self._bar.setValue(round(WHOLE * self._remaining.done))
        else:
            self._remaining.restart()
            self._where.setText(f"{where}: {given} of {wanted} answers" if wanted else where)
            self._words.setText(words(self.progress, self._snapshot))
            self._bar.setMaximum(max(wanted, 1))
            self._bar.setValue(min(given, wanted))
        self.setAccessibleName(self._words.text())
        if stage in REVEALED:
            self._reveal.say(where, self._words.text(), self._go.text(), self._leave.text())
            if self._snapshot is not None:
                self._reveal.look(self._snapshot)

    @property
    def _taken_in(self) -> Snapshot | None:
        """The newest snapshot, once all answers are taken in: before, what they pay for is not known."""
        snapshot = self._snapshot
        return snapshot if snapshot is not None and snapshot.labels == self._answers else None
