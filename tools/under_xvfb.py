"""Runs a command on a virtual screen of its own.

    python tools/under_xvfb.py COMMAND [ARGUMENT ...]

Unlike xvfb-run it needs no xauth, and takes whatever display number is free.
"""

import os
import signal
import subprocess
import sys
import tempfile

SCREEN = "1920x1080x24"
END_SECONDS = 5.0
"""How long the screen gets to end before it is ended."""


def main() -> int:
    """Gives back the command's exit status."""
    if sys.platform != "linux":
        return subprocess.run(sys.argv[1:], check=False).returncode  # the system's own screen
    reading, writing = os.pipe()
    with tempfile.TemporaryFile("w+") as said:
        # a session of its own: Ctrl-C is for the command, which needs its screen to end well
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"],
            pass_fds=(writing,),
            stderr=said,
            start_new_session=True,
        )
        os.close(writing)
        try:
            with os.fdopen(reading) as pipe:
                number = pipe.readline().strip()
            if not number:
                said.seek(0)
                reason = " ".join(said.read().split()) or "no reason given"
                print(f"under_xvfb: Xvfb did not start: {reason}.", file=sys.stderr)
                return 1
            signal.signal(signal.SIGINT, lambda *_: None)  # a handler, unlike SIG_IGN, is not inherited
            screen = {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
            return subprocess.run(sys.argv[1:], env={**os.environ, **screen}, check=False).returncode
        finally:
            server.terminate()
            try:
                server.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


if __name__ == "__main__":
    sys.exit(main())
