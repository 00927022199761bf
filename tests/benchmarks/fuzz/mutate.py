"""Mutations of bytes, JSON, safetensors and XML. Each is a function of a generator, so a case can be repeated."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import safetensors.numpy

Rng = random.Random
EXTREME: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**400, 0.5, -0.0, 1e308, 1e-320, float("nan"),
    float("inf"), "", "x" * 100_000, "\ud800", "\x00", "../../canary/secret", "/etc/passwd", "two\nlines", [], {},
    [[]], {"": None}, [None] * 1000,
)  # fmt: skip
"""Values that stand in for others."""
DEPTHS = (100, 2_000, 200_000)
MOST_CHANGES = 3
DTYPES = ("F64", "F32", "F16", "BF16", "I64", "I32", "I8", "U8", "U64", "BOOL", "F8_E4M3", "C64", "X99", "")
SHAPES: tuple[Any, ...] = (
    [],
    [0],
    [-1],
    [1],
    [2**62, 4],
    [2**31, 2**31],
    [10**30],
    [1.5],
    None,
    "3",
    [3, 0],
)
NUMBERS = ("0", "-1", "1e308", "-1e308", "1e-320", "nan", "inf", "1e9", "2147483648", "x", "", "0 0 0", "1 " * 10_000)
ELEMENTS = (
    '<include file="../canary/secret"/>', '<include file="/etc/passwd"/>', '<include file="model.xml"/>',
    '<body><freejoint/></body>', '<geom type="mesh" mesh="no"/>', '<asset><mesh file="../canary/secret"/></asset>',
    '<asset><texture name="t" type="2d" builtin="flat" width="100000" height="100000"/></asset>',
    '<replicate count="1000000"><geom size="1"/></replicate>', '<size memory="100G"/>',
    '<size nuserdata="2000000000"/>',
    '<asset><hfield name="h" nrow="40000" ncol="40000" size="1 1 1 1"/></asset>', '<plugin plugin="no"/>',
    '<option timestep="0" iterations="2000000000"/>', '<frame>' * 2_000,
)  # fmt: skip


def mutate_bytes(rng: Rng, content: bytes) -> bytes:
    """Flips, inserts, deletes, truncates, duplicates or splices, once or a few times."""
    data = bytearray(content)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        at = rng.randrange(len(data) + 1)
        width = min(rng.choice((1, 1, 2, 8, 64, 4096)), len(data))
        kind = rng.randrange(6)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at:at] = rng.randbytes(width)
        elif kind == 2:
            del data[at : at + width]
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            data[at:at] = data[at : at + width]
        else:
            source = rng.randrange(len(data) + 1)
            data[at : at + width] = data[source : source + width]
    return bytes(data)


def mutate_value(rng: Rng, value: Any) -> Any:
    """One place of a JSON value replaced, removed, renamed, repeated or wrapped."""
    places = list(_places(value))
    if not places:
        return rng.choice(EXTREME)
    holder, key = rng.choice(places)
    kind = rng.randrange(6)
    if kind <= 2:
        holder[key] = rng.choice(EXTREME)
    elif kind == 3:
        del holder[key]
    elif kind == 4 and isinstance(holder, dict):
        holder[rng.choice(("", "extra", "__class__", "\ud800", "format"))] = holder.pop(key)
    elif isinstance(holder, list):
        holder.append(holder[key])
    else:
        holder[key] = [holder[key]]
    return value


def mutate_json(rng: Rng, text: bytes) -> bytes:
    """A JSON text with other values, or nested deeply, or with other bytes."""
    kind = rng.randrange(10)
    if kind == 0:
        depth = rng.choice(DEPTHS)
        return b"[" * depth + b"]" * depth if rng.random() < 0.5 else b'{"a":' * depth + b"1" + b"}" * depth
    if kind <= 2:
        return mutate_bytes(rng, text)
    value = json.loads(text)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        value = mutate_value(rng, value)
    return json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def mutate_safetensors(rng: Rng, content: bytes) -> bytes:
    """Another header before the same arrays, or other bytes anywhere."""
    way = rng.random()
    if way < 0.2:
        return mutate_bytes(rng, content)
    if way < 0.6:
        return _other_arrays(rng, content)
    length = int.from_bytes(content[:8], "little")
    header, body = json.loads(content[8 : 8 + length]), content[8 + length :]
    names = [name for name in header if name != "__metadata__"]
    for _ in range(rng.randint(1, 2)):
        entry = header.get(rng.choice(names))
        if not isinstance(entry, dict):
            continue
        kind = rng.randrange(8)
        if kind == 0:
            entry["dtype"] = rng.choice(DTYPES)
        elif kind == 1:
            entry["shape"] = rng.choice(SHAPES)
        elif kind == 2:
            begin = rng.choice((0, -1, 8, len(body), 2**63, 2**64))
            entry["data_offsets"] = [begin, begin + rng.choice((0, 8, -8, len(body)))]
        elif kind == 3 and isinstance(entry.get("shape"), list):
            entry["shape"] = [*reversed(entry["shape"])]
        elif kind == 4:
            other = header.get(rng.choice(names))
            if isinstance(other, dict):
                entry.update(json.loads(json.dumps(other)))
        elif kind == 5:
            header.pop(rng.choice(names), None)
        elif kind == 6:
            body = poison(rng, body)
        else:
            header = mutate_value(rng, header)
            if not isinstance(header, dict):
                break
    text = json.dumps(header).encode()
    claimed = rng.choice((2**63, 0, len(text) + 1)) if rng.random() < 0.05 else len(text)
    return claimed.to_bytes(8, "little") + text + body


def _other_arrays(rng: Rng, content: bytes) -> bytes:
    """A file that is in order, with an array of another type, shape or content, or of another name."""
    length = int.from_bytes(content[:8], "little")
    about = json.loads(content[8 : 8 + length]).get("__metadata__")
    arrays = safetensors.numpy.load(content)
    for _ in range(rng.randint(1, MOST_CHANGES)):
        name = rng.choice(sorted(arrays))
        kind = rng.randrange(8)
        if kind == 0 and len(arrays) > 1:
            del arrays[name]
        elif kind == 1:
            arrays[rng.choice(("", "weight.99", "extra", "a\nb"))] = arrays.pop(name)
        elif kind == 2 and about:
            key = rng.choice(sorted(about))
            about[key] = rng.choice(("", "nan", "1e999", "-1", "{}", "[" * 2_000, "null", "9" * 5_000))
        else:
            arrays[name] = other_array(rng, arrays[name])
    return safetensors.numpy.save(arrays, about)


def other_array(rng: Rng, array: np.ndarray) -> np.ndarray:
    """An array of another type, shape or content."""
    changes: tuple[Callable[[], np.ndarray], ...] = (
        lambda: array.astype(rng.choice((np.float64, np.float32, np.int64, np.uint8, np.bool_))),
        lambda: array.reshape(-1),
        lambda: array.reshape(-1)[:0],
        lambda: array[..., None],
        lambda: np.repeat(array, 2, axis=0) if array.ndim else array,
        lambda: array.T,
        lambda: np.full_like(array, rng.choice((0, 1, 127))),
        lambda: _filled(array, rng.choice((np.nan, np.inf, -np.inf, 1e300, 1e30, 1e-300))),
        lambda: np.zeros((3, 0, 2)),
        lambda: np.array(1.0),
    )
    with np.errstate(all="ignore"):
        # an array without axes stays one, as `numpy.ascontiguousarray` would not have it
        return np.array(rng.choice(changes)(), order="C")


def _filled(array: np.ndarray, value: float) -> np.ndarray:
    return np.full(array.shape, value, array.dtype if array.dtype.kind == "f" else np.float64)


def poison(rng: Rng, body: bytes) -> bytes:
    """Some eight bytes replaced by those of a number that is not finite, huge or negative."""
    at = 8 * rng.randrange(max(len(body) // 8, 1))
    words = (b"\xff" * 8, b"\x00" * 6 + b"\xf0\x7f", b"\x00\x00\x80\x7f" * 2, b"\xff" * 7 + b"\x7f", b"\x00" * 8)
    return body[:at] + rng.choice(words) + body[at + 8 :]


def mutate_xml(rng: Rng, content: bytes) -> bytes:
    """An MJCF text with other attributes, with other elements, or with other bytes."""
    kind = rng.randrange(8)
    if kind == 0:
        return mutate_bytes(rng, content)
    if kind == 1:
        entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
        return f'<!DOCTYPE m [<!ENTITY e0 "lol">{entities}]><mujoco model="&e9;"/>'.encode()
    text = content.decode()
    for _ in range(rng.randint(1, MOST_CHANGES)):
        text = _other_attribute(rng, text) if kind < 6 else _with_element(rng, text)
    return text.encode()


def _other_attribute(rng: Rng, text: str) -> str:
    found = list(re.finditer(r'(\w+)="([^"]*)"', text))
    chosen = rng.choice(found)
    value = rng.choice(NUMBERS) if rng.random() < 0.7 else rng.choice(found)[2]
    return text[: chosen.start(2)] + value + text[chosen.end(2) :]


def _with_element(rng: Rng, text: str) -> str:
    ends = [match.end() for match in re.finditer(">", text)]
    at = rng.choice(ends)
    return text[:at] + rng.choice(ELEMENTS) + text[at:]


def _places(value: Any) -> list[tuple[Any, Any]]:
    """All (container, key) inside a JSON value."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        if not isinstance(holder, dict | list):
            continue
        for key in holder if isinstance(holder, dict) else range(len(holder)):
            found.append((holder, key))
            waiting.append(holder[key])
    return found


Mutator = Callable[[Rng, bytes], bytes]
