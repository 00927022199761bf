"""What the teacher did: answers, flags, peeks. Append-only, committed before anything else hears of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session as Connection

from app.crash_points import crash_point
from app.errors import AnswerError
from app.store.database import for_reading, storing
from app.store.models import (
    Meta,
    StoredEvent,
    StoredFlag,
    StoredPair,
    StoredPeek,
    StoredReinforcement,
    StoredSteering,
)
from learning.messages import Choice, FeedbackEvent


@dataclass(frozen=True, slots=True)
class LabelInForce:
    """The newest event of a pair, and what was recorded beside it."""

    event: FeedbackEvent
    seconds: float
    """How long the teacher took."""
    flagged: bool


@dataclass(frozen=True, slots=True)
class PairFiles:
    """A pair as it is stored: its clips are file names inside the session's `clips` folder."""

    id: int
    kind: str
    left_clip: str
    right_clip: str
    repeats: int | None
    swapped: bool


class LabelStore:
    """The teacher's side of the database. One thread uses it: the one the teacher is on."""

    def __init__(self, engine: Engine, path: Path) -> None:
        """Writes through `engine`, whose commits reach the disk; `path` is for messages."""
        self._engine = engine
        self._reading = for_reading(engine)
        self._path = path

    def append(
        self, pair_id: int, choice: Choice | None, seconds: float, *, teacher: str, peeking: bool
    ) -> FeedbackEvent:
        """Commits an answer to a pair, superseding the one in force if there is one.

        Args:
            pair_id: the pair, which must have been offered.
            choice: the answer; None takes the answer in force back.
            seconds: how long the teacher took.
            teacher: `person`, or the kind of the simulated teacher.
            peeking: whether the true score was on the screen.

        Raises:
            AnswerError: the pair was never offered, or there is nothing to take back.
            StorageError: it could not be committed; then nothing has changed.
        """
        with storing("The answer", self._path), Connection(self._engine) as db, db.begin():
            event = _append(db, pair_id, choice, seconds, teacher=teacher, peeking=peeking)
            crash_point("label written")
        crash_point("label committed")
        return event

    def append_all(
        self, answers: Mapping[int, float], choice: Choice, *, teacher: str, peeking: bool
    ) -> list[FeedbackEvent]:
        """Commits the same answer to several pairs, all of them or none.

        Args:
            answers: how long the teacher took for each pair, by its number.
            choice: the answer.
            teacher: as in `append`.
            peeking: as in `append`.

        Raises:
            AnswerError: a pair was never offered.
            StorageError: they could not be committed; then nothing has changed.
        """
        with storing("The answers", self._path), Connection(self._engine) as db, db.begin():
            events = []
            for pair_id, seconds in answers.items():
                events.append(_append(db, pair_id, choice, seconds, teacher=teacher, peeking=peeking))
                db.flush()
                crash_point("one of several labels written")
        crash_point("several labels committed")
        return events

    def events(self) -> list[FeedbackEvent]:
        """All events, in the order committed."""
        with Connection(self._reading) as db:
            rows = db.scalars(select(StoredEvent).order_by(StoredEvent.id)).all()
        return [_as_event(row) for row in rows]

    def in_force(self) -> dict[int, LabelInForce]:
        """The newest event of each pair that has one, in the order in which the pairs were answered first.

        An answer that was taken back is in it with the choice None.
        """
        newest = select(func.max(StoredEvent.id)).group_by(StoredEvent.pair_id)
        with Connection(self._reading) as db:
            rows = db.scalars(select(StoredEvent).where(StoredEvent.id.in_(newest))).all()
            first = select(StoredEvent.pair_id).group_by(StoredEvent.pair_id).order_by(func.min(StoredEvent.id))
            place = {pair_id: number for number, pair_id in enumerate(db.scalars(first))}
            rows = sorted(rows, key=lambda row: place[row.pair_id])
            flags = {flag.pair_id: flag.flagged for flag in db.scalars(select(StoredFlag).order_by(StoredFlag.id))}
        return {row.pair_id: LabelInForce(_as_event(row), row.seconds, flags.get(row.pair_id, False)) for row in rows}

    def pair_files(self, pair_id: int) -> PairFiles:
        """Where the clips of a pair are.

        Raises:
            AnswerError: it was never offered.
        """
        with Connection(self._reading) as db:
            row = db.get(StoredPair, pair_id)
        if row is None:
            raise AnswerError(f"Pair {pair_id} was never offered in this session.")
        return PairFiles(row.id, row.kind, row.left_clip, row.right_clip, row.repeats, row.swapped)

    def set_flag(self, pair_id: int, flagged: bool) -> None:
        """Commits that a pair was flagged, or no longer is."""
        with storing("The flag", self._path), Connection(self._engine) as db, db.begin():
            db.add(StoredFlag(pair_id=pair_id, flagged=flagged, created_at=time.time()))

    def set_peek(self, peeking: bool) -> None:
        """Commits that the true score was shown, or hidden again."""
        with storing("The peek", self._path), Connection(self._engine) as db, db.begin():
            db.add(StoredPeek(peeking=peeking, created_at=time.time()))

    def ever_peeked(self) -> bool:
        """Whether the teacher has seen the true score in this session."""
        with Connection(self._reading) as db:
            return db.scalar(select(StoredPeek.id).where(StoredPeek.peeking).limit(1)) is not None

    def teachers(self) -> tuple[str, ...]:
        """Who gave the events, in alphabetical order."""
        with Connection(self._reading) as db:
            return tuple(db.scalars(select(StoredEvent.teacher).distinct().order_by(StoredEvent.teacher)))

    def fact(self, key: str) -> str | None:
        """A single fact about the session, or None."""
        with Connection(self._reading) as db:
            row = db.get(Meta, key)
        return row.value if row else None

    def set_fact(self, key: str, value: str) -> None:
        """Commits a single fact about the session."""
        with storing(f"'{key}'", self._path), Connection(self._engine) as db, db.begin():
            db.merge(Meta(key=key, value=value))


def _append(
    db: Connection, pair_id: int, choice: Choice | None, seconds: float, *, teacher: str, peeking: bool
) -> FeedbackEvent:
    if db.get(StoredPair, pair_id) is None:
        raise AnswerError(f"Pair {pair_id} was never offered in this session.")
    last = db.scalars(
        select(StoredEvent).where(StoredEvent.pair_id == pair_id).order_by(StoredEvent.id.desc()).limit(1)
    ).first()
    if choice is None and (last is None or last.choice is None):
        raise AnswerError(f"Pair {pair_id} has no answer that could be taken back.")
    event = FeedbackEvent(next_event_id(db), pair_id, choice, last.id if last else None)
    db.add(
        StoredEvent(
            id=event.id,
            pair_id=pair_id,
            choice=choice,
            supersedes=event.supersedes,
            created_at=time.time(),
            seconds=seconds,
            teacher=teacher,
            peeking=peeking,
        )
    )
    return event


def next_event_id(db: Connection) -> int:
    """The number of the next event, answer, press or steering: they are counted together."""
    kinds = (StoredEvent, StoredReinforcement, StoredSteering)
    newest = (db.scalar(select(func.max(kind.id))) for kind in kinds)
    return max(number or 0 for number in newest) + 1


def _as_event(row: StoredEvent) -> FeedbackEvent:
    return FeedbackEvent(row.id, row.pair_id, Choice(row.choice) if row.choice else None, row.supersedes)
