"""Opens a session's database: pragmas, integrity, migrations, a backup copy."""

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from app.errors import DamagedSessionError, ForeignSessionError, HeldDatabaseError, SessionError, StorageError
from app.store.waiting import BUSY_SECONDS, begin_reading, begin_writing, is_held, set_patience

log = logging.getLogger(__name__)

REVISIONS = ("0001", "0002", "0003")
"""All migrations, oldest first. Kept here so that an up-to-date database opens without loading Alembic."""
READING = {"reading": True}
"""The execution option of transactions that only read."""
DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
"""What SQLite calls contents that are not a database's; all else is the disk's or another program's doing."""
BACKUP_FOLDER = "backups"
"""Beside the database, in the session folder."""
BACKUPS_KEPT = 3


def sqlite_engine(path: Path, *, durable: bool) -> Engine:
    """An engine on the database at `path`, in WAL mode.

    Args:
        path: the database file.
        durable: whether a commit reaches the disk before it returns (labels), or a power cut may take the last moments
            (the trainer's own records, which it would make again).
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # the driver's own implicit transactions begin late, and then fail at once where they should wait
        connection.isolation_level = None
        set_patience(connection)
        synchronous = "FULL" if durable else "NORMAL"
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        driver = connection.connection.driver_connection
        if READING.items() <= connection.get_execution_options().items():
            begin_reading(driver)
        else:
            begin_writing(driver, path)

    return engine


def for_reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read: they wait for nobody who writes."""
    return engine.execution_options(**READING)


def reading_engine(path: Path, seconds: float = BUSY_SECONDS) -> Engine:
    """An engine that cannot change the database at `path`: another program may have the session open.

    It waits no longer than `seconds` for one that keeps readers out too.
    """
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=seconds),
        poolclass=NullPool,
    )


@contextmanager
def storing(what: str, path: Path) -> Iterator[None]:
    """Turns the driver's errors into one sentence that says what was not stored.

    Raises:
        HeldDatabaseError: another program holds the database.
        StorageError: the database could not be written.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        if is_held(error.orig if isinstance(error, DBAPIError) else error):
            raise HeldDatabaseError(
                f"{what} could not be stored: another program holds the database '{path}'; close it there."
            ) from error
        reason = error.orig if isinstance(error, DBAPIError) else (getattr(error, "strerror", None) or error)
        log.warning("%s could not be stored in '%s'", what, path, exc_info=True)
        raise StorageError(
            f"{what} could not be stored in '{path}': {reason}; nothing stored before is lost."
        ) from error


def check(path: Path) -> None:
    """Reads the whole database once.

    Raises:
        DamagedSessionError: it is damaged, or no database; the newest backup is named if there is one.
        StorageError: it cannot be read at present, which says nothing about what is in it.
    """
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        if not getattr(error, "sqlite_errorname", "").startswith(DAMAGE):
            raise StorageError(
                f"The database '{path}' cannot be opened: {error} (is the disk full or locked?)."
            ) from error
        problem = str(error)
    if problem != "ok":
        raise DamagedSessionError(f"The database '{path}' cannot be read ({_one_line(problem)}); {_way_out(path)}.")


def revision(path: Path) -> str | None:
    """The migration that the database at `path` is at; None for an empty one."""
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    return str(row[0]) if row else None


def migrate(engine: Engine, path: Path) -> None:
    """Brings the database to the newest revision.

    Raises:
        ForeignSessionError: it is of a revision that this program does not know.
        StorageError: it cannot be written.
    """
    found = revision(path)
    if found == REVISIONS[-1]:
        return
    if found is not None and found not in REVISIONS:
        raise ForeignSessionError(
            f"'{path}' has database revision {found}, wanted {REVISIONS[-1]} or older: it was made by a newer Backflip."
        )
    with storing("The layout of the database", path), engine.begin() as connection:
        upgrade(connection)


def upgrade(connection: Any) -> None:
    """Runs all migrations that `connection`'s database has not had."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # a percent sign in a path would be an interpolation
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def back_up(path: Path, folder: Path) -> None:
    """Copies the database into `folder`, under a rising number, and keeps the last few copies.

    A copy that fails (a full disk, say) is logged and does not keep the session from opening.
    """
    numbers = [int(name.stem.rpartition("-")[2]) for name in _backups(folder)]
    target = folder / f"session-{max(numbers, default=0) + 1:06d}.sqlite3"
    beside = target.with_suffix(".part")
    try:
        folder.mkdir(exist_ok=True)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(beside)) as copy:
            source.backup(copy)
        os.replace(beside, target)
        for old in _backups(folder)[:-BACKUPS_KEPT]:
            old.unlink()
    except (sqlite3.Error, OSError):
        log.warning("no backup of '%s' was made", path, exc_info=True)
        beside.unlink(missing_ok=True)


def open_database(path: Path, backups: Path, *, new: bool) -> tuple[Engine, Engine]:
    """Checks, backs up and migrates the database at `path`.

    Returns:
        The durable engine for labels, and the quick one for the trainer's records.

    Raises:
        SessionError: it is missing, damaged, or of a newer program.
        StorageError: it cannot be written.
    """
    if not new:
        if not path.is_file():
            raise DamagedSessionError(f"The database '{path}' is missing; {_way_out(path)}.")
        check(path)
        back_up(path, backups)
    durable = sqlite_engine(path, durable=True)
    try:
        migrate(durable, path)
    except (SessionError, StorageError):
        durable.dispose()
        raise
    except sqlite3.Error as error:
        durable.dispose()
        raise StorageError(f"The database '{path}' cannot be used: {error}.") from error
    return durable, sqlite_engine(path, durable=False)


def _backups(folder: Path) -> list[Path]:
    return sorted(folder.glob("session-*.sqlite3"))


def _way_out(path: Path) -> str:
    copies = _backups(path.parent / BACKUP_FOLDER)
    if not copies:
        return "there is no backup copy of it"
    journal = path.with_name(path.name + "-wal")
    # a left-over journal would be applied to the copy, and damage it too
    first = f"remove '{journal.name}' and " if journal.exists() else ""
    return f"its last good copy is '{copies[-1]}': {first}put that in its place to go on from there"


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
