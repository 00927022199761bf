"""What was committed stays: append-only events, chains of changes, migrations, backups."""

import importlib
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Executable, delete, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Connection
from sqlalchemy.schema import CreateIndex, CreateTable

from app.errors import AnswerError, DamagedSessionError, ForeignSessionError
from app.session import DATABASE, Session
from app.store.database import BACKUPS_KEPT, REVISIONS, sqlite_engine
from app.store.models import Base, StoredEvent
from learning.messages import Choice, Pair


@pytest.fixture(autouse=True)
def offered(session: Session, make_pair: Callable[[int], Pair]) -> None:
    """Pairs 0 to 2 are stored."""
    session.journal.record(pairs=[session.save_clips(make_pair(number), 0) for number in range(3)])


def give(session: Session, pair_id: int, choice: Choice | None) -> int:
    return session.labels.append(pair_id, choice, 1.0, teacher="person", peeking=False).id


@pytest.mark.parametrize("statement", [update(StoredEvent).values(choice="right"), delete(StoredEvent)])
def test_events_can_be_neither_changed_nor_deleted(session: Session, statement: Executable) -> None:
    give(session, 0, Choice.LEFT)
    engine = sqlite_engine(session.path / DATABASE, durable=True)
    with Connection(engine) as db, pytest.raises(IntegrityError, match="append-only"):
        db.execute(statement)
    engine.dispose()
    assert [event.choice for event in session.labels.events()] == [Choice.LEFT]


def test_an_event_cannot_be_replaced_either(session: Session) -> None:
    give(session, 0, Choice.LEFT)
    engine = sqlite_engine(session.path / DATABASE, durable=True)
    row = "(1, 0, 'right', NULL, 0, 0, 'person', 0)"
    with engine.connect() as db, pytest.raises(IntegrityError):
        db.exec_driver_sql(f"INSERT OR REPLACE INTO feedback_event VALUES {row}")
    engine.dispose()
    assert session.labels.events()[0].choice is Choice.LEFT


def test_the_last_event_of_a_chain_is_in_force(session: Session) -> None:
    first = give(session, 0, Choice.LEFT)
    other = give(session, 1, Choice.EQUAL)
    second = give(session, 0, Choice.RIGHT)
    third = give(session, 0, None)
    events = session.labels.events()
    assert [(event.id, event.supersedes) for event in events] == [(1, None), (2, None), (3, first), (4, second)]
    in_force = session.labels.in_force()
    assert in_force[0].event.id == third and in_force[0].event.choice is None
    assert in_force[1].event.id == other
    fourth = give(session, 0, Choice.CANNOT_TELL)
    assert session.labels.in_force()[0].event.supersedes == third
    assert list(session.labels.in_force()) == [0, 1], "in the order in which the pairs were answered first"
    assert fourth == 5


def test_nothing_can_be_taken_back_twice_or_answered_unoffered(session: Session) -> None:
    with pytest.raises(AnswerError, match="no answer"):
        give(session, 0, None)
    give(session, 0, Choice.LEFT)
    give(session, 0, None)
    with pytest.raises(AnswerError, match="no answer"):
        give(session, 0, None)
    with pytest.raises(AnswerError, match="never offered"):
        give(session, 9, Choice.LEFT)
    assert len(session.labels.events()) == 2


def test_the_migrations_make_what_the_models_say(session: Session) -> None:
    engine = sqlite_engine(session.path / DATABASE, durable=True)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == REVISIONS[-1]
    engine.dispose()


def test_the_models_are_valid_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in Base.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert "CREATE" in str(CreateIndex(index).compile(dialect=dialect))


def test_the_migrations_are_valid_for_postgresql() -> None:
    said = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said, "target_metadata": Base.metadata}
    )
    migration = importlib.import_module("app.store.migrations.versions.r0001_first")
    with Operations.context(context):
        migration.upgrade()
    assert "DOUBLE PRECISION" in said.getvalue()
    assert "CREATE TRIGGER feedback_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE" in said.getvalue()


def test_every_opening_keeps_a_backup(session: Session) -> None:
    give(session, 0, Choice.LEFT)
    path = session.path
    session.close()
    for _ in range(BACKUPS_KEPT + 2):
        Session(path).close()
    copies = sorted((path / "backups").glob("*.sqlite3"))
    assert len(copies) == BACKUPS_KEPT
    with closing(sqlite3.connect(copies[-1])) as copy:
        assert copy.execute("SELECT count(*) FROM feedback_event").fetchone() == (1,)


def test_a_damaged_database_names_its_last_good_copy(session: Session) -> None:
    path = session.path
    session.close()
    Session(path).close()
    database = path / DATABASE
    content = bytearray(database.read_bytes())
    content[100:] = b"\xa5" * (len(content) - 100)
    database.write_bytes(content)
    with pytest.raises(DamagedSessionError, match=r"backups/session-\d+\.sqlite3") as caught:
        Session(path)
    assert "\n" not in str(caught.value)
    newest = max((path / "backups").glob("*.sqlite3"))
    newest.replace(database)
    Session(path).close()


def test_a_database_of_a_newer_program_is_left_alone(session: Session) -> None:
    path = session.path
    session.close()
    with closing(sqlite3.connect(path / DATABASE)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = _content(path / DATABASE)
    with pytest.raises(ForeignSessionError, match="newer"):
        Session(path)
    assert _content(path / DATABASE) == before


def _content(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())
