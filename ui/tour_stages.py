"""The stages of the gripper's guided tour, what ends each, and what is said in it. Knows nothing of widgets."""

import math
from dataclasses import dataclass, replace
from enum import IntEnum

from learning.messages import Phase, Snapshot

GRASPS = 0.7
"""Share of the last second with the ball held in the air that is called a grasp."""


class Stage(IntEnum):
    """Where the tour is."""

    OFFERED = 0
    FRONT = 1
    """Taught from the front alone."""
    FOOLED = 2
    """It looks grasped; nobody has looked from the side."""
    LOOKED = 3
    BOTH = 4
    """Taught with both views."""
    DONE = 5
    OVER = 6


ANSWERS = {Stage.FRONT: 50, Stage.BOTH: 100}
"""So many answers make up the stages in which one teaches."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the tour is, as it is kept with the session."""

    stage: Stage = Stage.OFFERED
    began: int = 0
    """Answers when this stage began."""
    reward: float = 0.0
    """Learned reward per second when the tour began."""
    score: float = 0.0
    """True score when one looked from the side."""

    @classmethod
    def of(cls, kept: object) -> "Progress":
        """What was kept; the beginning, if that is nothing of the kind."""
        try:
            made = cls(**kept) if isinstance(kept, dict) else cls()
            return replace(made, stage=Stage(int(made.stage)), began=int(made.began))
        except (TypeError, ValueError):
            return cls()

    @property
    def during(self) -> bool:
        """Whether the tour says how the clips are seen."""
        return Stage.FRONT <= self.stage <= Stage.BOTH

    @property
    def front_was_enough(self) -> bool:
        """Whether it held the ball indeed when one looked from the side."""
        return self.score >= GRASPS

    def given(self, answers: int) -> int:
        """Answers in this stage."""
        return max(0, answers - self.began)

    @property
    def wanted(self) -> int:
        """Answers that make up this stage; 0 where one does not teach."""
        return ANSWERS.get(self.stage, 0)

    def complete(self, answers: int) -> bool:
        """Whether all answers of a stage in which one teaches are given."""
        return self.wanted > 0 and self.given(answers) >= self.wanted

    def finished(self, answers: int, snapshot: Snapshot) -> bool:
        """Whether the stage is over: all its answers are learnt from and practised for; or it grasps already."""
        if not self.wanted or snapshot.phase is not Phase.WAITING or snapshot.labels != answers:
            return False
        grasps = self.stage is Stage.BOTH and snapshot.true_score >= GRASPS
        return self.complete(answers) or grasps


def held_words(share: float) -> str:
    """Returns how long the ball is held in the air, such as `40 % of the last second`."""
    return f"{100 * share:.0f} % of the last second" if math.isfinite(share) else "not measured yet"


def training_words(left: str) -> str:
    """Returns what is said while the last answers of a stage are learnt from; `left` is the time left."""
    return f"All answers of this step are in. The robot trains on them before the tour continues: {left}."


def words(progress: Progress, snapshot: Snapshot | None) -> str:
    """Returns what the tour says."""
    reward, score = (0.0, math.nan) if snapshot is None else (snapshot.learned_reward, snapshot.true_score)
    now, then = held_words(score), held_words(progress.score)
    match progress.stage:
        case Stage.OFFERED:
            return (
                "One camera can be fooled. In this guided tour you teach the grasp from the front view alone, and then"
                " you see the same hand from the side."
            )
        case Stage.FRONT:
            return "You see the hand from the front view only. Choose the clip that looks more like a grasp."
        case Stage.FOOLED:
            better = "it gets better at grasping" if reward > progress.reward else "it is not better yet"
            return (
                f"This is the best policy so far. The learned reward went from {progress.reward:+.0f} to {reward:+.0f}"
                f" per second: going by your answers, {better}. Does it hold the ball?"
            )
        case Stage.LOOKED if progress.front_was_enough:
            return f"It does hold the ball: in the air for {then}. This time the front view was enough."
        case Stage.LOOKED:
            return (
                f"Held in the air: {then}. You rewarded what it looked like in the front view, and that is what it"
                ' learnt. When you continue, your answers so far count as "can\'t tell".'
            )
        case Stage.BOTH:
            return (
                "Each clip shows two views now: from the front and, beside it, from the side. Choose the clip that is"
                f" more of a grasp. Held in the air: {now}."
            )
        case _ if score >= GRASPS:
            return f"It grasps. Held in the air: {now}; with the front view alone it was {then}."
        case _:
            return (
                f"Held in the air: {now}; with the front view alone it was {then}. It does not grasp reliably yet. You"
                " can continue to teach it with both views."
            )
