"""Where a trainer goes on: from the newest checkpoint that can be used, with the events that are not in it."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from app.session import Session
from app.trainers import Trainer, Trainers
from learning.messages import Feedback, Phase, Snapshot, Taken
from ui.ports import Resumed

UNRECORDED = "unrecorded"
"""In a checkpoint's meta data: (event id, iteration) of what the database does not know to be taken in."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Restored:
    """A trainer as of a checkpoint, or a fresh one, and what it has not taken in yet."""

    trainer: Trainer
    iteration: int
    """Iterations done."""
    events: set[int]
    """Events that are in it."""
    recorded: list[Feedback]
    """Those that a trainer took in later already: they were submitted, for the iterations on record."""
    new: list[Feedback]
    """Those that none has taken in yet."""
    resumed: Resumed | None = None
    """What a person is told of it; None where there was nothing to restore."""


def restore(session: Session, trainers: Trainers, forget: Collection[int] = ()) -> Restored:
    """The trainer of a session, at its newest checkpoint.

    A checkpoint that cannot be used, whatever is wrong with it, is passed over: an older one, or none, with the labels
    leads to the same weights.

    Args:
        session: an open session.
        trainers: makes the trainer.
        forget: events that count as new, whatever is on record about them.

    Raises:
        ForeignSessionError: the session's trainer is of another version.
        StorageError: the session cannot be written.
    """
    trainer, iteration, events = _trainer(session, trainers)
    chain = _label_chain(session)
    labels = _in_force(chain)
    resumed = Resumed(labels, _in_force(chain, events)) if labels else None
    at_iteration = {number: taken for number, taken in session.journal.taken().items() if number not in forget}
    missing = session.events(without=events)
    recorded = [event for event in missing if event.id in at_iteration]
    for event in recorded:
        trainer.submit(event, at_iteration=at_iteration[event.id])
    new = [event for event in missing if event.id not in at_iteration]
    return Restored(trainer, iteration, events, recorded, new, resumed)


def count_labels(session: Session, among: Collection[int] | None = None) -> int:
    """Returns how many labels are in force, answers and presses.

    Args:
        session: an open session.
        among: counts as if no events but those of these ids had been; None counts all.
    """
    return _in_force(_label_chain(session), among)


def _label_chain(session: Session) -> list[tuple[int, tuple[str, int], bool]]:
    """Of every event: its id, what it is about, and whether that is a label then; a later one is about the same."""
    answers = [(event.id, ("pair", event.pair_id), event.choice is not None) for event in session.labels.events()]
    presses = [(event, ("moments", number), says) for event, number, says in session.presses.label_chain()]
    return [*answers, *presses]


def _in_force(chain: list[tuple[int, tuple[str, int], bool]], among: Collection[int] | None = None) -> int:
    newest = {about: says for event, about, says in chain if among is None or event in among}
    return sum(newest.values())


def catch_up(session: Session, trainers: Trainers, on_progress: Callable[[Snapshot], None]) -> tuple[Trainer, Snapshot]:
    """Lets the trainer of a session take in all that it has not, and train as far as that pays for.

    The session stays as it is, but for the record of what an earlier run has taken in and could not record.

    Args:
        session: an open session.
        trainers: makes the trainer.
        on_progress: called after each iteration.

    Returns:
        The trainer, which waits for its teacher, and its snapshot.
    """
    restored = restore(session, trainers)
    repeated = {event.id for event in restored.recorded}
    while True:
        if not repeated and restored.new:
            for event in restored.new:
                restored.trainer.submit(event)
            restored.new = []
        snapshot = restored.trainer.step()
        repeated.difference_update(item.event_id for item in snapshot.taken)
        on_progress(snapshot)
        if snapshot.phase is not Phase.WAITING or snapshot.taken:
            continue
        if not repeated:
            if not restored.new:
                return restored.trainer, snapshot
            continue
        # another machine computes a little differently: what is on record cannot be repeated here
        log.warning("iteration %d waits where the record goes on; going another way from here", snapshot.iteration)
        restored = restore(session, trainers, forget=repeated)
        repeated = {event.id for event in restored.recorded}


def _trainer(session: Session, trainers: Trainers) -> tuple[Trainer, int, set[int]]:
    for path, state in session.checkpoints.good():
        try:
            iteration, events = int(state.meta["iteration"]), {int(event_id) for event_id in state.meta["taken_ids"]}
            unrecorded = [Taken(int(event_id), int(at)) for event_id, at in state.meta.get(UNRECORDED, ())]
            trainer = trainers.restored(session.task, state)
        except Exception:
            # a stranger may have made it: whatever it raises, an older one is tried
            log.exception("'%s' is whole but cannot be used; trying the one before", path)
        else:
            if unrecorded:
                session.journal.record(taken=unrecorded)
            return trainer, iteration, events
    config = session.header.trainer
    if config is None:
        config = trainers.default_config(session.task)
        session.set_trainer_config(config)
    return trainers.fresh(session.task, config, session.header.seed), 0, set()
