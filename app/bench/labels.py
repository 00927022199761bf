"""Measurements of learning, as tables that a command makes again."""

import re
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.arguments import MOST_SEED, MOST_SEEDS, quoted
from app.bench.plot import plot_curves, score_at
from app.bench.seeds import SeedPlan, SeedRun, measure_all
from app.errors import UsageError
from app.files import replace_text
from app.plain_json import to_json
from app.session import NewSession
from app.stopping import Interrupted
from app.teach import check_labels, check_teacher
from sim.registry import get_task

QUARTILES = 4
"""The interquartile mean leaves the best and the worst quarter out (Agarwal et al. 2021)."""


@dataclass(frozen=True, slots=True)
class Middle:
    """Of several seeds' true scores."""

    median: float
    iqm: float
    """Interquartile mean."""

    @classmethod
    def of(cls, scores: Sequence[float]) -> "Middle":
        """Of at least one score, in any order."""
        ordered = sorted(scores)
        cut = len(ordered) // QUARTILES
        return cls(statistics.median(ordered), statistics.fmean(ordered[cut : len(ordered) - cut]))

    def __str__(self) -> str:
        return f"median {self.median:.2f}, interquartile mean {self.iqm:.2f}"


@dataclass(frozen=True, slots=True)
class LabelsReport:
    """What several seeds came to with the same number of labels."""

    task: str
    teacher: str
    runs: tuple[SeedRun, ...]
    at: tuple[int, ...] = ()
    """Earlier numbers of labels that are shown too."""
    jobs: int = 1
    """Seeds that were measured at once."""
    config: dict[str, Any] = field(default_factory=dict)
    """Fields of the trainer's configuration that were not as usual."""

    @property
    def final(self) -> Middle:
        """In the end."""
        return Middle.of([run.taught.true_score for run in self.runs])

    @property
    def on_credit(self) -> Middle | None:
        """On the true credit; None if that was not asked for."""
        scores = [run.on_credit for run in self.runs if run.on_credit is not None]
        return Middle.of(scores) if scores else None

    def after(self, labels: int) -> Middle:
        """After so many labels of the same runs."""
        return Middle.of([score_at(run.curve, labels) for run in self.runs])


@dataclass(frozen=True, slots=True)
class LabelsPlan:
    """What `bench labels` is asked for."""

    task: str
    labels: int
    """Answers in each run."""
    teacher: str
    """Kind of the simulated teacher."""
    seeds: range
    on_credit: bool = False
    """Whether practice on the true credit is measured beside it, for as many control steps."""
    at: tuple[int, ...] = ()
    """Earlier numbers of labels that are shown too."""
    jobs: int = 1
    """Seeds at once."""
    config: dict[str, Any] = field(default_factory=dict)
    """Fields of the trainer's configuration that are not as usual."""

    def __post_init__(self) -> None:
        check_labels(self.labels)
        check_teacher(self.teacher)


def bench_labels(plan: LabelsPlan, out: Path | None = None) -> LabelsReport:
    """Teaches once for each seed, each in a session of its own.

    Args:
        plan: what to do.
        out: keeps the sessions and bundles, and gets tables and a plot; None keeps nothing.

    Raises:
        UserError: a bad argument, or a folder that cannot be used.
        Interrupted: a signal came.
    """
    score_name = get_task(plan.task).score_name
    with tempfile.TemporaryDirectory(prefix="backflip-bench-") as scratch:
        folder = out or Path(scratch)
        news = [NewSession(plan.task, seed, plan.teacher, plan.labels) for seed in plan.seeds]
        plans = [SeedPlan(new, folder / f"seed-{new.seed}", plan.on_credit, plan.config) for new in news]
        try:
            runs = measure_all(plans, plan.jobs)
        except Interrupted:
            kept = f"what was taught so far is in '{out}'" if out else "nothing is kept without --out"
            raise Interrupted(f"Stopped: {kept}.") from None
    report = LabelsReport(plan.task, plan.teacher, runs, plan.at, min(plan.jobs, len(runs)), plan.config)
    if out is not None:
        replace_text(out / "table.md", as_markdown(report))
        replace_text(out / "table.csv", as_csv(report))
        replace_text(out / "curves.csv", curves_as_csv(runs))
        title = f"{plan.task}, teacher '{plan.teacher}', seeds {plan.seeds[0]} to {plan.seeds[-1]}"
        plot_curves({run.taught.seed: run.curve for run in runs}, out / "curves.png", title, score_name)
    return report


