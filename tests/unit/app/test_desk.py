"""The desk and its training thread: what the window relies on."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from app import labelling, threads
from app.desk import SessionDesk
from app.errors import AnswerError, SessionBusyError, StorageError
from app.session import Session
from app.studio import Studio
from learning.messages import Choice, Phase, Snapshot
from sim.errors import UserError
from ui.ports import Failure, SessionPort, StudioPort, WorkerStatus
from ui.teach.side import act_words

WAIT_MS = 10_000


@pytest.fixture
def studio(trainers: Any, qtbot: QtBot) -> Iterator[Studio]:
    """A studio in an isolated home; its threads must be gone at the end."""
    studio = Studio(trainers)
    before = set(threading.enumerate())
    yield studio
    studio.close()
    assert not threads.lingering()
    # a QThread that logged once leaves a stand-in behind, which is no thread
    left = [thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)]
    assert set(left) <= before


@pytest.fixture
def desk(studio: Studio, qtbot: QtBot) -> SessionDesk:
    """A new session whose trainer waits for the first answer."""
    desk = studio.new_session("hopper-backflip")
    until_waiting(desk, qtbot)
    return desk


def until_waiting(desk: SessionDesk, qtbot: QtBot, labels: int = 0) -> None:
    def waits() -> bool:
        snapshot = desk.snapshot()
        return snapshot is not None and snapshot.phase is Phase.WAITING and snapshot.labels == labels

    qtbot.waitUntil(waits, timeout=WAIT_MS)


def newest(desk: SessionDesk) -> Snapshot:
    snapshot = desk.snapshot()
    assert snapshot is not None
    return snapshot


def slowly(seconds: float, function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, after a while."""

    def later(*arguments: Any) -> Any:
        time.sleep(seconds)
        return function(*arguments)

    return later


def test_the_desk_is_what_the_window_wants(studio: Studio, desk: SessionDesk) -> None:
    def check(_studio: StudioPort, _session: SessionPort) -> None: ...

    check(studio, desk)
    for protocol, thing in ((StudioPort, studio), (SessionPort, desk)):
        for name in {*vars(protocol), *getattr(protocol, "__annotations__", ())}:
            assert name.startswith("_") or hasattr(thing, name), name


def test_the_next_pair_is_there_when_an_answer_returns(desk: SessionDesk, qtbot: QtBot) -> None:
    first, second = desk.pairs()
    record = desk.answer(first.id, Choice.LEFT, 2.5)
    assert desk.pairs()[0].id == second.id
    assert record.seconds == 2.5 and record.choice is Choice.LEFT
    until_waiting(desk, qtbot, 1)
    assert [pair.id for pair in desk.pairs()] == [1, 2]
    with pytest.raises(AnswerError, match="answered already"):
        desk.answer(first.id, Choice.RIGHT, 0.1)


def test_undo_amend_flag_and_history(desk: SessionDesk, qtbot: QtBot) -> None:
    for choice in (Choice.LEFT, Choice.RIGHT):
        desk.answer(desk.pairs()[0].id, choice, 1.0)
    desk.set_flag(0, True)
    desk.set_flag(1, True)
    desk.set_flag(1, False)
    undone = desk.undo()
    assert undone is not None and undone.choice is Choice.RIGHT and desk.pairs()[0].id == 1
    desk.amend(desk.history(1)[0].event_id, Choice.EQUAL)
    assert [(record.pair_id, record.choice, record.flagged) for record in desk.history(9)] == [(0, Choice.EQUAL, True)]
    until_waiting(desk, qtbot, 1)


def test_who_cannot_tell_is_counted_apart(studio: Studio, desk: SessionDesk) -> None:
    for choice in (Choice.LEFT, Choice.CANNOT_TELL):
        desk.answer(desk.pairs()[0].id, choice, 1.0)
    desk.close()
    (card,) = studio.sessions()
    assert (card.labels, card.cannot_tell) == (1, 1)


def choices(desk: SessionDesk) -> dict[int, Choice]:
    return {record.pair_id: record.choice for record in desk.history(9)}


