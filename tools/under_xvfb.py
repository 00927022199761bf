"""Runs a command on a virtual screen of its own.

    python tools/under_xvfb.py COMMAND [ARGUMENT ...]

Unlike xvfb-run it needs no xauth, and takes whatever display number is free.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

SCREEN = "1920x1080x24"
SIGNALLED = 128
"""Added to the number of the signal that ended a command, as shells do."""
PR_SET_PDEATHSIG = 1
"""prctl's option: the signal that comes when the parent ends, see prctl(2)."""
END_SECONDS = 5.0
"""How long the screen gets to end before it is ended."""


def end_with_parent() -> None:
    """Lets no screen outlive us, even if we are killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class NoScreenError(RuntimeError):
    """Xvfb did not start, with what it said."""


@contextmanager
def virtual_screen() -> Iterator[dict[str, str]]:
    """A screen until the block ends.

    Yields:
        What a program's environment says of it; nothing where the system has a screen of its own.

    Raises:
        NoScreenError: it did not start.
    """
    if sys.platform != "linux":
        yield {}
        return
    reading, writing = os.pipe()
    with tempfile.TemporaryFile("w+") as said:
        # a session of its own: Ctrl-C is for the command, which needs its screen to end well
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"],
            pass_fds=(writing,),
            stderr=said,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        os.close(writing)
        try:
            with os.fdopen(reading) as pipe:
                number = pipe.readline().strip()
            if not number:
                said.seek(0)
                raise NoScreenError(" ".join(said.read().split()) or "no reason given")
            yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        finally:
            server.terminate()
            try:
                server.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def main() -> int:
    """Gives back the command's exit status."""
    try:
        with virtual_screen() as screen:
            command = subprocess.Popen(sys.argv[1:], env={**os.environ, **screen})
            signal.signal(signal.SIGINT, lambda *_: None)  # the terminal sends it to the command as well
            signal.signal(signal.SIGTERM, lambda *_: command.terminate())
            status = command.wait()
            return status if status >= 0 else SIGNALLED - status
    except NoScreenError as error:
        print(f"under_xvfb: Xvfb did not start: {error}.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
