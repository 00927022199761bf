"""What a drag over a picture does to its camera: the same everywhere."""

from enum import Enum, auto

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent


class Drag(Enum):
    """Something that a drag does."""

    ORBIT = auto()
    """With the left button: the scene turns with the pointer."""
    PAN = auto()
    """With the middle button, or the left one and Ctrl: the scene moves with the pointer."""


def camera_drag(event: QMouseEvent) -> Drag | None:
    """What a drag that begins with this press does; None if nothing."""
    if event.button() is Qt.MouseButton.MiddleButton:
        return Drag.PAN
    if event.button() is not Qt.MouseButton.LeftButton:
        return None
    return Drag.PAN if event.modifiers() & Qt.KeyboardModifier.ControlModifier else Drag.ORBIT
