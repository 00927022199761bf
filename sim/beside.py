"""Makes the file that is written beside another one, before it takes that one's place."""

import os
from pathlib import Path

SUFFIX = ".part"
"""Of a file that is being written; what is left of one that was broken off may be removed."""
NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
"""The file is new and our own: a link of that name, which a stranger may have planted, is never written through."""
MODE = 0o666
"""Before the umask, as `open` makes files."""


def part_path(path: Path) -> Path:
    """The path that is written in place of `path` until all of it is there."""
    return path.with_name(path.name + SUFFIX)


def new_part(path: Path) -> Path:
    """Makes an empty file beside `path` to be written, in place of whatever has that name.

    Returns:
        `part_path(path)`, where a regular file is that nobody else can have made.

    Raises:
        OSError: it could not be made.
    """
    part = part_path(path)
    part.unlink(missing_ok=True)  # of a link, the link itself
    os.close(os.open(part, NEW_FILE_FLAGS, MODE))
    return part
