"""How a teacher steers practice beside judging it: where the meter measures from, what straying costs, and back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from learning.kl_meter import Meter
from learning.kl_penalty import KLPenalty
from learning.messages import PenaltyMode, Steering, SteeringKind
from learning.packing import Tensors, pack_module, pack_optimisers, unpack_optimisers
from learning.policy import gaussian_kl, gaussian_log_prob
from learning.practice import Rollout
from learning.repertoire import Entry, Outcome

if TYPE_CHECKING:
    from learning.trainer import Trainer

FRESH_PAIRS = 3
"""So many are made when the teacher asks for them."""
PLACE = ("generation", "supposes", "stretch", "stretch_began", "refines")
"""Of the trainer's counters: what goes with a policy that practises."""


@dataclass(slots=True, eq=False)
class Before:
    """What going back took the place of, so that it can be undone."""

    shown: int
    """Version of the policy that was shown."""
    policy: Tensors
    """Of the one that practised,"""
    adam: Tensors
    """what its optimisers remembered,"""
    learning_rate: float
    place: dict[str, Any]
    """and where it stood, see PLACE."""


class SteeringBook:
    """The events, and what is in force."""

    def __init__(self, meter: Meter) -> None:
        """Nothing was steered yet."""
        self.meter = meter
        self.penalty = KLPenalty()
        self.events: dict[int, Steering] = {}
        """In the order taken in."""
        self.undone: set[int] = set()
        self.before: dict[int, Before] = {}
        """By the event that went back, as long as that is in force."""
        self.backs: dict[int, Outcome] = {}
        """By the event that went back: the version that was gone back to, and the one that was shown."""

    def note(self, event: Steering) -> None:
        """Takes an event in."""
        self.events[event.id] = event
        if event.supersedes is not None:
            self.undone.add(event.supersedes)

    def in_force(self, kind: SteeringKind) -> Steering | None:
        """The newest of its kind that was not taken back."""
        for event in reversed(self.events.values()):
            if event.kind is kind and event.supersedes is None and event.id not in self.undone:
                return event
        return None

    def preferred(self) -> list[Outcome]:
        """Whoever goes back has compared two policies: the one that he wants and the one that was shown."""
        return [outcome for event_id, outcome in self.backs.items() if event_id not in self.undone]

    def charge(self, rollout: Rollout, rewards: torch.Tensor) -> float:
        """Takes the penalty off `rewards` (T, N), in place, and lets it follow the KL that it sees.

        Charged is the log ratio of the actions that were drawn, as in the paper, whose expectation is the KL. The KL
        itself does not depend on the action, so that policy gradients would not see what it is about: charged with
        that, a test's policy strayed further than without.

        Returns:
            What a mean frame was charged, in expectation.
        """
        penalty = self.penalty
        if penalty.mode is PenaltyMode.OFF:
            return 0.0
        reference = self.meter.reference
        with torch.no_grad():
            means, log_std = reference.mean(rollout.inputs), reference.spread()
            ratios = rollout.log_probs - gaussian_log_prob(rollout.actions, means, log_std)
            nats = float(gaussian_kl(rollout.means, rollout.log_std, means, log_std).mean())
        rewards -= penalty.coefficient * ratios
        charged = penalty.coefficient * nats
        penalty.adapt(nats / self.meter.task.control_dt, rollout.steps)
        return charged


def take(trainer: "Trainer", event: Steering) -> None:
    """Lets `trainer` do what `event` says. One about a policy that this trainer never had changes nothing.

    Another machine computes a little differently, and may come to fewer policies.
    """
    book = trainer.steering
    book.note(event)
    match event.kind:
        case SteeringKind.REFERENCE:
            _measure_from(trainer, book.in_force(SteeringKind.REFERENCE))
        case SteeringKind.PENALTY:
            wanted = book.in_force(SteeringKind.PENALTY)
            if wanted is None or wanted.mode is None:
                book.penalty.set(PenaltyMode.OFF, None)
            else:
                book.penalty.set(wanted.mode, wanted.value)
        case SteeringKind.FRESH_PAIRS:
            _ask_fresh(trainer, event)
        case SteeringKind.GO_BACK if event.supersedes is not None:
            _undo_going_back(trainer, event.supersedes)
        case SteeringKind.GO_BACK:
            entry = None if event.version is None else trainer.repertoire.recall(event.version)
            if entry is not None:
                _go_back(trainer, event.id, entry)


def _measure_from(trainer: "Trainer", wanted: Steering | None) -> None:
    version = 0 if wanted is None or wanted.version is None else wanted.version
    entry = trainer.repertoire.find(version)
    if entry is not None and version != trainer.steering.meter.reference_version:
        trainer.steering.meter.measure_from(version, trainer.policy_of(entry.parameters))
        trainer.measure(trainer.repertoire.all())


def _ask_fresh(trainer: "Trainer", event: Steering) -> None:
    """Comparisons with the shown policy come next: with one that was named, or with those that tell most."""
    asking = trainer.questioner.counters
    wish = event if event.supersedes is None else trainer.steering.events.get(event.supersedes, event)
    taken_back = wish is not event
    if wish.version is None:
        asking.fresh = 0 if taken_back else FRESH_PAIRS
    else:
        asking.wanted = None if taken_back else wish.version


def _go_back(trainer: "Trainer", event_id: int, entry: Entry) -> None:
    """The policy and its value practise on, from now; it is shown, and so exported and scored, until one beats it."""
    book, counters = trainer.steering, trainer.counters
    place = {name: getattr(counters, name) for name in PLACE}
    book.before[event_id] = Before(
        trainer.shown.version,
        pack_module(trainer.policy, ""),
        pack_optimisers(trainer.ppo, ""),
        trainer.ppo.learning_rate,
        place,
    )
    if entry is not trainer.shown:
        book.backs[event_id] = (entry.version, trainer.shown.version)
    trainer.shown = entry
    trainer.begin_with(entry.parameters)
    counters.begin_stretch()
    counters.refines = entry.version
    trainer.keep_course()


def _undo_going_back(trainer: "Trainer", event_id: int) -> None:
    before = trainer.steering.before.pop(event_id, None)
    if before is None:
        return
    shown = trainer.repertoire.recall(before.shown)
    if shown is not None:
        trainer.shown = shown
    trainer.begin_with(before.policy)
    unpack_optimisers(trainer.ppo, "", before.adam)
    trainer.ppo.learning_rate = before.learning_rate
    for name, value in before.place.items():
        setattr(trainer.counters, name, value)
    trainer.keep_course()
