"""Which key of the keyboard an event comes from, whatever that key types at the moment."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

MODIFIERS = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
    }
)


def physical_key(event: QKeyEvent) -> int | None:
    """Identifies the key on the keyboard.

    `event.key()` does not: a key that went down as `+` comes up as `=` when Shift was let go first.

    Returns:
        A number that is the same when the key goes down and when it comes up; None where the platform tells none, as
        for events that another program made up.
    """
    # Cocoa gives each event the same scan code, and the key's place as its virtual key
    code = event.nativeVirtualKey() if sys.platform == "darwin" else event.nativeScanCode()
    return code or None