@pytest.mark.parametrize("reopened", [False, True], ids=["at once", "after reopening"])
def test_undoing_a_change_puts_the_old_answer_back(desk: SessionDesk, studio: Studio, *, reopened: bool) -> None:
    for choice in (Choice.LEFT, Choice.RIGHT):
        desk.answer(desk.pairs()[0].id, choice, 1.5)
    desk.amend(desk.history(9)[0].event_id, Choice.EQUAL)
    desk.amend(next(record.event_id for record in desk.history(9) if record.pair_id == 1), None)
    assert choices(desk) == {0: Choice.EQUAL}
    if reopened:
        desk.close()
        desk = studio.open_session(desk.path)
    said, found = [], []
    while desk.undoable is not None:
        said.append(act_words(desk.undoable))
        desk.undo()
        found.append(choices(desk))
        assert {record.seconds for record in desk.history(9)} <= {1.5}
    assert said == ["remove answer", "change to equal", "prefer right", "prefer left"]
    assert found == [{0: Choice.EQUAL, 1: Choice.RIGHT}, {0: Choice.LEFT, 1: Choice.RIGHT}, {0: Choice.LEFT}, {}]
    assert [pair.id for pair in desk.pairs()][:2] == [0, 1]


def test_an_answer_keeps_its_place_when_it_changes(desk: SessionDesk, studio: Studio, qtbot: QtBot) -> None:
    for choice in (Choice.LEFT, Choice.RIGHT, Choice.LEFT):
        qtbot.waitUntil(lambda: bool(desk.pairs()), timeout=WAIT_MS)
        desk.answer(desk.pairs()[0].id, choice, 1.0)
    desk.amend(desk.history(9)[1].event_id, Choice.EQUAL)
    assert [record.pair_id for record in desk.history(9)] == [0, 1, 2]
    desk.undo()
    assert [record.pair_id for record in desk.history(9)] == [0, 1, 2]
    desk.close()
    assert [record.pair_id for record in studio.open_session(desk.path).history(9)] == [0, 1, 2]


def test_answers_amended_at_once_are_undone_one_by_one(desk: SessionDesk) -> None:
    for choice in (Choice.LEFT, Choice.RIGHT):
        desk.answer(desk.pairs()[0].id, choice, 1.0)
    desk.amend_all(Choice.CANNOT_TELL)
    assert desk.undoable is not None and act_words(desk.undoable) == "change to can't tell"
    desk.undo()
    assert choices(desk) == {0: Choice.CANNOT_TELL, 1: Choice.RIGHT}


def test_all_answers_amended_at_once_are_kept_and_taken_in(desk: SessionDesk, studio: Studio, qtbot: QtBot) -> None:
    for choice in (Choice.LEFT, Choice.CANNOT_TELL, Choice.RIGHT, Choice.EQUAL):
        desk.answer(desk.pairs()[0].id, choice, 1.5)
        until_waiting(desk, qtbot, len(desk.history(9)))
    desk.undo()
    desk.amend_all(Choice.CANNOT_TELL)
    unsure = dict.fromkeys(range(3), Choice.CANNOT_TELL)
    assert {record.pair_id: record.choice for record in desk.history(9)} == unsure
    assert {record.seconds for record in desk.history(9)} == {1.5}
    assert desk.pairs()[0].id == 3, "what was taken back is still asked"
    until_waiting(desk, qtbot, 3)
    desk.amend_all(Choice.CANNOT_TELL)
    desk.close()
    again = studio.open_session(desk.path)
    assert {record.pair_id: record.choice for record in again.history(9)} == unsure
    again.close()
    with Session(desk.path) as stored:
        told = [(event.id, event.pair_id, event.supersedes) for event in stored.labels.events()[5:]]
    assert told == [(6, 0, 1), (7, 2, 3)], "each in place of the one before, and nothing of what was so already"


