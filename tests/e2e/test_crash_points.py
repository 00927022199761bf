"""`kill -9` at each named place between two writes: no acknowledged label is lost, and the session goes on."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.killing import go_on, replays_same
from tests.e2e.points import PointVictim, points_in_source
from tests.e2e.warm import Warm

REPLAY_EVERY = 3
"""After so many points the sessions are replayed."""


@pytest.mark.timeout(600)
def test_nothing_is_lost_at_any_named_point(tmp_path: Path) -> None:
    points = points_in_source()
    assert points, "no crash point was found in the source"
    with Warm() as warm, ThreadPoolExecutor() as both:
        victim = PointVictim(warm, tmp_path)
        for first in range(0, len(points), REPLAY_EVERY):
            victim.renew()
            for point in points[first : first + REPLAY_EVERY]:
                kill = victim.kill(point)
                assert not kill.problem and kill.lost == 0, kill
                go_on(warm, victim.home, victim.sessions[-1])
            same = both.map(lambda path: replays_same(warm, victim.home, path), victim.sessions)
            assert all(same), victim.sessions
