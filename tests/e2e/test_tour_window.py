"""The guided tour through the real window: killed in the middle, gone on with, and taken to its end."""

from pathlib import Path
from typing import Any

from tests.e2e.command import backflip, hear

ANSWERS = 2
OVER = "over"
PATIENCE = 240.0


def tour_until(home: Path, what: str) -> dict[str, dict[str, Any]]:
    """Lets a process take the tour until it says `what`, and returns what it said by what it was about.

    It is killed then, unless the tour is over and it closes the window itself.
    """
    said = hear(
        home, "tests.e2e.window_tourist", home, ANSWERS,
        enough=lambda said: said[-1]["what"] == what, patience=PATIENCE, kills=what != OVER,
    )  # fmt: skip
    return {each["what"]: each for each in said}


def test_the_tour_is_killed_and_goes_on(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    first = tour_until(home, "answered FRONT")
    assert first["open"]["stage"] == "OFFERED"

    said = tour_until(home, OVER)
    assert (said["open"]["stage"], said["open"]["answers"]) == ("FRONT", 1), "the answer, and where the tour was"
    assert said["open"]["path"] == first["open"]["path"]
    assert not said["fooled"]["peeking"] and "learned reward" in said["fooled"]["words"]
    assert said["looked"]["share"] > 0.4, "the side view is as large as half of the window"
    assert "Held in the air" in said["looked"]["words"]
    assert "with the front view alone" in said["done"]["words"]
    assert not said[OVER]["visible"]

    replayed = backflip(home, "replay", said["open"]["path"], "--check")
    assert replayed.returncode == 0, replayed.stderr + replayed.stdout
