"""The one loop: records, checkpoints, resuming, replaying."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app import runner as runner_module
from app.commands import Submit
from app.labelling import Labelling
from app.replay import replay, verdict
from app.session import CLIPS, DATABASE, NewSession, Session
from learning.messages import Choice, Phase
from sim.errors import UserError
from tests.unit.app.tampering import tamper

CHOICES = [Choice.LEFT, Choice.RIGHT, Choice.EQUAL, Choice.LEFT, Choice.CANNOT_TELL, Choice.RIGHT]

Start = Callable[[Session], Any]


def teach(run: Any, choices: list[Choice]) -> None:
    """Answers each next pair when the trainer waits, and undoes and amends on the way."""
    for number, choice in enumerate(choices):
        run.until_waiting()
        run.answer(choice)
        if number == 2:
            run.labelling.undo()
            run.runner.turn()
            run.answer(Choice.RIGHT)
        if number == 4:
            run.labelling.amend(run.labelling.history(3)[0].event_id, Choice.EQUAL)
    run.until_waiting()


@pytest.fixture
def uninterrupted(tmp_path: Path, start: Start) -> str:
    """The digest of a session that was taught in one go."""
    with Session.create(tmp_path / "reference", NewSession("hopper-backflip", 5)) as session:
        run = start(session)
        teach(run, CHOICES)
        return str(run.runner.trainer.weights_digest())


def test_a_pair_is_stored_before_it_is_offered(session: Session, start: Start) -> None:
    run = start(session)
    for pair in run.labelling.pairs():
        stored = session.load_pair(pair.id)
        assert (stored.left.states == pair.left.states).all() and (stored.right.states == pair.right.states).all()
    run.until_waiting()
    assert [pair.id for pair in run.labelling.pairs()] == [0, 1]


def test_what_was_taken_in_is_recorded_with_its_iteration(session: Session, start: Start) -> None:
    run = start(session)
    run.until_waiting()
    first = run.answer()
    run.until_waiting()
    assert session.journal.taken() == {first: 2}
    assert session.journal.metrics(100)[-1].labels == 1


@pytest.mark.parametrize("cut", range(1, 24, 2))
def test_interrupted_and_resumed_is_the_same(
    session: Session, start: Start, cut: int, uninterrupted: str, tmp_path: Path
) -> None:
    """The process ends without a word at any turn: the newest checkpoint and the database are all there is."""
    run = start(session)
    turns = 0
    copy = tmp_path / "copy"
    original_turn = run.runner.turn

    def turn() -> Any:
        nonlocal turns
        turns += 1
        if turns == cut // 2:
            run.runner.checkpoint()
        snapshot = original_turn()
        if turns == cut:
            shutil.copytree(session.path, copy)
        return snapshot

    run.runner.turn = turn
    teach(run, CHOICES)
    events = session.labels.events()
    with Session(copy) as resumed:
        again = start(resumed)
        _repeat(again, len(resumed.labels.events()), events)
        assert again.runner.trainer.weights_digest() == uninterrupted
        assert resumed.labels.events() == events


def _repeat(run: Any, stored: int, events: list[Any]) -> None:
    """Gives the answers that came after the interruption, the way they were given the first time."""
    for event in events[stored:]:
        if event.supersedes is None:
            run.until_waiting()
        run.labelling._commit(event.pair_id, event.choice, 1.0)
        if event.choice is None:
            run.runner.turn()
    run.until_waiting()


def test_an_answer_is_committed_before_it_is_handed_on(session: Session, start: Start) -> None:
    run = start(session)
    stored: list[bool] = []
    labelling = Labelling(
        session, lambda event: stored.append(event in session.labels.events()), lambda: run.runner.board.offered
    )
    labelling.answer(0, Choice.LEFT, 1.0)
    labelling.amend(1, Choice.RIGHT)
    labelling.undo()
    assert stored == [True, True, True]


def test_an_answer_committed_but_never_handed_on_is_learnt_after_reopening(session: Session, start: Start) -> None:
    run = start(session)
    run.until_waiting()
    run.runner.checkpoint()
    event = session.labels.append(0, Choice.LEFT, 1.0, teacher="person", peeking=False)
    path = session.path
    session.close()
    with Session(path) as again:
        run = start(again)
        assert run.until_waiting().labels == 1
        assert again.journal.taken() == {event.id: 2}


def test_an_event_handed_on_twice_is_taken_in_once(session: Session, start: Start, trainers: Any) -> None:
    run = start(session)
    run.until_waiting()
    run.answer()
    run.runner.send(Submit(session.labels.events()[0]))
    run.until_waiting()
    assert trainers.made[-1].taken_ids == [1]


def test_a_truncated_checkpoint_falls_back_to_the_one_before(session: Session, start: Start, trainers: Any) -> None:
    run = start(session)
    for choice in CHOICES[:3]:
        run.until_waiting()
        run.answer(choice)
        run.until_waiting()
        run.runner.checkpoint()
    digest = run.runner.trainer.weights_digest()
    newest, before = session.checkpoints.files()
    newest.write_bytes(newest.read_bytes()[:-40])
    run = start(session)
    assert trainers.made[-1].iteration == 2 + 2 * 3, "the one before"
    run.until_waiting()
    assert run.runner.trainer.weights_digest() == digest
    before.write_bytes(b"")
    newest.write_bytes(b"nonsense")
    run = start(session)
    assert trainers.made[-1].iteration == 0, "from the labels alone"
    run.until_waiting()
    assert run.runner.trainer.weights_digest() == digest


def test_an_altered_checkpoint_is_noticed(session: Session, start: Start) -> None:
    run = start(session)
    run.until_waiting()
    run.runner.checkpoint()
    path = session.checkpoints.files()[0]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="checksum"):
        session.checkpoints.load(path)


def test_only_the_last_two_checkpoints_are_kept(session: Session, start: Start) -> None:
    run = start(session)
    for choice in CHOICES:
        run.until_waiting()
        run.answer(choice)
        run.runner.turn()
        run.runner.checkpoint()
    assert len(session.checkpoints.files()) == 2
    assert not list(session.path.rglob("*.part"))


def test_a_new_change_waits_until_the_record_is_repeated(session: Session, start: Start, trainers: Any) -> None:
    run = start(session)
    run.until_waiting()
    run.runner.checkpoint()
    for choice in CHOICES[:3]:
        run.answer(choice)
        run.until_waiting()
    path, recorded = session.path, session.journal.taken()
    session.close()
    with Session(path) as again:
        run = start(again)
        run.labelling.amend(1, Choice.EQUAL)
        run.until_waiting()
        taken = again.journal.taken()
        assert {event: taken[event] for event in recorded} == recorded
        assert trainers.made[-1].taken_ids == [1, 2, 3, 4]


def test_what_was_held_back_is_still_to_come_when_the_record_ends_on_nothing_to_practise(
    session: Session, start: Start, trainers: Any
) -> None:
    """The last event on record pays for no practice: the trainer waits, but not for the teacher."""
    run = start(session)
    run.until_waiting()
    run.runner.checkpoint()
    run.answer(Choice.CANNOT_TELL)
    run.until_waiting()
    session.labels.append(1, Choice.LEFT, 1.0, teacher="person", peeking=False)
    path = session.path
    session.close()
    with Session(path) as again:
        run = start(again)
        snapshot = run.runner.turn()
        assert (snapshot.phase, snapshot.events_waiting) == (Phase.WAITING, 0), "as it looks to the trainer"
        assert not run.runner.waits_for_teacher
        run.until_waiting()
        assert trainers.made[-1].taken_ids == [1, 2]


def test_a_record_that_cannot_be_repeated_does_not_block(
    session: Session, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine computes a little differently, and waits where the record says it went on."""
    run = start(session)
    run.until_waiting()
    run.runner.checkpoint()
    run.answer()
    run.until_waiting()
    path = session.path
    session.close()
    with closing(sqlite3.connect(path / DATABASE)) as connection:
        connection.execute("UPDATE taken_event SET iteration = 999")
        connection.commit()
    with Session(path) as again:
        run = start(again)
        assert run.until_waiting().labels == 1
        assert again.journal.taken() == {1: 2}


