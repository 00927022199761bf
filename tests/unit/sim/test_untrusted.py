"""Files that a stranger may have made: refused in one line, without following, waiting or allocating."""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from sim.errors import UserError, one_line, printable
from sim.untrusted import JSON_DEPTH, UntrustedError, parse_json, parse_tensors, read_file, read_json, read_tensors

LIMIT = 1000
WAYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "link": (lambda path: path.symlink_to("/etc/hostname"), "is a link"),
    "broken link": (lambda path: path.symlink_to("nowhere"), "is a link"),
    "pipe": (os.mkfifo, "is a pipe"),
    "folder": (os.mkdir, "is a folder"),
    "endless device": (lambda path: path.symlink_to("/dev/zero"), "is a link"),
    "large": (lambda path: path.write_bytes(b"x" * (LIMIT + 1)), "wanted at most 1,000"),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_no_regular_file_of_our_size_is_refused(tmp_path: Path, way: str) -> None:
    path = tmp_path / "file"
    make, words = WAYS[way]
    make(path)
    with pytest.raises(UntrustedError, match=words) as caught:
        read_file(path, LIMIT)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_device_is_refused_though_it_has_no_size() -> None:
    with pytest.raises(UntrustedError, match="is a device"):
        read_file(Path("/dev/zero"), LIMIT)


def test_what_is_not_there_stays_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "none", LIMIT)


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * LIMIT)
    assert read_file(tmp_path / "file", LIMIT) == b"x" * LIMIT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "deep"),
        ("[" * (JSON_DEPTH + 1) + "]" * (JSON_DEPTH + 1), "deep"),
        ('{"a": NaN}', "NaN"),
        ("[-Infinity]", "Infinity"),
        ("1e999", "too large"),
        ('"\\ud800"', "surrogate"),
        ("[" + "1," * 5_000_000 + "1]", "wanted at most"),
        ("9" * 10_000, "digits"),
        ("{", "Expecting"),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_json_has_limits(text: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_json(text)


def test_brackets_in_a_text_are_no_depth() -> None:
    value = {"a": "[" * 1000 + '\\"' + "{" * 1000, "b": [[1.5, None]]}
    assert parse_json(json.dumps(value)) == value


def test_numbers_that_were_never_measured_can_be_let_pass() -> None:
    (value,) = parse_json("[NaN]", finite=False)
    assert value != value


def test_a_file_of_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[[")
    with pytest.raises(UntrustedError, match=r"x\.json' is no JSON, perhaps cut short"):
        read_json(tmp_path / "x.json")


def header(content: bytes, **change: object) -> bytes:
    """A safetensors file whose only array's entry is changed."""
    length = struct.unpack("<Q", content[:8])[0]
    found = json.loads(content[8 : 8 + length])
    found["a"] |= change
    text = json.dumps(found).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


WHOLE = safetensors.numpy.save({"a": np.arange(4, dtype=np.float32)}, {"format": "1"})


@pytest.mark.parametrize(
    "content",
    [
        header(WHOLE, dtype="BF16", shape=[8]),
        header(WHOLE, dtype="F8_E5M2", shape=[16]),
        header(WHOLE, dtype=3),
        header(WHOLE, dtype=["F32"]),
        header(WHOLE, shape=[2**62, 2**62]),
        header(WHOLE, shape=[-4]),
        header(WHOLE, data_offsets=[0, 2**60]),
        struct.pack("<Q", 2**63) + WHOLE[8:],
        WHOLE[:5],
        WHOLE[:-1],
        b"",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 21) + b'{"__metadata__": {"a": 1}}'[:21],
        struct.pack("<Q", 2 * 5000) + b"[" * 10000,
    ],
)
def test_arrays_that_we_do_not_write_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_tensors(content)


def test_our_own_arrays_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(WHOLE)
    arrays, meta = read_tensors(tmp_path / "a.safetensors", LIMIT)
    assert arrays["a"].tolist() == [0.0, 1.0, 2.0, 3.0] and meta == {"format": "1"}
    with pytest.raises(UntrustedError, match="has type 'F32', wanted one of F64"):
        read_tensors(tmp_path / "a.safetensors", LIMIT, {"F64"})


def test_a_sentence_quotes_no_more_than_a_line(tmp_path: Path) -> None:
    text = json.dumps({"x" * 100_000: {"dtype": "F3" * 5000, "shape": "y" * 9000, "data_offsets": [0, 0]}}).encode()
    for content in (
        struct.pack("<Q", len(text)) + text,
        header(WHOLE, shape="y" * 9000),
        header(WHOLE, dtype="\x1b[2J"),
    ):
        (tmp_path / "a").write_bytes(content)
        with pytest.raises(UntrustedError, match="is no readable safetensors file") as caught:
            read_tensors(tmp_path / "a", 1 << 20)
        assert str(caught.value).isprintable() and len(str(caught.value)) < 500 + len(str(tmp_path))


def test_what_cannot_be_printed_is_told_in_escapes() -> None:
    assert printable("a\x1b[2J\n\ud800é\u202e") == r"a\x1b[2J\n\ud800é\u202e" and printable("ä b") == "ä b"
    assert str(UserError("'two\nlines' is wrong.")) == r"'two\nlines' is wrong."
    assert one_line(ValueError("one\n  two\x07...")) == r"one two\x07" and one_line("x" * 300) == "x" * 200 + "..."
