"""Pushing a robot with the pointer: which part was taken hold of, and how hard it is pulled. Knows no Qt."""

import math

import mujoco
import numpy as np

from sim.camera import CameraView
from sim.cues import project
from sim.task import Floats, Task

REACH = 0.16
"""A part can be taken hold of within this share of the picture's height."""
WEIGHTS_PER_METRE = 2.5
"""The pull grows by so many of the robot's own weights with each metre between the part and the pointer,"""
MOST_WEIGHTS = 5.0
"""up to so many."""


class Push:
    """One pull on one part, from press to release."""

    def __init__(self, task: Task, body: int) -> None:
        """Takes hold.

        Args:
            task: the robot.
            body: the part's number.
        """
        self.body = body
        gravity = float(np.linalg.norm(task.model.opt.gravity))
        self._weight = float(mujoco.mj_getTotalmass(task.model)) * gravity

    def force(self, positions: Floats, view: CameraView, column: float, row: float) -> Floats:
        """The force (3,) in newtons towards the pointer, in the plane of the part that faces the camera.

        Args:
            positions: (nbody, 3) the bodies' centres.
            view: the camera.
            column: of the pointer, pixels.
            row: of the pointer, pixels.
        """
        held = positions[self.body]
        ray = view.ray(column, row)
        depth = float((held - view.position) @ view.forward)
        pointer = view.position + ray * (depth / float(ray @ view.forward))
        pull: Floats = WEIGHTS_PER_METRE * self._weight * (pointer - held)
        size, most = float(np.linalg.norm(pull)), MOST_WEIGHTS * self._weight
        return pull * min(1.0, most / size) if size else pull


def part_at(positions: Floats, view: CameraView, column: float, row: float) -> int | None:
    """The body whose centre is drawn nearest to a pixel; None if none is within reach. Never body 0, the world."""
    pixels, in_front = project(positions[1:], view)
    distances = np.where(in_front, np.hypot(pixels[:, 0] - column, pixels[:, 1] - row), math.inf)
    nearest = int(distances.argmin())
    return nearest + 1 if distances[nearest] <= REACH * view.height else None