def test_replay_comes_to_the_same_weights(session: Session, start: Start, trainers: Any) -> None:
    run = start(session)
    for part in (CHOICES[:3], CHOICES[3:]):
        teach(run, part)
        run.runner.checkpoint()
        run = start(session)
    path = session.path
    session.close()
    report = replay(path, trainers, lambda *_: None)
    assert report.same and report.checks == 2, verdict(report)
    assert report.events == len(CHOICES) + 2 * 2, "each half has an undo and a new answer"


def test_replay_says_where_a_tampered_label_parts(session: Session, start: Start, trainers: Any) -> None:
    run = start(session)
    for choice in CHOICES:
        run.until_waiting()
        run.answer(choice)
        run.until_waiting()
        run.runner.checkpoint()
    path = session.path
    session.close()
    tamper(path / DATABASE, "feedback_event", "UPDATE feedback_event SET choice = 'right' WHERE id = 4")
    report = replay(path, trainers, lambda *_: None)
    assert report.parting is not None and report.checks == 3
    assert report.parting.iteration == 2 + 4 * 3 and report.parting.events == 4
    assert "iteration 14" in verdict(report) and "\n" not in verdict(report)


def test_undo_puts_the_pair_in_front_and_the_trainer_unlearns(session: Session, start: Start, trainers: Any) -> None:
    run = start(session)
    for choice in CHOICES[:2]:
        run.until_waiting()
        run.answer(choice)
    run.until_waiting()
    undone = run.labelling.undo()
    assert undone.pair_id == 1 and undone.choice is Choice.RIGHT
    assert [pair.id for pair in run.labelling.pairs()] == [1, 2, 3]
    run.until_waiting()
    assert trainers.made[-1].answers == {0: Choice.LEFT, 1: None}
    assert run.labelling.undo().pair_id == 0
    assert run.labelling.undo() is None
    assert [pair.id for pair in run.labelling.pairs()] == [0, 1, 2, 3]
    assert run.labelling.count == 0


