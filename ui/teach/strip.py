"""The last answers as a row of marks; each can be opened, looked at again and changed."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal, SignalInstance, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui import theme
from ui.controls import Button
from ui.ports import LabelRecord
from ui.sides import COLOURS, ICONS, WORDS

MARK = 32
"""Width of a mark."""


class Mark(Button):
    """One answer."""

    def __init__(self, record: LabelRecord) -> None:
        super().__init__(name=f"strip-{record.pair_id}", icon=ICONS[record.choice], colour=COLOURS[record.choice])
        self.setIconSize(QSize(16, 16))
        self.setFixedWidth(MARK)
        self.record = record
        self.show_record(record)

    def show_record(self, record: LabelRecord) -> None:
        """The answer as it is now."""
        self.record = record
        self.show_icon(ICONS[record.choice], COLOURS[record.choice])
        theme.set_role(self, "flagged" if record.flagged else "mark")
        flag = ", flagged" if record.flagged else ""
        self.set_says(f"Pair {record.pair_id + 1}: {WORDS[record.choice]}, {record.seconds:.1f} s{flag}. Open it")


class Strip(QWidget):
    """As many of the last answers as there is room for, newest on the right."""

    opened: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(LabelRecord)"""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self.setObjectName("strip")
        self.setAccessibleName("Last answers")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self.marks: list[Mark] = []
        self._records: Sequence[LabelRecord] = ()

    @property
    def room(self) -> int:
        """How many answers there is room for."""
        return max(1, (self.width() + 4) // (MARK + 4))

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(8 * (MARK + 4), MARK)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many as there is room for now: a session may be opened before the window has its size."""
        super().resizeEvent(event)
        if len(self.marks) != min(self.room, len(self._records)):
            self.show_records(self._records)

    def show_records(self, records: Sequence[LabelRecord]) -> None:
        """Shows these answers, oldest first; marks of the same pair stay what they are."""
        self._records = records
        shown = list(records)[-self.room :]
        kept = {mark.record.pair_id: mark for mark in self.marks}
        for pair_id in kept.keys() - {record.pair_id for record in shown}:
            gone = kept.pop(pair_id)
            self._row.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        self.marks = []
        for number, record in enumerate(shown):
            mark = kept.get(record.pair_id)
            if mark is None:
                mark = Mark(record)
                mark.clicked.connect(self._on_clicked)
            elif mark.record != record:
                mark.show_record(record)
            if self._row.indexOf(mark) != number:
                self._row.insertWidget(number, mark)
            self.marks.append(mark)

    @Slot()
    def _on_clicked(self) -> None:
        mark = self.sender()
        if isinstance(mark, Mark):
            self.opened.emit(mark.record)
