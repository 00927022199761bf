"""Where a trainer goes on: whatever a kill or a stranger left, with the weights that the labels lead to."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.checkpoints import CheckpointShelf
from app.errors import StorageError
from app.replay import replay
from app.restoring import catch_up, restore
from app.session import Session
from app.store.journal import Digest
from learning.messages import Choice, Taken, TrainerState
from sim.errors import ClipError, UserError

Start = Callable[[Session], Any]

ERRORS = (AttributeError, TypeError, ClipError, StopIteration, RecursionError, IndexError, ZeroDivisionError, UserError)


def answered(run: Any, *choices: Choice) -> None:
    for choice in choices:
        run.until_waiting()
        run.answer(choice)
    run.until_waiting()


def test_a_kill_between_the_digest_and_its_checkpoint_leaves_a_session_that_replays(
    session: Session, start: Start, trainers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that came after the digest must not be taken in before it."""
    run = start(session)
    answered(run, Choice.LEFT)
    run.runner.checkpoint()
    run.answer(Choice.RIGHT)
    run.runner.turn()

    def killed(*_: object) -> Path:
        raise StorageError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(CheckpointShelf, "save", killed)
        run.runner.turn()
        with pytest.raises(StorageError):
            run.runner.checkpoint()  # its digest is on record now, in the middle of training
    session.labels.append(2, Choice.EQUAL, 1.0, teacher="person", peeking=False)  # committed, and never handed on
    copy = tmp_path / "left by the kill"
    shutil.copytree(session.path, copy)
    with Session(copy) as again:
        begun = start(again)
        answered(begun, Choice.LEFT)
        begun.runner.finish()
        assert len(again.journal.digests()) == 3 and len(again.journal.taken()) == 4
    assert replay(copy, trainers, lambda *_: None).same


def test_a_digest_that_is_never_come_to_again_is_dropped(session: Session, start: Start, trainers: Any) -> None:
    """As on another machine, where the trainer waits before the record ends."""
    run = start(session)
    answered(run, Choice.LEFT)
    run.runner.checkpoint()
    session.journal.record_digest(Digest(1000, 1, "0" * 64))
    session.labels.append(1, Choice.EQUAL, 1.0, teacher="person", peeking=False)
    again = start(session)
    again.until_waiting()
    again.runner.finish()
    assert session.journal.last_digest()[0] < 1000 and len(session.journal.taken()) == 2
    path = session.path
    session.close()
    assert replay(path, trainers, lambda *_: None).same


@pytest.mark.parametrize("error", ERRORS)
def test_a_newest_checkpoint_that_raises_anything_leaves_the_one_before(
    session: Session, start: Start, trainers: Any, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(session)
    answered(run, Choice.LEFT)
    run.runner.checkpoint()
    answered(run, Choice.RIGHT)
    run.runner.checkpoint()
    wanted = run.runner.trainer.weights_digest()
    newest, older = session.checkpoints.files()
    whole = trainers.restored
    tried: list[int] = []

    def restored(task: Any, state: TrainerState) -> Any:
        tried.append(state.meta["iteration"])
        if len(tried) == 1:
            raise error("as a stranger made it")
        return whole(task, state)

    monkeypatch.setattr(trainers, "restored", restored)
    found = restore(session, trainers)
    assert len(tried) == 2 and tried[0] > tried[1] and found.iteration == tried[1]
    trainer, _ = catch_up(session, trainers, lambda _: None)
    assert trainer.weights_digest() == wanted, f"{newest.name} and {older.name} lead to the same"


def test_what_the_newest_checkpoint_lacks_is_taken_in_and_nothing_is_written(
    session: Session, start: Start, trainers: Any
) -> None:
    run = start(session)
    answered(run, Choice.LEFT)
    run.runner.checkpoint()
    answered(run, Choice.RIGHT, Choice.EQUAL)
    wanted = run.runner.trainer.weights_digest()
    before = sorted(os.listdir(session.path / "checkpoints")), session.journal.digests(), session.journal.taken()
    trainer, snapshot = catch_up(session, trainers, lambda _: None)
    assert trainer.weights_digest() == wanted and snapshot.labels == 3
    assert (
        sorted(os.listdir(session.path / "checkpoints")),
        session.journal.digests(),
        session.journal.taken(),
    ) == before


def test_answers_that_no_trainer_has_heard_of_are_taken_in(session: Session, start: Start, trainers: Any) -> None:
    run = start(session)
    run.until_waiting()
    run.runner.checkpoint()
    session.labels.append(0, Choice.LEFT, 1.0, teacher="person", peeking=False)
    _, snapshot = catch_up(session, trainers, lambda _: None)
    assert snapshot.labels == 1


def test_a_record_that_cannot_be_repeated_is_left(session: Session, start: Start, trainers: Any) -> None:
    """A press of another machine at an iteration that this one never comes to."""
    run = start(session)
    answered(run, Choice.LEFT)
    run.runner.checkpoint()
    answered(run, Choice.RIGHT)
    session.journal.record(taken=[Taken(2, 5000)])
    _, snapshot = catch_up(session, trainers, lambda _: None)
    assert snapshot.labels == 2
