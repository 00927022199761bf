"""Then and now: the policy before any feedback and the shown one, side by side."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from learning.messages import MeterPoint, Snapshot
from sim.render import SceneRenderer
from sim.score import PER_SECONDS, score_text
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.live import LiveView
from ui.overlay import Overlay
from ui.readings import SEPARATOR, learnt_words
from ui.shortcuts import Shortcuts

TITLE = "Then and now"
NOTHING_THEN = "There is no policy yet: answer the first pairs."
SAME = "The first policy is still shown: none that looks better has been found."


class ThenNow(Overlay):
    """Lies over the Teach screen while both policies are looked at."""

    most = (1800, 1100)

    def __init__(self, renderer: SceneRenderer, shortcuts: Shortcuts, parent: QWidget) -> None:
        """Hidden at first."""
        super().__init__(parent, name="then-now", says=TITLE)
        self.views = (LiveView(renderer, self), LiveView(renderer, self))
        self._captions = tuple(label("", "heading", name=f"{which}-caption", wraps=True) for which in ("then", "now"))
        self._facts = tuple(label("", "muted", name=f"{which}-facts", wraps=True) for which in ("then", "now"))
        self._note = label("", "muted", name="then-now-note", wraps=True)
        close = Button(icon="close", name="then-now-close", role="quiet", says=f"Close ({shortcuts.sign('back')})")
        close.clicked.connect(self.close_card)
        head = QHBoxLayout()
        head.addWidget(label(TITLE, "title"), 1)
        head.addWidget(close)
        panes = QHBoxLayout()
        panes.setSpacing(2 * theme.GRID)
        for which, view, caption, facts in zip(("then", "now"), self.views, self._captions, self._facts, strict=True):
            view.setObjectName(f"{which}-live")
            view.set_running(False)
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(caption)
            column.addWidget(view, 1)
            column.addWidget(facts)
            panes.addLayout(column, 1)
        self.box.addLayout(head)
        self.box.addLayout(panes, 1)
        self.box.addWidget(self._note)

    def open(self, task: Task, first: MeterPoint | None, snapshot: Snapshot | None, *, peeking: bool) -> None:
        """Plays both from the start.

        Args:
            task: whose robot plays.
            first: the policy before any feedback.
            snapshot: has the shown one.
            peeking: whether the true scores may be seen.
        """
        for view in self.views:
            view.set_task(task)
        then, now = self.views
        known = first is not None and snapshot is not None
        self._note.setText("" if known else NOTHING_THEN)
        for line in (*self._captions, *self._facts):
            line.setVisible(known)
        if first is not None and snapshot is not None:
            then.set_policy(first.policy, first.version)
            now.set_policy(snapshot.shown_policy, snapshot.shown_version)
            self._captions[0].setText("Then: before your first answer")
            learnt = learnt_words(snapshot.labels, snapshot.presses)
            self._captions[1].setText(f"Now: policy {snapshot.shown_version}, after {learnt}")
            self._note.setText(SAME if snapshot.shown_version == first.version else "")
            self._facts[0].setText(_facts(task, first, peeking=peeking))
            self._facts[1].setText(_facts(task, snapshot, peeking=peeking))
        self._note.setVisible(bool(self._note.text()))
        self.uncover()
        for view in self.views:
            view.set_running(True)

    @Slot()
    def close_card(self) -> None:
        """Closes it: nothing plays any more."""
        for view in self.views:
            view.set_running(False)
            view.set_task(None)
        super().close_card()


def _facts(task: Task, policy: MeterPoint | Snapshot, *, peeking: bool) -> str:
    """Falls, and for who peeks the true score with what it refused."""
    said = [f"{policy.falls_per_10s:.1f} falls in {PER_SECONDS:.0f} s"] if task.can_fall else []
    if peeking:
        said.append(score_text(task, policy.true_score))
        said += [] if policy.attempts is None else [policy.attempts.words]
    return SEPARATOR.join(said)
