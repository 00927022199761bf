"""What a live view plays: a rollout in real time, a camera that looks at it, a hand that pushes it. Knows no Qt."""

import time
from dataclasses import replace
from enum import StrEnum

import numpy as np

from sim import camera as cameras
from sim.cues import project
from sim.framing import resolved
from sim.policy import PolicyWeights
from sim.programme import Programme
from sim.render import FrameRequest, drawable_size
from sim.rollout import LiveRollout, Moment
from sim.task import Floats, Singles, Task
from sim.travel import speed_steps, travel
from ui.camera_hand import CameraHand
from ui.pace import Pace
from ui.pushing import Push, part_at
from ui.steady_camera import SteadyCamera

FALL_SECONDS = 0.6
"""A robot that fell is left lying for so long, in real time, so that one sees it."""
TRAIL_SECONDS = 1.2


class LiveState(StrEnum):
    """What a live view shows."""

    EMPTY = "empty"
    STARTING = "starting"
    PLAYING = "playing"
    FAILED = "failed"


class LivePlayer:
    """One robot at play."""

    def __init__(self, task: Task) -> None:
        """At the task's start, without a policy, in real time."""
        self.task = task
        self.rollout = LiveRollout(task)
        self.hand = CameraHand(task)
        self.pace = Pace(task.control_dt)
        self.trail = False
        """Whether the robot's last way is drawn."""
        self.side_view = False
        """Whether a second view is drawn, at right angles."""
        self.travel = False
        """Whether distance and speed along the floor are drawn, where the task asks for motion along it."""
        self.programme: Programme | None = None
        """Directs the rollout while somebody judges it; None plays the policy alone."""
        self.version: int | None = None
        """Of the policy that plays; None before the first."""
        self.highest = -1
        """The highest version that played."""
        self._steady = SteadyCamera(task)
        self._push: Push | None = None
        self._fovy = float(task.model.vis.global_.fovy)
        self._trail_steps = round(TRAIL_SECONDS / task.control_dt)

    def play(self, policy: PolicyWeights, version: int) -> None:
        """Plays another policy from now on."""
        self.version = version
        self.highest = max(self.highest, version)
        self.rollout.policy = policy

    def set_programme(self, on: bool) -> None:
        """Plays what practice tries, scene after scene, from the start; or the policy alone again."""
        if on is (self.programme is not None):
            return
        if self.programme is not None:
            self.programme.stop()
        self.programme = Programme(self.rollout) if on else None
        self.version = None if on else self.version
        self.restart()

    def set_cast(self, best: PolicyWeights, version: int, trying: PolicyWeights, spread: Singles) -> None:
        """Whom the programme shows from now on: see `ui.live.LiveView.set_cast`."""
        if self.programme is not None:
            self.programme.set_policies(best, trying, spread)
            self.version = version

    def advance(self, now: float) -> list[Moment]:
        """Plays what is due at `now`, seconds of a clock that never goes back; returns what each step led to."""
        moments = []
        for _ in range(self.pace.due(now)):
            moments.append(self.step())
            if moments[-1] is Moment.FALL and self.programme is None:
                self.pace.hold(now + FALL_SECONDS)
                break
        return moments

    def step(self) -> Moment:
        """One control step."""
        return self.rollout.step() if self.programme is None else self.programme.step()

    def restart(self) -> None:
        """From the start again, with nothing counted."""
        self.rollout.restart()
        self.rollout.clear_counts()

    def set_follow(self, on: bool) -> None:
        """The camera goes with the robot, or stays."""
        self.hand.follow(on, self.rollout.body_positions)

    def request(self, width: int, height: int) -> FrameRequest:
        """The picture of the present state, for so many pixels; it may be smaller, and is to be scaled."""
        rollout, task, pose = self.rollout, self.task, self.hand.pose
        trail = rollout.trail(self._trail_steps) if self.trail else None
        recent = [*rollout.trail(speed_steps(task)), rollout.state] if self.travel else []
        way = travel(task, rollout.start, np.stack(recent)) if recent else None
        sides = drawable_size(width, height)
        wanted = FrameRequest(task, rollout.state, pose, *sides, self.side_view, trail, travel=way)
        framed = self._steady.frame(wanted, self.hand.shown, time.monotonic())
        self.hand.shown = framed.main
        return replace(wanted, framed=framed)

    # Pushing; the pointer is in pixels of a picture of `size`, (width, height)

    @property
    def held(self) -> bool:
        """Whether the robot is being pushed."""
        return self._push is not None

    def take(self, pointer: tuple[float, float], size: tuple[int, int]) -> bool:
        """Takes hold of the part at the pointer; returns whether there is one."""
        part = part_at(self.rollout.body_positions, self._view(size), *pointer)
        self._push = None if part is None else Push(self.task, part)
        return self.held

    def pull(self, pointer: tuple[float, float], size: tuple[int, int]) -> None:
        """Pulls the part that is held towards the pointer, with every step from now on."""
        if self._push is not None:
            positions = self.rollout.body_positions
            self.rollout.push(self._push.body, self._push.force(positions, self._view(size), *pointer))

    def let_go(self) -> None:
        """Ends the push."""
        self._push = None
        self.rollout.let_go()

    def held_at(self, size: tuple[int, int], positions: Floats) -> tuple[float, float] | None:
        """Where the part that is held is in a picture of bodies at `positions` (nbody, 3).

        None if no part is held, or it is behind the camera.
        """
        if self._push is None:
            return None
        pixels, in_front = project(positions[self._push.body], self._view_of(positions, size))
        return (float(pixels[0]), float(pixels[1])) if in_front else None

    def _view(self, size: tuple[int, int]) -> cameras.CameraView:
        return self._view_of(self.rollout.body_positions, size)

    def _view_of(self, positions: Floats, size: tuple[int, int]) -> cameras.CameraView:
        """The camera of a picture of bodies at `positions` (nbody, 3)."""
        pose = resolved(self.hand.pose, self.hand.body(positions), self.hand.shown)
        return cameras.view(pose, None, *size, self._fovy)
