"""Two panes that play a pair in step: from drawn pictures, and picture by picture while the camera moves."""

import logging
import time
from concurrent.futures import CancelledError, Future

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from learning.messages import Choice, Pair, PairKind
from sim.errors import UserError
from sim.framing import SideView
from sim.render import Image, Priority, SceneRenderer
from sim.task import CameraPose, Task
from ui import theme
from ui.camera_hand import CameraHand
from ui.drawn_size import DrawnSize
from ui.pair_frames import PICTURE_BUDGET_S, FrameStore, Look, PairFrames
from ui.pane import ClipPane
from ui.playback import FRAGMENT_SPEED, NORMAL_SPEED, TICK_SECONDS, Playback
from ui.sides import SIDES, Side

log = logging.getLogger(__name__)

SETTLE_SECONDS = 0.15
"""The clips are drawn anew when the camera or the size has stood still for so long."""
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
        self._hand: CameraHand | None = None
        self._store: FrameStore | None = None
        self._side_view, self._depth_cues = SideView.NONE, True
        self._fragment_speed, self._audition_speed = FRAGMENT_SPEED, NORMAL_SPEED
        self.playback: Playback | None = None
        self._pair: Pair | None = None
        self._next: Pair | None = None
        self._frames: PairFrames | None = None
        self._pending: PairFrames | None = None
        self._changed_at: float | None = None
        self._live = False
        self._flying: tuple[int, list[Future[Image]]] | None = None
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
        if self._next is None or self._store is None:
            return None
        return self._next if self._store.drawn(self._next) > 0 else None

    def set_task(self, task: Task | None) -> None:
        """Prepares for pairs of a task; shows none."""
        self.clear()
        if self._store is not None:
            self._store.clear()
        self._task = task
        self._hand = None if task is None else CameraHand(task)
        self._store = None if task is None else FrameStore(self._renderer, task)

    def clear(self, sentence: str = "", action: str = "") -> None:
        """Shows no pair, but a sentence. What was drawn is kept: the pair may come back."""
        self._drop_pending()
        self._pair, self._next, self._frames, self.playback = None, None, None, None
        self._shown_at = None
        self.say(sentence, action)

    def say(self, sentence: str, action: str = "") -> None:
        """Shows a sentence in place of both pictures."""
        for pane in self.panes:
            pane.show_message(sentence, action)

    def show_pair(self, pair: Pair) -> None:
        """Plays a pair from its start; at once, if it was prepared."""
        if self._task is None or self._store is None or (self._pair is not None and pair.id == self._pair.id):
            return
        self._drop_pending()
        self._pair, self._live = pair, False
        self._painted.clear()
        self._shown_at = None
        for pane in self.panes:
            # a pair that comes back before the one between was drawn is on the panes still
            pane.forget_painted()
        self._asked_at = time.monotonic()
        self.playback = Playback(max(len(pair.left), len(pair.right)), self._task.control_dt, self.speed)
        self._frames = self._store.get(pair, self._look(pair), self._priority)
        self._next = None
        self._present()
        self.moved.emit()

    def prepare(self, pair: Pair) -> None:
        """Draws a pair in advance."""
        self._next = pair
        self._prepare_next()

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
            self._look_differently()

    def stand(self, pose: CameraPose | None) -> None:
        """Looks from a pose that no drag moves; None lets the camera go."""
        if self._hand is not None:
            self._hand.stand(pose)
            self._look_differently()

    @Slot()
    def reset_camera(self) -> None:
        """The camera as the task wants it."""
        if self._hand is not None:
            self._hand.home()
            self._look_differently()

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
        if self.playback is None or self._frames is None:
            return
        self._settle()
        before = (self.playback.position, self.playback.cut_left)
        self.playback.advance(min(ticks, MOST_TICKS) * TICK_SECONDS, None if self._live else self._frames.drawn)
        self._present()
        if (self.playback.position, self.playback.cut_left) != before:
            self.moved.emit()

    def _present(self) -> None:
        """Puts the pictures of the present frame on the panes, of both or of none."""
        if self.playback is None or self._frames is None or self._pair is None:
            return
        frame = self.playback.frame
        if self._live:
            self._fly(frame)
            return
        images = self._frames.images(frame)
        if images is not None:
            self._put(images, frame)
        elif self._frames.error is not None:
            self._tell(self._frames.error)
        elif self._shown_at is None:
            self.say(DRAWING if time.monotonic() - self._asked_at > PATIENCE_SECONDS else "")

    def _put(self, images: tuple[Image, Image], frame: int) -> None:
        if self.playback is None or self._pair is None:
            return
        cut = self.playback.cut_share
        for pane, image, clip in zip(self.panes, images, (self._pair.left, self._pair.right), strict=True):
            pane.show_picture(image, self._pair.id, ended=frame >= len(clip), cut=cut)

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

    def _look(self, pair: Pair) -> Look:
        assert self._hand is not None
        assert self._store is not None
        ratio = self.devicePixelRatioF()
        pane, step = self.panes[0], self._step(pair)
        pictures = (len(pair.left) + len(pair.right)) // step
        sides = round(pane.width() * ratio), round(pane.height() * ratio)
        size = self._store.size(pair, sides, pictures, self.drawn_size)
        framed = self._store.framed(pair, self._hand.pose, size, self._side_view)
        if pair is self._pair:
            self._hand.shown = framed.main
        return Look(self._hand.pose, *size, step, self._side_view, self._depth_cues, framed)

    @Slot(float, float)
    def _on_orbited(self, across: float, down: float) -> None:
        if self._hand is not None:
            self._hand.orbit(across, down)
            self._look_differently()

    @Slot(float, float)
    def _on_panned(self, across: float, down: float) -> None:
        if self._hand is not None:
            self._hand.pan(across, down)
            self._look_differently()

    @Slot(float)
    def _on_zoomed(self, notches: float) -> None:
        if self._hand is not None:
            self._hand.zoom(notches)
            self._look_differently()

    @Slot()
    def _on_retry(self) -> None:
        if self._pair is not None and self._store is not None:
            self._store.clear()
            self._frames = self._store.get(self._pair, self._look(self._pair), self._priority)
            self._prepare_next()

    def _look_differently(self) -> None:
        """Shows the present frame in another look at once, and has the clips drawn anew soon."""
        if self._frames is not None and self._frames.error is None:
            self._live = True
        self._on_look_changed()

    @Slot()
    def _on_look_changed(self) -> None:
        self._changed_at = time.monotonic()

    def _settle(self) -> None:
        """Asks for pictures in the new look once it stands still, and takes them when they are all there."""
        if self._pair is None or self._store is None:
            return
        if self._changed_at is not None and time.monotonic() - self._changed_at >= SETTLE_SECONDS:
            self._changed_at = None
            self._redraw(self._pair)
        if self._pending is not None and self._pending.done:
            self._frames, self._pending = self._pending, None
            self._store.put(self._frames)
            self._live = False
            self._prepare_next()
        elif self._pending is not None and self._pending.error is not None:
            self._frames, self._pending, self._live = self._pending, None, False

    def _redraw(self, pair: Pair) -> None:
        look = self._look(pair)
        if self._frames is not None and self._frames.look == look:
            self._drop_pending()
            return
        if self._pending is not None and self._pending.look == look:
            return
        self._drop_pending(live=self._live)
        assert self._task is not None
        priority = self._priority if self._shown_at is None else Priority(min(self._priority + 1, Priority.IDLE))
        self._pending = PairFrames(self._renderer, self._task, pair, look, priority)
        if self._shown_at is None and self._frames is not None:
            self._frames.cancel()
            self._frames, self._pending = self._pending, None
            if self._store is not None:
                self._store.put(self._frames)

    def _prepare_next(self) -> None:
        if self._next is not None and self._store is not None:
            self._store.get(self._next, self._look(self._next), Priority(min(self._priority + 2, Priority.IDLE)))

    def _drop_pending(self, *, live: bool = False) -> None:
        if self._pending is not None:
            self._pending.cancel()
        self._pending, self._changed_at, self._live = None, None, live
        if self._flying is not None:
            for future in self._flying[1]:
                future.cancel()
            self._flying = None

    def _fly(self, frame: int) -> None:
        """Shows single pictures in the new look, of both clips or of none, and asks for the next ones."""
        if self._flying is not None:
            flown, futures = self._flying
            if not all(future.done() for future in futures):
                return
            self._flying = None
            try:
                left, right = (future.result() for future in futures)
            except CancelledError:
                return
            except Exception as error:  # noqa: BLE001 - whatever a driver throws, the panes say so
                self._live = False
                self._tell(error)
                return
            self._put((left, right), flown)
        self._flying = (frame, [self._single(side, frame) for side in Side])

    def _single(self, side: Side, frame: int) -> Future[Image]:
        assert self._pair is not None
        assert self._task is not None
        clip = self._pair.left if side is Side.LEFT else self._pair.right
        at = min(frame, len(clip) - 1)
        look = self._look(self._pair)
        return self._renderer.submit(look.request(self._task, clip, at), self._priority)
