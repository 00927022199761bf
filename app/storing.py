"""How what a teacher did is stored: at once, by whoever can wait; the window has `app.store_queue`."""

from collections.abc import Callable
from typing import Protocol, TypeVar

YOUR_ANSWER, YOUR_PRESS, YOUR_FLAG, YOUR_PEEK = "your answer", "your press", "your flag", "your look at the true score"
YOUR_STEERING, YOUR_UNDO = "what you chose", "what you undid"
"""What may wait to be stored, as part of a sentence."""

Result = TypeVar("Result")


class Storer(Protocol):
    """Stores what a teacher did."""

    def store(self, what: str, act: Callable[[], Result]) -> Result | None:
        """Calls `act`, now or later; returns what it returns if that is now, else None."""
        ...

    def store_alone(self, what: str, act: Callable[[], Result]) -> Result | None:
        """Does the same, but not at all while something else waits to be stored."""
        ...


class StoreNow:
    """Stores at once, however long that takes: for teachers who can wait."""

    def store(self, _what: str, act: Callable[[], Result]) -> Result | None:
        """Calls `act`."""
        return act()

    store_alone = store
