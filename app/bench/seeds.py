"""The seeds of `bench labels`, one after the other or several at once in processes of their own."""

import multiprocessing
import multiprocessing.connection
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from app.bench.plot import Curve
from app.errors import UsageError
from app.progress import Countdown, Progress, ProgressBar
from app.session import NewSession
from app.stopping import Interrupted, StopFlag, interrupts_blocked
from app.teach import TeachReport, teach
from app.trainer_process import portable
from app.trainers import LearningTrainers
from learning.messages import Snapshot
from sim.errors import UserError
from sim.registry import get_task

LOOK_SECONDS = 0.2
"""Ctrl-C is noticed within this."""


class SeedProcessError(UserError):
    """The process of a seed ended on its own."""


@dataclass(frozen=True, slots=True)
class SeedPlan:
    """What is measured of one seed."""

    new: NewSession
    """With a seed and a number of labels."""
    folder: Path
    """Of its session and bundle."""
    on_credit: bool = False
    """Whether practice on the true credit is measured too."""
    config: dict[str, Any] = field(default_factory=dict)
    """Fields of the trainer's configuration that are not as usual."""


@dataclass(frozen=True, slots=True)
class SeedRun:
    """What one seed came to."""

    taught: TeachReport
    curve: Curve
    """True score of the shown policy at the end of each label's practice."""
    on_credit: float | None = None
    """True score after as many control steps of practice on the true credit; None if that was not asked for."""
    on_credit_wall_s: float | None = None


@dataclass
class CurveTaker:
    """Notes the true score as teaching goes on (`app.progress.Progress`)."""

    bar: Progress | None
    """Is told too."""
    scores: dict[int, float] = field(default_factory=dict)
    """By labels taken in. The last one for each is that at the end of its practice, however fast the machine is."""

    def show(self, snapshot: Snapshot, steps_per_second: float) -> None:
        """Notes one snapshot."""
        self.scores[snapshot.labels] = snapshot.true_score
        if self.bar is not None:
            self.bar.show(snapshot, steps_per_second)

    def end(self) -> None:
        """Ends the bar."""
        if self.bar is not None:
            self.bar.end()


def measure_seed(plan: SeedPlan, *, quiet: bool = False) -> SeedRun:
    """Teaches once, and then practises on the true credit if that is asked for.

    Args:
        plan: what to do.
        quiet: shows no progress.

    Raises:
        UserError: a bad argument, or a folder that cannot be used.
        Interrupted: a signal came.
    """
    new = plan.new
    assert new.seed is not None and new.labels is not None, "a measurement can be made again"
    with StopFlag() as stop:
        taker = CurveTaker(None if quiet else ProgressBar(new.labels))
        taught = teach(new, plan.folder, progress=taker, trainers=LearningTrainers(plan.config))
        if stop.raised:
            raise Interrupted("Stopped.")
        curve = sorted(taker.scores.items())
        if not plan.on_credit:
            return SeedRun(taught, curve)
        from app.bench.on_credit import score_on_credit

        began = time.monotonic()
        score = score_on_credit(get_task(new.task), new.seed, taught.env_steps, stop, plan.config)
        return SeedRun(taught, curve, score, round(time.monotonic() - began, 2))


def measure_all(
    plans: Sequence[SeedPlan], jobs: int, measure: Callable[..., SeedRun] = measure_seed
) -> tuple[SeedRun, ...]:
    """Measures every seed.

    Args:
        plans: of the seeds.
        jobs: how many at once; 1 is here, more is each in a process of its own.
        measure: called as `measure_seed` is; must be picklable where there are several jobs.

    Returns:
        What they came to, in the order of `plans`, the same for any number of jobs but for the times.

    Raises:
        UsageError: fewer than one job.
        UserError: what went wrong with a seed; the others are stopped.
        Interrupted: a signal came. Every process has ended, after a checkpoint.
    """
    if jobs < 1:
        raise UsageError(f"--jobs is {jobs}, wanted 1 or more.")
    if jobs == 1:
        return tuple(measure(plan) for plan in plans)
    waiting = deque(enumerate(plans))
    running: dict[Connection, tuple[int, BaseProcess]] = {}
    found: dict[int, SeedRun] = {}
    countdown = Countdown("seeds")
    with StopFlag() as stop:
        try:
            while (waiting or running) and not stop.raised:
                while waiting and len(running) < jobs:
                    number, plan = waiting.popleft()
                    ours, theirs = multiprocessing.Pipe(duplex=False)
                    process = start(theirs, measure, plan)
                    theirs.close()
                    running[ours] = number, process
                for ready in multiprocessing.connection.wait(list(running), LOOK_SECONDS):
                    assert isinstance(ready, Connection)
                    number, process = running.pop(ready)
                    found[number] = outcome(ready, process)
                countdown.show(len(found), len(plans))
            if stop.raised:
                raise Interrupted("Stopped.")
        finally:
            countdown.end()
            for _, process in running.values():
                process.terminate()
            for _, process in running.values():
                process.join()
    return tuple(found[number] for number in range(len(plans)))


def start(theirs: Connection, measure: Callable[..., SeedRun], plan: SeedPlan) -> BaseProcess:
    """The process of a seed, running; it tells through `theirs` what came of it."""
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(theirs, measure, plan), name=f"backflip-seed-{plan.new.seed}", daemon=True
    )
    with interrupts_blocked():
        process.start()
    return process


def outcome(connection: Connection, process: BaseProcess) -> SeedRun:
    """What the process of a seed has sent, or raises here what was raised there.

    Raises:
        SeedProcessError: it ended without a word.
    """
    try:
        succeeded, sent = connection.recv()
    except (EOFError, OSError) as error:
        process.join()
        code = process.exitcode
        how = f"by signal {-code}" if code is not None and code < 0 else f"with status {code}"
        raise SeedProcessError(
            f"The process '{process.name}' was ended {how}; fewer --jobs need less memory."
        ) from error
    finally:
        connection.close()
    process.join()
    if not succeeded:
        raise sent
    assert isinstance(sent, SeedRun)
    return sent


def serve(connection: Connection, measure: Callable[..., SeedRun], plan: SeedPlan) -> None:
    """The process of a seed. It is stopped by SIGTERM, or by the end of its parent."""
    threading.Thread(target=_stop_with_parent, name="parent", daemon=True).start()
    try:
        sent: tuple[bool, object] = True, measure(plan, quiet=True)
    except Exception as error:  # noqa: BLE001 - whatever it is: it is raised again where it can be told
        sent = False, portable(error)
    with suppress(OSError):  # nobody listens any more
        connection.send(sent)


def _stop_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        signal.raise_signal(signal.SIGTERM)
