"""The renderer that draws in one thread, which owns its OpenGL context."""

import atexit
import logging
import threading
import time
import weakref
from concurrent.futures import Future
from typing import Self

from sim.backends import TRIAL_SIZE, Context, GLReport, Quality, open_context, probe
from sim.clip import Clip
from sim.drawing_costs import DrawingCosts
from sim.framing import Framed, SideView
from sim.render_jobs import ClipFrames, Job, Priority, SingleFrame
from sim.scenes import SIZE_RANGE, FrameRequest, Image, TaskScene
from sim.task import CameraPose, Task

log = logging.getLogger(__name__)

SPARING_SHARE = 0.05
"""Of its time, what is drawn in advance may take while the renderer is sparing."""
CLOSE_SECONDS = 2.0
"""Closing waits this long for the picture that is being drawn, and then leaves the thread to end by itself."""


class ThreadRenderer:
    """Draws in a thread of its own. See `sim.render.SceneRenderer`."""

    def __init__(self, quality: Quality | None = None) -> None:
        self._drawer = _Drawer(quality)
        # the thread knows the drawer alone, so that a renderer nobody holds any more is collected, and its thread ends
        weakref.finalize(self, self._drawer.close).atexit = False
        self._drawer.thread.start()

    @property
    def ready(self) -> Future[GLReport]:
        """Done when the first picture can be drawn."""
        return self._drawer.ready

    @property
    def costs(self) -> DrawingCosts:
        """What pictures cost here."""
        return self._drawer.costs

    def render(self, request: FrameRequest, priority: Priority = Priority.LIVE) -> Image:
        """Waits for one picture."""
        return self.submit(request, priority).result()

    def submit(self, request: FrameRequest, priority: Priority = Priority.LIVE) -> Future[Image]:
        """Asks for one picture."""
        job = SingleFrame(request, priority)
        self._drawer.add(job)
        return job.future

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
        """Asks for the pictures of a clip."""
        first = FrameRequest(
            task, clip.states[0], camera, *size, side_view=side_view, height_line=height_line, framed=framed
        )
        job = ClipFrames(clip, first, every, priority, trail, self._drawer.wake, travel=travel)
        self._drawer.add(job)
        return job

    def set_sparing(self, on: bool) -> None:
        """Draws in advance slowly, or as fast as it can."""
        self._drawer.set_sparing(on)

    def close(self) -> None:
        """Cancels what is waiting, and ends the thread."""
        self._drawer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _Drawer:
    """The thread's side: the queue, the context, and a scene for each task."""

    def __init__(self, quality: Quality | None) -> None:
        self.ready: Future[GLReport] = Future()
        self.costs = DrawingCosts()
        self.thread = threading.Thread(target=self._run, name="renderer", daemon=True)
        self._quality = quality
        self._waiting: list[Job] = []
        self._changed = threading.Condition()
        self._closing = False
        self._failure: Exception | None = None
        self._sparing = False
        self._rested_at = 0.0
        """When the next picture may be drawn in advance while it is sparing."""

    def add(self, job: Job) -> None:
        """Queues a job; fails it at once if nothing can be drawn."""
        with self._changed:
            if self._closing:
                raise RuntimeError("the renderer is closed")
            if self._failure is None:
                self._waiting.append(job)
                self._changed.notify()
                return
        job.fail(self._failure)

    def wake(self) -> None:
        """Looks at the queue again."""
        with self._changed:
            self._changed.notify()

    def set_sparing(self, on: bool) -> None:
        """Whether what is drawn in advance gets no more than its share of the time."""
        with self._changed:
            if on != self._sparing:  # told often, and seldom anything new
                self._sparing = on
                self._changed.notify()

    def close(self) -> None:
        """Drops the queue and ends the thread."""
        with self._changed:
            self._closing = True
            dropped, self._waiting = self._waiting, []
            self._changed.notify()
        atexit.unregister(self.close)
        for job in dropped:
            job.drop()
        if self.thread.is_alive() and self.thread is not threading.current_thread():
            self.thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            report = probe()
            context = open_context(report.backend, SIZE_RANGE[0], SIZE_RANGE[0])
            context.make_current()
            # a daemon thread still lives while these run: nothing hangs and nothing is cut off. Registered only now,
            # this runs before EGL's own, which would take the display from under the context.
            atexit.register(self.close)
        except Exception as error:  # noqa: BLE001 - whatever a driver throws, whoever waits must hear of it
            self._give_up(error)
            return
        quality = self._quality or Quality.affordable(report)
        log.info("drawing with %s (%s), %s", report.backend, report.renderer, quality)
        self.costs.begin(TRIAL_SIZE[0] * TRIAL_SIZE[1], report.ms_plain / 1e3)
        self.ready.set_result(report)
        scenes: dict[str, TaskScene] = {}
        try:
            self._serve(scenes, quality)
        finally:
            _free(scenes, context)

    def _serve(self, scenes: dict[str, TaskScene], quality: Quality) -> None:
        def draw(request: FrameRequest) -> Image:
            key = request.task.model_hash
            if key not in scenes:
                scenes[key] = TaskScene(request.task, quality)
            began = time.perf_counter()
            picture = scenes[key].draw(request)
            self.costs.note(request.width * request.height, time.perf_counter() - began)
            return picture

        while (job := self._next()) is not None:
            began = time.monotonic()
            finished = job.advance(draw)
            if job.priority >= Priority.NEXT_PAIR:
                now = time.monotonic()
                self._rested_at = now + (now - began) * (1.0 / SPARING_SHARE - 1.0)
            if not finished:
                self._requeue(job)

    def _next(self) -> Job | None:
        """Takes the most urgent job out of the queue, waiting for one; None when closing."""
        with self._changed:
            while not self._closing:
                self._waiting = [job for job in self._waiting if job.wanted]
                # the first of equals: a clip goes to the end after each picture, so that equals take turns
                job = min(self._waiting, key=lambda waiting: waiting.priority, default=None)
                rest = self._rest(job) if job is not None else None
                if job is not None and rest is None:
                    self._waiting.remove(job)
                    return job
                self._changed.wait(rest)
        return None

    def _rest(self, job: Job) -> float | None:
        """Seconds that a job must still wait while the renderer is sparing; None if it need not."""
        left = self._rested_at - time.monotonic()
        return left if self._sparing and job.priority >= Priority.NEXT_PAIR and left > 0.0 else None

    def _requeue(self, job: Job) -> None:
        with self._changed:
            if not self._closing:
                self._waiting.append(job)
                return
        job.drop()

    def _give_up(self, error: Exception) -> None:
        log.warning("nothing can be drawn: %s", error)
        with self._changed:
            self._failure = error
            failed, self._waiting = self._waiting, []
        self.ready.set_exception(error)
        for job in failed:
            job.fail(error)


def _free(scenes: dict[str, TaskScene], context: Context) -> None:
    for scene in scenes.values():
        scene.free()
    context.free()
