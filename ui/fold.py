"""A part of a column that is folded away until somebody wants to see it."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import theme
from ui.controls import Button

FOLDED, OPEN = "\u25b8", "\u25be"


class Fold(QWidget):
    """A button, and under it the content while the button is down."""

    def __init__(self, title: str, content: QWidget, *, name: str) -> None:
        """Folded at first.

        Args:
            title: on the button.
            content: what is shown and hidden.
            name: object name of the button.
        """
        super().__init__()
        self._title, self._content = title, content
        self.button = Button(title, name=name, role="quiet")
        self.button.setCheckable(True)
        self.button.toggled.connect(self._on_toggled)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.GRID // 2)
        box.addWidget(self.button)
        box.addWidget(content)
        self._on_toggled(False)

    @Slot(bool)
    def _on_toggled(self, on: bool) -> None:
        self._content.setVisible(on)
        self.button.setText(f"{OPEN if on else FOLDED} {self._title}")
        self.button.set_says(f"Hide {self._title.lower()}" if on else f"Show {self._title.lower()}")
