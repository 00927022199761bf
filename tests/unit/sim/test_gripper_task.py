"""The gripper: what it observes, how it starts, what counts as held, and a share of the last second as a score."""

import gymnasium
import mujoco
import numpy as np
import pytest

import sim.envs  # noqa: F401 - registers the environments
from sim.batch import BatchSim
from sim.gripper import BALL, BALL_IN_HAND, BALL_RADIUS, CLEARANCE, CONTEXTS, GRIP
from sim.gripper_grasp import FULL_LIFT, OFF_TABLE
from sim.recipe import observe_with
from sim.registry import get_task
from sim.rollout import LiveRollout
from sim.score import evaluate, score_in_words, score_of, score_text
from sim.task import Readings, Singles, Task
from tests.unit.sim.hands import OPEN, Act, scripted
from tests.unit.sim.poses import count

THUMB, LEFT, RIGHT, ON_TABLE = 6, 7, 8, 9
"""Columns of the sensors."""


@pytest.fixture(scope="module")
def grasp() -> Task:
    return get_task("gripper-grasp")


def at(gaps: tuple[float, float, float], clearance: float) -> Readings:
    """Nothing but distances: from thumb, left and right finger to the ball, and from the ball to the table."""
    sensors = np.full((1, 10), 0.1)
    sensors[0, THUMB:] = *gaps, clearance
    return Readings(np.zeros((1, 14)), np.zeros((1, 13)), sensors)


def test_the_sensors_and_joints_are_in_the_order_of_the_observation(grasp: Task) -> None:
    model = grasp.model
    assert [model.sensor(number).name for number in range(model.nsensor)] == [
        "ball_from_grip", "grip_position", "thumb_ball", "left_ball", "right_ball", "ball_clearance",
    ]  # fmt: skip
    joints = [model.joint(number).name for number in range(model.njnt)]
    assert joints == [*grasp.observation_names[:7], "ball"]
    assert [model.actuator(number).name for number in range(model.nu)] == ["yaw", "shoulder", "elbow", "tilt", "grasp"]


def test_what_it_observes_is_what_the_simulator_says(grasp: Task) -> None:
    data = mujoco.MjData(grasp.model)
    data.qpos[:4] = 0.4, 0.2, -0.3, 0.5
    mujoco.mj_forward(grasp.model, data)
    row = grasp.observe(Readings(data.qpos[None], data.qvel[None], data.sensordata[None]))[0]
    assert row[GRIP] == pytest.approx(data.site("grip").xpos, abs=1e-6)
    assert row[BALL] == pytest.approx(data.body("ball").xpos, abs=1e-6)
    turn = data.site("grip").xmat.reshape(3, 3)
    assert row[BALL_IN_HAND] == pytest.approx(turn.T @ (data.body("ball").xpos - data.site("grip").xpos), abs=1e-6)
    assert row[CLEARANCE] == pytest.approx(0.0, abs=1e-6)


def test_with_no_action_the_hand_stays_above_the_ball_that_lies_there(grasp: Task) -> None:
    sim = BatchSim(grasp, 16, nthread=1)
    sim.reset(np.ones(16, bool), *grasp.normal_start(np.random.default_rng(0), 16))
    before = sim.observations.copy()
    for _ in range(grasp.episode_steps - 1):
        result = sim.step(np.zeros((16, 5), np.float32))
    after = result.observations
    assert np.abs(after[:, GRIP] - [0.32, 0.0, 0.102]).max() < 0.01
    assert np.abs(after[:, BALL] - before[:, BALL]).max() < 0.01
    assert not grasp.down(after).any()


@pytest.mark.parametrize(("gaps", "held"), [
    ((0.0, 0.0, 0.0), True),
    ((-0.001, 0.0, 0.05), True),
    ((0.0, 0.05, -0.001), True),
    ((0.01, 0.0, 0.0), False),
    ((0.0, 0.01, 0.01), False),
    ((0.05, 0.05, 0.05), False),
])  # fmt: skip
def test_held_is_the_thumb_and_a_finger_at_the_ball(
    grasp: Task, gaps: tuple[float, float, float], *, held: bool
) -> None:
    assert count(grasp, [at(gaps, 2 * OFF_TABLE), at(gaps, 0.5 * OFF_TABLE), at(gaps, 0.0)]) == [int(held), 0, 0]


