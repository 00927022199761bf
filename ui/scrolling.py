"""What is larger than its place scrolls, so that everything that can be pressed can be reached on a small screen."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Scrolling(QScrollArea):
    """Gives its content the whole place, or scrolls where the content needs more than that."""

    def __init__(self, content: QWidget) -> None:
        """Takes the focus never: keys are the content's."""
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setWidget(content)
        self._content = content

    def sizeHint(self) -> QSize:
        """As large as the content wants to be."""
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """It can be small."""
        return QSize(0, 0)


def onto_a_screen(wanted: QRect) -> QRect:
    """A place of a window where all of it can be seen.

    Args:
        wanted: the window's place without its frame, in device-independent pixels; may lie on no screen at all.

    Returns:
        The same place on the screen that shows most of it, or else on the first screen, moved and made smaller as far
        as needed.
    """
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if not screens:
        return wanted
    best = max(screens, key=lambda area: _pixels(area.intersected(wanted)))
    if not best.intersects(wanted):
        best = QGuiApplication.primaryScreen().availableGeometry()
    width, height = min(wanted.width(), best.width()), min(wanted.height(), best.height())
    left = min(max(wanted.left(), best.left()), best.left() + best.width() - width)
    top = min(max(wanted.top(), best.top()), best.top() + best.height() - height)
    return QRect(left, top, width, height)


def _pixels(area: QRect) -> int:
    return area.width() * area.height() if area.isValid() else 0
