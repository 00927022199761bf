"""The commands of `backflip`: one function a subcommand."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from tyro.conf import Positional

from app.argument_types import (
    BundleFolder,
    Episodes,
    Height,
    Labels,
    MaybeLabels,
    MaybeOutputFolder,
    MaybePicture,
    MaybeVideo,
    Minutes,
    OutputFolder,
    Seed,
    SessionFolder,
    TaskName,
    Width,
)
from app.bench.commands import bench
from app.cli import UNEXPECTED
from app.lab.commands import lab
from app.output import DEFAULT_LABELS, DEFAULT_MINUTES, DEFAULT_TEACHER, OK, Json, tell

if TYPE_CHECKING:
    from app.teach import TeachReport


def teach(
    task: Positional[TaskName],
    out: MaybeOutputFolder = None,
    labels: Labels = DEFAULT_LABELS,
    teacher: str = DEFAULT_TEACHER,
    seed: Seed = 0,
    feedback: str = "compare",
    minutes: Minutes = 0.0,
    video: bool = False,
    as_json: Json = False,
) -> int:
    """A simulated teacher teaches, without a window.

    Makes a session in OUT/session and the policy's bundle in OUT/bundle; without --out, a session beside those of the
    desktop, with the bundle in its exports. Ctrl-C stops after a checkpoint.

    Args:
        task: What to teach; `backflip tasks` lists them.
        out: A folder for both.
        labels: How many answers the teacher gives, "cannot tell" included.
        teacher: The kind of teacher: oracle, mistaken, noisy, skipping, myopic, equal; presser, who presses alone.
        seed: Decides everything random; the same seed gives the same weights.
        feedback: What the teacher gives: compare, press, or compare,press in turns of half a minute.
        minutes: Of the teacher's time, in place of a number of labels: 3.5 s a comparison, presses as the robot plays.
            0 counts labels, or 10 minutes where there are presses.
        video: Put a preview video into the bundle.
    """
    from app import teach as teaching
    from app.session import NewSession

    if minutes == 0.0 and feedback.strip() != "compare":
        minutes = DEFAULT_MINUTES
    new = NewSession(task, seed, teacher, labels, feedback, None if minutes == 0.0 else minutes)
    report = teaching.teach(new, out, preview=video)
    return _tell_taught(report, as_json)


def resume(
    session: Positional[SessionFolder],
    labels: MaybeLabels = None,
    teacher: str | None = None,
    out: MaybeOutputFolder = None,
    video: bool = False,
    as_json: Json = False,
) -> int:
    """Go on with a session, without a window.

    Args:
        session: The session's folder.
        labels: How many answers there shall be in the end; what `teach` was told if left out.
        teacher: The kind of teacher; who taught before if left out.
        out: Where to put the bundle; into the session's exports if left out.
        video: Put a preview video into the bundle.
    """
    from app import teach as teaching

    return _tell_taught(teaching.resume(session, teacher, labels, out, preview=video), as_json)


def play(
    bundle: Positional[BundleFolder],
    episodes: Episodes = 32,
    seed: Seed = 0,
    video: MaybeVideo = None,
    sheet: MaybePicture = None,
    as_json: Json = False,
) -> int:
    """True score and falls of an exported policy.

    Args:
        bundle: The bundle's folder.
        episodes: How many episodes to score.
        seed: Decides the starts.
        video: Film one episode to this MP4 file, or its first seconds to a GIF.
        sheet: Draw one success as a row of pictures to this PNG file.
    """
    from app import play as playing

    report = playing.play(bundle, episodes, seed, video, sheet)
    if not as_json:
        print(_result(report.task, report.true_score, report.falls_per_10s))
        print(f"({report.episodes} episodes, {report.sim_seconds:.0f} s of simulation)")
    tell(asdict(report), as_json)
    return OK


def export(session: Positional[SessionFolder], to: OutputFolder, as_json: Json = False) -> int:
    """Write a session's policy as a bundle that runs without us.

    Args:
        session: The session's folder.
        to: Where to put the bundle.
    """
    from app.export import export_session
    from app.trainers import LearningTrainers

    done = export_session(session, to, LearningTrainers())
    from sim.score import score_in_words

    print(f"'{done.bundle}' holds the policy: {score_in_words(done.task, done.evaluation.true_score)}.")
    tell({"bundle": str(done.bundle), "true_score": done.evaluation.true_score}, as_json)
    return OK


def replay(session: Positional[SessionFolder], check: bool = False, as_json: Json = False) -> int:
    """Repeat a session from its labels alone, and compare the weights.

    Args:
        session: The session's folder.
        check: Exit with status 1 if the weights differ.
    """
    from app import replay as replaying
    from app.progress import Countdown
    from app.trainers import LearningTrainers

    countdown = Countdown("iterations")
    report = replaying.replay(
        session, LearningTrainers(), lambda snapshot, last: countdown.show(snapshot.iteration, last)
    )
    countdown.end()
    sentence = replaying.verdict(report)
    print(sentence, file=sys.stdout if report.same else sys.stderr)
    tell({**asdict(report), "same": report.same}, as_json)
    return UNEXPECTED if check and not report.same else OK


def sessions(as_json: Json = False) -> int:
    """List the sessions in the usual place, newest first."""
    from app.catalogue import cards
    from app.paths import sessions_dir
    from sim.errors import printable

    found = cards(sessions_dir())
    for card in found:
        line = f"{card.path}  {card.task}, {card.labels} labels{f'  ({card.problem})' if card.problem else ''}"
        print(printable(line))  # somebody else may have chosen the folder's name
    if not found:
        print(f"No sessions yet in '{sessions_dir()}'.")
    tell(
        {"sessions": [{"path": str(card.path), "task": card.task, "labels": card.labels, "problem": card.problem}
                      for card in found]},
        as_json,
    )  # fmt: skip
    return OK


def tasks(as_json: Json = False) -> int:
    """List what can be taught."""
    from sim.registry import get_task, task_names

    found = [get_task(name) for name in task_names()]
    for task in found:
        print(f"{task.name:<20} {task.summary} True score: {task.score_name}.")
    tell({"tasks": [{"name": task.name, "summary": task.summary} for task in found]}, as_json)
    return OK


def doctor(as_json: Json = False) -> int:
    """Say what this machine can do: OpenGL, cores, codecs, display."""
    from app.doctor import as_text, examine

    findings = examine()
    print(as_text(findings))
    tell({"findings": [asdict(finding) for finding in findings]}, as_json)
    return OK


def screenshots(
    session: SessionFolder, out: OutputFolder, width: Width = 1280, height: Height = 800, as_json: Json = False
) -> int:
    """Open the window on a copy of a session, and save a picture of each screen, light and dark.

    Works without a display too.

    Args:
        session: The session's folder; it stays as it is.
        out: Where the PNG files go.
        width: Of the window, in pixels.
        height: Of the window, in pixels.
    """
    from app.screenshots import take_screenshots

    taken = take_screenshots(session, out, (width, height))
    for path in taken:
        print(path)
    tell({"screenshots": [str(path) for path in taken]}, as_json)
    return OK


COMMANDS: tuple[Callable[..., int], ...] = (
    teach,
    resume,
    play,
    export,
    replay,
    bench,
    lab,
    sessions,
    tasks,
    doctor,
    screenshots,
)


def _tell_taught(report: "TeachReport", as_json: bool) -> int:
    if not as_json:
        print(_result(report.task, report.true_score, report.falls_per_10s))
        print(f"({report.labels} labels by '{report.teacher}', {report.env_steps} steps, {report.wall_s:.0f} s)")
        print(f"session  {report.session}\nbundle   {report.bundle}")
    tell(asdict(report), as_json)
    return OK


def _result(task: str, score: float, falls_per_10s: float) -> str:
    """A policy's true score and falls, in a line."""
    from sim.registry import get_task
    from sim.score import score_in_words

    found = get_task(task)
    if found.score_window is None:
        return f"{task}: {score:.2f} successes and {falls_per_10s:.2f} falls per 10 s"
    return f"{task}: {score_in_words(found, score)}; {falls_per_10s:.2f} falls per 10 s"
