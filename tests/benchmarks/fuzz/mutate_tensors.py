"""Mutations of safetensors: headers that lie, and whole files with arrays that we do not write."""

import json
import struct
from random import Random
from typing import Any

import numpy as np

from tests.benchmarks.fuzz.mutate_bytes import STRANGE_TEXTS, mutate_bytes, several
from tests.benchmarks.fuzz.mutate_json import Pairs, mutate_value, parse, text_of

META = "__metadata__"
DTYPES = (
    "F32",
    "F64",
    "I32",
    "I64",
    "U8",
    "BOOL",
    "F16",
    "BF16",
    "I8",
    "I16",
    "U16",
    "U32",
    "U64",
    "F8_E4M3",
    "C64",
    "f32",
)
LENGTHS = (0, 1, 2, 3, 5, 100)
SIZES = (0, 1, 2, 3, 4, 7, 100, -1, 2**31, 2**32, 2**62, 2**63, 2**64, 1.5)
SPECIAL = (np.nan, np.inf, -np.inf, 1e300, -1e300, 1e38, 1e-320, 0.0, -1.0, 255.0, 2.0**31, 2.0**62)
DTYPE_OF = {"F32": np.float32, "F64": np.float64, "I32": np.int32, "I64": np.int64, "U8": np.uint8, "BOOL": np.bool_}
"""Of arrays that can be mutated and written again, by the words of safetensors."""

Arrays = dict[str, np.ndarray]


def mutate_tensors(random: Random, content: bytes, other: bytes = b"") -> bytes:
    """Some mutations of a safetensors file."""
    way = random.random()
    if way < 0.2:
        return mutate_bytes(random, content, other)
    arrays, meta = read(content)
    if way < 0.6:
        return write(mutate_arrays(random, arrays), mutate_meta(random, meta) if random.random() < 0.5 else meta)
    return _lie(random, write(arrays, meta))


def read(content: bytes) -> tuple[Arrays, dict[str, str]]:
    """The arrays and meta data of a file that is whole."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    data = content[8 + length :]
    meta = header.pop(META, {})
    arrays = {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], DTYPE_OF[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
    }
    return arrays, meta


def write(arrays: Arrays, meta: dict[str, Any]) -> bytes:
    """A file whose header says what is in it, whatever that is; arrays of other types are named as they are."""
    names = {np.dtype(kind): name for name, kind in DTYPE_OF.items()}
    names |= {
        np.dtype(np.float16): "F16",
        np.dtype(np.int8): "I8",
        np.dtype(np.uint16): "U16",
        np.dtype(np.uint64): "U64",
    }
    header: dict[str, Any] = {META: meta} if meta else {}
    parts, at = [], 0
    for name, array in arrays.items():
        part = np.ascontiguousarray(array).tobytes()
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    return _joined(json.dumps(header).encode(), b"".join(parts))


def mutate_arrays(random: Random, arrays: Arrays) -> Arrays:
    """Some arrays dropped, renamed, of another shape, type or with other numbers."""
    arrays = dict(arrays)
    for _ in range(several(random)):
        if not arrays:
            break
        name = random.choice(list(arrays))
        way = random.randrange(10)
        if way == 0:
            del arrays[name]
        elif way == 1:
            other = random.choice((*STRANGE_TEXTS, f"{name}0", *arrays))
            arrays[other] = arrays.pop(name)
        elif way == 2:
            arrays[f"{name}.{random.choice(LENGTHS)}"] = arrays[name]
        elif way == 3:
            with np.errstate(all="ignore"):
                arrays[name] = arrays[name].astype(random.choice((*DTYPE_OF.values(), np.float16, np.int8, np.uint64)))
        elif way in (4, 5):
            arrays[name] = _reshaped(random, arrays[name])
        else:
            arrays[name] = _with_others(random, arrays[name])
    return arrays


def mutate_meta(random: Random, meta: dict[str, str]) -> dict[str, Any]:
    """Some texts that are other texts, or none."""
    changed: dict[str, Any] = dict(meta)
    for _ in range(several(random)):
        name = random.choice((*changed, "x"))
        way = random.randrange(4)
        if way == 0:
            changed.pop(name, None)
        elif way == 1:
            changed[name] = random.choice((None, 3, ["x"], {"a": "b"}, True))
        elif way == 2 and changed.get(name):
            text = str(changed[name])
            changed[name] = mutate_bytes(random, text.encode("utf-8", "replace")).decode("utf-8", "replace")
        else:
            changed[name] = random.choice(STRANGE_TEXTS)
    return changed


def _reshaped(random: Random, array: np.ndarray) -> np.ndarray:
    way = random.randrange(6)
    if way == 0:
        return array.reshape(-1)
    if way == 1:
        return array[None]
    if way == 2:
        return array.T
    if way == 3:
        return np.zeros([random.choice(LENGTHS) for _ in range(random.randrange(5))], array.dtype)
    shape = list(array.shape)
    if not shape:
        return np.zeros(random.choice(LENGTHS), array.dtype)
    shape[random.randrange(len(shape))] = random.choice((*LENGTHS, shape[0] + 1))
    return np.resize(array, shape) if array.size else np.zeros(shape, array.dtype)


def _with_others(random: Random, array: np.ndarray) -> np.ndarray:
    changed = np.array(array)
    with np.errstate(all="ignore"):
        special = np.asarray(random.choice(SPECIAL)).astype(array.dtype)
    if not changed.size or random.random() < 0.1:
        return np.full_like(changed, special)
    flat = changed.reshape(-1)
    for _ in range(random.choice((1, 1, 4, 100))):
        flat[random.randrange(flat.size)] = special
    return changed


def _lie(random: Random, content: bytes) -> bytes:
    """A header that is not true."""
    length = struct.unpack("<Q", content[:8])[0]
    header: Pairs = parse(content[8 : 8 + length])
    data = content[8 + length :]
    for _ in range(several(random)):
        entries = [item for _, item in header if isinstance(item, Pairs)]
        way = random.randrange(6)
        if way == 0 or not entries:
            header = mutate_value(random, header)
            if not isinstance(header, Pairs):
                break
            continue
        _set(random, random.choice(entries), way)
    text = text_of(header).encode("utf-8", "surrogatepass")
    if random.random() < 0.2:
        return (
            struct.pack("<Q", random.choice((0, 1, len(text) - 1, len(text) + 1, 2**32, 2**63, 2**64 - 1)))
            + text
            + data
        )
    return _joined(text + b" " * random.choice((0, 0, 3, 100)), data + random.choice((b"", b"", b"\0", b"x" * 100)))


def _set(random: Random, entry: Pairs, way: int) -> None:
    """Another type, shape or place of one array."""
    if way == 1:
        key, value = "dtype", random.choice(DTYPES)
    elif way in (2, 3):
        key, value = "shape", [random.choice(SIZES) for _ in range(random.choice((0, 1, 2, 3, 9, 40)))]
    else:
        key, value = "data_offsets", [random.choice((0, 4, 8, 100, 2**40, 2**63, 2**64 - 1, -4)) for _ in range(2)]
    entry[:] = [(name, old) for name, old in entry if name != key] + [(key, value)]


def _joined(header: bytes, data: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + data
