"""Mutations of any bytes, and the strange numbers and texts that the other mutations share."""

from collections.abc import Callable, Sequence
from random import Random

LARGEST = 1 << 20
"""Bytes: what a mutation makes grows no further."""
WHOLE_NUMBERS = (
    0,
    1,
    2,
    -1,
    25,
    127,
    255,
    65_536,
    2**31 - 1,
    2**31,
    -(2**31),
    2**53 + 1,
    2**63 - 1,
    2**63,
    2**64,
    10**30,
)
REAL_NUMBERS = (0.0, -0.0, 0.5, -1.0, 1e-320, 1e-12, 1e12, 1e38, 1e39, 1e300, 1.7e308, -1.7e308)
OUTSIDE_PATHS = (
    "../canary/secret.txt",
    "../../canary/secret.txt",
    "../canary/other.sqlite3",
    "../canary",
    "/dev/zero",
    "/dev/stdin",
    "/etc/hostname",
    ".",
    "..",
)
"""Of files that nothing in a case may touch, as seen from its folder."""
STRANGE_TEXTS = (
    "",
    "x",
    " ",
    "\x00",
    "a\x00b",
    "\x1b[2J\x1b]0;title\x07",
    "one line\nand another",
    "\r\u2028\u0085",
    "\u202egnp.exe",
    "%s%n{0}{}'\"",
    "é" * 50,
    "\U0001f916",
    "9" * 5000,
    "x" * 300,
    "x" * 100_000,
    "NaN",
    "1e999",
    *OUTSIDE_PATHS,
)


def several(random: Random) -> int:
    """How many mutations one case gets: mostly one or two, sometimes many."""
    return min(1 + int(random.expovariate(0.8)), 12)


def mutate_bytes(random: Random, content: bytes, other: bytes = b"") -> bytes:
    """Some mutations of `content`; `other` is what may be spliced in."""
    for _ in range(several(random)):
        content = random.choice(WAYS)(random, content, other or content)[:LARGEST]
    return content


def _range(random: Random, content: bytes) -> tuple[int, int]:
    """Where a piece begins and ends; mostly a short one."""
    start = random.randint(0, len(content))
    longest = random.choice((4, 32, 512, len(content)))
    return start, min(len(content), start + random.randint(0, longest))


def _flip(random: Random, content: bytes, other: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 8, 64)) if changed else 0):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _set(random: Random, content: bytes, other: bytes) -> bytes:
    start, end = _range(random, content)
    return (
        content[:start]
        + bytes([random.choice((0, 1, 0x7F, 0x80, 0xFF, 0x22, 0x5B, 0x7B))]) * (end - start)
        + content[end:]
    )


def _number(random: Random, content: bytes, other: bytes) -> bytes:
    size = random.choice((1, 2, 4, 8))
    number = random.choice(WHOLE_NUMBERS) % (1 << (8 * size))
    start = random.choice((0, random.randint(0, len(content))))
    return content[:start] + number.to_bytes(size, random.choice(("little", "big"))) + content[start + size :]


def _insert(random: Random, content: bytes, other: bytes) -> bytes:
    start = random.randint(0, len(content))
    return content[:start] + random.randbytes(random.choice((1, 2, 8, 64, 1000))) + content[start:]


def _delete(random: Random, content: bytes, other: bytes) -> bytes:
    start, end = _range(random, content)
    return content[:start] + content[end:]


def _truncate(random: Random, content: bytes, other: bytes) -> bytes:
    return content[: random.choice((0, 1, 7, 8, 9, 100, len(content) - 1, random.randint(0, len(content))))]


def _duplicate(random: Random, content: bytes, other: bytes) -> bytes:
    start, end = _range(random, content)
    return content[:end] + content[start:end] * random.choice((1, 1, 2, 100)) + content[end:]


def _splice(random: Random, content: bytes, other: bytes) -> bytes:
    start, end = _range(random, other)
    at = random.randint(0, len(content))
    return content[:at] + other[start:end] + content[at + (end - start if random.random() < 0.5 else 0) :]


WAYS: Sequence[Callable[[Random, bytes, bytes], bytes]] = (
    _flip,
    _flip,
    _set,
    _number,
    _insert,
    _delete,
    _truncate,
    _duplicate,
    _splice,
)
