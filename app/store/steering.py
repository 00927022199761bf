"""How the teacher steered practice: append-only, committed before the trainer hears of it."""

import math
import time
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session as Connection

from app.crash_points import crash_point
from app.errors import AnswerError
from app.store.database import for_reading, storing
from app.store.labels import next_event_id
from app.store.models import StoredMeterPoint, StoredSteering
from learning.messages import PenaltyMode, Steering, SteeringKind


class SteeringStore:
    """The steering of a session. One thread uses it: the one the teacher is on."""

    def __init__(self, engine: Engine, path: Path) -> None:
        """Writes through `engine`, whose commits reach the disk; `path` is for messages."""
        self._engine = engine
        self._reading = for_reading(engine)
        self._path = path

    def choose_policy(self, kind: SteeringKind, version: int, *, teacher: str, peeking: bool) -> Steering:
        """Commits that a policy is measured from, or gone back to.

        Raises:
            AnswerError: no policy of that version had its trial in this session.
            StorageError: it could not be committed; then nothing has changed.
        """
        with storing("The choice of a policy", self._path), Connection(self._engine) as db, db.begin():
            if db.get(StoredMeterPoint, version) is None:
                raise AnswerError(f"There is no policy {version} in this session.")
            event = Steering(next_event_id(db), kind, version)
            db.add(_row(event, teacher, peeking=peeking))
        return _committed(event)

    def set_penalty(self, mode: PenaltyMode, value: float | None, *, teacher: str, peeking: bool) -> Steering:
        """Commits what straying costs from now on; see `Steering` for `value`.

        Raises:
            AnswerError: the mode needs a number above zero.
            StorageError: it could not be committed.
        """
        if mode is PenaltyMode.OFF:
            value = None
        elif value is None or not (math.isfinite(value) and value > 0.0):
            raise AnswerError(f"A KL penalty that is {mode} needs a number above 0, found {value}.")
        with storing("The KL penalty", self._path), Connection(self._engine) as db, db.begin():
            event = Steering(next_event_id(db), SteeringKind.PENALTY, None, mode, value)
            db.add(_row(event, teacher, peeking=peeking))
        return _committed(event)

    def ask_fresh(self, *, teacher: str, peeking: bool) -> Steering:
        """Commits that fresh pairs about what is shown were asked for.

        Raises:
            StorageError: it could not be committed.
        """
        with storing("The wish for fresh pairs", self._path), Connection(self._engine) as db, db.begin():
            event = Steering(next_event_id(db), SteeringKind.FRESH_PAIRS)
            db.add(_row(event, teacher, peeking=peeking))
        return _committed(event)

    def take_back(self, event_id: int, *, teacher: str, peeking: bool) -> Steering:
        """Commits that an event is taken back.

        Raises:
            AnswerError: there is no such event, or it is taken back already.
            StorageError: it could not be committed.
        """
        with storing("Taking it back", self._path), Connection(self._engine) as db, db.begin():
            row = db.get(StoredSteering, event_id)
            if row is None or row.supersedes is not None:
                raise AnswerError(f"Event {event_id} steers nothing.")
            if db.scalar(select(StoredSteering.id).where(StoredSteering.supersedes == event_id)) is not None:
                raise AnswerError(f"Event {event_id} is taken back already.")
            event = Steering(next_event_id(db), SteeringKind(row.kind), supersedes=event_id)
            db.add(_row(event, teacher, peeking=peeking))
        return _committed(event)

    def events(self) -> list[Steering]:
        """All events, in the order committed."""
        with Connection(self._reading) as db:
            rows = db.scalars(select(StoredSteering).order_by(StoredSteering.id)).all()
        return [
            Steering(
                row.id,
                SteeringKind(row.kind),
                row.version,
                None if row.mode is None else PenaltyMode(row.mode),
                row.value,
                row.supersedes,
            )
            for row in rows
        ]

    def in_force(self) -> list[Steering]:
        """The events that were not taken back, oldest first."""
        events = self.events()
        undone = {event.supersedes for event in events}
        return [event for event in events if event.supersedes is None and event.id not in undone]


def _committed(event: Steering) -> Steering:
    crash_point("steering committed")
    return event


def _row(event: Steering, teacher: str, *, peeking: bool) -> StoredSteering:
    return StoredSteering(
        id=event.id,
        kind=event.kind,
        version=event.version,
        mode=event.mode,
        value=event.value,
        supersedes=event.supersedes,
        created_at=time.time(),
        teacher=teacher,
        peeking=peeking,
    )
