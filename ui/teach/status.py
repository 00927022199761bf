"""What the program is doing and for whom it waits, in one sentence."""

from dataclasses import dataclass

from learning.messages import Phase, Snapshot
from ui.ports import Failure, WorkerStatus


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the sentence depends on."""

    status: WorkerStatus
    snapshot: Snapshot | None
    answers: int
    """Answers in force, taken in or not."""
    on_screen: bool
    """Whether a pair can be answered."""
    next_ready: bool
    """Whether the next pair is drawn."""
    seconds: float
    """Since the session was opened."""
    failure: Failure | None = None
    waiting: str = ""
    """What the session waits for, as a sentence: another program has its database."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence, and how much it matters."""

    text: str
    role: str = ""
    """A role of `ui.style_sheet`."""


def describe(now: Situation) -> Sentence:
    """The sentence for a situation."""
    if now.waiting and now.status is not WorkerStatus.FAILED:
        return Sentence(now.waiting, "warning")
    match now.status:
        case WorkerStatus.FAILED:
            said = now.failure.sentence if now.failure is not None else "Learning has stopped; your labels are safe."
            return Sentence(said, "danger")
        case WorkerStatus.STOPPED:
            return Sentence("Learning has ended; your labels are safe.", "warning")
        case WorkerStatus.PAUSED:
            waiting = " Your answers are kept for when you resume." if now.on_screen else ""
            return Sentence(f"Paused: nothing is being learnt.{waiting}", "warning")
        case WorkerStatus.STARTING:
            return Sentence(f"Starting to learn ({now.seconds:.0f} s)")
    return _while_running(now)


def _while_running(now: Situation) -> Sentence:
    snapshot = now.snapshot
    if snapshot is None or snapshot.phase is Phase.PREPARING:
        return Sentence(f"Preparing the first clips ({now.seconds:.0f} s)")
    behind = snapshot.events_waiting
    if snapshot.phase is Phase.WAITING and behind == 0:
        if not now.on_screen:
            return Sentence("Drawing the next pair")
        if now.answers == 0:
            return Sentence("Training is paused until your first answer.", "accent")
        return Sentence("Training is paused until your next answer.", "accent")
    following = " The next pair is ready." if now.next_ready else ""
    if now.answers == 0:
        return Sentence("Training a little before your first answer.")
    if behind > 1:
        return Sentence(f"Learning from your answers; {behind} more are waiting their turn.{following}")
    return Sentence(f"Learning from your last answer.{following}")
