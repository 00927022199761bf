"""Two panes in step: from drawn pictures, from those drawn in advance, and while the camera moves."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from learning.messages import Choice, Pair
from sim.render import Priority
from sim.task import Task
from tests.unit.ui.conftest import AUDITION_PAIR, LEFT_FRAMES, RIGHT_FRAMES, WAIT_MS, PlainRenderer, long_pair
from ui.pair_player import PairPlayer
from ui.pane import FLASH_MS, ClipPane
from ui.playback import FRAGMENT_SPEED, NORMAL_SPEED

MakePair = Callable[[int], Pair]


@pytest.fixture
def player(renderer: PlainRenderer, task: Task, qtbot: QtBot) -> Iterator[PairPlayer]:
    """A visible player whose clock stands still."""
    made = PairPlayer(renderer)
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.set_task(task)
    made.set_running(False)
    made.set_speed(NORMAL_SPEED)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    assert not made._timer.isActive()


def shown_frame(pane: ClipPane) -> int:
    """The frame of the clip that a pane shows: the plain renderer draws it as a colour."""
    assert pane.picture is not None
    return pane.picture.pixelColor(5, 5).red()


def shown(player: PairPlayer) -> tuple[int, int]:
    return shown_frame(player.panes[0]), shown_frame(player.panes[1])


def paint(player: PairPlayer) -> None:
    for pane in player.panes:
        pane.repaint()


def test_both_panes_show_the_same_frame_and_the_shorter_clip_waits(player: PairPlayer, make_pair: MakePair) -> None:
    player.show_pair(make_pair(0))
    for frame in range(0, LEFT_FRAMES, 2):
        player.seek(frame)
        assert shown(player) == (frame, min(frame, RIGHT_FRAMES - 2))


def test_a_pair_counts_as_shown_when_both_panes_are_painted(
    player: PairPlayer, make_pair: MakePair, qtbot: QtBot
) -> None:
    pair = make_pair(0)
    with qtbot.waitSignal(player.shown) as signal:
        player.show_pair(pair)
        assert player.pair_on_screen is None
        player._on_painted("left", pair.id)
        assert player.pair_on_screen is None, "one pane is not enough"
        paint(player)
    assert signal.args == [pair] and player.pair_on_screen is pair


def test_the_next_pair_is_drawn_in_advance_and_shown_at_once(
    player: PairPlayer, renderer: PlainRenderer, make_pair: MakePair
) -> None:
    player.show_pair(make_pair(0))
    following = make_pair(1)
    player.prepare(following)
    assert [job.priority for job in renderer.clips] == [Priority.PAIR] * 2 + [Priority.NEXT_PAIR] * 2
    assert player.ready_pair is following
    asked = len(renderer.clips)
    player.show_pair(following)
    paint(player)
    assert player.pair_on_screen is following and len(renderer.clips) == asked, "nothing was drawn again"
    assert renderer.clips[2].priority is Priority.PAIR


def test_an_undone_pair_is_still_there(player: PairPlayer, renderer: PlainRenderer, make_pair: MakePair) -> None:
    first, second = make_pair(0), make_pair(1)
    player.show_pair(first)
    player.show_pair(second)
    asked = len(renderer.clips)
    player.show_pair(first)
    paint(player)
    assert player.pair_on_screen is first and len(renderer.clips) == asked


def test_a_pair_that_comes_back_before_the_next_one_was_drawn_can_be_answered(
    player: PairPlayer, renderer: PlainRenderer, make_pair: MakePair
) -> None:
    """An answer, and at once its undo: the keys did nothing for the rest of the session."""
    first, second = make_pair(0), make_pair(1)
    player.show_pair(first)
    paint(player)
    renderer.at_once = False
    player.show_pair(second)
    paint(player)
    assert player.pair_on_screen is None
    player.show_pair(first)
    QApplication.processEvents()
    assert player.pair_on_screen is first


def test_nothing_is_shown_of_one_clip_alone(player: PairPlayer, renderer: PlainRenderer, make_pair: MakePair) -> None:
    renderer.at_once = False
    player.show_pair(make_pair(0))
    left, right = renderer.clips
    renderer.finish(left)
    player._on_tick()
    paint(player)
    assert player.panes[0].picture is None and player.pair_on_screen is None
    right.advance(renderer.draw)
    player._on_tick()
    assert shown(player) == (0, 0)
    for _ in range(5):
        player._on_tick()
    assert shown(player) == (0, 0), "it waits for the second picture of the right clip"
    right.advance(renderer.draw)
    player._on_tick()
    assert shown(player) == (2, 2)


def test_the_clips_loop_together(player: PairPlayer, make_pair: MakePair) -> None:
    player.show_pair(make_pair(0))
    frames = []
    for _ in range(24):
        player._on_tick()
        frames.append(shown(player))
    assert frames[:6] == [(2, 2), (4, 4), (6, 6), (8, 6), (10, 6), (10, 6)]
    assert frames[4:15] == [(10, 6)] * 11 and frames[15] == (0, 0), "the cut holds the end for a moment"


def test_another_camera_shows_at_once_and_the_clips_are_drawn_anew(
    player: PairPlayer, renderer: PlainRenderer, make_pair: MakePair, qtbot: QtBot
) -> None:
    player.show_pair(make_pair(0))
    paint(player)
    before = renderer.clips[0]._first.camera
    pane = player.panes[1]
    QTest.mousePress(pane, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    QTest.mouseMove(pane, QPoint(90, 60))
    QTest.mouseRelease(pane, Qt.MouseButton.LeftButton, pos=QPoint(90, 60))
    player._on_tick()
    player._on_tick()
    assert len(renderer.singles) >= 2 and {each.camera for each in renderer.singles} == {player._pictures.hand.pose}
    assert renderer.singles[0].camera != before
    player.set_running(True)
    qtbot.waitUntil(lambda: not player._pictures.live, timeout=WAIT_MS)
    player.set_running(False)
    assert {job._first.camera for job in renderer.clips[-2:]} == {player._pictures.hand.pose}
    assert player.pair_on_screen is not None, "the pair never left the screen"


def test_the_middle_button_moves_the_scene_of_both(player: PairPlayer, task: Task, make_pair: MakePair) -> None:
    player.show_pair(make_pair(0))
    pane = player.panes[0]
    QTest.mousePress(pane, Qt.MouseButton.MiddleButton, pos=QPoint(50, 50))
    QTest.mouseMove(pane, QPoint(90, 50))
    QTest.mouseRelease(pane, Qt.MouseButton.MiddleButton, pos=QPoint(90, 50))
    assert player._pictures.hand.pose.lookat[0] < task.camera.lookat[0]
    assert player._pictures.hand.pose.azimuth == task.camera.azimuth


def test_the_wheel_zooms_and_a_double_click_resets(player: PairPlayer, task: Task, make_pair: MakePair) -> None:
    player.show_pair(make_pair(0))
    pane = player.panes[0]
    wheel = QWheelEvent(
        QPointF(20, 20), QPointF(pane.mapToGlobal(QPoint(20, 20))), QPoint(), QPoint(0, 120),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(pane, wheel)
    assert player._pictures.hand.pose.distance < task.camera.distance
    QTest.mouseDClick(pane, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    assert player._pictures.hand.pose == task.camera


def test_slow_motion_draws_every_frame(
    player: PairPlayer, renderer: PlainRenderer, make_pair: MakePair, qtbot: QtBot
) -> None:
    player.show_pair(make_pair(0))
    player.set_speed(0.25)
    player.set_running(True)
    qtbot.waitUntil(lambda: len(renderer.clips[-1].indices) == RIGHT_FRAMES, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: player._pictures._pending is None, timeout=WAIT_MS)
    player.set_running(False)
    player.seek(3)
    assert shown(player) == (3, 3)


def test_short_clips_and_auditions_have_speeds_of_their_own(renderer: PlainRenderer, task: Task, qtbot: QtBot) -> None:
    player = PairPlayer(renderer)
    qtbot.addWidget(player)
    player.set_task(task)
    assert player.speed == player.fragment_speed == FRAGMENT_SPEED < NORMAL_SPEED
    player.show_pair(long_pair(task, AUDITION_PAIR))
    assert player.speed == NORMAL_SPEED and player.playback is not None and player.playback.speed == NORMAL_SPEED
    player.set_speed(2.0)
    assert player.fragment_speed == FRAGMENT_SPEED
    player.show_pair(long_pair(task, 0))
    assert player.speed == FRAGMENT_SPEED and player.playback.speed == FRAGMENT_SPEED
    assert len(renderer.clips[-1].indices) == RIGHT_FRAMES, "slow motion shows every frame"
    player.set_speed(1.0)
    player.show_pair(long_pair(task, AUDITION_PAIR))
    assert player.speed == 2.0, "it is remembered"


def test_an_answer_lights_its_pane_for_a_moment(player: PairPlayer, make_pair: MakePair, qtbot: QtBot) -> None:
    player.show_pair(make_pair(0))
    left, right = player.panes
    player.light(Choice.RIGHT)
    assert (left.lit, right.lit) == (False, True)
    player.light(Choice.EQUAL)
    assert left.lit and right.lit
    qtbot.wait(FLASH_MS + 100)
    assert not left.lit and not right.lit


def test_without_opengl_the_panes_say_so_and_offer_another_try(
    player: PairPlayer, no_gl: PlainRenderer, make_pair: MakePair, qtbot: QtBot
) -> None:
    player.show_pair(make_pair(0))
    assert [pane.message for pane in player.panes] == ["Nothing can be drawn on this machine."] * 2
    assert player.pair_on_screen is None
    no_gl.failure = None
    player.panes[0]._button.click()

    def is_shown() -> bool:
        player._on_tick()
        paint(player)
        return player.pair_on_screen is not None

    qtbot.waitUntil(is_shown, timeout=WAIT_MS)


def test_a_hidden_player_does_nothing(player: PairPlayer) -> None:
    player.set_running(True)
    assert player._timer.isActive()
    player.hide()
    assert not player._timer.isActive()
    player.show()
    assert player._timer.isActive()
    player.set_running(False)


def test_the_pictures_of_long_pairs_are_smaller_for_want_of_memory(
    player: PairPlayer, renderer: PlainRenderer, make_pair: MakePair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pane = player.panes[0]
    monkeypatch.setattr("ui.pair_frames.MOST_BYTES", 3 * 40_000 * (LEFT_FRAMES + RIGHT_FRAMES) // 2)
    player.show_pair(make_pair(0))
    first = renderer.clips[0]._first
    assert 35_000 < first.width * first.height < 41_000 < pane.width() * pane.height()
    assert first.width / first.height == pytest.approx(pane.width() / pane.height(), rel=0.02)


def test_the_next_pair_has_no_lit_frame(player: PairPlayer, make_pair: MakePair) -> None:
    player.show_pair(make_pair(0))
    player.light(Choice.LEFT)
    assert player.panes[0].lit
    player.show_pair(make_pair(1))
    assert not player.panes[0].lit