def test_a_ball_in_the_air_that_nobody_holds_does_not_count(grasp: Task) -> None:
    assert count(grasp, [at((0.02, 0.02, 0.02), 0.2), at((0.0, 0.02, 0.02), 0.2)]) == [0, 0]


def test_a_hand_that_takes_the_ball_up_scores_the_whole_last_second(grasp: Task) -> None:
    evaluation = evaluate(grasp, scripted(lift=0.12), episodes=8, nthread=1)
    assert evaluation.true_score == 1.0 and evaluation.falls_per_10s == 0.0
    assert evaluation.per_episode == (1.0,) * 8


def test_a_hand_that_holds_it_on_the_table_scores_nothing(grasp: Task) -> None:
    held = 0

    def look(frame: Singles) -> None:
        nonlocal held
        held += int((grasp.contact_states(frame)[2]).sum())  # type: ignore[attr-defined]

    evaluation = evaluate(
        grasp, scripted(lift=BALL_RADIUS), episodes=8, nthread=1, on_step=lambda result: look(result.observations)
    )
    assert held > 8 * 25, "it did not even hold it"
    assert evaluation.true_score == 0.0


def test_only_the_last_second_counts(grasp: Task) -> None:
    """Held until so many control steps before the end."""
    shares = []
    for late in (25, 10, 0):
        steps = 0

        def act(observations: Singles, late: int = late) -> Singles:
            nonlocal steps
            steps += 1
            actions = scripted(lift=0.12)(observations)
            if steps > grasp.episode_steps - late:
                actions[:, 4] = OPEN
            return actions

        shares.append(evaluate(grasp, act, episodes=4, nthread=1).true_score)
    assert shares[0] < 0.2 < 0.6 <= shares[1] < 0.8 < shares[2] == 1.0


def test_a_share_counts_the_steps_of_the_window_and_a_rate_all_of_them(grasp: Task) -> None:
    assert grasp.scored_steps == 25 and grasp.episode_steps == 75
    assert score_of(grasp, 10, 20) == 0.5 and score_of(grasp, 25, 0) == 0.0
    hopper = get_task("hopper-backflip")
    assert hopper.scored_steps == hopper.episode_steps
    assert score_of(hopper, 4, 500) == 4 * 10.0 / (500 * hopper.control_dt)
    assert score_text(grasp, 0.5) == "0.50 share of the last second with the ball held up"
    assert score_text(hopper, 4.2) == "4.2 landed backflips per 10 s"
    assert score_in_words(hopper, 4.2) == "4.20 successes per 10 s"
    assert score_in_words(grasp, 0.5).startswith("0.50, share of the last second")


def test_a_live_rollout_and_an_environment_count_the_same_way(grasp: Task) -> None:
    act = scripted(lift=0.12)
    rollout = LiveRollout(grasp, seed=3)
    rollout.policy = Scripted(act)  # type: ignore[assignment]
    for _ in range(50):
        rollout.step()
    assert rollout.successes == 0 and rollout.true_score == 0.0, "not in the last second yet"
    for _ in range(25):
        rollout.step()
    assert rollout.successes == 25 and rollout.true_score == 1.0

    env = gymnasium.make("backflip/GripperGrasp-v0")
    observation, _ = env.reset(seed=0)
    for step in range(1, 76):
        observation, _, terminated, truncated, info = env.step(act(observation[None])[0])
        assert not terminated and info["true_score"] == float(step > 50)
    assert truncated
    env.close()


class Scripted:
    """In the place of a network."""

    def __init__(self, act: Act) -> None:
        self.act: Act = act


