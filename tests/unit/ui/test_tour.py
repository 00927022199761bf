"""The guided tour: its stages over a real session, what it says, and that it goes on where it was."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk
from app.errors import StorageError
from app.studio import Studio
from learning.messages import Choice, Phase
from sim.framing import SideView
from sim.gripper import FRONT, SIDE
from sim.registry import get_task
from sim.task import CameraPose
from tests.unit.ui.conftest import WAIT_MS, LongPairTrainers, PlainRenderer
from ui import tour_stages
from ui.ports import WorkerStatus
from ui.shortcuts import Shortcuts
from ui.teach import TeachScreen
from ui.teach.remaining import Remaining, left_words
from ui.teach.reveal import Reveal
from ui.teach.tour import KEPT
from ui.tour_stages import ANSWERS, GRASPS, Progress, Stage, words

ANSWERS_HERE = 2
"""Of each stage."""


class Pupil:
    """A Teach screen with a gripper, and stages of two answers."""

    def __init__(self, studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.qtbot, self.studio = qtbot, studio
        studio.set_setting("reduced_motion", True)
        self.problems: list[str] = []
        self.screen = TeachScreen(studio, renderer, Shortcuts(studio, self.window), self.window)
        self.screen.resize(1280, 800)
        self.screen.problem.connect(self.problems.append)
        self.desk = self.open(studio.new_session("gripper-grasp"))
        self.window.show()
        self.screen.activate()

    def open(self, desk: SessionDesk) -> SessionDesk:
        self.screen.set_session(desk)
        return desk

    def find(self, name: str) -> QWidget:
        found = self.screen.findChild(QWidget, name)
        assert found is not None, name
        return found

    def press(self, name: str) -> None:
        button = self.find(name)
        assert isinstance(button, QAbstractButton) and button.isVisibleTo(self.screen)
        button.click()

    def click(self, name: str) -> None:
        button = self.find(name)
        assert button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    @property
    def reveal(self) -> Reveal:
        found = self.screen.findChild(Reveal)
        assert found is not None
        return found

    def text(self, name: str) -> str:
        found = self.find(name)
        assert isinstance(found, QLabel)
        return found.text()

    def answer(self, count: int) -> None:
        for _ in range(count):
            before = len(self.desk.history(1000))
            self.qtbot.waitUntil(lambda: self.screen.shown_pair is not None, timeout=WAIT_MS)
            self.screen.acts.answer(Choice.LEFT)
            assert len(self.desk.history(1000)) == before + 1
            self.qtbot.waitUntil(self._at_rest, timeout=WAIT_MS)

    def _at_rest(self) -> bool:
        snapshot = self.desk.snapshot()
        return snapshot is not None and snapshot.phase is Phase.WAITING and snapshot.events_waiting == 0

    def until(self, stage: Stage) -> None:
        self.qtbot.waitUntil(lambda: self.stage is stage, timeout=WAIT_MS)

    @property
    def stage(self) -> Stage:
        return self.screen._tour.progress.stage

    @property
    def choices(self) -> list[Choice]:
        return [record.choice for record in self.desk.history(1000)]

    @property
    def clips_from(self) -> CameraPose:
        assert self.screen.player._pictures is not None
        return self.screen.player._pictures.hand.pose

    @property
    def live_from(self) -> CameraPose:
        assert self.screen._side.now.live._player is not None
        return self.screen._side.now.live._player.hand.pose


@pytest.fixture
def pupil(
    studio: Studio, renderer: PlainRenderer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, trainers: LongPairTrainers
) -> Iterator[Pupil]:
    monkeypatch.setattr(tour_stages, "ANSWERS", dict.fromkeys(ANSWERS, ANSWERS_HERE))
    made = Pupil(studio, renderer, qtbot)
    yield made
    made.screen.deactivate()
    made.screen.set_session(None)


def test_the_whole_tour(pupil: Pupil) -> None:
    side_view, cues = pupil.find("side-view"), pupil.find("cues")
    assert isinstance(side_view, QAbstractButton) and isinstance(cues, QAbstractButton)
    assert pupil.stage is Stage.OFFERED and pupil.find("tour").isVisibleTo(pupil.screen)
    assert not pupil.find("guidance").isVisibleTo(pupil.screen), "one card at a time"
    pupil.press("tour-go")

    assert pupil.stage is Stage.FRONT and pupil.clips_from == pupil.live_from == FRONT
    assert not side_view.isEnabled() and not side_view.isChecked()
    assert not cues.isEnabled() and not cues.isChecked(), "nor is told how high the ball is"
    pupil.screen.player._on_orbited(0.5, 0.1)
    pupil.screen._side.now.live.camera.orbit(0.5, 0.1)
    assert pupil.clips_from == pupil.live_from == FRONT, "nobody looks round the hand yet"
    bar = pupil.find("tour-answers")
    assert isinstance(bar, QProgressBar)
    pupil.answer(1)
    pupil.qtbot.waitUntil(lambda: bar.value() == 1, timeout=WAIT_MS)
    assert pupil.stage is Stage.FRONT
    pupil.answer(1)

    pupil.until(Stage.FOOLED)
    assert not pupil.desk.peeking and pupil.live_from == FRONT
    reveal = pupil.reveal
    assert reveal.isVisible() and reveal.geometry() == pupil.screen.rect(), "the whole window"
    pupil.qtbot.waitUntil(lambda: reveal.front.drawn, timeout=WAIT_MS)
    assert reveal.front.wanted is not None and reveal.front.wanted[2] == FRONT and reveal.side.wanted is None
    pupil.click("reveal-go")

    assert pupil.stage is Stage.LOOKED and pupil.desk.peeking
    pupil.qtbot.waitUntil(lambda: reveal.side.drawn, timeout=WAIT_MS)
    assert reveal.side.wanted is not None and reveal.side.wanted[2] == SIDE
    assert reveal.front.wanted[1] is reveal.side.wanted[1], "the same instant from both sides"
    assert min(view.width() for view in (reveal.front, reveal.side)) > 0.4 * pupil.screen.width()
    pupil.qtbot.waitUntil(lambda: pupil.live_from == SIDE, timeout=WAIT_MS)
    pupil.click("reveal-go")
    assert not reveal.isVisible()

    assert pupil.stage is Stage.BOTH and pupil.clips_from == FRONT
    assert pupil.choices == [Choice.CANNOT_TELL] * 2, "what was said from the front"
    assert side_view.isChecked() and cues.isChecked()
    assert pupil.screen.player._side_view is SideView.BESIDE, "as large as the front view"
    pupil.answer(2)
    assert pupil.choices[2:] == [Choice.LEFT] * 2

    pupil.until(Stage.DONE)
    pupil.press("tour-go")
    assert not pupil.find("tour").isVisibleTo(pupil.screen)
    assert pupil.clips_from == pupil.live_from == get_task("gripper-grasp").camera
    assert side_view.isEnabled() and not side_view.isChecked(), "as it was set before"
    pupil.screen.player._on_orbited(0.5, 0.1)
    assert pupil.clips_from != get_task("gripper-grasp").camera
    assert pupil.problems == []


def test_where_the_front_was_enough_its_answers_stay(pupil: Pupil) -> None:
    pupil.press("tour-go")
    pupil.answer(2)
    pupil.until(Stage.FOOLED)
    pupil.press("tour-go")
    shown = pupil.screen._tour
    shown.progress = replace(shown.progress, score=GRASPS)
    pupil.press("tour-go")
    assert pupil.choices == [Choice.LEFT] * 2


def test_answers_that_cannot_be_taken_back_can_be_tried_again(pupil: Pupil, monkeypatch: pytest.MonkeyPatch) -> None:
    pupil.press("tour-go")
    pupil.answer(2)
    pupil.until(Stage.FOOLED)
    pupil.press("tour-go")

    def fails(_choice: Choice) -> None:
        raise StorageError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(pupil.desk, "amend_all", fails)
        pupil.press("tour-go")
    assert pupil.stage is Stage.LOOKED and pupil.problems == ["The disk is full."]
    assert pupil.choices == [Choice.LEFT] * 2
    pupil.press("tour-go")
    assert pupil.stage is Stage.BOTH and pupil.choices == [Choice.CANNOT_TELL] * 2


def test_it_goes_on_where_it_was(pupil: Pupil) -> None:
    pupil.press("tour-go")
    pupil.answer(1)
    path = pupil.desk.path
    pupil.screen.set_session(None)
    pupil.desk.close()
    pupil.desk = pupil.open(pupil.studio.open_session(path))
    side_view = pupil.find("side-view")
    assert pupil.stage is Stage.FRONT and pupil.clips_from == FRONT and not side_view.isEnabled()
    pupil.screen.looks.restore()
    assert not side_view.isEnabled(), "whatever is set meanwhile"
    pupil.answer(1)
    pupil.until(Stage.FOOLED)


def test_an_answer_taken_back_is_asked_for_again(pupil: Pupil) -> None:
    pupil.press("tour-go")
    pupil.answer(1)
    pupil.screen.acts.undo()
    pupil.answer(1)
    assert pupil.stage is Stage.FRONT
    pupil.answer(1)
    pupil.until(Stage.FOOLED)


@pytest.mark.parametrize("declined", [True, False])
def test_who_does_not_want_it_is_not_asked_again(pupil: Pupil, *, declined: bool) -> None:
    if declined:
        pupil.press("tour-leave")
    else:
        pupil.answer(1)
    pupil.qtbot.waitUntil(lambda: not pupil.find("tour").isVisibleTo(pupil.screen), timeout=WAIT_MS)
    assert Progress.of(pupil.desk.kept(KEPT)).stage == Stage.OVER
    pupil.screen.set_session(pupil.desk)
    assert not pupil.find("tour").isVisibleTo(pupil.screen)


def test_leaving_while_the_camera_goes_round_lets_it_go(pupil: Pupil) -> None:
    pupil.studio.set_setting("reduced_motion", False)
    pupil.screen.set_session(pupil.desk)
    pupil.press("tour-go")
    pupil.answer(2)
    pupil.until(Stage.FOOLED)
    pupil.press("tour-go")
    pupil.qtbot.waitUntil(lambda: pupil.live_from not in (FRONT, SIDE), timeout=WAIT_MS)
    pupil.press("tour-leave")
    pupil.qtbot.wait(100)
    assert pupil.live_from == get_task("gripper-grasp").camera


def test_while_the_last_answers_are_trained_on_it_says_so_and_takes_no_more(
    pupil: Pupil, trainers: LongPairTrainers
) -> None:
    pupil.press("tour-go")
    pupil.answer(1)
    pupil.qtbot.waitUntil(lambda: pupil.screen.shown_pair is not None, timeout=WAIT_MS)
    pupil.desk.pause()
    pupil.qtbot.waitUntil(lambda: pupil.desk.status is WorkerStatus.PAUSED, timeout=WAIT_MS)
    pupil.click("answer-left")
    assert len(pupil.choices) == ANSWERS_HERE
    pupil.qtbot.waitUntil(lambda: "training on 2 answers" in pupil.text("tour-stage"), timeout=WAIT_MS)
    assert "The robot trains on them" in pupil.text("tour-words")
    assert not pupil.find("answer-left").isEnabled()
    pupil.qtbot.wait(300)
    pupil.screen.acts.answer(Choice.RIGHT)
    assert len(pupil.choices) == ANSWERS_HERE, "one more would make it wait longer"
    pupil.desk.resume()
    pupil.until(Stage.FOOLED)


def test_the_time_left_is_told_once_it_can_be() -> None:
    left = Remaining()
    assert left.seconds is None and left_words(left.seconds) == "estimating how long that takes"
    for second in range(11):
        left.look(0.5 + 0.01 * second, float(second))
    assert left.seconds == pytest.approx(40.0) and left.done == pytest.approx(0.2)
    assert left_words(left.seconds) == "about 40 s left"
    left.look(0.6, 12.0)
    assert left.seconds == pytest.approx(38.0), "time passes between two steps"
    left.look(0.6, 30.0)
    assert left.seconds is None, "it stands still"
    left.look(0.1, 31.0)
    assert left.done == 0.0, "it began anew"
    assert left_words(100.0) == "about 1 min 40 s left" and left_words(1.0) == "a few seconds left"


def test_esc_closes_the_reveal_and_coming_back_opens_it(pupil: Pupil) -> None:
    pupil.press("tour-go")
    pupil.answer(2)
    pupil.until(Stage.FOOLED)
    assert pupil.screen.cards.close_all() and not pupil.reveal.isVisible()
    assert pupil.find("tour-go").isVisible(), "the tour can go on from its card"
    pupil.screen.deactivate()
    pupil.screen.activate()
    assert pupil.reveal.isVisible() and pupil.stage is Stage.FOOLED
    pupil.click("reveal-leave")
    assert pupil.stage is Stage.OVER and not pupil.reveal.isVisible()


def test_other_robots_have_no_tour(pupil: Pupil) -> None:
    pupil.desk = pupil.open(pupil.studio.new_session("hopper-backflip"))
    assert not pupil.find("tour").isVisibleTo(pupil.screen)
    assert pupil.find("guidance").isVisibleTo(pupil.screen)


@pytest.mark.parametrize("kept", [None, 7, {"stage": 99}, {"stage": "x"}, {"unknown": 1}, {"began": None}])
def test_nonsense_in_the_settings_begins_it_anew(kept: object) -> None:
    assert Progress.of(kept) == Progress()


def test_what_it_says_is_what_was_measured(desk: SessionDesk) -> None:
    measured = desk.snapshot()
    assert measured is not None
    seen = replace(measured, learned_reward=31.0, true_score=0.25)
    climbed, fell = (words(Progress(Stage.FOOLED, reward=before), seen) for before in (3.0, 40.0))
    assert "from +3 to +31 per second" in climbed and "gets better" in climbed and "not better yet" in fell
    fooled = words(Progress(Stage.LOOKED, score=0.04), seen)
    assert "Held in the air: 4 % of the last second" in fooled and "that is what it learnt" in fooled
    enough = words(Progress(Stage.LOOKED, score=0.9), seen)
    assert "does hold the ball" in enough and "can't tell" in fooled and "can't tell" not in enough
    assert "does not grasp reliably yet" in words(Progress(Stage.DONE, score=0.04), seen)
    grasps = words(Progress(Stage.DONE, score=0.04), replace(seen, true_score=0.9))
    assert grasps.startswith("It grasps. Held in the air: 90 %") and "with the front view alone it was 4 %" in grasps
    assert "not measured yet" in words(Progress(Stage.BOTH), measured), "nothing was measured yet"
