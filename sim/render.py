"""Drawing off screen: finished pictures for whoever asks, from any thread.

For instance:

    with create_renderer() as renderer:
        picture = renderer.render(FrameRequest(task, clip.states[0], task.camera))
"""

from concurrent.futures import Future
from typing import Protocol, Self

from sim.backends import BEST, GLReport, NoRendererError, Quality
from sim.clip import Clip
from sim.drawing_costs import DrawingCosts
from sim.framing import Framed, Framing, SideView
from sim.render_jobs import ClipFrames, Priority
from sim.render_thread import ThreadRenderer
from sim.scenes import FrameRequest, Image, drawable_size
from sim.task import CameraPose, Task

__all__ = [
    "BEST",
    "ClipFrames",
    "DrawingCosts",
    "FrameRequest",
    "Framed",
    "Framing",
    "GLReport",
    "Image",
    "NoRendererError",
    "Priority",
    "Quality",
    "SceneRenderer",
    "create_renderer",
    "drawable_size",
]


class SceneRenderer(Protocol):
    """Turns requests into pictures. Every method may be called from any thread."""

    @property
    def ready(self) -> Future[GLReport]:
        """Done when the first picture can be drawn, with what was found out; or holds the NoRendererError."""
        ...

    @property
    def costs(self) -> DrawingCosts:
        """What pictures cost here, as far as it was measured."""
        ...

    def render(self, request: FrameRequest, priority: Priority = Priority.LIVE) -> Image:
        """Waits for one picture (h, w, 3), RGB. Raises NoRendererError."""
        ...

    def submit(self, request: FrameRequest, priority: Priority = Priority.LIVE) -> Future[Image]:
        """Asks for one picture; cancel the future when nobody wants it now. `result()` may raise NoRendererError."""
        ...

    def render_clip(
        self,
        task: Task,
        clip: Clip,
        camera: CameraPose,
        size: tuple[int, int],
        every: int = 1,
        priority: Priority = Priority.PAIR,
        *,
        side_view: SideView | bool = SideView.NONE,
        trail: int = 0,
        height_line: bool = False,
        framed: Framed | None = None,
        travel: bool = False,
    ) -> ClipFrames:
        """Asks for the pictures of a clip, drawn in order.

        Args:
            task: the clip's task.
            clip: what to draw.
            camera: from where.
            size: (width, height) in pixels.
            every: draw each so-manieth frame of the clip, from the first.
            priority: see `Priority`; `ClipFrames.promote` changes it.
            side_view: adds the second view.
            trail: so many frames of the clip before each are drawn as a trail.
            height_line: adds the height line.
            framed: how the cameras have given way; see `Framing`. None leaves them where they are.
            travel: adds distance and speed along the floor where the task asks for motion along it.
        """
        ...

    def set_sparing(self, on: bool) -> None:
        """Leaves the machine to others: from now on what is drawn in advance comes slowly, or at full speed again."""
        ...

    def close(self) -> None:
        """Cancels what is waiting and frees the context. Asking afterwards raises RuntimeError. Safe to repeat."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...


def create_renderer(quality: Quality | None = None) -> SceneRenderer:
    """The renderer for this machine; returns at once, while its thread still finds out how to draw.

    Args:
        quality: None for what the machine can afford; BEST for pictures that nobody waits for.
    """
    return ThreadRenderer(quality)
