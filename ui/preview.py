"""The moving preview of a task: the untaught robot dropped into its own physics, drawn once and kept."""

import logging

import numpy as np
from PySide6.QtCore import QRectF, QSize, QTimer, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sim.batch import BatchSim
from sim.clip import Clip
from sim.errors import UserError
from sim.render import ClipFrames, Framing, Priority, SceneRenderer, drawable_size
from sim.task import Task
from ui import theme
from ui.frames import as_qimage
from ui.live_paint import paint_message, round_corners

log = logging.getLogger(__name__)

DROPS = 2
"""Falls in one loop."""
DROP_SECONDS = 1.3
EVERY = 3
"""Each so-manieth control step is drawn: 21 pictures a second for a control step of 16 ms."""
RESTLESSNESS = 0.25
"""Size of the new part of the random actions at each step,"""
MEMORY = 0.92
"""and how much of the last action remains in the next: motors that twitch at 60 Hz would only tremble."""
SEED = 11
MOST_RATIO = 1.25
"""Device pixels in one of ours, at most: all pictures of the loop are kept in memory."""
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


class Preview(QWidget):
    """Plays the untaught robot in a loop. Drawn when nothing else waits to be drawn."""

    def __init__(self, task: Task, renderer: SceneRenderer, size: tuple[int, int]) -> None:
        """Asks for no picture yet.

        Args:
            task: whose robot.
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
        self._shown = -1
        self._image: QImage | None = None
        self._timer = QTimer(self, interval=round(EVERY * task.control_dt * 1000))
        self._timer.timeout.connect(self._on_tick)

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
        if self._frames is None or self._frames.cancelled:
            ratio = min(self.devicePixelRatioF(), MOST_RATIO)
            sides = drawable_size(self.width() * ratio, self.height() * ratio)
            clip, framing, camera = untaught_clip(self._task), Framing(self._task), self._task.camera
            framed = framing.frame([framing.poses(clip.states)], camera, *sides)
            try:
                self._frames = self._renderer.render_clip(
                    self._task, clip, camera, sides, EVERY, Priority.IDLE, framed=framed
                )
            except RuntimeError:  # the program is closing, and the renderer was first
                log.debug("no preview: the renderer is closed")
                return
        self._timer.start()

    def stop(self) -> None:
        """Stops; whatever is not drawn yet will not be drawn."""
        self._timer.stop()
        if self._frames is not None:
            self._frames.cancel()

    def sizeHint(self) -> QSize:
        """The fixed size."""
        return self.size()

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
            painter.drawImage(rect, self._image)
        elif error is not None:
            sentence = str(error) if isinstance(error, UserError) else "The preview could not be drawn."
            paint_message(painter, rect, sentence, bad=True)
        else:
            painter.fillRect(rect, theme.color("stage"))
        painter.end()
