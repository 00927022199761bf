"""Trainers in a process of their own, so that learning and the window never wait for each other's interpreter.

Threads of one interpreter take turns: while the window paints, a training thread stands still, and the other way round
(docs/lab-notes.md has figures). In a process of its own a trainer learns at the speed of the machine, the window loads
no torch, and a trainer that dies takes nothing with it.

What crosses is pickled, between this program and its own child alone; nothing read from a file is ever unpickled.
"""

import multiprocessing
import os
import pickle
import threading
import traceback
import weakref
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from app.stopping import interrupts_blocked
from app.trainers import Trainer, Trainers, load_optimiser
from learning.messages import Explanation, Feedback, Pair, PairExplanation, Snapshot, TrainerState
from sim.clip import Clip
from sim.errors import UserError
from sim.policy import PolicyWeights
from sim.registry import get_task
from sim.task import Task

NICENESS = 5
"""Added to the child's: when a picture is due, whoever shows it goes first."""
IDLE_SECONDS = 0.05
"""After a step nobody has asked for so long: there is time for something else."""
HOME_SECONDS = 0.5
"""The same before the first step, when a person chooses what to teach."""
END_SECONDS = 0.5
"""A child that has failed, or was killed, is gone after so long."""


class TrainerProcessError(UserError):
    """The process that learns ended on its own."""


class TrainerProcess:
    """A child process that holds one trainer at a time. For one thread at a time."""

    def __init__(self, trainers: Trainers) -> None:
        """Starts it; it loads torch meanwhile.

        Args:
            trainers: makes the trainers, over there. Must be picklable.
        """
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads and OpenGL may hang
        self._connection, theirs = context.Pipe()
        # a daemon: ended with this program even where nobody closes it
        self._process = context.Process(target=serve, args=(theirs, trainers), name="backflip-trainer", daemon=True)
        with interrupts_blocked():  # Ctrl-C is for the window, which then ends this
            self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._process.pid or 0

    @property
    def alive(self) -> bool:
        """Whether it can be called."""
        return not self._connection.closed and self._process.is_alive()

    def call(self, method: str, *arguments: Any) -> Any:
        """Calls a function of `_Server` over there and waits for what it returns, or raises here what it raised there.

        Raises:
            TrainerProcessError: the child has ended.
        """
        try:
            self._connection.send((method, arguments))
            succeeded, outcome = self._connection.recv()
        except BaseException as error:
            self._connection.close()  # what it would answer to the next call is anybody's guess
            self._process.join(END_SECONDS)  # how it ended by itself is worth knowing
            self.end()
            if not isinstance(error, EOFError | OSError):
                raise
            code = self._process.exitcode
            how = f"by signal {-code}" if code is not None and code < 0 else f"with status {code}"
            raise TrainerProcessError(
                f"The process that learns was ended {how}; your labels are safe, and you can try again."
            ) from error
        if not succeeded:
            raise outcome
        return outcome

    def end(self) -> None:
        """Ends it at once, whatever it is doing: all that is to be kept is on this side by now."""
        self._connection.close()
        self._process.kill()
        self._process.join(END_SECONDS)


class RemoteTrainer:
    """A trainer in another process (`app.trainers.Trainer`)."""

    def __init__(self, process: TrainerProcess) -> None:
        """The trainer that `process` has just made."""
        self._process = process
        self._pairs: tuple[Pair, ...] = ()
        self._take_pairs(*process.call("open_pairs", ()))

    def submit(self, event: Feedback, at_iteration: int | None = None) -> None:
        """Queues an event, to be taken in when its turn comes, or exactly at an iteration."""
        self._process.call("submit", event, at_iteration)

    def step(self) -> Snapshot:
        """One iteration, or nothing when waiting."""
        snapshot, *pairs = self._process.call("step", self._pair_ids())
        self._take_pairs(*pairs)
        assert isinstance(snapshot, Snapshot)
        return snapshot

    def open_pairs(self) -> tuple[Pair, ...]:
        """Offered and not taken in, oldest first."""
        return self._pairs

    def explain(self, clip: Clip) -> Explanation:
        """The learned reward of each frame."""
        explanation: Explanation = self._process.call("explain", clip)
        return explanation

    def explain_pair(self, left: Clip, right: Clip) -> PairExplanation:
        """The same of both clips of a pair, and which of them is expected to be preferred."""
        explanation: PairExplanation = self._process.call("explain_pair", left, right)
        return explanation

    def state(self) -> TrainerState:
        """Everything but the events not taken in."""
        state: TrainerState = self._process.call("state")
        return state

    def export_policy(self) -> PolicyWeights:
        """The shown policy."""
        policy: PolicyWeights = self._process.call("export_policy")
        return policy

    def weights_digest(self) -> str:
        """SHA-256 over all learned weights."""
        digest: str = self._process.call("weights_digest")
        return digest

    def _pair_ids(self) -> tuple[int, ...]:
        return tuple(pair.id for pair in self._pairs)

    def _take_pairs(self, ids: tuple[int, ...], new: tuple[Pair, ...]) -> None:
        known = {pair.id: pair for pair in (*self._pairs, *new)}
        self._pairs = tuple(known[pair_id] for pair_id in ids)


