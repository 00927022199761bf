"""Distance and speed in clips and in Watch: with the depth cues there, with a switch and a key of their own here."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.studio import Studio
from sim.registry import get_task
from sim.render import FrameRequest
from tests.unit.ui.conftest import WAIT_MS, PlainRenderer, long_pair, make_policy
from ui.controls import Switch
from ui.live import LiveState
from ui.pair_player import PairPlayer
from ui.shortcuts import Shortcuts
from ui.teach import TeachScreen
from ui.watch import WatchScreen

ASKS, ASKS_NOT = "walker-walk", "hopper-backflip"


@pytest.fixture(params=[ASKS, ASKS_NOT])
def screen(
    request: pytest.FixtureRequest, studio: Studio, renderer: PlainRenderer, qtbot: QtBot
) -> Iterator[WatchScreen]:
    """Watch with a session of a task, and its keys."""
    made = WatchScreen(renderer)
    qtbot.addWidget(made)
    made.resize(1000, 620)
    made.bind_shortcuts(Shortcuts(studio, made))
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=WAIT_MS)
    desk = studio.new_session(request.param)
    made.set_session(desk)
    made.activate()
    made.live.set_policy(make_policy(get_task(request.param), 1), 1)
    qtbot.waitUntil(lambda: made.live.state is LiveState.PLAYING, timeout=WAIT_MS)
    yield made
    made.deactivate()


def test_watch_shows_it_where_it_is_asked_for_and_has_a_switch_and_a_key(
    screen: WatchScreen, renderer: PlainRenderer, qtbot: QtBot
) -> None:
    asked = screen.live.rollout is not None and screen.live.rollout.task.name == ASKS
    switch = screen.findChild(Switch, "watch-travel")
    assert isinstance(switch, Switch) and switch.isVisible() == asked

    def newest() -> FrameRequest:
        renderer.singles.clear()
        qtbot.waitUntil(lambda: len(renderer.singles) > 2, timeout=WAIT_MS)
        return renderer.singles[-1]

    assert (newest().travel is not None) == asked
    QTest.keyClick(screen, Qt.Key.Key_E)
    assert newest().travel is None and not (asked and switch.isChecked())
    QTest.keyClick(screen, Qt.Key.Key_E)
    assert (newest().travel is not None) == asked


def test_watch_counts_from_where_the_robot_started(screen: WatchScreen, renderer: PlainRenderer, qtbot: QtBot) -> None:
    rollout = screen.live.rollout
    assert rollout is not None
    if rollout.task.forward is None:
        return
    qtbot.waitUntil(lambda: rollout.steps > 40, timeout=WAIT_MS)
    for request in renderer.singles[-10:]:
        assert request.travel is not None
        assert request.travel.start + request.travel.distance == pytest.approx(request.state[1])
    QTest.keyClick(screen, Qt.Key.Key_R)
    screen.live.set_paused(True)
    qtbot.waitUntil(lambda: renderer.singles[-1].state[0] == rollout.start[0], timeout=WAIT_MS)
    travel = renderer.singles[-1].travel
    assert travel is not None and (travel.distance, travel.speed) == (0.0, 0.0)


@pytest.mark.parametrize(("name", "asked"), [(ASKS, True), (ASKS_NOT, False)])
def test_clips_show_it_with_the_depth_cues(renderer: PlainRenderer, qtbot: QtBot, name: str, *, asked: bool) -> None:
    task = get_task(name)
    player = PairPlayer(renderer)
    qtbot.addWidget(player)
    player.resize(600, 300)
    player.set_task(task)
    player.set_running(False)
    with qtbot.waitExposed(player):
        player.show()
    drawn: list[FrameRequest] = []
    draw = renderer.draw

    def note(request: FrameRequest) -> np.ndarray:
        drawn.append(request)
        return draw(request)

    renderer.draw = note  # type: ignore[method-assign]
    player.show_pair(long_pair(task, 0))
    assert drawn and all((request.travel is not None) == asked for request in drawn)
    drawn.clear()
    player.set_cues(side_view=False, depth_cues=False)
    player._on_tick()
    player._on_tick()
    assert drawn and all(request.travel is None for request in drawn)


def test_the_key_of_the_depth_cues_switches_it_in_clips(studio: Studio, renderer: PlainRenderer, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1100, 700)
    screen = TeachScreen(studio, renderer, Shortcuts(studio, window), window)
    screen.resize(1100, 700)
    studio.set_setting("guidance_seen", [ASKS])
    screen.set_session(studio.new_session(ASKS))
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT_MS)
    screen.activate()
    qtbot.waitUntil(lambda: screen.shown_pair is not None, timeout=WAIT_MS)
    assert renderer.clips and all(job._travel for job in renderer.clips)
    for wanted in (False, True):
        asked = len(renderer.clips)
        QTest.keyClick(window, Qt.Key.Key_D)
        qtbot.waitUntil(lambda asked=asked: len(renderer.clips) > asked, timeout=WAIT_MS)
        assert all(job._travel is wanted for job in renderer.clips[asked : asked + 2])
    screen.deactivate()
    screen.set_session(None)
