"""The stages of the gripper's guided tour, what ends each, and what is said in it. Knows nothing of widgets."""

import math
from dataclasses import dataclass, replace
from enum import IntEnum

from learning.messages import Phase, Snapshot
from sim.score import score_number
from sim.task import Task

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

    def finished(self, answers: int, snapshot: Snapshot) -> bool:
        """Whether the stage is over: all its answers are learnt from and practised for; or it grasps already."""
        if not self.wanted or snapshot.phase is not Phase.WAITING or snapshot.labels != answers:
            return False
        grasps = self.stage is Stage.BOTH and snapshot.true_score >= GRASPS
        return self.given(answers) >= self.wanted or grasps


def words(progress: Progress, snapshot: Snapshot | None, task: Task) -> str:
    """What the tour says."""
    reward, score = (0.0, 0.0) if snapshot is None else (snapshot.learned_reward, snapshot.true_score)
    now, then = (
        score_number(task, each) if math.isfinite(each) else "an unknown share" for each in (score, progress.score)
    )
    match progress.stage:
        case Stage.OFFERED:
            return (
                "A hand can fool the eye that judges it. A tour shows how: you teach it to grasp as you see it from"
                " the front, and then you look from the side."
            )
        case Stage.FRONT:
            return (
                "You see the hand from the front, and from nowhere else. Choose the clip that looks more like a grasp."
            )
        case Stage.FOOLED:
            better = "it gets better at grasping" if reward > progress.reward else "it is not better yet"
            return (
                f"The learned reward went from {progress.reward:+.0f} to {reward:+.0f} per second: going by your"
                f" answers, {better}. On the right is the best it can do. Does it hold the ball?"
            )
        case Stage.LOOKED if progress.front_was_enough:
            return (
                f"Seen from the side it holds the ball indeed, for {then} of the last second. This time the front was"
                " enough."
            )
        case Stage.LOOKED:
            return (
                f"Seen from the side: it holds the ball in the air for {then} of the last second. You rewarded what"
                " it looked like from the front, and that is what it learnt. As you go on, your answers so far count as"
                ' "can\'t tell".'
            )
        case Stage.BOTH:
            return (
                "Each clip has the view from the side in its corner now, and says how high the ball is. Choose the one"
                f" that is more of a grasp. Held in the air: {now} of the last second."
            )
        case _ if score >= GRASPS:
            return f"It grasps: held in the air for {now} of the last second, where one view came to {then}."
        case _:
            return (
                f"Held in the air for {now} of the last second, where one view came to {then}. It has not got the"
                " whole grasp yet; you can go on teaching it with both views."
            )
