"""The command line: many cases for each loader, as a table.

    python -m tests.benchmarks.fuzz --cases 100000 --seed 0 [--loader NAME] [--out FOLDER] [--case N]

Goes on where the last run with the same seed and folder ended.
"""

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.fuzz.supervisor import Supervisor
from tests.benchmarks.fuzz.worker import Outcome, Verdict

SAVED_EVERY = 200
KEPT_OF_A_KIND = 3
LOADER_NAMES = (
    "header", "settings", "clip", "checkpoint", "presses", "points", "database", "session", "config", "bundle",
    "onnx", "model",
)  # fmt: skip
"""Written here so that the command line loads no torch; a test compares it with `loaders.LOADERS`."""


@dataclass
class Tally:
    """What came of the cases of one loader."""

    done: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    """How often each way to be wrong came."""
    peak: int = 0

    def count(self, outcome: Outcome) -> str:
        """Counts an outcome; returns its kind, empty for a right one."""
        self.done += 1
        self.verdicts[outcome.verdict] += 1
        self.peak = max(self.peak, outcome.peak)
        if outcome.right:
            return ""
        kind = f"{outcome.verdict}: {outcome.reason.split(':')[0]} in {outcome.where or 'the library'}"
        self.kinds[kind] += 1
        return kind


def as_markdown(tallies: dict[str, Tally]) -> str:
    """The table, and the ways to be wrong below it."""
    columns = list(Verdict)
    lines = [
        "| loader | cases | " + " | ".join(columns) + " | peak memory, MiB |",
        "|---" * (len(columns) + 3) + "|",
    ]
    for name, tally in tallies.items():
        cells = " | ".join(str(tally.verdicts[each]) for each in columns)
        lines.append(f"| {name} | {tally.done} | {cells} | {tally.peak >> 20} |")
    found = [
        f"- {name}: {count} x {kind}" for name, tally in tallies.items() for kind, count in tally.kinds.most_common()
    ]
    return "\n".join([*lines, "", *found]) + "\n"


def main() -> int:
    """Returns 1 if any case went wrong."""
    parser = argparse.ArgumentParser(description="Fuzz every loader of files that a stranger may have made.")
    parser.add_argument("--cases", type=int, default=1000, help="of each loader")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--loader", choices=LOADER_NAMES)
    parser.add_argument("--out", type=Path, default=Path("out/fuzz"))
    parser.add_argument("--case", type=int, help="run this one case alone; needs --loader")
    asked = parser.parse_args()
    names = (asked.loader,) if asked.loader else LOADER_NAMES
    if asked.case is not None and asked.loader is None:
        parser.error("--case needs --loader")
    with Supervisor(asked.out / "work", asked.seed) as supervisor:
        if asked.case is not None:
            outcome = supervisor.run(asked.loader, asked.case)
            print(outcome)
            return 0 if outcome.right else 1
        tallies = _restored(asked.out, asked.seed)
        for name in names:
            _fuzz(supervisor, name, tallies.setdefault(name, Tally()), asked.cases, asked.out, tallies, asked.seed)
    print(as_markdown(tallies))
    return 1 if any(tally.kinds for tally in tallies.values()) else 0


def _fuzz(
    supervisor: Supervisor, name: str, tally: Tally, cases: int, out: Path, tallies: dict[str, Tally], seed: int
) -> None:
    while tally.done < cases:
        number = tally.done
        outcome = supervisor.run(name, number)
        kind = tally.count(outcome)
        if kind and tally.kinds[kind] <= KEPT_OF_A_KIND:
            supervisor.keep(name, number, outcome, out / "failing")
        if tally.done % SAVED_EVERY == 0 or tally.done == cases:
            print(f"{name}: {tally.done}/{cases}", file=sys.stderr, flush=True)
            _save(out, seed, tallies)


def _save(out: Path, seed: int, tallies: dict[str, Tally]) -> None:
    fields = {name: vars(tally) for name, tally in tallies.items()}
    (out / "table.md").write_text(as_markdown(tallies), encoding="utf-8")
    part = out / "counts.json.part"
    part.write_text(json.dumps({"seed": seed, "loaders": fields}, indent=1), encoding="utf-8")
    part.replace(out / "counts.json")


def _restored(out: Path, seed: int) -> dict[str, Tally]:
    try:
        kept: dict[str, Any] = json.loads((out / "counts.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if kept["seed"] != seed:
        sys.exit(f"'{out}' holds the counts of seed {kept['seed']}, wanted {seed}: give another --out.")
    return {
        name: Tally(each["done"], Counter(each["verdicts"]), Counter(each["kinds"]), each["peak"])
        for name, each in kept["loaders"].items()
    }


if __name__ == "__main__":
    sys.exit(main())
