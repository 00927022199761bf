"""A small deterministic trainer, and sessions on a temporary path."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.commands import Submit
from app.labelling import Labelling
from app.runner import Runner
from app.session import NewSession, Session
from learning.event_queue import EventQueue
from learning.messages import (
    Alarm,
    Choice,
    Explanation,
    Feedback,
    MeterPoint,
    Pair,
    PairExplanation,
    PairKind,
    Phase,
    Press,
    Reading,
    Reinforcement,
    Snapshot,
    Steering,
    SteeringKind,
    Taken,
    TrainerState,
)
from sim.clip import Clip
from sim.policy import PolicyWeights
from sim.registry import get_task
from sim.task import Task

TASK = "hopper-backflip"
SEED = 5
FIRST, PER_LABEL = 2, 3
"""Iterations of practice before the first label, and for each."""
WORTH = {Choice.LEFT: 1.0, Choice.RIGHT: -1.0, Choice.EQUAL: 0.5, Choice.CANNOT_TELL: 0.0}


class FakeTrainer:
    """Keeps the schedule of docs/architecture.md; its weights depend on every event and on when it was taken in."""

    def __init__(self, task: Task, config: dict[str, Any], seed: int) -> None:
        self.task, self.config, self.seed = task, config, seed
        self.rng = np.random.default_rng(seed)
        self.weights = np.zeros(4)
        self.iteration, self.credit, self.next_pair = 0, FIRST, 0
        self.answers: dict[int, Choice | None] = {}
        self.judged: dict[int, Press | None] = {}
        self.taken_ids: list[int] = []
        self.open: list[int] = []
        self.queue = EventQueue()
        self.fail_next: Exception | None = None
        self.shown, self.reference, self.trials = 0, 0, 1
        self.alarm: Alarm | None = None
        self.reports: dict[str, Any] = {}
        """Fields of the next snapshots that a test wants to be otherwise."""
        self.measured: list[int] = [0]
        """Versions of policies that the next snapshot tells of: one more with each first answer."""
        self._offer()

    def submit(self, event: Feedback, at_iteration: int | None = None) -> None:
        self.queue.submit(event, at_iteration)

    def step(self) -> Snapshot:
        if self.fail_next is not None:
            error, self.fail_next = self.fail_next, None
            raise error
        taken = self.queue.due(self.iteration, practising=self.credit > 0)
        for event in taken:
            self._take(event)
        if self.credit == 0:
            return self._snapshot(Phase.WAITING, taken)
        report = self._snapshot(Phase.PRACTISING, taken)
        self.weights = 0.9 * self.weights + self.rng.normal(size=4)
        self.iteration += 1
        self.credit -= 1
        return Snapshot(**{**_fields(report), "iteration": self.iteration, "env_steps": 100 * self.iteration})

    def _take(self, event: Feedback) -> None:
        if isinstance(event, Reinforcement):
            self.judged[event.number] = event.press
            self.taken_ids.append(event.id)
            self.weights = self.weights + event.number + 1.0
            return
        if isinstance(event, Steering):
            self.taken_ids.append(event.id)
            self.weights = self.weights - event.id
            version = 0 if event.supersedes is not None or event.version is None else event.version
            if event.kind is SteeringKind.GO_BACK:
                self.shown = version
            elif event.kind is SteeringKind.REFERENCE:
                self.reference = version
            return
        first = event.pair_id not in self.answers
        self.answers[event.pair_id] = event.choice
        self.taken_ids.append(event.id)
        worth = WORTH[event.choice] if event.choice else -7.0
        self.weights = self.weights + worth * (event.pair_id + 1) * (self.iteration + 1)
        if first:
            self.measured.append(self.trials)
            self.trials += 1
            self.credit += PER_LABEL if event.choice is not Choice.CANNOT_TELL else 0
            self.open.remove(event.pair_id)
            self._offer()

    def _offer(self) -> None:
        while len(self.open) < 2:
            self.open.append(self.next_pair)
            self.next_pair += 1

    def open_pairs(self) -> tuple[Pair, ...]:
        return tuple(fake_pair(self.task, number) for number in self.open)

    def explain(self, clip: Clip) -> Explanation:
        return Explanation(np.full(len(clip), 2.0), np.ones(len(clip)))

    def explain_pair(self, left: Clip, right: Clip) -> PairExplanation:
        return PairExplanation(self.explain(left), self.explain(right), 0.83)

    def state(self) -> TrainerState:
        meta = {
            "iteration": self.iteration, "credit": self.credit, "next_pair": self.next_pair, "open": self.open,
            "taken_ids": self.taken_ids, "answers": list(self.answers.items()), "seed": self.seed,
            "rng": self.rng.bit_generator.state, "config": self.config,
        }  # fmt: skip
        return TrainerState({"weights": self.weights.copy()}, json.loads(json.dumps(meta)))

    def export_policy(self) -> PolicyWeights:
        n, m = self.task.observation_size, self.task.action_size
        zero = np.zeros((m, n), np.float32)
        return PolicyWeights(
            self.task.observation_centre, self.task.observation_scale, 5.0, (zero,), (np.zeros(m, np.float32),)
        )

    def weights_digest(self) -> str:
        return hashlib.sha256(self.weights.tobytes()).hexdigest()

    def _point(self, version: int) -> MeterPoint:
        reading = Reading(4.0 * version, 0.5)
        return MeterPoint(
            version, 0, self.iteration, version, 100 * self.iteration, reading, 1.0 + version, 0.25, 2.0 * version, 0.5,
            self.export_policy(),
        )  # fmt: skip

    def _snapshot(self, phase: Phase, taken: list[Feedback]) -> Snapshot:
        measured, self.measured = self.measured, []
        made = Snapshot(
            iteration=self.iteration, phase=phase, env_steps=100 * self.iteration,
            labels=sum(choice is not None for choice in self.answers.values()),
            events_waiting=len(self.queue), generation=0,
            learned_reward=float(self.weights.sum()), learned_reward_std=0.1, agreement=None, agreement_count=0,
            leash_used=1.0 - self.credit / PER_LABEL, kl=0.0, true_score=float("nan"), falls_per_10s=float("nan"),
            shown_policy=self.export_policy(), shown_version=self.shown, alarm=self.alarm,
            reading=Reading(4.0 * self.shown, 0.5),
            reference_version=self.reference, points=tuple(self._point(version) for version in measured),
            practising_policy=self.export_policy(), practising_spread=np.full(self.task.action_size, 0.1, np.float32),
            taken=tuple(Taken(event.id, self.iteration) for event in taken),
        )  # fmt: skip
        return replace(made, **self.reports)


def _fields(snapshot: Snapshot) -> dict[str, Any]:
    return {name: getattr(snapshot, name) for name in Snapshot.__slots__}


def fake_pair(task: Task, number: int) -> Pair:
    """Pair `number`, whose clips are told apart by their first state value."""

    def clip(value: float) -> Clip:
        return Clip(
            task.name,
            task.model_hash,
            task.control_dt,
            np.full((3, task.state_size), value),
            np.full((3, task.observation_size), value, np.float32),
            np.zeros((3, task.action_size), np.float32),
        )

    return Pair(number, PairKind.FRAGMENT, clip(number + 0.25), clip(number + 0.75))


@dataclass
class FakeTrainers:
    """Remembers the trainers it made, newest last."""

    made: list[FakeTrainer] = field(default_factory=list)

    def default_config(self, task: Task | None = None) -> dict[str, Any]:
        return {"first": FIRST}

    def refusal(self, config: dict[str, Any]) -> str | None:
        return None if set(config) == {"first"} else "The session's trainer configuration is of another version."

    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> FakeTrainer:
        self.made.append(FakeTrainer(task, config, seed))
        return self.made[-1]

    def restored(self, task: Task, state: TrainerState) -> FakeTrainer:
        meta = state.meta
        trainer = FakeTrainer(task, meta["config"], meta["seed"])
        trainer.weights = state.tensors["weights"].copy()
        trainer.rng.bit_generator.state = meta["rng"]
        trainer.iteration, trainer.credit, trainer.next_pair = meta["iteration"], meta["credit"], meta["next_pair"]
        trainer.open, trainer.taken_ids = list(meta["open"]), list(meta["taken_ids"])
        trainer.answers = {pair: Choice(choice) if choice else None for pair, choice in meta["answers"]}
        self.made.append(trainer)
        return trainer


@pytest.fixture
def task() -> Task:
    return get_task(TASK)


@pytest.fixture
def make_pair(task: Task) -> Callable[[int], Pair]:
    """Pairs by number."""
    return lambda number: fake_pair(task, number)


@pytest.fixture
def trainers() -> FakeTrainers:
    return FakeTrainers()


@pytest.fixture
def session_path(tmp_path: Path) -> Path:
    return tmp_path / "a session"


@pytest.fixture
def session(session_path: Path) -> Iterator[Session]:
    with Session.create(session_path, NewSession(TASK, SEED)) as session:
        yield session


@dataclass
class Run:
    """A runner and its labelling, without a thread."""

    runner: Runner
    labelling: Labelling

    def until_waiting(self) -> Snapshot:
        """Turns until the trainer waits for its teacher."""
        for _ in range(10_000):
            snapshot = self.runner.turn()
            if self.runner.waits_for_teacher:
                return snapshot
        raise AssertionError("the trainer never waited")

    def answer(self, choice: Choice = Choice.LEFT) -> int:
        """Answers the first pair; returns the event's id."""
        return self.labelling.answer(self.labelling.pairs()[0].id, choice, 1.5).event_id


@pytest.fixture
def start(trainers: FakeTrainers) -> Callable[[Session], Run]:
    """Starts the trainer of a session on this thread."""

    def start(session: Session) -> Run:
        runner = Runner(session, trainers)
        run = Run(runner, Labelling(session, lambda event: runner.send(Submit(event)), lambda: runner.board.offered))
        runner.start()
        return run

    return start