def as_csv(report: LabelsReport) -> str:
    """The table of all runs, for other programs."""
    heads = ["seed", "labels", "true_score", "falls_per_10s", "wall_s", "env_steps"]
    heads += [f"true_score_at_{labels}" for labels in report.at]
    heads += ["on_credit", "on_credit_wall_s"] if report.on_credit else []
    lines = [",".join(heads)]
    for run in report.runs:
        taught = run.taught
        cells = [taught.seed, taught.labels, taught.true_score, taught.falls_per_10s, taught.wall_s, taught.env_steps]
        cells += [score_at(run.curve, labels) for labels in report.at]
        cells += [run.on_credit or 0.0, run.on_credit_wall_s or 0.0] if report.on_credit else []
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"


def curves_as_csv(runs: Sequence[SeedRun]) -> str:
    """True score against labels, of all seeds."""
    lines = ["seed,labels,true_score"]
    lines += [f"{run.taught.seed},{labels},{score}" for run in runs for labels, score in run.curve]
    return "\n".join(lines) + "\n"


def as_markdown(report: LabelsReport) -> str:
    """The table of all runs."""
    heads = ["seed", "labels", *[f"after {labels}" for labels in report.at]]
    heads += ["true score", "falls per 10 s", "wall time, s", "control steps, millions"]
    heads += ["on the true credit", "its wall time, s"] if report.on_credit else []
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for run in report.runs:
        taught = run.taught
        cells = [str(taught.seed), str(taught.labels)]
        cells += [f"{score_at(run.curve, labels):.2f}" for labels in report.at]
        cells += [f"{taught.true_score:.2f}", f"{taught.falls_per_10s:.2f}", f"{taught.wall_s:.0f}"]
        cells.append(f"{taught.env_steps / 1e6:.2f}")
        cells += [f"{run.on_credit or 0.0:.2f}", f"{run.on_credit_wall_s or 0.0:.0f}"] if report.on_credit else []
        lines.append(f"| {' | '.join(cells)} |")
    changed = f", with {to_json(report.config)}" if report.config else ""
    lines += ["", f"{report.task}, teacher '{report.teacher}'{changed}: {report.final}."]
    lines += [f"The same runs after {labels} labels: {report.after(labels)}." for labels in report.at]
    if report.on_credit:
        lines.append(f"PPO on the true credit, as many control steps: {report.on_credit}.")
    if report.jobs > 1:
        lines.append(f"Wall times are those of a machine that {report.jobs} seeds at once shared.")
    return "\n".join(lines) + "\n"


def as_fields(report: LabelsReport) -> dict[str, object]:
    """The object that `--json` prints."""
    runs = [
        {
            **asdict(run.taught),
            "at": {str(labels): score_at(run.curve, labels) for labels in report.at},
            "on_credit": run.on_credit,
            "on_credit_wall_s": run.on_credit_wall_s,
        }
        for run in report.runs
    ]
    return {
        "task": report.task,
        "teacher": report.teacher,
        "jobs": report.jobs,
        "config": report.config,
        "runs": runs,
        **asdict(report.final),
        "at": {str(labels): asdict(report.after(labels)) for labels in report.at},
        "on_credit": asdict(report.on_credit) if report.on_credit else None,
    }


def parse_seeds(text: str) -> range:
    """`3` or `0..9`, both ends included.

    Raises:
        UsageError: anything else.
    """
    found = re.fullmatch(r"(\d{1,19})(?:\.\.(\d{1,19}))?", text.strip())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, -1)
    if not first <= last <= MOST_SEED or last - first >= MOST_SEEDS:
        raise UsageError(
            f"--seeds is {quoted(text)}, wanted a number or a range such as 0..9: at most {MOST_SEEDS} seeds from 0 to "
            f"{MOST_SEED}."
        )
    return range(first, last + 1)


def parse_at(text: str, labels: int) -> tuple[int, ...]:
    """`30,50`: numbers of labels, in rising order.

    Args:
        text: what was typed.
        labels: of the whole run.

    Raises:
        UsageError: anything else, or more labels than are given.
    """
    pieces = [piece.strip() for piece in text.split(",")]
    if not all(re.fullmatch(r"\d{1,19}", piece) and 1 <= int(piece) <= labels for piece in pieces):
        raise UsageError(
            f"--at is {quoted(text)}, wanted numbers of labels from 1 to {labels}, with commas between them."
        )
    return tuple(sorted({int(piece) for piece in pieces}))
