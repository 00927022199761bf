"""How sharply does a press tell what is better, where there are comparisons as well?

    python -m tests.benchmarks.presses_beside_answers --seeds 100..104 --minutes 1,2,3

A simulated teacher compares and presses in turns, as `backflip teach --feedback compare,press` has it. After so many
minutes of his time reward models learn the same answers and presses with several values of
`TrainerConfig.press_sharpness`, the answers alone, and the presses alone. Each is correlated with the hidden credit
over clips of the untaught robot and over clips of what it practised lately. With `--flipped 0.2` so many of the answers
are turned round before. Prints a table and one JSON object.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from app.bench.labels import parse_seeds
from app.timed_lesson import COMPARE, PRESS
from learning.press_likelihood import Presses
from learning.trainer import Trainer
from tests.benchmarks.timed_looks import correlations, fitted, teach_and_look

SHARPNESSES = (1.0, 0.5, 0.25, 0.12, 0.06, 0.03)


@dataclass(frozen=True, slots=True)
class Told:
    """What one way of learning made of the feedback so far."""

    seed: int
    minutes: float
    answers: int
    presses: int
    learnt_from: str
    untaught: float
    """Correlation of learned reward and credit over clips of the untaught robot,"""
    practised: float
    """and over clips of policies."""


def look(found: list[Told], seed: int, flipped: float, minutes: float, trainer: Trainer) -> None:
    """Learns in all ways from what `trainer` knows."""
    differences, targets = trainer.book.comparisons()
    turned = np.random.default_rng(seed).random(len(targets)) < flipped
    targets = np.where(turned, 1.0 - targets, targets)
    presses = trainer.press_book.presses(trainer.first_features)

    def tell(learnt_from: str, sharpness: float, rows: int, presses: Presses | None) -> None:
        model = fitted(trainer, sharpness, differences[:rows], targets[:rows], presses)
        counts = len(targets), trainer.press_book.count
        found.append(Told(seed, minutes, *counts, learnt_from, *correlations(trainer, model)))

    tell("answers alone", 1.0, len(targets), None)
    tell("presses alone", 1.0, 0, presses)
    for sharpness in SHARPNESSES:
        tell(f"both, {sharpness:g}", sharpness, len(targets), presses)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="hopper-backflip")
    parser.add_argument("--seeds", default="100..104")
    parser.add_argument("--minutes", default="1,2,3")
    parser.add_argument("--flipped", type=float, default=0.0)
    given = parser.parse_args()
    minutes, found = [float(each) for each in given.minutes.split(",")], list[Told]()
    for seed in parse_seeds(given.seeds):
        teach_and_look(given.task, seed, (COMPARE, PRESS), minutes, partial(look, found, seed, given.flipped))
    heads = ["seed", "minutes", "answers", "presses", "learnt from", "untaught robot", "practised"]
    print(f"| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for told in found:
        numbers = f"{told.untaught:.3f} | {told.practised:.3f}"
        print(f"| {told.seed} | {told.minutes:g} | {told.answers} | {told.presses} | {told.learnt_from} | {numbers} |")
    print(json.dumps([asdict(told) for told in found]))


if __name__ == "__main__":
    main()
