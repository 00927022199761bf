"""Whom a press is credited to, and when silence is an answer."""

import numpy as np
import pytest

from app.watching import LOOK_SECONDS, ReactionTime, Watcher
from learning.messages import Press
from sim.registry import get_task
from sim.rollout import LiveRollout

REACTION = ReactionTime(0.4, 0.3)


@pytest.fixture
def rollout() -> LiveRollout:
    return LiveRollout(get_task("hopper-backflip"), 3)


def watch(rollout: LiveRollout, watcher: Watcher, seconds: float) -> list[int]:
    """Plays without pressing; returns the ends of what was let pass."""
    ends = []
    for _ in range(round(seconds / rollout.task.control_dt)):
        rollout.step()
        moments = watcher.step()
        if moments is not None:
            assert moments.press is Press.SILENCE
            assert moments.shares.sum() == pytest.approx(1.0)
            ends.append(moments.end)
    return ends


def test_a_press_is_about_a_look_one_reaction_time_ago(rollout: LiveRollout) -> None:
    watcher = Watcher(rollout, REACTION)
    watch(rollout, watcher, 3.0)
    moments = watcher.press(Press.REWARD, strong=False)
    assert moments is not None
    assert moments.end == rollout.steps
    assert moments.shares.sum() == pytest.approx(1.0)
    ago = (len(moments.shares) - np.arange(len(moments.shares))) * rollout.task.control_dt
    middle = float(moments.shares @ ago)
    mean_delay = REACTION.median * np.exp(REACTION.spread**2 / 2)
    assert middle == pytest.approx(mean_delay + LOOK_SECONDS / 2, abs=0.04)
    assert moments.shares[ago < REACTION.earliest].sum() < 0.01


def test_planted_delays_get_the_credit_where_the_look_was(rollout: LiveRollout) -> None:
    """Presses that come as late as the teacher is slow: most of the credit lies in the look that they were about."""
    rng = np.random.default_rng(0)
    watcher = Watcher(rollout, REACTION)
    dt = rollout.task.control_dt
    inside = []
    for _ in range(40):
        watch(rollout, watcher, 2.5)
        looked_until = rollout.steps
        watch(rollout, watcher, REACTION.median * np.exp(REACTION.spread * rng.standard_normal()))
        moments = watcher.press(Press.PUNISH, strong=False)
        assert moments is not None
        steps = moments.end - len(moments.shares) + np.arange(len(moments.shares))
        look = (steps >= looked_until - LOOK_SECONDS / dt) & (steps < looked_until)
        inside.append(moments.shares[look].sum())
    assert np.mean(inside) > 0.55


def test_nothing_watched_is_nothing_to_credit(rollout: LiveRollout) -> None:
    watcher = Watcher(rollout, REACTION)
    assert watcher.press(Press.REWARD, strong=False) is None
    watch(rollout, watcher, 3.0)
    watcher = Watcher(rollout, REACTION)
    assert watcher.press(Press.REWARD, strong=False) is None


def test_silence_is_an_answer_where_nothing_was_pressed(rollout: LiveRollout) -> None:
    watcher = Watcher(rollout, REACTION)
    ends = watch(rollout, watcher, 8.0)
    assert len(ends) >= 6
    pressed = rollout.steps
    watcher.press(Press.REWARD, strong=False)
    later = watch(rollout, watcher, 4.0)
    dt = rollout.task.control_dt
    # no look is silent that the press may be about
    for end in [*ends, *later]:
        delay = (pressed - end) * dt
        assert not 0.15 < delay < REACTION.latest, (end, pressed)
    assert later


@pytest.mark.parametrize("median", [0.25, 0.6])
def test_calibration_finds_planted_delays(median: float) -> None:
    rng = np.random.default_rng(1)
    found = [ReactionTime.of(list(median * np.exp(0.2 * rng.standard_normal(12)))) for _ in range(40)]
    assert np.median([each.median for each in found]) == pytest.approx(median, rel=0.05)
    assert 0.18 < np.median([each.spread for each in found]) < 0.32


def test_slips_do_not_upset_the_calibration() -> None:
    reactions = [0.4, 0.42, 0.38, 0.41, 0.39, 0.43, 0.37, 0.4]
    assert ReactionTime.of([*reactions, 0.01, 0.03, 1.9]).median == pytest.approx(0.4, abs=0.02)
    assert ReactionTime.of([0.4, 0.5]) == ReactionTime()


def test_in_slow_motion_a_reaction_takes_less_of_the_simulation() -> None:
    assert REACTION.at(0.25).median == pytest.approx(0.1)
    assert REACTION.at(0.25).spread == REACTION.spread
