"""What fails for reasons outside the program becomes a sentence for the banner."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import SignalInstance

from sim.errors import UserError


@contextmanager
def telling(problem: SignalInstance) -> Iterator[None]:
    """Ends the block where it fails with a UserError, whose sentence `problem` tells; the program goes on behind it."""
    try:
        yield
    except UserError as error:
        problem.emit(str(error))
