"""Where trainers come from. The one place that loads torch, and late, so that everything else starts fast."""

import importlib
import json
import sys
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Protocol

from app.errors import ForeignSessionError, UsageError
from learning.messages import Explanation, Feedback, Pair, PairExplanation, Snapshot, TrainerState
from sim.clip import Clip
from sim.errors import did_you_mean, one_line
from sim.policy import PolicyWeights
from sim.task import Task
from sim.untrusted import parse_json

if TYPE_CHECKING:
    from learning.config import TrainerConfig


class Trainer(Protocol):
    """What the program uses of `learning.trainer.Trainer` (docs/architecture.md)."""

    def submit(self, event: Feedback, at_iteration: int | None = None) -> None:
        """Queues an event, to be taken in when its turn comes, or exactly at an iteration."""
        ...

    def step(self) -> Snapshot:
        """One iteration, or nothing when waiting."""
        ...

    def open_pairs(self) -> tuple[Pair, ...]:
        """Offered and not taken in, oldest first."""
        ...

    def explain(self, clip: Clip) -> Explanation:
        """The learned reward of each frame."""
        ...

    def explain_pair(self, left: Clip, right: Clip) -> PairExplanation:
        """The same of both clips of a pair, and which of them is expected to be preferred."""
        ...

    def state(self) -> TrainerState:
        """Everything but the events not taken in, bit for bit; `meta` holds `iteration` and `taken_ids`."""
        ...

    def export_policy(self) -> PolicyWeights:
        """The shown policy."""
        ...

    def weights_digest(self) -> str:
        """SHA-256 over all learned weights."""
        ...


class Trainers(Protocol):
    """Makes trainers of one kind."""

    def default_config(self, task: Task | None = None) -> dict[str, Any]:
        """The configuration of a new session, JSON-able; without a task, of one that needs nothing of its own."""
        ...

    def refusal(self, config: dict[str, Any]) -> str | None:
        """Why no trainer goes on with a session of this configuration, in a sentence; None if one does."""
        ...

    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> Trainer:
        """A trainer that knows nothing. Raises ForeignSessionError if it has no such configuration."""
        ...

    def restored(self, task: Task, state: TrainerState) -> Trainer:
        """A trainer that goes on from `state`."""
        ...


class LearningTrainers:
    """The trainers of `learning`."""

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        """`config` overrides fields of the default configuration of new sessions."""
        self._overrides = config or {}

    def default_config(self, task: Task | None = None) -> dict[str, Any]:
        """The defaults of `TrainerConfig`, with what the task needs otherwise and this object's overrides."""
        load_learning()
        from learning.config import TrainerConfig

        return {**asdict(TrainerConfig()), **(task.teaching if task else {}), **self._overrides}

    def settings(self, task: Task) -> "TrainerConfig":
        """The configuration of a new session of `task`, for who makes no session."""
        load_learning()
        from learning.config import TrainerConfig

        return TrainerConfig.from_json(self.default_config(task))

    def refusal(self, config: dict[str, Any]) -> str | None:
        """Why `learning` has no trainer of this configuration. Loads no torch."""
        return refusal_of(config)

    def fresh(self, task: Task, config: dict[str, Any], seed: int) -> Trainer:
        """A new trainer with `config`."""
        refused = refusal_of(config)
        if refused is not None:
            raise ForeignSessionError(refused)
        load_learning()
        from learning.config import TrainerConfig
        from learning.trainer import Trainer as LearningTrainer

        return LearningTrainer(task, TrainerConfig.from_json(config), seed)

    def restored(self, task: Task, state: TrainerState) -> Trainer:
        """The trainer that `state` was taken from."""
        load_learning()
        from learning.trainer import Trainer as LearningTrainer

        return LearningTrainer.from_state(task, state)


def refusal_of(config: dict[str, Any]) -> str | None:
    """Why the learner of this program has no such configuration, in a sentence; None if it has. Loads no torch."""
    from learning.config import TrainerConfig

    unknown = sorted(set(config) - {field.name for field in fields(TrainerConfig)})
    reason: object = f"it sets {', '.join(repr(name) for name in unknown[:3])}, which this learner does not have"
    if not unknown:
        try:
            TrainerConfig.from_json(config)
        except (TypeError, ValueError, AttributeError) as error:
            reason = error
        else:
            return None
    return f"The session's trainer configuration is of another version: {one_line(reason)}."


def parse_config(text: str) -> dict[str, Any]:
    """Fields of the trainer's configuration to change, as a JSON object such as `{"fall_price": 0}`.

    Args:
        text: what was typed.

    Returns:
        The fields, with lists where the configuration has tuples, as a session keeps them.

    Raises:
        UsageError: no such object, an unknown field, or a value of another kind or out of bounds.
    """
    load_learning()
    from learning.config import TrainerConfig, of_a_kind

    defaults = asdict(TrainerConfig())
    try:
        given = parse_json(text, finite=False)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise UsageError(f"--config is '{text}', wanted a JSON object such as {{\"fall_price\": 0}}.")
    for name, value in given.items():
        if name not in defaults:
            hint = did_you_mean(name, defaults)
            raise UsageError(f"--config has no field '{name}': {hint}(learning/config.py has all fields.)")
        if not of_a_kind(value, defaults[name]):
            raise UsageError(f"--config sets '{name}' to {json.dumps(value)}, wanted something like {defaults[name]}.")
    try:
        TrainerConfig.from_json({**defaults, **given})
    except (TypeError, ValueError) as error:
        raise UsageError(f"--config cannot be used: {error}.") from error
    return given


def load_learning() -> None:
    """Loads torch and NumPy's BLAS, with one thread each: a second one spins, and halves everything else here."""
    import torch
    from threadpoolctl import threadpool_limits

    importlib.import_module("learning.trainer")
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)
    threadpool_limits(1, user_api="blas")


def load_optimiser() -> None:
    """Loads what torch loads with its first optimiser: its compiler, for a second. Nothing if torch is not there."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])
