"""The camera's mathematics, checked against the pictures that MuJoCo draws with it."""

import math
from dataclasses import replace

import mujoco
import numpy as np
import pytest

from sim import camera as cameras
from sim import cues
from sim.render import FrameRequest
from sim.task import CameraPose
from ui import theme
from ui.pane import CHIP

POSES = {
    "default": CameraPose(90.0, -8.0, 4.2, (0.0, 0.0, 0.95), "torso"),
    "oblique": CameraPose(40.0, -30.0, 3.5, (0.3, -0.2, 0.8), "torso"),
    "fixed": CameraPose(120.0, -15.0, 5.0, (0.5, 0.0, 1.0), None),
    "above": CameraPose(-60.0, -70.0, 4.0, (0.0, 0.1, 1.0), "torso"),
}


def test_orbit_goes_round_and_stops_at_the_poles():
    pose = CameraPose(azimuth=350.0, elevation=-8.0)
    assert cameras.orbit(pose, 20.0, 0.0).azimuth == pytest.approx(10.0)
    assert cameras.orbit(pose, 0.0, -500.0).elevation == -89.0
    assert cameras.orbit(pose, 0.0, 500.0).elevation == 15.0
    assert cameras.at_right_angles(pose).azimuth == pytest.approx(80.0)


def test_zoom_divides_the_distance_within_limits():
    pose = CameraPose(distance=4.0)
    assert cameras.zoom(pose, 2.0).distance == pytest.approx(2.0)
    assert cameras.zoom(pose, 1e9).distance == 0.5
    assert cameras.zoom(pose, 1e-9).distance == 30.0
    with pytest.raises(ValueError, match="zoom"):
        cameras.zoom(pose, 0.0)


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES.keys())
def test_panning_drags_what_is_looked_at(pose):
    """A point in the plane of what is looked at moves by just the share of the picture that was dragged."""
    free = replace(pose, follow=None)
    point = np.array(free.lookat)
    before, _ = cues.project(point, cameras.view(free, None, 400, 300))
    moved = cameras.pan(free, 0.25, -0.1)
    after, _ = cues.project(point, cameras.view(moved, None, 400, 300))
    assert before == pytest.approx([200.0, 150.0])
    assert after - before == pytest.approx([0.25 * 300, 0.1 * 300])


def test_points_behind_the_camera_have_no_pixel():
    view = cameras.view(POSES["fixed"], None, 400, 300)
    points = np.stack([view.position - view.forward, view.position + view.forward])
    pixels, in_front = cues.project(points, view)
    assert in_front.tolist() == [False, True]
    assert np.isnan(pixels[0]).all()
    assert pixels[1] == pytest.approx([200.0, 150.0])


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES.keys())
def test_a_ray_goes_through_the_point_that_its_pixel_shows(pose):
    view = cameras.view(pose, np.array([1.0, 0.0, 1.0]), 400, 300)
    point = view.position + 3.0 * view.forward + 0.7 * view.right - 0.4 * view.up
    pixel, _ = cues.project(point, view)
    towards = (point - view.position) / np.linalg.norm(point - view.position)
    assert view.ray(*pixel) == pytest.approx(towards)


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES.keys())
def test_projection_agrees_with_the_picture(task, state_of, renderer, pose):
    """The toe is a blue ball: the middle of its pixels is where its centre is projected to."""
    width, height = 640, 480
    state = state_of(x=0.4, z=1.5, pitch=-0.5, leg=(-0.6, -0.9, 0.2))
    data = mujoco.MjData(task.model)
    mujoco.mj_setState(task.model, data, state, mujoco.mjtState.mjSTATE_FULLPHYSICS)
    mujoco.mj_forward(task.model, data)
    body = data.body("torso").xpos if pose.follow else None
    view = cameras.view(pose, body, width, height)
    expected, _ = cues.project(data.geom("toe").xpos, view)
    picture = renderer.render(FrameRequest(task, state, pose, width, height)).astype(int)
    radius = view.focal * 0.0625 / np.linalg.norm(data.geom("toe").xpos - view.position)
    rows, columns = np.indices(picture.shape[:2])
    near = np.hypot(columns - expected[0], rows - expected[1]) < 3 * radius
    blue = near & (picture[..., 2] > picture[..., 0] + 60)
    assert blue.sum() > 0.15 * math.pi * radius**2, "the toe is not where it was projected to"
    found = np.array([columns[blue].mean() + 0.5, rows[blue].mean() + 0.5])
    # half of the ball is hidden in the foot, so the middle of what is seen is off its centre by less than the radius
    assert np.linalg.norm(found - expected) < radius


