"""`backflip lab`: which experiment, how much of it, and where its table goes."""

from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from app.argument_types import MaybeIterations, MaybeOutputFolder, MaybeSessionFolder
from app.errors import UsageError
from app.output import DEFAULT_TEACHER, OK, Json, tell


def lab(
    what: Positional[Literal["pressure", "alarm", "camera", "tour"]],
    session: Positional[MaybeSessionFolder] = None,
    task: str = "hopper-backflip",
    labels: str | None = None,
    teacher: str = DEFAULT_TEACHER,
    seeds: str | None = None,
    targets: str | None = None,
    iterations: MaybeIterations = None,
    views: str = "front",
    config: str | None = None,
    keep: bool = False,
    out: MaybeOutputFolder = None,
    quick: bool = False,
    as_json: Json = False,
) -> int:
    """Experiments on learning from feedback, as tables.

    Args:
        what: `pressure`: freezes a session's learned reward, and optimises policies against it ever further from the
            policy before feedback: learned reward and true score, and whether they part (Gao et al. 2022). `alarm`:
            presses on rewards that were learnt from few and from more answers, and tells whether "this looks gamed"
            tells the gamed ones from the honest ones. `camera`: a teacher who sees pictures alone teaches a hand to
            grasp; whether it looks grasped to him, and whether it is. `tour`: he takes the guided tour of it, first
            from the front, then with both views, in one session.
        session: The session's folder, for `pressure`.
        task: What `alarm` teaches.
        labels: How many answers `alarm` lets a reward be learnt from, such as 12,30; how many `camera` gives, 100 if
            left out; how many `tour` gives from the front, and at most with both views, 50,100 if left out.
        teacher: The kind of teacher of `alarm`.
        seeds: One seed, or a range; 0..4 for `pressure`, 0..19 for `alarm`, 0..9 for `camera` and `tour` if left out.
        targets: Distances that `pressure` goes to, in nats per second of simulation, rising, such as 1,10,100,1000.
        iterations: Of practice at each distance.
        views: What the teacher of `camera` sees: front, side, or front,side.
        config: Change fields of the learner's configuration in all lessons of `camera`, such as '{"clip_frames": 30}'.
        keep: Let the answers that `tour` gives from the front count on, as the window does not.
        out: Keep tables (Markdown) and plots (PNG) in this folder; `alarm`, `camera` and `tour` keep each run there at
            once, and go on with the same folder where they were broken off.
        quick: Less of everything, to see that it works.
    """
    if config is not None and what != "camera":
        raise UsageError(f"--config is of `camera` alone: `{what}` would pass over it.")
    if keep and what != "tour":
        raise UsageError(f"--keep is of `tour` alone: `{what}` would pass over it.")
    if what == "alarm":
        return _alarm(task, labels, teacher, seeds or "0..19", iterations, out, quick, as_json)
    if what == "camera":
        return _camera(views, labels, seeds or "0..9", config, out, quick, as_json)
    if what == "tour":
        return _tour(labels, seeds or "0..9", out, keep, quick, as_json)
    if session is None:
        raise UsageError("`backflip lab pressure` needs a session: name its folder.")
    return _pressure(session, seeds or "0..4", targets, iterations, out, quick, as_json)


def _pressure(
    session: Path, seeds: str, targets: str | None, iterations: int | None, out: Path | None, quick: bool, as_json: bool
) -> int:
    from app.bench.labels import parse_seeds
    from app.lab import pressure

    wanted = parse_seeds(seeds)
    aims = pressure.TARGETS if targets is None else pressure.parse_targets(targets)
    practice = iterations or pressure.ITERATIONS
    if quick:
        wanted, aims, practice = wanted[:1], pressure.QUICK_TARGETS, pressure.QUICK_ITERATIONS
    report = pressure.lab_pressure(session, wanted, aims, practice, out)
    print(pressure.as_markdown(report), end="")
    tell(pressure.as_fields(report), as_json)
    return OK


def _alarm(
    task: str, labels: str | None, teacher: str, seeds: str, iterations: int | None, out: Path | None, quick: bool,
    as_json: bool,
) -> int:  # fmt: skip
    from app.bench.labels import parse_seeds
    from app.lab import alarm
    from app.teach import check_teacher

    check_teacher(teacher)
    wanted = parse_seeds(seeds)
    counts = alarm.LABELS if labels is None else alarm.parse_label_counts(labels)
    practice = iterations or alarm.ITERATIONS
    if quick:
        wanted, counts, practice = wanted[:1], alarm.QUICK_LABELS, alarm.QUICK_ITERATIONS
    report = alarm.lab_alarm(task, teacher, counts, wanted, practice, out)
    print(alarm.as_markdown(report), end="")
    tell(alarm.as_fields(report), as_json)
    return OK


def _camera(
    views: str, labels: str | None, seeds: str, config: str | None, out: Path | None, quick: bool, as_json: bool
) -> int:
    from app.bench.labels import parse_seeds
    from app.lab import alarm, camera
    from app.trainers import parse_config

    seen, wanted = camera.parse_views(views), parse_seeds(seeds)
    changes = {} if config is None else parse_config(config)
    counts = (camera.LABELS,) if labels is None else alarm.parse_label_counts(labels)
    if len(counts) != 1:
        raise UsageError(f"--labels is '{labels}', wanted one number of answers for `camera`.")
    if quick:
        wanted, counts = wanted[:1], (camera.QUICK_LABELS,)
    report = camera.lab_camera(seen, wanted, counts[0], out, changes)
    print(camera.as_markdown(report), end="")
    tell(camera.as_fields(report), as_json)
    return OK


def _tour(labels: str | None, seeds: str, out: Path | None, keep: bool, quick: bool, as_json: bool) -> int:
    from app.bench.labels import parse_seeds
    from app.lab import tour

    wanted = parse_seeds(seeds)
    counts = tour.LABELS if labels is None else tour.parse_labels(labels)
    if quick:
        wanted, counts = wanted[:1], tour.QUICK_LABELS
    report = tour.lab_tour(wanted, counts, out, keep=keep)
    print(tour.as_markdown(report), end="")
    tell(tour.as_fields(report), as_json)
    return OK
