"""Changes to a session's database that the program itself never makes, by somebody who knows its schema."""

import sqlite3
from contextlib import closing
from pathlib import Path


def tamper(database: Path, table: str, statement: str, *values: object) -> None:
    """Runs `statement` on an append-only table, whose triggers are as they were afterwards."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        triggers = connection.execute(found, (table,)).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement, values)
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()
