"""Wrong inputs of environments: each is one line that names what was found and what was wanted."""

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded

import sim.envs

ENV = "backflip/Hopper-v0"


@pytest.fixture
def env():
    made = gymnasium.make(ENV)
    yield made
    made.close()


def test_nothing_goes_on_before_the_first_reset():
    bare = sim.envs.TaskEnv("hopper-backflip")
    with pytest.raises(ResetNeeded, match="reset"):
        bare.step(np.zeros(3, np.float32))


WRONG_ACTIONS = [
    (np.array([0.5]), "shape"),
    (np.zeros((1, 3)), "shape"),
    (np.zeros(4), "shape"),
    ([0.1, [0.2, 0.3], 0.4], "shape"),
    (0.1, "shape"),
    ("left", "shape"),
    (["a", "b", "c"], "shape"),
    (None, "shape"),
    ([None] * 3, "shape"),
    (np.array([1, 2, 3], object), "shape"),
    (np.zeros(3, complex), "shape"),
    ({"action": 1}, "shape"),
    (np.full(3, np.nan), "finite"),
    ([0.0, np.inf, 0.0], "finite"),
    ([0.0, 0.0, -np.inf], "finite"),
]


@pytest.mark.parametrize(("action", "word"), WRONG_ACTIONS)
def test_a_wrong_action_is_refused_and_nothing_moves(action, word):
    made = gymnasium.make(ENV, disable_env_checker=True)
    made.reset(seed=0)
    before = made.unwrapped.get_state()
    with pytest.raises(ValueError, match=word) as caught:
        made.step(action)
    assert "\n" not in str(caught.value)
    assert "found" in str(caught.value)
    after = made.unwrapped.get_state()
    assert all(np.array_equal(after[name], before[name]) for name in before)


def test_lists_and_whole_numbers_are_actions(env):
    states = []
    for action in ([1, 0, -1], np.array([1, 0, -1]), (5.0, 0.0, -1e300), np.array([1, 0, -1], np.float16)):
        bare = env.unwrapped
        bare.reset(seed=0)
        states.append(bare.step(action)[0])
    assert all(np.array_equal(state, states[0]) for state in states)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, [1], np.nan])
def test_a_wrong_seed_is_refused(seed):
    bare = sim.envs.TaskEnv("hopper-backflip")
    with pytest.raises(ValueError, match="seed must be a whole number, 0 or more; found"):
        bare.reset(seed=seed)


def test_numpys_seeds_and_large_ones_are_seeds():
    bare = sim.envs.TaskEnv("hopper-backflip")
    assert np.array_equal(bare.reset(seed=np.int64(7))[0], bare.reset(seed=7)[0])
    bare.reset(seed=2**200)


@pytest.mark.parametrize("options", [{"start": "diverse"}, "none", 3])
def test_options_that_are_not_there_are_refused(options):
    bare = sim.envs.TaskEnv("hopper-backflip")
    bare.reset(options={})
    with pytest.raises(ValueError, match="options must be None or empty; found"):
        bare.reset(options=options)


@pytest.mark.parametrize("side", [0, -5, 15, 4097, 10**9, 10**400, 480.0, "480", None, True])
@pytest.mark.parametrize("name", ["width", "height"])
def test_a_picture_of_a_wrong_size_is_refused_at_once(name, side):
    with pytest.raises(ValueError, match=f"{name} must be a whole number from 16 to 4096; found"):
        sim.envs.TaskEnv("hopper-backflip", render_mode="rgb_array", **{name: side})


@pytest.mark.parametrize("steps", [0, -2, 1.5, "9", True])
def test_a_wrong_horizon_is_refused(steps):
    with pytest.raises(ValueError, match="max_episode_steps must be a whole number"):
        sim.envs.TaskEnv("hopper-backflip", max_episode_steps=steps)
