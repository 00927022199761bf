"""The button that flags a pair."""

from PySide6.QtCore import Slot

from ui.controls import Button
from ui.shortcuts import Shortcuts

ACTION = "flag"
"""The shortcut that does the same."""
WHAT_FOR = "Flag this pair to find it again among the last answers"
SIZE = 50
"""Width and height, as high as the answers beside it."""


class FlagButton(Button):
    """Its icon shows whether the pair is flagged, and its tool tip says what that is for."""

    def __init__(self, shortcuts: Shortcuts) -> None:
        """Not flagged."""
        super().__init__(icon="flag", name="flag")
        self._shortcuts = shortcuts
        self.setCheckable(True)
        self.setFixedSize(SIZE, SIZE)
        shortcuts.changed.connect(self._say)
        self._say()

    def show_flag(self, *, on: bool) -> None:
        """Whether the pair on the screen is flagged."""
        self.setChecked(on)
        self.show_icon("flag-set" if on else "flag", "warning" if on else "text")
        self._say()

    @Slot()
    def _say(self) -> None:
        key = self._shortcuts.sign(ACTION)
        if self.isChecked():
            self.set_says(f"Flagged for later: {key or 'another press'} removes the flag")
        else:
            self.set_says(f"{WHAT_FOR} ({key})" if key else WHAT_FOR)
