"""Two panes that play a pair in step, and what can be done to its playing and to its camera."""

import logging
import time
from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from learning.messages import Choice, Pair, PairKind
from sim.errors import UserError
from sim.framing import SideView
from sim.render import Priority, SceneRenderer
from sim.task import CameraPose, Task
from ui import theme
from ui.camera_hand import CameraHand
from ui.drawn_size import DrawnSize
from ui.pair_frames import PICTURE_BUDGET_S
from ui.pair_pictures import Drawn, PairPictures, Showing
from ui.pane import ClipPane
from ui.playback import FRAGMENT_SPEED, NORMAL_SPEED, TICK_SECONDS, Playback
from ui.sides import SIDES, Side

log = logging.getLogger(__name__)

MOST_TICKS = 4
"""After a hold-up, playing goes on by no more than so many pictures at once."""
DRAWING = "Drawing the clips"
PATIENCE_SECONDS = 0.4
"""Waiting for a picture becomes a sentence after so long."""
UNSEEN_SECONDS = 0.25
"""An answer that comes sooner after a pair's first picture was not made from what is seen there."""


class PairPlayer(QWidget):
    """Plays a pair. Runs while it can be seen and `set_running` has not stopped it."""

    shown: SignalInstance = Signal(object)  # type: ignore[assignment]
    """(Pair) its first pictures are on the screen."""
    moved: SignalInstance = Signal()  # type: ignore[assignment]
    """The position, or whether it plays, is another one."""

    def __init__(self, renderer: SceneRenderer, priority: Priority = Priority.PAIR) -> None:
        """Shows nothing yet; `priority` is that of the pair on screen."""
        super().__init__()
        self._renderer, self._priority = renderer, priority
        self.drawn_size = DrawnSize(renderer.costs, PICTURE_BUDGET_S)
        self.panes = (ClipPane(Side.LEFT), ClipPane(Side.RIGHT))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        for pane in self.panes:
            row.addWidget(pane, 1)
            pane.painted.connect(self._on_painted)
            pane.orbited.connect(self._on_orbited)
            pane.panned.connect(self._on_panned)
            pane.zoomed.connect(self._on_zoomed)
            pane.reset.connect(self.reset_camera)
            pane.retry.connect(self._on_retry)
            pane.resized.connect(self._on_look_changed)
        self._task: Task | None = None
        self._pictures: PairPictures | None = None
        self._side_view, self._depth_cues = SideView.NONE, True
        self._fragment_speed, self._audition_speed = FRAGMENT_SPEED, NORMAL_SPEED
        self.playback: Playback | None = None
        self._pair: Pair | None = None
        self._painted: set[Side] = set()
        self._asked_at = 0.0
        self._told: BaseException | None = None
        self._shown_at: float | None = None
        """When both panes had been painted; None while they have not."""
        self._running = True
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(1000 * TICK_SECONDS))
        self._timer.timeout.connect(self._on_tick)

    # What is played

    @property
    def pair(self) -> Pair | None:
        """What it plays."""
        return self._pair

    @property
    def pair_on_screen(self) -> Pair | None:
        """What it plays, once pictures of both clips were painted."""
        return self._pair if self._shown_at is not None else None

    @property
    def pair_seen(self) -> Pair | None:
        """The same, once somebody can have seen it: what is said before is not about this pair."""
        seen = self._shown_at is not None and time.monotonic() - self._shown_at >= UNSEEN_SECONDS
        return self._pair if seen else None

    @property
    def ready_pair(self) -> Pair | None:
        """The next pair, if it could be shown at once."""
        return None if self._pictures is None else self._pictures.ready_pair

    def set_task(self, task: Task | None) -> None:
        """Prepares for pairs of a task; shows none."""
        self.clear()
        if self._pictures is not None:
            self._pictures.forget()
        self._task, self._pictures = task, None
        if task is not None:
            self._pictures = PairPictures(self._renderer, task, self._priority, self.drawn_size, self._showing)

    def clear(self, sentence: str = "", action: str = "") -> None:
        """Shows no pair, but a sentence. What was drawn is kept: the pair may come back."""
        if self._pictures is not None:
            self._pictures.leave()
        self._pair, self.playback, self._shown_at = None, None, None
        self.say(sentence, action)

    def say(self, sentence: str, action: str = "") -> None:
        """Shows a sentence in place of both pictures."""
        for pane in self.panes:
            pane.show_message(sentence, action)

    def show_pair(self, pair: Pair) -> None:
        """Plays a pair from its start; at once, if it was prepared."""
        if self._task is None or self._pictures is None or (self._pair is not None and pair.id == self._pair.id):
            return
        self._pair = pair
        self._painted.clear()
        self._shown_at = None
        for pane in self.panes:
            # a pair that comes back before the one between was drawn is on the panes still
            pane.forget_painted()
        self._asked_at = time.monotonic()
        self.playback = Playback(max(len(pair.left), len(pair.right)), self._task.control_dt, self.speed)
        self._pictures.show(pair)
        self._present()
        self.moved.emit()

    def prepare(self, pair: Pair) -> None:
        """Draws a pair in advance."""
        if self._pictures is not None:
            self._pictures.prepare(pair)

    # How it is played

    @property
    def playing(self) -> bool:
        """Whether time passes."""
        return self.playback is not None and self.playback.playing

    @property
    def speed(self) -> float:
        """Simulated seconds for each real one, of what it plays."""
        return self._speed_of(self._pair)

    @property
    def fragment_speed(self) -> float:
        """The same, of short clips."""
        return self._fragment_speed

    @Slot()
    def toggle(self) -> None:
        """Plays or pauses."""
        if self.playback is not None:
            self.playback.playing = not self.playback.playing
            self.moved.emit()

    @Slot()
    def replay(self) -> None:
        """Plays from the start."""
        if self.playback is not None:
            self.playback.replay()
            self._present()
            self.moved.emit()

    def step(self, frames: int) -> None:
        """Pauses, and goes so many frames on or back."""
        if self.playback is not None:
            self.playback.step(frames * self._step(self._pair))
            self._present()
            self.moved.emit()

    def seek(self, frame: int) -> None:
        """Goes to a frame."""
        if self.playback is not None:
            self.playback.seek(frame)
            self._present()
            self.moved.emit()

    def set_speed(self, speed: float) -> None:
        """Plays faster or slower; slow motion shows every frame of the clips. Auditions have a speed of their own."""
        if self._pair is not None and self._pair.kind is PairKind.AUDITION:
            self._audition_speed = speed
        else:
            self._fragment_speed = speed
        if self.playback is not None:
            self.playback.speed = speed
        self._on_look_changed()
        self.moved.emit()

    def change_speed(self, steps: int) -> None:
        """So many speeds faster or slower."""
        if self.playback is not None:
            self.playback.change_speed(steps)
            self.set_speed(self.playback.speed)

    def set_cues(self, *, side_view: SideView | bool, depth_cues: bool) -> None:
        """What is drawn beside the robot."""
        if (side_view, depth_cues) != (self._side_view, self._depth_cues):
            self._side_view, self._depth_cues = SideView(side_view), depth_cues
            if self._pictures is not None:
                self._pictures.look_differently()

    def stand(self, pose: CameraPose | None) -> None:
        """Looks from a pose that no drag moves; None lets the camera go."""
        self._move(lambda hand: hand.stand(pose))

    @Slot()
    def reset_camera(self) -> None:
        """The camera as the task wants it."""
        self._move(CameraHand.home)

    def light(self, choice: Choice) -> None:
        """Lights up the panes that an answer chooses."""
        for pane in self.panes:
            if pane.side in SIDES[choice]:
                pane.light(pane.side if len(SIDES[choice]) == 1 else "accent")

    def set_running(self, on: bool) -> None:
        """Goes on or does nothing at all, seen or not."""
        self._running = on
        self._heed()

    def showEvent(self, event: QShowEvent) -> None:
        """Goes on."""
        super().showEvent(event)
        self._heed()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: stops."""
        super().hideEvent(event)
        self._heed()

    # Pictures

    def _heed(self) -> None:
        if self._running and self.isVisible():
            self._clock.start()
            self._timer.start()
        else:
            self._timer.stop()

    @Slot()
    def _on_tick(self) -> None:
        # a tick is a tick: following the clock to the millisecond would now and then skip a picture, which one sees
        ticks = max(1, round(self._clock.restart() / 1000.0 / TICK_SECONDS))
        if self.playback is None or self._pictures is None:
            return
        self._pictures.settle(seen=self._shown_at is not None)
        before = (self.playback.position, self.playback.cut_left)
        self.playback.advance(min(ticks, MOST_TICKS) * TICK_SECONDS, self._pictures.drawn)
        self._present()
        if (self.playback.position, self.playback.cut_left) != before:
            self.moved.emit()

    def _present(self) -> None:
        """Puts the pictures of the present frame on the panes, of both or of none."""
        pictures = self._pictures
        if self.playback is None or pictures is None or self._pair is None:
            return
        drawn = pictures.at(self.playback.frame)
        if drawn is not None:
            self._put(drawn, self._pair, self.playback.cut_share)
        elif pictures.error is not None:
            self._tell(pictures.error)
        elif not pictures.live and self._shown_at is None:
            self.say(DRAWING if time.monotonic() - self._asked_at > PATIENCE_SECONDS else "")

    def _put(self, drawn: Drawn, pair: Pair, cut: float) -> None:
        for pane, image, clip in zip(self.panes, drawn.images, (pair.left, pair.right), strict=True):
            pane.show_picture(image, pair.id, ended=drawn.frame >= len(clip), cut=cut)

    def _tell(self, error: BaseException) -> None:
        """Says why there are no pictures; the answers, the learning and the rest go on."""
        if isinstance(error, UserError):
            self.say(str(error), "Try again")
        elif error is not self._told:
            self._told = error
            log.error("a clip could not be drawn", exc_info=error)
            self.say("These clips could not be drawn; the log tells why.", "Try again")

    @Slot(str, int)
    def _on_painted(self, side: str, pair_id: int) -> None:
        if self._pair is None or pair_id != self._pair.id:
            return
        self._painted.add(Side(side))
        if len(self._painted) == len(self.panes) and self._shown_at is None:
            self._shown_at = time.monotonic()
            self.shown.emit(self._pair)

    # Another camera, another size

    def _speed_of(self, pair: Pair | None) -> float:
        return self._audition_speed if pair is not None and pair.kind is PairKind.AUDITION else self._fragment_speed

    def _step(self, pair: Pair | None) -> int:
        """Frames of the clip from picture to picture."""
        return 1 if self._speed_of(pair) < NORMAL_SPEED else 2

    def _showing(self, pair: Pair) -> Showing:
        pane, ratio = self.panes[0], self.devicePixelRatioF()
        sides = round(pane.width() * ratio), round(pane.height() * ratio)
        return Showing(sides, self._step(pair), self._side_view, self._depth_cues)

    def _move(self, change: Callable[[CameraHand], None]) -> None:
        if self._pictures is not None:
            self._pictures.move(change)

    @Slot(float, float)
    def _on_orbited(self, across: float, down: float) -> None:
        self._move(lambda hand: hand.orbit(across, down))

    @Slot(float, float)
    def _on_panned(self, across: float, down: float) -> None:
        self._move(lambda hand: hand.pan(across, down))

    @Slot(float)
    def _on_zoomed(self, notches: float) -> None:
        self._move(lambda hand: hand.zoom(notches))

    @Slot()
    def _on_retry(self) -> None:
        if self._pictures is not None:
            self._pictures.draw_again()

    @Slot()
    def _on_look_changed(self) -> None:
        if self._pictures is not None:
            self._pictures.look_changed()
