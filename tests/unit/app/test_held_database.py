"""A database that another program holds: who waits, who is told, and what is never lost."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app import threads
from app.desk import SessionDesk
from app.errors import HeldDatabaseError, StorageError
from app.runner import UNRECORDED, ending_resumable
from app.session import DATABASE, Session
from app.stopping import StopFlag
from app.store import waiting
from app.store.waiting import waiting_at_most
from learning.messages import Choice, Press, Snapshot
from sim.programme import Programme
from sim.rollout import LiveRollout
from tests.unit.app.foreign_holder import ForeignHolder
from tests.unit.app.test_desk import WAIT_MS, desk, studio, until_waiting

__all__ = ["desk", "studio"]

SMOOTH_SECONDS = 0.5
"""The window may stand still for no longer, on a slow machine."""


def test_reading_waits_for_nobody_who_writes(session: Session, start: Callable[[Session], Any]) -> None:
    run = start(session)
    run.until_waiting()
    with ForeignHolder(session.path / DATABASE):
        began = time.monotonic()
        assert session.labels.in_force() == {} and session.journal.pair_ids() == {0, 1}
        assert session.presses.in_force() == {} and session.steering.events() == []
        assert run.labelling.pair(0).id == 0 and session.labels.pair_files(1).id == 1
        assert time.monotonic() - began < SMOOTH_SECONDS


def test_who_can_wait_waits_and_tells_once(
    session: Session,
    start: Callable[[Session], Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(waiting, "TOLD_AFTER_SECONDS", 0.3)
    run = start(session)
    run.until_waiting()
    holder = ForeignHolder(session.path / DATABASE)
    threading.Timer(1.5, holder.let_go).start()
    run.answer(Choice.LEFT)
    assert time.monotonic() - holder.since > 1.4
    said = capsys.readouterr().err
    assert said.count("Another program holds the database") == 1
    assert [event.choice for event in session.labels.events()] == [Choice.LEFT]


def test_who_waits_in_vain_stores_nothing_and_says_so(session: Session, start: Callable[[Session], Any]) -> None:
    run = start(session)
    run.until_waiting()
    with ForeignHolder(session.path / DATABASE), waiting_at_most(0.3):
        with pytest.raises(HeldDatabaseError, match=r"another program holds the database '.*'; close it there"):
            run.answer(Choice.LEFT)
        assert run.labelling.count == 0
    run.answer(Choice.RIGHT)
    assert [event.choice for event in session.labels.events()] == [Choice.RIGHT]


def test_a_lesson_that_is_kept_out_ends_with_a_checkpoint_and_goes_on_the_same(
    session: Session, start: Callable[[Session], Any], session_path: Path
) -> None:
    run = start(session)
    run.until_waiting()
    run.answer(Choice.LEFT)
    with (
        ForeignHolder(session.path / DATABASE),
        waiting_at_most(0.2),
        pytest.raises(HeldDatabaseError, match=f"`backflip resume '{session_path}'` goes on"),
        ending_resumable(run.runner, session.path, StopFlag()),
    ):
        run.until_waiting()
    (path,) = session.checkpoints.files()
    assert session.checkpoints.load(path).meta[UNRECORDED] == [[1, 2]]
    assert session.journal.taken() == {}
    again = start(session)
    assert session.journal.taken() == {1: 2}, "the record has what the checkpoint brought"
    snapshot = again.until_waiting()
    assert snapshot.labels == 1 and snapshot.iteration == 5


def wait_to_say(desk: SessionDesk, what: str, qtbot: QtBot) -> None:
    sentence = f"Another program holds the database of this session; {what} is stored as soon as it lets go."
    qtbot.waitUntil(lambda: desk.waiting == sentence, timeout=WAIT_MS)


def test_an_answer_waits_and_nothing_overtakes_it(desk: SessionDesk, qtbot: QtBot) -> None:
    first, second = desk.pairs()
    with ForeignHolder(desk.path / DATABASE) as holder:
        began = time.monotonic()
        assert desk.answer(first.id, Choice.LEFT, 2.5) is None
        assert time.monotonic() - began < SMOOTH_SECONDS
        assert desk.waits_to_store and desk.pairs()[0].id == first.id, "the next pair is not shown before"
        assert desk.answer(first.id, Choice.RIGHT, 0.1) is None and desk.undo() is None
        wait_to_say(desk, "your answer", qtbot)
        assert desk.history(9) == []
        holder.let_go()
    with qtbot.waitSignal(desk.changed, timeout=WAIT_MS):
        pass
    assert [(record.pair_id, record.choice, record.seconds) for record in desk.history(9)] == [
        (first.id, Choice.LEFT, 2.5)
    ]
    assert desk.pairs()[0].id == second.id and desk.waiting == "" and not desk.waits_to_store
    until_waiting(desk, qtbot, 1)


def test_the_window_is_not_held_up_by_what_waits(desk: SessionDesk, qtbot: QtBot) -> None:
    with ForeignHolder(desk.path / DATABASE):
        desk.answer(desk.pairs()[0].id, Choice.LEFT, 2.5)
        longest = 0.0
        end = time.monotonic() + 2.0
        while time.monotonic() < end:
            before = time.monotonic()
            qtbot.wait(10)
            longest = max(longest, time.monotonic() - before)
    assert longest < SMOOTH_SECONDS
    qtbot.waitUntil(lambda: not desk.waits_to_store, timeout=WAIT_MS)


def test_an_undo_a_flag_and_a_look_wait_in_their_order(desk: SessionDesk, qtbot: QtBot) -> None:
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
    until_waiting(desk, qtbot, 1)
    with ForeignHolder(desk.path / DATABASE) as holder:
        assert desk.undo() is None
        desk.set_flag(0, True)
        desk.set_peek(True)
        wait_to_say(desk, "what you did", qtbot)
        assert not desk.peeking and len(desk.history(9)) == 1
        holder.let_go()
    qtbot.waitUntil(lambda: not desk.waits_to_store, timeout=WAIT_MS)
    assert desk.history(9) == [] and desk.pairs()[0].id == 0 and desk.peeking
    with pytest.raises(Exception, match="never offered"):
        desk.pair(99)
    assert desk.answer(0, Choice.RIGHT, 1.0) is not None
    assert [record.flagged for record in desk.history(9)] == [True]


def test_presses_and_what_is_let_pass_wait_as_they_were_given(desk: SessionDesk, qtbot: QtBot) -> None:
    rollout = LiveRollout(desk.task, 0)
    programme = Programme(rollout, 0)
    desk.pressing.watch(rollout)
    snapshot = desk.snapshot()
    assert isinstance(snapshot, Snapshot) and snapshot.practising_policy is not None
    assert snapshot.practising_spread is not None
    programme.set_policies(snapshot.shown_policy, snapshot.practising_policy, snapshot.practising_spread)
    with ForeignHolder(desk.path / DATABASE) as holder:
        for step in range(200):
            programme.step()
            desk.pressing.watched(1.0)
            if step in (60, 120):
                assert desk.pressing.press(Press.REWARD, step == 120, rollout.steps) is not None
        assert desk.pressing.undo() is None, "it would take something older back"
        assert desk.pressing.count == 0
        desk.pressing.watch(None)
        holder.let_go()
    qtbot.waitUntil(lambda: not desk.waits_to_store, timeout=WAIT_MS)
    assert desk.pressing.count == 2
    desk.pressing.watch(rollout)
    assert desk.pressing.undo() is Press.REWARD and desk.pressing.count == 1


def test_steering_waits_too(desk: SessionDesk, qtbot: QtBot) -> None:
    with ForeignHolder(desk.path / DATABASE) as holder:
        desk.steering.ask_fresh()
        assert desk.steering.newest is None
        wait_to_say(desk, "what you chose", qtbot)
        holder.let_go()
    qtbot.waitUntil(lambda: desk.steering.newest is not None, timeout=WAIT_MS)


def test_after_long_the_person_is_told_and_nothing_is_lost(
    desk: SessionDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store_queue.LONG_SECONDS", 0.5)
    with ForeignHolder(desk.path / DATABASE), qtbot.waitSignal(desk.problem, timeout=WAIT_MS) as told:
        desk.answer(desk.pairs()[0].id, Choice.LEFT, 2.5)
    assert "close it there. Nothing is lost: your answer waits in this window" in told.args[0]
    qtbot.waitUntil(lambda: len(desk.history(9)) == 1, timeout=WAIT_MS)


def test_what_cannot_be_stored_after_all_is_said(
    desk: SessionDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ForeignHolder(desk.path / DATABASE) as holder:
        desk.answer(desk.pairs()[0].id, Choice.LEFT, 2.5)

        def fail(*_: object, **__: object) -> None:
            raise StorageError("The disk is full.")

        monkeypatch.setattr(desk._session.labels, "append", fail)
        with qtbot.waitSignal(desk.problem, timeout=WAIT_MS) as told:
            holder.let_go()
    assert told.args == ["The disk is full."]
    assert not desk.waits_to_store and desk.pairs()[0].id == 0


def test_the_trainer_waits_and_says_so(desk: SessionDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "TOLD_AFTER_SECONDS", 0.3)
    desk.pause()
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 2.5)
    with ForeignHolder(desk.path / DATABASE) as holder:
        desk.resume()
        said = "Another program holds the database of this session; learning goes on as soon as it lets go."
        qtbot.waitUntil(lambda: desk.waiting == said, timeout=WAIT_MS)
        holder.let_go()
    until_waiting(desk, qtbot, 1)
    assert desk.waiting == ""


def test_a_session_opens_while_another_program_writes(desk: SessionDesk, studio: Any, qtbot: QtBot) -> None:
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 2.5)
    until_waiting(desk, qtbot, 1)
    desk.close()
    with ForeignHolder(desk.path / DATABASE):
        began = time.monotonic()
        again = studio.open_session(desk.path)
        assert time.monotonic() - began < 2.0
        assert len(again.history(9)) == 1
    until_waiting(again, qtbot, 1)


def test_a_trainer_that_waits_ends_when_it_is_asked_to(desk: SessionDesk, studio: Any, qtbot: QtBot) -> None:
    desk.pause()
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 2.5)
    with ForeignHolder(desk.path / DATABASE):
        desk.resume()
        qtbot.wait(600)
        desk.close()
        assert not threads.lingering()
    again = studio.open_session(desk.path)
    until_waiting(again, qtbot, 1)


def test_a_lesson_that_waits_ends_when_it_is_asked_to(session: Session, start: Callable[[Session], Any]) -> None:
    run = start(session)
    run.until_waiting()
    run.answer(Choice.LEFT)
    stop = StopFlag()
    threading.Timer(0.5, lambda: setattr(stop, "raised", True)).start()
    began = time.monotonic()
    with (
        ForeignHolder(session.path / DATABASE),
        pytest.raises(HeldDatabaseError, match="goes on"),
        ending_resumable(run.runner, session.path, stop),
    ):
        run.until_waiting()
    assert time.monotonic() - began < 5.0 and len(session.checkpoints.files()) == 1
