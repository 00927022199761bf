"""A database is compared with what our migrations make before anything of ours asks it for anything."""

import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.catalogue import card
from app.errors import DamagedSessionError, ForeignSessionError
from app.session import DATABASE, Session
from app.store import schema
from app.store.database import REVISIONS
from app.store.schema import SlowDatabaseError, reading
from learning.messages import Choice, Pair
from tests.unit.app.tampering import tamper
from tools.write_schemas import schema_of

ENDLESS = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r"


@pytest.fixture
def database(session: Session, make_pair: Callable[[int], Pair]) -> Path:
    """Of a closed session with one answer."""
    session.journal.record(pairs=[session.save_clips(make_pair(0), 0)])
    session.labels.append(0, Choice.LEFT, 1.0, teacher="person", peeking=False)
    session.close()
    return session.path / DATABASE


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_kept_schemas_are_what_the_migrations_make(revision: str) -> None:
    made = json.loads(json.dumps(schema_of(revision)))
    assert schema.schemas()[revision] == made, "run tools/write_schemas.py"
    assert {"pair", "feedback_event", "feedback_event_no_update"} <= made.keys()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("CREATE TRIGGER eat AFTER INSERT ON pair BEGIN DELETE FROM metric; END", "a trigger 'eat'"),
        (f"CREATE VIEW more AS {ENDLESS}", "a view 'more'"),
        (f"DROP TABLE peek_event; CREATE VIEW peek_event AS {ENDLESS}", "its view 'peek_event' is not as we make it"),
        ("CREATE TABLE mine (x)", "a table 'mine'"),
        ("CREATE VIRTUAL TABLE v USING fts5(x)", "'v"),
        ("CREATE INDEX slow ON metric (abs(labels))", "a index 'slow'|an index 'slow'"),
        ("DROP TRIGGER feedback_event_no_delete", "no trigger 'feedback_event_no_delete'"),
        ("ALTER TABLE metric ADD COLUMN x INTEGER", "'metric' is not as we make it"),
        ("ALTER TABLE metric ADD COLUMN x INTEGER AS (labels * 2)", "'metric' is not as we make it"),
        ("DROP TABLE digest", "no table 'digest'"),
        (f"DROP TABLE alembic_version; CREATE VIEW alembic_version AS {ENDLESS}", "revision None"),
        ("DROP TABLE alembic_version", "no table 'alembic_version'"),
    ],
)
def test_a_foreign_schema_is_refused_and_named(database: Path, change: str, words: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(change)
    began = time.monotonic()
    with pytest.raises(ForeignSessionError, match=words) as caught:
        Session(database.parent)
    shown = card(database.parent)
    assert time.monotonic() - began < 5.0 and "\n" not in str(caught.value)
    assert shown is not None and shown.problem is not None and str(database) in shown.problem


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("pair", "UPDATE pair SET left_clip = '../../../secret'", "pair.left_clip of row 0"),
        ("pair", "UPDATE pair SET left_clip = '000000-../x-left.safetensors'", "pair.left_clip"),
        ("pair", "UPDATE pair SET kind = 'essay'", "wanted one of fragment"),
        ("pair", "UPDATE pair SET iteration = 'soon'", "wanted what fits BIGINT"),
        ("pair", "UPDATE pair SET iteration = -1", "pair.iteration"),
        ("pair", "UPDATE pair SET offered_at = 9e999", "pair.offered_at"),
        ("pair", "UPDATE pair SET swapped = 7", "pair.swapped"),
        ("pair", "UPDATE pair SET left_clip = CAST(x'ff' AS TEXT)", "pair.left_clip|UTF-8"),
        ("feedback_event", "UPDATE feedback_event SET choice = 'best'", "wanted one of left, right"),
        ("feedback_event", "UPDATE feedback_event SET teacher = CAST(x'ff41' AS TEXT)", "UTF-8"),
        ("feedback_event", "UPDATE feedback_event SET pair_id = 77", "is about a row of pair"),
        ("feedback_event", "UPDATE feedback_event SET teacher = zeroblob(9)", "wanted what fits VARCHAR"),
    ],
)
def test_values_that_we_never_write_are_refused_and_named(database: Path, table: str, change: str, words: str) -> None:
    tamper(database, table, change)
    with pytest.raises(DamagedSessionError, match=words) as caught:
        Session(database.parent)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        f'CREATE TABLE "{"x" * 3000}" (y)',
        'CREATE TABLE "two\nlines\x1b[2J" (y)',
        f"UPDATE alembic_version SET version_num = '{'x' * 100_000}'",
        "UPDATE alembic_version SET version_num = zeroblob(100000)",
    ],
)
def test_a_foreign_name_is_quoted_in_a_short_line(database: Path, change: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(change)
    with pytest.raises(ForeignSessionError, match=r"not ours|has database revision") as caught:
        Session(database.parent)
    assert len(str(caught.value)) < 500 + len(str(database)) and str(caught.value).isprintable()


def test_a_schema_that_sqlite_complains_of_in_no_text_is_damage(database: Path) -> None:
    """Its message names the table, in bytes that are no UTF-8."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        change = "UPDATE sqlite_master SET name = CAST(x'ff' AS TEXT), sql = 'CREATE TABLE x (' WHERE name = 'metric'"
        connection.execute(change)
        connection.commit()
    with pytest.raises(DamagedSessionError, match="cannot be read") as caught:
        Session(database.parent)
    assert str(caught.value).isprintable()


def test_a_recording_that_nobody_can_read_is_found_when_the_session_is_opened(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"INSERT INTO moments VALUES (0, zeroblob({schema.LONGEST_VALUE + 1}))")
        connection.commit()
    with pytest.raises(DamagedSessionError, match="string or blob too big"):
        Session(database.parent)


@pytest.mark.parametrize("cut", [0, 1, 50, 100, 5000, 40_000])
def test_a_database_that_is_cut_short_is_refused(database: Path, cut: int) -> None:
    content = database.read_bytes()
    for rest in database.parent.glob(f"{DATABASE}-*"):
        rest.unlink()
    database.write_bytes(content[:cut])
    with pytest.raises(DamagedSessionError, match=r"backup|cannot be read|is empty"):
        Session(database.parent)


def test_a_copy_among_the_backups_is_left_alone(database: Path) -> None:
    backups = database.parent / "backups"
    copy = backups / "session-000001 (copy).sqlite3"
    backups.mkdir(exist_ok=True)
    shutil.copy(database, copy)
    for _ in range(5):
        Session(database.parent).close()
    assert copy.exists() and len(list(backups.iterdir())) == 4


def test_reading_gives_up_after_a_while(database: Path) -> None:
    with pytest.raises(SlowDatabaseError, match="was not read within"), reading(database, 0.3) as connection:
        connection.execute(f"SELECT count(*) FROM ({ENDLESS})").fetchone()
