"""A task as Home shows it: one large button with a moving preview."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout

from sim.render import SceneRenderer
from sim.task import Task
from ui import theme
from ui.controls import Button, label
from ui.preview import Preview

WIDE_PREVIEW = (512, 320)
SMALL_PREVIEW = (156, 104)
RADIUS = 8.0
PADDING = 2 * theme.GRID
SMALL_WIDTH = SMALL_PREVIEW[0] + 2 * PADDING
"""Of a card that is not wide: six are side by side in a window of 1280."""
BEGIN_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TaskCard(QAbstractButton):
    """A press begins to teach the task."""

    def __init__(self, task: Task, renderer: SceneRenderer, *, wide: bool) -> None:
        """Builds it.

        Args:
            task: what can be taught.
            renderer: draws the preview.
            wide: a large card with the preview beside the text, for where there is room.
        """
        super().__init__()
        self.task = task
        self.setObjectName(f"task-card-{task.name}")
        self.setAccessibleName(f"Teach {task.title}")
        self.setAccessibleDescription(task.summary)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.preview = Preview(task, renderer, WIDE_PREVIEW if wide else SMALL_PREVIEW)
        box: QBoxLayout = QHBoxLayout(self) if wide else QVBoxLayout(self)
        box.setContentsMargins(PADDING, PADDING, PADDING, PADDING)
        box.setSpacing(PADDING)
        box.addWidget(self.preview)
        words = QVBoxLayout()
        words.setSpacing(theme.GRID)
        words.addStretch(1 if wide else 0)
        words.addWidget(label(task.title, "title" if wide else "heading", wraps=True))
        words.addWidget(label(task.summary, "" if wide else "muted", wraps=True))
        if wide:
            words.addSpacing(theme.GRID)
            words.addWidget(label("How to choose", "caption"))
            for line in task.guidance:
                words.addWidget(label(line, "muted", wraps=True))
        words.addSpacing(theme.GRID)
        words.addStretch(0 if wide else 1)  # side by side, all cards begin and end at the same heights
        begin = Button("Begin", "play", name="task-begin", role="primary", colour="on_accent")
        begin.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the whole card is the button, and this its most visible part
        words.addWidget(begin, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1 if wide else 0)
        box.addLayout(words, 1)
        self._moving = True
        if not wide:
            self.setFixedWidth(SMALL_WIDTH)
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        for child in self.children():
            if child.isWidgetType():
                child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)  # type: ignore[attr-defined]

    def play(self, *, moving: bool) -> None:
        """Plays the preview; without `moving` only while the pointer is on the card."""
        self._moving = moving
        self.preview.play(moving=moving or self.underMouse())

    def fit(self, width: int, preview: tuple[int, int]) -> None:
        """Takes another width, with a preview of (width, height), all in pixels."""
        self.preview.fit(*preview)
        self.setFixedWidth(width)
        self.updateGeometry()

    def words_height(self, width: int) -> int:
        """The height that a card of this width needs beside its preview's, in pixels."""
        contents = self.layout()
        return 0 if contents is None else contents.totalHeightForWidth(width) - self.preview.height()

    def enterEvent(self, event: QEnterEvent) -> None:
        """What stands still moves while the pointer is on it."""
        super().enterEvent(event)
        if not self._moving:
            self.preview.play(moving=True)

    def leaveEvent(self, event: QEvent) -> None:
        """And stands still again."""
        super().leaveEvent(event)
        if not self._moving:
            self.preview.play(moving=False)

    def sizeHint(self) -> QSize:
        """What its contents want: as high as its lines of text need, at its own width if that is fixed."""
        contents = self.layout()
        if contents is None:
            return super().sizeHint()
        if self.minimumWidth() < self.maximumWidth():
            return contents.sizeHint()
        return QSize(self.minimumWidth(), contents.totalHeightForWidth(self.minimumWidth()))

    def minimumSizeHint(self) -> QSize:
        """No less."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it, as Space does; a key held down presses once."""
        if event.key() in BEGIN_KEYS:
            if not event.isAutoRepeat():
                self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A card; its frame is lit by the focus and its ground by the pointer."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        touched = self.underMouse() or self.isDown()
        lit = self.hasFocus()
        painter.setPen(QPen(theme.color("accent" if lit else "border"), 2.0 if lit else 1.0))
        painter.setBrush(theme.color("raised" if touched else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        painter.end()
