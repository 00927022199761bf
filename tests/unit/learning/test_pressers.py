"""The simulated presser: late, at times silent, at times wrong, and pressing for what is better than usual."""

from dataclasses import replace

import numpy as np
import pytest

from learning.messages import Press
from learning.pressers import REFRACTORY_SECONDS, PresserConfig, SimulatedPresser
from sim.task import Singles, Task

SURE = PresserConfig(miss=0.0, false_per_minute=0.0, fatigue_minutes=1e9)


class Stage:
    """A robot whose hidden credit is what the test says."""

    def __init__(self, task: Task, monkeypatch: pytest.MonkeyPatch, config: PresserConfig, seed: int = 0) -> None:
        self.credit = 0.0
        self.dt = task.control_dt
        monkeypatch.setattr("learning.pressers.credit_spread", lambda _: 1.0)
        monkeypatch.setattr(type(task), "credit", self._credit)
        self.presser = SimulatedPresser(task, seed, config)
        self.nothing = np.zeros(task.observation_size, np.float32), np.zeros(task.action_size, np.float32)

    def _credit(self, observations: Singles, _actions: Singles) -> Singles:
        return np.full(observations.shape[:-1], self.credit, np.float32)

    def play(self, credit: float, seconds: float) -> list[tuple[float, Press, bool]]:
        """Seconds from here, and what was pressed."""
        self.credit = credit
        found = []
        for step in range(round(seconds / self.dt)):
            press = self.presser.see(*self.nothing)
            if press is not None:
                found.append((step * self.dt, *press))
        return found


def test_better_is_rewarded_and_worse_is_punished(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(task, monkeypatch, SURE)
    assert stage.play(0.0, 5.0) == []
    better = stage.play(0.9, 1.5)
    assert {(press, strong) for _, press, strong in better} == {(Press.REWARD, False)}
    stage.play(0.0, 3.0)
    worse = stage.play(-3.0, 1.5)
    assert worse[-1][1:] == (Press.PUNISH, True)


def test_what_has_become_usual_is_let_pass(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(task, monkeypatch, SURE)
    stage.play(0.0, 5.0)
    stage.play(1.0, 60.0)
    assert stage.play(1.0, 10.0) == []


def test_the_delays_are_those_planted(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    config = replace(SURE, delay=0.5, delay_spread=0.2, threshold=0.01)
    delays = []
    for seed in range(60):
        stage = Stage(task, monkeypatch, config, seed)
        stage.play(0.0, 1.0)
        # the first frame that differs passes so low a threshold
        delays.append(stage.play(5.0, 2.0)[0][0])
    assert np.median(delays) == pytest.approx(0.5, abs=0.06)
    assert np.std(np.log(delays)) == pytest.approx(0.2, abs=0.08)


def test_the_game_of_reactions_measures_the_planted_delay(task: Task) -> None:
    presser = SimulatedPresser(task, 0, replace(SURE, delay=0.5, delay_spread=0.2))
    reactions = presser.reactions(400)
    assert np.median(reactions) == pytest.approx(0.5, abs=0.03)
    assert np.std(np.log(reactions)) == pytest.approx(0.2, abs=0.03)
    assert presser.reactions(400) == reactions, "going on with a session finds the same"


def test_misses_and_fatigue_make_presses_fewer(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []
    for config in (SURE, replace(SURE, miss=0.5), replace(SURE, fatigue_minutes=0.1)):
        stage = Stage(task, monkeypatch, config)
        counts.append(sum(len(stage.play(value, 1.0)) for value in (0.0, 3.0) * 15))
    assert counts[0] > 1.4 * counts[1]
    assert counts[0] > 2.0 * counts[2]


def test_false_presses_come_without_a_cause(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(task, monkeypatch, replace(SURE, false_per_minute=30.0))
    pressed = stage.play(0.0, 60.0)
    assert 15 <= len(pressed) <= 45
    assert {press for _, press, _ in pressed} == {Press.REWARD, Press.PUNISH}


def test_a_lenient_one_rewards_more(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(task, monkeypatch, replace(SURE, leniency=1.0))
    pressed = stage.play(0.0, 10.0)
    assert pressed
    assert {press for _, press, _ in pressed} == {Press.REWARD}
    gaps = np.diff([when for when, _, _ in pressed])
    assert np.median(gaps) >= 0.8 * REFRACTORY_SECONDS
