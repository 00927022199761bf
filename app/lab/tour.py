"""The gripper's guided tour, taken by a teacher who sees pictures alone: from the front first, then with both views.

As in the window, what was said from the front counts as "can't tell" afterwards, unless the hand grasps already.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import UsageError
from app.files import replace_text
from app.kept_runs import KeptRuns
from app.lab.alarm import parse_label_counts
from app.lab.camera import HARDLY, LOOK_EVERY, LOOKS, TASK, VIEWS, CameraLook, Onlooker, draw_views
from app.lab.lesson import Lesson
from app.progress import Countdown
from app.stopping import StopFlag
from app.trainers import LearningTrainers, load_learning
from learning.messages import Choice
from sim.registry import get_task
from ui.tour_stages import ANSWERS, GRASPS, Stage

if TYPE_CHECKING:
    from learning.camera_teacher import CameraTeacher
    from learning.trainer import Trainer

LABELS = (ANSWERS[Stage.FRONT], ANSWERS[Stage.BOTH])
QUICK_LABELS = (2, 2)


@dataclass(frozen=True, slots=True)
class TourRun:
    """One seed."""

    seed: int
    front: tuple[CameraLook, ...]
    """After every `LOOK_EVERY` answers from the front, and after the last of them; as it looks from there,"""
    both: tuple[CameraLook, ...]
    """and the same with both views, as it looks in both. The tour ends early where the hand grasps."""

    @property
    def grasps(self) -> bool:
        """Whether it does in the end."""
        return self.both[-1].truly_grasped >= GRASPS


@dataclass(frozen=True, slots=True)
class TourReport:
    """All seeds."""

    labels: tuple[int, int]
    """Answers from the front, and at most so many with both views."""
    keep: bool
    """Whether those from the front went on to count."""
    runs: tuple[TourRun, ...]


def parse_labels(text: str) -> tuple[int, int]:
    """`50,100`: answers from the front, and at most with both views.

    Raises:
        UsageError: no such two numbers.
    """
    counts = [count for piece in text.split(",") for count in parse_label_counts(piece)]
    if len(counts) != 2:
        raise UsageError(f"--labels is '{text}', wanted two numbers of answers for `tour`, such as 50,100.")
    return counts[0], counts[1]


def lab_tour(
    seeds: Sequence[int], labels: tuple[int, int] = LABELS, out: Path | None = None, *, keep: bool = False
) -> TourReport:
    """Takes the tour with each seed.

    Args:
        seeds: each is a session of its own.
        labels: answers from the front, and at most so many with both views.
        out: gets the table, and of each seed at once what it came to, which is not measured there again, and pictures
            of how the first episode ends after either part, from the front and from the side. None keeps nothing.
        keep: lets the answers from the front count on, as the window does not.

    Raises:
        UserError: nothing can be drawn here, or a folder cannot be used.
        Interrupted: a signal came.
    """
    load_learning()
    of = {"labels": labels, "keep": keep, "config": LearningTrainers().default_config(get_task(TASK))}
    kept = KeptRuns(None if out is None else out / "tour-runs.json", of, _restored)
    runs: list[TourRun] = []
    countdown = Countdown("answers")

    def note(given: int) -> None:
        countdown.show(len(runs) * sum(labels) + given, len(seeds) * sum(labels))

    with StopFlag() as stop:
        for seed in seeds:
            measure = partial(_take, seed, labels, stop, note, out, keep=keep)
            runs.append(kept.find_or(measure, seed=seed))
    countdown.end()
    report = TourReport(labels, keep, tuple(runs))
    if out is not None:
        replace_text(out / "tour.md", as_markdown(report))
    return report


def _take(
    seed: int, labels: tuple[int, int], stop: StopFlag, note: Callable[[int], None], out: Path | None, *, keep: bool
) -> TourRun:
    from learning.camera_teacher import CameraTeacher

    task, taught = get_task(TASK), Lesson(TASK, seed, stop)
    with CameraTeacher(task, (VIEWS["front"],)) as one, CameraTeacher(task, tuple(VIEWS.values())) as careful:
        front = _teach(taught, one, range(1, labels[0] + 1), note, ends_early=False)
        if not (keep or _grasps(taught.trainer)):
            taught.amend_all(Choice.CANNOT_TELL)
        both = _teach(taught, careful, range(labels[0] + 1, sum(labels) + 1), note, ends_early=True)
    if out is not None:
        for name, stage in (("front", front), ("both", both)):
            draw_views(stage.end, out / f"tour-{seed}-{name}.png")
    return TourRun(seed, tuple(front.way), tuple(both.way))


def _teach(
    taught: Lesson, teacher: "CameraTeacher", numbers: range, note: Callable[[int], None], *, ends_early: bool
) -> Onlooker:
    """Has the teacher give the answers of these numbers, or fewer where a grasp `ends_early`."""
    onlooker = Onlooker(teacher)
    for number in numbers:
        taught.answer(teacher.answer)
        note(number)
        ends = number == numbers[-1] or (ends_early and _grasps(taught.trainer))
        if ends or number % LOOK_EVERY == 0:
            onlooker.look(taught.trainer.shown, number)
        if ends:
            break
    return onlooker


def _grasps(trainer: "Trainer") -> bool:
    """Whether the shown policy does."""
    return trainer.shown.trial.true_score >= GRASPS


def as_markdown(report: TourReport) -> str:
    """A row a seed."""
    heads = ["seed", "from the front: looks grasped", "truly", "with both views, answers", "looks grasped", "truly"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for run in report.runs:
        fooled, end = run.front[-1], run.both[-1]
        cells = [f"{fooled.looks_grasped:.2f}", f"{fooled.truly_grasped:.2f}", str(end.labels - report.labels[0])]
        cells += [f"{end.looks_grasped:.2f}", f"{end.truly_grasped:.2f}"]
        lines.append(f"| {run.seed} | {' | '.join(cells)} |")
    fooled_by, grasped = sum(run.front[-1].fooled for run in report.runs), sum(run.grasps for run in report.runs)
    kept = ", which go on to count" if report.keep else ""
    told = f"{report.labels[0]} answers from the front{kept}, then at most {report.labels[1]} with both views: "
    told += f"{fooled_by} of {len(report.runs)} look grasped from the front ({LOOKS} or more) and are not ({HARDLY} or"
    told += f" less); in the end {grasped} are truly grasped ({GRASPS} or more)."
    return "\n".join([*lines, "", told]) + "\n"


def as_fields(report: TourReport) -> dict[str, object]:
    """The object that `--json` prints."""
    return {
        "labels": report.labels,
        "keep": report.keep,
        "seeds": [{**asdict(run), "grasps": run.grasps} for run in report.runs],
    }


def _restored(fields: dict[str, Any]) -> TourRun:
    front, both = (tuple(CameraLook(**look) for look in fields[name]) for name in ("front", "both"))
    return TourRun(fields["seed"], front, both)
