"""The column "Now": the live policy, how far it has come, and what the program suggests."""

import math
from collections.abc import Sequence

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from learning.messages import Snapshot
from sim.render import SceneRenderer
from sim.score import score_number
from sim.task import Task
from ui import theme
from ui.controls import Switch, label, rule
from ui.fold import Fold
from ui.live import LiveView
from ui.offers import AlarmOffer, UntriedOffer
from ui.ports import MetricRow
from ui.readings import NOT_MEASURED, reward_words
from ui.scrolling import ScrollingColumn
from ui.sparkline import Sparkline
from ui.teach.details import Details
from ui.teach.progress import Progress

RECENT = 240
"""Points of the small curves."""
LIVE_LEAST = 0.6
"""Height of the live view as a share of its width, at least."""
HIDDEN_SCORE = "hidden"


class NowColumn(QWidget):
    """What is going on now."""

    peek_wanted: SignalInstance = Signal(bool)  # type: ignore[assignment]
    fresh_wanted: SignalInstance = Signal()  # type: ignore[assignment]
    """Pairs about what is shown now."""
    compare_wanted: SignalInstance = Signal(int)  # type: ignore[assignment]
    """(int) the version of a policy that is to be compared with the shown one."""

    def __init__(self, renderer: SceneRenderer) -> None:
        """Empty until a task is set."""
        super().__init__()
        self.setObjectName("now")
        self.live = LiveView(renderer, self)
        self._live_caption = label("Live policy", "caption")
        self._reward = label("\u2013", "number", name="learned-reward")
        self._reward_spread = label("", "muted", name="learned-reward-spread")
        self._reward_curve = Sparkline("Learned reward lately")
        self._score = label(HIDDEN_SCORE, "muted", name="true-score")
        self._score_unit = label("", "muted", wraps=True)
        self._score_curve = Sparkline("True score lately", "good", least_span=1.0)
        self._score_curve.hide()
        self.peek = Switch("Peek", name="peek", says="Peek at the true score")
        self.peek.clicked.connect(self.peek_wanted)
        self._attempts = label("", "muted", name="attempts", wraps=True)
        self._attempts.hide()
        self.progress, self.untried, self._alarm = Progress(), UntriedOffer(), AlarmOffer()
        self.untried.wanted.connect(self.compare_wanted)
        self._alarm.wanted.connect(self.fresh_wanted)
        self._details = Details()
        self._version = -1
        self._task: Task | None = None

        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.GRID)
        box.addWidget(self._live_caption)
        box.addWidget(self.live, 1)
        box.addWidget(rule())
        box.addWidget(self._numbers(), 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The live view takes what is left, up to a square."""
        super().resizeEvent(event)
        self.live.setMinimumHeight(round(LIVE_LEAST * self.width()))
        self.live.setMaximumHeight(self.width())

    def set_task(self, task: Task | None) -> None:
        """Another robot; nothing is known yet."""
        self._task = task
        self.live.set_task(task)
        self._version = -1
        self._score_unit.setText(task.score_name if task is not None else "")
        self._reward.setText("\u2013")
        self._reward_spread.setText("")
        self._reward_curve.set_values(())
        self._score_curve.set_values(())
        self._attempts.setText("")
        for block in (self.progress, self._details):
            block.clear()
        self.untried.show_offer(None)
        self._alarm.show_alarm(None)

    def show_peeking(self, on: bool) -> None:
        """Shows whether the true score may be seen."""
        self.peek.setChecked(on)
        self._score_curve.setVisible(on)
        self._score_unit.setVisible(on)
        self._attempts.setVisible(on and bool(self._attempts.text()))
        if not on:
            self._score.setText(HIDDEN_SCORE)
            theme.set_role(self._score, "muted")

    def show_snapshot(self, snapshot: Snapshot, *, peeking: bool) -> None:
        """The newest numbers."""
        if snapshot.shown_version != self._version:
            self._version = snapshot.shown_version
            self.live.set_policy(snapshot.shown_policy, snapshot.shown_version)
        if math.isfinite(snapshot.learned_reward):
            mean, spread = reward_words(snapshot.learned_reward, snapshot.learned_reward_std).split(" ", 1)
            self._reward.setText(mean)
            self._reward_spread.setText(spread)
        if peeking and self._task is not None:
            measured = math.isfinite(snapshot.true_score)
            self._score.setText(score_number(self._task, snapshot.true_score) if measured else NOT_MEASURED)
            theme.set_role(self._score, "number" if measured else "muted")
            self._attempts.setText("" if snapshot.attempts is None else snapshot.attempts.words)
            self._attempts.setVisible(snapshot.attempts is not None)
        if self._task is not None:
            self.progress.show_snapshot(snapshot, self._task, peeking=peeking)
        self.untried.show_offer(snapshot.untried)
        self._alarm.show_alarm(snapshot.alarm)
        self._details.show_snapshot(snapshot)

    def show_metrics(self, rows: Sequence[MetricRow]) -> None:
        """The newest points of the plots, oldest first."""
        recent = [row for row in rows[-RECENT:] if math.isfinite(row.learned_reward)]
        self._reward_curve.set_values(
            [row.learned_reward for row in recent], [row.learned_reward_std for row in recent]
        )
        self._score_curve.set_values([row.true_score for row in rows[-RECENT:] if math.isfinite(row.true_score)])

    def _numbers(self) -> ScrollingColumn:
        """All that stands under the picture; in a low window it scrolls."""
        column = ScrollingColumn("now-numbers", theme.GRID)
        box = column.box
        box.addWidget(self._alarm)
        box.addWidget(self.untried)
        box.addWidget(self.progress)
        box.addWidget(rule())
        box.addLayout(self._reward_block())
        box.addWidget(rule())
        box.addLayout(self._score_block())
        box.addWidget(rule())
        box.addWidget(Fold("Details", self._details, name="details"))
        box.addStretch(1)
        return column

    def _reward_block(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(label("Learned reward", "caption"), 1)
        head.addWidget(self._reward)
        head.addWidget(self._reward_spread)
        box.addLayout(head)
        box.addWidget(self._reward_curve)
        return box

    def _score_block(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(label("True score", "caption"))
        head.addWidget(self._score)
        head.addStretch(1)
        head.addWidget(self.peek)
        box.addLayout(head)
        box.addWidget(self._score_unit)
        box.addWidget(self._attempts)
        box.addWidget(self._score_curve)
        return box
