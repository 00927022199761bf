"""Leaving the program alone after some labels: nothing that was learnt moves, and the window says for whom it waits."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.runner import Runner
from app.session import NewSession, Session
from app.stopping import StopFlag
from app.studio import Studio
from app.teach import Lesson, run_teacher
from app.trainers import LearningTrainers
from learning.messages import Phase, Snapshot
from learning.teachers import make_teacher
from sim.render import SceneRenderer, create_renderer
from tests.e2e.command import TASK
from tests.e2e.small_lessons import SMALL
from ui.main_window import MainWindow

LABELS = 16
STEPS = 3000
"""Steps without an answer: the training thread alone would take one and sleep."""
WAIT_MS = 60_000
LOOK_MS = 2000
"""The window is left alone for so long."""


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session with LABELS answers, all of them learnt from."""
    path = tmp_path_factory.mktemp("left alone") / "session"
    with Session.create(path, NewSession(TASK, 3, "oracle", LABELS)) as session, StopFlag() as stop:
        teacher = make_teacher("oracle", session.task, 3)
        lesson = Lesson("oracle", LABELS, None, preview=False)
        run_teacher(session, lesson, teacher.answer, stop, LearningTrainers(SMALL), lambda *_: None)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An isolated home for settings."""
    monkeypatch.setenv("BACKFLIP_HOME", str(tmp_path / "home"))


@pytest.fixture
def renderer() -> Iterator[SceneRenderer]:
    with create_renderer() as made:
        yield made


def test_the_trainer_stays_where_the_last_answer_left_it(taught: Path) -> None:
    with Session(taught) as session:
        runner = Runner(session, LearningTrainers())
        runner.start()
        trainer = runner.trainer
        first = runner.turn()
        assert first.phase is Phase.WAITING and first.labels == LABELS and first.iteration > 0
        digest, pairs = trainer.weights_digest(), [pair.id for pair in trainer.open_pairs()]
        assert digest == session.journal.digests()[-1].digest, "it is where teaching ended"
        all_before = repr(trainer.state().meta), _tensors(runner)
        for _ in range(STEPS):
            snapshot = trainer.step()
        assert snapshot.phase is Phase.WAITING and not snapshot.taken
        assert (snapshot.iteration, snapshot.env_steps) == (first.iteration, first.env_steps)
        _same_policy(snapshot, first)
        assert trainer.weights_digest() == digest and [pair.id for pair in trainer.open_pairs()] == pairs
        assert (repr(trainer.state().meta), _tensors(runner)) == all_before, "nor has any generator been drawn from"


@pytest.mark.usefixtures("home")
def test_the_window_says_that_it_waits_for_the_teacher(taught: Path, qtbot: QtBot, renderer: SceneRenderer) -> None:
    studio = Studio(LearningTrainers())
    window = MainWindow(studio, renderer)
    qtbot.addWidget(window)
    try:
        window.show()
        window.home.open_session.emit(taught)
        session = window.session
        assert session is not None
        waits = "Training is paused until your next answer."
        qtbot.waitUntil(lambda: _status(window) == waits, timeout=WAIT_MS)
        before, points = session.snapshot(), len(session.metrics())
        qtbot.wait(LOOK_MS)
        after = session.snapshot()
        assert before is not None and after is not None
        assert _status(window) == waits
        assert (after.iteration, after.phase, len(session.metrics())) == (before.iteration, Phase.WAITING, points)
        _same_policy(after, before)
    finally:
        window.close()
        studio.close()


def _status(window: MainWindow) -> str:
    line = window.teach.findChild(QLabel, "status-line")
    assert isinstance(line, QLabel)
    return line.text()


def _tensors(runner: Runner) -> dict[str, bytes]:
    return {name: np.ascontiguousarray(tensor).tobytes() for name, tensor in runner.trainer.state().tensors.items()}


def _same_policy(one: Snapshot, other: Snapshot) -> None:
    assert one.shown_version == other.shown_version and one.true_score == other.true_score
    for mine, theirs in zip(one.shown_policy.weights, other.shown_policy.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
