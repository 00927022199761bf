"""The process that loads the cases: it may die or hang, and then another one goes on."""

import faulthandler
import logging
import os
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from tests.benchmarks.fuzz.corpus import Corpus
from tests.benchmarks.fuzz.judging import HERE, Bench, Kind, StrictHandler, Verdict
from tests.benchmarks.fuzz.loaders import Loader

MEMORY_LIMIT = 2 << 30
"""Bytes that may be resident."""
READY = "ready"

Answer = tuple[Verdict, int]
"""How a case came out, and the most bytes that were resident so far."""


def work(connection: Connection, loader: Loader, corpus: Path, folder: Path, seed: int) -> None:
    """Judges the cases whose numbers come in, until there are no more.

    Args:
        connection: numbers come in, and an `Answer` goes out for each; first of all `READY`.
        loader: what is tried.
        corpus: the folder of the corpus.
        folder: where cases are made; all below it is the worker's.
        seed: decides all cases.
    """
    faulthandler.enable()
    bench = Bench(folder, Corpus(corpus), seed)
    os.chdir(folder / HERE)
    os.environ["BACKFLIP_HOME"] = str(folder / HERE)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / HERE)
    logging.getLogger().addHandler(StrictHandler())
    loader.start()
    connection.send(READY)
    while True:
        try:
            number = connection.recv()
        except EOFError:
            return
        verdict = bench.run(loader, number)
        resident = peak_memory()
        if resident > MEMORY_LIMIT:
            verdict = Verdict(Kind.MEMORY, f"{resident >> 20:,} MiB were resident ({verdict.reason})")
        connection.send((verdict, resident))


def peak_memory() -> int:
    """The most bytes that this process, or one that it waited for, had resident; 0 where nobody counts them."""
    if sys.platform == "win32":
        return 0
    import resource

    unit = 1 if sys.platform == "darwin" else 1 << 10
    return unit * max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
