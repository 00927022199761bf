"""What a press was taken to mean: a small picture of the instant that it is credited to, for a moment."""

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from learning.messages import Press
from sim.render import FrameRequest, Framing, Priority, SceneRenderer, drawable_size
from ui import theme
from ui.frames import FrameSource
from ui.live_paint import round_corners
from ui.pressing_port import PressRecord
from ui.sides import PRESS_COLOURS

SHOWN_MS = 1400
WIDTH, HEIGHT = 200, 150
MARGIN = 12
TITLE = 22
RADIUS = 8.0
WORDS = {Press.REWARD: "Rewarded", Press.PUNISH: "Punished"}


class CreditGhost(QWidget):
    """Lies in the upper right corner of the picture, and lets everything through."""

    def __init__(self, renderer: SceneRenderer, parent: QWidget) -> None:
        """Hidden."""
        super().__init__(parent)
        self.setObjectName("credit-ghost")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedSize(WIDTH, HEIGHT)
        self._frames = FrameSource(renderer, Priority.LIVE, self)
        self._frames.drawn.connect(self._on_drawn)
        self._away = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._away.timeout.connect(self.hide)
        self._picture: QImage | None = None
        self._record: PressRecord | None = None
        self.hide()

    def show_press(self, record: PressRecord, request: FrameRequest) -> None:
        """Asks for the picture of what `record` is credited to.

        Args:
            record: the press.
            request: the live picture's; its state is replaced, and its size.
        """
        self._record, self._picture = record, None
        ratio = self.devicePixelRatioF()
        sides = drawable_size(self.width() * ratio, self.height() * ratio)
        framing = Framing(request.task)
        framed = framing.frame([framing.poses(record.state[None])], request.camera, *sides)
        self._frames.ask(FrameRequest(request.task, record.state, request.camera, *sides, framed=framed), record)
        strongly = " strongly" if record.strong else ""
        self.setAccessibleName(f"{WORDS[record.press]}{strongly}")

    @Slot(QImage, object)
    def _on_drawn(self, picture: QImage, record: object) -> None:
        if record is not self._record:
            return
        self._picture = picture
        parent = self.parentWidget()
        if parent is not None:
            self.move(parent.width() - WIDTH - MARGIN, MARGIN)
        self.raise_()
        self.show()
        self._away.start()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The instant, its frame in the press's colour, and a word."""
        if self._picture is None or self._record is None:
            return
        painter = QPainter(self)
        rect = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        colour = theme.color(PRESS_COLOURS[self._record.press])
        painter.save()
        round_corners(painter, rect, RADIUS)
        painter.drawImage(rect, self._picture)
        painter.fillRect(QRectF(rect.left(), rect.bottom() - TITLE, rect.width(), TITLE), theme.color("surface", 0.9))
        painter.setPen(colour)
        painter.setFont(theme.text_font(12, bold=True))
        words = f"{WORDS[self._record.press]}{', strongly' if self._record.strong else ''}: this moment"
        painter.drawText(
            QRectF(rect.left(), rect.bottom() - TITLE, rect.width(), TITLE), Qt.AlignmentFlag.AlignCenter, words
        )
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 3.0))
        painter.drawRoundedRect(rect, RADIUS, RADIUS)
        painter.end()
