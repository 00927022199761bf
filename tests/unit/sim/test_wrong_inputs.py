"""Wrong arrays and numbers at the public functions of `sim`: one line each, with what was found and what was wanted."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.batch import BatchSim
from sim.checks import finite_array, whole_number
from sim.clip import Clip
from sim.errors import UserError
from sim.policy import PolicyWeights
from sim.render_jobs import ClipFrames, Priority
from sim.rollout import LiveRollout
from sim.scenes import FrameRequest
from sim.score import evaluate
from sim.servos import holding_controls

EVERYONE = np.ones(2, bool)
Call = Callable[[], object]


def refused(call: Call, *words: str) -> None:
    with pytest.raises(ValueError, match="found") as caught:
        call()
    message = str(caught.value)
    assert isinstance(caught.value, UserError)
    assert "\n" not in message
    assert all(word in message for word in words), message


def wrong_arrays(rows: int, columns: int) -> list[tuple[object, str]]:
    """Values that are no (rows, columns) finite numbers, with a word that the refusal has."""
    nan, infinite = np.zeros((rows, columns)), np.zeros((rows, columns), np.float32)
    nan[-1, -1], infinite[0, 0] = np.nan, -np.inf
    return [
        (np.zeros(columns), "shape"),
        (np.zeros((rows, columns + 1)), "shape"),
        (np.zeros((rows, columns, 1)), "shape"),
        (0.5, "shape"),
        (None, "shape"),
        ("left", "shape"),
        ([[0.0] * columns, [0.0]], "shape"),
        (np.full((rows, columns), "1"), "shape"),
        (np.full((rows, columns), None), "shape"),
        (nan, "finite"),
        (infinite, "finite"),
    ]


@pytest.fixture
def sim(task):
    made = BatchSim(task, 2, 1)
    made.reset(EVERYONE, *task.normal_start(np.random.default_rng(0), 2))
    return made


def test_a_batch_refuses_wrong_actions_and_stays_as_it_was(sim, task):
    before = sim.state()
    for actions, word in wrong_arrays(2, task.action_size):
        refused(lambda actions=actions: sim.step(actions), word, "actions")
    assert all(np.array_equal(before[name], array) for name, array in sim.state().items())
    integers = np.array([[1, 0, -1], [2, 0, 0]])
    taken = sim.step(integers).observations.copy()
    sim.restore(before)
    assert np.array_equal(sim.step(integers.tolist()).observations, taken)


def test_a_batch_refuses_wrong_starts(sim, task):
    qpos, qvel = task.normal_start(np.random.default_rng(0), 2)
    before = sim.state()
    for wrong, word in wrong_arrays(2, qpos.shape[1]):
        refused(lambda wrong=wrong: sim.reset(EVERYONE, wrong, qvel), word, "qpos")
        refused(lambda wrong=wrong: sim.reset(EVERYONE, qpos, wrong), word, "qvel")
    refused(lambda: sim.reset(EVERYONE, qpos, qvel + 2e4), "qvel", "10000")
    for mask in (np.ones(3, bool), [1, 0], None, True, "both"):
        refused(lambda mask=mask: sim.reset(mask, qpos, qvel), "mask", "(2,)")
    refused(lambda: sim.age_rows(np.zeros(3)), "ages")
    assert all(np.array_equal(before[name], array) for name, array in sim.state().items())


def test_a_batch_refuses_wrong_numbers_and_states(sim, task):
    for number in (0, -1, 1.0, "2", None, True):
        refused(lambda number=number: BatchSim(task, number, 1), "nsim")
    for number in (-1, 0.5):
        refused(lambda number=number: BatchSim(task, 1, number), "nthread")
    good = sim.state()
    refused(lambda: sim.restore({}), "rows", "observations")
    for name in good:
        refused(lambda name=name: sim.restore({**good, name: good[name][:1]}), name, "shape")
    refused(lambda: sim.restore({**good, "rows": good["rows"] * np.nan}), "rows", "finite")
    refused(lambda: BatchSim(task, 3, 1).restore(good), "shape")


def test_a_state_of_broken_physics_can_be_taken_up(sim, task):
    sim.readings.qvel[0, 0] = np.nan
    assert sim.step(np.zeros((2, 3))).exploded.tolist() == [True, False]
    other = BatchSim(task, 2, 1)
    other.restore(sim.state())
    assert np.isfinite(other.step(np.zeros((2, 3))).observations).all()


@pytest.fixture
def policy(task):
    nobs, nu = task.observation_size, task.action_size
    zeros, ones = np.zeros(nobs, np.float32), np.ones(nobs, np.float32)
    return PolicyWeights(zeros, ones, 5.0, (np.ones((nu, nobs), np.float32),), (np.zeros(nu, np.float32),))


def test_a_policy_refuses_wrong_observations(policy, task):
    for observations, word in wrong_arrays(2, task.observation_size):
        refused(lambda observations=observations: policy.act(observations), word, "observations")
    assert policy.act([[0] * task.observation_size]).shape == (1, task.action_size)
    assert policy.act(np.zeros((0, task.observation_size))).shape == (0, task.action_size)


def test_an_evaluation_refuses_wrong_numbers_and_actions(task):
    def still(observations: np.ndarray) -> np.ndarray:
        return np.zeros((len(observations), 3), np.float32)

    for seed in (-1, 0.5, "0", None):
        refused(lambda seed=seed: evaluate(task, still, seed, 1), "seed")
    for episodes in (0, -1, 1.5):
        refused(lambda episodes=episodes: evaluate(task, still, 0, episodes), "episodes")
    refused(lambda: evaluate(task, lambda observations: np.zeros(3), 0, 2), "actions", "shape")
    refused(lambda: evaluate(task, lambda observations: still(observations) * np.nan, 0, 2), "actions", "finite")


def test_a_live_rollout_refuses_wrong_seeds_and_pushes(task):
    for seed in (-1, 0.5, "0"):
        refused(lambda seed=seed: LiveRollout(task, seed), "seed")
    rollout = LiveRollout(task)
    bodies = int(task.model.nbody)
    for body in (-1, bodies, 1.0, "torso"):
        refused(lambda body=body: rollout.push(body, np.zeros(3)), "body", str(bodies - 1))
    for force in (np.zeros(2), 1.0, "up", None, [np.nan, 0, 0], [np.inf, 0, 0]):
        refused(lambda force=force: rollout.push(1, force), "forces")
    rollout.step()


def test_a_clip_refuses_wrong_arrays(clip, task):
    arrays = {"states": clip.states, "observations": clip.observations, "actions": clip.actions}
    for name, array in arrays.items():
        for wrong, word in wrong_arrays(*array.shape):
            if not (isinstance(wrong, np.ndarray) and wrong.shape == (len(array), array.shape[1] + 1)):
                # how wide they are a clip does not know: its file does
                refused(lambda name=name, wrong=wrong: Clip("a", "b", 0.1, **{**arrays, name: wrong}), word, name)


def test_a_picture_refuses_wrong_states_and_sizes(clip, task):
    for state in (clip.states[0][:-1], clip.states[:2], 0.5, None, "home", clip.states[0] * np.nan):
        refused(lambda state=state: FrameRequest(task, state, task.camera), "states of hopper-backflip")
    refused(lambda: FrameRequest(task, clip.states[0], task.camera, trail=clip.states[0]), "trails", "(k, ")
    refused(lambda: FrameRequest(task, clip.states[0], task.camera, trail=clip.states * np.nan), "trails", "finite")
    for side in (0, -1, 10**7, 640.0, "640", None):
        refused(lambda side=side: FrameRequest(task, clip.states[0], task.camera, width=side), "width", "16 to 4096")
        refused(lambda side=side: FrameRequest(task, clip.states[0], task.camera, height=side), "height")
    first = FrameRequest(task, clip.states[0], task.camera)
    for every, trail in ((0, 0), (1.5, 0), (1, -1)):
        refused(lambda every=every, trail=trail: ClipFrames(clip, first, every, Priority.PAIR, trail, lambda: None))


def test_servos_refuse_wrong_positions(task):
    for qpos, word in wrong_arrays(2, int(task.model.nq)):
        refused(lambda qpos=qpos: holding_controls(task.model, qpos), word, "qpos")


def test_checks_pass_on_what_is_right():
    singles = np.zeros((2, 3), np.float32)
    assert finite_array("actions", singles, ("n", 3)) is singles
    assert finite_array("ages", [1, 2], (2,)).tolist() == [1, 2]
    assert whole_number("episodes", np.int32(4), 1, 4) == 4
    for shape in ((2,), (2, 4), (3, 3), ("n", 3, 1)):
        refused(lambda shape=shape: finite_array("actions", singles, shape), "shape (2, 3)")
    refused(lambda: finite_array("ages", [10**400, 1], (2,)), "ages")
    refused(lambda: whole_number("episodes", 10**5000, 0, 9), "bits")
