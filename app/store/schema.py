"""Whether a database has our tables and nothing else, and in its cells what we write.

SQLite runs what a schema says: a view that a stranger put in place of a table may never end, a trigger may eat labels.
And it keeps values of any type in any column. So a database is compared with what our migrations make before anything
of ours asks it for anything, on a connection that only reads and that gives up after a while.
"""

import json
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from app.errors import DamagedSessionError, ForeignSessionError, HeldDatabaseError, StorageError
from app.folder_gate import pass_file
from app.store.waiting import BUSY_SECONDS, is_held
from learning.messages import Choice, PairKind, PenaltyMode, Press, SteeringKind
from sim.errors import cut, one_line

READ_SECONDS = 60.0
"""A check takes no longer, whatever the database holds."""
OPCODES = 20_000
"""SQLite's own steps between two looks at the clock."""
SHOWN = 60
"""Characters of a name or a value in a message."""
LONGEST_VALUE = 64 << 20
"""Bytes of a text or blob: what was recorded about one press, or one policy."""
JOURNAL = "-wal"
"""Added to a database's name: the file that holds what was committed last."""
ROLLBACK = "-journal"
"""Added to a database's name: the file with what an unfinished change has to be undone by, where there is no log."""
BESIDE = (JOURNAL, "-shm", ROLLBACK)
"""Added to a database's name: the files that SQLite opens with it."""
NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")
"""The last bytes of a rollback journal that names another file. SQLite deletes that file, wherever it is, when it has
undone the change. Only changes of several databases at once have one, and we make none."""
VERSION_TABLE = "alembic_version"
SCHEMAS = "schemas.json"
"""Beside this file: for each revision the objects that its migrations make, and their columns, indexes and triggers."""
TYPES = {"INTEGER": "integer", "BIGINT": "integer", "BOOLEAN": "integer", "VARCHAR": "text", "TEXT": "text"}
"""A column's declared type, without its length -> what SQLite calls the values that we write there."""
REAL, BLOB = ("DOUBLE", "'real', 'integer'"), ("BLOB", "'blob'")
MOST = {"INTEGER": 2**31 - 1, "BIGINT": 2**53}
"""Of whole numbers, by the declared type."""
LARGEST = 1e300
"""Of numbers that are stored; what is larger is infinite, and we never store that."""
WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("pair", "kind"): tuple(PairKind),
    ("feedback_event", "choice"): tuple(Choice),
    ("reinforcement_event", "press"): tuple(Press),
    ("steering_event", "kind"): tuple(SteeringKind),
    ("steering_event", "mode"): tuple(PenaltyMode),
}
"""Table and column -> the words that it holds."""
CLIP_NAME = "[0-9]*-%s.safetensors"
"""A pattern of SQLite's GLOB: the name of a clip's file, which has no slash in it either."""

Schema = dict[str, Any]


class SlowDatabaseError(ForeignSessionError):
    """Reading a database takes longer than it can with what we write."""


@contextmanager
def reading(path: Path, seconds: float = READ_SECONDS, patience: float = BUSY_SECONDS) -> Iterator[sqlite3.Connection]:
    """A connection that cannot change the database at `path`, and gives up after some seconds.

    Args:
        path: of the database.
        seconds: after which it gives up.
        patience: seconds that it waits for a program that keeps readers out.

    Raises:
        ForeignSessionError: it, or a file that SQLite keeps beside it, is no regular file of its own, or names others.
        SlowDatabaseError: it took longer.
        HeldDatabaseError: another program keeps readers out.
        StorageError: the disk cannot be read.
        DamagedSessionError: it is damaged, or no database.
    """
    until = time.monotonic() + seconds
    for end in ("", *BESIDE):
        pass_file(path.with_name(path.name + end))
    _refuse_naming_journal(path.with_name(path.name + ROLLBACK))
    journal = path.with_name(path.name + JOURNAL)
    was_there = journal.exists()
    try:
        with closing(reading_connection(path, seconds, patience)) as connection:
            yield connection
        if not was_there and journal.exists():
            _take_away_journal(path)
    except OSError as error:
        raise StorageError(f"The database '{path}' cannot be read: {error.strerror or error}.") from error
    except (sqlite3.Error, OverflowError, UnicodeError) as error:  # a name of the schema need not be UTF-8
        if is_held(error):
            raise HeldDatabaseError(f"Another program holds the database '{path}': close it there.") from error
        if time.monotonic() >= until:
            raise SlowDatabaseError(f"The database '{path}' was not read within {seconds:g} s: is it ours?") from error
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL")):
            raise StorageError(f"The database '{path}' cannot be read: {error} (is the disk full?).") from error
        raise DamagedSessionError(f"The database '{path}' cannot be read ({one_line(error)}).") from error


