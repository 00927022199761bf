"""Teaching by pressing: pads and keys, held or not, what is credited is shown, and what is undone is gone."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk
from app.errors import StorageError
from app.studio import Studio
from learning.messages import Press
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from tests.unit.ui.test_watch import Watching
from ui.press_pads import HOLD_MS, Pad
from ui.press_teaching import NOTHING_YET


class Judging(Watching):
    """The screen with its switch on, after two seconds of watching."""

    def __init__(self, studio: Studio, desk: SessionDesk, renderer: PlainRenderer, qtbot: QtBot) -> None:
        super().__init__(studio, desk, renderer, qtbot)
        self.qtbot = qtbot
        self.press(Qt.Key.Key_T)
        assert self.screen.presses.on
        self.watch(2.0)

    def watch(self, seconds: float) -> None:
        until = self.rollout.steps + seconds / self.rollout.task.control_dt
        self.qtbot.waitUntil(lambda: self.rollout.steps >= until, timeout=WAIT_MS)

    def pad(self, press: Press) -> Pad:
        found = self.screen.findChild(Pad, f"pad-{press}")
        assert found is not None
        return found


@pytest.fixture
def judging(studio: Studio, desk: SessionDesk, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[Judging]:
    made = Judging(studio, desk, renderer, qtbot)
    yield made
    made.screen.deactivate()
    made.screen.set_session(None)


def pressed(desk: SessionDesk) -> list[tuple[Press, bool]]:
    """All presses on the disk, oldest first."""
    events = desk._session.presses.events()
    return [(event.press, event.strong) for event in events if event.press in (Press.REWARD, Press.PUNISH)]


def test_keys_reward_and_punish(judging: Judging, desk: SessionDesk) -> None:
    judging.press(Qt.Key.Key_Plus)
    judging.press(Qt.Key.Key_Minus)
    assert pressed(desk) == [(Press.REWARD, False), (Press.PUNISH, False)]
    assert [record.press for record in judging.screen.strip.marks] == [Press.REWARD, Press.PUNISH]
    assert judging.screen.live.mark == "Punish"
    count, watched = judging.text("press-count").split(" in ")
    assert count == "2 presses"
    assert watched in ("0:02", "0:03")


def test_the_credit_lies_before_the_press(judging: Judging) -> None:
    steps = judging.rollout.steps
    judging.press(Qt.Key.Key_Plus)
    record = judging.screen.strip.marks[-1]
    assert steps <= record.last_step <= steps + 4
    assert 0.5 < (record.last_step - record.first_step) * judging.rollout.task.control_dt < 2.0


def test_a_key_that_is_held_is_strong_and_counts_once(judging: Judging, desk: SessionDesk, qtbot: QtBot) -> None:
    QTest.keyPress(judging.screen, Qt.Key.Key_Plus)
    assert judging.pad(Press.REWARD).isDown()
    qtbot.wait(HOLD_MS + 150)
    assert pressed(desk) == [(Press.REWARD, True)]
    QTest.keyRelease(judging.screen, Qt.Key.Key_Plus)
    qtbot.wait(50)
    assert pressed(desk) == [(Press.REWARD, True)]
    assert not judging.pad(Press.REWARD).isDown()


def test_pads_can_be_clicked_and_held(judging: Judging, desk: SessionDesk, qtbot: QtBot) -> None:
    pad = judging.pad(Press.PUNISH)
    QTest.mouseClick(pad, Qt.MouseButton.LeftButton)
    QTest.mousePress(pad, Qt.MouseButton.LeftButton)
    qtbot.wait(HOLD_MS + 150)
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton)
    assert pressed(desk) == [(Press.PUNISH, False), (Press.PUNISH, True)]


def test_undo_names_and_takes_back_the_last_press(judging: Judging, desk: SessionDesk) -> None:
    judging.press(Qt.Key.Key_Plus)
    judging.press(Qt.Key.Key_Minus)
    undo = judging.screen.findChild(QPushButton, "press-undo")
    assert undo is not None
    assert undo.text() == "Undo: punish"
    undo.click()
    assert undo.text() == "Undo: reward"
    QTest.keyClick(judging.screen, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not undo.isEnabled()
    assert judging.screen.strip.marks == ()
    in_force = desk._session.presses.in_force().values()
    assert [row.press for row in in_force if row.press is not Press.SILENCE] == [None, None]
    assert desk.pressing.count == 0


def test_what_is_let_pass_is_an_answer(judging: Judging, desk: SessionDesk) -> None:
    judging.watch(3.0)
    silences = [event for event in desk._session.presses.events() if event.press is Press.SILENCE]
    assert len(silences) >= 2
    assert desk._session.presses.seconds_watched() > 2.0


def test_who_looks_elsewhere_lets_nothing_pass(judging: Judging, desk: SessionDesk, qtbot: QtBot) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow, timeout=WAIT_MS)
    judging.watch(0.2)
    before = len(desk._session.presses.events())
    judging.watch(3.0)
    assert len(desk._session.presses.events()) == before
    judging.screen.activateWindow()
    qtbot.waitUntil(judging.screen.isActiveWindow, timeout=WAIT_MS)
    judging.watch(3.0)
    assert len(desk._session.presses.events()) > before


def test_nothing_is_judged_while_it_is_off(judging: Judging, desk: SessionDesk) -> None:
    judging.press(Qt.Key.Key_T)
    before = len(desk._session.presses.events())
    judging.watch(3.0)
    judging.press(Qt.Key.Key_Plus)
    assert len(desk._session.presses.events()) == before
    assert not judging.pad(Press.REWARD).isVisible()
    assert judging.rollout.diverse_share == 0.0


def test_a_press_right_at_the_start_is_about_nothing(judging: Judging, desk: SessionDesk) -> None:
    judging.press(Qt.Key.Key_T)
    judging.press(Qt.Key.Key_Space)
    judging.press(Qt.Key.Key_T)
    judging.press(Qt.Key.Key_Plus)
    assert judging.screen.live.mark == NOTHING_YET
    assert pressed(desk) == []


def test_a_full_disk_is_said_and_loses_nothing(
    judging: Judging, desk: SessionDesk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    judging.press(Qt.Key.Key_Plus)

    def refuse(*_: object, **__: object) -> None:
        raise StorageError("The press could not be stored: no room.")

    monkeypatch.setattr(desk._session.presses, "append", refuse)
    said: list[str] = []
    judging.screen.problem.connect(said.append)
    judging.press(Qt.Key.Key_Minus)
    assert said == ["The press could not be stored: no room."]
    assert pressed(desk) == [(Press.REWARD, False)]
    assert judging.text("press-count").startswith("1 press in ")


def test_the_instant_that_is_credited_is_shown(judging: Judging, qtbot: QtBot) -> None:
    judging.press(Qt.Key.Key_Plus)
    ghost = judging.screen.live.findChild(QWidget, "credit-ghost")
    assert ghost is not None
    qtbot.waitUntil(ghost.isVisible, timeout=WAIT_MS)
    assert ghost.accessibleName() == "Rewarded"
    qtbot.waitUntil(lambda: not ghost.isVisible(), timeout=WAIT_MS)
