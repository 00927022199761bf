"""Tries one loader, case after case, in a process that is started anew when it dies or hangs."""

import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.fuzz.judging import CASE, RIGHT, Bench, Kind, Verdict
from tests.benchmarks.fuzz.loaders import Loader
from tests.benchmarks.fuzz.worker import MEMORY_LIMIT, work

START_SECONDS = 120.0
"""A worker has loaded the program by then."""
LOOK_SECONDS = 0.25
"""Between two looks at a worker that does not answer."""
KEPT_ALIKE = 3
"""Inputs that fail for the same reason at the same place, of which so many are kept."""
REASON = "reason.txt"


@dataclass
class Count:
    """What the cases of one loader came to."""

    next: int = 0
    """The number of the case that comes next."""
    peak: int = 0
    """The most bytes that were resident."""
    seconds: float = 0.0
    kinds: dict[str, int] = field(default_factory=lambda: {str(kind): 0 for kind in Kind})

    def add(self, verdict: Verdict, peak: int) -> None:
        """Counts one more case."""
        self.next += 1
        self.peak = max(self.peak, peak)
        self.kinds[verdict.kind] += 1

    @property
    def wrong(self) -> int:
        """Cases that did not come out right."""
        return sum(count for kind, count in self.kinds.items() if kind not in RIGHT)

    def as_json(self) -> dict[str, Any]:
        """The fields, for a file."""
        return asdict(self)


class Driver:
    """Has a worker, and judges what the worker cannot: that it died, hangs, or takes all memory."""

    def __init__(self, loader: Loader, corpus: Path, folder: Path, seed: int) -> None:
        """Cases are made below `folder`; `corpus` is the folder of a whole corpus."""
        self._loader = loader
        self._arguments = (loader, corpus, folder, seed)
        self._folder = folder
        self._process: Any = None
        self._pipe: Any = None

    def run(self, number: int) -> tuple[Verdict, int]:
        """The verdict on one case, and the most memory so far. One that is late is tried once more, alone."""
        verdict, peak = self._try(number)
        if verdict.kind is Kind.HANG:
            self.stop()
            verdict, peak = self._try(number)
        if verdict.kind not in RIGHT:
            # what a wrong case left in the process must not decide about the next
            self.stop()
        return verdict, peak

    def stop(self) -> None:
        """Ends the worker. A later case starts another one."""
        if self._process is not None:
            self._pipe.close()
            self._process.kill()
            self._process.join()
            self._process = None

    def _try(self, number: int) -> tuple[Verdict, int]:
        if self._process is None:
            self._start()
        try:
            self._pipe.send(number)
            until = time.monotonic() + self._loader.seconds
            while not self._pipe.poll(LOOK_SECONDS):
                if (resident := _resident(self._process.pid)) > MEMORY_LIMIT:
                    self.stop()
                    return Verdict(Kind.MEMORY, f"{resident >> 20:,} MiB were resident, and it was not done"), resident
                if time.monotonic() > until:
                    self.stop()
                    return Verdict(Kind.HANG, f"was not done after {self._loader.seconds:.0f} s"), 0
            verdict, peak = self._pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            code = self._process.exitcode
            self.stop()
            how = signal.Signals(-code).name if code is not None and code < 0 else f"status {code}"
            return Verdict(Kind.SIGNAL, f"the process ended with {how}"), 0
        return verdict, peak

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, *self._arguments), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(START_SECONDS):
            raise TimeoutError(f"the worker for '{self._loader.name}' does not start")
        self._pipe.recv()


class Keeper:
    """Keeps inputs that came out wrong, each in a folder with the reason beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._alike: dict[str, int] = {}

    def keep(self, loader: Loader, number: int, verdict: Verdict, bench: Bench) -> None:
        """Makes the case again and keeps it, unless there are enough of its kind."""
        alike = f"{loader.name} {verdict.kind} {verdict.reason.partition(':')[0]}"
        self._alike[alike] = self._alike.get(alike, 0) + 1
        if self._alike[alike] > KEPT_ALIKE:
            return
        bench.make(loader, number)
        target = self._folder / f"{loader.name}-{number}"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        os.rename(bench.case, target / CASE)
        (target / REASON).write_text(f"{verdict.kind}: {verdict.reason}\n", encoding="utf-8")


def drive(
    driver: Driver, count: Count, numbers: Iterable[int], on_case: Callable[[int, Verdict], None] = lambda *_: None
) -> None:
    """Tries the cases of these numbers, and counts them."""
    try:
        for number in numbers:
            began = time.monotonic()
            verdict, peak = driver.run(number)
            count.add(verdict, peak)
            count.seconds += time.monotonic() - began
            on_case(number, verdict)
    finally:
        driver.stop()


def _resident(process: int) -> int:
    """Bytes that a process has in memory; 0 where the system does not say so in a file."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
