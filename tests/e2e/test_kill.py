"""`kill -9` at random instants of labelling and training: no acknowledged label is lost, every reopening works."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.e2e.killing import DeskVictim, TaughtVictim, Victim, go_on, replays_same
from tests.e2e.warm import Warm

KILLS = 5
"""The number of kills of each kind."""
LATE_EVERY = 4
"""One in so many is killed only after its first label, however slow the machine is."""
REPLAY_EVERY = 3
"""After so many kills the session goes on, and is replayed."""


def test_nothing_is_lost_at_any_instant(tmp_path: Path) -> None:
    """Both run side by side: most of the time is waiting for processes to start, and an instant comes as it may."""
    with Warm() as warm, ThreadPoolExecutor() as both:
        victims = TaughtVictim(warm, tmp_path / "taught"), DeskVictim(warm, tmp_path / "desk")
        runs = [both.submit(_kill, victim, random.Random(11 + number)) for number, victim in enumerate(victims)]
        for run in runs:
            run.result()


def _kill(victim: Victim, rng: random.Random) -> None:
    gained = 0
    for number in range(KILLS):
        kill = victim.kill(rng, late=number % LATE_EVERY == 0)
        assert not kill.problem and kill.lost == 0, kill
        gained += kill.gained > 0
        if (number + 1) % REPLAY_EVERY == 0 or number == KILLS - 1:
            assert victim.path is not None
            go_on(victim.warm, victim.home, victim.path)
            assert replays_same(victim.warm, victim.home, victim.path)
    assert gained >= len(range(0, KILLS, LATE_EVERY)), "processes were killed before they had labelled"
