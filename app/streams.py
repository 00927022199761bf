"""Standard input, output and errors that can be missing, closed, full, or of any encoding.

This module imports nothing that takes time: it is loaded before anything else can go wrong.
"""

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

from sim.errors import UserError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDIN, STDOUT, STDERR = 0, 1, 2
ENCODING = "utf-8"
"""Of a stream that was missing."""
SAFE = "backslashreplace"
"""How characters are written that an encoding does not have, and bytes of file names that are no text."""


class OutputError(UserError):
    """The output cannot be written, and nobody has closed it."""


def open_missing() -> None:
    """Opens the null device for each of the descriptors 0, 1 and 2 that is closed.

    Else the next file that is opened, perhaps a database, would get its number, and be written to by whoever prints.
    """
    for descriptor in (STDIN, STDOUT, STDERR):
        try:
            os.fstat(descriptor)
        except OSError:
            os.dup2(null := os.open(os.devnull, os.O_RDWR), descriptor)
            if null != descriptor:
                os.close(null)


def make_safe() -> None:
    """Replaces `sys.stdout` and `sys.stderr` by streams that can write any text.

    Stdout raises `OutputError` where it cannot be written, and `BrokenPipeError` where its reader has gone.
    Stderr raises nothing: what cannot be told does not keep the program from its work.
    """
    sys.stdout = _stream(sys.stdout, _Output(STDOUT, "w", closefd=False), line_buffered=os.isatty(STDOUT))
    sys.stderr = _stream(sys.stderr, _Errors(STDERR, "w", closefd=False), line_buffered=True)


def flush_output() -> None:
    """Writes what is buffered for stdout.

    Raises:
        OutputError: it cannot be written. What is left in the buffer is thrown away.
        BrokenPipeError: its reader has gone; the same.
    """
    try:
        sys.stdout.flush()
    except (OSError, UserError):
        with contextlib.suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, STDOUT)
            os.close(null)
            sys.stdout.flush()
        raise


class _Output(io.FileIO):
    """Stdout without a buffer."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Raises `OutputError` where `FileIO` raises OSError, but for a closed pipe."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"The output cannot be written: {error.strerror or error}.") from error


class _Errors(io.FileIO):
    """Stderr without a buffer."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Takes everything, and loses what cannot be written."""
        with contextlib.suppress(OSError):
            super().write(data)
        return len(memoryview(data))


def _stream(old: TextIO | None, raw: io.FileIO, *, line_buffered: bool) -> io.TextIOWrapper:
    encoding = getattr(old, "encoding", None) or ENCODING
    if old is not None:
        with contextlib.suppress(OSError, ValueError):
            old.flush()
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, SAFE, line_buffering=line_buffered, write_through=False)