def reading_connection(path: Path, seconds: float, patience: float) -> sqlite3.Connection:
    """A connection that only reads, and whose statements end after `seconds` from now.

    Where nothing can be written, SQLite cannot make the file that readers and writers share. Nobody else can write
    there either, so it does without; what was committed last, and lies in the journal yet, is read from a copy.
    """
    writable = os.access(path.parent, os.W_OK)
    journal = path.with_name(path.name + JOURNAL)
    if not writable and journal.exists() and journal.stat().st_size:
        connection = _copy_in_memory(path, journal)
    else:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?{'mode=ro' if writable else 'immutable=1'}",
            uri=True,
            timeout=min(patience, seconds),
            isolation_level=None,
            check_same_thread=False,
        )
    try:
        guard(connection)
    except BaseException:
        connection.close()
        raise
    until = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() >= until, OPCODES)
    return connection


def _take_away_journal(path: Path) -> None:
    """Takes the empty journal away that a connection made which may only read: it makes one, and may not remove it.

    SQLite does it, when the last connection that may write is closed, and not while somebody else is there.
    """
    address = f"{path.absolute().as_uri()}?mode=rw"
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(address, uri=True, timeout=0.0, isolation_level=None)) as connection,
    ):
        guard(connection)
        connection.execute("PRAGMA schema_version").fetchone()


def _refuse_naming_journal(journal: Path) -> None:
    try:
        with journal.open("rb") as file:
            file.seek(max(0, journal.stat().st_size - len(NAMES_ANOTHER)))
            end = file.read(len(NAMES_ANOTHER))
    except OSError:
        return  # there is none, or SQLite cannot read it either
    if end == NAMES_ANOTHER:
        raise ForeignSessionError(
            f"'{journal}' names another file, which opening the database would delete; wanted none: it is not ours."
        )


