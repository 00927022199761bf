"""The drawn pictures of pairs: of the one on screen, of the next one in advance, and of the last one for undo."""

from collections.abc import Iterator
from dataclasses import dataclass

from learning.messages import Pair
from sim.clip import Clip
from sim.framing import Framed, Framing, Poses, SideView
from sim.render import ClipFrames, FrameRequest, Image, Priority, SceneRenderer
from sim.render_jobs import frame_request
from sim.task import CameraPose, Task
from ui.drawn_size import DrawnSize

TRAIL_FRAMES = 30
"""Length of the trail among the depth cues, half a second."""
PICTURE_BUDGET_S = 0.012
"""A picture should cost no more than this to draw: two panes at 30 a second, and time for the live policy."""
MOST_BYTES = 256 * 2**20
"""Memory for the pictures of one pair; longer clips are drawn smaller."""
BYTES_A_PIXEL = 3
LEAST_PIXELS = 200 * 150
"""They are never drawn smaller than this for want of memory."""
KEPT_PAIRS = 3


@dataclass(frozen=True, slots=True)
class Look:
    """How a pair is drawn."""

    camera: CameraPose
    width: int
    height: int
    """Pixels of one picture."""
    every: int = 2
    """Draws each so-manieth frame; 1 for slow motion."""
    side_view: SideView | bool = SideView.NONE
    depth_cues: bool = True
    framed: Framed | None = None
    """How the cameras have given way, one way for both clips and all their frames."""

    def request(self, task: Task, clip: Clip, frame: int) -> FrameRequest:
        """The picture of one frame of a clip."""
        first = FrameRequest(
            task,
            clip.states[frame],
            self.camera,
            self.width,
            self.height,
            self.side_view,
            height_line=self.depth_cues,
            framed=self.framed,
        )
        trail = TRAIL_FRAMES if self.depth_cues else 0
        return frame_request(first, clip, frame, trail, with_travel=self.depth_cues)


def most_pixels(pictures: int) -> float:
    """There is memory for no more pixels in each of so many pictures of a pair."""
    return max(MOST_BYTES / (BYTES_A_PIXEL * max(1, pictures)), LEAST_PIXELS)


class PairFrames:
    """The pictures of one pair in one look."""

    def __init__(self, renderer: SceneRenderer, task: Task, pair: Pair, look: Look, priority: Priority) -> None:
        """Asks for them."""
        self.pair, self.look = pair, look
        self._sides: tuple[ClipFrames, ClipFrames] = tuple(  # type: ignore[assignment]
            renderer.render_clip(
                task,
                clip,
                look.camera,
                (look.width, look.height),
                look.every,
                priority,
                side_view=look.side_view,
                trail=TRAIL_FRAMES if look.depth_cues else 0,
                height_line=look.depth_cues,
                framed=look.framed,
                travel=look.depth_cues,
            )
            for clip in (pair.left, pair.right)
        )

    @property
    def drawn(self) -> int:
        """Frames from the start that can be shown of both; a clip that is drawn to its end waits for the other."""
        return min(
            max(map(len, (self.pair.left, self.pair.right)))
            if frames.ready == len(frames)
            else frames.ready * self.look.every
            for frames in self._sides
        )

    @property
    def done(self) -> bool:
        """Whether all pictures are there."""
        return all(frames.ready == len(frames) for frames in self._sides)

    @property
    def lost(self) -> bool:
        """Whether no more pictures come although some are missing."""
        return any(frames.done and frames.ready < len(frames) for frames in self._sides)

    @property
    def error(self) -> BaseException | None:
        """Why there are no more pictures, if drawing failed."""
        return next((frames.error for frames in self._sides if frames.error is not None), None)

    def images(self, frame: int) -> tuple[Image, Image] | None:
        """The pictures of a frame, each clip as far as it goes; None if one is not drawn yet."""
        left, right = (frames.frame(min(frame // self.look.every, len(frames) - 1)) for frames in self._sides)
        return None if left is None or right is None else (left, right)

    def promote(self, priority: Priority) -> None:
        """Changes who is served first."""
        for frames in self._sides:
            frames.promote(priority)

    def cancel(self) -> None:
        """Stops drawing."""
        for frames in self._sides:
            frames.cancel()


@dataclass(slots=True)
class _Known:
    """What was found out about a pair."""

    poses: list[Poses]
    """Of both clips."""
    wanted: tuple[int, int, int] | None = None
    """Width and height to fill, and the number of pictures, for which the size was decided."""
    size: tuple[int, int] = (0, 0)


class FrameStore:
    """The pictures of the last few pairs. All on the GUI thread; nothing waits."""

    def __init__(self, renderer: SceneRenderer, task: Task) -> None:
        """Empty."""
        self._renderer, self._task = renderer, task
        self._kept: dict[int, PairFrames] = {}
        self._framing = Framing(task)
        self._known: dict[int, _Known] = {}

    def size(self, pair: Pair, sides: tuple[int, int], pictures: int, drawn_size: DrawnSize) -> tuple[int, int]:
        """The size of a pair's pictures: decided once, or what was drawn in advance would be drawn anew for a little.

        Args:
            pair: the pair.
            sides: (width, height) of the screen's pixels that each picture fills.
            pictures: how many there will be of both clips.
            drawn_size: decides it.
        """
        known, wanted = self._known_of(pair), (*sides, pictures)
        if known.wanted != wanted:
            known.wanted, known.size = wanted, drawn_size.size(*sides, most_pixels(pictures))
        return known.size

    def framed(self, pair: Pair, camera: CameraPose, size: tuple[int, int], side_view: SideView | bool) -> Framed:
        """How the cameras give way, so that all that moves in both clips is in their pictures of (width, height)."""
        return self._framing.frame(self._known_of(pair).poses, camera, *size, SideView(side_view))

    def _known_of(self, pair: Pair) -> "_Known":
        found = self._known.pop(pair.id, None)
        if found is None:
            found = _Known([self._framing.poses(clip.states) for clip in (pair.left, pair.right)])
        self._known[pair.id] = found  # last: the oldest goes first
        for old in list(self._known)[:-KEPT_PAIRS]:
            del self._known[old]
        return found

    def get(self, pair: Pair, look: Look, priority: Priority) -> PairFrames:
        """The pictures of `pair`: those there are, or freshly asked for."""
        found = self._kept.pop(pair.id, None)
        if found is not None and (found.look != look or found.lost):
            found.cancel()
            found = None
        if found is None:
            found = PairFrames(self._renderer, self._task, pair, look, priority)
        else:
            found.promote(priority)
        self._kept[pair.id] = found  # last: the oldest goes first
        for old in list(self._surplus()):
            self._kept.pop(old).cancel()
        return found

    def drawn(self, pair: Pair) -> int:
        """How many frames of a pair could be shown at once."""
        found = self._kept.get(pair.id)
        return 0 if found is None else found.drawn

    def put(self, frames: PairFrames) -> None:
        """Takes pictures in that were asked for elsewhere, in place of older ones of their pair."""
        old = self._kept.pop(frames.pair.id, None)
        if old is not None and old is not frames:
            old.cancel()
        self._kept[frames.pair.id] = frames

    def clear(self) -> None:
        """Forgets them all."""
        for frames in self._kept.values():
            frames.cancel()
        self._kept.clear()
        self._known.clear()

    def _surplus(self) -> Iterator[int]:
        yield from list(self._kept)[: max(0, len(self._kept) - KEPT_PAIRS)]
