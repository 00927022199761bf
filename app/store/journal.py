"""What the trainer did: pairs offered, events taken in, metrics, digests. Written from the trainer's thread alone.

It shares the database with `LabelStore` and none of its tables; both wait for each other for a few milliseconds. What
is lost here, the trainer makes again from the labels.
"""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from safetensors.numpy import save
from sqlalchemy import Engine, and_, delete, or_, select
from sqlalchemy.orm import Session as Connection

from app.bundle_weights import FLOAT, as_policy, as_tensors
from app.crash_points import crash_point
from app.errors import DamagedSessionError
from app.store.database import for_reading, storing
from app.store.models import StoredDigest, StoredMeterPoint, StoredMetric, StoredPair, StoredTaken
from learning.messages import MeterPoint, Pair, Reading, Snapshot, Taken
from sim.errors import one_line
from sim.untrusted import parse_tensors
from ui.ports import MetricRow


@dataclass(frozen=True, slots=True)
class OfferedPair:
    """A pair, and the files that its clips are in."""

    pair: Pair
    left_clip: str
    right_clip: str
    iteration: int


@dataclass(frozen=True, slots=True)
class Digest:
    """What the learned weights hashed to between two iterations."""

    iteration: int
    events: int
    """Events taken in by then."""
    digest: str


class TrainingJournal:
    """The trainer's side of the database."""

    def __init__(self, quick: Engine, durable: Engine, path: Path) -> None:
        """Writes through `quick`, and through `durable` what a checkpoint on disk must never be ahead of."""
        self._quick = quick
        self._reading = for_reading(quick)
        self._durable = durable
        self._path = path

    def record(
        self,
        taken: Iterable[Taken] = (),
        pairs: Iterable[OfferedPair] = (),
        metric: Snapshot | None = None,
        points: Iterable[MeterPoint] = (),
    ) -> None:
        """Commits what one iteration brought. What is recorded already stays as it is.

        Raises:
            StorageError: it could not be committed.
        """
        with storing("The training record", self._path), Connection(self._quick) as db, db.begin():
            for item in taken:
                db.merge(StoredTaken(event_id=item.event_id, iteration=item.iteration))
            for offered in pairs:
                if db.get(StoredPair, offered.pair.id) is None:
                    db.add(_pair_row(offered))
            if metric is not None:
                db.merge(StoredMetric(iteration=metric.iteration, **_columns(metric_row(metric))))
            for point in points:
                row = db.get(StoredMeterPoint, point.version)
                db.merge(_point_row(point if row is None else remeasured(_as_point(row, self._path), point)))

    def record_digest(self, digest: Digest) -> None:
        """Commits a digest and everything before it, to the disk."""
        with storing("The training record", self._path), Connection(self._durable) as db, db.begin():
            db.merge(StoredDigest(iteration=digest.iteration, events=digest.events, digest=digest.digest))

    def taken(self) -> dict[int, int]:
        """Event id -> the iteration it was taken in at."""
        with Connection(self._reading) as db:
            return {row.event_id: row.iteration for row in db.scalars(select(StoredTaken))}

    def forget_after(self, iteration: int, events: int, event_ids: Sequence[int]) -> None:
        """Drops the record of a course that is not taken again.

        Args:
            iteration: the trainer's; all digests and policies after it go.
            events: taken in by then; digests of this iteration that more events led to go as well.
            event_ids: the events whose record goes.
        """
        later = or_(
            StoredDigest.iteration > iteration, and_(StoredDigest.iteration == iteration, StoredDigest.events > events)
        )
        with storing("The training record", self._path), Connection(self._quick) as db, db.begin():
            db.execute(delete(StoredTaken).where(StoredTaken.event_id.in_(event_ids)))
            crash_point("record half forgotten")
            db.execute(delete(StoredDigest).where(later))
            db.execute(delete(StoredMeterPoint).where(StoredMeterPoint.iteration > iteration))
        crash_point("record forgotten")

    def digests(self) -> list[Digest]:
        """All digests, in the order of the iterations."""
        with Connection(self._reading) as db:
            rows = db.scalars(select(StoredDigest).order_by(StoredDigest.iteration, StoredDigest.events)).all()
        return [Digest(row.iteration, row.events, row.digest) for row in rows]

    def last_digest(self) -> tuple[int, int]:
        """Where the record ends: iterations done and events taken in at the last digest; zeros before the first."""
        last = select(StoredDigest).order_by(StoredDigest.iteration.desc(), StoredDigest.events.desc()).limit(1)
        with Connection(self._quick) as db:
            row = db.scalars(last).first()
        return (0, 0) if row is None else (row.iteration, row.events)

    def pair_ids(self) -> set[int]:
        """The pairs recorded so far."""
        with Connection(self._reading) as db:
            return set(db.scalars(select(StoredPair.id)))

    def metrics(self, count: int) -> list[MetricRow]:
        """The newest `count` points, oldest first."""
        with Connection(self._reading) as db:
            rows = db.scalars(select(StoredMetric).order_by(StoredMetric.iteration.desc()).limit(count)).all()
        return [as_metric_row(row) for row in reversed(rows)]

    def points(self) -> list[MeterPoint]:
        """All policies that had a trial, oldest first.

        Raises:
            DamagedSessionError: one cannot be read.
        """
        with Connection(self._reading) as db:
            rows = db.scalars(select(StoredMeterPoint).order_by(StoredMeterPoint.version)).all()
        return [_as_point(row, self._path) for row in rows]


