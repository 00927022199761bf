"""Measures what leaving the program alone does to the policy: run by hand, prints a table and one JSON object.

    python -m tests.benchmarks.left_alone --seeds 0..4 --labels 30,50 --minutes 10

Each seed is taught in a training thread of its own, as in the window. When the last label of a stage is taken in, the
policy that is shown at that moment is kept; then nobody answers for some minutes, and the policy that is shown after
that is compared with it, by the true score over several evaluations with different starts. All seeds wait at the same
time: a trainer that waits costs nothing.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from app.bench.labels import parse_seeds
from app.commands import Stop, Submit
from app.labelling import Labelling
from app.runner import Runner
from app.session import NewSession, Session
from app.trainers import LearningTrainers
from learning.messages import Phase, Snapshot
from learning.teachers import make_teacher
from sim.policy import PolicyWeights
from sim.registry import get_task
from sim.score import evaluate

TASK = "hopper-backflip"
EVALUATIONS = 8
LOOK_SECONDS = 0.01


@dataclass(frozen=True)
class Stage:
    """One seed, left alone after so many labels."""

    seed: int
    labels: int
    at_label: float
    """True score of the policy that was shown when the last label was taken in."""
    after: float
    """and of the one that is shown after the wait."""
    spread: float
    """Standard deviation of the first from evaluation to evaluation."""
    iterations: int
    """Of practice that the last label paid for."""
    iterations_alone: int
    """Of practice during the wait."""

    @property
    def worse(self) -> bool:
        """Whether it fell by more than two standard deviations of a difference of evaluations."""
        return self.after < self.at_label - 2.0 * 2.0**0.5 * self.spread - 1e-9


class Pupil:
    """One session in its own thread."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seed = seed
        self.session = Session.create(folder / f"seed-{seed}", NewSession(TASK, seed, "oracle", 1))
        self.runner = Runner(self.session, LearningTrainers())
        self.labelling = Labelling(
            self.session, lambda event: self.runner.send(Submit(event)), lambda: self.runner.board.offered, "oracle"
        )
        self.teacher = make_teacher("oracle", self.session.task, seed)
        self.thread = threading.Thread(target=self.runner.run)
        self.thread.start()

    def teach(self, labels: int) -> tuple[Snapshot, Snapshot]:
        """Answers until `labels` are in force; the snapshots as the last one is taken in, and as practice ends."""
        while self.labelling.count < labels:
            pairs = self.labelling.pairs()
            snapshot = self.runner.board.snapshot
            if pairs and snapshot is not None and snapshot.phase is Phase.WAITING and snapshot.events_waiting == 0:
                before = snapshot
                self.labelling.answer(pairs[0].id, self.teacher.answer(pairs[0]), 0.0)
                taken = self.await_labels(before.labels + 1)
            time.sleep(LOOK_SECONDS)
        return taken, self.await_rest()

    def await_labels(self, labels: int) -> Snapshot:
        while (snapshot := self.runner.board.snapshot) is None or snapshot.labels < labels:
            time.sleep(LOOK_SECONDS)
        return snapshot

    def await_rest(self) -> Snapshot:
        while (snapshot := self.runner.board.snapshot) is None or snapshot.phase is not Phase.WAITING:
            time.sleep(LOOK_SECONDS)
        return snapshot

    def close(self) -> None:
        self.runner.send(Stop())
        self.thread.join()
        self.session.close()


def scores(policy: PolicyWeights) -> list[float]:
    """True scores from EVALUATIONS sets of starts."""
    task = get_task(TASK)
    return [evaluate(task, policy.act, 1000 + number).true_score for number in range(EVALUATIONS)]


def measure(seeds: range, stages: list[int], minutes: float) -> list[Stage]:
    """All seeds at each stage."""
    found: list[Stage] = []
    with tempfile.TemporaryDirectory(prefix="backflip-alone-") as folder:
        pupils = [Pupil(Path(folder), seed) for seed in seeds]
        try:
            for labels in stages:
                taught = [pupil.teach(labels) for pupil in pupils]  # one after the other: they would share the cores
                time.sleep(60.0 * minutes)
                for pupil, (taken, rested) in zip(pupils, taught, strict=True):
                    now = pupil.runner.board.snapshot
                    assert now is not None
                    before, after = scores(taken.shown_policy), scores(now.shown_policy)
                    found.append(
                        Stage(
                            pupil.seed, labels, statistics.fmean(before), statistics.fmean(after),
                            statistics.pstdev(before), rested.iteration - taken.iteration,
                            now.iteration - rested.iteration,
                        )
                    )  # fmt: skip
        finally:
            for pupil in pupils:
                pupil.close()
    return found


def main() -> None:
    """Measures once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="0..4")
    parser.add_argument("--labels", default="30,50", help="stages, as numbers of labels")
    parser.add_argument("--minutes", type=float, default=10.0, help="without an answer, at each stage")
    asked = parser.parse_args()
    stages = measure(parse_seeds(asked.seeds), [int(number) for number in asked.labels.split(",")], asked.minutes)
    print("| seed | labels | score at the last label | after | spread | practice for the label | practice alone |")
    print("|---|---|---|---|---|---|---|")
    for stage in stages:
        print(
            f"| {stage.seed} | {stage.labels} | {stage.at_label:.2f} | {stage.after:.2f} | {stage.spread:.2f} "
            f"| {stage.iterations} | {stage.iterations_alone} |"
        )
    worse = sum(stage.worse for stage in stages)
    print(f"\nLeft alone for {asked.minutes:g} minutes: {worse} of {len(stages)} are worse than at the last label.")
    print(json.dumps({"minutes": asked.minutes, "worse": worse, "stages": [asdict(stage) for stage in stages]}))


if __name__ == "__main__":
    main()
