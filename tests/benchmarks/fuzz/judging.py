"""Whether a loader did right by one case: it loads it, or refuses it in one line, and touches nothing else."""

import logging
import os
import shutil
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random

from app.logs import OneLineFormatter
from tests.benchmarks.fuzz.corpus import Corpus
from tests.benchmarks.fuzz.loaders import Loader

LONGEST_MESSAGE = 500
"""Characters, the path of the case's own folder left out."""
OWN_PARTS = ("/app/", "/sim/", "/learning/", "/ui/", "/tests/benchmarks/fuzz/")
TOP = Path(__file__).parents[3]
CASE, CANARY, HERE = "case", "canary", "here"
"""In a worker's folder: the case, what lies beside it, and an empty folder to work in."""


class Kind(StrEnum):
    """How a case came out; all but the first two are wrong."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    ERROR = "errors of ours"
    SIGNAL = "signals"
    HANG = "hangs"
    MEMORY = "too much memory"
    OUTSIDE = "touched outside"


RIGHT = frozenset({Kind.ACCEPTED, Kind.REFUSED})


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one case came out."""

    kind: Kind
    reason: str
    """On one line: what was raised and where, or what is wrong with it."""

    @property
    def is_right(self) -> bool:
        """Whether the loader did right."""
        return self.kind in RIGHT


class Bench:
    """A folder with a canary, in which one case after the other is made and loaded."""

    def __init__(self, folder: Path, corpus: Corpus, seed: int) -> None:
        """Empties `folder` and lets the canary in; `seed` decides all cases."""
        self.case = folder / CASE
        self._folder = folder
        self._corpus = corpus
        self._seed = seed
        clear(folder)
        _release_canary(folder / CANARY, corpus)
        (folder / HERE).mkdir()

    def run(self, loader: Loader, number: int) -> Verdict:
        """Makes and loads the case of that number."""
        self.make(loader, number)
        before = list(self._outside())
        began = time.monotonic()
        verdict = self._load(loader)
        seconds = time.monotonic() - began
        if list(self._outside()) != before:
            return Verdict(Kind.OUTSIDE, f"{_difference(before, list(self._outside()))} ({verdict.reason})")
        if seconds > loader.seconds:
            return Verdict(Kind.HANG, f"took {seconds:.1f} s ({verdict.reason})")
        return verdict

    def make(self, loader: Loader, number: int) -> None:
        """Makes the case, without loading it."""
        clear(self.case)
        loader.make(Random(f"{self._seed}/{loader.name}/{number}"), self._corpus, self.case)

    def _load(self, loader: Loader) -> Verdict:
        try:
            shown = loader.load(self.case)
        except loader.refusals as error:
            strange = self._strange(str(error)) if loader.messages else None
            return Verdict(Kind.ERROR if strange else Kind.REFUSED, strange or "refused")
        except Exception as error:  # noqa: BLE001  that is what is looked for
            return Verdict(Kind.ERROR, f"{type(error).__name__} at {_place(error)}: {ascii(str(error))[:300]}")
        strange = next((found for text in shown if text is not None and (found := self._strange(text))), None)
        return Verdict(Kind.ERROR if strange else Kind.ACCEPTED, strange or "accepted")

    def _strange(self, message: str) -> str | None:
        """What is wrong with a message that the user reads."""
        text = message.replace(str(self.case), "")
        if not text.strip():
            return "a message that says nothing"
        if not text.isprintable():
            return f"a message that is no printable line: {ascii(text)[:300]}"
        if len(text) > LONGEST_MESSAGE:
            return f"a message of {len(text)} characters: {ascii(text)[:300]}"
        return None

    def _outside(self) -> Iterator[tuple[object, ...]]:
        """All that no case may change: names, times and contents."""
        for path in sorted(self._folder.rglob("*")):
            if path.is_relative_to(self.case):
                continue
            status = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            yield str(path), status.st_mode, status.st_size, status.st_mtime_ns if content else 0, content


def clear(folder: Path) -> None:
    """Leaves `folder` empty, whatever was in it."""
    if folder.exists():
        for inside, names, _ in os.walk(folder):
            for name in names:
                if not os.path.islink(os.path.join(inside, name)):
                    os.chmod(os.path.join(inside, name), 0o700)
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


class StrictHandler(logging.Handler):
    """Formats every message as the program's log does, and lets the errors of that out."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(OneLineFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        """Nothing is kept; each line must be printable."""
        lines = self.format(record).encode("utf-8", "backslashreplace").decode().split("\n")
        if not all(line.isprintable() for line in lines):
            raise ValueError(f"a log entry that is not printable: {ascii(lines)[:300]}")


def _release_canary(folder: Path, corpus: Corpus) -> None:
    folder.mkdir()
    (folder / "secret.txt").write_text("nobody's business\n")
    shutil.copyfile(corpus.bundle / "policy.onnx", folder / "weights.bin")
    (folder / "other.sqlite3").write_bytes(b"SQLite format 3\0" + b"\0" * 84)
    (folder / "folder").mkdir()
    (folder / "folder" / "clip.safetensors").write_bytes(b"x" * 100)


def _difference(before: list[tuple[object, ...]], after: list[tuple[object, ...]]) -> str:
    changed = sorted({str(entry[0]) for entry in {*before} ^ {*after}})
    return f"changed outside its folder: {ascii(changed)[:200]}"


def _place(error: Exception) -> str:
    """The last line of ours that an error passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame for frame in frames if any(part in frame.filename for part in OWN_PARTS) and ".venv" not in frame.filename
    ]
    frame = (ours or frames)[-1]
    name = Path(frame.filename)
    return f"{name.relative_to(TOP) if name.is_relative_to(TOP) else name.name}:{frame.lineno} {frame.name}"
