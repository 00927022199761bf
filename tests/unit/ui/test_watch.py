"""Watch: the shown policy of the session, slowed, stepped, explained, and counted only under peek."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk
from app.studio import Studio
from learning.messages import Choice, Explanation
from sim.clip import Clip
from sim.rollout import LiveRollout
from sim.task import Task
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from ui.live import LiveState
from ui.reward_strip import RewardStrip
from ui.shortcuts import Shortcuts
from ui.watch import SPEEDS, WatchScreen


class Watching:
    """A Watch screen with the session of `desk`, as the window has it."""

    def __init__(self, studio: Studio, desk: SessionDesk, renderer: PlainRenderer, qtbot: QtBot) -> None:
        self.screen = WatchScreen(renderer)
        qtbot.addWidget(self.screen)
        self.screen.resize(1100, 700)
        self.screen.bind_shortcuts(Shortcuts(studio, self.screen))
        self.screen.show()
        self.screen.activateWindow()
        qtbot.waitUntil(self.screen.isActiveWindow, timeout=WAIT_MS)
        self.screen.set_session(desk)
        self.screen.activate()
        qtbot.waitUntil(lambda: self.screen.live.state is LiveState.PLAYING, timeout=WAIT_MS)

    @property
    def rollout(self) -> LiveRollout:
        assert self.screen.live.rollout is not None
        return self.screen.live.rollout

    def button(self, name: str) -> QAbstractButton:
        found = self.screen.findChild(QAbstractButton, name)
        assert found is not None, name
        return found

    def text(self, name: str) -> str:
        found = self.screen.findChild(QLabel, name)
        assert found is not None, name
        return found.text()

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.screen, key)


@pytest.fixture
def watching(studio: Studio, desk: SessionDesk, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[Watching]:
    made = Watching(studio, desk, renderer, qtbot)
    yield made
    made.screen.deactivate()
    made.screen.set_session(None)


def test_it_plays_the_shown_policy(watching: Watching, desk: SessionDesk, qtbot: QtBot) -> None:
    snapshot = desk.snapshot()
    assert snapshot is not None and watching.rollout.policy is not None
    np.testing.assert_array_equal(watching.rollout.policy.weights[0], snapshot.shown_policy.weights[0])
    assert watching.text("watch-title") == desk.task.title
    version = f"policy {snapshot.shown_version}"
    assert watching.text("watch-about") == f"{version} \u00b7 0 answers so far \u00b7 KL 0.0 \u00b1 0.5 nats per s"
    desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
    qtbot.waitUntil(lambda: "1 answer so far" in watching.text("watch-about"), timeout=WAIT_MS)


def test_pause_and_single_steps(watching: Watching, qtbot: QtBot) -> None:
    pause = watching.button("watch-pause")
    assert pause.text() == "Pause"
    watching.press(Qt.Key.Key_Space)
    assert pause.text() == pause.accessibleName() == "Play"
    steps = watching.rollout.steps
    qtbot.wait(120)
    assert watching.rollout.steps == steps
    watching.press(Qt.Key.Key_Period)
    watching.button("watch-step").click()
    assert watching.rollout.steps == steps + 2
    pause.click()
    qtbot.waitUntil(lambda: watching.rollout.steps > steps + 4, timeout=WAIT_MS)


def test_a_step_pauses(watching: Watching) -> None:
    watching.button("watch-step").click()
    assert watching.button("watch-pause").text() == "Play"


def test_speeds_by_button_and_by_key_as_far_as_they_go(watching: Watching) -> None:
    pace = watching.screen.live._player.pace
    assert pace.speed == 1.0
    for _ in range(5):
        watching.press(Qt.Key.Key_BracketLeft)
    assert pace.speed == SPEEDS[0][0] and watching.button("watch-speed-0").isChecked()
    watching.button("watch-speed-3").click()
    assert pace.speed == 2.0
    watching.press(Qt.Key.Key_BracketRight)
    assert pace.speed == 2.0


def test_the_camera_by_keys(watching: Watching, task: Task) -> None:
    hand = watching.screen.live._player.hand
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_PageUp):
        before = hand.pose
        watching.press(key)
        assert hand.pose != before, key
    watching.press(Qt.Key.Key_F)
    assert not watching.screen.live.camera.following and not watching.button("watch-follow").isChecked()
    watching.button("watch-camera").click()
    assert hand.pose == task.camera and watching.button("watch-follow").isChecked()


def test_trail_and_side_view_by_switch_and_key(watching: Watching) -> None:
    player = watching.screen.live._player
    watching.button("watch-trail").click()
    watching.press(Qt.Key.Key_V)
    assert player.trail and player.side_view
    watching.press(Qt.Key.Key_D)
    assert not player.trail


def test_the_reward_model_says_what_it_thinks_of_what_is_played(watching: Watching, qtbot: QtBot) -> None:
    strip = watching.screen.strip
    qtbot.waitUntil(lambda: strip.known > 40, timeout=WAIT_MS)
    known = strip._mean[np.isfinite(strip._mean)]
    assert len(known) > 10 and (known == 2.0).all(), "the fake trainer thinks 2 of everything"
    assert not strip.grab().isNull()


def test_away_from_the_screen_nothing_is_played_or_asked(
    watching: Watching, desk: SessionDesk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked: list[Clip] = []
    monkeypatch.setattr(desk, "explain_clip", lambda clip, _done: asked.append(clip))
    watching.screen.deactivate()
    steps = watching.rollout.steps
    qtbot.wait(400)
    assert watching.rollout.steps == steps and not asked
    watching.screen._reward._waited = None
    watching.screen.activate()
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=WAIT_MS)
    qtbot.wait(400)
    assert len(asked) == 1, "one question at a time"


def test_an_answer_for_a_session_that_is_gone_is_not_shown(
    watching: Watching, desk: SessionDesk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    late: list[tuple[Clip, object]] = []
    monkeypatch.setattr(desk, "explain_clip", lambda clip, done: late.append((clip, done)))
    qtbot.waitUntil(lambda: bool(late), timeout=WAIT_MS)
    watching.screen.set_session(None)
    known = watching.screen.strip.known
    clip, done = late[-1]
    done(Explanation(np.ones(len(clip)), np.ones(len(clip))))
    assert watching.screen.strip.known == known
    assert watching.screen.live.state is LiveState.EMPTY


def test_the_true_score_is_counted_here_only_for_who_peeks(watching: Watching, desk: SessionDesk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: watching.rollout.steps > 5, timeout=WAIT_MS)
    assert watching.text("watch-counts") == ""
    desk.set_peek(True)
    assert watching.text("watch-counts").startswith("0.0 landed backflips per 10 s · ")
    assert "falls" in watching.text("watch-counts")
    desk.set_peek(False)
    assert watching.text("watch-counts") == ""


def test_starting_again_starts_the_counts_again(watching: Watching, desk: SessionDesk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: watching.rollout.falls > 0, timeout=WAIT_MS)
    watching.button("watch-pause").click()
    watching.press(Qt.Key.Key_R)
    assert (watching.rollout.falls, watching.rollout.seconds_counted) == (0, 0.0)
    assert watching.rollout.state[0] == 0.0


def test_back(watching: Watching, qtbot: QtBot) -> None:
    with qtbot.waitSignal(watching.screen.back):
        watching.button("watch-back").click()


def test_everything_that_can_be_pressed_has_a_name(watching: Watching) -> None:
    buttons = watching.screen.findChildren(QAbstractButton)
    assert len(buttons) > 10 and all(button.accessibleName() for button in buttons)


def test_the_strip_knows_which_steps_it_was_told_about(qtbot: QtBot) -> None:
    strip = RewardStrip()
    qtbot.addWidget(strip)
    strip.clear(10, 0.016)
    strip.advance(8)
    strip.learn(6, Explanation(np.arange(6.0), np.zeros(6)))
    np.testing.assert_array_equal(strip._mean[:8], [0, 1, 2, 3, 4, 5, np.nan, np.nan])
    strip.advance(13)
    # steps 3 to 12 are shown now: 3, 4 and 5 are known, what came later is not
    rows = np.arange(3, 13) % 10
    np.testing.assert_array_equal(strip._mean[rows], [3, 4, 5] + [np.nan] * 7)
    strip.learn(13, Explanation(np.arange(100.0, 113.0), np.zeros(13)))
    np.testing.assert_array_equal(strip._mean[rows], np.arange(103.0, 113.0))
    assert strip.known == 13


def test_why_says_in_words_what_is_predicted_of_what_plays(watching: Watching, qtbot: QtBot) -> None:
    words = watching.screen.findChild(QLabel, "watch-why-words")
    assert words is not None and not words.isVisible()
    qtbot.waitUntil(lambda: watching.screen.strip.known > 20, timeout=WAIT_MS)
    watching.press(Qt.Key.Key_W)
    assert words.isVisible() and watching.text("watch-legend").startswith("line: learned reward of a frame")
    qtbot.waitUntil(lambda: words.text().startswith("Predicted: better than random motion, +2.0"), timeout=WAIT_MS)
    assert "What counts most: best" in words.text()
    watching.press(Qt.Key.Key_W)
    assert not words.isVisible()


def test_peeking_says_what_the_count_refused(watching: Watching, desk: SessionDesk, qtbot: QtBot) -> None:
    line = watching.screen.findChild(QLabel, "watch-attempts")
    assert line is not None and not line.isVisible()
    desk.set_peek(True)
    qtbot.waitUntil(line.isVisible, timeout=WAIT_MS)
    assert line.text() == watching.rollout.attempts.words and " landed" in line.text()
    desk.set_peek(False)
    assert not line.isVisible()
