"""Is it learning, and how long will it take yet? In words, from what the teacher can see."""

import math
from dataclasses import dataclass

from learning.messages import Snapshot
from sim.score import PER_SECONDS, score_number
from sim.task import Task
from ui.intervals import wilson
from ui.readings import NOT_MEASURED, learnt_words

GUESSING = 0.5
"""The agreement of a reward model that knows nothing."""
FEW_FALLS = 1.0
"""Falls per 10 s: a policy that falls less often stays up."""
TESTED_LABELS = 100
"""So many answers were given in the tests of every task (docs/benchmarks.md)."""
REACHED, AHEAD = "\u2713", "\u25cb"


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that a session reaches on its way to the skill."""

    name: str
    """For object names."""
    title: str
    reached: bool
    now: str
    """How it stands now."""

    @property
    def words(self) -> str:
        """A line of the list."""
        return f"{REACHED if self.reached else AHEAD} {self.title}: {self.now}"


def milestones(snapshot: Snapshot, task: Task, *, peeking: bool) -> tuple[Milestone, ...]:
    """In the order in which they are usually reached; the true score is for who peeks."""
    mean, std = snapshot.learned_reward, snapshot.learned_reward_std
    # a high learned reward is no sign of progress then
    gamed = snapshot.alarm is not None and snapshot.alarm.loud
    found = [
        _agreement(snapshot),
        Milestone("reward", "Reward above random", mean - std > 0.0 and not gamed, f"{mean:+.0f} \u00b1 {std:.0f}"),
    ]
    if task.can_fall:
        falls = snapshot.falls_per_10s
        known = math.isfinite(falls)
        said = f"{falls:.1f} falls in {PER_SECONDS:.0f} s" if known else NOT_MEASURED
        found.append(Milestone("falls", "Stays up", known and falls < FEW_FALLS, said))
    if peeking:
        score = snapshot.true_score
        known = math.isfinite(score)
        said = f"now {score_number(task, score)}" if known else NOT_MEASURED
        found.append(Milestone("score", "True score above 0", known and score > 0.0, said))
    return tuple(found)


def progress_sentence(snapshot: Snapshot, task: Task, *, peeking: bool) -> str:
    """One line: how it stands, and how many answers a session of this task usually takes."""
    return f"{_how_it_stands(snapshot, task, peeking=peeking)} {_usual(task, snapshot.labels)}".rstrip()


def _how_it_stands(snapshot: Snapshot, task: Task, *, peeking: bool) -> str:
    if snapshot.labels == 0:
        return "It learns from your first answer on."
    if snapshot.early:
        return f"Too early to tell: {learnt_words(snapshot.labels, snapshot.presses)} leave the reward open."
    steps = milestones(snapshot, task, peeking=peeking)
    done = sum(step.reached for step in steps)
    if done == len(steps):
        return "All milestones reached: compare then and now, and stop when you are content."
    start = "Learning" if done else "Not visibly better yet"
    return f"{start}: {done} of {len(steps)} milestones."


def agreement_words(agreement: float | None, count: int) -> str:
    """Such as `7 of 9 (45\u201394 %)`: the share with its 95 % interval."""
    if agreement is None or count == 0:
        return "none held out yet"
    low, high = wilson(agreement, count)
    return f"{round(agreement * count)} of {count} ({100 * low:.0f}\u2013{100 * high:.0f}\u00a0%)"


def _agreement(snapshot: Snapshot) -> Milestone:
    share, count = snapshot.agreement, snapshot.agreement_count
    reached = share is not None and count > 0 and wilson(share, count)[0] > GUESSING
    return Milestone("agreement", "Predicts you", reached, agreement_words(share, count))


def _usual(task: Task, labels: int) -> str:
    """How long it takes in tests; empty once that is over."""
    if task.typical_labels is None:
        return f"Few test sessions learnt this task within {TESTED_LABELS} answers." if labels < TESTED_LABELS else ""
    if labels >= task.typical_labels:
        return ""
    return f"Test sessions usually needed up to {task.typical_labels} answers."
