"""What teaching costs as it grows: with more simulations at once, and with more answers in the book."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from app.trainers import load_learning
from learning.messages import FeedbackEvent, TrainerState
from sim.task import Task

if TYPE_CHECKING:
    from learning.trainer import Trainer

Given = ParamSpec("Given")
Returned = TypeVar("Returned")

SEED = 0
SIMULATIONS = (128, 256, 512, 1024, 2048, 4096)
NO_LEASH = 1e9
"""Nats that no practice moves by: it is measured to its end."""


@dataclass(frozen=True, slots=True)
class ScalingEffort:
    """How much of each is run."""

    rounds: int
    """All sizes are measured in turn, so often; the median counts."""
    iterations: int
    """Of practice in one measurement; the trainer's `trial_every` of them hold one trial."""
    answers: tuple[int, ...]
    """In the book, the fewest first."""
    taken: int
    """Answers taken in, one after the other, in one measurement."""


FULL = ScalingEffort(3, 15, (10, 1000), 5)
QUICK = ScalingEffort(1, 1, (2, 20), 1)


@dataclass(frozen=True, slots=True)
class SimulationCost:
    """With so many simulations at once."""

    ratio: float
    """To the fewest."""
    us_per_step: float
    """Microseconds of the trainer for each control step of one simulation; trials included."""


@dataclass(frozen=True, slots=True)
class AnswerCost:
    """With so many answers in the book. Ratios are to the fewest."""

    practice_ratio: float
    take_in_ratio: float
    practice_ms: float
    """Of an iteration of practice, its share of a trial included."""
    take_in_ms: float
    """Of taking one answer in; in this are"""
    refit_ms: float
    """fitting the reward model to all answers,"""
    question_ms: float
    """and choosing the next question."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Of one task."""

    simulations: dict[str, SimulationCost]
    """By how many practise at once."""
    answers: dict[str, AnswerCost]
    """By how many are in the book."""


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """Of one measurement, seconds."""

    practice: float
    take_in: float
    refit: float
    question: float


def measure_scaling(task: Task, *, quick: bool = False) -> Scaling:
    """Measures both."""
    load_learning()
    effort = QUICK if quick else FULL
    steps: dict[int, list[float]] = {nsim: [] for nsim in SIMULATIONS}
    for _ in range(effort.rounds):
        for nsim, seconds in steps.items():
            seconds.append(seconds_per_step(task, nsim, effort.iterations))
    states = {answers: filled(task, answers) for answers in effort.answers}
    times: dict[int, list[AnswerTimes]] = {answers: [] for answers in effort.answers}
    for _ in range(effort.rounds):
        for answers, found in times.items():
            found.append(answer_times(task, states[answers], effort))
    medians = {nsim: 1e6 * statistics.median(seconds) for nsim, seconds in steps.items()}
    base = medians[SIMULATIONS[0]]
    return Scaling(
        {str(nsim): SimulationCost(median / base, median) for nsim, median in medians.items()},
        {str(answers): answer_cost(found, times[effort.answers[0]]) for answers, found in times.items()},
    )


def seconds_per_step(task: Task, nsim: int, iterations: int) -> float:
    """Of a trainer with `nsim` simulations, for each control step of one of them."""
    from learning.config import TrainerConfig
    from learning.trainer import Trainer

    config = replace(TrainerConfig(), nsim=nsim, first_iterations=iterations + 1, leash_nats=NO_LEASH)
    pupil = Pupil(Trainer(task, config, SEED))
    pupil.answer()
    pupil.trainer.step()  # takes the answer in, and loads what practice needs
    return timed(pupil.practise, iterations) / (iterations * nsim * config.rollout_steps)


def filled(task: Task, answers: int) -> TrainerState:
    """A trainer that has taken in so many answers of the oracle, with hardly any practice between them.

    Its rollouts are one step long, so that there are trials and auditions as ever, and it does not take an hour.
    """
    from learning.config import TrainerConfig
    from learning.trainer import Trainer

    config = replace(
        TrainerConfig(), rollout_steps=1, first_iterations=1, early_iterations=1, late_iterations=1, leash_nats=NO_LEASH
    )
    pupil = Pupil(Trainer(task, config, SEED))
    for _ in range(answers):
        pupil.answer()
        pupil.trainer.step()
    return pupil.trainer.state()


