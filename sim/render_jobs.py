"""What waits to be drawn: single pictures, and clips that are drawn a picture at a time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from enum import IntEnum
from typing import Protocol

from sim.checks import whole_number
from sim.clip import Clip
from sim.scenes import FrameRequest, Image
from sim.travel import speed_steps, travel

Draw = Callable[[FrameRequest], Image]


class Priority(IntEnum):
    """Who is served first; within one priority clips take turns, picture by picture."""

    PAIR = 0
    """The pair on screen."""
    LIVE = 1
    """The live policy."""
    NEXT_PAIR = 2
    """The pair that will be on screen next."""
    IDLE = 3
    """Whatever can wait: previews, exports."""


class Job(Protocol):
    """Something that waits to be drawn."""

    priority: Priority

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        ...

    def advance(self, draw: Draw) -> bool:
        """Draws one picture; returns whether that was the last."""
        ...

    def fail(self, error: BaseException) -> None:
        """Tells whoever waits that there will be no picture."""
        ...

    def drop(self) -> None:
        """Cancels it."""
        ...


class SingleFrame:
    """One picture."""

    def __init__(self, request: FrameRequest, priority: Priority) -> None:
        self.priority = priority
        self.future: Future[Image] = Future()
        self._request = request

    @property
    def wanted(self) -> bool:
        """Whether it was not cancelled."""
        return not self.future.cancelled()

    def advance(self, draw: Draw) -> bool:
        """Draws it."""
        if self.future.set_running_or_notify_cancel():
            try:
                self.future.set_result(draw(self._request))
            except Exception as error:  # noqa: BLE001 - it belongs to whoever asked, not to the thread
                self.future.set_exception(error)
        return True

    def fail(self, error: BaseException) -> None:
        """Raises `error` where the picture is waited for."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)

    def drop(self) -> None:
        """Cancels it."""
        self.future.cancel()


def frame_request(
    model: FrameRequest, clip: Clip, index: int, trail: int, *, with_travel: bool = False
) -> FrameRequest:
    """The request of one frame of a clip.

    Args:
        model: all that the frames have in common.
        clip: what is drawn.
        index: the frame.
        trail: so many frames before it are its trail; 0 is no trail.
        with_travel: adds distance and speed along the floor, where the task asks for motion along it.
    """
    states = clip.states
    past = states[max(0, index - trail) : index + 1] if trail else None
    task = model.task
    way = travel(task, states[0], states[max(0, index - speed_steps(task)) : index + 1]) if with_travel else None
    return replace(model, state=states[index], trail=past, travel=way)


class ClipFrames:
    """The pictures of a clip, which come one after the other. All methods may be called from any thread."""

    def __init__(
        self,
        clip: Clip,
        first: FrameRequest,
        every: int,
        priority: Priority,
        trail: int,
        wake: Callable[[], None],
        *,
        travel: bool = False,
    ) -> None:
        """Prepares the pictures; the renderer draws them.

        Args:
            clip: what is drawn.
            first: the request of its first picture, the model of all the others.
            every: draws each so-manieth frame.
            priority: who is served first.
            trail: so many frames of the clip before each are its trail; 0 is no trail.
            wake: called when the priority changes.
            travel: draws distance and speed along the floor, where the task asks for motion along it.

        Raises:
            InputError: `every` or `trail` is no whole number in its range.
        """
        every, trail = whole_number("every", every, 1), whole_number("trail", trail, 0)
        self.clip = clip
        self.indices = tuple(range(0, len(clip), every))
        """The clip's frame of each picture."""
        self.priority = priority
        self._first = first
        self._trail, self._travel = trail, travel
        self._wake = wake
        self._frames: list[Image] = []
        self._changed = threading.Condition()
        self._cancelled = False
        self._error: BaseException | None = None

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def ready(self) -> int:
        """How many pictures are drawn."""
        return len(self._frames)

    @property
    def done(self) -> bool:
        """Whether no more pictures will come: all are drawn, it failed, or it was cancelled."""
        return self.ready == len(self) or not self.wanted

    @property
    def cancelled(self) -> bool:
        """Whether it was cancelled before its last picture."""
        return self._cancelled

    @property
    def error(self) -> BaseException | None:
        """Why there are no more pictures, if drawing failed."""
        return self._error

    @property
    def wanted(self) -> bool:
        """Whether it was neither cancelled nor failed."""
        return not self._cancelled and self._error is None

    def frame(self, index: int) -> Image | None:
        """Picture `index` of `len(self)`; None if it is not drawn yet. Never waits."""
        return self._frames[index] if index < len(self._frames) else None

    def cancel(self) -> None:
        """Stops drawing. The pictures drawn so far stay."""
        with self._changed:
            self._cancelled = self.ready < len(self)
            self._changed.notify_all()

    def promote(self, priority: Priority) -> None:
        """Changes who is served first, as when the next pair comes on screen."""
        self.priority = priority
        self._wake()

    def wait(self, timeout: float | None = None) -> list[Image]:
        """Waits for all pictures.

        Raises:
            CancelledError: it was cancelled.
            TimeoutError: they took longer than `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self.done, timeout):
                raise TimeoutError(f"{self.ready} of {len(self)} pictures after {timeout} s")
        self._raise_if_over()
        return list(self._frames)

    def __iter__(self) -> Iterator[Image]:
        """Yields the pictures in order, waiting for each."""
        for index in range(len(self)):
            with self._changed:
                while index >= self.ready and self.wanted:
                    self._changed.wait()
            if index >= self.ready:
                self._raise_if_over()
            yield self._frames[index]

    def advance(self, draw: Draw) -> bool:
        """Draws the next picture."""
        index = self.indices[self.ready]
        try:
            picture = draw(frame_request(self._first, self.clip, index, self._trail, with_travel=self._travel))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked, not to the thread
            self.fail(error)
            return True
        with self._changed:
            self._frames.append(picture)
            self._changed.notify_all()
        return self.ready == len(self)

    def fail(self, error: BaseException) -> None:
        """Raises `error` where the pictures are waited for."""
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def drop(self) -> None:
        """Cancels it."""
        self.cancel()

    def _raise_if_over(self) -> None:
        if self._error is not None:
            raise self._error
        if self._cancelled:
            raise CancelledError
