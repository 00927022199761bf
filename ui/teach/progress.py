"""The block "Progress": one plain line, the milestones, and the way to see then and now."""

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from learning.messages import Snapshot
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.progress_words import milestones, progress_sentence

SOURCES = {
    "agreement": "Reached when the 95 % interval of the share (Wilson 1927) lies above one half, which is guessing.",
    "reward": "Reached when the learned reward of the shown policy is above that of random motion by more than its "
    "posterior standard deviation.",
    "falls": "Reached when the shown policy falls less than once in 10 s, from the normal start.",
    "score": "Reached when the true score of the shown policy is above 0.",
}
"""When each milestone counts as reached, for tool tips."""


class Progress(QWidget):
    """Is it learning, and how long will it take yet?"""

    then_and_now: SignalInstance = Signal()  # type: ignore[assignment]
    """The policy before any feedback and the one now are to be seen side by side."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        super().__init__()
        self._sentence = label("", name="progress", wraps=True)
        self._steps = {name: label("", "muted", name=f"milestone-{name}", wraps=True) for name in SOURCES}
        self.compare = Button("Then and now", name="then-and-now")
        self.compare.clicked.connect(self.then_and_now)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(label("Progress", "caption"), 1)
        head.addWidget(self.compare)
        box.addLayout(head)
        box.addWidget(self._sentence)
        for name, step in self._steps.items():
            step.setToolTip(SOURCES[name])
            box.addWidget(step)
        self.clear()

    def clear(self) -> None:
        """Another session: nothing is known yet."""
        self._sentence.setText("")
        for step in self._steps.values():
            step.hide()

    def show_snapshot(self, snapshot: Snapshot, task: Task, *, peeking: bool) -> None:
        """The newest state; the true score is for who peeks."""
        self._sentence.setText(progress_sentence(snapshot, task, peeking=peeking))
        known = {step.name: step for step in milestones(snapshot, task, peeking=peeking)}
        for name, line in self._steps.items():
            step = known.get(name)
            line.setVisible(step is not None and not snapshot.early)
            if step is not None:
                line.setText(step.words)
                theme.set_role(line, "good" if step.reached else "muted")
