"""Files that a stranger made: every loader returns or refuses in one line, and touches nothing else.

What fails is case N of `python -m tests.benchmarks.fuzz --loader NAME --case N`, by the same seed.
"""

import logging
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir

from sim.errors import UserError
from tests.benchmarks.fuzz import driving
from tests.benchmarks.fuzz.__main__ import as_table
from tests.benchmarks.fuzz.corpus import Corpus, make_corpus
from tests.benchmarks.fuzz.driving import Count, Driver, drive
from tests.benchmarks.fuzz.judging import Bench, Kind, StrictHandler
from tests.benchmarks.fuzz.loaders import LOADERS, Loader
from tests.benchmarks.fuzz.worker import MEMORY_LIMIT

SEED = 0
CASES = {"folder": 50, "database": 50, "trainer": 80, "presses": 100, "points": 100, "model": 2}
"""Of loaders that take their time; each other one gets"""
USUAL_CASES = 200


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    set_hypothesis_home_dir(tmp_path_factory.mktemp("hypothesis"))  # by itself it would use the source tree
    return make_corpus(tmp_path_factory.mktemp("corpus") / "corpus")


@pytest.fixture
def bench(corpus: Corpus, tmp_path: Path) -> Iterator[Bench]:
    handler, raises = StrictHandler(), logging.raiseExceptions
    logging.getLogger().addHandler(handler)
    yield Bench(tmp_path / "work", corpus, SEED)
    logging.getLogger().removeHandler(handler)
    logging.raiseExceptions = raises


@pytest.mark.parametrize("name", LOADERS)
def test_a_mutated_file_is_loaded_or_refused_in_one_line(name: str, bench: Bench) -> None:
    loader = LOADERS[name]
    loader.start()

    @settings(
        max_examples=CASES.get(name, USUAL_CASES),
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 10**6))
    def check(number: int) -> None:
        verdict = bench.run(loader, number)
        assert verdict.is_right, f"{name} {number}: {verdict.kind}: {verdict.reason}"

    check()


# what the harness itself notices; found by a worker process by their names


def _make_nothing(random: Random, corpus: Corpus, folder: Path) -> None:
    (folder / "number").write_text(str(random.random()))


def _loads(folder: Path) -> tuple[str, ...]:
    return ("All is well.",)


def _refuses(folder: Path) -> tuple[str, ...]:
    raise UserError("It is not ours.")


def _is_ours(folder: Path) -> tuple[str, ...]:
    raise KeyError("ours")


def _rambles(folder: Path) -> tuple[str, ...]:
    raise UserError("x" * 2000)


def _shows_two_lines(folder: Path) -> tuple[str, ...]:
    return ("one\ntwo",)


def _touches(folder: Path) -> tuple[str, ...]:
    (folder.parent / "canary" / "secret.txt").write_text("nobody's business\n")
    return ()


def _dies(folder: Path) -> tuple[str, ...]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return ()


def _hangs(folder: Path) -> tuple[str, ...]:
    time.sleep(60)
    return ()


@pytest.mark.parametrize(
    ("load", "kind"),
    [
        (_loads, Kind.ACCEPTED),
        (_refuses, Kind.REFUSED),
        (_is_ours, Kind.ERROR),
        (_rambles, Kind.ERROR),
        (_shows_two_lines, Kind.ERROR),
        (_touches, Kind.OUTSIDE),
    ],
)
def test_what_goes_wrong_is_noticed(bench: Bench, load: object, kind: Kind) -> None:
    assert bench.run(Loader("x", _make_nothing, load), 1).kind is kind  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_a_worker_that_dies_hangs_or_swells_is_replaced(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for load, limit, kind in (
        (_dies, MEMORY_LIMIT, Kind.SIGNAL),
        (_hangs, MEMORY_LIMIT, Kind.HANG),
        (_hangs, 1 << 20, Kind.MEMORY),
    ):
        monkeypatch.setattr(driving, "MEMORY_LIMIT", limit)
        count = Count()
        loader = Loader("x", _make_nothing, load, seconds=0.5)
        drive(Driver(loader, corpus.folder, tmp_path / "work", SEED), count, [0])
        assert {kind: 1} == {found: number for found, number in count.kinds.items() if number} and count.wrong == 1


def test_a_case_is_decided_by_its_number(bench: Bench) -> None:
    made = []
    for number in (3, 4, 3):
        bench.make(LOADERS["clip"], number)
        made.append(next(bench.case.iterdir()).read_bytes())
    assert made[0] == made[2] != made[1]


def test_the_table_has_a_row_for_each_loader() -> None:
    count = Count()
    table = as_table(dict.fromkeys(LOADERS, count))
    assert table.count("\n") == len(LOADERS) + 2 and "| header | 0 |" in table
