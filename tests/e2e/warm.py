"""A warm process that has loaded the program and forks for each command: a kill then costs a second and not a start.

`python -m tests.e2e.warm` is the server. It reads one request a line from its input and answers each with one line.
"""

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.trainers import load_learning, load_optimiser
from tests.e2e.command import SECONDS, environment

PROGRAM = "app.cli:run"
"""The function that takes a command line and returns an exit status."""
LOADED = (
    "alembic.command",
    "app.bundle",
    "app.cli",
    "app.export",
    "app.replay",
    "app.teach",
    "learning.pressers",
    "learning.teachers",
    "learning.trainer",
    "mujoco",
    "onnxruntime",
    "onnxscript",
    "torch",
    "torch.optim",
)
"""The modules that the server loads before it forks."""
LOOK_SECONDS = 0.01
"""The time between two looks at a process that is waited for."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a forked process ended."""

    returncode: int
    """The exit status, or minus the signal that killed it."""
    stdout: str
    stderr: str


class Forked:
    """A process that the server forked."""

    def __init__(self, warm: "Warm", pid: int, folder: Path) -> None:
        self._warm = warm
        self._folder = folder
        self._returncode: int | None = None
        self.pid = pid

    def poll(self) -> int | None:
        """The exit status; None while the process runs."""
        if self._returncode is None:
            self._returncode = self._warm.ask({"poll": self.pid})["status"]
        return self._returncode

    def kill(self) -> None:
        """Kills the process, which cannot do anything about it."""
        if self.poll() is None:  # until the server has reaped it, its number belongs to nobody else
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, seconds: float = SECONDS) -> Ended:
        """Waits for the end, which must come within `seconds`."""
        deadline = time.monotonic() + seconds
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"no end in {seconds:.0f} s: {self.stderr}")
            time.sleep(LOOK_SECONDS)
        return Ended(status, self.stdout, self.stderr)

    @property
    def stdout(self) -> str:
        """What the process has printed so far."""
        return (self._folder / "stdout").read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """What the process has complained about so far."""
        return (self._folder / "stderr").read_text(encoding="utf-8")


class Warm:
    """The server and its processes, until the block ends. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def __enter__(self) -> "Warm":
        self._folder = tempfile.TemporaryDirectory(prefix="backflip-warm-")
        self._server = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()
        self._folder.cleanup()

    def start(self, home: Path, *arguments: object, function: str = PROGRAM, **changes: str | None) -> Forked:
        """Forks a process that runs a command line; `changes` are of its environment, as in `environment`."""
        with self._lock:
            self._count += 1
            folder = Path(self._folder.name, str(self._count))
        folder.mkdir()
        request = {
            "function": function,
            "arguments": [str(argument) for argument in arguments],
            "environment": environment(home, **changes),
            "folder": str(folder),
        }
        return Forked(self, self.ask(request)["pid"], folder)

    def run(self, home: Path, *arguments: object, function: str = PROGRAM, **changes: str | None) -> Ended:
        """Runs a command line to its end."""
        return self.start(home, *arguments, function=function, **changes).wait()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Sends one request to the server and returns its answer."""
        assert self._server.stdin is not None and self._server.stdout is not None
        with self._lock:
            self._server.stdin.write(json.dumps(request) + "\n")
            self._server.stdin.flush()
            answer: dict[str, Any] = json.loads(self._server.stdout.readline())
        return answer


class _Server:
    """What answers the requests. It runs nothing itself: a fork of a process with threads may hang."""

    def __init__(self) -> None:
        for module in LOADED:
            importlib.import_module(module)
        load_learning()
        load_optimiser()
        gc.collect()
        gc.freeze()

    def serve(self) -> None:
        for line in sys.stdin:
            request = json.loads(line)
            answer = self._status(request["poll"]) if "poll" in request else self._fork(request)
            print(json.dumps(answer), flush=True)

    def _status(self, pid: int) -> dict[str, Any]:
        found, status = os.waitpid(pid, os.WNOHANG)
        return {"status": os.waitstatus_to_exitcode(status) if found else None}

    def _fork(self, request: dict[str, Any]) -> dict[str, Any]:
        folder = Path(request["folder"])
        for name in ("stdout", "stderr"):
            (folder / name).touch()
        pid = os.fork()
        if pid == 0:
            _become(request)
        return {"pid": pid}


def _become(request: dict[str, Any]) -> None:
    """Turns the fork into the process that was asked for; does not return."""
    status = 1
    try:
        folder = Path(request["folder"])
        for descriptor, name in ((0, os.devnull), (1, folder / "stdout"), (2, folder / "stderr")):
            opened = os.open(name, os.O_RDWR | os.O_APPEND)
            os.dup2(opened, descriptor)
            os.close(opened)
        os.environ.clear()
        os.environ.update(request["environment"])
        module, _, name = request["function"].partition(":")
        status = getattr(importlib.import_module(module), name)(request["arguments"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - a fork must not return into the server
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _Server().serve()
