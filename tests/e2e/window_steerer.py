"""A process that steers practice on the program's own Meter screen, with keys, until it is killed; prints what it does.

Usage: python -m tests.e2e.window_steerer HOME ANSWERS

It answers so many pairs first. Then it goes back, and undoes that; sets a penalty and a reference; and goes back once
more, after which it waits to be killed.
"""

import sys
from collections.abc import Callable, Iterator

from PySide6.QtWidgets import QPushButton

from learning.messages import PenaltyMode
from tests.e2e.window_teacher import Person, find, press, rests, run, say, text_of
from ui.sides import ACTIONS


class Steerer(Person):
    """See above."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        super().__init__()

    def _live(self) -> Iterator[Callable[[], bool]]:
        from learning.teachers import make_teacher

        yield from self._open()
        window, teach, meter, session = self.window, self.window.teach, self.window.meter, self.window.session
        assert session is not None

        def shown() -> int:
            snapshot = session.snapshot()
            assert snapshot is not None
            return snapshot.shown_version

        yield lambda: session.snapshot() is not None
        say("open", path=str(session.path), shown=shown(), labels=len(session.history(10**6)))
        teacher = make_teacher("oracle", session.task, 0)
        for _ in range(self._answers - len(session.history(10**6))):
            yield lambda: teach.shown_pair is not None
            pair = teach.shown_pair
            assert pair is not None
            press(window, teach, ACTIONS[teacher.answer(pair)])
            yield lambda old=pair.id: teach.shown_pair is None or teach.shown_pair.id != old  # type: ignore[misc]
        yield lambda: rests(window, self._answers)
        press(window, teach, "meter")
        yield lambda: meter.point is not None and meter.now.state == "playing"
        taught = shown()
        for _ in range(len(session.curve())):
            press(window, meter, "earlier")
        say("measured", shown=taught, policies=len(session.curve()), first=text_of(window, "meter-kl"))
        press(window, meter, "later")
        back = meter.point.version if meter.point is not None else -1
        if back == taught:
            press(window, meter, "later")
            back = meter.point.version if meter.point is not None else -1
        press(window, meter, "go_back")
        yield lambda: shown() == back
        yield lambda: text_of(window, "meter-policy") == f"Policy {back}, shown now"
        say("back", shown=shown(), undo=text_of(window, "meter-undo"))
        press(window, meter, "undo_steering")
        yield lambda: shown() == taught
        press(window, meter, "measure_from")
        yield lambda: text_of(window, "meter-reference") == f"Measured from policy {back}."
        adaptive = find(window, QPushButton, "penalty-mode-2")
        assert adaptive is not None
        adaptive.click()
        yield lambda: session.steering.penalty()[0] is PenaltyMode.ADAPTIVE
        press(window, meter, "go_back")
        say("acknowledged", version=back)
        yield lambda: shown() == back
        say("done", shown=shown())
        yield lambda: False


if __name__ == "__main__":
    run(sys.argv[1], lambda: Steerer(int(sys.argv[2])))