def test_events_that_pay_for_no_practice_do_not_hold_up_those_behind_them(desk: SessionDesk, qtbot: QtBot) -> None:
    desk.pause()
    qtbot.waitUntil(lambda: desk.status is WorkerStatus.PAUSED, timeout=WAIT_MS)
    for choice in (Choice.CANNOT_TELL, Choice.LEFT):
        desk.answer(desk.pairs()[0].id, choice, 1.0)
    desk.resume()
    until_waiting(desk, qtbot, 2)


def test_a_session_reopens_where_it_was(desk: SessionDesk, studio: Studio, qtbot: QtBot) -> None:
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
    desk.set_flag(0, True)
    until_waiting(desk, qtbot, 1)
    shown, history, iteration = desk.pairs()[0].id, desk.history(5), newest(desk).iteration
    desk.close()
    again = studio.open_session(desk.path)
    until_waiting(again, qtbot, 1)
    assert again.pairs()[0].id == shown and again.history(5) == history
    assert newest(again).iteration == iteration
    assert [row.labels for row in again.metrics()][-1] == 1


def test_any_clip_can_be_explained(desk: SessionDesk, qtbot: QtBot) -> None:
    clip, said = desk.pairs()[1].left, []
    desk.explain_clip(clip, said.append)
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT_MS)
    assert len(said) == 1 and said[0].mean.shape == said[0].std.shape == (len(clip),)


def test_explanations_come_back_on_the_gui_thread(desk: SessionDesk, qtbot: QtBot) -> None:
    said: list[Any] = []
    desk.explain(0, lambda both: said.append((both, QThread.currentThread())))
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT_MS)
    pair, thread = said[0]
    assert thread is desk.thread() and len(pair.left.mean) == len(pair.right.std) == 3


def test_pause_stops_and_resume_goes_on(desk: SessionDesk, qtbot: QtBot) -> None:
    desk.pause()
    qtbot.waitUntil(lambda: desk.status is WorkerStatus.PAUSED, timeout=WAIT_MS)
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
    qtbot.wait(100)
    assert newest(desk).labels == 0
    desk.resume()
    until_waiting(desk, qtbot, 1)


def test_waiting_costs_nothing_and_ends_at_once(desk: SessionDesk, qtbot: QtBot, trainers: Any) -> None:
    steps = 0
    original = trainers.made[-1].step

    def step() -> Any:
        nonlocal steps
        steps += 1
        return original()

    trainers.made[-1].step = step
    qtbot.wait(300)
    assert steps <= 1
    began = time.monotonic()
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
    until_waiting(desk, qtbot, 1)
    assert time.monotonic() - began < 0.5


def test_a_failed_iteration_keeps_the_labels_and_can_be_retried(desk: SessionDesk, qtbot: QtBot, trainers: Any) -> None:
    failures: list[Failure] = []
    desk.failed.connect(failures.append)
    trainers.made[-1].fail_next = FloatingPointError("the loss is NaN")
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
    qtbot.waitUntil(lambda: desk.status is WorkerStatus.FAILED and bool(failures), timeout=WAIT_MS)
    assert "labels are safe" in failures[0].sentence and "\n" not in failures[0].sentence
    assert "Traceback" in failures[0].details
    desk.answer(desk.pairs()[0].id, Choice.RIGHT, 1.0)
    desk.retry()
    until_waiting(desk, qtbot, 2)
    assert trainers.made[-1].answers == {0: Choice.LEFT, 1: Choice.RIGHT}


