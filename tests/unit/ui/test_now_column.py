"""The column "Now": refusals under peek, an offered comparison, progress, details, then and now; by key and mouse."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.studio import Studio
from learning.messages import SteeringKind, UntriedPolicy
from sim.attempts import Attempts
from tests.unit.ui.conftest import WAIT_MS, LongPairTrainers, PlainRenderer
from tests.unit.ui.test_teach_screen import Lesson

ATTEMPTS = Attempts(13, 0, 256.0, "turns", "landed", 13, "torso came down to 0.41 m (limit: at least 0.45 m)")
REFUSED = "13 turns in 256 s, 0 landed: torso came down to 0.41 m (limit: at least 0.45 m)"


@pytest.fixture
def lesson(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[Lesson]:
    made = Lesson(studio, renderer, qtbot)
    made.until_shown(0)
    yield made
    made.end()


def report(lesson: Lesson, trainers: LongPairTrainers, **fields: Any) -> None:
    """Has the next snapshots say this, and answers once so that there is one."""
    trainers.made[-1].reports = fields
    before = len(lesson.answers)
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(before + 1)


def test_what_the_count_refused_is_said_only_under_peek(lesson: Lesson, trainers: LongPairTrainers) -> None:
    report(lesson, trainers, attempts=ATTEMPTS, true_score=0.0)
    line = lesson.find(QLabel, "attempts")
    assert not line.isVisible()
    lesson.press(Qt.Key.Key_K)
    lesson.qtbot.waitUntil(lambda: line.isVisible() and line.text() == REFUSED, timeout=WAIT_MS)
    lesson.press(Qt.Key.Key_K)
    assert not line.isVisible()


@pytest.mark.parametrize("by_mouse", [False, True])
def test_a_better_looking_policy_is_offered_for_comparison(
    lesson: Lesson, trainers: LongPairTrainers, *, by_mouse: bool
) -> None:
    button = lesson.button("compare-untried")
    assert not button.isVisible()
    lesson.press(Qt.Key.Key_X)
    assert lesson.desk.steering.newest is None, "there is nothing to compare yet"
    report(lesson, trainers, untried=UntriedPolicy(0, 4.0, 1.5, asked=False))
    lesson.qtbot.waitUntil(button.isVisible, timeout=WAIT_MS)
    assert "Policy 0, which you have not seen, looks better by the learned reward" in lesson.text("untried")
    if by_mouse:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    else:
        lesson.press(Qt.Key.Key_X)
    newest = lesson.desk.steering.newest
    assert newest is not None and (newest.kind, newest.version) == (SteeringKind.FRESH_PAIRS, 0)
    report(lesson, trainers, untried=UntriedPolicy(0, 4.0, 1.5, asked=True))
    lesson.qtbot.waitUntil(lambda: "comes after the pairs" in lesson.text("untried"), timeout=WAIT_MS)
    assert not button.isEnabled()


def test_progress_is_one_line_with_milestones(lesson: Lesson, trainers: LongPairTrainers) -> None:
    report(lesson, trainers, early=False, agreement=1.0, agreement_count=8, falls_per_10s=0.2, true_score=1.0)
    lesson.qtbot.waitUntil(lambda: "milestones" in lesson.text("progress") or "learnt" in lesson.text("progress"))
    assert lesson.text("milestone-agreement") == "\u2713 Predicts you: 8 of 8 (68\u2013100\u00a0%)"
    assert lesson.text("milestone-falls") == "\u2713 Stays up: 0.2 falls in 10 s"
    score = lesson.find(QLabel, "milestone-score")
    assert not score.isVisibleTo(lesson.screen)
    lesson.press(Qt.Key.Key_K)
    lesson.qtbot.waitUntil(lambda: score.isVisibleTo(lesson.screen), timeout=WAIT_MS)


def test_kl_and_its_budget_are_folded_away_with_their_sources(lesson: Lesson) -> None:
    kl = lesson.find(QLabel, "kl")
    assert not kl.isVisible()
    lesson.find(QScrollArea, "now-numbers").ensureWidgetVisible(lesson.button("details"))
    QTest.mouseClick(lesson.button("details"), Qt.MouseButton.LeftButton)
    assert kl.isVisible() and lesson.find(QWidget, "leash").isVisible() and "Source" in kl.toolTip()
    assert lesson.find(QLabel, "agreement").isVisible()
    QTest.mouseClick(lesson.button("details"), Qt.MouseButton.LeftButton)
    assert not kl.isVisible()


@pytest.mark.parametrize("by_mouse", [False, True])
def test_then_and_now_play_side_by_side(lesson: Lesson, *, by_mouse: bool) -> None:
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    if by_mouse:
        lesson.find(QScrollArea, "now-numbers").ensureWidgetVisible(lesson.button("then-and-now"))
        QTest.mouseClick(lesson.button("then-and-now"), Qt.MouseButton.LeftButton)
    else:
        lesson.press(Qt.Key.Key_B)
    card = lesson.screen.cards.then_now
    assert card.isVisible() and lesson.text("then-caption") == "Then: before your first answer"
    assert lesson.text("now-caption").endswith("after 1 answer")
    lesson.qtbot.waitUntil(lambda: all(view.state == "playing" for view in card.views), timeout=WAIT_MS)
    assert not any(score in lesson.text("now-facts") for score in ("landed", "backflips")), "nobody peeks"
    lesson.press(Qt.Key.Key_Left)
    lesson.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(lesson.answers) == 1, "what is covered is not answered"
    assert lesson.screen.cards.close_all() and not card.isVisible()
    assert all(view.state == "empty" for view in card.views) and lesson.screen.player.pair is not None


def test_why_says_what_is_predicted_also_in_a_reopened_answer(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_W)
    words = lesson.find(QLabel, "why-words")
    lesson.qtbot.waitUntil(lambda: words.text().startswith("Predicted: left is better, 83 % sure."), timeout=WAIT_MS)
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    lesson.button("strip-0").click()
    lesson.until_seen_again()
    panel = lesson.find(QWidget, "amend-why-panel")
    assert not panel.isVisible()
    lesson.press(Qt.Key.Key_W)
    assert panel.isVisible() and lesson.find(QWidget, "why-panel").isVisibleTo(lesson.screen), "only the card's turned"
    again = lesson.find(QLabel, "amend-why-words")
    lesson.qtbot.waitUntil(lambda: "now that it has learnt from your answer: left" in again.text(), timeout=WAIT_MS)
    assert len(lesson.answers) == 1


def test_the_sheet_lies_where_a_small_window_shows_the_screen(lesson: Lesson) -> None:
    area = QScrollArea()
    lesson.qtbot.addWidget(area)
    area.resize(640, 480)
    lesson.screen.setMinimumSize(1100, 700)
    area.setWidget(lesson.screen)
    area.show()
    lesson.screen.cards.open_then_now()
    close = lesson.button("then-now-close")
    lesson.qtbot.waitUntil(lambda: close.visibleRegion().boundingRect() == close.rect(), timeout=WAIT_MS)
    lesson.screen.cards.close_all()
    area.takeWidget().setParent(lesson.window)
