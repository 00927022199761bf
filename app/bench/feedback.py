"""What a teacher's minutes come to, with comparisons, presses, both, and the plain button."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from app.bench.labels import Middle
from app.bench.lead import Lead
from app.bench.plot import FloatCurve, plot_medians, score_at
from app.errors import UsageError
from app.files import replace_text
from app.kept_runs import KeptRuns
from app.output import DEFAULT_TEACHER
from app.progress import TimeBar
from app.session import NewSession, Session
from app.stopping import Interrupted, StopFlag
from app.timed_lesson import TimedLesson, TimedTeaching, parse_feedback
from app.trainers import LearningTrainers
from learning.messages import Snapshot
from sim.registry import get_task
from sim.score import evaluate
from sim.task import Task

COMPARISONS, PRESSES, BOTH, BUTTON = "compare", "press", "compare,press", "button"
KINDS = (COMPARISONS, PRESSES, BOTH, BUTTON)
TITLES = {COMPARISONS: "comparisons", PRESSES: "presses", BOTH: "both in turns", BUTTON: "plain button"}
MINUTES: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0)
QUICK_MINUTES: tuple[float, ...] = (0.1,)
RUNS = "feedback-runs.json"
"""What is measured already, in the folder of the tables: hours of lessons that are broken off go on where they were."""


@dataclass(frozen=True, slots=True)
class FeedbackRun:
    """One seed of one kind of feedback."""

    feedback: str
    seed: int
    labels: int
    """Answers and presses; 0 with the plain button, whose presses are no labels of a reward model."""
    scores: dict[str, float]
    """True score after so many minutes."""
    curve: FloatCurve
    """(seconds of the teacher's time, true score), in order."""


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """All kinds and seeds."""

    task: str
    minutes: tuple[float, ...]
    runs: tuple[FeedbackRun, ...]

    def middle(self, kind: str, minutes: float) -> Middle:
        """Of all seeds of a kind after so many minutes."""
        return Middle.of(self.scores(kind, minutes))

    def lead(self, kind: str, other: str, minutes: float) -> Lead:
        """Of one kind over another after so many minutes."""
        return Lead.of(self.scores(kind, minutes), self.scores(other, minutes))

    def scores(self, kind: str, minutes: float) -> list[float]:
        """(seeds,) true scores of a kind after so many minutes."""
        return [run.scores[f"{minutes:g}"] for run in self.runs if run.feedback == kind]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those measured."""
        return tuple(dict.fromkeys(run.feedback for run in self.runs))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All two of them: the later of `KINDS` and an earlier one."""
        return tuple((later, earlier) for earlier, later in combinations(sorted(self.kinds, key=KINDS.index), 2))


def parse_kinds(text: str) -> tuple[str, ...]:
    """Kinds of feedback with a semicolon between, such as `compare;press;compare,press;button`; `all` is all four.

    Raises:
        UsageError: there is no such kind.
    """
    kinds = KINDS if text.strip() == "all" else tuple(dict.fromkeys(part.strip() for part in text.split(";")))
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"Unknown feedback '{kind}': there are {'; '.join(KINDS)}, and all.")
    return kinds


def bench_feedback(
    task: str, kinds: Sequence[str], seeds: range, minutes: tuple[float, ...] = MINUTES, out: Path | None = None
) -> FeedbackReport:
    """Gives each kind of feedback with each seed.

    Args:
        task: what is taught.
        kinds: of `KINDS`.
        seeds: one session, or one run of the button, each.
        minutes: of the teacher's time after which the true score counts, rising.
        out: gets tables and a plot, after each run; runs that were measured there before, of the same task, minutes and
            learner, are not measured again. None keeps nothing.

    Raises:
        UserError: a bad argument, or a folder that cannot be used.
        Interrupted: a signal came.
    """
    robot = get_task(task)
    measured = Measured(task, minutes, out)
    wanted = [(kind, seed) for kind in kinds for seed in seeds]
    missing = [each for each in wanted if measured.run(*each) is None]
    for kind, seed in missing:
        measured.add(_measure(robot, kind, seed, minutes))
    if not missing:
        measured.write()
    runs = [measured.run(*each) for each in wanted]
    return FeedbackReport(task, minutes, tuple(run for run in runs if run is not None))