def test_a_trail_fades_towards_the_past_and_stays_on_its_path():
    view = cameras.view(POSES["fixed"], None, 400, 300)
    span = np.linspace(-1.0, 1.0, 11)
    positions = (np.array(POSES["fixed"].lookat) + span[:, None] * view.right)[:, None, :]
    picture = np.zeros((300, 400, 3), np.uint8)
    cues.draw_trail(picture, view, positions)
    pixels, _ = cues.project(positions[:, 0], view)
    brightness = [int(picture[round(row), round(column)].max()) for column, row in (pixels[1:] + pixels[:-1]) / 2]
    assert brightness == sorted(brightness)
    assert brightness[0] < 40
    assert brightness[-1] > 180
    assert not picture[:130].any()
    assert not picture[170:].any()


def test_a_trail_that_leaves_the_picture_does_no_harm():
    view = cameras.view(POSES["fixed"], None, 400, 300)
    picture = np.zeros((300, 400, 3), np.uint8)
    wild = np.random.default_rng(0).normal(scale=50.0, size=(30, 2, 3))
    cues.draw_trail(picture, view, wild)
    before = picture.copy()
    behind = np.repeat((view.position - view.forward)[None, None], 3, axis=0)
    cues.draw_trail(picture, view, behind)
    aside = np.array(POSES["fixed"].lookat) + np.linspace(20, 21, 5)[:, None, None] * view.right
    cues.draw_trail(picture, view, aside)
    assert np.array_equal(picture, before)


def test_a_height_line_spans_from_the_point_to_the_floor():
    view = cameras.view(POSES["default"], np.array([0.0, 0.0, 1.5]), 400, 300)
    picture = np.zeros((300, 400, 3), np.uint8)
    point = np.array([0.0, 0.0, 1.5])
    cues.draw_height(picture, view, point)
    aside = point - cues.HEIGHT_OFFSET * view.right
    (top, bottom), _ = cues.project(np.stack([aside, aside * [1, 1, 0]]), view)
    column = round((top[0] + bottom[0]) / 2)
    lit = np.flatnonzero(picture[:, column - 2 : column + 3].any(axis=(1, 2)))
    assert lit[0] == pytest.approx(top[1], abs=2)
    assert lit[-1] == pytest.approx(bottom[1], abs=2)


@pytest.mark.parametrize("height", [0.03, 0.4, 1.2])
@pytest.mark.parametrize("aside", [-1.2, -0.6, 0.0, 0.8])
@pytest.mark.parametrize("size", [(169, 265), (110, 300), (240, 300), (400, 300), (338, 530), (800, 600)])
def test_the_number_of_a_height_line_is_inside_beside_it_and_above_the_labels(size, aside, height, monkeypatch):
    """In halves of a pane it lay under the labels, over its own line, or against the edge."""
    width, rows = size
    view = cameras.view(CameraPose(90.0, -8.0, 4.2, (0.0, 0.0, 0.95)), None, width, rows)
    point = aside * view.right * [1, 1, 0] + [0, 0, height]
    lines, both = (np.zeros((rows, width, 3), np.uint8) for _ in range(2))
    cues.draw_height(both, view, point)
    monkeypatch.setattr(cues, "_write", lambda *_: None)
    cues.draw_height(lines, view, point)
    number = (both != lines).any(axis=2)
    down, across = np.nonzero(number)
    assert across.size, "there is a number"
    assert across.min() >= 6 and across.max() < width - 6 and down.min() >= 6
    lowest = rows - max(CHIP + theme.GRID + 2, (CHIP + theme.GRID + 2) * rows // 265)
    assert down.max() < lowest, "the labels of a pane lie over what is below"
    if lines.any():
        box = lines[down.min() : down.max() + 1, across.min() : across.max() + 1]
        assert not box.any(), "it lies over its own line"


@pytest.mark.parametrize("height", [0.2, 1.25, 2.0, 3.5, 6.0])
def test_a_followed_robot_stays_in_the_picture_however_high_it_jumps(height):
    pose = POSES["default"]
    body = np.array([2.0, 0.0, height])
    view = cameras.view(pose, body, 400, 300)
    limb = 1.0
    pixels, _ = cues.project(body + limb * np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]), view)
    assert (pixels > 0).all() and (pixels < [400, 300]).all()


def test_the_camera_does_not_bob_with_a_robot_that_walks():
    pose = POSES["default"]
    low, high = (cameras.followed_lookat(pose, np.array([0.0, 0.0, z])) for z in (1.0, 1.5))
    assert low == high == pose.lookat
