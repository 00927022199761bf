"""The reveal of the guided tour: the hand over the whole window, from the front, and then from the side as well."""

import time
from enum import Enum

from PySide6.QtCore import Qt, QTimer, QVariantAnimation, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from learning.messages import Snapshot
from sim.camera import between
from sim.gripper import FRONT, SIDE
from sim.render import SceneRenderer
from sim.rollout import LiveRollout
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.cover import Cover
from ui.pace import Pace
from ui.shortcuts import Shortcuts
from ui.state_view import StateView

TURN_MS = 1800
"""The second camera goes round to the side in this time."""
TICK_MS = 33
FRONT_MARK, SIDE_MARK = "Front view", "Side view"
NOT_YET = "The side view comes next."


class Views(Enum):
    """What may be seen."""

    FRONT = "front"
    BOTH = "both"


class Reveal(Cover):
    """Plays one rollout of the shown policy; both pictures are of the same instant."""

    most = None

    go: SignalInstance = Signal()  # type: ignore[assignment]
    leave: SignalInstance = Signal()  # type: ignore[assignment]

    def __init__(self, renderer: SceneRenderer, shortcuts: Shortcuts, parent: QWidget) -> None:
        """Hidden at first."""
        super().__init__(shortcuts, parent, name="reveal", says="The tour: from the side")
        self._task: Task | None = None
        self._rollout: LiveRollout | None = None
        self._pace: Pace | None = None
        self._version = -1
        self._views = Views.FRONT
        self.front = StateView(renderer, name="reveal-front", says=FRONT_MARK, mark=FRONT_MARK)
        self.side = StateView(renderer, name="reveal-side", says=SIDE_MARK, mark=SIDE_MARK, tone="accent")
        self._where = label("", "caption", name="reveal-stage")
        self._words = label("", "title", name="reveal-words", wraps=True)
        self._go = Button("", name="reveal-go", role="primary", says="Continue the tour")
        self._leave = Button("", name="reveal-leave", role="quiet", says="Leave the tour")
        close = Button(icon="close", name="reveal-close", role="quiet", says="Close (Esc)")
        close.clicked.connect(self.close_card)
        self._go.clicked.connect(self.go)
        self.setFocusProxy(self._go)
        self._leave.clicked.connect(self.leave)
        self._turn = QVariantAnimation(self)
        self._turn.setStartValue(0.0)
        self._turn.setEndValue(1.0)
        self.closed.connect(self._on_closed)
        self._turn.valueChanged.connect(self._on_turn)
        self._pose = SIDE
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        head = QHBoxLayout()
        head.addWidget(self._where, 1)
        head.addWidget(close)
        pictures = QHBoxLayout()
        pictures.setSpacing(2 * theme.GRID)
        for view in (self.front, self.side):
            pictures.addWidget(view, 1)
        foot = QHBoxLayout()
        foot.setSpacing(2 * theme.GRID)
        foot.addWidget(self._words, 1)
        foot.addWidget(self._leave)
        foot.addWidget(self._go)
        self.box.addLayout(head)
        self.box.addLayout(pictures, 1)
        self.box.addLayout(foot)

    @property
    def turning(self) -> bool:
        """Whether the second camera is on its way to the side."""
        return self._turn.state() is QVariantAnimation.State.Running

    def open_for(self, task: Task) -> None:
        """Comes over the whole screen."""
        if self._task is not task:
            self._task, self._version = task, -1
            self._rollout, self._pace = LiveRollout(task), Pace(task.control_dt)
            self.front.clear()
        self._timer.start()
        self.uncover()

    def show_views(self, views: Views, turn_ms: int = 0) -> None:
        """The front alone, or both; the second camera comes round from the front in `turn_ms`."""
        before, self._views = self._views, views
        self._turn.stop()
        self._pose = SIDE
        if views is Views.FRONT:
            self.side.clear(NOT_YET)
        elif before is Views.FRONT:
            self.side.clear()
            if turn_ms:
                self._turn.setDuration(turn_ms)
                self._turn.start()

    def say(self, where: str, sentence: str, go: str, leave: str) -> None:
        """The stage, what is said in it, and what the buttons say."""
        self._where.setText(where)
        self._words.setText(sentence)
        self.setAccessibleName(sentence)
        for button, text in ((self._go, go), (self._leave, leave)):
            button.setText(text)
            button.set_says(text)

    def look(self, snapshot: Snapshot) -> None:
        """Plays the policy that is shown."""
        if self._rollout is not None and snapshot.shown_version != self._version:
            self._version = snapshot.shown_version
            self._rollout.policy = snapshot.shown_policy

    @Slot()
    def _on_closed(self) -> None:
        """Nobody looks: nothing moves."""
        self._timer.stop()
        if self._pace is not None:
            self._pace.stop()

    @Slot(object)
    def _on_turn(self, share: float) -> None:
        self._pose = between(FRONT, SIDE, share)

    @Slot()
    def _on_tick(self) -> None:
        if self._rollout is None or self._pace is None or self._task is None or self._rollout.policy is None:
            return
        for _ in range(self._pace.due(time.monotonic())):
            self._rollout.step()
        self.front.show_state(self._task, self._rollout.state, FRONT)
        if self._views is Views.BOTH:
            self.side.show_state(self._task, self._rollout.state, self._pose)