def _copy_in_memory(path: Path, journal: Path) -> sqlite3.Connection:
    """A database and its journal, copied to where SQLite can write and from there to memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for file in (path, journal):
                shutil.copyfile(file, Path(folder) / file.name, follow_symlinks=False)
            with closing(sqlite3.connect(Path(folder) / path.name)) as copy:
                copy.backup(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def guard(connection: sqlite3.Connection) -> None:
    """Makes a connection trust nothing that a schema says, and take no value that is longer than ours."""
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)


def check_schema(connection: sqlite3.Connection, path: Path) -> str | None:
    """The revision of a database that has our tables alone; None for an empty one.

    Raises:
        ForeignSessionError: it has another table, index, view or trigger, lacks one, or is of a revision that this
            program does not know.
    """
    found = describe(connection)
    if not found:
        return None
    if VERSION_TABLE not in found:
        raise ForeignSessionError(f"The database '{path}' is not ours: it has no table '{VERSION_TABLE}'.")
    row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone() if _is_plain(found) else None
    known = schemas()
    revision = row[0] if row else None
    if revision not in known:
        shown = one_line(revision, SHOWN)
        raise ForeignSessionError(
            f"'{path}' has database revision {shown}, wanted {max(known)} or older: it was made by a newer Backflip."
        )
    wanted = known[revision]
    for name in sorted(found.keys() | wanted.keys()):
        if name not in wanted:
            raise ForeignSessionError(
                f"The database '{path}' is not ours: it has a {one_line(found[name]['type'], SHOWN)} "
                f"'{one_line(name, SHOWN)}', wanted none of that name."
            )
        if name not in found:
            raise ForeignSessionError(f"The database '{path}' is not ours: it has no {wanted[name]['type']} '{name}'.")
        if found[name] != wanted[name]:
            raise ForeignSessionError(
                f"The database '{path}' is not ours: its {one_line(found[name]['type'], SHOWN)} '{name}' is not as we "
                "make it."
            )
    return str(revision)


def check_contents(connection: sqlite3.Connection, path: Path, revision: str) -> None:
    """Refuses values of other types than we write, words that we do not know, and references to nothing.

    Raises:
        DamagedSessionError: names table, column and row.
    """
    for table, parts in schemas()[revision].items():
        if parts["type"] != "table":
            continue
        for column, kind, required, *_ in parts["columns"]:
            wrong = _wrong(table, column, kind, required=bool(required))
            row = connection.execute(f'SELECT rowid, "{column}" FROM "{table}" WHERE {wrong} LIMIT 1').fetchone()
            if row is not None:
                found = cut(ascii(row[1]), SHOWN)
                raise DamagedSessionError(
                    f"The database '{path}' is damaged: {table}.{column} of row {row[0]} is {found}, wanted "
                    f"{_wanted(table, column, kind)}."
                )
            if TYPES.get(kind.partition("(")[0]) == "text":
                for _ in connection.execute(f'SELECT "{column}" FROM "{table}"'):
                    pass  # what is no UTF-8 is an error of the driver's
    broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken is not None:
        raise DamagedSessionError(
            f"The database '{path}' is damaged: row {broken[1]} of {broken[0]} is about a row of {broken[2]} that is "
            "not there."
        )


def describe(connection: sqlite3.Connection) -> Schema:
    """What a database consists of, by name, in words that do not depend on how its SQL was written."""
    found: Schema = {}
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()
    for kind, name, table, sql in rows:
        if kind == "index" and sql is None:
            continue  # SQLite's own, which the table's description says
        item: Schema = {"type": str(kind), "table": str(table)}
        if kind == "table":
            if re.match(r"\s*CREATE\s+TABLE\b", str(sql), re.IGNORECASE) is None:
                item["sql"] = _plain(sql)  # a virtual table
            quoted = str(name).replace('"', '""')
            item["columns"] = [
                [column, str(declared).upper(), required, default, key, hidden]
                for _, column, declared, required, default, key, hidden in connection.execute(
                    f'PRAGMA table_xinfo("{quoted}")'
                )
            ]
            item["references"] = sorted(
                [list(row[2:]) for row in connection.execute(f'PRAGMA foreign_key_list("{quoted}")')], key=str
            )
            item["unique"] = sorted(
                [
                    [column for _, _, column, *_ in connection.execute(f'PRAGMA index_xinfo("{index}")') if column]
                    for _, index, unique, origin, _ in connection.execute(f'PRAGMA index_list("{quoted}")')
                    if unique and origin != "c" and '"' not in index
                ],
                key=str,
            )
        else:
            item["sql"] = _plain(sql)
        found[str(name)] = item
    return found


def schemas() -> dict[str, Schema]:
    """What the migrations make, by revision."""
    if not _schemas:
        _schemas.update(json.loads(files("app.store").joinpath(SCHEMAS).read_text(encoding="utf-8")))
    return _schemas


_schemas: dict[str, Schema] = {}


def _is_plain(found: Schema) -> bool:
    """Whether the table of the version is a table, and not a view that never ends."""
    return bool(found[VERSION_TABLE]["type"] == "table" and "sql" not in found[VERSION_TABLE])


def _plain(sql: object) -> str:
    """SQL without what two ways to write the same differ in."""
    return " ".join(str(sql).replace('"', "").split()).lower()


def _wrong(table: str, column: str, kind: str, *, required: bool) -> str:
    """A condition that holds for a value that we never write."""
    declared = kind.partition("(")[0]
    quoted = f'"{column}"'
    if declared == REAL[0]:
        wrong = f"typeof({quoted}) NOT IN ({REAL[1]}) OR abs({quoted}) > {LARGEST}"
    elif declared == BLOB[0]:
        wrong = f"typeof({quoted}) NOT IN ({BLOB[1]}) OR length({quoted}) > {LONGEST_VALUE}"
    else:
        wrong = f"typeof({quoted}) <> '{TYPES[declared]}'"
    if declared == "BOOLEAN":
        wrong += f" OR {quoted} NOT IN (0, 1)"
    elif declared in MOST:
        wrong += f" OR {quoted} NOT BETWEEN 0 AND {MOST[declared]}"
    elif TYPES.get(declared) == "text" and (length := kind.partition("(")[2].rstrip(")")):
        wrong += f" OR length({quoted}) > {length}"
    if (table, column) in WORDS:
        words = ", ".join(f"'{word}'" for word in WORDS[table, column])
        wrong += f" OR {quoted} NOT IN ({words})"
    if side := _clip_side(table, column):
        wrong += f" OR {quoted} NOT GLOB '{CLIP_NAME % side}' OR instr({quoted}, '/') OR instr({quoted}, '\\')"
    return f"({wrong})" if required else f"{quoted} IS NOT NULL AND ({wrong})"


def _wanted(table: str, column: str, kind: str) -> str:
    if (table, column) in WORDS:
        return f"one of {', '.join(WORDS[table, column])}"
    return "the name of a clip" if _clip_side(table, column) else f"what fits {kind}"


def _clip_side(table: str, column: str) -> str | None:
    return column.removesuffix("_clip") if table == "pair" and column.endswith("_clip") else None
