"""Opens a session's database: pragmas, integrity, migrations, a backup copy."""

import logging
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from app.crash_points import crash_point
from app.errors import DamagedSessionError, HeldDatabaseError, SessionError, StorageError
from app.store.schema import JOURNAL, check_contents, check_schema, guard, reading
from app.store.waiting import BUSY_SECONDS, begin_reading, begin_writing, is_held, result_code, set_patience
from sim.beside import new_part, part_path
from sim.errors import one_line

log = logging.getLogger(__name__)

REVISIONS = ("0001", "0002", "0003")
"""All migrations, oldest first. Kept here so that an up-to-date database opens without loading Alembic."""
READING = {"reading": True}
"""The execution option of transactions that only read."""
BACKUP_FOLDER = "backups"
"""Beside the database, in the session folder."""
BACKUPS_KEPT = 3
BACKUP_NAME = re.compile(r"session-(\d{6,12})\.sqlite3")


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
        try:
            for pragma in (
                "journal_mode=WAL",
                f"synchronous={synchronous}",
                "foreign_keys=ON",
                "recursive_triggers=ON",
            ):
                connection.execute(f"PRAGMA {pragma}")
            guard(connection)
        except sqlite3.Error:
            connection.close()  # all connections of a process share what one that lingers holds open, read-only
            raise

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        driver = connection.connection.driver_connection
        if READING.items() <= connection.get_execution_options().items():
            begin_reading(driver)
        else:
            begin_writing(driver, path)

    @event.listens_for(engine, "handle_error")
    def open_anew(context: Any) -> None:
        # a file that could not be written when it was opened stays read-only to that connection, for good
        if result_code(context.original_exception) == sqlite3.SQLITE_READONLY:
            context.is_disconnect = True
            if context.execution_context is not None:
                context.execution_context.cursor.close()  # else the file stays open as long as the error is kept

    return engine


def for_reading(engine: Engine) -> Engine:
    """The same engine for transactions that only read: they wait for nobody who writes."""
    return engine.execution_options(**READING)


def engine_on(connection: sqlite3.Connection) -> Engine:
    """An engine on a connection that is open already, and that whoever opened it closes."""
    return create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)


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


def check(path: Path) -> str:
    """Reads the whole database once: is it whole, and is it ours?

    Returns:
        Its revision.

    Raises:
        ForeignSessionError: it has tables, views or triggers that are not ours, or is of a newer program.
        DamagedSessionError: it is damaged, empty, or no database; the newest backup is named if there is one.
        StorageError: it cannot be read at present, which says nothing about what is in it.
    """
    try:
        with reading(path) as connection:
            revision = check_schema(connection, path)
            problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if problem != "ok":
                raise DamagedSessionError(f"The database '{path}' cannot be read ({one_line(problem)}).")
            if revision is None:
                raise DamagedSessionError(f"The database '{path}' is empty.")
            check_contents(connection, path, revision)
    except DamagedSessionError as error:
        raise DamagedSessionError(f"{str(error).rstrip('.')}; {_way_out(path)}.") from error
    return revision


def migrate(engine: Engine, path: Path, found: str | None) -> None:
    """Brings the database from revision `found` to the newest one.

    Raises:
        StorageError: it cannot be written.
    """
    if found == REVISIONS[-1]:
        return
    with storing("The layout of the database", path), engine.begin() as connection:
        upgrade(connection)


def upgrade(connection: Any, to: str = "head") -> None:
    """Runs the migrations that `connection`'s database has not had, as far as revision `to`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # a percent sign in a path would be an interpolation
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def back_up(path: Path, folder: Path) -> None:
    """Copies the database into `folder`, under a rising number, and keeps the last few copies.

    A copy that fails (a full disk, say) is logged and does not keep the session from opening.
    """
    numbers = [int(BACKUP_NAME.fullmatch(name.name)[1]) for name in _backups(folder)]  # type: ignore[index]
    target = folder / f"session-{max(numbers, default=0) + 1:06d}.sqlite3"
    beside = part_path(target)
    try:
        folder.mkdir(exist_ok=True)
        new_part(target)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(beside)) as copy:
            source.backup(copy)
        crash_point("backup copied")
        os.replace(beside, target)
        crash_point("backup in place")
        for old in _backups(folder)[:-BACKUPS_KEPT]:
            old.unlink()
    except (sqlite3.Error, OSError):
        log.warning("no backup of '%s' was made", path, exc_info=True)
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def open_database(path: Path, backups: Path, *, new: bool) -> tuple[Engine, Engine]:
    """Checks, backs up and migrates the database at `path`.

    Returns:
        The durable engine for labels, and the quick one for the trainer's records.

    Raises:
        SessionError: it is missing, damaged, or of a newer program.
        StorageError: it cannot be written.
    """
    found = None
    if not new:
        if not path.is_file():
            raise DamagedSessionError(f"The database '{path}' is missing; {_way_out(path)}.")
        found = check(path)
        back_up(path, backups)
    durable = sqlite_engine(path, durable=True)
    try:
        migrate(durable, path, found)
    except (SessionError, StorageError):
        durable.dispose()
        raise
    except sqlite3.Error as error:
        durable.dispose()
        raise StorageError(f"The database '{path}' cannot be used: {error}.") from error
    return durable, sqlite_engine(path, durable=False)


def _backups(folder: Path) -> list[Path]:
    """Oldest first. Copies that somebody made of them, and other files, are left alone."""
    try:
        return sorted(file for file in folder.iterdir() if BACKUP_NAME.fullmatch(file.name))
    except OSError:
        return []


def _way_out(path: Path) -> str:
    copies = _backups(path.parent / BACKUP_FOLDER)
    if not copies:
        return "there is no backup copy of it"
    journal = path.with_name(path.name + JOURNAL)
    # a left-over journal would be applied to the copy, and damage it too
    first = f"remove '{journal.name}' and " if journal.exists() else ""
    return f"its last good copy is '{copies[-1]}': {first}put that in its place to go on from there"