def test_a_ball_between_both_sides_is_another_context_of_the_reward(grasp: Task) -> None:
    frames = [at((0.1, 0.1, 0.1), 0.0), at((0.0, 0.1, 0.1), 0.0), at((0.1, 0.1, 0.0), 0.0), at((0.0, 0.0, 0.1), 0.0)]
    observations = np.concatenate([grasp.observe(frame) for frame in frames])
    features = grasp.reward_features(observations)
    assert np.isfinite(features).all() and np.abs(features).max() <= 2.0
    parts = np.abs(features).reshape(4, CONTEXTS, -1).sum(axis=2) > 0
    assert parts.tolist() == [[True, False], [True, False], [True, False], [False, True]]
    constant = features.reshape(4, CONTEXTS, -1)[:, :, 0]
    assert constant.tolist() == parts.astype(float).tolist()


def credit(task: Task, gaps: tuple[float, float, float], clearance: float, below: float = 0.0) -> float:
    """Of a frame with the ball so far below the grip."""
    observations = task.observe(at(gaps, clearance))
    observations[:, GRIP] = 0.0
    observations[:, BALL] = 0.0, 0.0, -below
    return float(task.credit(observations, np.zeros((1, 5), np.float32))[0])


def test_the_teacher_likes_approach_then_a_hold_then_a_lift(grasp: Task) -> None:
    away, one, both = (0.1, 0.1, 0.1), (0.1, 0.0, 0.1), (0.0, 0.0, 0.0)
    ladder = [
        credit(grasp, away, 0.0, below=0.2),
        credit(grasp, away, 0.0, below=0.05),
        credit(grasp, one, 0.0, below=0.0),
        credit(grasp, both, 0.0),
        credit(grasp, both, 0.5 * FULL_LIFT),
        credit(grasp, both, FULL_LIFT),
    ]
    assert ladder == sorted(set(ladder))
    assert credit(grasp, both, 2 * FULL_LIFT) == pytest.approx(ladder[-1])
    assert credit(grasp, away, FULL_LIFT) == credit(grasp, away, 0.0), "a ball thrown up is not lifted"


def test_starts_are_as_they_are_described(grasp: Task) -> None:
    rng = np.random.default_rng(3)
    sim = BatchSim(grasp, 1024, nthread=1)
    qpos, qvel = grasp.diverse_start(rng, 1024)
    observations = sim.reset(np.ones(1024, bool), qpos, qvel)
    assert np.isfinite(observations).all()
    assert np.array_equal(observations, observe_with(grasp.observation_recipe, sim.readings))
    assert sim.readings.sensordata[:, THUMB : RIGHT + 1].min() > -1e-3, "a finger begins inside the ball"
    assert sim.readings.sensordata[:, ON_TABLE].min() > -1e-9
    low, high = grasp.model.jnt_range[:7].T
    assert (qpos[:, :7] >= low).all() and (qpos[:, :7] <= high).all()
    in_hand = np.linalg.norm(observations[:, BALL_IN_HAND], axis=1) < 0.02
    in_air = observations[:, CLEARANCE] > OFF_TABLE
    assert 0.3 < in_hand.mean() < 0.5 and (in_air & ~in_hand).mean() > 0.05 and (~in_air).mean() > 0.3
    qpos, _ = grasp.normal_start(rng, 1024)
    assert np.abs(qpos[:, 7] - 0.32).max() <= 0.05 and np.abs(qpos[:, 8]).max() <= 0.08
    assert (qpos[:, 9] == BALL_RADIUS).all()


def test_nothing_begins_deep_in_anything_and_nothing_flies_apart(grasp: Task) -> None:
    rng = np.random.default_rng(4)
    data = mujoco.MjData(grasp.model)
    for qpos in grasp.diverse_start(rng, 200)[0]:
        data.qpos[:] = qpos
        mujoco.mj_forward(grasp.model, data)
        assert all(contact.dist > -0.005 for contact in data.contact)
    sim = BatchSim(grasp, 128, nthread=1)
    sim.reset(np.ones(128, bool), *grasp.mixed_start(rng, 128, 0.5))
    for _ in range(200):
        result = sim.step(rng.uniform(-1, 1, (128, 5)).astype(np.float32))
        assert np.isfinite(result.observations).all() and not result.exploded.any() and not result.fallen.any()
        assert np.abs(sim.readings.qvel[:, 7:10]).max() < 5.0, "the ball is shot away"
        sim.reset(result.done, *grasp.normal_start(rng, int(result.done.sum())))
