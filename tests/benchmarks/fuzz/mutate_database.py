"""Mutations of a session's database: its bytes, its schema, its cells, and a journal that does not fit."""

import os
import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

from app.store.schema import JOURNAL, NAMES_ANOTHER, ROLLBACK
from tests.benchmarks.fuzz.mutate_bytes import REAL_NUMBERS, STRANGE_TEXTS, WHOLE_NUMBERS, mutate_bytes, several
from tests.unit.app.tampering import tamper

TABLES = (
    *("alembic_version", "meta", "pair", "feedback_event", "flag_event", "peek_event", "metric", "digest", "moments"),
    *("reinforcement_event", "taken_event", "steering_event", "meter_point"),
)
SECTOR, PENDING = 512, 1 << 30
"""Bytes of a sector in a rollback journal, and the byte of a database that is on no page."""
ENDLESS = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r"
SCHEMA_CHANGES = (
    "DROP TABLE {table}",
    f"DROP TABLE {{table}}; CREATE VIEW {{table}} AS {ENDLESS}",
    f"CREATE VIEW {{name}} AS {ENDLESS}",
    "CREATE TRIGGER {name} AFTER INSERT ON {table} BEGIN DELETE FROM metric; END",
    "CREATE TABLE {name} (x)",
    "CREATE TABLE {name} (x INTEGER AS (1) STORED, y TEXT DEFAULT (randomblob(1000000000)))",
    "CREATE VIRTUAL TABLE {name} USING fts5(x)",
    "CREATE VIRTUAL TABLE {name} USING rtree(a, b, c)",
    "CREATE INDEX {name} ON {table} (1)",
    "ALTER TABLE {table} ADD COLUMN {name} DEFAULT 3",
    "ALTER TABLE {table} RENAME TO {name}",
    "PRAGMA user_version = 2147483647; PRAGMA application_id = 7",
    "PRAGMA encoding = 'UTF-16le'; VACUUM",
    "PRAGMA page_size = 65536; VACUUM",
    "PRAGMA auto_vacuum = FULL; VACUUM",
    "PRAGMA journal_mode = DELETE",
)
MASTER_CHANGES = (
    ("rootpage", WHOLE_NUMBERS),
    ("sql", (*STRANGE_TEXTS, None, "CREATE TABLE x (y)", "CREATE VIRTUAL TABLE x USING y", b"\xff")),
    ("name", (*STRANGE_TEXTS, None, "sqlite_x", b"\xff")),
    ("tbl_name", (*STRANGE_TEXTS, None, "metric")),
    ("type", ("table", "view", "trigger", "index", "x", None)),
)
EXPRESSIONS = ("zeroblob(70000000)", "CAST(x'ff41' AS TEXT)", "9e999", "-9e999", "NULL", "randomblob(9)", "x''")


def mutate_database(random: Random, path: Path, journal: bytes) -> None:
    """Some mutations of the database at `path`.

    Args:
        random: decides which.
        path: a copy of a session's database, without a journal beside it.
        journal: a journal of another course of the same session.
    """
    way = random.random()
    with suppress(sqlite3.Error, OverflowError, UnicodeError, MemoryError):
        if way < 0.35:
            for _ in range(several(random)):
                _change_cell(random, path)
        elif way < 0.5:
            _change_schema(random, path)
        elif way < 0.6:
            _change_master(random, path)
    if way >= 0.6 or random.random() < 0.1:
        path.write_bytes(_mutate_pages(random, path.read_bytes()))
    if random.random() < 0.03:
        path.with_name(path.name + ROLLBACK).write_bytes(mutate_bytes(random, naming_journal(path)))
    if random.random() < 0.15:
        beside = path.with_name(path.name + JOURNAL)
        beside.write_bytes(random.choice((journal, mutate_bytes(random, journal), b"", b"x", random.randbytes(40))))


def naming_journal(path: Path) -> bytes:
    """A rollback journal without pages that names a file of the canary, which SQLite would delete."""
    content = path.read_bytes()
    size = int.from_bytes(content[16:18], "big") or 4096
    name = os.fsencode(path.parent.parent / "canary" / "secret.txt")
    head = NAMES_ANOTHER + struct.pack(">IIIII", 0, 0, len(content) // size, SECTOR, size)
    end = struct.pack(">I", PENDING // size + 1) + name + struct.pack(">II", len(name), sum(name))
    return head.ljust(SECTOR, b"\0") + end + NAMES_ANOTHER


def _name(random: Random) -> str:
    name = random.choice((*STRANGE_TEXTS[:10], "mine", "sqlite", "a'b", "x" * 3000)).replace("\0", "")
    return '"' + name.replace('"', '""') + '"'


def _change_schema(random: Random, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        statement = random.choice(SCHEMA_CHANGES)
        connection.executescript(statement.format(table=random.choice(TABLES), name=_name(random)))


def _change_master(random: Random, path: Path) -> None:
    """The table of tables itself."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        rows = [row for (row,) in connection.execute("SELECT rowid FROM sqlite_master ORDER BY rowid")]
        for _ in range(several(random)):
            column, values = random.choice(MASTER_CHANGES)
            statement = f"UPDATE sqlite_master SET {column} = ? WHERE rowid = ?"
            connection.execute(statement, (_stored(random.choice(values)), random.choice(rows)))
        connection.commit()


def _change_cell(random: Random, path: Path) -> None:
    table = random.choice(TABLES)
    with closing(sqlite3.connect(path)) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        rows = [row for (row,) in connection.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
    if not columns or not rows:
        return
    column = random.choice(columns)
    where = "" if random.random() < 0.2 else f" WHERE rowid = {random.choice(rows)}"
    if random.random() < 0.2:
        tamper(path, table, f"UPDATE {table} SET {column} = {random.choice(EXPRESSIONS)}{where}")
    else:
        value = random.choice((random.choice(WHOLE_NUMBERS), random.choice(REAL_NUMBERS), random.choice(STRANGE_TEXTS)))
        value = random.choice((value, value, str(value).encode()))
        tamper(path, table, f"UPDATE {table} SET {column} = ?{where}", _stored(value))


def _stored(value: Any) -> Any:
    """What SQLite can take."""
    return value % 2**63 if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


def _mutate_pages(random: Random, content: bytes) -> bytes:
    """Mostly flips in one page, where the tree is; sometimes anything."""
    if random.random() < 0.4 or len(content) < 512:
        return mutate_bytes(random, content)
    changed = bytearray(content)
    size = int.from_bytes(content[16:18], "big") or 4096
    start = random.randrange(max(1, len(content) // max(size, 512))) * size
    for _ in range(random.choice((1, 3, 20))):
        within = random.choice((random.randrange(16), random.randrange(120), random.randrange(size)))
        at = min(start + within, len(changed) - 1)
        changed[at] = random.choice((0, 1, 2, 5, 10, 13, 0x7F, 0xFF, random.randrange(256)))
    return bytes(changed)
