"""A simulated teacher who knows nothing but pictures: it sees the hand and the ball from one camera, or from several.

A picture has no depth. What looks like a grasp from one side need not be one, and nobody tells it. With more views the
hand must be about the ball in each of them, and the height is read where it is least mixed up with nearness.
"""

import math
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from learning.messages import Choice, Pair
from sim.camera import FOVY
from sim.clip import Clip
from sim.gripper import FRONT
from sim.segmentation import GeomPicture, Segmenter
from sim.task import CameraPose, Task

Mask = NDArray[np.bool_]

WIDTH, HEIGHT = 128, 96
"""Of its pictures, pixels."""
EVERY = 5
"""It looks at each so-manieth frame of a clip, the last one included."""
FULL_LIFT = 0.08
"""A ball that seems to be lifted by more than this, metres, is lifted."""
RESTING = 0.03
"""The height at which a ball on the table seems to be where the camera looks, metres."""
APPROACH, OVERLAP, CLOSURE, LIFT = 0.15, 0.2, 0.15, 0.5
"""What each stage adds to a frame's worth: nearing, the hand about the ball, fingers on both its sides, its height.
What everybody wants to see is the ball picked up, so that counts as much as all that comes before."""

NOTICED = 0.04
"""Clips whose worth differs by less look the same to it, as to anyone: between two hands that are far from the ball
nobody cares which is nearer, and to be made to choose would make that matter more than the grasp."""
GRASPED = 0.55
"""What is worth so much looks like a grasp: more than the hand about the ball and fingers at it can be worth, so the
ball seems to be lifted, if only a little."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one picture shows, each in [0, 1]."""

    approach: float
    """How near the hand is to the ball."""
    overlap: float
    """Share of the ball that lies within the hand's outline."""
    closure: float
    """How near fingers are to it, on that of its sides where they are farther off."""
    lift: float
    """How high in the picture it is."""

    @property
    def worth(self) -> float:
        """In [0, 1]. A stage counts as far as the one before it is reached."""
        closed = self.overlap * self.closure
        return APPROACH * self.approach + OVERLAP * self.overlap + CLOSURE * closed + LIFT * closed * self.lift


UNSEEN = Seen(0.0, 0.0, 0.0, 0.0)
"""A picture without a ball or without a hand shows no grasp."""


class CameraTeacher:
    """Compares clips of the gripper by pictures alone. Draws on the thread that made it; close it there."""

    def __init__(self, task: Task, views: tuple[CameraPose, ...] = (FRONT,)) -> None:
        """Opens an OpenGL context of its own.

        Args:
            task: a task of the gripper.
            views: the cameras, at least one.

        Raises:
            NoRendererError: nothing can be drawn on this machine.
            ValueError: no views.
        """
        if not views:
            raise ValueError("a teacher who knows pictures alone needs at least one view")
        self.views = views
        self._lowest = max(range(len(views)), key=lambda each: views[each].elevation)
        self._segmenter = Segmenter(task)
        bodies = task.model.geom_bodyid
        self._ball = np.flatnonzero(bodies == task.model.body("ball").id)
        fingers = [task.model.body(name).id for name in ("thumb", "left_finger", "right_finger")]
        self._fingers = np.flatnonzero(np.isin(bodies, fingers))
        self._hand = np.flatnonzero(np.isin(bodies, [task.model.body("hand").id, *fingers]))

    def answer(self, pair: Pair) -> Choice:
        """The clip with the better pictures; equal if nobody would notice a difference."""
        left, right = self.returns(pair.left), self.returns(pair.right)
        if abs(left - right) < NOTICED:
            return Choice.EQUAL
        return Choice.LEFT if left > right else Choice.RIGHT

    def returns(self, clip: Clip) -> float:
        """The mean worth, in [0, 1], of the frames that it looks at."""
        return float(np.mean([self.frame(state) for state in clip.states[::-1][::EVERY]]))

    def frame(self, state: NDArray[np.float64]) -> float:
        """What the pictures of a state (nstate,) are worth together, in [0, 1]."""
        looks = [self.look(state, view) for view in self.views]
        return Seen(
            min(look.approach for look in looks),
            min(look.overlap for look in looks),
            min(look.closure for look in looks),
            looks[self._lowest].lift,
        ).worth

    def looks_grasped(self, state: NDArray[np.float64]) -> bool:
        """Whether the pictures of a state (nstate,) look like a grasp."""
        return self.frame(state) >= GRASPED

    def look(self, state: NDArray[np.float64], view: CameraPose) -> Seen:
        """What a picture of a state (nstate,) shows."""
        picture = self.picture(state, view)
        ball, fingers, hand = (np.isin(picture, geoms) for geoms in (self._ball, self._fingers, self._hand))
        return judge(ball, fingers, hand, view)

    def picture(self, state: NDArray[np.float64], view: CameraPose) -> GeomPicture:
        """(HEIGHT, WIDTH) the picture itself, for whoever wants to see what it sees."""
        return self._segmenter.draw(state, view, WIDTH, HEIGHT)

    def close(self) -> None:
        """Gives the context back. Safe to repeat."""
        self._segmenter.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def judge(ball: Mask, fingers: Mask, hand: Mask, view: CameraPose) -> Seen:
    """What a picture shows.

    Args:
        ball: (h, w) where the ball is seen,
        fingers: (h, w) where fingers are,
        hand: (h, w) and where any of the hand is, fingers and all.
        view: the camera that it was taken with.
    """
    if not ball.any() or not fingers.any():
        return UNSEEN
    # fingers hide parts of the ball: the circle about what is seen of it is what an eye completes it to
    outline = cv2.findNonZero(ball.astype(np.uint8))
    (column, row), radius = cv2.minEnclosingCircle(outline)
    disc = np.zeros(ball.shape, np.uint8)
    cv2.circle(disc, (round(column), round(row)), max(1, round(radius)), 1, -1)
    hull = cv2.convexHull(cv2.findNonZero(hand.astype(np.uint8)))
    about = np.zeros(ball.shape, np.uint8)
    cv2.fillConvexPoly(about, hull, 1)
    away = max(0.0, -cv2.pointPolygonTest(hull, (column, row), measureDist=True))
    overlap = float((disc & about).sum() / disc.sum())
    rows, columns = np.nonzero(fingers)
    gaps = np.maximum(np.hypot(columns - column, rows - row) - radius, 0.0)
    closure = min(_near(gaps[columns < column], radius), _near(gaps[columns > column], radius))
    lift = (_height(row, view, ball.shape[0]) - RESTING) / FULL_LIFT
    return Seen(1.0 - min(2.0 * away / ball.shape[0], 1.0), overlap, closure, min(max(lift, 0.0), 1.0))


def _near(gaps: NDArray[np.float64], radius: float) -> float:
    """1 where fingers touch the ball in the picture, 0 from a ball's radius off, or where there are none."""
    return float(max(0.0, 1.0 - gaps.min() / radius)) if len(gaps) else 0.0


def _height(row: float, view: CameraPose, rows: int) -> float:
    """How high what is seen in a row seems to be, metres, if it is as far from the camera as what that looks at."""
    metres = 2.0 * view.distance * math.tan(math.radians(FOVY) / 2.0) / rows
    return view.lookat[2] + metres * (rows / 2.0 - row) / math.cos(math.radians(view.elevation))