class ProcessTrainers:
    """Makes trainers in processes (`app.trainers.Trainers`). May be used from any thread.

    A process whose trainer is not needed any more waits for the next one: loading torch takes seconds.
    """

    def __init__(self, trainers: Trainers) -> None:
        """Starts no process yet.

        Args:
            trainers: makes the trainers, over there. Must be picklable.
        """
        self._trainers = trainers
        self._lock = threading.Lock()
        self._idle: list[TrainerProcess] = []
        self._known: weakref.WeakSet[TrainerProcess] = weakref.WeakSet()
        self._closed = False

    def warm_up(self) -> None:
        """Starts a process for the first trainer."""
        self._give_back(self._take())

    def default_config(self, task: Task | None = None) -> dict[str, Any]:
        """The configuration of a new session, JSON-able."""
        process = self._take()
        try:
            config: dict[str, Any] = process.call("default_config", None if task is None else task.name)
        finally:
            self._give_back(process)
        return config

    def refusal(self, config: dict[str, Any]) -> str | None:
        """Why no trainer goes on with such a configuration; asks no process."""
        return self._trainers.refusal(config)

    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> Trainer:
        """A trainer that knows nothing."""
        return self._made("fresh", task.name, config, seed)

    def restored(self, task: Task, state: TrainerState) -> Trainer:
        """A trainer that goes on from `state`."""
        return self._made("restored", task.name, state)

    @property
    def pids(self) -> list[int]:
        """Of all processes that run."""
        with self._lock:
            known = list(self._known)
        return [process.pid for process in known if process.alive]

    def close(self) -> None:
        """Ends the processes that wait. Those with a trainer end with it."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _made(self, *call: Any) -> RemoteTrainer:
        process = self._take()
        try:
            process.call(*call)
            trainer = RemoteTrainer(process)
        except BaseException:
            self._give_back(process)
            raise
        weakref.finalize(trainer, self._give_back, process)
        return trainer

    def _take(self) -> TrainerProcess:
        with self._lock:
            while self._idle:
                process = self._idle.pop()
                if process.alive:
                    return process
        started = TrainerProcess(self._trainers)
        with self._lock:
            self._known.add(started)
        return started

    def _give_back(self, process: TrainerProcess) -> None:
        if not process.alive:
            return
        with self._lock:
            wanted = not self._closed and not self._idle
            if wanted:
                self._idle.append(process)
        if not wanted:
            process.end()


class _Server:
    """What the child does when it is called."""

    def __init__(self, trainers: Trainers) -> None:
        self._trainers = trainers
        self._trainer: Trainer | None = None

    @property
    def trainer(self) -> Trainer:
        assert self._trainer is not None, "no trainer was made"
        return self._trainer

    def default_config(self, task: str | None) -> dict[str, Any]:
        return self._trainers.default_config(None if task is None else get_task(task))

    def fresh(self, task: str, config: dict[str, Any], seed: int) -> None:
        self._trainer = None  # its memory first
        self._trainer = self._trainers.fresh(get_task(task), config, seed)

    def restored(self, task: str, state: TrainerState) -> None:
        self._trainer = None
        self._trainer = self._trainers.restored(get_task(task), state)

    def submit(self, event: Feedback, at_iteration: int | None) -> None:
        self.trainer.submit(event, at_iteration)

    def step(self, known: tuple[int, ...]) -> tuple[Snapshot, tuple[int, ...], tuple[Pair, ...]]:
        snapshot = self.trainer.step()
        return snapshot, *self.open_pairs(known)

    def open_pairs(self, known: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[Pair, ...]]:
        """The numbers of the open pairs, and those of them that are not `known`, with their clips."""
        pairs = self.trainer.open_pairs()
        return tuple(pair.id for pair in pairs), tuple(pair for pair in pairs if pair.id not in known)

    def explain(self, clip: Clip) -> Explanation:
        return self.trainer.explain(clip)

    def explain_pair(self, left: Clip, right: Clip) -> PairExplanation:
        return self.trainer.explain_pair(left, right)

    def state(self) -> TrainerState:
        return self.trainer.state()

    def export_policy(self) -> PolicyWeights:
        return self.trainer.export_policy()

    def weights_digest(self) -> str:
        return self.trainer.weights_digest()


def serve(connection: Connection, trainers: Trainers) -> None:
    """The child: does what it is asked until nobody can ask any more, also when its parent was killed."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    trainers.default_config()  # loads what they need, while nobody waits yet
    server = _Server(trainers)
    with suppress(EOFError, OSError):
        stepped = ready = False
        while True:
            if not ready and not connection.poll(IDLE_SECONDS if stepped else HOME_SECONDS):
                load_optimiser()  # practice needs it, and the first pair does not: load it while nobody waits
                ready = True
            method, arguments = connection.recv()
            stepped |= method == "step"
            try:
                reply = True, getattr(server, method)(*arguments)
            except Exception as error:  # noqa: BLE001 - whatever it is: it is raised again where it can be told
                reply = False, portable(error)
            connection.send(reply)


def portable(error: Exception) -> Exception:
    """The exception as another process can be sent it, with this one's traceback as a note."""
    story = "In the process that learns:\n" + "".join(traceback.format_exception(error))
    try:
        whole = str(pickle.loads(pickle.dumps(error))) == str(error)
    except Exception:  # noqa: BLE001 - an exception may have any constructor
        whole = False
    portable = error if whole else RuntimeError(f"{type(error).__name__}: {error}")
    portable.add_note(story)
    return portable
