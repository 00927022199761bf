"""A process that labels through the desk, as the window does: prints each answer once it is acknowledged.

Usage: python -m tests.e2e.labelling_desk HOME SEED

SIGUSR1 makes it pause for some seconds, so that the trainer comes to rest.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from app.desk import SessionDesk
from app.studio import Studio
from app.trainer_process import ProcessTrainers
from app.trainers import LearningTrainers
from learning.messages import Choice
from tests.e2e.small_lessons import SMALL

LOOK_MS = 100
"""Milliseconds for which this teacher looks at a pair: each answer pays for practice, which a replay repeats."""
REST_SECONDS = 30.0
"""Seconds of a pause."""
UNDO_SHARE = 0.15


def main() -> None:
    """Opens the newest session of the home, or a new one, and answers until it is killed."""
    os.environ["BACKFLIP_HOME"] = sys.argv[1]
    rng = random.Random(int(sys.argv[2]))
    application = QCoreApplication([])
    studio = Studio(ProcessTrainers(LearningTrainers(SMALL)))
    cards = studio.sessions()
    desk = studio.open_session(cards[0].path) if cards else studio.new_session("hopper-backflip")
    print("open", Path(desk.path), flush=True)
    rests_until = 0.0

    def rest(*_: object) -> None:
        nonlocal rests_until
        rests_until = time.monotonic() + REST_SECONDS

    signal.signal(signal.SIGUSR1, rest)
    looked_at = time.monotonic()

    def on_time() -> None:
        nonlocal looked_at
        now = time.monotonic()
        if now >= rests_until:
            look(desk, rng, now - looked_at)
        looked_at = now

    timer = QTimer(interval=LOOK_MS)
    timer.timeout.connect(on_time)
    timer.start()
    application.exec()


def look(desk: SessionDesk, rng: random.Random, seconds: float) -> None:
    """Answers the pair on the screen, or takes the last answer back."""
    if rng.random() < UNDO_SHARE:
        undone = desk.undo()
        if undone is not None:
            print("undone", undone.pair_id, flush=True)
    elif desk.pairs():
        record = desk.answer(desk.pairs()[0].id, rng.choice(list(Choice)), seconds)
        print("answered", record.pair_id, record.choice, flush=True)


if __name__ == "__main__":
    main()
