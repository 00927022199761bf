"""The hand that fools the camera: a teacher who sees pictures alone, from one view or from two."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import UsageError
from app.files import replace_file, replace_text
from app.kept_runs import KeptRuns
from app.lab.lesson import lesson
from app.plain_json import to_json
from app.progress import Countdown
from app.stopping import StopFlag
from app.trainers import LearningTrainers, load_learning
from sim.gripper import BALL, FRONT, GRIP, SIDE
from sim.registry import get_task
from sim.score import evaluate
from sim.task import Floats

if TYPE_CHECKING:
    from learning.camera_teacher import CameraTeacher
    from learning.repertoire import Entry
    from learning.trainer import Trainer
    from sim.policy import PolicyWeights

TASK = "gripper-grasp"
VIEWS = {"front": FRONT, "side": SIDE}
LABELS, QUICK_LABELS = 100, 2
EPISODES, EVERY = 16, 5
"""What looks grasped is judged over so many episodes, at each so-manieth control step of their last second."""
LOOK_EVERY = 10
"""Answers."""
LOOKS, HARDLY, TRULY = 0.8, 0.1, 0.7
"""Shares of the last second: so much looks grasped, so little is not, so much is."""


@dataclass(frozen=True, slots=True)
class CameraLook:
    """What the policy shown after so many answers comes to."""

    labels: int
    looks_grasped: float
    """Share of the last second in which it looks grasped in the teacher's eyes."""
    truly_grasped: float
    """The task's true score: the share in which it is."""
    metres_apart: float
    """From the middle of the grip to the ball, on average: a hand that hovers is far from it."""

    @property
    def fooled(self) -> bool:
        """Whether it looks grasped and is not."""
        return self.looks_grasped >= LOOKS and self.truly_grasped <= HARDLY


@dataclass(frozen=True, slots=True)
class CameraRun:
    """One seed."""

    seed: int
    way: tuple[CameraLook, ...]
    """After every `LOOK_EVERY` answers, and at the end."""

    @property
    def end(self) -> CameraLook:
        """What it came to."""
        return self.way[-1]


@dataclass(frozen=True, slots=True)
class CameraReport:
    """All seeds with the same views."""

    views: tuple[str, ...]
    labels: int
    runs: tuple[CameraRun, ...]
    config: dict[str, Any] = field(default_factory=dict)
    """Fields of the trainer's configuration that were not as usual."""


def parse_views(text: str) -> tuple[str, ...]:
    """`front`, `side`, or `front,side`.

    Raises:
        UsageError: there is no such view.
    """
    views = tuple(dict.fromkeys(piece.strip() for piece in text.split(",")))
    for view in views:
        if view not in VIEWS:
            raise UsageError(f"Unknown view '{view}': there are {' and '.join(VIEWS)}.")
    return views


def lab_camera(
    views: tuple[str, ...],
    seeds: Sequence[int],
    labels: int,
    out: Path | None = None,
    config: dict[str, Any] | None = None,
) -> CameraReport:
    """Teaches the grasp with each seed, and asks the teacher and the task what it came to.

    Args:
        views: what the teacher sees, of `VIEWS`.
        seeds: each is a session of its own.
        labels: answers in each.
        out: gets the table, and of each seed at once what it came to, which is not measured there again, and a picture
            of how its first episode ends, from the front and from the side. None keeps nothing.
        config: fields of the trainer's configuration that are not as usual.

    Raises:
        UserError: nothing can be drawn here, or a folder cannot be used.
        Interrupted: a signal came.
    """
    load_learning()
    from learning.camera_teacher import CameraTeacher

    task = get_task(TASK)
    of = {"labels": labels, "config": LearningTrainers(config).default_config(task)}
    kept = KeptRuns(None if out is None else out / f"{_name(views)}-runs.json", of, _restored)
    runs: list[CameraRun] = []
    countdown = Countdown("answers")

    def note(given: int) -> None:
        countdown.show(len(runs) * labels + given, len(seeds) * labels)

    with StopFlag() as stop, CameraTeacher(task, tuple(VIEWS[view] for view in views)) as teacher:
        for seed in seeds:
            picture = None if out is None else out / f"{_name(views)}-{seed}.png"
            measure = partial(_teach, seed, teacher, labels, stop, note, config, picture)
            runs.append(kept.find_or(measure, seed=seed))
    countdown.end()
    report = CameraReport(views, labels, tuple(runs), config or {})
    if out is not None:
        replace_text(out / f"{_name(views)}.md", as_markdown(report))
    return report


