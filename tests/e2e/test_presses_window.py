"""Presses through the real window: `kill -9` in the middle of pressing loses none that was acknowledged."""

import random
from pathlib import Path
from typing import Any

from app.session import Session
from learning.messages import Press
from tests.e2e.command import backflip, hear

KILLS = 2
PRESSES = (3, 6)
"""A process is killed after so many presses, at least and at most."""
PATIENCE = 120.0


def press_until_killed(home: Path, presses: int) -> list[dict[str, Any]]:
    """Lets a process press so often, kills it, and returns what it said."""

    def enough(said: list[dict[str, Any]]) -> bool:
        return sum(each["what"] == "pressed" for each in said) >= presses

    return hear(home, "tests.e2e.window_presser", home, enough=enough, patience=PATIENCE)


def test_a_kill_while_pressing_loses_nothing(tmp_path: Path) -> None:
    rng = random.Random(5)
    home, counted = tmp_path / "home", 0
    path: Path | None = None
    for _ in range(KILLS):
        said = press_until_killed(home, rng.randint(*PRESSES))
        opened, last = said[0], said[-1]
        assert opened["what"] == "open"
        assert opened["presses"] in (counted, counted + 1), "all that was acknowledged, and perhaps one more"
        assert path in (None, Path(opened["path"])), "the same session goes on"
        path = Path(opened["path"])
        assert said[1]["what"] == "game", "it was skipped, and is offered when the program is next used"
        with Session(path) as session:
            events = session.presses.events()
            in_force = session.presses.in_force().values()
            counted = sum(each.press in (Press.REWARD, Press.PUNISH) for each in in_force)
            assert [event.id for event in events] == sorted(event.id for event in events)
        assert last["presses"] <= counted <= last["presses"] + 1
    assert path is not None
    done = backflip(home, "resume", path, "--labels", counted + 1, "--teacher", "oracle")
    assert done.returncode == 0, done.stderr
    again = backflip(home, "replay", path, "--check")
    assert again.returncode == 0, again.stderr + again.stdout
