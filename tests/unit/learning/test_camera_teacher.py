"""The teacher who knows pictures alone: on grasps by script, and on pictures painted by hand."""

import numpy as np
import pytest

from learning.camera_teacher import NOTICED, UNSEEN, CameraTeacher, judge
from learning.messages import Choice, Pair, PairKind
from sim.clip import Clip
from sim.gripper import BALL_RADIUS, FRONT, SIDE
from sim.registry import get_task
from tests.unit.sim.hands import played, scripted


@pytest.fixture(scope="module")
def gripper():
    return get_task("gripper-grasp")


@pytest.fixture(scope="module")
def teacher(gripper, real_renderer):
    with CameraTeacher(gripper) as made:
        yield made


@pytest.fixture(scope="module")
def grasped(gripper):
    """States of an episode in which the ball is taken up."""
    return played(gripper, scripted(lift=0.14))


def clip_of(task, states):
    frames = len(states)
    observations = np.zeros((frames, task.observation_size), np.float32)
    actions = np.zeros((frames, task.action_size), np.float32)
    return Clip(task.name, task.model_hash, task.control_dt, states, observations, actions)


@pytest.mark.parametrize("views", [(SIDE,), (FRONT, SIDE)])
def test_a_grasp_looks_better_the_further_it_gets(gripper, grasped, views):
    held = played(gripper, scripted(lift=0.03))
    with CameraTeacher(gripper, views) as teacher:
        start, closed, lifted = (teacher.frame(states[at]) for states, at in ((grasped, 0), (held, -1), (grasped, -1)))
        assert 0.0 < start < 0.3 < 0.4 < closed < 0.6 < 0.8 < lifted <= 1.0
        moments = (grasped[0], held[-1], grasped[-1])
        assert [teacher.looks_grasped(moment) for moment in moments] == [False, False, True]


def test_a_ball_thrown_up_beside_the_hand_is_no_grasp(teacher, grasped):
    state = grasped[-1].copy()
    state[8:11] = 0.35, 0.2, 0.3
    assert teacher.frame(state) < 0.2


def test_a_clip_is_worth_its_mean_frame_and_looked_at_up_to_its_end(gripper, teacher, grasped):
    assert teacher.returns(clip_of(gripper, grasped[-1:])) == teacher.frame(grasped[-1])
    both = np.concatenate([grasped[:5], grasped[-5:]])
    ends = teacher.frame(grasped[4]), teacher.frame(grasped[-1])
    assert teacher.returns(clip_of(gripper, both)) == pytest.approx(np.mean(ends))


def test_it_answers_for_the_better_picture(gripper, teacher, grasped):
    good, bad = clip_of(gripper, grasped[-25:]), clip_of(gripper, grasped[:5])
    assert teacher.answer(Pair(0, PairKind.FRAGMENT, good, bad)) is Choice.LEFT
    assert teacher.answer(Pair(1, PairKind.AUDITION, bad, good)) is Choice.RIGHT
    assert teacher.answer(Pair(2, PairKind.FRAGMENT, good, good)) is Choice.EQUAL
    worse = clip_of(gripper, grasped[:6])
    assert 0.0 < abs(teacher.returns(worse) - teacher.returns(bad)) < NOTICED
    assert teacher.answer(Pair(3, PairKind.FRAGMENT, worse, bad)) is Choice.EQUAL


def test_a_hand_between_camera_and_ball_fools_one_view_and_not_two(gripper, teacher, grasped):
    """The same hand, and the ball on the table 12 cm behind it: on the line of sight from the front."""
    state = grasped[-1].copy()
    state[8] -= 0.12
    state[10] = BALL_RADIUS
    with CameraTeacher(gripper, (FRONT, SIDE)) as careful:
        assert teacher.frame(state) >= teacher.frame(grasped[-1]), "it looks better than a grasp"
        assert teacher.looks_grasped(state) and not careful.looks_grasped(state)
        assert careful.frame(state) < 0.3 and careful.looks_grasped(grasped[-1])


def painted(*boxes, size=(96, 128)):
    mask = np.zeros(size, bool)
    for top, bottom, left, right in boxes:
        mask[top:bottom, left:right] = True
    return mask


def seen(ball, fingers):
    """From the front, of a hand that has nothing but fingers."""
    return judge(ball, fingers, fingers, FRONT)


def test_a_palm_belongs_to_the_hand_and_closes_nothing():
    ball, finger = painted((40, 51, 60, 71)), painted((34, 52, 57, 60))
    bare, whole = judge(ball, finger, finger, FRONT), judge(ball, finger, painted((30, 52, 55, 76)), FRONT)
    assert whole.overlap > bare.overlap and whole.closure == bare.closure == 0.0


def test_fingers_on_one_side_do_not_close():
    ball = painted((40, 51, 60, 71))
    left, right = (34, 52, 56, 60), (34, 52, 71, 75)
    assert seen(ball, painted(left, right)).closure > 0.7
    assert seen(ball, painted(left)).closure == 0.0
    far = seen(ball, painted(left, (34, 52, 90, 94)))
    assert far.closure == 0.0 and far.overlap > 0.8


def test_a_ball_higher_in_the_picture_is_lifted_more():
    fingers = painted((0, 90, 56, 60), (0, 90, 71, 75))
    lifts = [seen(painted((top, top + 11, 60, 71)), fingers).lift for top in (56, 46, 36, 0)]
    assert lifts == sorted(lifts) and lifts[0] < lifts[1] < lifts[2] and lifts[-1] == 1.0


def test_nothing_is_seen_of_nothing():
    assert seen(painted(), painted((1, 5, 1, 5))) == UNSEEN
    assert seen(painted((1, 5, 1, 5)), painted()) == UNSEEN
    assert UNSEEN.worth == 0.0


def test_it_needs_a_view(gripper):
    with pytest.raises(ValueError, match="view"):
        CameraTeacher(gripper, ())
