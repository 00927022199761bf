"""The moving preview of a task: its good example in a loop, drawn once and kept."""

import logging
import math

import numpy as np
from PySide6.QtCore import QRectF, QSize, QTimer, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sim.batch import BatchSim
from sim.clip import Clip
from sim.errors import UserError
from sim.examples import Example, example
from sim.render import ClipFrames, Framing, Priority, SceneRenderer, drawable_size
from sim.task import Task
from ui import theme
from ui.frames import as_qimage
from ui.live_paint import paint_message, paint_whole, round_corners

log = logging.getLogger(__name__)

DROPS = 2
"""Falls in one loop."""
DROP_SECONDS = 1.3
PICTURE_SECONDS = 0.064
"""Between two pictures, about: 16 pictures a second."""
RESTLESSNESS = 0.25
"""Size of the new part of the random actions at each step,"""
MEMORY = 0.92
"""and how much of the last action remains in the next: motors that twitch at 60 Hz would only tremble."""
SEED = 11
MOST_RATIO = 1.25
"""Device pixels in one of ours, at most: all pictures of the loop are kept in memory."""
MOST_PIXELS = 400 * 250
"""Of one picture, for the same reason: larger previews are scaled."""
SETTLE_MS = 250
"""It is drawn in another size when that has stood still for so long."""
STILL = 0.35
"""Where in the loop the still picture is, for a person who wants no motion."""
RADIUS = 6.0


def untaught_clip(task: Task) -> Clip:
    """The robot before anybody taught it anything: dropped anyhow, with restless motors. The same at every call."""
    rng = np.random.default_rng(SEED)
    sim = BatchSim(task, 1, nthread=1)
    states, observations, actions = [], [], []
    for _ in range(DROPS):
        sim.reset(np.ones(1, bool), *task.diverse_start(rng, 1))
        action = np.zeros((1, task.action_size), np.float32)
        for _ in range(round(DROP_SECONDS / task.control_dt)):
            twitch = RESTLESSNESS * rng.normal(size=action.shape)
            action = np.clip(MEMORY * action + twitch, -1.0, 1.0).astype(np.float32)
            result = sim.step(action)
            if result.exploded[0]:
                break
            states.append(sim.physics_states()[0])
            observations.append(result.observations[0].copy())
            actions.append(action[0])
    past = np.stack(states), np.stack(observations), np.stack(actions)
    return Clip(task.name, task.model_hash, task.control_dt, *past)


def preview_clip(task: Task) -> Clip:
    """Returns the skill itself where an example of it was recorded, else the untaught robot."""
    try:
        return example(task, Example.GOOD)
    except UserError as error:
        log.warning("no example of '%s': %s", task.name, error)
        return untaught_clip(task)


class Preview(QWidget):
    """Plays the skill in a loop. Drawn when nothing else waits to be drawn."""

    def __init__(self, task: Task, renderer: SceneRenderer, size: tuple[int, int]) -> None:
        """Asks for no picture yet.

        Args:
            task: whose skill.
            renderer: draws it.
            size: (width, height) in device-independent pixels.
        """
        super().__init__()
        self.setFixedSize(*size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._task = task
        self._renderer = renderer
        self._frames: ClipFrames | None = None
        self._moving = True
        self._drawn_for = self.size()
        self._shown = -1
        self._image: QImage | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_tick)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._redraw)

    @property
    def playing(self) -> bool:
        """Whether pictures come one after the other, or are waited for."""
        return self._timer.isActive()

    @property
    def drawn(self) -> bool:
        """Whether there is a picture to be seen."""
        return self._image is not None

    def play(self, *, moving: bool) -> None:
        """Draws what is not drawn yet, and plays it; or shows one picture if not `moving`."""
        self._moving = moving
        if self._frames is None or self._frames.cancelled or self._drawn_for != self.size():
            clip, sides, camera = preview_clip(self._task), self._picture_size(), self._task.camera
            every = max(1, round(PICTURE_SECONDS / clip.control_dt))
            framing = Framing(self._task)
            framed = framing.frame([framing.poses(clip.states)], camera, *sides)
            self._drawn_for = self.size()
            try:
                self._frames = self._renderer.render_clip(
                    self._task, clip, camera, sides, every, Priority.IDLE, framed=framed
                )
            except RuntimeError:  # the program is closing, and the renderer was first
                log.debug("no preview: the renderer is closed")
                return
            self._timer.setInterval(round(1000 * every * clip.control_dt))
        self._timer.start()

    def fit(self, width: int, height: int) -> None:
        """Takes another size; what is drawn is scaled until it is drawn anew."""
        self.setFixedSize(width, height)
        if self._frames is not None and self._drawn_for != self.size():
            self._settle.start()

    def stop(self) -> None:
        """Stops; whatever is not drawn yet will not be drawn."""
        self._timer.stop()
        self._settle.stop()
        if self._frames is not None:
            self._frames.cancel()

    def sizeHint(self) -> QSize:
        """The fixed size."""
        return self.size()

    def _picture_size(self) -> tuple[int, int]:
        ratio = min(self.devicePixelRatioF(), MOST_RATIO)
        share = min(ratio, math.sqrt(MOST_PIXELS / max(1, self.width() * self.height())))
        return drawable_size(self.width() * share, self.height() * share)

    @Slot()
    def _redraw(self) -> None:
        if self._frames is not None:
            self._frames.cancel()
            self.play(moving=self._moving)

    @Slot()
    def _on_tick(self) -> None:
        frames = self._frames
        if frames is None or frames.error is not None:
            self._timer.stop()
            self.update()
            return
        wanted = (self._shown + 1) % len(frames) if self._moving else round(STILL * len(frames))
        picture = frames.frame(wanted)
        if picture is None:
            return
        self._shown = wanted
        self._image = as_qimage(picture)
        self.update()
        if not self._moving:
            self._timer.stop()
            frames.cancel()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, with round corners; or why there is none."""
        painter = QPainter(self)
        rect = QRectF(self.rect())
        round_corners(painter, rect, RADIUS)
        error = None if self._frames is None else self._frames.error
        if self._image is not None:
            paint_whole(painter, rect, self._image)
        elif error is not None:
            sentence = str(error) if isinstance(error, UserError) else "The preview could not be drawn."
            paint_message(painter, rect, sentence, bad=True)
        else:
            painter.fillRect(rect, theme.color("stage"))
        painter.end()