def test_a_taken_back_pair_is_offered_again_after_reopening(session: Session, start: Start) -> None:
    run = start(session)
    run.until_waiting()
    run.answer()
    run.until_waiting()
    run.labelling.undo()
    path = session.path
    session.close()
    with Session(path) as again:
        run = start(again)
        assert run.labelling.pairs()[0].id == 0
        run.answer(Choice.RIGHT)
        run.until_waiting()
        assert [record.choice for record in run.labelling.history(5)] == [Choice.RIGHT]


def test_a_lost_clip_loses_one_pair_only(session: Session, start: Start) -> None:
    run = start(session)
    run.until_waiting()
    run.answer()
    run.until_waiting()
    run.labelling.undo()
    run.until_waiting()
    run.runner.checkpoint()
    path = session.path
    session.close()
    clip = path / CLIPS / "000000-left.safetensors"
    clip.write_bytes(clip.read_bytes()[:50])
    with Session(path) as again:
        run = start(again)
        assert [pair.id for pair in run.labelling.pairs()] == [1, 2]
        with pytest.raises(UserError, match="000000-left") as caught:
            run.labelling.pair(0)
        assert "\n" not in str(caught.value)


def test_checkpoints_come_by_the_clock(session: Session, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(session)
    run.runner.turn()
    assert session.checkpoints.files() == []
    monkeypatch.setattr(runner_module, "CHECKPOINT_SECONDS", 0.0)
    assert run.runner.turn().phase is Phase.PRACTISING
    assert len(session.checkpoints.files()) == 1
