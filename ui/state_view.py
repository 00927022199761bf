"""A picture of one physics state after another, as large and as sharp as its place and the machine allow."""

import time
from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sim.framing import CameraShift
from sim.render import FrameRequest, Priority, SceneRenderer
from sim.task import CameraPose, Floats, Task
from ui.frames import FrameSource
from ui.live_paint import paint_chip, paint_message, paint_whole, round_corners
from ui.steady_camera import SteadyCamera

DRAWING = "Drawing the first picture"
RADIUS = 6.0
LEAST = QSize(200, 130)
USUAL = QSize(480, 320)


class StateView(QWidget):
    """Draws the newest state that it is given; a slow machine draws fewer and smaller pictures and never lags."""

    def __init__(self, renderer: SceneRenderer, *, name: str, says: str, mark: str = "", tone: str = "text") -> None:
        """Shows nothing yet.

        Args:
            renderer: draws.
            name: stable object name.
            says: accessible name.
            mark: a short text over the lower left corner of the picture.
            tone: its colour, by its name in the palette.
        """
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(says)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._mark, self._tone = mark, tone
        # it lies over the clips: theirs are not to be drawn first
        self._source = FrameSource(renderer, Priority.PAIR, self)
        self._source.drawn.connect(self._on_drawn)
        self._source.failed.connect(self._on_failed)
        self._wanted: tuple[Task, Floats, CameraPose] | None = None
        self._steady: tuple[Task, SteadyCamera] | None = None
        self._shift: CameraShift | None = None
        """How the camera gave way in the last picture, so that all that moves was in it."""
        self._picture: QImage | None = None
        self._message, self._failed = DRAWING, False

    @property
    def wanted(self) -> tuple[Task, Floats, CameraPose] | None:
        """The state that it was given last, and from where it is seen."""
        return self._wanted

    @property
    def drawn(self) -> bool:
        """Whether there is a picture to be seen."""
        return self._picture is not None

    def show_state(self, task: Task, state: Floats, pose: CameraPose) -> None:
        """Draws `state` (nstate,), seen from `pose`, as soon as the picture before it is drawn."""
        self._wanted = task, state, pose
        if self.isVisible() and not self._failed:
            if self._steady is None or self._steady[0] is not task:
                self._steady, self._shift = (task, SteadyCamera(task)), None
            sides = self._source.drawn_size.size(*(self.size() * self.devicePixelRatioF()).toTuple())
            request = FrameRequest(task, state, pose, *sides)
            framed = self._steady[1].frame(request, self._shift, time.monotonic())
            self._shift = framed.main
            self._source.ask(replace(request, framed=framed))

    def clear(self, message: str = DRAWING) -> None:
        """Shows a sentence in place of the picture."""
        self._source.drop()
        self._wanted, self._picture, self._message = None, None, message
        self.update()

    def sizeHint(self) -> QSize:
        """Half of a large window; it takes whatever there is."""
        return USUAL

    def minimumSizeHint(self) -> QSize:
        """What can still be seen."""
        return LEAST

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A picture of the new size."""
        super().resizeEvent(event)
        if self._wanted is not None:
            self.show_state(*self._wanted)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture with its mark, or the sentence."""
        painter = QPainter(self)
        rect = QRectF(self.rect())
        round_corners(painter, rect, RADIUS)
        if self._picture is not None:
            paint_whole(painter, rect, self._picture)
        else:
            paint_message(painter, rect, self._message, bad=self._failed)
        if self._mark:
            paint_chip(painter, rect, self._mark, self._tone)
        painter.end()

    @Slot(QImage, object)
    def _on_drawn(self, picture: QImage, _note: object) -> None:
        self._picture = picture
        self.update()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._failed = True
        self.clear(sentence)
