"""Two clips of different length in step, looped, with a cut that can be seen."""

import pytest

from ui.playback import CUT_SECONDS, SPEEDS, TICK_SECONDS, Playback

DT = 0.016


@pytest.fixture
def playback() -> Playback:
    return Playback(10, DT)


def test_at_normal_speed_a_tick_is_two_frames_exactly(playback: Playback) -> None:
    frames = []
    for _ in range(4):
        playback.advance(TICK_SECONDS)
        frames.append(playback.frame)
    assert frames == [2, 4, 6, 8]


def test_slow_motion_shows_every_frame(playback: Playback) -> None:
    playback.speed = 0.25
    frames = []
    for _ in range(8):
        playback.advance(TICK_SECONDS)
        frames.append(playback.frame)
    assert frames == [0, 1, 1, 2, 2, 3, 3, 4]


def test_a_cut_lies_between_two_loops(playback: Playback) -> None:
    playback.seek(9)
    playback.advance(TICK_SECONDS)
    begun = playback.cut_share
    assert playback.frame == 9 and 0.0 < begun < 0.2, "it begins with this tick: none shows nothing new"
    playback.advance(CUT_SECONDS / 2)
    assert playback.cut_share == pytest.approx(begun + 0.5) and playback.frame == 9
    playback.advance(CUT_SECONDS)
    assert playback.frame == 0 and playback.cut_share == 0.0


def test_time_waits_for_pictures_that_are_not_drawn(playback: Playback) -> None:
    for _ in range(5):
        playback.advance(TICK_SECONDS, drawn=4)
    assert playback.frame == 3 and playback.cut_left == 0.0
    playback.advance(TICK_SECONDS, drawn=10)
    assert playback.frame == 5


def test_stepping_pauses_and_goes_round(playback: Playback) -> None:
    playback.step(-1)
    assert playback.frame == 9 and not playback.playing
    playback.step(2)
    assert playback.frame == 1
    playback.advance(1.0)
    assert playback.frame == 1
    playback.replay()
    assert playback.frame == 0 and playback.playing


def test_scrubbing_stays_inside_and_ends_the_cut(playback: Playback) -> None:
    playback.seek(9)
    playback.advance(TICK_SECONDS)
    playback.seek(99)
    assert playback.frame == 9 and playback.cut_left == 0.0
    playback.seek(-3)
    assert playback.frame == 0


def test_speeds_end_where_they_end(playback: Playback) -> None:
    for steps, wanted in ((1, 2.0), (1, 2.0), (-1, 1.0), (-1, 0.5), (-9, SPEEDS[0])):
        playback.change_speed(steps)
        assert playback.speed == wanted


def test_nothing_can_be_played_of_nothing() -> None:
    with pytest.raises(ValueError, match="0 frames"):
        Playback(0, DT)