@pytest.mark.parametrize("state", ["starting", "running", "waiting", "paused", "failed"])
def test_closing_takes_less_than_two_seconds(
    studio: Studio, qtbot: QtBot, trainers: Any, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if state == "starting":
        fresh = trainers.fresh
        monkeypatch.setattr(trainers, "fresh", slowly(0.5, fresh))
    desk = studio.new_session("hopper-backflip")
    if state != "starting":
        until_waiting(desk, qtbot)
    if state == "running":
        trainers.made[-1].step = slowly(0.4, trainers.made[-1].step)
        desk.answer(0, Choice.LEFT, 1.0)
        qtbot.wait(50)
    if state == "paused":
        desk.pause()
        qtbot.waitUntil(lambda: desk.status is WorkerStatus.PAUSED, timeout=WAIT_MS)
    if state == "failed":
        trainers.made[-1].fail_next = ValueError("broken")
        desk.answer(0, Choice.LEFT, 1.0)
        qtbot.waitUntil(lambda: desk.status is WorkerStatus.FAILED, timeout=WAIT_MS)
    began = time.monotonic()
    desk.close()
    assert time.monotonic() - began < 2.0
    Session(desk.path).close()  # the lock is free


def test_a_hung_iteration_does_not_hold_up_closing(studio: Studio, qtbot: QtBot, trainers: Any) -> None:
    desk = studio.new_session("hopper-backflip")
    until_waiting(desk, qtbot)
    go_on = threading.Event()
    original = trainers.made[-1].step
    trainers.made[-1].step = lambda: (go_on.wait(20), original())[1]
    desk.answer(0, Choice.LEFT, 1.0)
    qtbot.wait(50)
    began = time.monotonic()
    desk.close()
    assert time.monotonic() - began < 2.5
    assert threads.lingering()
    with pytest.raises(SessionBusyError):
        Session(desk.path)
    go_on.set()
    qtbot.waitUntil(lambda: not threads.lingering(), timeout=WAIT_MS)
    with Session(desk.path) as again:
        assert len(again.labels.events()) == 1


def test_an_answer_that_cannot_be_stored_is_not_given(
    desk: SessionDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise StorageError("The answer could not be stored: database or disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(desk._session.labels, "append", refuse)
        with pytest.raises(UserError, match="disk is full"):
            desk.answer(0, Choice.LEFT, 1.0)
    assert desk.pairs()[0].id == 0 and desk.history(3) == []
    desk.answer(0, Choice.LEFT, 1.0)
    until_waiting(desk, qtbot, 1)


def test_sessions_are_listed_newest_first_with_what_is_wrong(
    studio: Studio, desk: SessionDesk, qtbot: QtBot, home: Path
) -> None:
    desk.answer(0, Choice.LEFT, 1.0)
    desk.set_peek(True)
    desk.save_picture(b"png")
    until_waiting(desk, qtbot, 1)
    (card,) = studio.sessions()
    assert (card.labels, card.problem) == (1, None)
    assert card.picture is not None and card.picture.read_bytes() == b"png"
    with pytest.raises(SessionBusyError):
        studio.delete_session(desk.path)
    desk.close()
    (desk.path / "session.sqlite3").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    (card,) = studio.sessions()
    assert card.problem is not None and "\n" not in card.problem
    studio.delete_session(desk.path)
    assert studio.sessions() == []


def test_peeking_is_recorded_with_each_answer(desk: SessionDesk) -> None:
    assert not desk.peeking
    desk.set_peek(True)
    assert desk.peeking and desk._session.labels.ever_peeked()


def test_settings_survive_one_bad_key(studio: Studio, home: Path, trainers: Any) -> None:
    studio.set_setting("theme", "dark")
    studio.set_setting("speed", 0.5)
    with pytest.raises(UserError, match="'theme' is 'pink'"):
        studio.set_setting("theme", "pink")
    file = home / "settings.json"
    file.write_text(file.read_text().replace('"dark"', '"pink"'))
    assert [Studio(trainers).setting(key) for key in ("theme", "speed")] == [None, 0.5]
    file.write_text("{")
    assert Studio(trainers).setting("speed") is None
    assert (home / "settings.json.unreadable").exists()


def test_the_clips_of_old_pairs_come_from_the_disk(
    desk: SessionDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, make_pair: Callable[[int], Any]
) -> None:
    monkeypatch.setattr(labelling, "PAIRS_KEPT", 1)
    for labels in range(1, 5):
        desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
        until_waiting(desk, qtbot, labels)
    assert (desk.pair(0).right.states == make_pair(0).right.states).all()
