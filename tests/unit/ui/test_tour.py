"""The guided tour: its stages over a real session, what it says, and that it goes on where it was."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk, Studio
from app.errors import StorageError
from learning.messages import Choice, Phase
from sim.gripper import FRONT, SIDE
from sim.registry import get_task
from sim.task import CameraPose
from tests.unit.ui.conftest import WAIT_MS, LongPairTrainers, PlainRenderer
from ui import tour_stages
from ui.shortcuts import Shortcuts
from ui.teach import TeachScreen
from ui.teach.tour import KEPT
from ui.tour_stages import ANSWERS, GRASPS, Progress, Stage, words


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

    def text(self, name: str) -> str:
        found = self.find(name)
        assert isinstance(found, QLabel)
        return found.text()

    def answer(self, count: int) -> None:
        for _ in range(count):
            before = len(self.desk.history(1000))
            self.qtbot.waitUntil(lambda: self.screen.shown_pair is not None, timeout=WAIT_MS)
            self.screen.answer(Choice.LEFT)
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
        assert self.screen.player._hand is not None
        return self.screen.player._hand.pose

    @property
    def live_from(self) -> CameraPose:
        assert self.screen._side.now.live._player is not None
        return self.screen._side.now.live._player.hand.pose


@pytest.fixture
def pupil(
    studio: Studio, renderer: PlainRenderer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, trainers: LongPairTrainers
) -> Iterator[Pupil]:
    monkeypatch.setattr(tour_stages, "ANSWERS", dict.fromkeys(ANSWERS, 2))
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
    pupil.screen._side.now.live.orbit(0.5, 0.1)
    assert pupil.clips_from == pupil.live_from == FRONT, "nobody looks round the hand yet"
    bar = pupil.find("tour-answers")
    assert isinstance(bar, QProgressBar)
    pupil.answer(1)
    pupil.qtbot.waitUntil(lambda: bar.value() == 1, timeout=WAIT_MS)
    assert pupil.stage is Stage.FRONT
    pupil.answer(1)

    pupil.until(Stage.FOOLED)
    assert not pupil.desk.peeking and pupil.live_from == FRONT
    pupil.press("tour-go")

    assert pupil.stage is Stage.LOOKED and pupil.desk.peeking
    pupil.qtbot.waitUntil(lambda: pupil.live_from == SIDE, timeout=WAIT_MS)
    pupil.press("tour-go")

    assert pupil.stage is Stage.BOTH and pupil.clips_from == FRONT
    assert pupil.choices == [Choice.CANNOT_TELL] * 2, "what was said from the front"
    assert side_view.isChecked() and cues.isChecked()
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
    pupil.screen.restore_looks()
    assert not side_view.isEnabled(), "whatever is set meanwhile"
    pupil.answer(1)
    pupil.until(Stage.FOOLED)


def test_an_answer_taken_back_is_asked_for_again(pupil: Pupil) -> None:
    pupil.press("tour-go")
    pupil.answer(1)
    pupil.screen.undo()
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


def test_other_robots_have_no_tour(pupil: Pupil) -> None:
    pupil.desk = pupil.open(pupil.studio.new_session("hopper-backflip"))
    assert not pupil.find("tour").isVisibleTo(pupil.screen)
    assert pupil.find("guidance").isVisibleTo(pupil.screen)


@pytest.mark.parametrize("kept", [None, 7, {"stage": 99}, {"stage": "x"}, {"unknown": 1}, {"began": None}])
def test_nonsense_in_the_settings_begins_it_anew(kept: object) -> None:
    assert Progress.of(kept) == Progress()


def test_what_it_says_is_what_was_measured(desk: SessionDesk) -> None:
    gripper, measured = get_task("gripper-grasp"), desk.snapshot()
    assert measured is not None
    seen = replace(measured, learned_reward=31.0, true_score=0.25)
    climbed, fell = (words(Progress(Stage.FOOLED, reward=before), seen, gripper) for before in (3.0, 40.0))
    assert "from +3 to +31 per second" in climbed and "gets better" in climbed and "not better yet" in fell
    fooled = words(Progress(Stage.LOOKED, score=0.04), seen, gripper)
    assert "for 0.04 of the last second" in fooled and "that is what it learnt" in fooled
    enough = words(Progress(Stage.LOOKED, score=0.9), seen, gripper)
    assert "holds the ball indeed" in enough and "can't tell" in fooled and "can't tell" not in enough
    assert "has not got the whole grasp" in words(Progress(Stage.DONE, score=0.04), seen, gripper)
    grasps = words(Progress(Stage.DONE, score=0.04), replace(seen, true_score=0.9), gripper)
    assert grasps.startswith("It grasps: held in the air for 0.90") and "one view came to 0.04" in grasps
    assert "unknown share" in words(Progress(Stage.BOTH), measured, gripper), "nothing was measured yet"
