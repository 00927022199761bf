"""What the window needs of the program, as protocols. `app.studio` and `app.desk` implement them; a test may too."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from learning.messages import Choice, Explanation, MeterPoint, Pair, PairExplanation, Snapshot
from sim.clip import Clip
from sim.task import Task
from ui.export_port import ExportPort
from ui.pressing_port import PressingPort
from ui.steering_port import SteeringPort

if TYPE_CHECKING:  # the values below also travel where Qt is not loaded
    from PySide6.QtCore import SignalInstance

REDUCED_MOTION = "reduced_motion"
"""The setting that several screens look at: nothing moves of its own."""


REACTIONS = 12
"""That the game which measures a person's reaction time takes."""


class WorkerStatus(StrEnum):
    """What the training thread is doing, as far as the window cares."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """An answer in force, for the strip of last answers."""

    event_id: int
    pair_id: int
    choice: Choice
    flagged: bool
    seconds: float
    """How long the teacher took."""


@dataclass(frozen=True, slots=True)
class LabelAct:
    """What a teacher did to the answer of a pair: gave it, changed it, or took it back."""

    pair_id: int
    before: Choice | None
    after: Choice | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed iteration: one plain sentence, and details to copy."""

    sentence: str
    details: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """From where a session that was opened again goes on."""

    labels: int
    """In force."""
    policy_labels: int
    """The policy is restored as it was after so many of them; the trainer repeats the others."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One point of the plots; rows come from a bounded ring, oldest first."""

    labels: int
    env_steps: int
    learned_reward: float
    learned_reward_std: float
    agreement: float | None
    agreement_count: int
    true_score: float
    falls_per_10s: float
    leash_used: float


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A session as Home shows it."""

    path: Path
    task: str
    labels: int
    """Answers and presses in force, without `cannot_tell`."""
    modified: float
    """Seconds since the epoch."""
    picture: Path | None
    """A PNG inside the session folder."""
    problem: str | None
    """One sentence if it cannot be gone on with."""
    cannot_tell: int = 0
    """Answers in force that say nothing of which is better."""
    readable: bool = False
    """Whether it can be looked at all the same: `StudioPort.summary`."""
    link: str | None = None
    """Where the folder really is, if it is a link."""
    deletable: bool = True


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """What is in a session, read without its trainer."""

    facts: tuple[tuple[str, str], ...]
    """(what, how much), to be shown one below the other."""
    metrics: tuple[MetricRow, ...]
    """Points of the plots, oldest first."""
    peeked: bool
    """Whether the teacher saw the true score."""


class SessionPort(Protocol):
    """One open session. All methods are called on the GUI thread and return within milliseconds."""

    task: Task
    path: Path
    changed: "SignalInstance"
    """() something rare changed: status, labels, checkpoint saved."""
    failed: "SignalInstance"
    """(Failure)"""
    problem: "SignalInstance"
    """(str) one sentence: what waited to be stored could not be, or waits for long."""

    @property
    def pressing(self) -> PressingPort: ...
    @property
    def steering(self) -> SteeringPort: ...
    @property
    def exporting(self) -> ExportPort: ...

    @property
    def status(self) -> WorkerStatus: ...
    def snapshot(self) -> Snapshot | None:
        """The newest snapshot; None before the first."""
        ...

    @property
    def resumed(self) -> Resumed | None:
        """From where it goes on; None for a new session, and while the trainer is not there yet."""
        ...

    def metrics(self) -> list[MetricRow]: ...
    @property
    def steps_per_second(self) -> float: ...
    def pairs(self) -> tuple[Pair, ...]:
        """Offered and not yet answered, oldest first: show the first, draw the second in advance."""
        ...

    @property
    def waits_to_store(self) -> bool:
        """Whether something that the person did is not stored yet: another program holds the database."""
        ...

    @property
    def waiting(self) -> str:
        """What the session waits for, as a sentence for the person; empty if for nothing."""
        ...

    def answer(self, pair_id: int, choice: Choice, seconds: float) -> LabelRecord | None:
        """Commits the answer to disk, then hands it to the trainer. Raises UserError if it cannot be stored.

        None if it is committed later, as soon as another program lets go of the database; not taken at all while
        something else waits for that.
        """
        ...

    def undo(self) -> LabelRecord | None:
        """Undoes what was done to answers last: an answer is asked for again, a change or a take-back is as before."""
        ...

    @property
    def undoable(self) -> LabelAct | None:
        """What `undo` would undo; None if nothing."""
        ...

    def amend(self, event_id: int, choice: Choice | None) -> None:
        """Changes an earlier answer, or takes it back with None."""
        ...

    def amend_all(self, choice: Choice) -> None:
        """Has all answers in force say this instead, all of them or none."""
        ...

    def set_flag(self, pair_id: int, flagged: bool) -> None: ...
    def history(self, count: int) -> list[LabelRecord]:
        """The last `count` answers in force, newest last."""
        ...

    def pair(self, pair_id: int) -> Pair:
        """Any pair that was ever answered, with its clips. Raises UserError if its clips are lost."""
        ...

    def explain(self, pair_id: int, done: Callable[[PairExplanation], None]) -> None:
        """Asks what the reward model says of a pair; `done` is called on the GUI thread."""
        ...

    def explain_clip(self, clip: Clip, done: Callable[[Explanation], None]) -> None:
        """The same for any clip; `done` is never called if the trainer has failed or is gone by then."""
        ...

    def curve(self) -> list[MeterPoint]:
        """Every policy that had a trial, oldest first, each as it was measured then."""
        ...

    @property
    def peeking(self) -> bool: ...
    def set_peek(self, on: bool) -> None:
        """Shows the true score; the session records that the teacher peeked."""
        ...

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def retry(self) -> None:
        """After a failure: goes on from the last checkpoint."""
        ...

    def kept(self, key: str) -> object:
        """What `keep` stored under a name; None if nothing was."""
        ...

    def keep(self, key: str, value: object) -> None:
        """Keeps plain values with the session. Raises UserError if they cannot be stored."""
        ...

    def save_picture(self, png: bytes) -> None:
        """Keeps a picture of the robot for Home."""
        ...

    def close(self) -> None:
        """Checkpoint, stop the worker, release the lock; bounded to 2 s."""
        ...


class StudioPort(Protocol):
    """The program behind the window: tasks, sessions, settings."""

    def tasks(self) -> list[Task]: ...
    def sessions(self) -> list[SessionCard]:
        """Newest first."""
        ...

    def summary(self, path: Path) -> SessionSummary:
        """What is in a session that need not be one that can be opened. Raises UserError if it cannot be read."""
        ...

    def new_session(self, task_name: str) -> SessionPort:
        """Raises UserError, such as for an unwritable folder."""
        ...

    def open_session(self, path: Path) -> SessionPort:
        """Raises UserError: damaged, newer, foreign, or already open."""
        ...

    def delete_session(self, path: Path) -> None: ...
    def setting(self, key: str) -> object: ...
    def set_setting(self, key: str, value: object) -> None: ...
    def reaction(self) -> tuple[float, float] | None:
        """The person's reaction time: median in seconds, and standard deviation of its logarithm. None if unknown."""
        ...

    def calibrate(self, seconds: list[float]) -> tuple[float, float]:
        """Keeps the reaction time that these reactions speak for, and returns it. Raises UserError."""
        ...

    def about(self) -> str:
        """Versions and what this machine can do, as plain text to copy."""
        ...
