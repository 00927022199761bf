"""A session again, from its labels alone: the same weights, or where they part."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.errors import SessionError
from app.session import open_to_read
from app.trainers import Trainers
from learning.messages import Phase, Snapshot


@dataclass(frozen=True, slots=True)
class Parting:
    """The first recorded digest that the replay did not pass through."""

    iteration: int
    events: int
    recorded: str
    found: str | None
    """None: the replay never came there, since it waited for another answer."""


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """How a replay went."""

    session: str
    iterations: int
    events: int
    checks: int
    """Recorded digests that the replay passed through."""
    digest: str
    """Of the last one."""
    parting: Parting | None

    @property
    def same(self) -> bool:
        """Whether the weights were the same at every record."""
        return self.parting is None


def replay(path: Path, trainers: Trainers, on_progress: Callable[[Snapshot, int], None]) -> ReplayReport:
    """Teaches a fresh trainer the events of the session at `path`, each at the iteration on record.

    Args:
        path: the session; it is not changed.
        trainers: makes the trainer.
        on_progress: called after each iteration with the snapshot and the iteration where the record ends.

    Raises:
        SessionError: it is no session, or nothing is on record yet.
    """
    with open_to_read(path) as session:
        digests = session.journal.digests()
        if session.header.trainer is None or not digests:
            raise SessionError(f"'{path}' has no checkpoint on record yet: there is nothing to compare with.")
        taken_at = session.journal.taken()
        events = [event for event in session.events() if event.id in taken_at]
        trainer = trainers.fresh(session.task, session.header.trainer, session.header.seed)
        for event in events:
            trainer.submit(event, at_iteration=taken_at[event.id])
        iteration, taken, checks, last = 0, 0, 0, digests[-1]
        for record in digests:
            while (iteration, taken) < (record.iteration, record.events):
                snapshot = trainer.step()
                stuck = snapshot.phase is Phase.WAITING and not snapshot.taken and snapshot.iteration == iteration
                iteration, taken = snapshot.iteration, taken + len(snapshot.taken)
                on_progress(snapshot, last.iteration)
                if stuck:
                    break
            here = (iteration, taken) == (record.iteration, record.events)
            found = trainer.weights_digest() if here else None
            if found != record.digest:
                parting = Parting(record.iteration, record.events, record.digest, found)
                return ReplayReport(str(path), iteration, taken, checks, trainer.weights_digest(), parting)
            checks += 1
        return ReplayReport(str(path), iteration, taken, checks, last.digest, None)


def verdict(report: ReplayReport) -> str:
    """One sentence."""
    if report.parting is None:
        return (
            f"'{report.session}' replays to the same weights: {report.events} events, {report.iterations} iterations, "
            f"{report.checks} digests compared, {report.digest[:12]}."
        )
    parting = report.parting
    where = f"iteration {parting.iteration} (after {parting.events} events)"
    found = "the replay never came there" if parting.found is None else f"found {parting.found[:12]}"
    return (
        f"'{report.session}' does not replay to the same weights: they part at or before {where}, "
        f"recorded {parting.recorded[:12]}, {found}; {report.checks} digests before it agreed."
    )
