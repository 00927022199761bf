"""What crosses between the trainer's thread and everyone else: commands down, rare news up."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from learning.messages import Explanation, Feedback, PairExplanation
from sim.clip import Clip
from ui.ports import Failure, WorkerStatus


@dataclass(frozen=True, slots=True)
class Submit:
    """A committed event for the trainer."""

    event: Feedback


@dataclass(frozen=True, slots=True, eq=False)
class Explain:
    """What does the reward model say of a clip, or of both clips of a pair?"""

    clips: tuple[Clip] | tuple[Clip, Clip]
    done: Callable[[Explanation | PairExplanation], None]


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop after this iteration, keep everything."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Go on from the last checkpoint after a failure."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End after this iteration."""


Command = Submit | Explain | Pause | Resume | Retry | Stop


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The runner does something else now."""

    status: WorkerStatus


@dataclass(frozen=True, slots=True)
class PairsOffered:
    """New pairs can be shown."""


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A checkpoint is on the disk."""

    path: Path


@dataclass(frozen=True, slots=True)
class Failed:
    """An iteration failed."""

    failure: Failure


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """The answer to an `Explain`: whoever is on the right thread calls `done` with it."""

    done: Callable[[Explanation | PairExplanation], None]
    explanation: Explanation | PairExplanation


News = StatusChanged | PairsOffered | CheckpointSaved | Failed | Explained
