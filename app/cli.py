"""`backflip`: one function a subcommand."""

import contextlib
import functools
import io
import itertools
import logging
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import tyro
from tyro.conf import Positional

from app.bench.commands import bench
from app.errors import UsageError
from app.lab.commands import lab
from app.logs import start_log
from app.output import DEFAULT_LABELS, DEFAULT_MINUTES, DEFAULT_TEACHER, OK, Json, tell
from app.stopping import Interrupted
from sim.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from app.teach import TeachReport

log = logging.getLogger(__name__)

UNEXPECTED, MISTAKE, INTERRUPTED = 1, 2, 130
"""Exit statuses: an error of ours (or a replay that parts), a mistake of the user, stopped by a signal."""

DESCRIPTION = """\
Teach a simulated robot by feedback: choose between clips, and watch it learn.

Without a command, the desktop opens. The commands do the same work without a window.

Examples:

  backflip                                                    open the desktop
  backflip teach hopper-backflip --labels 200 --out first     let a simulated teacher teach
  backflip teach hopper-backflip --feedback press --teacher presser --minutes 10
  backflip resume first/session --labels 300                  go on with that session
  backflip play first/bundle --video backflip.mp4             score the policy, and film it
  backflip replay first/session --check                       the same weights again, from the labels alone
  backflip lab pressure first/session                         how much optimisation the learned reward withstands
  backflip doctor                                             what this machine can do

Exit status: 0 done, 1 an error of ours or a replay that parts, 2 a mistake that you can mend, 130 stopped.
"""


def teach(
    task: Positional[str],
    out: Path | None = None,
    labels: int = DEFAULT_LABELS,
    teacher: str = DEFAULT_TEACHER,
    seed: int = 0,
    feedback: str = "compare",
    minutes: float = 0.0,
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

    if seed < 0:
        raise UsageError(f"--seed is {seed}, wanted 0 or more.")
    if minutes == 0.0 and feedback.strip() != "compare":
        minutes = DEFAULT_MINUTES
    new = NewSession(task, seed, teacher, labels, feedback, None if minutes == 0.0 else minutes)
    report = teaching.teach(new, out, preview=video)
    return _tell_taught(report, as_json)


def resume(
    session: Positional[Path],
    labels: int | None = None,
    teacher: str | None = None,
    out: Path | None = None,
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
    bundle: Positional[Path],
    episodes: int = 32,
    seed: int = 0,
    video: Path | None = None,
    sheet: Path | None = None,
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


def export(session: Positional[Path], to: Path, as_json: Json = False) -> int:
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


def replay(session: Positional[Path], check: bool = False, as_json: Json = False) -> int:
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

    found = cards(sessions_dir())
    for card in found:
        print(f"{card.path}  {card.task}, {card.labels} labels{f'  ({card.problem})' if card.problem else ''}")
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


def screenshots(session: Path, out: Path, width: int = 1280, height: int = 800, as_json: Json = False) -> int:
    """Open the window on a copy of a session, and save a picture of each screen, light and dark.

    Works without a display too.

    Args:
        session: The session's folder; it stays as it is.
        out: Where the PNG files go.
        width: Of the window, in pixels.
        height: Of the window, in pixels.
    """
    from app.screenshots import take_screenshots

    least = (1100, 700)
    if width < least[0] or height < least[1]:
        raise UsageError(f"--width and --height are {width} x {height}, wanted at least {least[0]} x {least[1]}.")
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


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script."""
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; returns the exit status. Prints one line for whatever goes wrong."""
    written = start_log()
    try:
        if not arguments:
            from app.desktop import run_desktop

            return run_desktop()
        return parse(arguments)()
    except UserError as error:
        _complain(str(error))
        return MISTAKE
    except (KeyboardInterrupt, Interrupted) as error:
        _complain(str(error) or "Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        return UNEXPECTED
    except Exception as error:
        log.exception("unexpected")
        where = f"; the details are in '{written}'" if written else ""
        _complain(f"Something went wrong on our side ({type(error).__name__}: {_one_line(str(error))}){where}.")
        return UNEXPECTED


def parse(arguments: Sequence[str]) -> Callable[[], int]:
    """The command that `arguments` name, ready to be called; or the end of the program, after `--help`.

    Raises:
        UsageError: they name none.
        SystemExit: help was asked for.
    """
    names = [command.__name__ for command in COMMANDS]
    first = arguments[0]
    if not first.startswith("-") and first not in names:
        raise UsageError(f"No command '{first}': {did_you_mean(first, names)}There are {', '.join(names)}.")
    app = tyro.extras.SubcommandApp()
    for command in COMMANDS:
        app.command(_later(command))
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            call: Callable[[], int] = app.cli(
                prog="backflip", description=DESCRIPTION, args=list(arguments), config=(tyro.conf.FlagCreatePairsOff,)
            )
    except SystemExit as end:
        if end.code in (None, OK):
            raise
        raise UsageError(first_sentence(said.getvalue())) from None
    return call


def first_sentence(box: str) -> str:
    """What a framed message of tyro says above its first rule, on one line."""
    lines = [line.strip("│ \t") for line in box.splitlines() if not line.startswith(("╭", "╰"))]
    above = list(itertools.takewhile(lambda line: not line.startswith("─"), lines))
    return f"{_one_line(' '.join(above))} (`backflip --help` and `backflip COMMAND --help` tell more.)"


def _later(command: Callable[..., int]) -> Callable[..., Callable[[], int]]:
    """The same signature; gives the call instead of making it, so that parsing and running fail apart."""

    @functools.wraps(command)
    def bind(*positional: Any, **named: Any) -> Callable[[], int]:
        return functools.partial(command, *positional, **named)

    return bind


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


def _complain(sentence: str) -> None:
    print(f"backflip: {_one_line(sentence)}", file=sys.stderr)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


if __name__ == "__main__":
    main()
