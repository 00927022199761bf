"""The process that loads cases: a line `LOADER NUMBER` in, a JSON line with the verdict out. It may die of a case."""

import contextlib
import json
import logging
import os
import random
import resource
import sys
import traceback
import warnings
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from sim.errors import UserError
from tests.benchmarks.fuzz.replace import CANARY, empty

CASE, CORPUS = "case", "corpus"
MEMORY = 2 << 30
"""Bytes that a case may take beyond what the process has."""
SECRET = b"nothing may change this\n"


class Verdict(StrEnum):
    """What came of a case; all but the first two are wrong."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    ERROR = "errors of ours"
    SIGNAL = "signals"
    HANG = "hangs"
    MEMORY = "too much memory"
    OUTSIDE = "touched outside"


RIGHT = (Verdict.ACCEPTED, Verdict.REFUSED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one case."""

    verdict: Verdict
    reason: str = ""
    """What it was refused or failed with."""
    where: str = ""
    """The innermost line of ours that an error passed."""
    peak: int = 0
    """Bytes of memory beyond what the process had before."""

    @property
    def right(self) -> bool:
        """Whether a loader may do so."""
        return self.verdict in RIGHT


def case_rng(seed: int, loader: str, number: int) -> random.Random:
    """The generator of a case, which depends on nothing else."""
    return random.Random(f"{seed} {loader} {number}")


def main() -> None:
    """Loads cases until the input ends: WORK_FOLDER SEED."""
    work, seed = Path(sys.argv[1]), int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    logging.disable()
    warnings.simplefilter("ignore")
    from app.trainers import load_learning
    from tests.benchmarks.fuzz.corpus import make_corpus

    load_learning()
    from tests.benchmarks.fuzz.loaders import LOADERS

    make_corpus(work / CORPUS)
    _limit_memory()
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        name, number = line.split()
        folder = work / CASE
        empty(folder)
        (work / CANARY).mkdir(exist_ok=True)
        (work / CANARY / "secret").write_bytes(SECRET)
        LOADERS[name].make(case_rng(seed, name, int(number)), work / CORPUS, folder)
        print("made", file=answers, flush=True)
        print(json.dumps(asdict(_load(LOADERS[name], folder, work))), file=answers, flush=True)


def _load(loader: Any, folder: Path, work: Path) -> Outcome:
    before, resident = _fingerprint(work), _memory("VmRSS")
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    outcome = _verdict(loader, folder)
    peak = max(_memory("VmHWM") - resident, 0)
    if outcome.right and peak > MEMORY:
        return Outcome(Verdict.MEMORY, f"{peak >> 20} MiB", peak=peak)
    if _fingerprint(work) != before:
        return Outcome(Verdict.OUTSIDE, "something beside the case's folder changed", peak=peak)
    return Outcome(outcome.verdict, outcome.reason, outcome.where, peak)


def _verdict(loader: Any, folder: Path) -> Outcome:
    try:
        loader.load(folder)
    except UserError as error:
        text = str(error)
        if not text or len(text.splitlines()) != 1:
            return Outcome(Verdict.ERROR, f"a message of several lines: {_short(error)}")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return Outcome(Verdict.ERROR, f"a message that cannot be printed: {ascii(text)[:300]}")
        return Outcome(Verdict.REFUSED, _short(error))
    except loader.handled as error:
        return Outcome(Verdict.REFUSED, _short(error))
    except MemoryError as error:
        return Outcome(Verdict.MEMORY, _short(error), _ours(error))
    except BaseException as error:  # noqa: BLE001  whatever it is, it is what is looked for
        return Outcome(Verdict.ERROR, _short(error), _ours(error))
    return Outcome(Verdict.ACCEPTED)


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {ascii(' '.join(str(error).split()))[1:-1][:300]}"


def _ours(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if any(f"{os.sep}{part}{os.sep}" in frame.filename for part in PACKAGES)]
    ours = [frame for frame in ours if not any(part in frame.filename for part in NOT_OURS)]
    return f"{Path(ours[-1].filename).name}:{ours[-1].name}" if ours else ""


NOT_OURS = ("site-packages", f"{os.sep}fuzz{os.sep}")
PACKAGES = ("app", "learning", "sim")


def _limit_memory() -> None:
    """More than the limit fails to be had, also where it would never be touched."""
    most = _memory("VmSize") + 2 * MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _memory(what: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) << 10
    return 0


def _fingerprint(work: Path) -> dict[str, object]:
    """Names of all that lies beside the case, and the contents and times of the canary."""
    secret = work / CANARY / "secret"
    status = secret.stat()
    beside = sorted(path.name for path in work.iterdir())
    inside = sorted(path.name for path in (work / CANARY).iterdir())
    return {"beside": beside, "inside": inside, "time": status.st_mtime_ns, "content": secret.read_bytes()}


if __name__ == "__main__":
    main()
