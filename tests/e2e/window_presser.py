"""A process that teaches by presses through the program's own window, until it is killed; prints what it does.

Usage: python -m tests.e2e.window_presser HOME
"""

import sys
import time
from collections.abc import Callable, Iterator

from PySide6.QtWidgets import QPushButton

from tests.e2e.window_teacher import Person, find, press, run, say, text_of

EVERY = 0.5
"""Seconds from press to press."""
UNDO_EVERY = 5


class Presser(Person):
    """Skips the reaction game, and presses as fast as anybody would."""

    def _live(self) -> Iterator[Callable[[], bool]]:
        from ui.dialogs.reaction import ReactionSheet

        yield from self._open()
        window, session = self.window, self.window.session
        assert session is not None
        say("open", path=str(session.path), presses=session.pressing.count)
        press(window, window.teach, "watch")
        live = window.watch.live
        yield lambda: live.state == "playing"
        press(window, window.watch, "judge")
        if window.findChild(ReactionSheet) is not None:
            say("game")
            skip = find(window, QPushButton, "reaction-close")
            assert skip is not None
            skip.click()
            yield lambda: window.findChild(ReactionSheet) is None
        yield window.isActiveWindow
        yield self._after(1.5)
        number = 0
        while True:
            number += 1
            if number % UNDO_EVERY == 0:
                press(window, window.watch, "undo_press")
                say("undone", presses=session.pressing.count)
            else:
                before = session.pressing.count
                press(window, window.watch, "reward" if number % 2 else "punish")
                if session.pressing.count > before:
                    say("pressed", presses=session.pressing.count, said=text_of(window, "press-count"))
            yield self._after(EVERY)

    def _after(self, seconds: float) -> Callable[[], bool]:
        until = time.monotonic() + seconds
        return lambda: time.monotonic() >= until


if __name__ == "__main__":
    run(sys.argv[1], Presser)
