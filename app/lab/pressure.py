"""How much optimisation a session's learned reward withstands: it is frozen, and policies are let ever further."""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.arguments import MOST_NATS, quoted, real_number
from app.bench.plot import plot_points
from app.errors import SessionError, UsageError
from app.files import replace_text
from app.lab.overoptimisation import LEAST_POINTS, GaoFit, fit_gao
from app.progress import Countdown
from app.restoring import catch_up
from app.session import open_to_read
from app.stopping import Interrupted, StopFlag
from app.trainers import LearningTrainers, load_learning
from sim.backends import NoRendererError
from sim.task import Task

if TYPE_CHECKING:
    from learning.pressure import PressurePoint

TARGETS = (1.0, 3.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)
"""Nats per second of simulation."""
ITERATIONS = 30
"""Of practice at each."""
QUICK_TARGETS, QUICK_ITERATIONS = (5.0, 10.0, 20.0, 40.0), 1
STUDENT = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""Student's t, two-sided 95 %, for 1 to 9 degrees of freedom;"""
NORMAL = 1.96
"""with more it is taken for this."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The mean of all seeds at one target; intervals are 95 %."""

    target: float
    sqrt_kl: float
    """Square root of nats per second of simulation."""
    learned: float
    """Learned reward per second."""
    learned_low: float
    learned_high: float
    true: float
    true_low: float
    true_high: float


@dataclass(frozen=True, slots=True)
class PressureReport:
    """A whole experiment."""

    session: str
    task: str
    labels: int
    seeds: tuple[int, ...]
    points: tuple[CurvePoint, ...]
    """The reference first, at distance zero."""
    fit: GaoFit


def parse_targets(text: str) -> tuple[float, ...]:
    """Such as `1,10,100`: nats per second, rising.

    Raises:
        UsageError: no such list.
    """
    try:
        targets = tuple(real_number(piece, 0.0, MOST_NATS) for piece in text.split(","))
    except ValueError:
        targets = ()
    rising = all(one < other for one, other in zip((0.0, *targets), targets, strict=False))
    if len(targets) < LEAST_POINTS or not rising:
        raise UsageError(
            f"--targets is {quoted(text)}, wanted {LEAST_POINTS} rising numbers or more above 0, at most "
            f"{MOST_NATS:g}, such as 1,10,100,1000."
        )
    return targets


def lab_pressure(
    path: Path,
    seeds: Sequence[int],
    targets: tuple[float, ...] = TARGETS,
    iterations: int = ITERATIONS,
    out: Path | None = None,
) -> PressureReport:
    """Freezes the reward model of the session at `path`, and optimises against it with each seed.

    Args:
        path: a session with a checkpoint; it stays as it is.
        seeds: of the policies.
        targets: nats per second of simulation, rising.
        iterations: of practice at each target.
        out: gets a table, a plot, and pictures of the first seed's best and last policies; None keeps nothing.

    Raises:
        UserError: it is no session, it has no checkpoint, or `out` cannot be written.
        Interrupted: a signal came.
    """
    load_learning()
    from learning.pressure import Pressure
    from learning.trainer import Trainer

    with open_to_read(path) as session:
        if not session.checkpoints.files():
            raise SessionError(f"'{path}' has no checkpoint yet: there is no learned reward to press on.")
        countdown = Countdown("iterations")
        trainer, _ = catch_up(
            session, LearningTrainers(), lambda snapshot: countdown.show(snapshot.iteration, snapshot.iteration)
        )
        assert isinstance(trainer, Trainer)
    countdown, total, done = Countdown("targets"), len(seeds) * (1 + len(targets)), 0
    found: list[list[PressurePoint]] = []
    with StopFlag() as stop:
        for seed in seeds:
            rising: list[PressurePoint] = []
            for point in Pressure(trainer, seed).rise(targets, iterations):
                rising.append(point)
                done += 1
                countdown.show(done, total)
                if stop.raised:
                    raise Interrupted("Stopped.")
            found.append(rising)
    countdown.end()
    points = tuple(_mean_point(list(each)) for each in zip(*found, strict=True))
    flown = points[1:]
    fit = fit_gao(
        np.array([point.sqrt_kl for point in flown]), np.array([point.true - points[0].true for point in flown])
    )
    report = PressureReport(str(path), trainer.task.name, trainer.labels, tuple(seeds), points, fit)
    if out is not None:
        replace_text(out / "pressure.md", as_markdown(report))
        across = [point.sqrt_kl for point in points]
        curves = {
            "learned reward per s": [(point.learned, point.learned_low, point.learned_high) for point in points],
            trainer.task.score_name: [(point.true, point.true_low, point.true_high) for point in points],
        }
        plot_points(across, curves, out / "pressure.png", trainer.task.name, "distance from the reference, \u221aKL")
        _draw(trainer.task, found[0], out)
    return report


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and its 95 % interval, by Student's t over the seeds; of one value, that value thrice."""
    middle = statistics.fmean(values)
    if len(values) < 2:
        return middle, middle, middle
    freedom = len(values) - 1
    times = STUDENT[freedom - 1] if freedom <= len(STUDENT) else NORMAL
    half = times * statistics.stdev(values) / len(values) ** 0.5
    return middle, middle - half, middle + half


def as_markdown(report: PressureReport) -> str:
    """A row a target, and what the form says."""
    lines = [
        "| target, nats/s | distance | learned reward per s | 95 % | true score | 95 % |",
        "|---|---|---|---|---|---|",
    ]
    for point in report.points:
        target = "reference" if point.target == 0.0 else f"{point.target:g}"
        lines.append(
            f"| {target} | {point.sqrt_kl:.2f} | {point.learned:.2f} | {point.learned_low:.2f} to "
            f"{point.learned_high:.2f} | {point.true:.2f} | {point.true_low:.2f} to {point.true_high:.2f} |"
        )
    fit = report.fit
    peak = "none" if fit.peak is None else f"{fit.peak:.2f}"
    runs = f"{report.task}, {report.labels} labels, {len(report.seeds)} seeds"
    numbers = f"alpha {fit.alpha:.3f}, beta {fit.beta:.3f}, peak {peak}, R squared {fit.r_squared:.2f}"
    return "\n".join([*lines, "", f"{runs}: {numbers}. {fit.why}"]) + "\n"


def as_fields(report: PressureReport) -> dict[str, object]:
    """The object that `--json` prints."""
    fit = asdict(report.fit)
    return {
        "session": report.session,
        "task": report.task,
        "labels": report.labels,
        "seeds": report.seeds,
        "points": [asdict(point) for point in report.points],
        **fit,
    }


def _draw(task: Task, points: "Sequence[PressurePoint]", out: Path) -> None:
    """The policy that was best by the true score, and the last one, as films and as rows of pictures."""
    from app.bundle_preview import draw_sheet, film, record_success

    best = max(points, key=lambda point: point.true)
    for name, point in (("best", best), ("last", points[-1])):
        recording = record_success(task, point.policy.act)
        try:
            draw_sheet(task, recording, out / f"{name}.png")
            film(task, recording.clip, out / f"{name}.gif", lambda _: None)
        except NoRendererError as error:
            print(f"No pictures: {error}", file=sys.stderr)
            return


def _mean_point(seeds: "list[PressurePoint]") -> CurvePoint:
    learned, true = interval([point.learned for point in seeds]), interval([point.true for point in seeds])
    distance = statistics.fmean(max(point.reading.kl, 0.0) ** 0.5 for point in seeds)
    return CurvePoint(seeds[0].target, distance, *learned, *true)
