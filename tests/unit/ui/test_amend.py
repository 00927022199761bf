"""An earlier answer, opened, and the flag by which it is found again: what they say of themselves."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.studio import Studio
from learning.messages import Choice
from tests.unit.ui.conftest import PlainRenderer
from tests.unit.ui.test_teach_screen import Lesson
from ui.teach.answers import OBJECT_NAMES


@pytest.fixture
def lesson(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[Lesson]:
    made = Lesson(studio, renderer, qtbot)
    made.until_shown(0)
    yield made
    made.end()


def click(lesson: Lesson, name: str) -> None:
    QTest.mouseClick(lesson.button(name), Qt.MouseButton.LeftButton)


def marked(lesson: Lesson) -> list[Choice]:
    return [choice for choice, name in OBJECT_NAMES.items() if lesson.button(f"amend-answer-{name}").isChecked()]


def test_the_answer_in_force_is_marked_and_each_act_has_one_word(lesson: Lesson) -> None:
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    click(lesson, "strip-0")
    assert marked(lesson) == [Choice.LEFT]
    assert lesson.text("amend-now").endswith("Choose another answer to change it.")
    click(lesson, "amend-answer-equal")  # too early: the clips cannot have been seen yet
    assert lesson.screen.cards.amend.is_open and marked(lesson) == [Choice.LEFT]
    lesson.until_seen_again()
    click(lesson, "amend-answer-right")
    assert dict(lesson.answers) == {0: Choice.RIGHT}
    lesson.until_shown(1)
    click(lesson, "strip-0")
    assert marked(lesson) == [Choice.RIGHT], "what it was changed to"
    assert lesson.button("amend-take-back").text() == "Remove this answer"
    click(lesson, "amend-take-back")
    assert lesson.answers == []
    lesson.until_shown(0)
    assert lesson.button("undo").text() == "Undo: remove answer"


def test_the_flag_says_what_it_is_for_and_how_it_goes(lesson: Lesson) -> None:
    flag = lesson.button("flag")
    assert flag.toolTip() == flag.accessibleName() == "Flag this pair to find it again among the last answers (F)"
    lesson.press(Qt.Key.Key_F)
    assert flag.toolTip() == flag.accessibleName() == "Flagged for later: F removes the flag"
    lesson.press(Qt.Key.Key_F)
    assert flag.toolTip().startswith("Flag this pair") and not flag.isChecked()
    lesson.press(Qt.Key.Key_F)
    lesson.press(Qt.Key.Key_Left)
    lesson.until_shown(1)
    assert flag.toolTip().startswith("Flag this pair"), "another pair has no flag"
    assert "flagged" in lesson.button("strip-0").toolTip()