def remeasured(old: MeterPoint, new: MeterPoint) -> MeterPoint:
    """The same policy measured again: from another reference, say. What was learnt by its trial stays on record."""
    return new if old.iteration != new.iteration else replace(old, reading=new.reading)


def metric_row(snapshot: Snapshot) -> MetricRow:
    """The point of the plots that belongs to `snapshot`."""
    return MetricRow(
        labels=snapshot.labels,
        env_steps=snapshot.env_steps,
        learned_reward=snapshot.learned_reward,
        learned_reward_std=snapshot.learned_reward_std,
        agreement=snapshot.agreement,
        agreement_count=snapshot.agreement_count,
        true_score=snapshot.true_score,
        falls_per_10s=snapshot.falls_per_10s,
        leash_used=snapshot.leash_used,
    )


def as_metric_row(row: StoredMetric) -> MetricRow:
    """The point that was stored; a number that there was none of is NaN again."""
    return MetricRow(
        labels=row.labels,
        env_steps=row.env_steps,
        learned_reward=_number(row.learned_reward),
        learned_reward_std=_number(row.learned_reward_std),
        agreement=row.agreement,
        agreement_count=row.agreement_count,
        true_score=_number(row.true_score),
        falls_per_10s=_number(row.falls_per_10s),
        leash_used=_number(row.leash_used),
    )


def _columns(row: MetricRow) -> dict[str, float | int | None]:
    # not every database stores NaN
    return {
        key: None if isinstance(value, float) and math.isnan(value) else value for key, value in asdict(row).items()
    }


def _point_row(point: MeterPoint) -> StoredMeterPoint:
    reading = point.reading
    return StoredMeterPoint(
        version=point.version,
        generation=point.generation,
        iteration=point.iteration,
        labels=point.labels,
        env_steps=point.env_steps,
        kl=reading.kl if math.isfinite(reading.kl) else None,
        kl_error=reading.std_error if math.isfinite(reading.std_error) else None,
        learned_reward=point.learned_reward,
        learned_reward_std=point.learned_reward_std,
        true_score=point.true_score,
        falls_per_10s=point.falls_per_10s,
        policy=save(as_tensors(point.policy)),
    )


def _as_point(row: StoredMeterPoint, path: Path) -> MeterPoint:
    try:
        policy = as_policy(parse_tensors(row.policy, {FLOAT})[0])
    except ValueError as error:
        raise DamagedSessionError(f"Policy {row.version} in '{path}' cannot be read: {one_line(error)}.") from error
    return MeterPoint(
        row.version,
        row.generation,
        row.iteration,
        row.labels,
        row.env_steps,
        Reading(_number(row.kl), _number(row.kl_error)),
        row.learned_reward,
        row.learned_reward_std,
        row.true_score,
        row.falls_per_10s,
        policy,
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _pair_row(offered: OfferedPair) -> StoredPair:
    pair = offered.pair
    return StoredPair(
        id=pair.id,
        kind=pair.kind,
        repeats=pair.repeats,
        swapped=pair.swapped,
        left_clip=offered.left_clip,
        right_clip=offered.right_clip,
        offered_at=time.time(),
        iteration=offered.iteration,
    )
