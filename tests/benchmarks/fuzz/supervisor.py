"""Runs cases in a worker process, and starts it anew when it dies or hangs."""

import json
import queue
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.benchmarks.fuzz.worker import CASE, Outcome, Verdict

CASE_SECONDS = 10.0
"""A loader that takes longer hangs."""
START_SECONDS = 120.0
"""For loading torch, and for making the corpus."""
READY, MADE = "ready", "made"


class Supervisor:
    """A worker that can be asked again and again. Use it as a context manager."""

    def __init__(self, work: Path, seed: int) -> None:
        """Cases are made in `work`, where the corpus is made first unless it is there."""
        self._work, self._seed = work, seed
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        work.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def run(self, loader: str, number: int) -> Outcome:
        """What comes of a case."""
        process = self._process or self._start()
        assert process.stdin is not None
        process.stdin.write(f"{loader} {number}\n")
        process.stdin.flush()
        made = self._line(START_SECONDS)
        if made != MADE:
            raise RuntimeError(f"case {number} of {loader} could not be made: {self._end()} {self._complaint()}")
        line = self._line(CASE_SECONDS)
        if line is None:
            self._end()
            return Outcome(Verdict.HANG, f"not loaded within {CASE_SECONDS:.0f} s")
        if line == "":
            status = self._end()
            name = signal.Signals(-status).name if status < 0 else f"exit status {status}"
            return Outcome(Verdict.SIGNAL, name)
        fields = json.loads(line)
        return Outcome(**fields | {"verdict": Verdict(fields["verdict"])})

    def keep(self, loader: str, number: int, outcome: Outcome, folder: Path) -> None:
        """Keeps the input of the case that was run last."""
        target = folder / f"{loader}-{number}"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in (self._work / CASE).iterdir():
            if path.is_symlink():
                (target / path.name).symlink_to(path.readlink())
            elif path.is_file():
                shutil.copyfile(path, target / path.name)
        (target / "reason.txt").write_text(f"{outcome.verdict}: {outcome.reason} {outcome.where}\n", encoding="utf-8")

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.benchmarks.fuzz.worker", str(self._work), str(self._seed)]
        self._errors = (self._work / "worker-stderr.txt").open("w", encoding="utf-8")
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True
        )
        self._process, self._lines = process, queue.Queue()
        threading.Thread(target=_listen, args=(process, self._lines), daemon=True).start()
        if self._line(START_SECONDS) != READY:
            raise RuntimeError(f"the worker did not start: {self._end()} {self._complaint()}")
        return process

    def _complaint(self) -> str:
        return (self._work / "worker-stderr.txt").read_text(encoding="utf-8")[-2000:]

    def _line(self, seconds: float) -> str | None:
        """The next line; empty if the worker ended, None if there is none in time."""
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return None

    def _end(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.poll() is None:
            try:
                process.wait(0.5)
            except subprocess.TimeoutExpired:
                process.kill()
        self._errors.close()
        status = process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        return status


def _listen(process: subprocess.Popen[str], lines: "queue.Queue[str]") -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            lines.put(line.strip())
    except ValueError:
        pass  # closed meanwhile
    lines.put("")
