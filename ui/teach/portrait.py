"""A picture of the robot for Home, drawn now and then when nothing else is to be drawn."""

from concurrent.futures import Future

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage

from learning.messages import Pair
from sim.render import FrameRequest, Framing, Image, Priority, SceneRenderer
from sim.task import Task

SIZE = (480, 300)
EVERY_PAIRS = 5
"""A new picture is asked for with each so-manieth pair."""


class Portrait:
    """Keeps the newest picture; never waits for one."""

    def __init__(self, renderer: SceneRenderer) -> None:
        """None yet."""
        self._renderer = renderer
        self._task: Task | None = None
        self._pairs = 0
        self._coming: Future[Image] | None = None
        self._image: Image | None = None

    def set_task(self, task: Task | None) -> None:
        """Forgets the picture of another robot."""
        if self._coming is not None:
            self._coming.cancel()
        self._task, self._pairs, self._coming, self._image = task, 0, None, None

    def consider(self, pair: Pair) -> None:
        """Asks for a picture of the middle of a clip, if it is time for one."""
        self._collect()
        if self._task is not None and self._coming is None and self._pairs % EVERY_PAIRS == 0:
            state = pair.left.states[len(pair.left) // 2]
            framing, camera = Framing(self._task), self._task.camera
            framed = framing.frame([framing.poses(state[None])], camera, *SIZE)
            request = FrameRequest(self._task, state, camera, *SIZE, framed=framed)
            self._coming = self._renderer.submit(request, Priority.IDLE)
        self._pairs += 1

    def png(self) -> bytes | None:
        """The picture as PNG; None while there is none."""
        self._collect()
        if self._image is None:
            return None
        height, width, channels = self._image.shape
        picture = QImage(self._image.data, width, height, width * channels, QImage.Format.Format_RGB888)
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        written = picture.save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(content.data()) if written else None

    def _collect(self) -> None:
        if self._coming is None or not self._coming.done():
            return
        if not self._coming.cancelled() and self._coming.exception() is None:
            self._image = self._coming.result()
        self._coming = None
