"""Another program that holds the database of a session."""

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


class ForeignHolder:
    """A process that holds the write lock on a database, until `let_go` or the end of the block."""

    def __init__(self, database: Path, begin: str = "BEGIN IMMEDIATE") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(database), begin],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "held\n"
        self.since = time.monotonic()

    def let_go(self) -> None:
        """Ends the transaction, and waits until it has."""
        if self._process.poll() is None:
            self._process.communicate("\n", timeout=30)

    def __enter__(self) -> "ForeignHolder":
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.let_go()
