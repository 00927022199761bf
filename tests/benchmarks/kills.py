"""Kills the program as often as is asked, and counts what is lost: run by hand, prints a table.

    python -m tests.benchmarks.kills --kills 100 --seed 0 --out FOLDER

In turns, `backflip teach` and `resume`, a process that labels through the desk, and a process at a named crash point
are killed three times each; then the session goes on with one more label, and is replayed. With --out, what was
measured is kept: the same command goes on where it was stopped. The exit status is 1 if anything is lost.
"""

import argparse
import itertools
import random
import shutil
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.kept_runs import KeptRuns
from tests.e2e.killing import DeskVictim, Kill, TaughtVictim, Victim, go_on, replays_same
from tests.e2e.points import PointVictim, points_in_source
from tests.e2e.warm import Warm

KILLS_A_ROUND = 3
"""The number of kills of one session before it goes on and is replayed."""
RUNS = "kills.json"


@dataclass(frozen=True, slots=True)
class Round:
    """Some kills of one session, and how it replayed afterwards."""

    number: int
    kills: tuple[Kill, ...]
    replays: bool


def restored(kept: dict[str, Any]) -> Round:
    """A round from JSON."""
    return Round(kept["number"], tuple(Kill(**kill) for kill in kept["kills"]), kept["replays"])


def run_round(number: int, count: int, seed: int, warm: Warm, folder: Path) -> Round:
    """Kills `count` times, in a folder that is made anew."""
    rng = random.Random(f"{seed} {number}")
    kind = number % 3
    if kind == 2:
        return _at_points(number, count, warm, folder)
    shutil.rmtree(folder, ignore_errors=True)
    victim: Victim = (TaughtVictim, DeskVictim)[kind](warm, folder)
    # one of them late: there is something to replay
    kills = tuple(victim.kill(rng, late=turn == 0) for turn in range(count))
    assert victim.path is not None
    return Round(number, kills, _replays(warm, victim.home, [victim.path]))


def _at_points(number: int, count: int, warm: Warm, folder: Path) -> Round:
    victim = PointVictim(warm, folder.with_name("points"), number)
    points = itertools.islice(itertools.cycle(points_in_source()), number // 3 * KILLS_A_ROUND, None)
    kills = []
    for point in itertools.islice(points, count):
        kills.append(victim.kill(point))
        go_on(warm, victim.home, victim.sessions[-1])
    return Round(number, tuple(kills), _replays(warm, victim.home, victim.sessions))


def _replays(warm: Warm, home: Path, paths: Iterable[Path]) -> bool:
    try:
        for path in paths:
            go_on(warm, home, path)
    except Exception as error:  # noqa: BLE001 - a session that does not go on is told of, and the next one is killed
        print(error, file=sys.stderr)
        return False
    return all(replays_same(warm, home, path) for path in paths)


def table(rounds: Iterable[Round]) -> str:
    """The kills by where they fell."""
    found: dict[str, list[tuple[Kill, bool]]] = {}
    for each in rounds:
        for kill in each.kills:
            found.setdefault(f"{kill.how}: {kill.where}", []).append((kill, each.replays))
    lines = [
        "| killed: where | kills | labels acknowledged by those processes | lost | reopened | replays same |",
        "|---|---|---|---|---|---|",
    ]
    found = {**dict(sorted(found.items())), "**all**": list(itertools.chain.from_iterable(found.values()))}
    for where, kills in found.items():
        gained, lost = sum(kill.gained for kill, _ in kills), sum(kill.lost for kill, _ in kills)
        reopened, same = sum(not kill.problem for kill, _ in kills), sum(replays for _, replays in kills)
        lines.append(f"| {where} | {len(kills)} | {gained} | {lost} | {reopened} | {same} |")
    return "\n".join(lines)


def main() -> int:
    """Kills, and tells; returns the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="where everything is kept, so that the same command goes on")
    asked = parser.parse_args()
    with ExitStack() as stack:
        out = asked.out or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backflip-kills-")))
        out = out.resolve()
        out.mkdir(parents=True, exist_ok=True)
        runs = KeptRuns(out / RUNS, {"seed": asked.seed}, restored)
        warm = stack.enter_context(Warm())
        left, number = asked.kills, 0
        while left > 0:
            count = min(left, KILLS_A_ROUND)
            found = runs.find(number=number)
            if found is None:
                found = run_round(number, count, asked.seed, warm, out / "session")
                runs.add(found)
            print(f"{asked.kills - left + count} of {asked.kills} kills", file=sys.stderr)
            left, number = left - count, number + 1
        rounds = runs.runs[:number]
    print(table(rounds))
    kills = [kill for each in rounds for kill in each.kills]
    bad = any(kill.lost or kill.problem for kill in kills) or not all(each.replays for each in rounds)
    print(f"\n{len(kills)} kills: {'something is lost' if bad else 'nothing is lost'}.")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
