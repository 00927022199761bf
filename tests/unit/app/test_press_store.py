"""Presses are append-only events beside the answers, and come back as they were."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest
from sqlalchemy import Executable, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Connection

from app.catalogue import card
from app.errors import AnswerError, DamagedSessionError
from app.session import DATABASE, Session
from app.store.database import sqlite_engine, upgrade
from app.store.models import StoredMoments, StoredReinforcement
from learning.messages import Choice, FeedbackEvent, Pair, Press, Reinforcement
from sim.clip import Clip
from sim.task import Task
from tests.unit.app.tampering import tamper


def moments(task: Task, value: float) -> Clip:
    return Clip(
        task.name, task.model_hash, task.control_dt, np.full((4, task.state_size), value),
        np.full((4, task.observation_size), value, np.float32), np.zeros((4, task.action_size), np.float32),
    )  # fmt: skip


SHARES = np.array([0.0, 0.25, 0.5, 0.25])


def give(session: Session, press: Press, value: float = 1.0, *, strong: bool = False) -> Reinforcement:
    return session.presses.append(
        press, moments(session.task, value), SHARES, strong=strong, seconds=2.5, teacher="person", peeking=False
    )


def take_back(session: Session, number: int) -> Reinforcement:
    return session.presses.change(number, None, strong=False, seconds=0.0, teacher="person", peeking=False)


def test_a_press_comes_back_with_its_moments(session: Session) -> None:
    give(session, Press.REWARD, 0.5)
    give(session, Press.PUNISH, 0.75, strong=True)
    first, second = session.presses.events()
    assert (first.id, first.number, first.press, first.strong) == (1, 0, Press.REWARD, False)
    assert (second.id, second.number, second.press, second.strong) == (2, 1, Press.PUNISH, True)
    assert second.clip is not None
    assert second.shares is not None
    assert (second.clip.observations == np.float32(0.75)).all()
    assert (second.shares == SHARES).all()
    assert session.presses.seconds_watched() == 5.0


def test_answers_and_presses_are_one_sequence(session: Session, make_pair: Callable[[int], Pair]) -> None:
    session.journal.record(pairs=[session.save_clips(make_pair(number), 0) for number in range(2)])
    give(session, Press.REWARD)
    session.labels.append(0, Choice.LEFT, 1.0, teacher="person", peeking=False)
    give(session, Press.SILENCE)
    session.labels.append(1, Choice.RIGHT, 1.0, teacher="person", peeking=False)
    take_back(session, 0)
    events = session.events()
    assert [event.id for event in events] == [1, 2, 3, 4, 5]
    kinds = [FeedbackEvent if number in (2, 4) else Reinforcement for number in range(1, 6)]
    assert [type(event) for event in events] == kinds


def test_what_is_taken_back_is_in_force_no_more(session: Session) -> None:
    give(session, Press.REWARD)
    give(session, Press.SILENCE)
    undone = take_back(session, 0)
    assert undone.supersedes == 1
    assert undone.clip is None
    assert {number: row.press for number, row in session.presses.in_force().items()} == {0: None, 1: Press.SILENCE}
    with pytest.raises(AnswerError, match="taken back already"):
        take_back(session, 0)
    with pytest.raises(AnswerError, match="never judged"):
        take_back(session, 7)


@pytest.mark.parametrize(
    "statement",
    [
        update(StoredReinforcement).values(press="punish"),
        delete(StoredReinforcement),
        update(StoredMoments).values(recording=b""),
        delete(StoredMoments),
    ],
)
def test_presses_can_be_neither_changed_nor_deleted(session: Session, statement: Executable) -> None:
    give(session, Press.REWARD)
    engine = sqlite_engine(session.path / DATABASE, durable=True)
    with Connection(engine) as db, pytest.raises(IntegrityError, match="append-only"):
        db.execute(statement)
    engine.dispose()
    assert [event.press for event in session.presses.events()] == [Press.REWARD]


def test_moments_that_cannot_be_read_are_named(session: Session) -> None:
    give(session, Press.REWARD)
    tamper(session.path / DATABASE, "moments", "UPDATE moments SET recording = x'00'")
    with pytest.raises(DamagedSessionError, match=r"Moments 0 in .* cannot be read"):
        session.events()


def test_a_session_from_before_presses_is_shown_opened_and_goes_on(
    session: Session, make_pair: Callable[[int], Pair]
) -> None:
    """As version 0.1.0 left it: without tables of presses."""
    path = session.path
    session.journal.record(pairs=[session.save_clips(make_pair(0), 0)])
    session.labels.append(0, Choice.LEFT, 1.0, teacher="person", peeking=False)
    session.close()
    newer = path / DATABASE
    newer.rename(path.parent / DATABASE)
    engine = sqlite_engine(newer, durable=True)
    with engine.begin() as connection:
        upgrade(connection, "0001")
    engine.dispose()
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("ATTACH ? AS newer", (str(path.parent / DATABASE),))
        for table in ("pair", "feedback_event"):
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM newer.{table}")
        connection.execute("INSERT INTO taken VALUES (1, 7)")
        connection.commit()
    shown = card(path)
    assert shown is not None
    assert (shown.labels, shown.problem) == (1, None)
    with Session(path) as again:
        assert again.journal.taken() == {1: 7}
        assert [event.id for event in again.events()] == [1]
        assert give(again, Press.REWARD).id == 2
    shown = card(path)
    assert shown is not None
    assert shown.labels == 2
