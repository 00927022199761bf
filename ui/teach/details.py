"""What stands behind the numbers of the column "Now": agreement, KL and its budget, each with what it is and whence."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from learning.messages import Phase, Snapshot
from ui import theme
from ui.controls import label
from ui.progress_words import agreement_words
from ui.readings import kl_words

AGREEMENT = (
    "Agreement",
    (
        "Of the pairs drawn at random, how many of your answers the reward model predicted before it learnt from them. "
        "In brackets: the 95 % interval."
    ),
    "Wilson 1927, Probable inference; docs/architecture.md",
)
KL = (
    "KL",
    "How far the shown policy is from the reference policy: the KL divergence of its actions, on fresh rollouts.",
    "Gao, Schulman and Hilton 2023, Scaling laws for reward model overoptimization; docs/meter.md",
)
BUDGET = (
    "KL budget",
    "How much of the training that your labels allow is used up: so many updates a label, and so many nats.",
    "Schulman et al. 2015, Trust region policy optimization; docs/architecture.md",
)
"""Title, what it is, and the source."""
DONE = "training is paused until your next answer"
WAITS, WILL_WAIT = f"used up: {DONE}", "training pauses when it is used up"
DASH = "\u2013"


class BudgetBar(QWidget):
    """How much of the training that the labels allow is used up; full means that it waits for the teacher."""

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
            self.setAccessibleName(f"KL budget: {100 * used:.0f} % used")
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


class Details(QWidget):
    """Three numbers, each with its source under it; what it is stands in its tool tip."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        super().__init__()
        self._agreement = label(DASH, name="agreement", wraps=True)
        self._kl = label(DASH, name="kl", wraps=True)
        self._budget = BudgetBar()
        self._budget_words = label("", "muted", name="leash-words", wraps=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        for (title, explains, source), values in (
            (AGREEMENT, (self._agreement,)),
            (KL, (self._kl,)),
            (BUDGET, (self._budget, self._budget_words)),
        ):
            parts: tuple[QWidget, ...] = (
                label(title, "caption"),
                *values,
                label(f"Source: {source}", "muted", wraps=True),
            )
            for part in parts:
                part.setToolTip(f"{explains}\nSource: {source}.")
                box.addWidget(part)
            box.addSpacing(theme.GRID)

    def clear(self) -> None:
        """Another session: nothing is known yet."""
        self._agreement.setText(DASH)
        self._kl.setText(DASH)
        self._budget.set_used(0.0)
        self._budget_words.setText("")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The newest numbers."""
        self._agreement.setText(agreement_words(snapshot.agreement, snapshot.agreement_count))
        self._kl.setText(kl_words(snapshot.reading))
        self._budget.set_used(snapshot.leash_used)
        waits = snapshot.phase is Phase.WAITING
        self._budget_words.setText((WAITS if snapshot.leash_used >= 1.0 else DONE) if waits else WILL_WAIT)
