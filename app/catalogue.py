"""The sessions there are, looked at without opening them."""

import sqlite3
from pathlib import Path

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Connection

from app.errors import DamagedSessionError
from app.session import DATABASE, HEADER, PICTURE, read_header
from app.store.database import reading_engine
from app.store.models import StoredEvent, StoredMetric, StoredPeek, StoredReinforcement
from app.store.schema import check_schema, reading
from learning.messages import Press
from sim.errors import UserError, one_line
from sim.registry import get_task
from ui.ports import SessionCard

LOOK_SECONDS = 2.0
"""A look into a database takes no longer: Home shows many of them."""


def cards(folder: Path) -> list[SessionCard]:
    """A card for every session in `folder`, newest first; one that cannot be opened says why."""
    if not folder.is_dir():
        return []
    found = [card(path) for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return sorted((item for item in found if item is not None), key=lambda item: item.modified, reverse=True)


def card(path: Path) -> SessionCard | None:
    """The card of the session at `path`; None if there is nothing that looks like one."""
    database = path / DATABASE
    if not database.exists() and not (path / HEADER).exists():
        return None
    task, labels, true_score, peeked, problem = path.name, 0, None, False, None
    try:
        header = read_header(path)
        task = header.task
        if get_task(task).model_hash != header.model_hash:
            problem = f"It was taught on another model of '{task}', by Backflip {header.version}."
        labels, true_score, peeked = _look(database)
    except UserError as error:
        problem = str(error)
    picture = path / PICTURE
    times = [file.stat().st_mtime for file in (database, Path(f"{database}-wal"), path / HEADER) if file.exists()]
    return SessionCard(
        path=path,
        task=task,
        labels=labels,
        true_score=true_score,
        peeked=peeked,
        modified=max(times),
        picture=picture if picture.exists() else None,
        problem=problem,
    )


def _look(database: Path) -> tuple[int, float | None, bool]:
    """Answers and presses in force, the last true score, and whether the teacher peeked."""
    newest = select(func.max(StoredEvent.id)).group_by(StoredEvent.pair_id)
    with reading(database, LOOK_SECONDS) as connection:
        check_schema(connection, database)
    try:
        engine = reading_engine(database, LOOK_SECONDS)
        with Connection(engine) as db:
            labels = db.scalar(
                select(func.count())
                .select_from(StoredEvent)
                .where(StoredEvent.id.in_(newest), StoredEvent.choice.is_not(None))
            )
            presses = _count_presses(db)
            score = db.scalar(select(StoredMetric.true_score).order_by(StoredMetric.iteration.desc()).limit(1))
            peeked = db.scalar(select(StoredPeek.id).where(StoredPeek.peeking).limit(1)) is not None
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = getattr(error, "orig", None) or error
        raise DamagedSessionError(f"The database '{database}' cannot be read ({one_line(reason)}).") from error
    return (labels or 0) + presses, score, peeked


def _count_presses(db: Connection) -> int:
    """In force; none where the database is older than presses, as it is until it is opened."""
    if not inspect(db.connection()).has_table(StoredReinforcement.__tablename__):
        return 0
    newest = select(func.max(StoredReinforcement.id)).group_by(StoredReinforcement.number)
    in_force = select(func.count()).select_from(StoredReinforcement).where(StoredReinforcement.id.in_(newest))
    return db.scalar(in_force.where(StoredReinforcement.press.in_((Press.REWARD, Press.PUNISH)))) or 0
