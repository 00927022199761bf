"""Pictures of one robot for one widget: asked for on the GUI thread, one at a time, and handed over there."""

import logging
from concurrent.futures import CancelledError, Future

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QImage

from sim.errors import UserError
from sim.render import FrameRequest, Image, Priority, SceneRenderer
from ui.drawn_size import DrawnSize

log = logging.getLogger(__name__)

FRAME_BUDGET_S = 0.022
"""A picture that costs more than this is asked for smaller: 30 a second, and time to put each on the screen."""


class FrameSource(QObject):
    """One picture in flight at a time: while one is drawn, only the newest wish is kept."""

    drawn: SignalInstance = Signal(QImage, object)  # type: ignore[assignment]
    """(QImage, object) a picture, and what `ask` was given with its request."""
    failed: SignalInstance = Signal(str)  # type: ignore[assignment]
    """(str) one sentence: nothing can be drawn on this machine."""
    _arrived: SignalInstance = Signal(object)  # type: ignore[assignment]

    def __init__(self, renderer: SceneRenderer, priority: Priority, parent: QObject) -> None:
        """Asks for nothing yet."""
        super().__init__(parent)
        self._renderer = renderer
        self._priority = priority
        self._in_flight: Future[Image] | None = None
        self._wish: tuple[FrameRequest, object] | None = None
        self._note: object = None
        self.drawn_size = DrawnSize(renderer.costs, FRAME_BUDGET_S)
        """How large the pictures should be."""
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether a picture is being drawn."""
        return self._in_flight is not None

    def ask(self, request: FrameRequest, note: object = None) -> None:
        """Draws `request`, after the picture that is being drawn; an older wish that still waits is dropped.

        Args:
            request: the picture.
            note: comes back with it.
        """
        if self._in_flight is not None:
            self._wish = request, note
            return
        try:
            future = self._renderer.submit(request, self._priority)
        except RuntimeError:  # the program is closing, and the renderer was first
            log.debug("no more pictures: the renderer is closed")
            return
        self._in_flight, self._note = future, note
        future.add_done_callback(self._on_done)

    def drop(self) -> None:
        """Forgets what was asked for; a picture that is being drawn is not handed over."""
        self._wish = None
        if self._in_flight is not None:
            self._in_flight.cancel()
            self._in_flight = None

    def _on_done(self, future: "Future[Image]") -> None:
        """On the renderer's thread."""
        try:
            self._arrived.emit(future)
        except RuntimeError:  # the widget that asked is gone
            log.debug("a picture came too late")

    @Slot(object)
    def _on_arrived(self, future: "Future[Image]") -> None:
        if future is not self._in_flight:
            return
        self._in_flight = None
        try:
            image = future.result()
        except CancelledError:
            return
        except UserError as error:
            self._wish = None
            self.failed.emit(str(error))
            return
        except Exception:
            log.exception("a picture could not be drawn")
            return
        self.drawn.emit(as_qimage(image), self._note)
        if self._wish is not None and self._in_flight is None:
            (request, note), self._wish = self._wish, None
            self.ask(request, note)


def as_qimage(image: Image) -> QImage:
    """A picture (h, w, 3) as Qt's, with pixels of its own, in the format that Qt scales in a third of the time."""
    height, width, channels = image.shape
    pixels = np.ascontiguousarray(image)
    borrowed = QImage(pixels.data, width, height, width * channels, QImage.Format.Format_RGB888)
    return borrowed.convertToFormat(QImage.Format.Format_RGB32)
