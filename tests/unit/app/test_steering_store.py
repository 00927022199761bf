"""Steering is append-only events beside the others; the curve of the meter is kept as it was measured."""

import math
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Executable, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Connection

from app.errors import AnswerError
from app.helm import Helm
from app.session import DATABASE, Session
from app.store.database import sqlite_engine
from app.store.models import StoredSteering
from learning.messages import Feedback, MeterPoint, PenaltyMode, Press, Reading, Steering, SteeringKind
from sim.task import Task
from tests.unit.app.conftest import FakeTrainer
from tests.unit.app.test_press_store import give


def point(task: Task, version: int, kl: float = 3.0, iteration: int = 10) -> MeterPoint:
    policy = replace(FakeTrainer(task, {}, 0).export_policy(), clip=float(version + 1))
    return MeterPoint(version, 0, iteration, version, 100, Reading(kl, 0.5), 1.5, 0.25, 4.0, 0.5, policy)


@pytest.fixture
def helm(session: Session, task: Task) -> tuple[Helm, list[Feedback]]:
    """A helm over three policies, and what it hands on."""
    session.journal.record(points=[point(task, version) for version in range(3)])
    submitted: list[Feedback] = []
    return Helm(session, submitted.append), submitted


def test_points_come_back_as_they_were(session: Session, task: Task) -> None:
    first, second = point(task, 0, math.nan), point(task, 1)
    session.journal.record(points=[first, second])
    unmeasured, found = session.journal.points()
    assert math.isnan(unmeasured.reading.kl)
    assert found.reading == second.reading
    assert replace(found, policy=second.policy) == replace(second, policy=second.policy) or all(
        getattr(found, name) == getattr(second, name) for name in MeterPoint.__slots__ if name != "policy"
    )
    assert found.policy.clip == 2.0
    assert np.array_equal(found.policy.weights[0], second.policy.weights[0])


def test_a_policy_measured_again_keeps_what_was_learnt_by_its_trial(session: Session, task: Task) -> None:
    old = point(task, 1)
    session.journal.record(points=[old])
    session.journal.record(points=[replace(old, reading=Reading(9.0, 1.0), learned_reward=99.0)])
    (found,) = session.journal.points()
    assert found.reading == Reading(9.0, 1.0) and found.learned_reward == old.learned_reward
    session.journal.record(points=[replace(old, iteration=20, learned_reward=7.0)])
    (found,) = session.journal.points()
    assert found.iteration == 20 and found.learned_reward == 7.0


def test_another_course_forgets_its_policies(session: Session, task: Task) -> None:
    session.journal.record(points=[point(task, version, iteration=10 * version) for version in range(4)])
    session.journal.forget_after(15, 0, [])
    assert [found.version for found in session.journal.points()] == [0, 1]


def test_all_events_are_one_sequence(session: Session, helm: tuple[Helm, list[Feedback]]) -> None:
    steers, submitted = helm
    give(session, Press.REWARD)
    steers.measure_from(2)
    give(session, Press.PUNISH)
    steers.set_penalty(PenaltyMode.ADAPTIVE, 20.0)
    steers.go_back(1)
    steers.undo()
    events = session.events()
    assert [event.id for event in events] == [1, 2, 3, 4, 5, 6]
    assert [event for event in events if isinstance(event, Steering)] == submitted
    assert submitted == [
        Steering(2, SteeringKind.REFERENCE, 2),
        Steering(4, SteeringKind.PENALTY, None, PenaltyMode.ADAPTIVE, 20.0),
        Steering(5, SteeringKind.GO_BACK, 1),
        Steering(6, SteeringKind.GO_BACK, supersedes=5),
    ]


def test_undo_goes_through_what_is_in_force(session: Session, helm: tuple[Helm, list[Feedback]]) -> None:
    steers, _ = helm
    steers.set_penalty(PenaltyMode.FIXED, 0.2)
    steers.measure_from(1)
    steers.set_penalty(PenaltyMode.OFF, None)
    again = Helm(session, lambda event: None)
    assert (again.penalty(), again.reference()) == ((PenaltyMode.OFF, None), 1)
    undone = [steers.undo() for _ in range(4)]
    assert [None if event is None else event.id for event in undone] == [3, 2, 1, None]
    assert (steers.penalty(), steers.reference()) == ((PenaltyMode.OFF, None), 0)
    assert Helm(session, lambda event: None).newest is None


def test_what_is_so_already_is_no_event(helm: tuple[Helm, list[Feedback]]) -> None:
    steers, submitted = helm
    steers.measure_from(0)
    steers.set_penalty(PenaltyMode.OFF, 3.0)
    assert submitted == []


@pytest.mark.parametrize("value", [None, 0.0, -3.0, math.nan, math.inf])
def test_nonsense_is_refused_and_changes_nothing(helm: tuple[Helm, list[Feedback]], value: float | None) -> None:
    steers, submitted = helm
    with pytest.raises(AnswerError, match="a number above 0"):
        steers.set_penalty(PenaltyMode.ADAPTIVE, value)
    for act in (steers.measure_from, steers.go_back):
        with pytest.raises(AnswerError, match="no policy 99"):
            act(99)
    assert submitted == [] and steers.newest is None


def test_only_what_is_in_force_can_be_taken_back(session: Session, helm: tuple[Helm, list[Feedback]]) -> None:
    steers, _ = helm
    steers.go_back(1)
    steers.undo()
    for event_id, why in ((1, "already"), (2, "steers nothing"), (7, "steers nothing")):
        with pytest.raises(AnswerError, match=why):
            session.steering.take_back(event_id, teacher="person", peeking=False)


@pytest.mark.parametrize("statement", [update(StoredSteering).values(version=2), delete(StoredSteering)])
def test_steering_can_be_neither_changed_nor_deleted(
    session: Session, helm: tuple[Helm, list[Feedback]], statement: Executable
) -> None:
    steers, _ = helm
    steers.go_back(1)
    engine = sqlite_engine(session.path / DATABASE, durable=True)
    with Connection(engine) as db, pytest.raises(IntegrityError, match="append-only"):
        db.execute(statement)
    engine.dispose()
    assert [event.version for event in session.steering.events()] == [1]
