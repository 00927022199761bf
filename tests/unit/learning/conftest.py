"""A small trainer, hand-made clips and a lesson that the tests of `learning` share."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from app.trainers import load_learning
from learning.config import TrainerConfig
from learning.messages import (
    Choice,
    Feedback,
    FeedbackEvent,
    Pair,
    PenaltyMode,
    Phase,
    Press,
    Reinforcement,
    Snapshot,
    Steering,
    SteeringKind,
)
from learning.teachers import SimulatedTeacher, make_teacher
from learning.trainer import Trainer
from sim.clip import Clip
from sim.registry import get_task
from sim.task import Floats, Task

SMALL = TrainerConfig(
    nsim=32,
    rollout_steps=16,
    hidden=(8,),
    schedule=((3, 3), (8, 2)),
    late_iterations=1,
    leash_nats=100.0,
    generation_iterations=6,
    trial_every=3,
    trial_episodes=1,
    repertoire=3,
    meter_rollouts=2,
    meter_seconds=0.1,
    clip_frames=12,
    broad_clips=40,
    recent_clips=24,
    clips_per_trial=6,
    candidates=100,
    check_every=4,
    repeat_every=5,
    pairs_kept=3,
    audition_frames=20,
    auditions_from=0,
    audition_gap=2,
    audition_weight=1e9,
)
"""Everything that a session has, in seconds: an audition whenever one may be, and a leash that does not bind."""

EPISODE_STEPS = 100
"""Control steps; longer than all clips here, and than a fall takes."""


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Of torch and of NumPy's BLAS, as in the program: two spin beside the physics."""
    load_learning()


@pytest.fixture(scope="session")
def task() -> Task:
    """The task that everything is tested with; its episodes are short, since an evaluation steps through all of one."""
    task = copy(get_task("hopper-backflip"))
    task.episode_steps = EPISODE_STEPS
    return task


@pytest.fixture(scope="session")
def small() -> TrainerConfig:
    """See SMALL."""
    return SMALL


@pytest.fixture(scope="session")
def oracle(task: Task) -> SimulatedTeacher:
    """A teacher without faults."""
    return make_teacher("oracle", task, 0)


@pytest.fixture(scope="session")
def make_clip(task: Task) -> Callable[[Sequence[float] | Floats], Clip]:
    """A function from the first column of the observations, frame by frame, to a clip with zeros elsewhere."""

    def make(column: Sequence[float] | Floats) -> Clip:
        frames = len(column)
        observations = np.zeros((frames, task.observation_size), np.float32)
        observations[:, 0] = column
        states, actions = np.zeros((frames, task.state_size)), np.zeros((frames, task.action_size), np.float32)
        return Clip(task.name, task.model_hash, task.control_dt, states, observations, actions)

    return make


@dataclass
class Lesson:
    """A teacher before a trainer, and a record of all that passed."""

    trainer: Trainer
    teacher: SimulatedTeacher
    last_id: int = 0
    presses: int = 0
    events: dict[int, Feedback] = field(default_factory=dict)
    taken: list[tuple[int, int]] = field(default_factory=list)
    """Events in the order in which they were taken in: id and iteration."""
    pairs: dict[int, Pair] = field(default_factory=dict)
    """All pairs that were ever open."""
    snapshots: list[Snapshot] = field(default_factory=list)

    def step(self) -> Snapshot:
        """One step of the trainer."""
        self.pairs |= {pair.id: pair for pair in self.trainer.open_pairs()}
        snapshot = self.trainer.step()
        self.snapshots.append(snapshot)
        self.taken += [(taken.event_id, taken.iteration) for taken in snapshot.taken]
        self.pairs |= {pair.id: pair for pair in self.trainer.open_pairs()}
        return snapshot

    def say(self, pair_id: int, choice: Choice | None, supersedes: int | None = None) -> FeedbackEvent:
        """Hands an event in."""
        self.last_id += 1
        event = FeedbackEvent(self.last_id, pair_id, choice, supersedes)
        self.events[event.id] = event
        self.trainer.submit(event)
        return event

    def press(self, press: Press) -> Reinforcement:
        """Hands a press in that is about the left clip of the oldest open pair."""
        self.last_id += 1
        clip = self.trainer.open_pairs()[0].left
        shares = np.full(len(clip.observations), 1.0 / len(clip.observations))
        event = Reinforcement(self.last_id, self.presses, press, False, clip, shares)
        self.presses += 1
        self.events[event.id] = event
        self.trainer.submit(event)
        return event

    def steer(
        self,
        kind: SteeringKind,
        version: int | None = None,
        mode: PenaltyMode | None = None,
        value: float | None = None,
        supersedes: int | None = None,
    ) -> Steering:
        """Hands a steering event in."""
        self.last_id += 1
        event = Steering(self.last_id, kind, version, mode, value, supersedes)
        self.events[event.id] = event
        self.trainer.submit(event)
        return event

    def answer(self, choice: Choice | None = None) -> FeedbackEvent:
        """Answers the oldest open pair that is not answered yet, as the teacher would or as told."""
        answered = {event.pair_id for event in self.events.values() if isinstance(event, FeedbackEvent)}
        pair = next(pair for pair in self.trainer.open_pairs() if pair.id not in answered)
        return self.say(pair.id, choice or self.teacher.answer(pair))

    def practise(self) -> Snapshot:
        """Steps until the trainer has taken everything in and waits."""
        snapshot = self.step()
        while snapshot.phase is not Phase.WAITING or snapshot.events_waiting:
            snapshot = self.step()
        return snapshot

    def teach(self, answers: int) -> Snapshot:
        """Answers so many pairs, each after the practice for the last one."""
        for _ in range(answers):
            self.answer()
            snapshot = self.practise()
        return snapshot


@pytest.fixture
def begin(task: Task, small: TrainerConfig, oracle: SimulatedTeacher) -> Callable[..., Lesson]:
    """A function that begins a lesson with a seed; further words change the small configuration."""

    def make(seed: int = 0, **changes: object) -> Lesson:
        config = replace(small, **changes)
        return Lesson(Trainer(task, config, seed), oracle)

    return make
