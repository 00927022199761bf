"""Mutations of a whole file: a link, a pipe, a device or a folder in its place, or nothing."""

import os
import shutil
from pathlib import Path

from tests.benchmarks.fuzz.mutate import Rng

KINDS = ("missing", "folder", "link to a copy outside", "dangling link", "link to itself", "pipe", "zeros", "empty")
CANARY = "canary"
"""The folder beside a case's that nothing may touch."""


def replace_file(rng: Rng, path: Path) -> str:
    """Puts something else in the place of the file at `path`; returns what."""
    kind = rng.choice(KINDS)
    outside = path.parent.parent / CANARY / "secret"
    content = path.read_bytes()
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "link to a copy outside":
        path.symlink_to(outside)
    elif kind == "dangling link":
        path.symlink_to(path.with_name("nowhere"))
    elif kind == "link to itself":
        path.symlink_to(path)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "zeros":
        path.symlink_to("/dev/zero")
    elif kind == "empty":
        path.write_bytes(content[:0])
    return kind


def empty(folder: Path) -> None:
    """Removes all that lies in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
