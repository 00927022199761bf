"""The meter through the real window: back and undone, another reference, a penalty; a kill loses none of it."""

from pathlib import Path
from typing import Any

from app.session import Session
from learning.messages import PenaltyMode, SteeringKind
from tests.e2e.command import backflip, hear

ANSWERS = 8
"""So that there are some policies to go back to."""
PATIENCE = 240.0


def steer_until(home: Path, what: str) -> dict[str, dict[str, Any]]:
    """Lets a process steer until it says `what`, kills it, and returns what it said by what it was about."""
    said = hear(
        home, "tests.e2e.window_steerer", home, ANSWERS,
        enough=lambda said: said[-1]["what"] == what, patience=PATIENCE,
    )  # fmt: skip
    return {each["what"]: each for each in said}


def test_a_person_goes_back_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    said = steer_until(home, "acknowledged")
    path, back = Path(said["open"]["path"]), said["acknowledged"]["version"]
    assert said["measured"]["policies"] >= 3 and said["measured"]["first"] == "0.0 \u00b1 0.0 nats per s"
    assert said["back"]["shown"] == back != said["measured"]["shown"]
    assert said["back"]["undo"] == f"Undo: going back to policy {back}"
    with Session(path) as session:
        events = session.steering.events()
        in_force = session.steering.in_force()
    kinds = [SteeringKind.GO_BACK, SteeringKind.GO_BACK, SteeringKind.REFERENCE, SteeringKind.PENALTY]
    assert [event.kind for event in events] == [*kinds, SteeringKind.GO_BACK]
    assert [(event.kind, event.version) for event in in_force] == [
        (SteeringKind.REFERENCE, back), (SteeringKind.PENALTY, None), (SteeringKind.GO_BACK, back),
    ]  # fmt: skip
    assert in_force[1].mode is PenaltyMode.ADAPTIVE

    # what was acknowledged is done when the program opens again, whether the trainer had heard of it or not
    done = backflip(home, "resume", path, "--labels", ANSWERS, "--teacher", "oracle")
    assert done.returncode == 0, done.stderr
    with Session(path) as session:
        points = {point.version: point for point in session.journal.points()}
        assert points[back].reading.kl == 0.0 and points[0].reading.kl > 0.0
    replayed = backflip(home, "replay", path, "--check")
    assert replayed.returncode == 0, replayed.stderr + replayed.stdout
