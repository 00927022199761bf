"""What the teacher did while watching: presses, silences, and what was taken back. Append-only, committed first."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session as Connection

from app.crash_points import crash_point
from app.errors import AnswerError, DamagedSessionError
from app.store.database import for_reading, storing
from app.store.labels import next_event_id
from app.store.models import StoredMoments, StoredReinforcement
from learning.messages import Press, Reinforcement
from sim.clip import ARRAYS, Clip, checked_arrays
from sim.errors import ClipError, one_line
from sim.task import Floats, Task
from sim.untrusted import parse_tensors

DTYPES = frozenset(ARRAYS.values())


@dataclass(frozen=True, slots=True)
class PressInForce:
    """What the newest event about some moments says."""

    number: int
    press: Press | None
    strong: bool


class PressStore:
    """The presses of a session. One thread uses it: the one the teacher is on."""

    def __init__(self, engine: Engine, path: Path, task: Task) -> None:
        """Writes through `engine`, whose commits reach the disk; `path` is for messages."""
        self._engine = engine
        self._reading = for_reading(engine)
        self._path = path
        self._task = task

    def append(
        self, press: Press, clip: Clip, shares: Floats, *, strong: bool, seconds: float, teacher: str, peeking: bool
    ) -> Reinforcement:
        """Commits what was done about moments that were never judged before.

        Args:
            press: a press, or silence.
            clip: the moments.
            shares: (T,) how much of the press each of its frames is credited with.
            strong: whether the press was held.
            seconds: of watching since the event before.
            teacher: `person`, or the kind of the simulated one.
            peeking: whether the true score was on the screen.

        Raises:
            StorageError: it could not be committed; then nothing has changed.
        """
        recording = save({**{name: np.ascontiguousarray(getattr(clip, name)) for name in ARRAYS}, "shares": shares})
        with storing("The press", self._path), Connection(self._engine) as db, db.begin():
            newest = db.scalar(select(func.max(StoredMoments.number)))
            number = 0 if newest is None else newest + 1
            event = Reinforcement(next_event_id(db), number, press, strong, clip, shares)
            db.add(StoredMoments(number=number, recording=recording))
            db.flush()
            crash_point("moments written")
            db.add(_row(event, seconds, teacher, peeking))
        crash_point("press committed")
        return event

    def change(
        self, number: int, press: Press | None, *, strong: bool, seconds: float, teacher: str, peeking: bool
    ) -> Reinforcement:
        """Commits that something else is said of moments that were judged before; None takes it back.

        Raises:
            AnswerError: they never were, or there is nothing to take back.
            StorageError: it could not be committed.
        """
        with storing("The press", self._path), Connection(self._engine) as db, db.begin():
            last = db.scalars(
                select(StoredReinforcement)
                .where(StoredReinforcement.number == number)
                .order_by(StoredReinforcement.id.desc())
                .limit(1)
            ).first()
            if last is None:
                raise AnswerError(f"Moments {number} were never judged in this session.")
            if press is None and last.press is None:
                raise AnswerError(f"What was said of moments {number} is taken back already.")
            event = Reinforcement(next_event_id(db), number, press, strong, supersedes=last.id)
            db.add(_row(event, seconds, teacher, peeking))
        crash_point("change of a press committed")
        return event

    def events(self, without: Collection[int] = ()) -> list[Reinforcement]:
        """All events but those of some ids, in the order committed; the first about each moments brings them.

        Raises:
            DamagedSessionError: a recording cannot be read.
        """
        with Connection(self._reading) as db:
            rows = db.scalars(select(StoredReinforcement).order_by(StoredReinforcement.id)).all()
            return [self._event(row, db) for row in rows if row.id not in without]

    def label_chain(self) -> list[tuple[int, int, bool]]:
        """(event id, number of the moments, whether that is a label) of every event, in the order committed."""
        chosen = select(StoredReinforcement).order_by(StoredReinforcement.id)
        with Connection(self._reading) as db:
            return [(row.id, row.number, counts_as_label(_press(row))) for row in db.scalars(chosen)]

    def in_force(self) -> dict[int, PressInForce]:
        """The newest event about each moments, by number, in the order first judged."""
        newest = select(func.max(StoredReinforcement.id)).group_by(StoredReinforcement.number)
        with Connection(self._reading) as db:
            chosen = select(StoredReinforcement).where(StoredReinforcement.id.in_(newest))
            rows = db.scalars(chosen.order_by(StoredReinforcement.number)).all()
        return {row.number: PressInForce(row.number, _press(row), row.strong) for row in rows}

    def count(self) -> int:
        """Presses in force; silences are not counted."""
        return sum(counts_as_label(moments.press) for moments in self.in_force().values())

    def press_counts(self) -> dict[str, int]:
        """How often each press is in force; empty where nobody ever pressed."""
        in_force = [moments.press for moments in self.in_force().values() if counts_as_label(moments.press)]
        return {str(press): in_force.count(press) for press in (Press.REWARD, Press.PUNISH)} if in_force else {}

    def teachers(self) -> tuple[str, ...]:
        """Who gave the events, in alphabetical order."""
        with Connection(self._reading) as db:
            return tuple(
                db.scalars(select(StoredReinforcement.teacher).distinct().order_by(StoredReinforcement.teacher))
            )

    def seconds_watched(self) -> float:
        """Of all events."""
        with Connection(self._reading) as db:
            return float(db.scalar(select(func.sum(StoredReinforcement.seconds))) or 0.0)

    def _event(self, row: StoredReinforcement, db: Connection) -> Reinforcement:
        if row.supersedes is not None:
            return Reinforcement(row.id, row.number, _press(row), row.strong, supersedes=row.supersedes)
        task = self._task
        try:
            recorded, _ = parse_tensors(db.get_one(StoredMoments, row.number).recording, DTYPES)
            arrays = checked_arrays(recorded, task)
            clip = Clip(task.name, task.model_hash, task.control_dt, *arrays)
            shares = recorded["shares"]
            if shares.shape != (len(clip),) or shares.dtype != np.float64 or not np.isfinite(shares).all():
                raise ValueError(f"shares have shape {shares.shape}, wanted ({len(clip)},) finite numbers")
        except (ValueError, KeyError, NoResultFound, ClipError) as error:
            raise DamagedSessionError(
                f"Moments {row.number} in '{self._path}' cannot be read: {one_line(error)}."
            ) from error
        return Reinforcement(row.id, row.number, _press(row), row.strong, clip, shares)


def counts_as_label(press: Press | None) -> bool:
    """Whether it is a press in force, and not silence."""
    return press in (Press.REWARD, Press.PUNISH)


def _press(row: StoredReinforcement) -> Press | None:
    return Press(row.press) if row.press else None


def _row(event: Reinforcement, seconds: float, teacher: str, peeking: bool) -> StoredReinforcement:
    return StoredReinforcement(
        id=event.id,
        number=event.number,
        press=event.press,
        strong=event.strong,
        supersedes=event.supersedes,
        created_at=time.time(),
        seconds=seconds,
        teacher=teacher,
        peeking=peeking,
    )
