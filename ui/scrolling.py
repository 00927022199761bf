"""What is larger than its place scrolls, so that everything that can be pressed can be reached on a small screen."""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui import theme


class Scrolling(QScrollArea):
    """Gives its content the whole place, or scrolls where the content needs more than that."""

    content_changed: SignalInstance = Signal()  # type: ignore[assignment]
    """The content may want another size."""

    def __init__(self, content: QWidget) -> None:
        """Takes the focus never: keys are the content's."""
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self._shrinking = _Shrinking(content)
        self.setWidget(self._shrinking)
        for part in (self.viewport(), self._shrinking):
            part.setAutoFillBackground(False)  # what it lies on shows through

    def sizeHint(self) -> QSize:
        """As large as the content wants to be, and a bar for either direction."""
        bar = self.verticalScrollBar().sizeHint().width()
        return self._shrinking.sizeHint() + QSize(bar, bar)

    def height_wanted(self, width: int) -> int:
        """Pixels of height in which content of this width is seen whole."""
        bar = self.verticalScrollBar().sizeHint().width()
        inside = self._shrinking.layout()
        if inside is None or not inside.hasHeightForWidth():
            return self.sizeHint().height()
        return inside.totalHeightForWidth(width) + bar

    def minimumSizeHint(self) -> QSize:
        """It can be small."""
        return QSize(0, 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tells what it is in that the content was laid out anew."""
        done = super().eventFilter(watched, event)
        if event.type() is QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
            self.content_changed.emit()
        return done


class _Shrinking(QWidget):
    """Holds a widget that shrinks as far as it can before anything scrolls."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addWidget(content)

    def heightForWidth(self, width: int) -> int:
        """The least height: a scroll area asks for what a text of this width would like, and scrolls below that."""
        return self._whole.minimumHeightForWidth(width) if self._whole.hasHeightForWidth() else -1


class ScrollingColumn(QScrollArea):
    """As wide as its place, and scrolls up and down; Tab gives it the keys. The contents go into `box`."""

    def __init__(self, name: str, spacing: int) -> None:
        """Empty.

        Args:
            name: stable object name.
            spacing: pixels between two widgets.
        """
        super().__init__()
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        inside = QWidget()
        theme.set_role(inside, "plain")
        self.box = QVBoxLayout(inside)
        self.box.setContentsMargins(0, 0, theme.GRID, 0)
        self.box.setSpacing(spacing)
        self.setWidget(inside)


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
