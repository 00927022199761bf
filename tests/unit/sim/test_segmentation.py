"""Pictures of geoms' numbers."""

import numpy as np
import pytest

from sim import camera as cameras
from sim import cues
from sim.registry import get_task
from sim.render import FrameRequest
from sim.segmentation import NOTHING, Segmenter
from sim.task import CameraPose

SIZE = 160, 120
FRONT = CameraPose(azimuth=180.0, elevation=-10.0, distance=0.8, lookat=(0.3, 0.0, 0.1))


@pytest.fixture(scope="module")
def gripper():
    return get_task("gripper-grasp")


@pytest.fixture(scope="module")
def segmenter(gripper, renderer):
    with Segmenter(gripper) as made:
        yield made


def at(task, ball, joints=()):
    state = np.zeros(task.state_size)
    state[1 : 1 + task.model.nq] = task.model.qpos0
    state[1 : 1 + len(joints)] = joints
    state[8:11] = ball
    return state


@pytest.mark.parametrize("ball", [(0.35, 0.1, 0.03), (0.25, -0.12, 0.2), (0.3, 0.15, 0.1)])
def test_the_ball_is_seen_where_it_is(gripper, segmenter, ball):
    picture = segmenter.draw(at(gripper, ball), FRONT, *SIZE)
    rows, columns = np.nonzero(picture == gripper.model.geom("ball_geom").id)
    view = cameras.view(FRONT, None, *SIZE)
    (pixel,), _ = cues.project(np.array([ball]), view)
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(tuple(pixel), abs=1.0)
    across = 2 * 0.03 * view.focal / ((np.array(ball) - view.position) @ view.forward)
    assert np.ptp(columns) + 1 == pytest.approx(across, abs=2.0)


def test_there_are_no_numbers_but_those_of_geoms_and_the_sky(gripper, segmenter):
    picture = segmenter.draw(at(gripper, (0.35, 0.1, 0.03)), FRONT, *SIZE)
    assert picture.shape == SIZE[::-1] and picture.dtype == np.int32
    assert set(np.unique(picture)) <= {NOTHING, *range(gripper.model.ngeom)}
    assert (picture[0] == NOTHING).any() and (picture[-1] == gripper.model.geom("table").id).all()
    names = {gripper.model.geom(number).name for number in np.unique(picture) if number != NOTHING}
    assert {"left_far", "right_far", "palm", "ball_geom", "forearm_geom"} <= names


def test_what_is_behind_the_hand_is_not_seen(gripper, segmenter):
    ball = gripper.model.geom("ball_geom").id
    before = segmenter.draw(at(gripper, (0.45, 0.0, 0.16)), FRONT, *SIZE)
    behind = segmenter.draw(at(gripper, (0.2, 0.0, 0.16)), FRONT, *SIZE)
    assert (behind == ball).sum() < 0.5 * (before == ball).sum()


def test_another_renderer_in_between_changes_nothing(gripper, segmenter, renderer):
    state = at(gripper, (0.35, 0.1, 0.03))
    first = segmenter.draw(state, FRONT, *SIZE)
    renderer.render(FrameRequest(gripper, state, gripper.camera, 320, 240))
    segmenter.draw(state, gripper.camera, 64, 48)
    assert np.array_equal(segmenter.draw(state, FRONT, *SIZE), first)


def test_a_robot_is_followed(segmenter, task):
    state = np.zeros(task.state_size)
    state[1:4] = 7.0, 1.25, 0.0
    with Segmenter(task) as of_hopper:
        picture = of_hopper.draw(state, task.camera, *SIZE)
    torso = picture == task.model.geom("torso_geom").id
    assert torso.any() and np.nonzero(torso)[1].mean() == pytest.approx(SIZE[0] / 2, abs=3)


def test_what_cannot_be_drawn_is_refused(gripper, segmenter):
    with pytest.raises(ValueError, match="sides"):
        segmenter.draw(at(gripper, (0.3, 0.0, 0.03)), FRONT, 8, 48)
    with pytest.raises(ValueError, match="gripper-grasp"):
        segmenter.draw(np.zeros(3), FRONT, 64, 48)
