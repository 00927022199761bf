"""The sessions there are, looked at without opening them."""

import os
import sqlite3
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Connection

from app.board import RING
from app.errors import DamagedSessionError, SessionError
from app.folder_gate import glance
from app.session import DATABASE, HEADER, PICTURE, Header, read_header
from app.store.database import engine_on
from app.store.journal import as_metric_row
from app.store.models import StoredEvent, StoredMetric, StoredPeek, StoredReinforcement
from app.store.schema import JOURNAL, check_schema, reading
from app.store.waiting import is_held
from app.trainers import refusal_of
from learning.messages import Choice, Press
from sim.errors import UserError, one_line, printable
from sim.registry import get_task
from ui.ports import SessionCard, SessionSummary

LOOK_SECONDS = 2.0
"""A look into a database takes no longer: Home shows many of them."""
HELD_SECONDS = 0.2
"""One that another program holds for itself is waited for so long: Home has others to show."""

Refusal = Callable[[dict[str, Any]], str | None]
"""`app.trainers.Trainers.refusal`."""


def cards(folder: Path, refusal: Refusal = refusal_of) -> list[SessionCard]:
    """A card for every session in `folder`, newest first; one that cannot be gone on with says why.

    What cannot be read hides nothing else: it has a card that says so, even where that is `folder` itself.
    """
    try:
        paths = [Path(entry.path) for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        return [_unreadable(folder, error)]
    found = [card(path, refusal) for path in paths]
    return sorted((item for item in found if item is not None), key=lambda item: item.modified, reverse=True)


def card(path: Path, refusal: Refusal = refusal_of) -> SessionCard | None:
    """The card of the session at `path`; None if there is nothing that looks like one."""
    try:
        return _card(path, refusal)
    except OSError as error:
        return _unreadable(path, error)


def problem_of(path: Path, refusal: Refusal = refusal_of) -> str | None:
    """Why the session at `path` cannot be gone on with by this program, as far as its header tells; None if it can."""
    try:
        return _header_problem(read_header(path), refusal)
    except UserError as error:
        return str(error)


def summary(path: Path) -> SessionSummary:
    """What is in the session at `path`, read without its trainer and without changing anything.

    Raises:
        SessionError: it cannot be read.
    """
    with _reading(path / DATABASE) as db:
        newest = select(func.max(StoredEvent.id)).group_by(StoredEvent.pair_id)
        chosen = Counter(db.scalars(select(StoredEvent.choice).where(StoredEvent.id.in_(newest))))
        teachers = sorted(set(db.scalars(select(StoredEvent.teacher).distinct())))
        rows = db.scalars(select(StoredMetric).order_by(StoredMetric.iteration.desc()).limit(RING)).all()
        metrics = tuple(as_metric_row(row) for row in reversed(rows))
        presses = _count_presses(db)
        peeked = _has_peeked(db)
        facts = [("Folder", str(path))]
        try:
            header = read_header(path)
        except UserError:
            pass
        else:
            facts += [("Task", header.task), ("Made", header.created), ("By", f"Backflip {header.version}")]
        answers = sum(count for choice, count in chosen.items() if choice is not None)
        facts.append(("Answers", f"{answers}{_by_choice(chosen)}"))
        facts.append(("Presses", str(presses)))
        if teachers:
            facts.append(("Teacher", ", ".join(map(str, teachers))))
        if metrics:
            facts.append(("Practice", f"{metrics[-1].env_steps:,} control steps"))
    return SessionSummary(tuple(facts), metrics, peeked)


def _card(path: Path, refusal: Refusal) -> SessionCard | None:
    link = os.readlink(path) if path.is_symlink() else None
    if link is not None and not path.exists():
        return _without_contents(path, f"It is a link to '{link}', which is not there.", path.lstat().st_mtime, link)
    if not stat.S_ISDIR(path.stat().st_mode):
        return None
    database = path / DATABASE
    looked_at = (database, database.with_name(database.name + JOURNAL), path / HEADER)
    times = [status.st_mtime for status in map(_status, looked_at) if status is not None]
    if not times:
        return None
    task, problem = path.name, None
    try:
        header = read_header(path)
        task = header.task
        glance(path)
        problem = _header_problem(header, refusal)
    except UserError as error:
        problem = str(error)
    labels = cannot_tell = 0
    readable = False
    try:
        labels, cannot_tell = _look(database)
        readable = True
    except UserError as error:
        problem = problem or str(error)
    picture = path / PICTURE
    status = _status(picture)
    return SessionCard(
        path=path,
        task=task,
        labels=labels,
        cannot_tell=cannot_tell,
        modified=max(times),
        picture=picture if status is not None and stat.S_ISREG(status.st_mode) else None,
        problem=problem,
        readable=readable,
        link=None if link is None else os.path.realpath(path),
    )


def _header_problem(header: Header, refusal: Refusal) -> str | None:
    """Why this program cannot go on with a session of this header."""
    try:
        task = get_task(header.task)
    except UserError as error:
        return f"{error} It was taught by Backflip {header.version}."
    if task.model_hash != header.model_hash:
        return f"It was taught on another model of '{task.name}', by Backflip {header.version}."
    refused = None if header.trainer is None else refusal(header.trainer)
    return None if refused is None else f"{refused} It was taught by Backflip {header.version}."


def _unreadable(path: Path, error: OSError) -> SessionCard:
    return _without_contents(path, f"'{path}' cannot be read: {error.strerror or error}.", 0.0, deletable=False)


def _without_contents(
    path: Path, problem: str, modified: float, link: str | None = None, *, deletable: bool = True
) -> SessionCard:
    """The card of something in whose place no session can be looked at."""
    return SessionCard(
        path=path,
        task=path.name,
        labels=0,
        modified=modified,
        picture=None,
        problem=printable(problem),
        link=link,
        deletable=deletable,
    )


def _status(path: Path) -> os.stat_result | None:
    """What is at `path`, links not followed; None if nothing is."""
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


@contextmanager
def _reading(database: Path) -> Iterator[Connection]:
    """A connection that changes nothing; whatever is wrong with the database becomes a sentence.

    Raises:
        SessionError: it cannot be read.
    """
    if _status(database) is None:
        raise DamagedSessionError(f"The database '{database}' is missing.")
    with reading(database, LOOK_SECONDS, HELD_SECONDS) as connection:
        check_schema(connection, database)
        try:
            with Connection(engine_on(connection)) as db:
                yield db
        except (SQLAlchemyError, sqlite3.Error, OSError, ValueError, TypeError, LookupError, OverflowError) as error:
            reason = getattr(error, "orig", None) or error
            if is_held(reason):
                raise SessionError(f"Another program holds the database '{database}': close it there.") from error
            raise DamagedSessionError(f"The database '{database}' cannot be read ({one_line(reason)}).") from error


def _look(database: Path) -> tuple[int, int]:
    """Answers and presses in force: those that say something, and how often the teacher could not tell.

    What is wrong with the newest point of the plots is noticed here, too.
    """
    newest = select(func.max(StoredEvent.id)).group_by(StoredEvent.pair_id)
    with _reading(database) as db:
        in_force = db.scalars(
            select(StoredEvent.choice).where(StoredEvent.id.in_(newest), StoredEvent.choice.is_not(None))
        ).all()
        cannot_tell = sum(choice == Choice.CANNOT_TELL for choice in in_force)
        newest_score = db.scalar(select(StoredMetric.true_score).order_by(StoredMetric.iteration.desc()).limit(1))
        float(newest_score or 0.0)
        return len(in_force) - cannot_tell + _count_presses(db), cannot_tell


def _has_peeked(db: Connection) -> bool:
    return db.scalar(select(StoredPeek.id).where(StoredPeek.peeking).limit(1)) is not None


def _count_presses(db: Connection) -> int:
    """Presses in force; none where the database is older than presses, as it is until it is opened."""
    if not inspect(db.connection()).has_table(StoredReinforcement.__tablename__):
        return 0
    newest = select(func.max(StoredReinforcement.id)).group_by(StoredReinforcement.number)
    in_force = select(func.count()).select_from(StoredReinforcement).where(StoredReinforcement.id.in_(newest))
    return db.scalar(in_force.where(StoredReinforcement.press.in_((Press.REWARD, Press.PUNISH)))) or 0


def _by_choice(chosen: Counter[str | None]) -> str:
    """How often each choice is in force, in brackets; empty without any."""
    parts = [f"{chosen[choice]} {choice.replace('_', ' ')}" for choice in Choice if chosen[choice]]
    return f" ({', '.join(parts)})" if parts else ""
