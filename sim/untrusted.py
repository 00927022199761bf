"""Reads what a stranger may have made: regular files alone, of limited size, depth and types.

Whoever sends a session or a bundle decides about every byte of it. So nothing here follows a link, waits for a pipe,
reads an endless device, or allocates what a header merely claims.
"""

import contextlib
import json
import os
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from sim.errors import UserError, one_line

MIB = 1 << 20
JSON_LIMIT = 4 * MIB
"""Bytes of a JSON document that we write; a session's largest is far smaller."""
JSON_DEPTH = 64
"""Objects and lists inside each other; ours have fewer than ten."""
HEADER_LIMIT = 16 * MIB
"""Bytes of a safetensors file's own header, which holds a trainer's meta data."""
DTYPES = frozenset({"F32", "F64", "I32", "I64", "U8", "BOOL"})
"""Of the arrays that we write, in the words of safetensors."""
SHOWN = 60
"""Characters of a name or a value in a message."""
LENGTH_BYTES = 8
"""At the beginning of a safetensors file: how long its header is."""
META = "__metadata__"
OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A link is refused, and a pipe that nobody writes to is not waited for."""
KINDS = (
    (stat.S_ISREG, "a regular file"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISLNK, "a link"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

Tensors = dict[str, np.ndarray]


class UntrustedError(UserError):
    """A file is not of the kind, size or form that we write. Names the file, what was found and what was wanted."""


def kind_of(mode: int) -> str:
    """What a file mode (`st_mode`) says that a path is, in a few words."""
    return next((words for holds, words in KINDS if holds(mode)), "something unknown")


def read_file(path: Path, limit: int) -> bytes:
    """The contents of a regular file of at most `limit` bytes.

    Raises:
        UntrustedError: it is a link, a pipe, a device or a folder, or larger.
        OSError: it is missing or cannot be read.
    """
    try:
        descriptor = os.open(path, OPEN_FLAGS)
    except OSError:
        found = None
        with contextlib.suppress(OSError):
            found = path.lstat().st_mode
        if found is not None and not stat.S_ISREG(found):
            _refuse_kind(path, found)
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        _refuse_kind(path, status.st_mode)
    with open(descriptor, "rb") as file:
        if status.st_size > limit:
            raise UntrustedError(f"'{path}' has {status.st_size:,} bytes, wanted at most {limit:,}.")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise UntrustedError(f"'{path}' has more than {limit:,} bytes, and grows.")
    return content


def parse_json(content: bytes | str, limit: int = JSON_LIMIT, depth: int = JSON_DEPTH, *, finite: bool = True) -> Any:
    """A JSON value of limited length and depth, without lone surrogates.

    Args:
        content: the text.
        limit: most bytes or characters.
        depth: most objects and lists inside each other.
        finite: whether NaN, Infinity and numbers that are as good as infinite are refused; JSON itself has none.

    Raises:
        ValueError: it is none; says what was found and what was wanted.
    """
    if len(content) > limit:
        raise ValueError(f"it has {len(content):,} characters, wanted at most {limit:,}")
    text = content.decode("utf-8") if isinstance(content, bytes) else content
    if _depth(text, depth) > depth:
        raise ValueError(f"its values are more than {depth} deep inside each other, wanted at most {depth}")
    value = json.loads(text, **(FINITE if finite else {}))
    if "\\u" in text:
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate is a UnicodeEncodeError, a ValueError
    return value


def read_json(path: Path, limit: int = JSON_LIMIT) -> Any:
    """The JSON value in a file.

    Raises:
        UntrustedError: it is no regular file, too large, or no JSON as we write it.
        OSError: it is missing or cannot be read.
    """
    try:
        return parse_json(read_file(path, limit), limit)
    except ValueError as error:
        raise UntrustedError(f"'{path}' is no JSON, perhaps cut short: {one_line(error)}.") from error


def parse_tensors(content: bytes, dtypes: Collection[str] = DTYPES) -> tuple[Tensors, dict[str, str]]:
    """The arrays and the meta data of a safetensors file.

    Args:
        content: the whole file.
        dtypes: the types of arrays that are accepted, in the words of safetensors.

    Raises:
        ValueError: it is none, or has an array of another type.
    """
    length = int.from_bytes(content[:LENGTH_BYTES], "little")
    if len(content) < LENGTH_BYTES or length > min(len(content) - LENGTH_BYTES, HEADER_LIMIT):
        raise ValueError("its header is cut short or too long")
    header = parse_json(content[LENGTH_BYTES : LENGTH_BYTES + length], HEADER_LIMIT)
    if not isinstance(header, dict):
        raise ValueError("its header is no JSON object")
    meta = header.pop(META, {})
    if not isinstance(meta, dict) or not all(isinstance(value, str) for value in meta.values()):
        raise ValueError(f"its {META} is not text by names")
    for name, entry in header.items():
        found = entry.get("dtype") if isinstance(entry, dict) else None
        if not isinstance(found, str) or found not in dtypes:
            wanted = ", ".join(sorted(dtypes))
            raise ValueError(
                f"'{one_line(name, SHOWN)}' has type {one_line(repr(found), SHOWN)}, wanted one of {wanted}"
            )
    try:
        tensors = safetensors.numpy.load(content)
    except (SafetensorError, KeyError, TypeError, AttributeError, OverflowError, MemoryError) as error:
        raise ValueError(one_line(error)) from error
    return tensors, meta


def read_tensors(path: Path, limit: int, dtypes: Collection[str] = DTYPES) -> tuple[Tensors, dict[str, str]]:
    """The arrays and the meta data of a safetensors file on the disk.

    Raises:
        UntrustedError: it is no regular file, too large, or has arrays that we do not write.
        OSError: it is missing or cannot be read.
    """
    try:
        return parse_tensors(read_file(path, limit), dtypes)
    except ValueError as error:
        raise UntrustedError(f"'{path}' is no readable safetensors file: {one_line(error)}.") from error


def _depth(text: str, most: int) -> int:
    """How deep brackets lie inside each other, those in texts left out; stops counting above `most`."""
    depth = deepest = 0
    in_text = escaped = False
    for character in text:
        if in_text:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_text = False
        elif character == '"':
            in_text = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > most:
                return deepest
        elif character in "]}":
            depth -= 1
    return deepest


def _finite(text: str) -> float:
    value = float(text)
    if not np.isfinite(value):
        raise ValueError(f"the number {text[:20]} is too large")
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


FINITE: dict[str, Any] = {"parse_constant": _refuse_constant, "parse_float": _finite}
"""How `json.loads` refuses what is no JSON."""


def _refuse_kind(path: Path, mode: int) -> NoReturn:
    raise UntrustedError(f"'{path}' is {kind_of(mode)}, wanted {KINDS[0][1]}.")
