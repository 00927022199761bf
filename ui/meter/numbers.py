"""What is known of one policy, as words and numbers."""

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from learning.messages import MeterPoint, Snapshot
from sim.score import score_number
from sim.task import Task
from ui import theme
from ui.controls import label
from ui.readings import feedback_words, kl_words, reward_words

NONE_YET = "No policy has been evaluated yet: answer the first pairs."
HIDDEN, DASH = "hidden", "\u2013"
TITLES = {"kl": "KL from the reference", "learned": "Learned reward", "true": "True score", "falls": "Falls"}


class PolicyNumbers(QWidget):
    """Which policy it is, from when, how far it is, and what it is worth."""

    def __init__(self) -> None:
        """Of no policy."""
        super().__init__()
        self._name = label(NONE_YET, "heading", name="meter-policy", wraps=True)
        self._when = label("", "muted", name="meter-when", wraps=True)
        self._attempts = label("", "muted", name="meter-attempts", wraps=True)
        self._reference = label("", "muted", name="meter-reference", wraps=True)
        self._numbers = {key: label(DASH, name=f"meter-{key}", wraps=True) for key in TITLES}
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * theme.GRID)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (key, title) in enumerate(TITLES.items()):
            grid.addWidget(label(title, "caption"), row, 0)
            grid.addWidget(self._numbers[key], row, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.GRID)
        for part in (self._name, self._when):
            box.addWidget(part)
        box.addLayout(grid)
        box.addWidget(self._attempts)
        box.addWidget(self._reference)

    def show_nothing(self) -> None:
        """There is no policy."""
        self._name.setText(NONE_YET)
        self._attempts.hide()
        for words in (self._when, self._reference):
            words.setText("")
        for number in self._numbers.values():
            number.setText(DASH)

    def show_point(self, task: Task, point: MeterPoint, snapshot: Snapshot, *, peeking: bool) -> None:
        """A policy; the true score is for who peeks."""
        shown = point.version == snapshot.shown_version
        self._name.setText(f"Policy {point.version}{', shown now' if shown else ''}")
        self._when.setText(
            f"after {feedback_words(point.labels)}, "
            f"{point.env_steps / 1e6:.2f} M environment steps, restart {point.generation}"
        )
        attempts = point.attempts or (snapshot.attempts if shown else None)
        self._attempts.setText("" if attempts is None else attempts.words)
        self._attempts.setVisible(peeking and attempts is not None)
        self._reference.setText(reference_words(snapshot.reference_version))
        # the shown policy's is worked out anew after each answer, others' when they were evaluated
        now = snapshot if shown else point
        numbers = {
            "kl": kl_words(point.reading),
            "learned": reward_words(now.learned_reward, now.learned_reward_std),
            "true": score_number(task, point.true_score) if peeking else HIDDEN,
            "falls": f"{point.falls_per_10s:.1f} in 10 s",
        }
        for key, text in numbers.items():
            self._numbers[key].setText(text)


def reference_words(version: int) -> str:
    """Where the meter measures from."""
    return "Measured from the policy before any feedback." if version == 0 else f"Measured from policy {version}."