class Measured:
    """The runs so far, kept in a folder."""

    def __init__(self, task: str, minutes: tuple[float, ...], out: Path | None) -> None:
        """Reads what the folder `out` has of this task, these minutes and this configuration of the learner.

        Raises:
            StorageError: its file cannot be read.
        """
        self._task, self._minutes, self._out = task, minutes, out
        of = {"task": task, "minutes": minutes, "config": LearningTrainers().default_config(get_task(task))}
        self._kept = KeptRuns(None if out is None else out / RUNS, of, _restored)

    def run(self, kind: str, seed: int) -> FeedbackRun | None:
        """That of a kind with a seed; None if it is not measured yet."""
        return self._kept.find(feedback=kind, seed=seed)

    def add(self, run: FeedbackRun) -> None:
        """Takes a run in, and writes everything anew.

        Raises:
            StorageError: the folder cannot be written to.
        """
        self._kept.add(run)
        self.write()

    def write(self) -> None:
        """Writes the table and the plot of all that there is.

        Raises:
            StorageError: the folder cannot be written to.
        """
        if self._out is None:
            return
        report = FeedbackReport(self._task, self._minutes, self._kept.runs)
        replace_text(self._out / "feedback.md", as_markdown(report))
        curves = {
            TITLES[kind]: [_in_minutes(each.curve) for each in report.runs if each.feedback == kind]
            for kind in report.kinds
        }
        words = get_task(report.task).score_name
        plot_medians(curves, self._out / "feedback.png", report.task, "minutes of the teacher's time", words)


def _restored(fields: dict[str, Any]) -> FeedbackRun:
    return FeedbackRun(**{**fields, "curve": [tuple(point) for point in fields["curve"]]})


def _measure(task: Task, kind: str, seed: int, minutes: tuple[float, ...]) -> FeedbackRun:
    if kind == BUTTON:
        curve, labels = _button(task, seed, minutes[-1])
    else:
        with tempfile.TemporaryDirectory(prefix="backflip-bench-") as scratch:
            curve, labels = _lesson(task, kind, seed, minutes[-1], Path(scratch) / "session")
    return FeedbackRun(kind, seed, labels, {f"{each:g}": score_at(curve, 60.0 * each) for each in minutes}, curve)


def as_markdown(report: FeedbackReport) -> str:
    """A row a run, and the middles."""
    heads = ["feedback", "seed", "labels", *[f"after {minutes:g} min" for minutes in report.minutes]]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for run in report.runs:
        cells = [TITLES[run.feedback], str(run.seed), str(run.labels) if run.labels else ""]
        cells += [f"{run.scores[f'{minutes:g}']:.2f}" for minutes in report.minutes]
        lines.append(f"| {' | '.join(cells)} |")
    lines.append("")
    for kind in report.kinds:
        middles = "; ".join(f"{minutes:g} min {report.middle(kind, minutes)}" for minutes in report.minutes)
        lines.append(f"{report.task}, {TITLES[kind]}: {middles}.")
    if report.pairs:
        lines += ["", "A seed of one beats a seed of the other with the probability (95 % of resampled seeds):", ""]
    for kind, other in report.pairs:
        leads = "; ".join(f"{minutes:g} min {report.lead(kind, other, minutes)}" for minutes in report.minutes)
        lines.append(f"{TITLES[kind]} over {TITLES[other]}: {leads}.")
    return "\n".join(lines) + "\n"


def as_fields(report: FeedbackReport) -> dict[str, object]:
    """The object that `--json` prints."""
    return {
        "task": report.task,
        "minutes": report.minutes,
        "runs": [{key: value for key, value in asdict(run).items() if key != "curve"} for run in report.runs],
        "middles": {
            kind: {f"{minutes:g}": asdict(report.middle(kind, minutes)) for minutes in report.minutes}
            for kind in report.kinds
        },
        "leads": [
            {"feedback": kind, "over": other}
            | {f"{minutes:g}": asdict(report.lead(kind, other, minutes)) for minutes in report.minutes}
            for kind, other in report.pairs
        ],
    }


def _lesson(task: Task, kind: str, seed: int, minutes: float, folder: Path) -> tuple[FloatCurve, int]:
    from learning.teachers import make_teacher

    lesson = TimedLesson(parse_feedback(kind), minutes)
    bar, curve = TimeBar(lesson.seconds), {}

    def note(snapshot: Snapshot, seconds: float) -> None:
        curve[seconds] = snapshot.true_score
        bar.show(snapshot, seconds)

    oracle = make_teacher(DEFAULT_TEACHER, task, seed)
    with Session.create(folder, NewSession(task.name, seed)) as session, StopFlag() as stop:
        teaching = TimedTeaching(session, lesson, (DEFAULT_TEACHER, oracle.answer), LearningTrainers(), note)
        teaching.run(stop)
        bar.end()
        if stop.raised:
            raise Interrupted("Stopped.")
        return sorted(curve.items()), teaching.labelling.count + teaching.pressing.count


def _button(task: Task, seed: int, minutes: float) -> tuple[FloatCurve, int]:
    from app.trainers import load_learning

    load_learning()
    from app.bench.plain_button import press_plainly

    curve: FloatCurve = []
    with StopFlag() as stop:
        for seconds, policy in press_plainly(task, seed, LearningTrainers().settings(task), minutes):
            curve.append((seconds, evaluate(task, policy.weights().act).true_score))
            if stop.raised:
                raise Interrupted("Stopped.")
    return curve, 0


def _in_minutes(curve: FloatCurve) -> FloatCurve:
    return [(seconds / 60.0, score) for seconds, score in curve]
