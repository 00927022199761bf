"""What is in a session that this program cannot go on with: its labels and its plots, to look at."""

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui import theme
from ui.controls import Button, label
from ui.dialogs.sheet import Sheet, button_row
from ui.ports import SessionCard, SessionSummary
from ui.session_card import SessionPicture
from ui.teach.plots import PlotsColumn

NAME = "summary-dialog"
SIZE = (760, 600)
NO_PLOTS = "Nothing was trained in this session."


class SummarySheet(Sheet):
    """Changes nothing, and needs no trainer."""

    def __init__(self, window: QWidget, card: SessionCard, summary: SessionSummary) -> None:
        """Shows `summary` of the session that `card` is of."""
        super().__init__(window, NAME, f"Session {card.path.name}")
        self.ask_for(*SIZE)
        self._path = card.path
        words = QVBoxLayout()
        words.setSpacing(theme.GRID)
        words.addWidget(label(card.path.name, "heading", name="summary-title", wraps=True))
        words.addWidget(label(card.problem or "", "warning", name="summary-problem", wraps=True))
        head = QHBoxLayout()
        head.setSpacing(2 * theme.GRID)
        head.addWidget(SessionPicture(card.picture), 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self.column.addLayout(head)
        facts = QGridLayout()
        facts.setHorizontalSpacing(2 * theme.GRID)
        facts.setVerticalSpacing(theme.GRID // 2)
        facts.setColumnStretch(1, 1)
        for row, (what, value) in enumerate(summary.facts):
            facts.addWidget(label(what, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            text = label(value, name=f"summary-{what.lower()}", wraps=True)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            facts.addWidget(text, row, 1)
        self.column.addLayout(facts)
        if summary.metrics:
            plots = PlotsColumn()
            plots.show_peeking(summary.peeked, can_switch=False)
            plots.show_metrics(summary.metrics)
            self.column.addWidget(plots, 1)
        else:
            self.column.addWidget(label(NO_PLOTS, "muted"), 1)
        folder = Button("Open its folder", "folder", name="summary-folder")
        folder.clicked.connect(self._show_folder)
        close = Button("Close", name="summary-close", role="primary")
        close.clicked.connect(self.close)
        self.column.addLayout(button_row(folder, close))
        close.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path)))


def show_summary(window: QWidget, card: SessionCard, summary: SessionSummary) -> SummarySheet:
    """Opens it, in the place of one that is open."""
    for old in window.findChildren(SummarySheet, NAME):
        old.close()
    sheet = SummarySheet(window, card, summary)
    sheet.present()
    return sheet
