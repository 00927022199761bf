"""The meter: a cursor on every policy so far, its numbers, the way back, the reference, the penalty, and undo."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QPushButton,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.desk import SessionDesk
from app.errors import StorageError
from app.studio import Studio
from learning.messages import Alarm, AlarmReason, Choice, PenaltyMode, SteeringKind
from sim.attempts import Attempts
from tests.unit.app.conftest import TASK, FakeTrainers
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from ui import theme
from ui.main_window import MainWindow
from ui.meter import MeterScreen
from ui.meter.curve import distance
from ui.meter.penalty import MODES, SETTLE_MS, SPANS, STEPS, step_of, value_at
from ui.meter.screen import REFRESH_MS, steering_words
from ui.shortcuts import Shortcuts

ANSWERS = 3


class Measuring:
    """The screen after three answers, each of which brought one policy more."""

    def __init__(self, studio: Studio, desk: SessionDesk, renderer: PlainRenderer, qtbot: QtBot) -> None:
        self.desk, self.qtbot = desk, qtbot
        for _ in range(ANSWERS):
            qtbot.waitUntil(lambda: bool(desk.pairs()), timeout=WAIT_MS)
            desk.answer(desk.pairs()[0].id, Choice.LEFT, 1.0)
        qtbot.waitUntil(lambda: len(desk.curve()) == ANSWERS + 1, timeout=WAIT_MS)
        self.screen = MeterScreen(renderer)  # type: ignore[arg-type]
        self.shortcuts = Shortcuts(studio, self.screen)
        self.screen.bind_shortcuts(self.shortcuts)
        qtbot.addWidget(self.screen)
        self.screen.resize(1280, 760)
        self.screen.set_session(desk)  # type: ignore[arg-type]
        self.screen.show()
        self.screen.activateWindow()
        qtbot.waitUntil(self.screen.isActiveWindow, timeout=WAIT_MS)
        self.screen.activate()

    def text(self, name: str) -> str:
        found = self.screen.findChild(QLabel, name)
        assert found is not None
        return found.text()

    def button(self, name: str) -> QPushButton:
        found = self.screen.findChild(QPushButton, name)
        assert found is not None
        return found

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.screen, key, modifier)

    def until_shown(self, version: int) -> None:
        def shown() -> bool:
            snapshot = self.desk.snapshot()
            return snapshot is not None and snapshot.shown_version == version

        self.qtbot.waitUntil(shown, timeout=WAIT_MS)
        self.screen._refresh()


@pytest.fixture
def measuring(studio: Studio, desk: SessionDesk, renderer: PlainRenderer, qtbot: QtBot) -> Iterator[Measuring]:
    made = Measuring(studio, desk, renderer, qtbot)
    yield made
    made.screen.deactivate()
    made.screen.set_session(None)


def steered(desk: SessionDesk) -> list[tuple[SteeringKind, int | None, bool]]:
    """All events on the disk, oldest first: kind, version, whether it takes one back."""
    return [(event.kind, event.version, event.supersedes is not None) for event in desk._session.steering.events()]


def test_the_cursor_begins_on_what_is_shown(measuring: Measuring) -> None:
    assert measuring.text("meter-policy") == "Policy 0, shown now"
    assert not measuring.button("meter-go-back").isEnabled() and not measuring.button("meter-pin").isEnabled()
    assert measuring.text("meter-reference") == "Measured from the policy before any feedback."


def test_keys_move_the_cursor_and_stop_at_the_ends(measuring: Measuring) -> None:
    measuring.press(Qt.Key.Key_Right)
    assert measuring.text("meter-policy") == "Policy 1"
    assert measuring.text("meter-kl") == "4.0 \u00b1 0.5 nats per s"
    assert measuring.text("meter-learned") == "+2.00 \u00b1 0.25 per s"
    assert measuring.text("meter-when").startswith("after 1 answer or press,")
    for _ in range(9):
        measuring.press(Qt.Key.Key_Right)
    assert measuring.text("meter-then-caption") == f"At the cursor: policy {ANSWERS}"
    for _ in range(9):
        measuring.press(Qt.Key.Key_Left)
    assert measuring.text("meter-policy") == "Policy 0, shown now"


def test_the_true_score_is_for_who_peeks(measuring: Measuring) -> None:
    measuring.press(Qt.Key.Key_Right)
    assert measuring.text("meter-true") == "hidden" and "in 10 s" in measuring.text("meter-falls")
    assert measuring.screen.curve._true.data.size == 0
    measuring.press(Qt.Key.Key_K)
    assert measuring.desk.peeking and measuring.desk._session.labels.ever_peeked()
    assert measuring.text("meter-true") == "2.0"
    assert measuring.screen.curve._true.data.size == ANSWERS + 1


def test_a_click_chooses_the_nearest_policy(measuring: Measuring) -> None:
    point = measuring.desk.curve()[2]
    graph = measuring.screen.curve._graph
    scene = graph.getPlotItem().getViewBox().mapViewToScene(QPointF(distance(point), point.learned_reward))
    place: QPoint = graph.mapFromScene(scene)
    QTest.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(3, -2))
    assert measuring.text("meter-policy") == "Policy 2"


def test_the_best_is_by_doubt_or_by_the_true_score(measuring: Measuring) -> None:
    measuring.press(Qt.Key.Key_B)
    assert measuring.text("meter-policy") == f"Policy {ANSWERS}"


def test_going_back_is_shown_named_and_undone(measuring: Measuring) -> None:
    measuring.press(Qt.Key.Key_Right)
    measuring.press(Qt.Key.Key_G)
    measuring.until_shown(1)
    assert measuring.text("meter-policy") == "Policy 1, shown now"
    assert measuring.button("meter-undo").text() == "Undo: going back to policy 1"
    measuring.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    measuring.until_shown(0)
    assert steered(measuring.desk) == [(SteeringKind.GO_BACK, 1, False), (SteeringKind.GO_BACK, None, True)]
    assert not measuring.button("meter-undo").isEnabled()


def test_another_reference_is_said(measuring: Measuring) -> None:
    measuring.screen.choose(2)
    measuring.press(Qt.Key.Key_P)
    measuring.qtbot.waitUntil(lambda: measuring.text("meter-reference") == "Measured from policy 2.", timeout=WAIT_MS)
    assert not measuring.button("meter-pin").isEnabled()


def test_the_slider_sets_one_event_when_it_rests(measuring: Measuring) -> None:
    QTest.mouseClick(measuring.button("penalty-mode-2"), Qt.MouseButton.LeftButton)
    assert measuring.desk.steering.penalty() == (PenaltyMode.ADAPTIVE, 30.0)
    slider = measuring.screen.findChild(QSlider, "penalty-value")
    assert slider is not None and slider.isEnabled()
    for step in range(10, 21):
        slider.setValue(step)
    measuring.qtbot.waitUntil(
        lambda: measuring.desk.steering.penalty() == (PenaltyMode.ADAPTIVE, value_at(PenaltyMode.ADAPTIVE, 20)),
        timeout=WAIT_MS,
    )
    assert len(steered(measuring.desk)) == 2
    measuring.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert measuring.desk.steering.penalty() == (PenaltyMode.ADAPTIVE, 30.0)
    measuring.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert measuring.desk.steering.penalty() == (PenaltyMode.OFF, None)
    assert not slider.isEnabled()


@pytest.mark.parametrize(
    ("alarm", "says"),
    [
        (
            Alarm(0.9, True, AlarmReason.DOUBT, 0.62, 0.05, 2, 1),
            (
                "This reward looks gamed: this policy's gain over random motion is uncertain by 62 %, because few "
                "clips of what it does now were compared."
            ),
        ),
        (
            Alarm(0.9, True, AlarmReason.COMMON, 0.2, 0.31, 2, 2),
            "This reward looks gamed: random motion would score higher than this policy 31 % of the time.",
        ),
        (
            Alarm(0.8, True, AlarmReason.SURPRISE, 0.2, 0.05, 8, 3),
            "This reward looks gamed: it predicted only 3 of your last 8 answers about policies.",
        ),
    ],
)
def test_an_alarm_is_said_with_its_reason_and_what_to_do(
    measuring: Measuring, trainers: FakeTrainers, alarm: Alarm, says: str
) -> None:
    button, left = measuring.button("meter-fresh"), []
    measuring.screen.back.connect(lambda: left.append(True))
    assert measuring.text("meter-alarm") == "" and not button.isVisible()
    trainers.made[-1].alarm = alarm
    measuring.desk.answer(measuring.desk.pairs()[0].id, Choice.LEFT, 1.0)
    measuring.qtbot.waitUntil(lambda: measuring.text("meter-alarm") == says, timeout=WAIT_MS)
    assert button.isVisible() and button.text() == "Compare three fresh pairs"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert left == [True] and steered(measuring.desk) == [(SteeringKind.FRESH_PAIRS, None, False)]
    newest = measuring.desk.steering.newest
    assert newest is not None and steering_words(newest) == "asking for fresh pairs"


def cut_off(window: QWidget, screen: QWidget) -> list[str]:
    """Words and buttons of a screen with less room than they need, or that run out of the window."""
    cut = []
    for part in screen.findChildren(QWidget):
        if not part.isVisible() or not isinstance(part, QLabel | QAbstractButton):
            continue
        need = part.minimumSizeHint()
        if isinstance(part, QLabel) and part.wordWrap():
            need.setHeight(part.heightForWidth(part.width()))
        inside = window.rect().contains(QRect(part.mapTo(window, QPoint()), part.size()))
        if not inside or part.width() < need.width() or part.height() < need.height():
            cut.append(f"{part.objectName()} at {part.geometry().getRect()}, needs {need.toTuple()}")
    return cut


@pytest.fixture(params=theme.THEMES[1:])
def dressed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Light and dark."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, request.param)
    yield
    theme.apply(application, "light")


@pytest.mark.usefixtures("dressed")
@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
def test_everything_fits_into_a_small_window(
    studio: Studio, renderer: PlainRenderer, trainers: FakeTrainers, size: tuple[int, int], qtbot: QtBot
) -> None:
    """The peek's legend and the alarm made the screen wider than the least window, and what is on its right was cut."""
    window = MainWindow(studio, renderer)
    qtbot.addWidget(window)
    window.resize(*size)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    window.home.begin.emit(TASK)
    qtbot.waitUntil(lambda: window.teach.shown_pair is not None, timeout=WAIT_MS)
    trainers.made[-1].alarm = Alarm(0.9, True, AlarmReason.DOUBT, 0.62, 0.05, 2, 1)
    QTest.keyClick(window, Qt.Key.Key_Right)
    meter = window.meter
    QTest.keyClick(window, Qt.Key.Key_M)
    qtbot.waitUntil(meter.isVisible, timeout=WAIT_MS)
    alarm = meter.findChild(QLabel, "meter-alarm")
    assert alarm is not None
    QTest.keyClick(window, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: alarm.isVisible() and meter.peek.isChecked(), timeout=WAIT_MS)
    QTest.mouseClick(meter.findChild(QPushButton, "penalty-mode-2"), Qt.MouseButton.LeftButton)
    legend = meter.findChild(QLabel, "meter-legend")
    assert legend is not None and "true score" in legend.accessibleName()
    assert legend.textFormat() is Qt.TextFormat.RichText
    qtbot.waitUntil(lambda: meter.width() == size[0], timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not cut_off(window, meter), timeout=WAIT_MS)


