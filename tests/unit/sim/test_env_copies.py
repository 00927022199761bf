"""Copies of environments, and going back to an earlier moment."""

import copy
import pickle

import cloudpickle
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


def pickled(env):
    return pickle.loads(pickle.dumps(env))


def cloudpickled(env):
    return cloudpickle.loads(cloudpickle.dumps(env))


@pytest.mark.parametrize("twin_of", [copy.deepcopy, pickled, cloudpickled])
@pytest.mark.parametrize("steps", [None, 0, 23])
def test_a_copy_goes_on_identically(twin_of, steps):
    made = gymnasium.make(ENV, max_episode_steps=60)
    if steps is None:
        twin = twin_of(made)
        made.unwrapped.set_state(twin.unwrapped.get_state())
    else:
        made.action_space.seed(0)
        made.reset(seed=4)
        for _ in range(steps):
            made.step(made.action_space.sample())
        twin = twin_of(made)
    if steps is None:
        assert np.array_equal(made.reset()[0], twin.reset()[0])
    for _ in range(150):
        one, other = made.step(made.action_space.sample()), twin.step(twin.action_space.sample())
        assert np.array_equal(one[0], other[0])
        assert one[1:] == other[1:]
        if one[2] or one[3]:
            assert np.array_equal(made.reset()[0], twin.reset()[0])


def test_a_copy_is_apart_from_its_original(env):
    env.reset(seed=0)
    twin = copy.deepcopy(env)
    before = env.unwrapped.physics_state()
    twin.step(np.ones(3, np.float32))
    assert np.array_equal(env.unwrapped.physics_state(), before)
    assert not np.array_equal(twin.unwrapped.physics_state(), before)
    assert twin.unwrapped.task is env.unwrapped.task


def test_after_broken_physics_only_a_reset_goes_on(env):
    env.reset(seed=0)
    env.unwrapped.episodes.sim.readings.qvel[0, 0] = np.nan
    assert env.step(np.zeros(3, np.float32))[4]["exploded"]
    for broken in (env, copy.deepcopy(env), pickled(env)):
        with pytest.raises(ResetNeeded, match="reset"):
            broken.step(np.zeros(3, np.float32))
        assert np.isfinite(broken.reset(seed=0)[0]).all()
        broken.step(np.zeros(3, np.float32))


def test_a_state_brings_an_episode_back(env):
    env.reset(seed=1)
    for _ in range(30):
        env.step(np.ones(3, np.float32))
    kept = env.unwrapped.get_state()
    first = play_on(env)
    other = gymnasium.make(ENV, disable_env_checker=True)
    for made in (env, other):
        made.unwrapped.set_state(pickle.loads(pickle.dumps(kept)))
        assert all(np.array_equal(a, b) for a, b in zip(play_on(made.unwrapped), first, strict=True))


def play_on(env: gymnasium.Env) -> list[np.ndarray]:
    seen = []
    for _ in range(20):
        observation, *_, info = env.step(np.zeros(3, np.float32))
        seen += [observation, np.array([info["true_score"]])]
    return [*seen, env.reset()[0]]


def test_a_wrong_state_is_refused_and_changes_nothing(env):
    env.reset(seed=1)
    env.step(np.ones(3, np.float32))
    bare = env.unwrapped
    good = bare.get_state()
    other = sim.envs.TaskEnv("walker-walk")
    other.reset(seed=0)
    rows = good["simulation.rows"]
    wrong = {
        "get_state": [
            None,
            3,
            {},
            [1],
            {**good, "np_random": None},
            {**good, "np_random": {"bit_generator": "MT19937"}},
        ],
        "walker-walk": [other.get_state()],
        "shape": [{**good, "simulation.rows": rows[:, :-1]}, {**good, "steps": 3}, {**good, "steps": "many"}],
        "finite": [{**good, "simulation.rows": rows * np.nan}],
        "booleans": [{**good, "begun": [1]}],
    }
    for word, states in wrong.items():
        for state in states:
            with pytest.raises(ValueError, match=word):
                bare.set_state(state)
            now = bare.get_state()
            assert all(np.array_equal(now[name], good[name]) for name in good)
