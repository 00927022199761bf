"""The pictures of the pair on screen, and how it is looked at: another look is flown through while it is drawn."""

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass

from learning.messages import Pair
from sim.framing import SideView
from sim.render import Image, Priority, SceneRenderer
from sim.task import Task
from ui.camera_hand import CameraHand
from ui.drawn_size import DrawnSize
from ui.pair_frames import FrameStore, Look, PairFrames
from ui.sides import Side

SETTLE_SECONDS = 0.15
"""The clips are drawn anew when the camera or the size has stood still for so long."""


@dataclass(frozen=True, slots=True)
class Showing:
    """How the panes show a pair, whatever the camera does."""

    sides: tuple[int, int]
    """(width, height) of the screen's pixels that each picture fills."""
    every: int
    """Frames of the clip from picture to picture."""
    side_view: SideView
    depth_cues: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """The pictures of one frame of both clips."""

    frame: int
    images: tuple[Image, Image]


class PairPictures:
    """Of the pairs of one task. While the look changes, single pictures come in place of drawn clips. Knows no Qt."""

    def __init__(
        self,
        renderer: SceneRenderer,
        task: Task,
        priority: Priority,
        drawn_size: DrawnSize,
        showing: Callable[[Pair], Showing],
    ) -> None:
        """Draws nothing yet.

        Args:
            renderer: draws them.
            task: whose pairs they are.
            priority: of the pair on screen; the next pair waits for it.
            drawn_size: decides how many pixels a picture has.
            showing: tells how the panes show a pair now.
        """
        self._renderer, self._task, self._priority = renderer, task, priority
        self._drawn_size, self._showing = drawn_size, showing
        self._store = FrameStore(renderer, task)
        self.hand = CameraHand(task)
        """Where the clips are seen from."""
        self.live = False
        """Whether the clips are shown picture by picture, since the look is another than theirs."""
        self.error: BaseException | None = None
        """Why `at` had no picture when it was last asked; None if there is one, or it is still being drawn."""
        self._pair: Pair | None = None
        self._next: Pair | None = None
        self._frames: PairFrames | None = None
        self._pending: PairFrames | None = None
        """The same clips in another look, which take the place of `_frames` when they are all there."""
        self._changed_at: float | None = None
        self._flying: tuple[int, list[Future[Image]]] | None = None
        """The single pictures that were asked for, and of which frame."""

    # Which pairs

    def show(self, pair: Pair) -> None:
        """This pair is on the screen from now on; its pictures are there at once, if it was prepared."""
        self._drop_pending()
        self._pair, self._next = pair, None
        self._frames = self._store.get(pair, self._look(pair), self._priority)

    def prepare(self, pair: Pair) -> None:
        """Draws the next pair in advance."""
        self._next = pair
        self._prepare_next()

    @property
    def ready_pair(self) -> Pair | None:
        """The next pair, if it could be shown at once."""
        return self._next if self._next is not None and self._store.drawn(self._next) > 0 else None

    def leave(self) -> None:
        """No pair is on the screen. What was drawn is kept: the pair may come back."""
        self._drop_pending()
        self._pair, self._next, self._frames = None, None, None

    def forget(self) -> None:
        """Stops drawing, and keeps nothing."""
        self.leave()
        self._store.clear()

    def draw_again(self) -> None:
        """Has all clips drawn from their start, after drawing failed."""
        if self._pair is not None:
            self._store.clear()
            self._frames = self._store.get(self._pair, self._look(self._pair), self._priority)
            self._prepare_next()

    # What there is to see

    @property
    def drawn(self) -> int | None:
        """Frames from the start that can be played; None if any can."""
        if self.live:
            return None
        return 0 if self._frames is None else self._frames.drawn

    def at(self, frame: int) -> Drawn | None:
        """The pictures to be seen at a frame, of both clips; None if there are none, or no newer ones than before."""
        self.error = None
        if self._pair is None or self._frames is None:
            return None
        if self.live:
            return self._fly(self._pair, frame)
        images = self._frames.images(frame)
        if images is None:
            self.error = self._frames.error
            return None
        return Drawn(frame, images)

    # Another look

    def move(self, change: Callable[[CameraHand], None]) -> None:
        """Moves the camera, and looks from there at once."""
        change(self.hand)
        self.look_differently()

    def look_differently(self) -> None:
        """Shows single pictures in another look at once, and has the clips drawn anew soon."""
        if self._frames is not None and self._frames.error is None:
            self.live = True
        self.look_changed()

    def look_changed(self) -> None:
        """Has the clips drawn anew soon; until then they are shown as they are."""
        self._changed_at = time.monotonic()

    def settle(self, *, seen: bool) -> None:
        """Asks for clips in the new look once it stands still, and takes them when they are all there.

        Args:
            seen: whether the pair has been on the screen, where it stays until the new pictures are all there.
        """
        if self._pair is None:
            return
        if self._changed_at is not None and time.monotonic() - self._changed_at >= SETTLE_SECONDS:
            self._changed_at = None
            self._redraw(self._pair, seen=seen)
        if self._pending is not None and self._pending.done:
            self._frames, self._pending = self._pending, None
            self._store.put(self._frames)
            self.live = False
            self._prepare_next()
        elif self._pending is not None and self._pending.error is not None:
            self._frames, self._pending, self.live = self._pending, None, False

    def _look(self, pair: Pair) -> Look:
        showing = self._showing(pair)
        pictures = (len(pair.left) + len(pair.right)) // showing.every
        size = self._store.size(pair, showing.sides, pictures, self._drawn_size)
        framed = self._store.framed(pair, self.hand.pose, size, showing.side_view)
        if pair is self._pair:
            self.hand.shown = framed.main
        return Look(self.hand.pose, *size, showing.every, showing.side_view, showing.depth_cues, framed)

    def _redraw(self, pair: Pair, *, seen: bool) -> None:
        look = self._look(pair)
        if self._frames is not None and self._frames.look == look:
            self._drop_pending()
            return
        if self._pending is not None and self._pending.look == look:
            return
        self._drop_pending(live=self.live)
        priority = _after(self._priority, 1) if seen else self._priority
        self._pending = PairFrames(self._renderer, self._task, pair, look, priority)
        if not seen and self._frames is not None:
            self._frames.cancel()
            self._frames, self._pending = self._pending, None
            self._store.put(self._frames)

    def _prepare_next(self) -> None:
        if self._next is not None:
            self._store.get(self._next, self._look(self._next), _after(self._priority, 2))

    def _drop_pending(self, *, live: bool = False) -> None:
        if self._pending is not None:
            self._pending.cancel()
        self._pending, self._changed_at, self.live = None, None, live
        if self._flying is not None:
            for future in self._flying[1]:
                future.cancel()
            self._flying = None

    def _fly(self, pair: Pair, frame: int) -> Drawn | None:
        """Single pictures in the new look, of both clips or of none; asks for the next ones when these are there."""
        flown: Drawn | None = None
        if self._flying is not None:
            asked, futures = self._flying
            if not all(future.done() for future in futures):
                return None
            self._flying = None
            try:
                left, right = (future.result() for future in futures)
            except CancelledError:
                return None
            except Exception as error:  # noqa: BLE001 - whatever a driver throws, the panes say so
                self.live, self.error = False, error
                return None
            flown = Drawn(asked, (left, right))
        self._flying = (frame, [self._single(pair, side, frame) for side in Side])
        return flown

    def _single(self, pair: Pair, side: Side, frame: int) -> Future[Image]:
        clip = pair.left if side is Side.LEFT else pair.right
        request = self._look(pair).request(self._task, clip, min(frame, len(clip) - 1))
        return self._renderer.submit(request, self._priority)


def _after(priority: Priority, steps: int) -> Priority:
    """So many steps less urgent."""
    return Priority(min(priority + steps, Priority.IDLE))
