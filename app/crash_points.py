"""Named places between two writes, at which a test can end the program as a power cut would."""

import os
import signal

VARIABLE = "BACKFLIP_CRASH_POINT"
"""Environment variable: the name of the point at which to die, and after a colon the how many-eth time it is passed
(the first if there is none). Unset, as it is for everyone but our tests, nothing happens."""

_wanted, _, _times = os.environ.get(VARIABLE, "").partition(":")
_left = int(_times) if _times.isdigit() else 1


def crash_point(name: str) -> None:
    """Ends the process at once, by SIGKILL, if `name` is the point that the environment names and its turn has come."""
    global _left
    if not _wanted or name != _wanted:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
