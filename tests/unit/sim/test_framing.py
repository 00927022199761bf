"""All that moves is in the picture: by projection, and by what is really drawn, for every task and shape of picture."""

import functools
from collections.abc import Iterator

import numpy as np
import pytest

from learning.clip_pool import record
from sim import camera as cameras
from sim.framing import MARGIN, CameraShift, Framing, SideView, resolved
from sim.gripper import FRONT, SIDE
from sim.registry import get_task, task_names
from sim.scenes import INSET_MARGIN, INSET_SHARE
from sim.segmentation import Segmenter
from sim.task import CameraPose, Floats, Singles, Task
from tests.unit.sim.framed import outermost
from tests.unit.sim.hands import played, scripted

SIZES = ((440, 440), (200, 160), (300, 620), (1400, 420), (960, 700))
"""Panes as they are: square, in a small window, narrow, wide, large."""
NEARER = 4.0
"""A person who goes so many times nearer than the task's camera still sees all that moves."""
FRAMES = 62
LIFT = 0.16
"""A hand lifts the ball so far, metres."""
RIM = 1
"""Pixels at the edge of a picture that nothing that moves is seen in."""


@functools.cache
def clips_of(name: str) -> tuple[Floats, ...]:
    """Clips of the untaught robot, from the normal start and thrown about, and of one that goes to extremes."""
    task, rng = get_task(name), np.random.default_rng(3)

    def restless(observations: Singles) -> Singles:
        return rng.uniform(-1.0, 1.0, (len(observations), task.action_size)).astype(np.float32)

    def bold(observations: Singles) -> Singles:
        return np.sign(observations[:, : task.action_size] - 0.1).astype(np.float32)

    recordings = [
        record(task, act, rng, 3, FRAMES, diverse_share=share, latest=30)
        for act in (restless, bold)
        for share in (0.0, 1.0)
    ]
    return tuple(states for recording in recordings for states in recording.states)


def cameras_of(task: Task) -> list[CameraPose]:
    """From where it is seen: as the task wants to be, from the tour's places, turned, near, and standing."""
    usual = task.camera
    tour = [FRONT, SIDE] if task.name == "gripper-grasp" else []
    turned = cameras.orbit(usual, 70.0, -30.0)
    near = cameras.zoom(usual, NEARER)
    return [usual, *tour, turned, near, cameras.pan(usual, 0.9, 0.6)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", task_names())
def test_all_that_moves_is_in_every_picture_of_a_pair(name: str, size: tuple[int, int]) -> None:
    task = get_task(name)
    framing = Framing(task)
    clips = [framing.poses(states) for states in clips_of(name)]
    assert len(clips) >= 8
    for pose in cameras_of(task):
        for left, right in zip(clips[::2], clips[1::2], strict=False):
            seen = [left, right]
            for inset in (False, True):
                framed = framing.frame(seen, pose, *size, SideView(inset))
                for poses in seen:
                    main = outermost(task, poses, pose, framed.main, size)
                    side = outermost(task, poses, cameras.at_right_angles(pose), framed.side, size)
                    assert np.abs([main, side]).max() < 1.0 - MARGIN / 2
                    free = 1.0 - 2.0 * (INSET_SHARE + INSET_MARGIN / max(size))
                    if inset:
                        assert main[2] < free if size[0] >= size[1] else main[1] > -free


@pytest.mark.parametrize("name", task_names())
def test_a_camera_gives_way_no_further_than_it_must(name: str) -> None:
    task = get_task(name)
    framing = Framing(task)
    start = np.zeros((1, task.state_size))
    start[:, 1 : 1 + task.model.nq] = task.model.qpos0
    at_rest = framing.frame([framing.poses(start)], task.camera, 440, 440)
    assert at_rest.main == CameraShift(0.0, 0.0, task.camera.distance), "a robot at rest is seen as the task wants"
    poses = framing.poses(clips_of(name)[-1])
    tight = framing.frame([poses], cameras.zoom(task.camera, 100.0), 440, 440)
    edges = outermost(task, poses, cameras.zoom(task.camera, 100.0), tight.main, (440, 440))
    assert np.abs(edges).max() == pytest.approx(1.0 - MARGIN, abs=0.02), "it is as near as it can be"


@pytest.fixture(params=["hopper-backflip", "gripper-grasp"])
def segmenter(request: pytest.FixtureRequest) -> Iterator[Segmenter]:
    with Segmenter(get_task(request.param)) as made:
        yield made


def test_nothing_that_moves_is_drawn_at_the_edge_of_a_picture(segmenter: Segmenter) -> None:
    """What is really drawn, whatever the projection says: most of these clips leave the usual picture."""
    task = segmenter.task
    moves = np.flatnonzero(task.model.body_weldid[task.model.geom_bodyid] != 0)
    framing, size = Framing(task), (200, 300)
    pose = cameras.zoom(task.camera, 1.5)
    cut_off = 0
    for states in clips_of(task.name)[::3]:
        poses = framing.poses(states)
        framed = framing.frame([poses], pose, *size)
        for row in range(0, FRAMES, 6):
            body = None if pose.follow is None else poses.bodies[row, task.model.body(pose.follow).id]
            for shift in (framed.main, None):
                seen = np.isin(segmenter.draw(states[row], resolved(pose, body, shift), *size), moves)
                at_edge = seen[:RIM].any() | seen[-RIM:].any() | seen[:, :RIM].any() | seen[:, -RIM:].any()
                if shift is None:
                    cut_off += bool(at_edge)
                else:
                    assert seen.any() and not at_edge
    assert cut_off > 0, "these clips would not show the difference"


@pytest.mark.parametrize("size", SIZES)
def test_a_lifted_ball_is_in_the_picture_and_in_its_corner(size: tuple[int, int]) -> None:
    task = get_task("gripper-grasp")
    framing = Framing(task)
    poses = framing.poses(played(task, scripted(LIFT)))
    for pose in (task.camera, FRONT, SIDE):
        framed = framing.frame([poses], pose, *size, SideView.CORNER)
        assert np.abs(outermost(task, poses, pose, framed.main, size)).max() < 1.0
        assert np.abs(outermost(task, poses, cameras.at_right_angles(pose), framed.side, size)).max() < 1.0


def test_a_second_view_as_large_as_the_first_has_all_of_it_too() -> None:
    task, size = get_task("gripper-grasp"), (440, 440)
    framing, half = Framing(task), SideView.BESIDE.main_size(*size)
    for states in clips_of(task.name):
        poses = framing.poses(states)
        framed = framing.frame([poses], FRONT, *size, SideView.BESIDE)
        for pose, shift in ((FRONT, framed.main), (SIDE, framed.side)):
            assert np.abs(outermost(task, poses, pose, shift, half)).max() < 1.0
