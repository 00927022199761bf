"""Named places between two writes, at which a test can end the program as a power cut would."""

import os
import signal
from collections import Counter

VARIABLE = "BACKFLIP_CRASH_POINT"
"""Environment variable: the name of the point at which to die, and after a colon which time it is passed (the first if
there is no number). Unset, as it is for everyone but our tests, nothing happens."""

_passed: Counter[str] = Counter()


def crash_point(name: str) -> None:
    """Ends the process at once, by SIGKILL, if `name` is the point that the environment names and its turn has come."""
    wanted, _, time = os.environ.get(VARIABLE, "").partition(":")
    if name == wanted:
        _passed[name] += 1
        if _passed[name] >= int(time or 1):
            os.kill(os.getpid(), signal.SIGKILL)
