"""A simulated teacher whose time counts, with the real trainer: what is given is stored, learnt, and gone on with."""

from pathlib import Path
from typing import Any

import pytest

from app.errors import UsageError
from app.replay import replay
from app.session import NewSession, Session
from app.stopping import StopFlag
from app.timed_lesson import COMPARISON_SECONDS, TimedLesson, TimedTeaching, parse_feedback
from app.trainers import LearningTrainers
from app.watching import ReactionTime
from learning.messages import Press, Snapshot
from learning.teachers import make_teacher

TASK = "hopper-backflip"
SMALL: dict[str, Any] = {
    "nsim": 16, "rollout_steps": 8, "hidden": (8,), "schedule": ((100, 1),), "trial_episodes": 1, "trial_every": 5,
    "broad_clips": 40, "recent_clips": 20, "clips_per_trial": 5, "candidates": 50,
}  # fmt: skip


def give(session: Session, feedback: str, minutes: float) -> tuple[TimedTeaching, list[tuple[Snapshot, float]]]:
    seen: list[tuple[Snapshot, float]] = []
    teacher = make_teacher("oracle", session.task, session.header.seed)
    teaching = TimedTeaching(
        session, TimedLesson(parse_feedback(feedback), minutes), ("oracle", teacher.answer), LearningTrainers(SMALL),
        lambda snapshot, seconds: seen.append((snapshot, seconds)),
    )  # fmt: skip
    with StopFlag() as stop:
        teaching.run(stop)
    return teaching, seen


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lesson"


def test_presses_alone_teach(path: Path) -> None:
    with Session.create(path, NewSession(TASK, 4)) as session:
        teaching, seen = give(session, "press", 0.5)
        presses = [event.press for event in session.presses.events()]
        assert session.labels.events() == []
        assert session.presses.seconds_watched() == pytest.approx(30.0, abs=2.0)
    assert teaching.pressing.reaction.spread < ReactionTime().spread, "he was measured first"
    snapshot = seen[-1][0]
    pressed = sum(press is not Press.SILENCE for press in presses)
    assert pressed >= 5
    assert presses.count(Press.SILENCE) >= 5
    assert snapshot.presses == snapshot.labels == teaching.pressing.count == pressed
    assert snapshot.iteration > 0
    assert snapshot.learned_reward_std < seen[0][0].learned_reward_std


def test_a_teacher_who_does_both_takes_turns(path: Path) -> None:
    with Session.create(path, NewSession(TASK, 4)) as session:
        teaching, seen = give(session, "compare,press", 0.7)
        kinds = [type(event).__name__ for event in session.events()]
    assert kinds[0] == "FeedbackEvent"
    assert kinds[-1] == "Reinforcement"
    assert teaching.labelling.count == 9, "half a minute of comparisons"
    assert seen[-1][0].labels == 9 + teaching.pressing.count
    assert teaching.seconds == pytest.approx(42.0, abs=COMPARISON_SECONDS)


def test_a_lesson_goes_on_where_it_was(path: Path) -> None:
    with Session.create(path, NewSession(TASK, 4)) as session:
        give(session, "press", 0.2)
    with Session(path) as session:
        before = len(session.events())
        teaching, seen = give(session, "press", 0.4)
        assert len(session.events()) > before
        assert teaching.pressing.count == seen[-1][0].presses
        assert session.presses.seconds_watched() == pytest.approx(24.0, abs=2.5)


def test_a_lesson_of_presses_replays_to_the_same_weights(path: Path) -> None:
    with Session.create(path, NewSession(TASK, 4)) as session:
        teaching, _ = give(session, "compare,press", 0.7)
        assert teaching.pressing.undo() is not None
        teaching.runner.turn()
        teaching.runner.finish()
    report = replay(path, LearningTrainers(), lambda snapshot, last: None)
    assert report.same, report
    assert report.events > 20


@pytest.mark.parametrize("text", ["", "pres", "press;compare", "compare,,press"])
def test_feedback_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="There are compare, press"):
        parse_feedback(text)


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("nan"), 1e9])
def test_minutes_that_nobody_has_are_refused(minutes: float) -> None:
    with pytest.raises(UsageError, match="--minutes is"):
        TimedLesson(("press",), minutes)
