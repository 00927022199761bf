"""A keyboard at the tests' own X server: what goes down and comes up are keys, which type what the layout says."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from Xlib import X, display
from Xlib.ext import xtest

US = "us"
# X numbers the keys by their place, whatever is printed on them; these are the places of an American keyboard
SHIFT, EQUALS, MINUS = 50, 21, 20
KEYPAD_ADD, KEYPAD_SUBTRACT = 86, 82


class Keyboard:
    """Presses keys by their place."""

    def __init__(self) -> None:
        """Joins the screen that the process has."""
        self._display: Any = display.Display(os.environ["DISPLAY"])

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves the American layout behind, and no key down."""
        for key in (SHIFT, EQUALS, MINUS, KEYPAD_ADD, KEYPAD_SUBTRACT):
            self.up(key)
        self.choose(US)
        self._display.close()

    def choose(self, layout: str) -> None:
        """Has the server take another layout, by its name in XKB, such as `fr`."""
        subprocess.run(["setxkbmap", layout], check=True)

    def down(self, *keys: int) -> None:
        """Keys go down."""
        self._send(X.KeyPress, keys)

    def up(self, *keys: int) -> None:
        """Keys come up."""
        self._send(X.KeyRelease, keys)

    def tap(self, *keys: int) -> None:
        """Keys go down one after another, and come up in the same order: the first one is let go first."""
        self.down(*keys)
        self.up(*keys)

    def _send(self, kind: int, keys: tuple[int, ...]) -> None:
        for key in keys:
            xtest.fake_input(self._display, kind, key)
        self._display.sync()


@contextmanager
def keyboard(layout: str = US) -> Iterator[Keyboard]:
    """A keyboard of a layout."""
    with Keyboard() as made:
        made.choose(layout)
        yield made
