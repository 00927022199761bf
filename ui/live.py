"""The live policy: one simulation of our own, played in real time and drawn off screen."""

import time

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QHideEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sim.policy import PolicyWeights
from sim.render import FrameRequest, Priority, SceneRenderer
from sim.rollout import LiveRollout, Moment
from sim.task import Floats, Singles, Task
from ui.dragged import DraggedPicture
from ui.frames import FrameSource
from ui.live_camera import LiveCamera
from ui.live_paint import paint_arrow, paint_chip, paint_message, paint_whole
from ui.live_player import LivePlayer, LiveState

NEW_POLICY = "New policy"
LARGE_MS, SMALL_MS = 33, 66
"""Milliseconds between two pictures, in a large view and in a corner."""
SMALL_WIDTH = 420
"""A narrower view is a corner."""
MARK_SECONDS = 1.6
"""A short mark stays this long."""


class LiveView(DraggedPicture):
    """Plays the policy that it is given for as long as it can be seen."""

    moment: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Moment) something to notice: a success, a fall, a cut."""
    advanced: SignalInstance = Signal()  # type: ignore[assignment]
    """Simulated time has moved."""

    def __init__(self, renderer: SceneRenderer, parent: QWidget | None = None) -> None:
        """Shows nothing yet."""
        super().__init__(parent)
        self.setObjectName("live-view")
        self.setAccessibleName("Live policy")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._frames = FrameSource(renderer, Priority.LIVE, self)
        self.drawn_size = self._frames.drawn_size
        self._frames.drawn.connect(self._on_drawn)
        self._frames.failed.connect(self._on_failed)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        self._player: LivePlayer | None = None
        self.camera = LiveCamera(self._ask)
        self._running, self._paused, self._pushable = True, False, False
        self._speed = 1.0
        self._picture: QImage | None = None
        self._positions: Floats | None = None
        """Of the bodies in the picture."""
        self._failure = ""
        self._mark, self._mark_tone, self._mark_until = "", "accent", 0.0
        self.orbited.connect(self.camera.orbit)
        self.panned.connect(self.camera.pan)
        self.zoomed.connect(self.camera.zoom)

    # What is played

    def set_task(self, task: Task | None) -> None:
        """Shows a robot of another task, at its start and without a policy; None shows nothing."""
        self._frames.drop()
        self._picture = None
        self._mark = ""
        self._player = self.camera.player = None if task is None else LivePlayer(task)
        self.set_speed(self._speed)
        self._heed()

    def set_policy(self, policy: PolicyWeights, version: int, *, newest: bool = True) -> None:
        """Plays another policy from now on; a change of version is shown.

        Args:
            policy: what plays.
            version: its number.
            newest: whether it is the newest one where its number is the highest so far; else it was looked for.
        """
        player = self._player
        if player is None or version == player.version:
            return
        if player.version is not None:
            new = newest and version > player.highest
            self._show_mark(NEW_POLICY if new else f"Policy {version}", "accent")
        player.play(policy, version)
        self.setAccessibleDescription(f"Policy {version} plays.")
        self._heed()

    def set_programme(self, on: bool) -> None:
        """Shows what practice tries, scene after scene, in place of the best policy alone."""
        if self._player is not None:
            self._player.set_programme(on)

    def set_cast(self, best: PolicyWeights, version: int, trying: PolicyWeights, spread: Singles) -> None:
        """Whom the programme shows from now on.

        Args:
            best: the shown policy,
            version: and which one it is.
            trying: the policy that practises,
            spread: and (nu,) the noise with which it tries things.
        """
        if self._player is not None and self._player.programme is not None:
            self._player.set_cast(best, version, trying, spread)
            self._heed()

    def request(self) -> FrameRequest | None:
        """The picture of the present state, as it would be asked for; None without a robot."""
        if self._player is None:
            return None
        return self._player.request(self.width(), self.height())

    def flash(self, text: str, tone: str) -> None:
        """Shows a short mark."""
        self._show_mark(text, tone)
        self.update()

    def set_running(self, on: bool) -> None:
        """Plays, or does nothing at all, whether it can be seen or not."""
        self._running = on
        self._heed()

    @property
    def state(self) -> LiveState:
        """What it shows."""
        if self._failure:
            return LiveState.FAILED
        if self._player is None or self._player.version is None:
            return LiveState.EMPTY
        return LiveState.STARTING if self._picture is None else LiveState.PLAYING

    @property
    def mark(self) -> str:
        """The short mark over the picture; empty most of the time."""
        return self._mark

    @property
    def pushing(self) -> bool:
        """Whether the pointer holds the robot."""
        return self._player is not None and self._player.held

    @property
    def rollout(self) -> LiveRollout | None:
        """The simulation; None without a task."""
        return None if self._player is None else self._player.rollout

    # How it is played

    def set_paused(self, on: bool) -> None:
        """Stops simulated time; camera and picture go on."""
        self._paused = on
        if self._player is not None:
            self._player.pace.stop()

    def set_speed(self, speed: float) -> None:
        """Simulated seconds for each real one."""
        self._speed = speed
        if self._player is not None:
            self._player.pace.speed = speed

    def step_once(self) -> None:
        """One control step, for when it is paused."""
        if self._player is not None and self._player.version is not None:
            self._pull()
            self._tell([self._player.step()])

    def restart(self) -> None:
        """Puts the robot back to its start, and counts from there."""
        if self._player is not None:
            self._player.restart()
            self._ask()

    def set_trail(self, on: bool) -> None:
        """Draws where the robot has just been."""
        if self._player is not None:
            self._player.trail = on
            self._ask()

    def set_travel(self, on: bool) -> None:
        """Draws distance, speed and a mark at the start, where the task asks for motion along the floor."""
        if self._player is not None:
            self._player.travel = on
            self._ask()

    def set_side_view(self, on: bool) -> None:
        """Draws a second view, at right angles."""
        if self._player is not None:
            self._player.side_view = on
            self._ask()

    def set_pushable(self, on: bool) -> None:
        """Whether the robot can be pulled with the right button, or with Shift and the left one."""
        self._pushable = on

    # Time

    def _heed(self) -> None:
        """Runs the timer exactly while something moves that can be seen."""
        wanted = self._running and self.isVisible() and self.state in (LiveState.STARTING, LiveState.PLAYING)
        if wanted and not self._timer.isActive():
            self._timer.start(self._interval())
            self._ask()
        elif not wanted and self._timer.isActive():
            self._timer.stop()
            self._frames.drop()
            self._let_go()
        if not wanted and self._player is not None:
            self._player.pace.stop()
        self.update()

    def _interval(self) -> int:
        return LARGE_MS if self.width() >= SMALL_WIDTH else SMALL_MS

    @Slot()
    def _on_tick(self) -> None:
        now = time.monotonic()
        if self._mark and now > self._mark_until:
            self._mark = ""
            self.update()
        if self._player is not None and not self._paused:
            self._pull()
            self._tell(self._player.advance(now))

    def _tell(self, moments: list[Moment]) -> None:
        """Says what the steps led to, and shows where they ended."""
        for moment in moments:
            if moment is Moment.CUT and self._player is not None and self._player.programme is None:
                self._show_mark("From the start again", "muted")
            if moment is not Moment.NOTHING:
                self.moment.emit(moment)
        if moments:
            self.advanced.emit()
            self._ask()

    def _ask(self) -> None:
        """Asks for a picture of the present state."""
        if self._player is None or self._player.version is None or not self.isVisible() or self._failure:
            return
        sides = self.drawn_size.size(*(self.size() * self.devicePixelRatioF()).toTuple())
        request = self._player.request(*sides)
        self._frames.ask(request, self._player.rollout.body_positions.copy())

    @Slot(QImage, object)
    def _on_drawn(self, picture: QImage, positions: Floats) -> None:
        self._picture, self._positions = picture, positions
        self.update()

    @Slot(str)
    def _on_failed(self, sentence: str) -> None:
        self._failure = sentence
        self.setAccessibleDescription(sentence)
        self._heed()

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold of the robot, or of the camera."""
        if self._player is None:
            return
        left = event.button() is Qt.MouseButton.LeftButton
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        right = event.button() is Qt.MouseButton.RightButton
        if self._pushable and (right or (left and shift)):
            self._pointer = event.position()
            self._player.take(self._pointer.toTuple(), self.size().toTuple())
            self.update()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turns or moves the camera; a push follows the pointer with the next step."""
        super().mouseMoveEvent(event)
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Lets go."""
        self._let_go()

    def _pull(self) -> None:
        if self._player is not None:
            self._player.pull(self._pointer.toTuple(), self.size().toTuple())

    def _let_go(self) -> None:
        self.end_drag()
        if self._player is not None:
            self._player.let_go()
        self.update()

    # The picture

    def sizeHint(self) -> QSize:
        """A corner of the Teach screen."""
        return QSize(320, 220)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The newest picture, or the sentence in its place."""
        painter = QPainter(self)
        rect = QRectF(self.rect())
        if self._failure:
            paint_message(painter, rect, self._failure, bad=True)
        elif self._picture is not None and self._positions is not None and self._player is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            paint_whole(painter, rect, self._picture)
            held = self._player.held_at(self.size().toTuple(), self._positions)
            if held is not None:
                paint_arrow(painter, QPointF(*held), self._pointer)
            if self._mark:
                paint_chip(painter, rect, self._mark, self._mark_tone)
        else:
            empty = self.state is LiveState.EMPTY
            paint_message(painter, rect, "No policy yet" if empty else "Drawing the first picture")
        painter.end()

    def _show_mark(self, text: str, tone: str) -> None:
        self._mark, self._mark_tone, self._mark_until = text, tone, time.monotonic() + MARK_SECONDS

    # Being seen

    def showEvent(self, event: QShowEvent) -> None:
        """Goes on."""
        super().showEvent(event)
        self._heed()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stops: nobody looks."""
        super().hideEvent(event)
        self._heed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A picture of the new size, at the rate of a view of this size."""
        super().resizeEvent(event)
        self._timer.setInterval(self._interval())
        self._ask()

    def changeEvent(self, event: QEvent) -> None:
        """Another palette."""
        super().changeEvent(event)
        self.update()
