"""A process that takes the gripper's guided tour in the program's own window until it is killed; prints what it sees.

Usage: python -m tests.e2e.window_tourist HOME ANSWERS

Each stage in which one teaches has so many answers here. It answers as a teacher does who sees pictures alone, from the
front first and then from both sides.
"""

import sys
from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from tests.e2e.window_teacher import Person, find, press, run, say, text_of
from ui import tour_stages
from ui.sides import ACTIONS
from ui.teach.reveal import Reveal
from ui.teach.tour import Tour
from ui.tour_stages import Stage


class Tourist(Person):
    """See above."""

    def __init__(self, answers: int) -> None:
        tour_stages.ANSWERS = dict.fromkeys(tour_stages.ANSWERS, answers)
        self._answers = answers
        super().__init__()

    @property
    def stage(self) -> Stage:
        """What the window is at."""
        return self.window.teach.findChild(Tour).progress.stage

    def _live(self) -> Iterator[Callable[[], bool]]:
        yield from self._open("gripper-grasp")
        window = self.window
        assert window.session is not None
        said = {"stage": self.stage.name, "answers": len(window.session.history(1000))}
        say("open", path=str(window.session.path), **said)
        if self.stage is Stage.OFFERED:
            self._go()
        yield from self._teach(Stage.FRONT)
        yield lambda: self.stage is Stage.FOOLED or self._trains()
        say("training", words=text_of(window, "tour-words"))
        yield lambda: self.stage is Stage.FOOLED
        reveal = window.teach.findChild(Reveal)
        yield lambda: reveal.front.drawn
        say("fooled", peeking=window.session.peeking, words=text_of(window, "reveal-words"))
        self._go("reveal-go")
        yield lambda: window.session is not None and window.session.peeking and reveal.side.drawn
        share = reveal.side.width() / window.width()
        say("looked", words=text_of(window, "reveal-words"), share=share)
        self._go("reveal-go")
        yield from self._teach(Stage.BOTH)
        yield lambda: self.stage is Stage.DONE
        say("done", words=text_of(window, "tour-words"))
        self._go()
        say("over", visible=window.teach.findChild(Tour).isVisible())
        window.close()

    def _trains(self) -> bool:
        return bool(self.window.teach.findChild(Tour).trains)

    def _go(self, name: str = "tour-go") -> None:
        button = find(self.window, QPushButton, name)
        assert button is not None and button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def _teach(self, stage: Stage) -> Iterator[Callable[[], bool]]:
        from learning.camera_teacher import CameraTeacher
        from sim.gripper import FRONT, SIDE

        teach, session = self.window.teach, self.window.session
        assert session is not None
        views = (FRONT,) if stage is Stage.FRONT else (FRONT, SIDE)
        with CameraTeacher(session.task, views) as teacher:
            for _ in range(self._answers):
                if self.stage is not stage:
                    return
                yield lambda: teach.shown_pair is not None
                pair = teach.shown_pair
                assert pair is not None
                press(self.window, teach, ACTIONS[teacher.answer(pair)])
                say(f"answered {stage.name}", pair=pair.id)
                yield lambda old=pair.id: teach.shown_pair is None or teach.shown_pair.id != old  # type: ignore[misc]


def main() -> None:
    """Takes the tour."""
    home, answers = sys.argv[1:]
    run(home, lambda: Tourist(int(answers)))


if __name__ == "__main__":
    main()