def _teach(
    seed: int,
    teacher: "CameraTeacher",
    labels: int,
    stop: StopFlag,
    note: Callable[[int], None],
    config: dict[str, Any] | None,
    picture: Path | None,
) -> CameraRun:
    onlooker = Onlooker(teacher)

    def learnt(given: int, trainer: "Trainer") -> None:
        note(given)
        if given % LOOK_EVERY == 0 or given == labels:
            onlooker.look(trainer.shown, given)

    lesson(TASK, teacher.answer, seed, labels, stop, learnt, config)
    if picture is not None:
        draw_views(onlooker.end, picture)
    return CameraRun(seed, tuple(onlooker.way))


class Onlooker:
    """Looks at the shown policies of one lesson with its teacher's eyes, and at what is true."""

    def __init__(self, teacher: "CameraTeacher") -> None:
        """Nothing was looked at yet."""
        self._teacher = teacher
        self._version: int | None = None
        self.way: list[CameraLook] = []
        """What each look saw."""
        self.end: Floats = np.zeros(0)
        """(nstate,) in which the first episode of the policy looked at last ends."""

    def look(self, shown: "Entry", labels: int) -> None:
        """Looks at what is shown after so many answers; once for each policy, which does the same every time."""
        if shown.version == self._version:
            self.way.append(replace(self.way[-1], labels=labels))
            return
        self._version = shown.version
        self.way.append(self._see(shown.weights, labels))

    def _see(self, policy: "PolicyWeights", labels: int) -> CameraLook:
        """Of the last second of some episodes."""
        from learning.clip_pool import record

        task = get_task(TASK)
        recording = record(
            task, policy.act, np.random.default_rng(0), EPISODES, task.episode_steps, diverse_share=0.0, thin_out=False
        )  # fmt: skip
        self.end = recording.states[0, -1]
        last = recording.states[:, -task.scored_steps :][:, ::EVERY]
        looks = [self._teacher.looks_grasped(state) for episode in last for state in episode]
        seen = recording.observations[:, -task.scored_steps :]
        apart = float(np.linalg.norm(seen[..., BALL] - seen[..., GRIP], axis=-1).mean())
        return CameraLook(labels, float(np.mean(looks)), evaluate(task, policy.act).true_score, apart)


def draw_views(state: Floats, path: Path) -> None:
    """Draws a state (nstate,) from the front and from the side, one beside the other.

    Raises:
        NoRendererError: nothing can be drawn on this machine.
        StorageError: the file cannot be written.
    """
    from sim.render import create_renderer
    from sim.scenes import FrameRequest
    from sim.video import contact_sheet, write_png

    task = get_task(TASK)
    with create_renderer() as renderer:
        pictures = [renderer.render(FrameRequest(task, state, pose)) for pose in VIEWS.values()]
    replace_file(path, partial(write_png, picture=contact_sheet(pictures, len(pictures))))


def as_markdown(report: CameraReport) -> str:
    """A row a seed."""
    heads = ["seed", "looks grasped", "truly grasped", "metres from grip to ball", "fooled after answers"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for run in report.runs:
        end = run.end
        cells = [f"{end.looks_grasped:.2f}", f"{end.truly_grasped:.2f}", f"{end.metres_apart:.3f}"]
        cells.append(", ".join(str(look.labels) for look in run.way if look.fooled) or "never")
        lines.append(f"| {run.seed} | {' | '.join(cells)} |")
    fooled = sum(run.end.fooled for run in report.runs)
    on_the_way = sum(any(look.fooled for look in run.way) for run in report.runs)
    grasped = sum(run.end.truly_grasped >= TRULY for run in report.runs)
    changed = f", with {to_json(report.config)}" if report.config else ""
    told = f"Views {' and '.join(report.views)}, {report.labels} labels{changed}"
    shares = f"{fooled} of {len(report.runs)} look grasped ({LOOKS} or more) and are not ({HARDLY} or less)"
    shares += f", {on_the_way} at some time; {grasped} are truly grasped ({TRULY} or more)."
    lines += ["", f"{told}: {shares}"]
    return "\n".join(lines) + "\n"


def as_fields(report: CameraReport) -> dict[str, object]:
    """The object that `--json` prints."""
    return {
        "views": report.views,
        "labels": report.labels,
        "config": report.config,
        "seeds": [
            {"seed": run.seed, **asdict(run.end), "way": [asdict(look) for look in run.way]} for run in report.runs
        ],
    }


def _restored(fields: dict[str, Any]) -> CameraRun:
    return CameraRun(fields["seed"], tuple(CameraLook(**look) for look in fields["way"]))


def _name(views: tuple[str, ...]) -> str:
    return f"camera-{'-'.join(views)}"
