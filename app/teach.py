"""A simulated teacher teaches, without a window."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.commands import Submit
from app.errors import UsageError
from app.export import export_policy
from app.labelling import Labelling
from app.output import DEFAULT_TEACHER
from app.paths import sessions_dir
from app.progress import Progress, ProgressBar, TimeBar
from app.runner import Runner, ending_resumable
from app.session import PERSON, NewSession, Session, free_path
from app.stopping import Interrupted, StopFlag
from app.timed_lesson import COMPARE, PRESS, PRESSER, TimedLesson, TimedTeaching, parse_feedback
from app.trainers import LearningTrainers, Trainers
from learning.messages import Choice, Pair, Snapshot
from sim.errors import did_you_mean

SESSION = "session"
BUNDLE = "bundle"
"""Folders inside `--out`."""


@dataclass(frozen=True, slots=True)
class TeachReport:
    """What a run of teaching came to; the fields of `--json`."""

    task: str
    seed: int
    teacher: str
    labels: int
    """In force, 'cannot tell' included."""
    wall_s: float
    env_steps: int
    true_score: float
    falls_per_10s: float
    learned_reward: float
    """Per second, of the exported policy."""
    session: str
    bundle: str
    presses: int = 0
    """Of the labels."""
    minutes: float | None = None
    """Of the teacher's time; None where only the answers were counted."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a simulated teacher is to do."""

    teacher: str
    """Its kind."""
    labels: int
    """How many there shall be in the end."""
    bundle: Path | None
    """Where the bundle goes; None is into the session's exports."""
    preview: bool
    """Whether the bundle gets a video."""

    def __post_init__(self) -> None:
        check_labels(self.labels)
        check_teacher(self.teacher)


def check_teacher(kind: str) -> None:
    """Refuses a kind of teacher that there is not.

    Raises:
        UsageError: with the nearest kinds.
    """
    from learning.teachers import TEACHER_KINDS

    if kind == PRESSER:
        raise UsageError("The presser presses and does not compare: give --feedback press.")
    if kind not in TEACHER_KINDS:
        hint = did_you_mean(kind, (*TEACHER_KINDS, PRESSER), cutoff=0.5)
        raise UsageError(f"Unknown teacher '{kind}': {hint}There are {', '.join((*TEACHER_KINDS, PRESSER))}.")


def check_labels(labels: int) -> None:
    """Refuses a number of labels that nobody can give."""
    if labels < 1:
        raise UsageError(f"--labels is {labels}, wanted 1 or more.")


def teach(
    new: NewSession,
    out: Path | None = None,
    *,
    preview: bool = False,
    progress: Progress | None = None,
    trainers: Trainers | None = None,
) -> TeachReport:
    """Makes a session in `out/session`, teaches it, and writes the bundle to `out/bundle`.

    Without `out`, the session is one of those that the desktop lists, and the bundle goes to its exports. Without
    `progress`, a bar on stderr shows how far it is. Without `trainers`, the trainer is that of the desktop.

    Raises:
        UserError: a bad argument, or a folder that cannot be used.
        Interrupted: a signal came; the session can be resumed.
    """
    began = time.monotonic()
    path = out / SESSION if out else free_path(sessions_dir(), new.task)
    bundle = out / BUNDLE if out else None
    if new.minutes is not None:
        timed = TimedLesson(parse_feedback(new.feedback), new.minutes)
        teacher = comparing_teacher(new.teacher, timed)
        with StopFlag() as stop, Session.create(path, new) as session:
            return _give_timed(stop, timed, teacher, session, began, bundle, preview=preview, trainers=trainers)
    assert new.labels is not None, "a simulated teacher needs to know when to stop"
    lesson = Lesson(new.teacher, new.labels, bundle, preview)
    with StopFlag() as stop, Session.create(path, new) as session:
        return _give(stop, lesson, session, began, progress, trainers)


def comparing_teacher(kind: str, lesson: TimedLesson) -> str:
    """Who compares in a lesson that is to be given by a teacher of this kind; the oracle for one who presses.

    Raises:
        UsageError: there is no such teacher, or he presses and the lesson has comparisons alone.
    """
    if kind == PRESSER and PRESS in lesson.feedback:
        return DEFAULT_TEACHER
    check_teacher(kind)
    return kind