def test_a_quiet_alarm_says_nothing(measuring: Measuring, trainers: FakeTrainers) -> None:
    trainers.made[-1].alarm = Alarm(0.3, False, AlarmReason.DOUBT, 0.1, 0.05, 8, 8)
    measuring.desk.answer(measuring.desk.pairs()[0].id, Choice.LEFT, 1.0)
    measuring.qtbot.waitUntil(lambda: len(measuring.desk.curve()) == ANSWERS + 2, timeout=WAIT_MS)
    measuring.screen._refresh()
    assert measuring.text("meter-alarm") == "" and not measuring.button("meter-fresh").isVisible()


def test_what_cannot_be_stored_is_one_sentence(measuring: Measuring, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    measuring.screen.problem.connect(said.append)

    def full(*_: object, **__: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(measuring.desk._session.steering, "choose_policy", full)
    measuring.press(Qt.Key.Key_Right)
    measuring.press(Qt.Key.Key_G)
    assert said == ["The disk is full."]
    assert measuring.desk.steering.newest is None


@pytest.mark.parametrize("mode", MODES[1:])
def test_every_place_of_the_slider_is_its_own_number(mode: PenaltyMode) -> None:
    values = [value_at(mode, step) for step in range(STEPS + 1)]
    assert values == sorted(set(values)) and (values[0], values[-1]) == SPANS[mode]
    assert [step_of(mode, value) for value in values] == list(range(STEPS + 1))


def test_without_a_session_nothing_is_shown(measuring: Measuring) -> None:
    measuring.screen.set_session(None)
    assert measuring.text("meter-policy").startswith("No policy has been evaluated yet")
    for key in (Qt.Key.Key_Right, Qt.Key.Key_B, Qt.Key.Key_G, Qt.Key.Key_P):
        measuring.press(key)
    assert not measuring.button("meter-go-back").isEnabled()


def test_the_handle_is_where_the_pointer_is(measuring: Measuring, qtbot: QtBot) -> None:
    """A press takes it there, a drag leads it, and no refresh of the screen moves it meanwhile."""
    QTest.mouseClick(measuring.button("penalty-mode-1"), Qt.MouseButton.LeftButton)
    slider = measuring.screen.findChild(QSlider, "penalty-value")
    assert slider is not None

    def handle() -> int:
        option = QStyleOptionSlider()
        slider.initStyleOption(option)
        part = QStyle.SubControl.SC_SliderHandle
        return slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider).center().x()

    middle = slider.height() // 2
    for x in (slider.width() // 4, 3 * slider.width() // 4):
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(x, middle))
        assert abs(handle() - x) <= 3
        for further in range(x, x - 60, -7):
            QTest.mouseMove(slider, QPoint(further, middle))
            qtbot.wait(20)
            assert abs(handle() - further) <= 3
        before = handle()
        qtbot.wait(SETTLE_MS + 2 * REFRESH_MS)
        measuring.screen._refresh()
        assert handle() == before
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(x - 56, middle))
    assert measuring.desk.steering.penalty() == (PenaltyMode.FIXED, value_at(PenaltyMode.FIXED, slider.value()))


def test_peeking_says_what_the_count_refused_of_the_shown_policy(measuring: Measuring, trainers: FakeTrainers) -> None:
    refused = Attempts(13, 0, 256.0, "turns", "landed", 13, "torso came down to 0.41 m (limit: at least 0.45 m)")
    trainers.made[-1].reports = {"attempts": refused}
    measuring.desk.answer(measuring.desk.pairs()[0].id, Choice.LEFT, 1.0)
    line = measuring.screen.findChild(QLabel, "meter-attempts")
    assert line is not None
    measuring.press(Qt.Key.Key_K)
    measuring.qtbot.waitUntil(lambda: line.isVisible() and line.text() == refused.words, timeout=WAIT_MS)
    measuring.press(Qt.Key.Key_K)
    assert not line.isVisible()
