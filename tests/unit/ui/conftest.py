"""A studio with fake trainers, pairs whose frames can be told apart, and renderers that draw when a test wants it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app import threads
from app.desk import SessionDesk
from app.studio import Studio
from learning.messages import Pair, PairKind, Phase, TrainerState
from sim.backends import GLReport, NoRendererError
from sim.clip import Clip
from sim.framing import Framed
from sim.policy import PolicyWeights
from sim.registry import get_task
from sim.render import ClipFrames, DrawingCosts, FrameRequest, Image, Priority
from sim.task import CameraPose, Task
from tests.unit.app.conftest import TASK, FakeTrainer, FakeTrainers

WAIT_MS = 10_000
LEFT_FRAMES, RIGHT_FRAMES = 12, 8
AUDITION_PAIR = 2
"""This pair is an audition, all others are not."""


def long_pair(task: Task, number: int) -> Pair:
    """Pair `number`; the time of each state is the frame's number, which the plain renderer draws."""

    def clip(frames: int) -> Clip:
        states = np.zeros((frames, task.state_size))
        states[:, 0] = np.arange(frames)
        states[:, 1 : 1 + task.model.nq] = task.model.qpos0
        observations = np.zeros((frames, task.observation_size), np.float32)
        actions = np.zeros((frames, task.action_size), np.float32)
        return Clip(task.name, task.model_hash, task.control_dt, states, observations, actions)

    kind = PairKind.AUDITION if number == AUDITION_PAIR else PairKind.FRAGMENT
    return Pair(number, kind, clip(LEFT_FRAMES), clip(RIGHT_FRAMES))


class LongPairTrainer(FakeTrainer):
    """Offers pairs that can be looked at."""

    def open_pairs(self) -> tuple[Pair, ...]:
        return tuple(long_pair(self.task, number) for number in self.open)


@dataclass
class LongPairTrainers(FakeTrainers):
    """Makes these."""

    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> FakeTrainer:
        self.made.append(LongPairTrainer(task, config, seed))
        return self.made[-1]

    def restored(self, task: Task, state: TrainerState) -> FakeTrainer:
        trainer = super().restored(task, state)
        trainer.__class__ = LongPairTrainer
        return trainer


class PlainRenderer:
    """Draws each frame in one colour whose red is the time of its state; at once, or clips when a test says so."""

    def __init__(self) -> None:
        self.at_once = True
        self.failure: Exception | None = None
        self.clips: list[ClipFrames] = []
        self.singles: list[FrameRequest] = []
        self.ready: Future[GLReport] = Future()
        self.ready.set_result(GLReport("plain", "plain", 0.1, 0.1, 0))
        self.sparing = False
        self.costs = DrawingCosts()

    def set_sparing(self, on: bool) -> None:
        self.sparing = on

    def draw(self, request: FrameRequest) -> Image:
        picture = np.zeros((request.height, request.width, 3), np.uint8)
        picture[..., 0] = min(round(float(request.state[0])), 255)
        return picture

    def submit(self, request: FrameRequest, priority: Priority = Priority.LIVE) -> "Future[Image]":
        self.singles.append(request)
        future: Future[Image] = Future()
        if self.failure is not None:
            future.set_exception(self.failure)
        else:
            future.set_result(self.draw(request))
        return future

    def render_clip(
        self,
        task: Task,
        clip: Clip,
        camera: CameraPose,
        size: tuple[int, int],
        every: int = 1,
        priority: Priority = Priority.PAIR,
        *,
        side_view: bool = False,
        trail: int = 0,
        height_line: bool = False,
        framed: Framed | None = None,
        travel: bool = False,
    ) -> ClipFrames:
        first = FrameRequest(
            task, clip.states[0], camera, *size, side_view=side_view, height_line=height_line, framed=framed
        )
        job = ClipFrames(clip, first, every, priority, trail, lambda: None, travel=travel)
        self.clips.append(job)
        if self.failure is not None:
            job.fail(self.failure)
        elif self.at_once:
            self.finish(job)
        return job

    def finish(self, job: ClipFrames) -> None:
        """Draws what is missing of a clip."""
        while not job.done:
            job.advance(self.draw)


class PatientRenderer(PlainRenderer):
    """Keeps every request for a single picture until a test has it drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[FrameRequest, Priority, Future[Image]]] = []
        self.at_once = False

    def submit(self, request: FrameRequest, priority: Priority = Priority.LIVE) -> "Future[Image]":
        future: Future[Image] = Future()
        self.waiting.append((request, priority, future))
        return future

    @property
    def newest(self) -> FrameRequest:
        return self.waiting[-1][0]

    def draw_newest(self) -> FrameRequest:
        """Draws the newest request; returns it."""
        request, _, future = self.waiting[-1]
        future.set_result(self.draw(request))
        return request

    def refuse(self) -> None:
        """Fails the newest request as a machine without OpenGL does."""
        self.waiting[-1][2].set_exception(NoRendererError("No way to draw works here."))


@pytest.fixture
def task() -> Task:
    return get_task(TASK)


@pytest.fixture
def make_pair(task: Task) -> Callable[[int], Pair]:
    """Pairs by number."""
    return lambda number: long_pair(task, number)


@pytest.fixture
def trainers() -> LongPairTrainers:
    return LongPairTrainers()


@pytest.fixture
def studio(trainers: LongPairTrainers, qtbot: QtBot) -> Iterator[Studio]:
    """A studio in an isolated home; its threads must be gone at the end."""
    studio = Studio(trainers)
    before = set(threading.enumerate())
    yield studio
    studio.close()
    assert not threads.lingering()
    # a QThread that logged once leaves a stand-in behind, which is no thread
    left = [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]
    assert {thread for thread in left if thread.name != "renderer"} <= before


@pytest.fixture
def desk(studio: Studio, qtbot: QtBot) -> SessionDesk:
    """A new session whose trainer waits for the first answer."""
    desk = studio.new_session(TASK)

    def waits() -> bool:
        snapshot = desk.snapshot()
        return snapshot is not None and snapshot.phase is Phase.WAITING

    qtbot.waitUntil(waits, timeout=WAIT_MS)
    return desk


@pytest.fixture
def renderer() -> PlainRenderer:
    return PlainRenderer()


@pytest.fixture
def patient() -> PatientRenderer:
    return PatientRenderer()


@pytest.fixture
def no_gl(renderer: PlainRenderer) -> PlainRenderer:
    """The same renderer on a machine that cannot draw."""
    renderer.failure = NoRendererError("Nothing can be drawn on this machine.")
    return renderer


def make_policy(task: Task, seed: int) -> PolicyWeights:
    """A policy of random weights."""
    rng = np.random.default_rng(seed)
    n, m = task.observation_size, task.action_size
    layers = (rng.normal(size=(16, n)).astype(np.float32), rng.normal(size=(m, 16)).astype(np.float32))
    biases = (np.zeros(16, np.float32), np.zeros(m, np.float32))
    return PolicyWeights(task.observation_centre, task.observation_scale, 5.0, layers, biases)


@pytest.fixture
def policy(task: Task) -> PolicyWeights:
    return make_policy(task, 0)
