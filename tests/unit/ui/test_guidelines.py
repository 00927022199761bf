"""The guidelines: one key or button away at any time, with examples that move, and no answer behind them."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.studio import Studio
from sim.errors import ClipError
from sim.examples import Example
from sim.task import Task
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from ui.main_window import MainWindow
from ui.teach import guidelines
from ui.teach.guidelines import NO_EXAMPLE, ExampleView, Guidelines

TASK = "hopper-backflip"


class Reader:
    """The whole window, with a new session and its first pair."""

    def __init__(self, studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = MainWindow(studio, renderer)
        qtbot.addWidget(self.window)
        self.window.resize(1280, 800)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow, timeout=WAIT_MS)
        self.window.home.begin.emit(TASK)
        qtbot.waitUntil(lambda: self.window.teach.shown_pair is not None, timeout=WAIT_MS)

    @property
    def card(self) -> Guidelines:
        found = self.window.findChild(Guidelines)
        assert found is not None
        return found

    def example(self, which: Example) -> ExampleView:
        found = self.window.findChild(ExampleView, f"example-{which}")
        assert found is not None
        return found

    def text(self, name: str) -> str:
        found = self.window.findChild(QLabel, name)
        assert found is not None
        return found.text()

    def click(self, name: str) -> None:
        button = self.window.findChild(QPushButton, name)
        assert isinstance(button, QAbstractButton) and button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key)

    @property
    def answers(self) -> int:
        assert self.window.session is not None
        return len(self.window.session.history(10))


@pytest.fixture
def reader(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[Reader]:
    made = Reader(studio, renderer, qtbot)
    yield made
    made.window.close()


def test_after_got_it_one_key_brings_them_back(reader: Reader, task: Task) -> None:
    reader.click("guidance-close")
    reader.press(Qt.Key.Key_H)
    assert reader.card.isVisible()
    assert [reader.text(f"guideline-{number}") for number in (1, 2, 3)] == list(task.guidance)
    for which, sentence in zip(Example, task.examples, strict=True):
        assert reader.text(f"example-caption-{which}") == sentence
    reader.press(Qt.Key.Key_H)
    assert not reader.card.isVisible() and reader.window.teach.shown_pair is not None


@pytest.mark.parametrize("button", ["guidelines", "guidance-examples"])
def test_a_button_opens_them_and_the_examples_move(reader: Reader, button: str) -> None:
    reader.click(button)
    shown = [reader.example(which) for which in Example]
    reader.qtbot.waitUntil(lambda: all(one.view.drawn and one.frame > 2 for one in shown), timeout=WAIT_MS)
    states = [one.view.wanted for one in shown]
    reader.qtbot.waitUntil(
        lambda: all(one.view.wanted is not before for one, before in zip(shown, states, strict=True)), timeout=WAIT_MS
    )
    reader.press(Qt.Key.Key_Space)
    assert not any(one.playing for one in shown)
    reader.press(Qt.Key.Key_Space)
    assert all(one.playing for one in shown)
    reader.press(Qt.Key.Key_Escape)
    assert not reader.card.isVisible() and not any(one.playing for one in shown)
    assert reader.window.session is not None, "Esc closes the guidelines, not the session"


@pytest.mark.parametrize("key", [Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_S, Qt.Key.Key_F])
def test_nothing_is_answered_behind_them(reader: Reader, key: Qt.Key) -> None:
    reader.press(Qt.Key.Key_H)
    reader.press(key)
    reader.qtbot.wait(50)
    assert reader.answers == 0 and reader.card.isVisible() and reader.window.teach.shown_pair is None
    reader.press(Qt.Key.Key_H)
    flag = reader.window.findChild(QPushButton, "flag")
    assert flag is not None and not flag.isChecked()
    reader.press(Qt.Key.Key_Left)
    reader.qtbot.waitUntil(lambda: reader.answers == 1, timeout=WAIT_MS)


def test_the_sheet_of_keys_has_them(reader: Reader) -> None:
    reader.press(Qt.Key.Key_F1)
    titles = [found.text() for found in reader.window.findChildren(QLabel) if found.isVisible()]
    assert "Guidelines, with examples" in titles


def test_without_an_example_it_says_so(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_task: Task, _which: Example) -> None:
        raise ClipError("No clip.")

    monkeypatch.setattr(guidelines, "example", missing)
    reader.press(Qt.Key.Key_H)
    shown = reader.example(Example.GOOD)
    assert not shown.playing and shown.view._message == NO_EXAMPLE
    assert reader.text("guideline-1")
