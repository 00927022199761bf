"""A process that labels through the desk, as the window does: prints each answer once it is acknowledged.

Usage: python -m tests.e2e.labelling_desk HOME SEED
"""

import os
import random
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from app.desk import SessionDesk, Studio
from app.trainer_process import ProcessTrainers
from app.trainers import LearningTrainers
from learning.messages import Choice
from tests.e2e.small_lessons import SMALL

LOOK_MS = 20
"""How long this teacher looks at a pair."""
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
    timer = QTimer(interval=LOOK_MS)
    timer.timeout.connect(lambda: look(desk, rng))
    timer.start()
    application.exec()


def look(desk: SessionDesk, rng: random.Random) -> None:
    """Answers the pair on the screen, or takes the last answer back."""
    if rng.random() < UNDO_SHARE:
        undone = desk.undo()
        if undone is not None:
            print("undone", undone.pair_id, flush=True)
    elif desk.pairs():
        record = desk.answer(desk.pairs()[0].id, rng.choice(list(Choice)), 0.02)
        print("answered", record.pair_id, record.choice, flush=True)


if __name__ == "__main__":
    main()
