"""Pictures are drawn at the pixels of the screen as far as the machine keeps up; what was found is said in About."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.studio import Studio
from learning.messages import Pair
from sim.drawing_costs import LEAST, REMEMBERED_SECONDS, DrawingCosts
from sim.policy import PolicyWeights
from sim.registry import get_task
from sim.render import FrameRequest, SceneRenderer
from sim.task import Task
from tests.unit.app.conftest import TASK
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer
from ui.drawn_size import SHARES, WORSE, DrawnSize
from ui.frames import FRAME_BUDGET_S
from ui.live import LiveView
from ui.main_window import MainWindow
from ui.pair_player import PairPlayer

BUDGET = 0.010
SMALL, LARGE = 100_000, 1_000_000


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def told(costs: DrawingCosts, pixels: int, seconds: float, times: int = LEAST) -> None:
    for _ in range(times):
        costs.note(pixels, seconds)


def test_costs_lie_on_the_line_through_what_was_measured() -> None:
    costs = DrawingCosts()
    assert costs.seconds(LARGE) == 0.0, "nothing is known yet"
    costs.begin(SMALL, 0.001)
    assert 0.001 < costs.seconds(LARGE) < 0.010, "a part of a small picture's cost is the same in a large one"
    told(costs, LARGE, 0.020, LEAST - 1)
    assert costs.seconds(LARGE) < 0.010, "one or two pictures may have been held up"
    told(costs, LARGE, 0.020)
    assert costs.seconds(LARGE) == pytest.approx(0.020)
    assert costs.seconds((SMALL + LARGE) // 2) == pytest.approx(0.0105)
    assert costs.seconds(2 * LARGE) == pytest.approx(0.0411, abs=1e-4)


def test_what_was_held_up_or_is_long_ago_does_not_count() -> None:
    clock = Clock()
    costs = DrawingCosts(clock)
    costs.begin(SMALL, 0.001)
    told(costs, LARGE, 0.005, 9)
    told(costs, LARGE, 0.500, 7)
    assert costs.seconds(LARGE) == pytest.approx(0.005)
    clock.now += REMEMBERED_SECONDS / 2
    told(costs, LARGE, 0.030, 16)
    assert costs.seconds(LARGE) == pytest.approx(0.030), "the machine is slower now"
    clock.now += REMEMBERED_SECONDS + 1
    assert costs.seconds(LARGE) < 0.010, "it may be faster again: it is tried"


def test_the_size_is_the_largest_that_the_machine_keeps_up_with_and_does_not_waver() -> None:
    clock = Clock()
    costs = DrawingCosts(clock)
    drawn_size = DrawnSize(costs, BUDGET)
    assert not drawn_size.words
    assert drawn_size.size(1000, 800) == (1000, 800)
    assert drawn_size.words == "1000 x 800 pixels, as many as the screen has there"
    told(costs, 10_000, BUDGET * 10_000 / 200_000)
    told(costs, 800_000, BUDGET * 4)
    assert drawn_size.size(1000, 800) == (500, 400)
    assert drawn_size.words == "500 x 400 of 1000 x 800 pixels, scaled: for 30 a second"
    told(costs, 200_000, BUDGET * (WORSE - 0.1), 16)
    assert drawn_size.size(1000, 800) == (500, 400), "clips are not drawn anew for a little"
    told(costs, 200_000, BUDGET * (WORSE + 0.5), 16)
    assert drawn_size.size(1000, 800)[0] < 500
    spacious = DrawnSize(DrawingCosts(), BUDGET)
    assert spacious.size(1000, 800, 200_000) == (500, 400) and spacious.words.endswith("for want of memory")
    costs.begin(SMALL, 10.0)
    assert DrawnSize(costs, BUDGET).size(1000, 800) == (1000 * SHARES[-1], 800 * SHARES[-1]), "and never smaller"


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_clips_and_watch_are_drawn_at_the_pixels_of_the_screen(
    renderer: PlainRenderer,
    task: Task,
    policy: PolicyWeights,
    make_pair: Callable[[int], Pair],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    ratio: float,
) -> None:
    for kind in (PairPlayer, LiveView):
        monkeypatch.setattr(kind, "devicePixelRatioF", lambda _self: ratio)
    player, view = PairPlayer(renderer), LiveView(renderer)
    for widget in (player, view):
        qtbot.addWidget(widget)
        widget.resize(640, 400)
        widget.set_task(task)
        widget.set_running(False)
        with qtbot.waitExposed(widget):
            widget.show()
    player.show_pair(make_pair(0))
    view.set_policy(policy, 1)
    view.set_running(True)
    qtbot.waitUntil(lambda: bool(renderer.singles), timeout=WAIT_MS)
    view.set_running(False)
    pane, (first, *_) = player.panes[0], renderer.clips
    sizes = (first._first.width, first._first.height)
    assert sizes == (round(pane.width() * ratio), round(pane.height() * ratio))
    assert (renderer.singles[-1].width, renderer.singles[-1].height) == (round(640 * ratio), round(400 * ratio))


def test_the_renderer_measures_what_it_draws(real_renderer: SceneRenderer) -> None:
    task = get_task(TASK)
    real_renderer.ready.result(WAIT_MS / 1000)
    guessed = real_renderer.costs.seconds(640 * 480)
    assert guessed > 0.0, "the trial tells something already"
    state = np.zeros(task.state_size)
    state[1 : 1 + task.model.nq] = task.model.qpos0
    for _ in range(LEAST):
        real_renderer.render(FrameRequest(task, state, task.camera, 640, 480))
    assert real_renderer.costs.seconds(640 * 480) not in (0.0, guessed), "and then what was really drawn"


def test_about_says_what_was_wanted_and_what_was_found(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> None:
    window = MainWindow(studio, renderer)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    for pixels in (10_000, 2_000_000):
        told(renderer.costs, pixels, 8 * FRAME_BUDGET_S * pixels / 1_000_000, 16)
    window.home.begin.emit(TASK)
    qtbot.waitUntil(lambda: window.teach.player.pair is not None, timeout=WAIT_MS)
    words = window.drawn()
    assert words.keys() == {"clips"} and "pixels, scaled" in words["clips"]
    window.teach.back.emit()
    button = window.findChild(QAbstractButton, "home-about")
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    sheet = window.findChild(QPlainTextEdit, "about-facts")
    assert sheet is not None and words["clips"] in sheet.toPlainText()
    window.close()


def test_a_pair_that_is_drawn_is_not_drawn_anew_when_drawing_becomes_dear(
    renderer: PlainRenderer, task: Task, make_pair: Callable[[int], Pair], qtbot: QtBot
) -> None:
    player = PairPlayer(renderer)
    qtbot.addWidget(player)
    player.resize(640, 400)
    player.set_task(task)
    player.set_running(False)
    with qtbot.waitExposed(player):
        player.show()
    player.show_pair(make_pair(0))
    following = make_pair(1)
    player.prepare(following)
    asked = len(renderer.clips)
    for pixels in (10_000, 200_000):
        told(renderer.costs, pixels, 8 * FRAME_BUDGET_S * pixels / 200_000, 16)
    player.show_pair(following)
    assert len(renderer.clips) == asked and player.drawn_size.drawn == player.drawn_size.wanted
    player.show_pair(make_pair(3))
    smaller = renderer.clips[-1]._first
    assert smaller.width < player.panes[0].width() / 2 and "for 30 a second" in player.drawn_size.words
