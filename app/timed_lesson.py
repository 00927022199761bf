"""A simulated teacher whose time counts: comparisons take seconds each, and presses are given as the robot plays.

The trainer practises as much as each label pays for before the teacher goes on, however long this machine takes for it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.commands import Submit
from app.errors import UsageError
from app.labelling import Labelling
from app.pressing import Pressing
from app.runner import Runner, ending_resumable
from app.session import Session
from app.stopping import StopFlag
from app.trainers import Trainers
from app.watching import ReactionTime
from learning.messages import Choice, Feedback, Pair, Snapshot
from sim.errors import did_you_mean
from sim.programme import Programme
from sim.rollout import LiveRollout
from ui.ports import REACTIONS

COMPARE, PRESS = "compare", "press"
FEEDBACK_KINDS = (COMPARE, PRESS)
PRESSER = "presser"
"""The simulated teacher who presses."""
COMPARISON_SECONDS = 3.5
"""Of a teacher's time for one comparison (Christiano et al. 2017: 3 to 5)."""
TURN_SECONDS = 30.0
"""A teacher who does both compares for so long, then presses for so long."""
MOST_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class TimedLesson:
    """What a teacher is to do, and for how long."""

    feedback: tuple[str, ...]
    """Of `FEEDBACK_KINDS`."""
    minutes: float
    """Of the teacher's time."""

    def __post_init__(self) -> None:
        if not 0.0 < self.minutes <= MOST_MINUTES:
            raise UsageError(f"--minutes is {self.minutes:g}, wanted more than 0 and at most {MOST_MINUTES}.")

    @property
    def seconds(self) -> float:
        """Of the teacher's time."""
        return 60.0 * self.minutes


def parse_feedback(text: str) -> tuple[str, ...]:
    """`compare`, `press`, or both with a comma between.

    Raises:
        UsageError: anything else.
    """
    kinds = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    for kind in kinds:
        if kind not in FEEDBACK_KINDS:
            hint = did_you_mean(kind, FEEDBACK_KINDS, cutoff=0.5)
            raise UsageError(f"Unknown feedback '{kind}': {hint}There are {', '.join(FEEDBACK_KINDS)}.")
    return kinds


class TimedTeaching:
    """One run of it. The session stays open for whoever wants its outcome."""

    def __init__(
        self,
        session: Session,
        lesson: TimedLesson,
        comparer: tuple[str, Callable[[Pair], Choice]],
        trainers: Trainers,
        on_progress: Callable[[Snapshot, float], None],
    ) -> None:
        """Goes on where the session is.

        Args:
            session: the open session.
            lesson: what to do.
            comparer: the kind of the teacher who compares, and what he answers to a pair.
            trainers: makes the trainer.
            on_progress: is told of each turn of the trainer, and how many seconds the teacher has spent.
        """
        from learning.pressers import SimulatedPresser

        self._lesson = lesson
        self._path = session.path
        kind, self._answer = comparer
        self._on_progress = on_progress
        self.runner = runner = Runner(session, trainers)

        def submit(event: Feedback) -> None:
            runner.send(Submit(event))

        self.labelling = Labelling(session, submit, lambda: runner.board.offered, kind)
        seed = session.header.seed
        self._rollout = LiveRollout(session.task, seed)
        self._programme = Programme(self._rollout, seed)
        self._presser = SimulatedPresser(session.task, seed)
        known = ReactionTime.of(self._presser.reactions(REACTIONS))
        self.pressing = Pressing(session, submit, self._rollout, PRESSER, known)
        self.seconds = session.presses.seconds_watched() + COMPARISON_SECONDS * self.labelling.count
        """Of the teacher's time so far."""

    def run(self, stop: StopFlag) -> None:
        """Until the time is over, or `stop` is raised; then a checkpoint."""
        with ending_resumable(self.runner, self._path, stop):
            self.runner.start()
            self._settle(stop)
            turn, until = 0, 0.0
            while not stop.raised and self.seconds < self._lesson.seconds - 1e-9:
                if self.seconds >= until:
                    kind = self._lesson.feedback[turn % len(self._lesson.feedback)]
                    turn, until = turn + 1, self.seconds + TURN_SECONDS
                if kind == COMPARE:
                    self._compare(stop)
                else:
                    self._watch(stop)
            self.runner.finish()

    def _compare(self, stop: StopFlag) -> None:
        pair = self.labelling.pairs()[0]
        self.labelling.answer(pair.id, self._answer(pair), COMPARISON_SECONDS)
        self.seconds += COMPARISON_SECONDS
        self._settle(stop)

    def _watch(self, stop: StopFlag) -> None:
        """One control step."""
        self._programme.step()
        self.seconds += self._rollout.task.control_dt
        before = self.pressing.events
        press = self._presser.see(*self._rollout.last)
        if press is not None:
            self.pressing.press(*press)
        self.pressing.step()
        if self.pressing.events != before:
            self._settle(stop)

    def _settle(self, stop: StopFlag) -> None:
        """The trainer practises as much as the labels so far pay for."""
        while not stop.raised:
            snapshot = self.runner.turn()
            self._on_progress(snapshot, self.seconds)
            if self.runner.waits_for_teacher:
                self._cast(snapshot)
                return

    def _cast(self, snapshot: Snapshot) -> None:
        """What is watched from here on."""
        assert snapshot.practising_policy is not None and snapshot.practising_spread is not None
        spread = np.asarray(snapshot.practising_spread, np.float32)
        self._programme.set_policies(snapshot.shown_policy, snapshot.practising_policy, spread)
