"""`backflip bench`: which measurement, how much of it, and where its table goes."""

from dataclasses import asdict
from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from app.argument_types import Jobs, Labels, MaybeOutputFolder, Minutes
from app.output import DEFAULT_LABELS, DEFAULT_TEACHER, OK, Json, tell

QUICK_LABELS = 2
WINDOW_LABELS, WINDOW_EVERY = 24, 3.0
"""Answers in the window, and seconds from a pair to its answer."""


def bench(
    what: Positional[Literal["labels", "feedback", "throughput", "window"]],
    task: str = "hopper-backflip",
    labels: Labels = DEFAULT_LABELS,
    teacher: str = DEFAULT_TEACHER,
    seeds: str = "0..9",
    on_credit: bool = False,
    at: str | None = None,
    jobs: Jobs = 1,
    config: str | None = None,
    scaling: bool = False,
    out: MaybeOutputFolder = None,
    minutes: Minutes = 0.0,
    feedback: str = "all",
    quick: bool = False,
    as_json: Json = False,
) -> int:
    """Measure, as a table: what labels come to, control steps a second, or how well the window keeps up.

    Args:
        what: `labels`: the true score of several seeds after so many labels. `feedback`: after so many minutes of the
            teacher's time, with comparisons, presses, both, and the plain button. `throughput`: the teaching loop,
            alone and beside the window, the physics, Gymnasium's vector environments and stable-baselines3
            (`pip install 'backflip[bench]'`). `window`: starting, waiting, frames and training speed while a teacher
            answers by key presses.
        task: What to teach; `throughput` takes several, such as hopper-hop,walker-walk, or all.
        labels: Answers in each run.
        teacher: The kind of teacher.
        seeds: One seed, or a range such as 0..9.
        on_credit: Measure what PPO on the task's own credit, in place of a learned reward, reaches in as many steps.
        at: Show the true score after so many labels of the same runs too, such as 30,50.
        jobs: Seeds at once, each in a process of its own.
        config: Change fields of the learner's configuration in all runs, such as '{"fall_price": 0}', to see what each
            is worth.
        scaling: Measure what teaching costs with more simulations at once, and with more answers.
        out: Keep the sessions, the bundles, tables (Markdown, CSV) and a plot (PNG) in this folder.
        minutes: How long the window stays open at least, to see what it does to memory.
        feedback: What the teacher gives, with semicolons between: compare;press;compare,press;button, or all.
        quick: Less of everything, to see that it works.
    """
    if what == "throughput":
        return _bench_throughput(task, scaling, out, quick, as_json)
    if what == "feedback":
        return _bench_feedback(task, feedback, seeds, out, quick, as_json)
    if what == "window":
        return _bench_window(task, minutes, out, quick, as_json)
    from app.bench import labels as benching
    from app.trainers import parse_config

    points = () if at is None else benching.parse_at(at, labels)
    wanted = benching.parse_seeds(seeds)
    changes = {} if config is None else parse_config(config)
    if quick:
        labels, wanted = QUICK_LABELS, wanted[: max(jobs, 1)]
        points = tuple(sorted({min(point, labels) for point in points}))
    plan = benching.LabelsPlan(task, labels, teacher, wanted, on_credit, points, jobs, changes)
    report = benching.bench_labels(plan, out)
    print(benching.as_markdown(report), end="")
    tell(benching.as_fields(report), as_json)
    return OK


def _bench_throughput(task: str, scaling: bool, out: Path | None, quick: bool, as_json: bool) -> int:
    from app.bench import throughput
    from app.files import replace_text

    tasks, machine = throughput.parse_tasks(task), throughput.Machine.here()
    reports = throughput.bench_throughput(tasks, quick=quick, scaling=scaling)
    table = throughput.as_markdown(reports, machine)
    if out is not None:
        replace_text(out / "throughput.md", table)
    print(table, end="")
    tell(throughput.as_fields(reports, machine), as_json)
    return OK


def _bench_feedback(task: str, kinds: str, seeds: str, out: Path | None, quick: bool, as_json: bool) -> int:
    from app.bench import feedback
    from app.bench.labels import parse_seeds

    wanted, minutes = parse_seeds(seeds), feedback.MINUTES
    if quick:
        wanted, minutes = wanted[:1], feedback.QUICK_MINUTES
    report = feedback.bench_feedback(task, feedback.parse_kinds(kinds), wanted, minutes, out)
    print(feedback.as_markdown(report), end="")
    tell(feedback.as_fields(report), as_json)
    return OK


def _bench_window(task: str, minutes: float, out: Path | None, quick: bool, as_json: bool) -> int:
    from app.bench import window
    from app.files import replace_text

    labels, every = (2, 0.5) if quick else (WINDOW_LABELS, WINDOW_EVERY)
    report = window.bench_window(task, labels, every, minutes)
    table = window.as_markdown(report)
    if out is not None:
        replace_text(out / "window.md", table)
    print(table, end="")
    tell(asdict(report), as_json)
    return OK
