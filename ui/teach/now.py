"""The column "Now": the live policy, and what the reward model and the leash say."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from learning.messages import Phase, Snapshot
from sim.render import SceneRenderer
from sim.score import score_number
from sim.task import Task
from ui import theme
from ui.controls import Button, Switch, label, rule
from ui.live import LiveView
from ui.ports import MetricRow
from ui.readings import NOT_MEASURED, WHAT_TO_DO, alarm_words, kl_words
from ui.sparkline import Sparkline

RECENT = 240
"""Points of the small curves."""
LIVE_LEAST = 0.6
"""Height of the live view as a share of its width, at least."""
TWO_DIGITS_BELOW = 10.0
"""Larger learned rewards are shown whole."""
HIDDEN_SCORE = "hidden"


class LeashBar(QWidget):
    """How much of the practice that the labels allow is used up; full means that it waits for the teacher."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.setObjectName("leash")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._used = 0.0

    def set_used(self, used: float) -> None:
        """The share, 0 to 1."""
        used = min(max(used, 0.0), 1.0)
        if round(used, 3) != round(self._used, 3):
            self._used = used
            self.setAccessibleName(f"Leash: {100 * used:.0f} % used")
            self.update()

    def sizeHint(self) -> QSize:
        """A thin bar."""
        return QSize(160, 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("border"))
        painter.setBrush(theme.color("raised"))
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(whole, 4, 4)
        painter.setPen(theme.color("accent"))
        painter.setBrush(theme.color("accent"))
        if self._used > 0.0:
            painter.drawRoundedRect(QRectF(whole.left(), whole.top(), whole.width() * self._used, whole.height()), 4, 4)


class NowColumn(QWidget):
    """What is going on now."""

    peek_wanted: SignalInstance = Signal(bool)  # type: ignore[assignment]
    fresh_wanted: SignalInstance = Signal()  # type: ignore[assignment]
    """Pairs about what is shown now."""

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
        self._agreement = label("\u2013", name="agreement")
        self._kl = label("\u2013", name="kl")
        self._alarm = label("", "warning", name="alarm", wraps=True)
        self._fresh = Button(WHAT_TO_DO, name="fresh-pairs")
        self._fresh.clicked.connect(self.fresh_wanted)
        for part in (self._alarm, self._fresh):
            part.hide()
        self._leash = LeashBar()
        self._leash_words = label("", "muted", name="leash-words", wraps=True)
        self._version = -1
        self._task: Task | None = None

        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.GRID)
        box.addWidget(self._live_caption)
        box.addWidget(self.live, 1)
        box.addWidget(rule())
        box.addLayout(self._reward_block())
        box.addWidget(rule())
        box.addLayout(self._score_block())
        box.addWidget(rule())
        box.addLayout(self._leash_block())
        box.addWidget(self._alarm)
        box.addWidget(self._fresh)
        box.addStretch(0)

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
        self._agreement.setText("\u2013")
        self._kl.setText("\u2013")
        for part in (self._alarm, self._fresh):
            part.hide()
        self._leash.set_used(0.0)
        self._leash_words.setText("")

    def show_peeking(self, on: bool) -> None:
        """Shows whether the true score may be seen."""
        self.peek.setChecked(on)
        self._score_curve.setVisible(on)
        self._score_unit.setVisible(on)
        if not on:
            self._score.setText(HIDDEN_SCORE)
            theme.set_role(self._score, "muted")

    def show_snapshot(self, snapshot: Snapshot, *, peeking: bool) -> None:
        """The newest numbers."""
        if snapshot.shown_version != self._version:
            self._version = snapshot.shown_version
            self.live.set_policy(snapshot.shown_policy, snapshot.shown_version)
        if math.isfinite(snapshot.learned_reward):
            digits = 2 if abs(snapshot.learned_reward) < TWO_DIGITS_BELOW else 0
            self._reward.setText(f"{snapshot.learned_reward:+.{digits}f}")
            self._reward_spread.setText(f"\u00b1 {snapshot.learned_reward_std:.{digits}f} per s")
        if peeking and self._task is not None:
            measured = math.isfinite(snapshot.true_score)
            self._score.setText(score_number(self._task, snapshot.true_score) if measured else NOT_MEASURED)
            theme.set_role(self._score, "number" if measured else "muted")
        self._agreement.setText(agreement_words(snapshot.agreement, snapshot.agreement_count))
        self._kl.setText(kl_words(snapshot.reading))
        says = alarm_words(snapshot.alarm)
        self._alarm.setText(says)
        for part in (self._alarm, self._fresh):
            part.setVisible(bool(says))
        self._leash.set_used(snapshot.leash_used)
        waits = snapshot.phase is Phase.WAITING
        self._leash_words.setText("used up: waits for you" if waits else "waits for you at the end")

    def show_metrics(self, rows: Sequence[MetricRow]) -> None:
        """The newest points of the plots, oldest first."""
        recent = [row for row in rows[-RECENT:] if math.isfinite(row.learned_reward)]
        self._reward_curve.set_values(
            [row.learned_reward for row in recent], [row.learned_reward_std for row in recent]
        )
        self._score_curve.set_values([row.true_score for row in rows[-RECENT:] if math.isfinite(row.true_score)])

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
        box.addWidget(self._score_curve)
        return box

    def _leash_block(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * theme.GRID)
        grid.setVerticalSpacing(theme.GRID)
        grid.setColumnStretch(1, 1)
        grid.addWidget(
            _caption("Agreement", "How often the reward model foretold an answer of yours before learning from it."),
            0,
            0,
        )
        grid.addWidget(self._agreement, 0, 1)
        grid.addWidget(_caption("KL", "How far the shown policy is from the reference policy."), 1, 0)
        grid.addWidget(self._kl, 1, 1)
        grid.addWidget(_caption("Leash", "How much of the practice that your labels allow is used up."), 2, 0)
        leash = QVBoxLayout()
        leash.setSpacing(4)
        leash.addWidget(self._leash)
        leash.addWidget(self._leash_words)
        grid.addLayout(leash, 2, 1)
        return grid


def agreement_words(agreement: float | None, count: int) -> str:
    """Such as `78 % of 9 held out`."""
    if agreement is None or count == 0:
        return "none held out yet"
    return f"{100 * agreement:.0f} % of {count} held out"


def _caption(text: str, explains: str) -> QLabel:
    made = label(text, "caption")
    made.setToolTip(explains)
    return made
