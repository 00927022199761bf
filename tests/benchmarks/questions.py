"""Measures the reward model and its questions alone: what answers about an untaught robot tell. Run by hand.

    python -m tests.benchmarks.questions --seeds 100..105 --labels 50 [--config clip_frames=50] [--at-random] [--bald]

No policy is trained. A teacher answers the pairs that tell most (or random ones) among clips of the untaught robot, and
after every ten answers the learned reward is compared, frame by frame, with the hidden credit on states of a policy
that does the skill well: one that was found by practising on the credit itself. Prints the correlations, and those on
the untaught robot's own frames in each context (for our robots: in the air, on feet alone, on another part), since what
makes most of a skill's credit hides the rest.
"""

import argparse
import json
import statistics
from dataclasses import asdict, dataclass
from itertools import islice

import numpy as np

from app.bench.labels import parse_seeds
from app.bench.on_credit import practise_on_credit
from app.trainers import load_learning
from learning.answers import TARGETS
from learning.config import TrainerConfig
from learning.messages import Pair, PairKind
from learning.queries import choose_pair, number
from learning.questioner import Questioner, context_of
from learning.reward_model import BayesianRewardModel
from learning.reward_prior import WeightPrior
from learning.teachers import make_teacher
from sim.batch import BatchSim
from sim.registry import get_task
from sim.task import Singles, Task

EVERY = 10
GOOD_ITERATIONS, GOOD_SEED = 90, 1000
SHOWN, STEPS = 16, 300
"""Simulations and control steps of the good policy on which the reward is judged."""


@dataclass(frozen=True)
class Questioning:
    """One seed."""

    seed: int
    correlations: list[float]
    apart: list[list[float]]
    """After as many answers, on frames of the untaught robot, for each context."""


def good_states(task: Task) -> Singles:
    """(n, nobs) of a policy that practised on the credit itself."""
    rng = np.random.default_rng(GOOD_SEED)
    practice = practise_on_credit(task, GOOD_SEED, TrainerConfig())
    policy = next(islice(practice, GOOD_ITERATIONS - 1, None))
    act, sim, seen = policy.weights().act, BatchSim(task, SHOWN), []
    observations = sim.reset(np.ones(SHOWN, bool), *task.normal_start(rng, SHOWN))
    for _ in range(STEPS):
        result = sim.step(act(observations))
        seen.append(result.observations)
        observations = sim.reset(result.done, *task.normal_start(rng, int(result.done.sum())))
    return np.concatenate(seen)


def reward_and_credit(task: Task, observations: Singles) -> tuple[np.ndarray, np.ndarray]:
    """(n, nobs) -> reward features (n, d), hidden credit (n,)."""
    actions = np.zeros((len(observations), task.action_size), np.float32)
    return task.reward_features(observations).astype(np.float64), task.credit(observations, actions)


def correlation(rewards: np.ndarray, credit: np.ndarray) -> float:
    """Zero where the reward tells nothing apart."""
    return float(np.corrcoef(rewards, credit)[0, 1]) if rewards.std() > 0.0 and credit.std() > 0.0 else 0.0


def ask(
    task: Task,
    seed: int,
    labels: int,
    teacher_kind: str,
    config: TrainerConfig,
    judged: Singles,
    *,
    at_random: bool,
    in_turns: bool,
) -> Questioning:
    """Asks `labels` questions, and compares after every ten answers."""
    rng = np.random.default_rng(seed)
    questioner = Questioner(task, config, rng)
    questioner.record_broad()
    teacher = make_teacher(teacher_kind, task, seed)
    prior = WeightPrior.of_layout(task.feature_layout, config.prior_variance, config.prior_strength)
    model = BayesianRewardModel(prior, config.error_floor, config.error_strength)
    features, credit = reward_and_credit(task, judged)
    differences: list[np.ndarray] = []
    targets: list[float] = []
    shown: set[frozenset[int]] = set()
    broad, broad_credit = reward_and_credit(task, questioner.first_frames())
    contexts = context_of(broad, task.feature_layout.contexts)
    questioner.choose_probes(broad)
    found = Questioning(seed, [], [])
    pools = (questioner.broad, questioner.recent)
    for label in range(1, labels + 1):
        proposal = choose_pair(
            model, pools, (1.0, 0.0), rng, config.candidates, config.clip_uses,
            lambda left, right: frozenset((left, right)) in shown, at_random=at_random,
            about=questioner.probes if in_turns and label % 2 == 0 else None,
        )  # fmt: skip
        left, right = proposal.left, proposal.right
        shown.add(frozenset((number(left), number(right))))
        for side in (left, right):
            side.pool.uses[side.row] += 1
        clips = [side.pool.clip(side.row) for side in (left, right)]
        choice = teacher.answer(Pair(label, PairKind.FRAGMENT, *clips))
        if choice in TARGETS:
            differences.append(left.pool.features[left.row] - right.pool.features[right.row])
            targets.append(TARGETS[choice])
            model.fit(np.array(differences), np.array(targets))
        if label % EVERY == 0:
            found.correlations.append(float(np.corrcoef(model.mean(features), credit)[0, 1]))
            rewards = model.mean(broad)
            each = [contexts == context for context in range(task.feature_layout.contexts)]
            found.apart.append([correlation(rewards[rows], broad_credit[rows]) for rows in each])
    return found


def main() -> None:
    """Measures once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--task", default="hopper-backflip")
    parser.add_argument("--seeds", default="100..105")
    parser.add_argument("--labels", type=int, default=50)
    parser.add_argument("--teacher", default="oracle")
    parser.add_argument("--config", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--at-random", action="store_true")
    parser.add_argument("--bald", action="store_true", help="no questions about the reward of each context alike")
    asked = parser.parse_args()
    load_learning()
    task = get_task(asked.task)
    config = TrainerConfig(**{name: json.loads(value) for name, value in (each.split("=") for each in asked.config)})
    judged = good_states(task)
    changed = " ".join(
        [*asked.config, *(["random questions"] if asked.at_random else []), *(["BALD alone"] if asked.bald else [])]
    )
    columns = [str(label) for label in range(EVERY, asked.labels + 1, EVERY)]
    print(
        f"{asked.task}, teacher '{asked.teacher}', {changed or 'as it is'}: correlation with the credit after answers"
    )
    print(f"| seed | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    runs = []
    for seed in parse_seeds(asked.seeds):
        runs.append(
            ask(
                task,
                seed,
                asked.labels,
                asked.teacher,
                config,
                judged,
                at_random=asked.at_random,
                in_turns=not asked.bald,
            )
        )
        print(f"| {seed} | {' | '.join(f'{each:.2f}' for each in runs[-1].correlations)} |", flush=True)
    means = [statistics.fmean(column) for column in zip(*(run.correlations for run in runs), strict=True)]
    print(f"| mean | {' | '.join(f'{each:.2f}' for each in means)} |")
    for context in range(task.feature_layout.contexts):
        own = [statistics.fmean(run.apart[column][context] for run in runs) for column in range(len(columns))]
        print(f"| untaught, context {context} | {' | '.join(f'{each:.2f}' for each in own)} |")
    print(json.dumps({"task": asked.task, "changed": changed, "runs": [asdict(run) for run in runs]}))


if __name__ == "__main__":
    main()
