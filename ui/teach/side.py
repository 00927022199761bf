"""The right column of the Teach screen: the robot as it is now or plots, and the last answers."""

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout

from sim.render import SceneRenderer
from ui import theme
from ui.controls import Button, Choices, label, rule
from ui.ports import LabelAct, LabelRecord, MetricRow
from ui.sides import TAKE_BACK, WORDS
from ui.teach.now import NowColumn
from ui.teach.plots import PlotsColumn
from ui.teach.strip import Strip

SHARE, LEAST, MOST = 0.24, 308, 440
"""Of the screen's width, within bounds in pixels that grow with the text."""


class SideColumn(QFrame):
    """Two pages of which one is on top, above the strip of answers and their undo."""

    turned: SignalInstance = Signal()  # type: ignore[assignment]
    """The other page is on top."""
    undo: SignalInstance = Signal()  # type: ignore[assignment]
    """The last answer is to be taken back."""

    def __init__(self, renderer: SceneRenderer) -> None:
        """Empty, with the robot on top."""
        super().__init__()
        self.now, self._plots, self.strip = NowColumn(renderer), PlotsColumn(), Strip()
        self._tabs = Choices(("Now", "Plots"), name="column", says="Show")
        self._tabs.choose(0)
        self._pages = QStackedWidget()
        for page in (self.now, self._plots):
            self._pages.addWidget(page)
        self._undo = Button("Undo", "undo", name="undo")
        theme.set_role(self, "column")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * theme.GRID, theme.GRID, 2 * theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addWidget(self._tabs, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._pages, 1)
        column.addWidget(rule())
        column.addWidget(label("Last answers", "caption"))
        column.addWidget(self.strip)
        column.addWidget(self._undo)
        self._tabs.chosen.connect(self._on_tab)
        self._undo.clicked.connect(self.undo)

    def fit(self, width: int) -> None:
        """Takes its share of a screen so wide."""
        self.setFixedWidth(round(min(max(SHARE * width, theme.scaled(LEAST)), theme.scaled(MOST))))

    def show_answers(self, history: list[LabelRecord], undoable: LabelAct | None) -> None:
        """All answers in force, newest last, and what can be undone."""
        self.strip.show_records(history)
        self._undo.setEnabled(undoable is not None)
        self._undo.setText("Undo" if undoable is None else f"Undo: {act_words(undoable)}")

    def show_metrics(self, rows: list[MetricRow]) -> None:
        """Points of the plots, for the page on top."""
        page = self.now if self._pages.currentIndex() == 0 else self._plots
        page.show_metrics(rows)

    def show_peeking(self, peeking: bool) -> None:
        """Whether the true score may be seen."""
        self.now.show_peeking(peeking)
        self._plots.show_peeking(peeking)

    @Slot()
    def toggle(self) -> None:
        """Turns to the other page."""
        number = 1 - self._pages.currentIndex()
        self._tabs.choose(number)
        self._on_tab(number)

    @Slot(int)
    def _on_tab(self, number: int) -> None:
        self._pages.setCurrentIndex(number)
        self.turned.emit()


def act_words(act: LabelAct) -> str:
    """What was done, such as `prefer left` or `change to equal`."""
    if act.after is None:
        return TAKE_BACK
    return WORDS[act.after] if act.before is None else f"change to {WORDS[act.after]}"
