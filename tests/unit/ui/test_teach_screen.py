"""The Teach screen over a real session: what a teacher does with keys and mouse, and what comes of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk
from app.errors import StorageError
from app.studio import Studio
from learning.messages import Choice, Phase
from sim.registry import get_task
from tests.unit.ui.conftest import WAIT_MS, LongPairTrainers, PlainRenderer
from ui.clip_speeds import clip_speed, keep_usual_speed
from ui.ports import WorkerStatus
from ui.shortcuts import Shortcuts
from ui.teach import TeachScreen

Kind = TypeVar("Kind", bound=QWidget)


class Lesson:
    """A Teach screen with a new session, as a teacher has it before them."""

    def __init__(self, studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.setObjectName("lesson")
        self.window.resize(1280, 800)
        self.qtbot = qtbot
        self.problems: list[str] = []
        self.screen = TeachScreen(studio, renderer, Shortcuts(studio, self.window), self.window)
        self.screen.resize(1280, 800)
        self.screen.problem.connect(self.problems.append)
        self.desk: SessionDesk = studio.new_session("hopper-backflip")
        self.screen.set_session(self.desk)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.screen.activate()

    def end(self) -> None:
        self.screen.deactivate()
        self.screen.set_session(None)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window, key, modifier)

    def until_shown(self, pair_id: int) -> None:
        def there() -> bool:
            return self.screen.shown_pair is not None and self.screen.shown_pair.id == pair_id

        self.qtbot.waitUntil(there, timeout=WAIT_MS)

    def until_seen_again(self) -> None:
        self.qtbot.waitUntil(lambda: self.screen.cards.amend.player.pair_seen is not None, timeout=WAIT_MS)

    def button(self, name: str) -> QAbstractButton:
        return self.find(QAbstractButton, name)

    def text(self, name: str) -> str:
        return self.find(QLabel, name).text()

    def find(self, kind: type[Kind], name: str) -> Kind:
        found = self.screen.findChild(kind, name)
        assert found is not None, name
        return found

    @property
    def answers(self) -> list[tuple[int, Choice]]:
        return [(record.pair_id, record.choice) for record in self.desk.history(99)]


@pytest.fixture
def lesson(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[Lesson]:
    made = Lesson(studio, renderer, qtbot)
    made.until_shown(0)
    yield made
    made.end()


def test_every_answer_has_its_keys(lesson: Lesson) -> None:
    keys = [Qt.Key.Key_Left, Qt.Key.Key_2, Qt.Key.Key_Down, Qt.Key.Key_S]
    for number, key in enumerate(keys):
        lesson.until_shown(number)
        lesson.press(key)
    assert lesson.answers == [(0, Choice.LEFT), (1, Choice.RIGHT), (2, Choice.EQUAL), (3, Choice.CANNOT_TELL)]
    lesson.until_shown(4)
    lesson.qtbot.waitUntil(lambda: lesson.text("label-count") == "3 labels \u00b7\u00a01 can't tell")


def test_the_buttons_answer_too_and_the_pane_lights_up(lesson: Lesson) -> None:
    lesson.button("answer-right").click()
    assert lesson.screen.player.panes[1].lit and not lesson.screen.player.panes[0].lit
    lesson.until_shown(1)
    assert lesson.answers == [(0, Choice.RIGHT)]


def test_no_answer_before_the_clips_can_be_seen(lesson: Lesson, renderer: PlainRenderer) -> None:
    renderer.at_once = False
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)  # drawn in advance
    lesson.press(Qt.Key.Key_Left)
    lesson.qtbot.waitUntil(lambda: lesson.screen.player.pair is not None and lesson.screen.player.pair.id == 2)
    assert lesson.screen.shown_pair is None
    lesson.press(Qt.Key.Key_Left)
    assert len(lesson.answers) == 2
    for job in renderer.clips:
        renderer.finish(job)
    lesson.until_shown(2)
    lesson.press(Qt.Key.Key_Left)
    assert len(lesson.answers) == 3


def test_the_time_of_an_answer_counts_from_what_was_seen(lesson: Lesson) -> None:
    lesson.qtbot.wait(300)
    lesson.press(Qt.Key.Key_Left)
    assert 0.25 <= lesson.desk.history(1)[0].seconds < 3.0


def test_undo_names_what_it_undoes_and_asks_again(lesson: Lesson) -> None:
    undo = lesson.button("undo")
    assert not undo.isEnabled()
    lesson.press(Qt.Key.Key_Left)
    assert undo.text() == "Undo: prefer left" and undo.isEnabled()
    lesson.until_shown(1)
    lesson.press(Qt.Key.Key_Down)
    assert undo.text() == "Undo: equal"
    lesson.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    lesson.until_shown(1)
    assert undo.text() == "Undo: prefer left"
    undo.click()
    lesson.until_shown(0)
    assert lesson.answers == [] and not undo.isEnabled()


def test_a_pair_that_comes_back_before_another_was_painted_is_shown_again(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_Left)  # these two without a chance to paint in between
    lesson.screen.acts.undo()
    lesson.until_shown(0)
    lesson.press(Qt.Key.Key_Right)
    assert lesson.answers == [(0, Choice.RIGHT)]


def test_an_earlier_answer_can_be_opened_and_changed(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    lesson.press(Qt.Key.Key_Right)
    lesson.until_shown(2)
    assert "prefer left" in lesson.button("strip-0").accessibleName()
    lesson.button("strip-0").click()
    assert lesson.screen.shown_pair is None, "what is behind the card is not answered"
    assert lesson.text("amend-title") == "Pair 1" and "prefer left" in lesson.text("amend-now")
    lesson.until_seen_again()
    lesson.press(Qt.Key.Key_Down)
    assert dict(lesson.answers) == {0: Choice.EQUAL, 1: Choice.RIGHT}
    lesson.until_shown(2)
    assert "equal" in lesson.button("strip-0").accessibleName()


def test_an_earlier_answer_can_be_taken_back_or_left_alone(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    lesson.button("strip-0").click()
    assert lesson.screen.cards.close_all() and not lesson.screen.cards.close_all()
    assert lesson.answers == [(0, Choice.LEFT)]
    lesson.button("strip-0").click()
    lesson.button("amend-take-back").click()
    assert lesson.answers == []
    lesson.until_shown(0)


def test_a_failure_is_a_sentence_with_two_things_to_do(lesson: Lesson, trainers: LongPairTrainers) -> None:
    lesson.qtbot.waitUntil(lambda: "Training is paused" in lesson.text("status-line"), timeout=WAIT_MS)
    trainers.made[-1].fail_next = FloatingPointError("the loss is NaN")
    lesson.press(Qt.Key.Key_Left)
    lesson.qtbot.waitUntil(lambda: lesson.button("copy-details").isVisible(), timeout=WAIT_MS)
    assert "labels are safe" in lesson.text("status-line")
    lesson.button("copy-details").click()
    assert "FloatingPointError" in QGuiApplication.clipboard().text()
    lesson.until_shown(1)
    lesson.press(Qt.Key.Key_Right)
    assert len(lesson.answers) == 2, "answers go on"
    lesson.button("retry").click()
    lesson.qtbot.waitUntil(lambda: "Training is paused" in lesson.text("status-line"), timeout=WAIT_MS)
    assert not lesson.button("retry").isVisible()
    snapshot = lesson.desk.snapshot()
    assert snapshot is not None and snapshot.phase is Phase.WAITING and snapshot.labels == 2


def test_an_answer_that_cannot_be_stored_is_told_and_the_pair_stays(
    lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(lesson.desk, "answer", full)
    lesson.press(Qt.Key.Key_Left)
    assert lesson.problems == ["The disk is full."]
    assert lesson.screen.shown_pair is not None and lesson.screen.shown_pair.id == 0
    assert not lesson.screen.player.panes[0].lit


def test_the_status_line_says_for_whom_it_waits(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_Left)
    wanted = "Training is paused until your next answer."
    lesson.qtbot.waitUntil(lambda: lesson.text("status-line") == wanted, timeout=WAIT_MS)


def test_pictures_in_advance_wait_for_practice(lesson: Lesson, renderer: PlainRenderer) -> None:
    lesson.qtbot.waitUntil(lambda: not renderer.sparing, timeout=WAIT_MS)
    lesson.press(Qt.Key.Key_Left)
    assert renderer.sparing, "from the answer on, not only when the trainer tells of its practice"
    lesson.qtbot.waitUntil(lambda: not renderer.sparing, timeout=WAIT_MS)
    lesson.press(Qt.Key.Key_Left)
    lesson.screen.deactivate()
    assert not renderer.sparing, "Home and its previews are another matter"


def test_pause_and_resume(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_P)
    lesson.qtbot.waitUntil(lambda: lesson.text("status-line").startswith("Paused"), timeout=WAIT_MS)
    assert lesson.button("pause-learning").text() == "Resume"
    lesson.button("pause-learning").click()
    lesson.qtbot.waitUntil(lambda: lesson.desk.status is WorkerStatus.RUNNING, timeout=WAIT_MS)


def test_the_true_score_is_hidden_until_the_teacher_peeks(lesson: Lesson) -> None:
    assert lesson.text("true-score") == "hidden" and not lesson.desk.peeking
    lesson.press(Qt.Key.Key_K)
    assert lesson.desk.peeking and lesson.text("true-score") != "hidden"
    lesson.button("peek").click()
    assert not lesson.desk.peeking and lesson.text("true-score") == "hidden"


def test_the_plot_of_the_true_score_is_there_only_under_peek(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_G)
    plot = lesson.find(QWidget, "plot-true-score")
    assert lesson.find(QWidget, "plot-labels").isVisible() and not plot.isVisible()
    lesson.press(Qt.Key.Key_K)
    assert plot.isVisible()


def test_an_audition_says_what_it_decides(lesson: Lesson) -> None:
    line = lesson.find(QLabel, "audition")
    for number in (0, 1):
        assert not line.isVisible()
        lesson.press(Qt.Key.Key_Left)
        lesson.until_shown(number + 1)
    assert line.isVisible() and "policy is kept" in line.text()


def test_a_flag_stays_with_its_pair(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_F)
    assert lesson.button("flag").isChecked()
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    assert not lesson.button("flag").isChecked()
    assert lesson.desk.history(1)[0].flagged and "flagged" in lesson.button("strip-0").accessibleName()


def test_why_shows_the_learned_reward_of_each_frame(lesson: Lesson) -> None:
    curve = lesson.screen._transport.why_panel.curve
    assert not curve.isVisible()
    lesson.press(Qt.Key.Key_W)
    lesson.qtbot.waitUntil(lambda: curve.explanation is not None, timeout=WAIT_MS)
    found = curve.explanation
    assert found is not None and (len(found.left.mean), len(found.right.mean)) == (12, 8)
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    lesson.qtbot.waitUntil(lambda: curve.explanation is not found, timeout=WAIT_MS)


def test_guidance_of_a_task_comes_once(lesson: Lesson, studio: Studio) -> None:
    assert lesson.find(QWidget, "guidance").isVisible()
    lesson.button("guidance-close").click()
    assert not lesson.find(QWidget, "guidance").isVisible() and studio.setting("guidance_seen") == ["hopper-backflip"]


def test_everything_that_can_be_pressed_has_a_name(lesson: Lesson) -> None:
    nameless = [each for each in lesson.screen.findChildren(QAbstractButton) if not each.accessibleName()]
    assert not nameless
    assert len({each.objectName() for each in lesson.screen.findChildren(QAbstractButton)}) > 20


def test_a_button_with_the_focus_keeps_its_space(lesson: Lesson) -> None:
    button = lesson.button("answer-equal")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert lesson.answers == [(0, Choice.EQUAL)] and lesson.screen.player.playing
    lesson.screen.setFocus()
    lesson.until_shown(1)
    lesson.press(Qt.Key.Key_Space)
    assert not lesson.screen.player.playing


def test_without_opengl_the_rest_goes_on(studio: Studio, no_gl: PlainRenderer, qtbot: QtBot) -> None:
    lesson = Lesson(studio, no_gl, qtbot)
    pane = lesson.screen.player.panes[0]
    qtbot.waitUntil(lambda: pane.message == "Nothing can be drawn on this machine.", timeout=WAIT_MS)
    lesson.press(Qt.Key.Key_Left)
    assert lesson.answers == [] and lesson.button("export").isEnabled()
    lesson.end()


def test_a_picture_for_home_is_kept(lesson: Lesson, tmp_path: Path) -> None:
    png = lesson.screen.picture()
    assert png is not None and png.startswith(b"\x89PNG")


def test_what_comes_before_a_pair_can_have_been_seen_is_no_answer(lesson: Lesson) -> None:
    for _ in range(5):
        lesson.press(Qt.Key.Key_Left)
        QTest.qWait(30)
    assert lesson.answers == [(0, Choice.LEFT)], "the second pair was on the screen for less than a blink"
    lesson.until_shown(1)
    lesson.press(Qt.Key.Key_Right)
    assert lesson.answers == [(0, Choice.LEFT), (1, Choice.RIGHT)]


def test_a_click_right_after_an_earlier_answer_was_opened_changes_nothing(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    lesson.screen._side.strip.opened.emit(lesson.desk.history(1)[0])
    for _ in range(3):
        lesson.press(Qt.Key.Key_Right)
    assert lesson.answers == [(0, Choice.LEFT)]
    lesson.until_seen_again()
    lesson.press(Qt.Key.Key_Right)
    assert lesson.answers == [(0, Choice.RIGHT)]


def test_each_task_keeps_its_own_speed(lesson: Lesson, studio: Studio) -> None:
    lesson.until_shown(0)
    lesson.press(Qt.Key.Key_BracketLeft)
    assert lesson.screen.player.fragment_speed == 0.25
    first = lesson.desk.path
    lesson.screen.set_session(None)
    lesson.desk = studio.new_session("hopper-hop")
    lesson.screen.set_session(lesson.desk)
    assert lesson.screen.player.fragment_speed == 0.5, "another task has its own"
    lesson.until_shown(0)
    lesson.press(Qt.Key.Key_BracketRight)
    assert lesson.screen.player.fragment_speed == 1.0
    lesson.screen.set_session(None)
    lesson.desk = studio.open_session(first)
    lesson.screen.set_session(lesson.desk)
    assert lesson.screen.player.fragment_speed == 0.25
    assert clip_speed(Studio(), get_task("hopper-hop")) == 1.0, "the next start of the program finds it"
    keep_usual_speed(studio, 2.0)
    lesson.screen.looks.restore()
    assert lesson.screen.player.fragment_speed == 2.0, "the settings hold for every task"


def test_who_cannot_tell_is_counted_apart(lesson: Lesson) -> None:
    for number, key in enumerate((Qt.Key.Key_Left, Qt.Key.Key_S, Qt.Key.Key_Right)):
        lesson.until_shown(number)
        lesson.press(key)
    lesson.qtbot.waitUntil(lambda: lesson.text("label-count") == "2 labels \u00b7\u00a01 can't tell", timeout=WAIT_MS)
