"""Mutations of a session's folder: links, pipes, devices, folders in place of files, strange names and sizes."""

import contextlib
import os
import shutil
import socket
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from app.store.database import BACKUP_FOLDER
from tests.benchmarks.fuzz.mutate_bytes import OUTSIDE_PATHS, STRANGE_TEXTS, mutate_bytes, several

NEW_NAMES = (
    "lock", "session.log", "session.log.1", "session.sqlite3", "session.sqlite3-wal", "session.sqlite3-shm",
    "session.sqlite3-journal", "session.json", "session.json.part", "settings.json", "settings.json.part",
    "picture.png", "settings.json.unreadable", "notes.txt", "clips/x", "clips/000000-left.safetensors.part",
    "exports/a/run.py",
    "checkpoints/checkpoint-99999999-999999.safetensors", f"{BACKUP_FOLDER}/session-000002.part",
    f"{BACKUP_FOLDER}/session-000001.sqlite3", f"{BACKUP_FOLDER}/session-999999999999.sqlite3", "clips", "exports",
    "checkpoints", BACKUP_FOLDER,
)  # fmt: skip
ODD_NAMES = (
    b"two\nlines",
    b"\x1b[2Jbell\x07",
    b"not \xff\xfe utf-8",
    b"x" * 255,
    "\u202egnp.exe".encode(),
    b"'; --",
    b" ",
    b"%s",
)
HUGE = (2**20 + 1, 5 << 20, 3 << 30, 9 << 30)
"""Bytes of a file that has no blocks on the disk."""
ZERO_DEVICE = os.makedev(1, 5) if hasattr(os, "makedev") else 0


def mutate_folder(random: Random, folder: Path) -> None:
    """Some mutations of the session in `folder`, beside which lies a folder `canary`."""
    for _ in range(several(random)):
        random.choice(WAYS)(random, folder)


def _place(random: Random, folder: Path) -> Path:
    """A file or folder in it, there or not."""
    there = sorted(path for path in folder.rglob("*") if not path.is_symlink())
    return random.choice((random.choice(there or [folder / "x"]), folder / random.choice(NEW_NAMES)))


def _cleared(random: Random, folder: Path) -> Path:
    """A place where something can be made."""
    path = _place(random, folder)
    for parent in reversed(path.parents):
        if parent != folder and parent.is_relative_to(folder) and (parent.is_symlink() or not parent.is_dir()):
            _remove(parent)
            parent.mkdir()
    _remove(path)
    return path


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_own(path: Path) -> bool:
    """Whether nothing outside is changed by way of it."""
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) or (stat.S_ISREG(status.st_mode) and status.st_nlink == 1)


def _link(random: Random, folder: Path) -> None:
    path = _cleared(random, folder)
    canary = os.path.relpath(folder.parent / "canary", path.parent)
    targets = (*OUTSIDE_PATHS, "nowhere", path.name, f"{canary}/secret.txt", f"{canary}/other.sqlite3", canary)
    path.symlink_to(random.choice(targets))


def _hard_link(random: Random, folder: Path) -> None:
    name = random.choice(("secret.txt", "other.sqlite3"))
    os.link(folder.parent / "canary" / name, _cleared(random, folder))


def _pipe(random: Random, folder: Path) -> None:
    os.mkfifo(_cleared(random, folder))


def _socket(random: Random, folder: Path) -> None:
    path, here = _cleared(random, folder), os.getcwd()
    try:
        os.chdir(path.parent)  # a socket's path is short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(here)


def _device(random: Random, folder: Path) -> None:
    path = _cleared(random, folder)
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, ZERO_DEVICE)
    except OSError:
        path.symlink_to("/dev/zero")  # only root makes devices


def _folder(random: Random, folder: Path) -> None:
    path = _cleared(random, folder)
    path.joinpath(*["d"] * random.choice((0, 0, 1, 3, 6))).mkdir(parents=True, exist_ok=True)


def _file(random: Random, folder: Path) -> None:
    _cleared(random, folder).write_bytes(random.choice((b"", b"x", b"{}", b"SQLite format 3\0", b"\0" * 5000)))


def _missing(random: Random, folder: Path) -> None:
    with contextlib.suppress(OSError):  # a file may stand in for the folder above it: then it is missing already
        _remove(_place(random, folder))


def _huge(random: Random, folder: Path) -> None:
    path = _cleared(random, folder)
    path.touch()
    os.truncate(path, random.choice(HUGE))


def _closed(random: Random, folder: Path) -> None:
    path = _place(random, folder)
    if path.exists() and _is_own(path):
        path.chmod(random.choice((0, 0o400, 0o200, 0o100)))


def _odd_name(random: Random, folder: Path) -> None:
    inside = random.choice((folder, folder / "clips", folder / "checkpoints"))
    if not inside.is_dir():
        return
    path = os.path.join(os.fsencode(inside), random.choice(ODD_NAMES))
    if random.random() < 0.5:
        Path(os.fsdecode(path)).write_bytes(b"x")
    elif not os.path.lexists(path):
        os.symlink(b"nowhere", path)


def _mutated(random: Random, folder: Path) -> None:
    path = _place(random, folder)
    if path.is_file() and _is_own(path) and path.stat().st_size < 2**20:
        path.write_bytes(mutate_bytes(random, path.read_bytes()))


def _swapped(random: Random, folder: Path) -> None:
    one, other = _place(random, folder), _place(random, folder)
    if one.is_file() and other.is_file() and _is_own(other) and one != other and one.stat().st_size < 2**20:
        shutil.copyfile(one, other)


def _many(random: Random, folder: Path) -> None:
    inside = folder / "clips"
    if inside.is_dir():
        for number in range(random.choice((10, 300))):
            (inside / f"{number}{random.choice(STRANGE_TEXTS[1:3])}").touch()


WAYS: Sequence[Callable[[Random, Path], None]] = (
    *(_link, _link, _hard_link, _pipe, _socket, _device, _folder, _file, _missing, _huge, _closed, _odd_name, _mutated),
    *(_mutated, _swapped, _many),
)
