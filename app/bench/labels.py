"""Measurements of learning, as tables that a command makes again."""

import re
import statistics
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from app.bench.plot import Curve, plot_curves
from app.errors import UsageError
from app.files import replace_text
from app.session import NewSession, Session
from app.teach import TeachReport, teach
from sim.registry import get_task

MOST_POINTS = 100_000
QUARTILES = 4
"""The interquartile mean leaves the best and the worst quarter out (Agarwal et al. 2021)."""


@dataclass(frozen=True, slots=True)
class LabelsReport:
    """What several seeds came to with the same number of labels; the fields of `--json`."""

    task: str
    teacher: str
    runs: tuple[TeachReport, ...]
    median: float
    """Of the true scores."""
    iqm: float
    """Interquartile mean of the true scores."""


def bench_labels(task: str, labels: int, teacher: str, seeds: range, out: Path | None = None) -> LabelsReport:
    """Teaches once for each seed, each in a session of its own.

    Args:
        task: name of the task.
        labels: answers in each run.
        teacher: kind of the simulated teacher.
        seeds: which.
        out: keeps the sessions and bundles, and gets tables and a plot; None keeps nothing.

    Raises:
        UserError: a bad argument, or a folder that cannot be used.
        Interrupted: a signal came.
    """
    score_name = get_task(task).score_name
    with tempfile.TemporaryDirectory(prefix="backflip-bench-") as scratch:
        folder = out or Path(scratch)
        runs = tuple(teach(NewSession(task, seed, teacher, labels), folder / f"seed-{seed}") for seed in seeds)
        curves = {run.seed: curve_of(run) for run in runs} if out is not None else {}
    scores = sorted(run.true_score for run in runs)
    cut = len(scores) // QUARTILES
    report = LabelsReport(
        task, teacher, runs, statistics.median(scores), statistics.fmean(scores[cut : len(scores) - cut])
    )
    if out is not None:
        replace_text(out / "table.md", as_markdown(report))
        replace_text(out / "table.csv", as_csv(report))
        replace_text(out / "curves.csv", curves_as_csv(curves))
        plot_curves(
            curves, out / "curves.png", f"{task}, teacher '{teacher}', seeds {seeds[0]} to {seeds[-1]}", score_name
        )
    return report


def curve_of(run: TeachReport) -> Curve:
    """The true score of the shown policy at the end of each label's practice."""
    with Session(Path(run.session)) as session:
        rows = session.journal.metrics(MOST_POINTS)
    return list({row.labels: (row.labels, row.true_score) for row in rows}.values())


def as_csv(report: LabelsReport) -> str:
    """The table of all runs, for other programs."""
    lines = ["seed,labels,true_score,falls_per_10s,wall_s,env_steps"]
    lines += [
        f"{run.seed},{run.labels},{run.true_score},{run.falls_per_10s},{run.wall_s},{run.env_steps}"
        for run in report.runs
    ]
    return "\n".join(lines) + "\n"


def curves_as_csv(curves: dict[int, Curve]) -> str:
    """True score against labels, of all seeds."""
    lines = ["seed,labels,true_score"]
    lines += [f"{seed},{labels},{score}" for seed, curve in curves.items() for labels, score in curve]
    return "\n".join(lines) + "\n"


def as_markdown(report: LabelsReport) -> str:
    """The table of all runs."""
    lines = [
        "| seed | labels | true score | falls per 10 s | wall time, s | control steps, millions |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {run.seed} | {run.labels} | {run.true_score:.2f} | {run.falls_per_10s:.2f} | {run.wall_s:.0f} "
        f"| {run.env_steps / 1e6:.2f} |"
        for run in report.runs
    ]
    lines.append(
        f"\n{report.task}, teacher '{report.teacher}': median {report.median:.2f}, interquartile mean {report.iqm:.2f}."
    )
    return "\n".join(lines) + "\n"


def as_fields(report: LabelsReport) -> dict[str, object]:
    """The object that `--json` prints."""
    return asdict(report)


def parse_seeds(text: str) -> range:
    """`3` or `0..9`, both ends included.

    Raises:
        UsageError: anything else.
    """
    found = re.fullmatch(r"(\d+)(?:\.\.(\d+))?", text.strip())
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise UsageError(f"--seeds is '{text}', wanted a number or a range such as 0..9.")
    return range(int(found[1]), int(found[2] or found[1]) + 1)
