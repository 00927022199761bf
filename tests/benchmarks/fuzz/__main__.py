"""Fuzzes every loader of files that a stranger may have made: run by hand, prints a table, goes on where it was.

    python -m tests.benchmarks.fuzz --cases 100000 --seed 0 [--loader NAME] [--case N] [--out FOLDER]

A case is decided by the seed, the loader and its number. It is right if the loader returns, or raises what it documents
with one printable line; wrong are other errors, signals, hangs, more than 2 GiB of memory, and anything touched beside
the case's own folder. Inputs that came out wrong are kept in `FOLDER/wrong`, each with its reason. Counts are
kept in `FOLDER/counts.json`: the same command goes on, and `--cases` is how many there are in the end.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from tests.benchmarks.fuzz.corpus import make_corpus
from tests.benchmarks.fuzz.driving import Count, Driver, Keeper, drive
from tests.benchmarks.fuzz.judging import Bench, Kind, Verdict
from tests.benchmarks.fuzz.loaders import LOADERS, SLOW

COUNTS = "counts.json"
SLOW_SHARE = 200
"""Of so many cases a slow loader gets one."""
SAVED_EVERY = 500
"""Cases between two times that the counts are written."""


def main() -> int:
    """Runs what the command line says; 1 if any case came out wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000, help="of each loader; slow ones get a 200th of it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--loader", choices=LOADERS, help="this one alone")
    parser.add_argument("--case", type=int, help="the case of this number alone; nothing is counted")
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    given = parser.parse_args()
    out: Path = given.out.resolve()
    corpus = make_corpus(out / "corpus").folder
    names = [given.loader] if given.loader else list(LOADERS)
    if given.case is not None:
        return _run_case(names, given.case, out, corpus, given.seed)
    counts = _read(out, given.seed)
    for name in names:
        _run(name, counts.setdefault(name, Count()), given.cases, out, corpus, given.seed, counts)
    table = as_table(counts)
    (out / "table.md").write_text(table, encoding="utf-8")
    print(table)
    return int(any(count.wrong for count in counts.values()))


def as_table(counts: dict[str, Count]) -> str:
    """The counts as a Markdown table."""
    heads = ("loader", "cases", *Kind, "peak memory")
    rows = [
        (
            name,
            f"{counts[name].next:,}",
            *(f"{counts[name].kinds[kind]:,}" for kind in Kind),
            f"{counts[name].peak >> 20:,} MiB",
        )
        for name in LOADERS
        if name in counts
    ]
    marks = ("---", *("---:" for _ in heads[1:]))
    return "".join("| " + " | ".join(row) + " |\n" for row in (heads, marks, *rows))


def _run_case(names: list[str], number: int, out: Path, corpus: Path, seed: int) -> int:
    """One case of each loader, left where it was made."""
    wrong = 0
    for name in names:
        folder = out / "work" / f"{name}-case"
        driver = Driver(LOADERS[name], corpus, folder, seed)
        verdict, _ = driver.run(number)
        driver.stop()
        wrong += not verdict.is_right
        print(f"{name} {number}: {verdict.kind}: {verdict.reason} (in '{folder}')")
    return int(wrong > 0)


def _run(name: str, count: Count, cases: int, out: Path, corpus: Path, seed: int, counts: dict[str, Count]) -> None:
    loader = LOADERS[name]
    wanted = max(1, cases // SLOW_SHARE) if name in SLOW else cases
    keeper, again = Keeper(out / "wrong"), Bench(out / "work" / f"{name}-again", make_corpus(corpus), seed)

    def on_case(number: int, verdict: Verdict) -> None:
        if not verdict.is_right:
            print(f"{name} {number}: {verdict.kind}: {verdict.reason}", file=sys.stderr, flush=True)
            keeper.keep(loader, number, verdict, again)
        if number % SAVED_EVERY == SAVED_EVERY - 1:
            _write(out, seed, counts)

    try:
        drive(Driver(loader, corpus, out / "work" / name, seed), count, range(count.next, wanted), on_case)
    finally:
        _write(out, seed, counts)
    rate = count.next / count.seconds if count.seconds else 0.0
    print(f"{name}: {count.next:,} cases, {rate:,.0f} a second, {count.wrong} wrong", file=sys.stderr, flush=True)


def _read(out: Path, seed: int) -> dict[str, Count]:
    """The counts of an earlier run with the same seed."""
    try:
        found = json.loads((out / COUNTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if found["seed"] != seed:
        raise SystemExit(f"'{out}' holds the counts of seed {found['seed']}: choose another folder for seed {seed}.")
    return {name: Count(**fields) for name, fields in found["loaders"].items()}


def _write(out: Path, seed: int, counts: dict[str, Count]) -> None:
    text = json.dumps({"seed": seed, "loaders": {name: count.as_json() for name, count in counts.items()}}, indent=2)
    beside = out / f"{COUNTS}.part"
    beside.write_text(text + "\n", encoding="utf-8")
    os.replace(beside, out / COUNTS)


if __name__ == "__main__":
    sys.exit(main())