def resume(
    path: Path, teacher: str | None, labels: int | None, out: Path | None, *, preview: bool = False
) -> TeachReport:
    """Goes on with the session at `path`, with its own teacher and number of labels unless others are given.

    Raises:
        UserError: no session, or one whose teacher is a person and no other is given.
        Interrupted: a signal came; the session can be resumed again.
    """
    began = time.monotonic()
    with StopFlag() as stop, Session(path) as session:
        teacher = teacher or str(session.settings.get("teacher", ""))
        minutes = session.settings.get("minutes")
        if isinstance(minutes, float) and minutes > 0.0 and labels is None:
            timed = TimedLesson(parse_feedback(str(session.settings.get("feedback", COMPARE))), minutes)
            bundle = out / BUNDLE if out else None
            teacher = comparing_teacher(teacher, timed)
            return _give_timed(stop, timed, teacher, session, began, bundle, preview=preview)
        goal = labels if labels is not None else session.settings.get("labels")
        if not isinstance(goal, int):
            raise UsageError(f"'{path}' has no number of labels to go on to: give --labels.")
        if teacher == PERSON:
            raise UsageError(f"'{path}' is taught by a person: give --teacher to go on without a window.")
        if teacher == PRESSER:
            raise UsageError(f"'{path}' is taught by presses: give --teacher to go on by comparisons.")
        lesson = Lesson(teacher, goal, out / BUNDLE if out else None, preview)
        if minutes is not None:
            session.settings.set("minutes", 0.0)  # from here on labels count
        session.settings.set("teacher", teacher)
        session.settings.set("labels", goal)
        return _give(stop, lesson, session, began)


def run_teacher(
    session: Session,
    lesson: Lesson,
    answer: Callable[[Pair], Choice],
    stop: StopFlag,
    trainers: Trainers,
    on_progress: Callable[[Snapshot, float], None],
) -> tuple[Runner, Labelling]:
    """Lets `answer` give labels until enough are in force and learnt from, or `stop` is raised; then a checkpoint.

    Each comes when the practice for those before is done: what is learnt does not depend on how fast the machine is.
    Presses that the session has already are labels too.
    """
    runner = Runner(session, trainers)
    labelling = Labelling(
        session, lambda event: runner.send(Submit(event)), lambda: runner.board.offered, lesson.teacher
    )
    with ending_resumable(runner, session.path, stop):
        runner.start()
        answers = lesson.labels - session.presses.count()
        while not stop.raised:
            snapshot = runner.turn()
            on_progress(snapshot, runner.board.steps_per_second)
            if not runner.waits_for_teacher:
                continue
            if labelling.count >= answers:
                break
            pairs = labelling.pairs()
            if not pairs:
                raise RuntimeError("the trainer waits for an answer and offers no pair")
            labelling.answer(pairs[0].id, answer(pairs[0]), 0.0)
        runner.finish()
    return runner, labelling


def _give(
    stop: StopFlag,
    lesson: Lesson,
    session: Session,
    began: float,
    progress: Progress | None = None,
    trainers: Trainers | None = None,
) -> TeachReport:
    from learning.teachers import make_teacher

    seed = session.header.seed
    teacher = make_teacher(lesson.teacher, session.task, seed)
    bar = progress or ProgressBar(lesson.labels)
    runner, labelling = run_teacher(session, lesson, teacher.answer, stop, trainers or LearningTrainers(), bar.show)
    bar.end()
    _leave_if_stopped(stop, session)
    return _report(session, runner, labelling, lesson.teacher, began, lesson.bundle, preview=lesson.preview)


def _give_timed(
    stop: StopFlag,
    lesson: TimedLesson,
    teacher: str,
    session: Session,
    began: float,
    bundle: Path | None,
    *,
    preview: bool,
    trainers: Trainers | None = None,
) -> TeachReport:
    from learning.teachers import make_teacher

    answer = make_teacher(teacher, session.task, session.header.seed).answer
    bar = TimeBar(lesson.seconds)
    teaching = TimedTeaching(session, lesson, (teacher, answer), trainers or LearningTrainers(), bar.show)
    teaching.run(stop)
    bar.end()
    _leave_if_stopped(stop, session)
    who = ", ".join({COMPARE: teacher, PRESS: PRESSER}[kind] for kind in lesson.feedback)
    report = _report(session, teaching.runner, teaching.labelling, who, began, bundle, preview=preview)
    return replace(report, minutes=round(teaching.seconds / 60.0, 2))


def _leave_if_stopped(stop: StopFlag, session: Session) -> None:
    """Raises `Interrupted` if a signal came. One that comes later breaks off the export."""
    if stop.raised:
        raise _stopped(session)
    stop.release()


def _stopped(session: Session) -> Interrupted:
    return Interrupted(f"Stopped: `backflip resume '{session.path}'` goes on.")


def _report(
    session: Session,
    runner: Runner,
    labelling: Labelling,
    teacher: str,
    began: float,
    bundle: Path | None,
    *,
    preview: bool,
) -> TeachReport:
    """Exports the policy, and says what the lesson came to."""
    snapshot = runner.board.snapshot
    assert snapshot is not None, "a run that was not stopped has made a step"
    try:
        done, presses = export_policy(session, snapshot, labelling, bundle, preview=preview), session.presses.count()
    except KeyboardInterrupt:
        raise _stopped(session) from None
    return TeachReport(
        task=session.task.name,
        seed=session.header.seed,
        teacher=teacher,
        labels=labelling.count + presses,
        wall_s=round(time.monotonic() - began, 2),
        env_steps=snapshot.env_steps,
        true_score=done.evaluation.true_score,
        falls_per_10s=done.evaluation.falls_per_10s,
        learned_reward=snapshot.learned_reward,
        session=str(session.path),
        bundle=str(done.bundle),
        presses=presses,
    )