def answer_times(task: Task, state: TrainerState, effort: ScalingEffort) -> AnswerTimes:
    """Takes some more answers in, then practises as the defaults say."""
    from learning.config import TrainerConfig
    from learning.trainer import Trainer

    trainer = Trainer.from_state(task, state)
    pupil = Pupil(trainer)
    refit, question = Stopwatch(), Stopwatch()
    trainer.relearn = refit.around(trainer.relearn)  # type: ignore[method-assign]
    trainer.questioner.offer = question.around(trainer.questioner.offer)  # type: ignore[method-assign]
    trainer.config = replace(TrainerConfig(), first_iterations=0, early_iterations=0, late_iterations=0)
    taking = [pupil.take_one_in() for _ in range(effort.taken)]
    refits, questions = statistics.median(refit.laps), statistics.median(question.laps)
    paid = effort.iterations + 1
    trainer.config = replace(
        TrainerConfig(), first_iterations=paid, early_iterations=paid, late_iterations=paid, leash_nats=NO_LEASH
    )
    pupil.answer()
    trainer.step()
    practice = timed(pupil.practise, effort.iterations) / effort.iterations
    return AnswerTimes(practice, statistics.median(taking), refits, questions)


def answer_cost(found: list[AnswerTimes], fewest: list[AnswerTimes]) -> AnswerCost:
    """Medians over the rounds, beside those of the fewest answers."""

    def median(times: list[AnswerTimes], name: str) -> float:
        return 1e3 * float(statistics.median(getattr(each, name) for each in times))

    practice, take_in = median(found, "practice"), median(found, "take_in")
    return AnswerCost(
        practice / median(fewest, "practice"), take_in / median(fewest, "take_in"),
        practice, take_in, median(found, "refit"), median(found, "question"),
    )  # fmt: skip


class Pupil:
    """A trainer and the oracle that answers it."""

    def __init__(self, trainer: "Trainer") -> None:
        """The trainer has taken in every answer that it was given."""
        from learning.teachers import make_teacher

        self.trainer = trainer
        self._teacher = make_teacher("oracle", trainer.task, SEED)
        self._events = len(trainer.book.taken_ids)

    def answer(self) -> None:
        """Answers the oldest open pair; the next step takes that in."""
        pair = self.trainer.open_pairs()[0]
        self._events += 1
        self.trainer.submit(FeedbackEvent(self._events, pair.id, self._teacher.answer(pair)))

    def take_one_in(self) -> float:
        """Seconds that an answer takes where none pays for practice."""
        self.answer()
        return timed(self.trainer.step)

    def practise(self, iterations: int) -> None:
        """As long as answers have paid for."""
        for _ in range(iterations):
            self.trainer.step()


class Stopwatch:
    """Times every call of a function."""

    def __init__(self) -> None:
        self.laps: list[float] = []
        """Seconds."""

    def around(self, call: Callable[Given, Returned]) -> Callable[Given, Returned]:
        """The same function, timed."""

        def run(*given: Given.args, **named: Given.kwargs) -> Returned:
            began = time.perf_counter()
            returned = call(*given, **named)
            self.laps.append(time.perf_counter() - began)
            return returned

        return run


def timed(call: Callable[Given, object], *given: Given.args, **named: Given.kwargs) -> float:
    """Seconds that `call` takes."""
    began = time.perf_counter()
    call(*given, **named)
    return time.perf_counter() - began


def as_markdown(scalings: dict[str, Scaling]) -> str:
    """Two tables of all tasks; ratios first."""
    lines = ["| task | simulations | to the fewest | microseconds a control step |", "|---|---|---|---|"]
    for task, scaling in scalings.items():
        for nsim, steps in scaling.simulations.items():
            lines.append(f"| {task} | {nsim} | {steps.ratio:.2f} | {steps.us_per_step:.2f} |")
    heads = ["task", "answers", "practice, to the fewest", "taking in, to the fewest"]
    heads += ["an iteration, ms", "taking in, ms", "refit, ms", "next question, ms"]
    lines += ["", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for task, scaling in scalings.items():
        for answers, cost in scaling.answers.items():
            ratios = f"{cost.practice_ratio:.2f} | {cost.take_in_ratio:.2f}"
            parts = (cost.practice_ms, cost.take_in_ms, cost.refit_ms, cost.question_ms)
            lines.append(f"| {task} | {answers} | {ratios} | {' | '.join(f'{part:.1f}' for part in parts)} |")
    return "\n".join(lines) + "\n"
