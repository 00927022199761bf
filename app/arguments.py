"""Paths and numbers that a person gives: checked in one place, before anything is made.

A check raises `ValueError` with the end of a sentence, "FOUND, wanted WANTED"; whoever calls it knows what the value is
called (`refuse`). `app.argument_types` makes types of the command line of these.
"""

import math
import os
import stat
from collections.abc import Collection
from pathlib import Path
from typing import NoReturn

from app.errors import UsageError

MOST_SEED = 2**63 - 1
"""What NumPy, torch and a session's header take."""
MOST_SEEDS = 10_000
"""At once."""
MOST_LABELS = 1_000_000
MOST_EPISODES = 10_000
"""They are simulated side by side, and fill the memory."""
MOST_MINUTES = 24.0 * 60.0
MOST_JOBS = 256
MOST_ITERATIONS = 1_000_000
MOST_NATS = 1e6
"""Per second of simulation: farther than any policy gets."""
LEAST_WINDOW, MOST_WINDOW = (640, 480), (8192, 8192)
"""Pixels of the window's width and height."""
NAME_BYTES, PATH_BYTES = 255, 4095
"""The longest name in a folder, and the longest path."""
SHOWN = 80
"""Characters of a wrong value that are shown."""
VIDEOS, PICTURES = (".mp4", ".gif"), (".png",)
"""Endings of files that are written."""


def refuse(what: str, error: ValueError) -> NoReturn:
    """Says which value is wrong.

    Args:
        what: the option or the variable, as typed.
        error: from one of the checks.

    Raises:
        UsageError: always.
    """
    raise UsageError(f"{what} is {error}.") from error


def whole_number(text: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`, both included.

    Raises:
        ValueError: it is none.
    """
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"{quoted(text)}, wanted a whole number from {least} to {most}") from None
    if not least <= number <= most:
        raise ValueError(f"{short(text)}, wanted {least} to {most}")
    return number


def real_number(text: str, least: float, most: float) -> float:
    """A finite number from `least` to `most`, both included.

    Raises:
        ValueError: it is none.
    """
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{quoted(text)}, wanted a number from {least:g} to {most:g}") from None
    if not math.isfinite(number) or not least <= number <= most:
        raise ValueError(f"{short(text)}, wanted {least:g} to {most:g}")
    return number


def any_path(text: str) -> Path:
    """A path with `~` and `~user` expanded, that this system and every library here can open, if it is there.

    Raises:
        ValueError: it is empty, too long, not UTF-8, or in the home of a user who does not exist.
    """
    found = quoted(text)
    if not text:
        raise ValueError(f"{found}, wanted a path")
    if "\0" in text:
        raise ValueError(f"{found}, wanted a path without the character NUL")
    expanded = os.path.expanduser(text)
    if text.startswith("~") and expanded.startswith("~"):
        user = text[1:].partition(os.sep)[0]
        raise ValueError(
            f"{found}, wanted a path: " + (f"there is no user {quoted(user)}" if user else "HOME is not set")
        )
    try:
        content = expanded.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{found}, wanted a path in UTF-8") from None
    longest = max(len(name) for name in content.split(os.sep.encode()))
    if longest > NAME_BYTES:
        raise ValueError(f"{found}, wanted names of at most {NAME_BYTES} bytes, found {longest}")
    if len(content) > PATH_BYTES:
        raise ValueError(f"{found}, wanted a path of at most {PATH_BYTES} bytes, found {len(content)}")
    return Path(expanded)


def output_folder(text: str) -> Path:
    """A folder that is there or can be made, and can be written to.

    Raises:
        ValueError: it is a file, lies below one, or is not permitted.
    """
    path = any_path(text)
    _check_folder(path, quoted(text), "a folder")
    return path


def output_file(text: str, endings: Collection[str]) -> Path:
    """A file that can be made or replaced.

    Args:
        text: its path.
        endings: of which the file's name must have one, in any case, with their dots.

    Raises:
        ValueError: it has another ending, is a folder, or its folder cannot be written to.
    """
    path, found = any_path(text), quoted(text)
    wanted = "a file that ends in " + " or ".join(endings)
    if path.suffix.lower() not in endings or text.endswith(os.sep):
        raise ValueError(f"{found}, wanted {wanted}")
    if _kind(path, found, wanted) == "a folder":
        raise ValueError(f"{found}, wanted {wanted}: it is a folder")
    _check_folder(path.parent, found, wanted)
    if not path.parent.exists():
        raise ValueError(f"{found}, wanted {wanted}: there is no folder '{path.parent}'")
    return path


def quoted(text: str) -> str:
    """The beginning of a text in quotes, with bytes that are no text in hexadecimal."""
    return f"'{short(text)}'"


def short(text: str) -> str:
    """The beginning of a text on one line, with bytes that are no text in hexadecimal."""
    printable = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    shown = printable if len(printable) <= SHOWN else f"{printable[: SHOWN - 3]}..."
    return shown.replace("\\udc", "\\x")


def _check_folder(path: Path, found: str, wanted: str) -> None:
    """Refuses a folder that is not there and cannot be made, or cannot be written to."""
    for ancestor in (path, *path.parents):
        kind = _kind(ancestor, found, wanted)
        if not kind:
            continue
        place = "it" if ancestor == path and wanted == "a folder" else f"'{ancestor}'"
        if kind != "a folder":
            raise ValueError(f"{found}, wanted {wanted}: {place} is {kind}")
        if not os.access(ancestor, os.W_OK | os.X_OK):
            raise ValueError(f"{found}, wanted {wanted}: {place} cannot be written to")
        return


def _kind(path: Path, found: str, wanted: str) -> str:
    """What is at a path, links followed; empty if nothing is."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "a link to nothing" if path.is_symlink() else ""
    except OSError as error:
        raise ValueError(f"{found}, wanted {wanted}: {error.strerror or error}") from error
    return "a folder" if stat.S_ISDIR(mode) else "a file"
