"""An overlay that keeps the keys of its screen to itself while it is open."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from ui.overlay import Overlay
from ui.shortcuts import ACTIONS, Scope, Shortcuts

SHIFT = Qt.KeyboardModifier.ShiftModifier


class Cover(Overlay):
    """No key of the screen answers anything while it is open: nobody sees the clips then."""

    def __init__(
        self, shortcuts: Shortcuts, parent: QWidget, *, name: str, says: str, own: tuple[str, ...] = ()
    ) -> None:
        """Hidden at first.

        Args:
            shortcuts: the keys in force.
            parent: the screen that it covers.
            name: stable object name.
            says: accessible name.
            own: actions of the screen whose keys go on to work.
        """
        super().__init__(parent, name=name, says=says)
        self._shortcuts = shortcuts
        self._passing = (*own, *(action.name for action in ACTIONS if action.scope is Scope.EVERYWHERE))

    def uncover(self) -> None:
        """Lies over the screen from now on, and has the keys."""
        super().uncover()
        self.take_focus()

    @Slot()
    def take_focus(self) -> None:
        """Takes the keys, while it is open."""
        if self.is_open:
            (self.focusProxy() or self).setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Takes the keys that the screen is given."""
        # the screen also sends events while it is destroyed: those find no cover any more
        if event.type() is QEvent.Type.FocusIn and self.is_open:
            QTimer.singleShot(0, self.take_focus)
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Keeps keys from the screen below, but for those that work everywhere."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.ShortcutOverride and not self._passes(event):
            event.accept()
            return True
        return super().event(event)

    def _passes(self, event: QKeyEvent) -> bool:
        written = QKeySequence.SequenceFormat.PortableText
        pressed = {
            QKeySequence(event.keyCombination()).toString(written),
            # a sign such as ? needs Shift on some layouts, and is written without it
            QKeySequence(event.key() | (event.modifiers() & ~SHIFT).value).toString(written),
        }
        return any(pressed & set(self._shortcuts.keys(name)) for name in self._passing)
