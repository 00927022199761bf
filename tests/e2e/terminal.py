"""Runs `backflip` on a terminal (a pseudo terminal of the system), as a person sees it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

from tests.e2e.command import SECONDS, command, environment


def on_terminal(home: Path, *arguments: object, columns: int = 80, **changes: str | None) -> tuple[int, str]:
    """Runs a command with stdin, stdout and stderr on a terminal of so many columns.

    Returns:
        The exit status, and all that was written, with line feeds as line ends.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 0, columns, 0, 0))
    changes = {"COLUMNS": None, "TERM": "xterm-256color", "NO_COLOR": None, **changes}
    process = subprocess.Popen(
        command(*arguments), env=environment(home, **changes), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said, until = b"", time.monotonic() + SECONDS
    while time.monotonic() < until:
        if not select.select([ours], [], [], 1.0)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:  # everyone has closed the other end
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    return process.wait(timeout=SECONDS), said.decode().replace("\r\n", "\n")
