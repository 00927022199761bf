"""Tasks as Gymnasium environments."""

import warnings

import gymnasium
import mujoco
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import sim.envs
from sim.batch import BatchSim
from sim.errors import UnknownTaskError
from sim.registry import get_task, task_names
from sim.task import Readings, Scorer

ENV = "backflip/Hopper-v0"


@pytest.fixture(autouse=True)
def no_display(monkeypatch):
    """So that the tests do the same everywhere."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")


@pytest.fixture
def env():
    made = gymnasium.make(ENV)
    yield made
    made.close()


def test_every_task_is_registered_and_registering_again_is_harmless():
    before = dict(gymnasium.registry)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sim.envs.register()
    assert dict(gymnasium.registry) == before
    ids = sim.envs.env_ids()
    assert set(ids) <= set(gymnasium.registry)
    assert set(task_names()) == set(ids.values())
    assert ids["backflip/HopperBackflip-v0"] == ids[ENV] == "hopper-backflip"


@pytest.mark.parametrize("render_mode", [None, "rgb_array"])
def test_gymnasium_finds_nothing_to_complain_about(request, render_mode):
    request.getfixturevalue("renderer")  # the checker draws in every mode there is
    made = gymnasium.make(ENV, render_mode=render_mode)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(made.unwrapped)
    made.close()


def play(env: gymnasium.Env, seed: int, steps: int = 200) -> list[np.ndarray]:
    observation, _ = env.reset(seed=seed)
    rng = np.random.default_rng(0)
    seen = [observation]
    for _ in range(steps):
        observation, _, terminated, truncated, _ = env.step(rng.uniform(-1, 1, 3).astype(np.float32))
        seen.append(observation)
        if terminated or truncated:
            observation, _ = env.reset()
            seen.append(observation)
    return seen


def test_the_seed_decides_everything(env):
    other = gymnasium.make(ENV)
    one, two, three = play(env, 5), play(other, 5), play(env, 6)
    other.close()
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert len(one) > 201, "no episode ended: starts after the first were not compared"
    assert not np.array_equal(one[0], three[0])


def test_it_steps_as_the_batch_does(task, env):
    observation, _ = env.reset(seed=3)
    batch = BatchSim(task, 1, 1)
    rng = np.random.default_rng(3)
    assert np.array_equal(batch.reset(np.ones(1, bool), *task.normal_start(rng, 1))[0], observation)
    action = np.array([0.3, -2.0, 0.9], np.float32)
    assert np.array_equal(env.step(np.clip(action, -1, 1))[0], batch.step(action[None]).observations[0])


def test_observations_are_not_changed_afterwards(env):
    first, _ = env.reset(seed=0)
    kept = first.copy()
    second = env.step(np.ones(3, np.float32))[0]
    env.step(-np.ones(3, np.float32))
    assert np.array_equal(first, kept)
    assert not np.array_equal(first, second)


def test_no_reward_unless_one_is_plugged_in(env):
    env.reset(seed=0)
    assert env.step(np.ones(3, np.float32))[1] == 0.0
    seen = []

    def height(observation: np.ndarray, action: np.ndarray) -> float:
        seen.append((observation.copy(), action.copy()))
        return float(observation[0])

    rewarded = gymnasium.make(ENV, reward_fn=height)
    rewarded.reset(seed=0)
    observation, reward, *_ = rewarded.step(np.array([1.0, 0.5, -1.0], np.float32))
    rewarded.close()
    assert reward == pytest.approx(float(observation[0]))
    assert np.array_equal(seen[0][0], observation)
    assert seen[0][1].tolist() == [1.0, 0.5, -1.0]


def test_lying_down_terminates(env):
    env.reset(seed=0)
    steps = 0
    terminated = False
    while not terminated and steps < 200:
        *_, terminated, truncated, info = env.step(np.zeros(3, np.float32))
        steps += 1
    assert terminated
    assert not truncated
    assert 11 < steps < 200
    assert info == {"true_score": 0.0, "landed": 0, "exploded": False}


def test_an_episode_has_an_end(env):
    env.reset(seed=0)
    assert env.spec.max_episode_steps == env.unwrapped.task.episode_steps
    start = env.unwrapped.get_state()
    direct = sim.envs.TaskEnv("hopper-backflip")
    for made in (env, direct):
        truncations = []
        for _ in range(env.spec.max_episode_steps):
            made.unwrapped.set_state(start | {"steps": made.unwrapped.get_state()["steps"]})  # it never falls
            truncations.append(made.step(np.zeros(3, np.float32))[3])
        assert truncations == [False] * (env.spec.max_episode_steps - 1) + [True]


def test_broken_physics_terminates_with_the_last_good_observation(env):
    good, _ = env.reset(seed=0)
    env.unwrapped.episodes.sim.readings.qvel[0, 0] = np.nan
    observation, _, terminated, _, info = env.step(np.zeros(3, np.float32))
    assert np.array_equal(observation, good)
    assert terminated
    assert info["exploded"] is True
    again, _ = env.reset()
    assert np.isfinite(again).all()


class EveryTenth(Scorer):
    """Counts every tenth update."""

    def __init__(self) -> None:
        self.updates = 0

    def update(self, readings: Readings) -> np.ndarray:
        self.updates += 1
        return np.array([int(self.updates % 10 == 0)])

    def reset(self, mask: np.ndarray) -> None:
        self.updates = 0


def test_info_tells_the_true_score_per_ten_seconds(env):
    env.unwrapped.episodes.scorer = EveryTenth()
    env.reset(seed=0)  # the start is the first update
    infos = [env.step(np.zeros(3, np.float32))[4] for _ in range(20)]
    assert [info["landed"] for info in infos] == ([0] * 8 + [1] + [0]) * 2
    assert infos[7]["true_score"] == 0.0
    assert infos[8]["true_score"] == pytest.approx(10.0 / (9 * 0.016))
    assert infos[19]["true_score"] == pytest.approx(2 * 10.0 / (20 * 0.016))
    env.reset()
    assert env.step(np.zeros(3, np.float32))[4]["true_score"] == 0.0


def test_pictures_have_the_size_asked_for_and_change(renderer):
    made = gymnasium.make(ENV, render_mode="rgb_array", width=200, height=120)
    made.reset(seed=0)
    before = made.render()
    for _ in range(10):
        made.step(np.ones(3, np.float32))
    after = made.render()
    made.close()
    made.close()
    assert before.shape == (120, 200, 3)
    assert (before != after).any()


def test_without_a_display_human_is_one_sentence():
    with pytest.raises(sim.envs.RenderModeError, match="display") as caught:
        gymnasium.make(ENV, render_mode="human")
    assert "\n" not in str(caught.value)


def test_unknown_names_are_one_sentence():
    with pytest.raises(sim.envs.RenderModeError, match="ansi"):
        sim.envs.TaskEnv("hopper-backflip", render_mode="ansi")
    with pytest.raises(UnknownTaskError, match="hopper-backflip"):
        sim.envs.TaskEnv("hoper-backflip")


@pytest.mark.parametrize("env_id", sim.envs.env_ids())
def test_each_declares_its_own_rate_and_horizon(env_id):
    made = gymnasium.make(env_id)
    task = made.unwrapped.task
    assert made.metadata["render_fps"] == pytest.approx(1.0 / task.control_dt)
    assert gymnasium.spec(env_id).max_episode_steps == made.spec.max_episode_steps == task.episode_steps
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(made.unwrapped, skip_render_check=True)


@pytest.mark.parametrize(("horizon", "expected"), [(5, 5), (100, 100), (None, 75), (-1, None)])
def test_the_horizon_can_be_chosen(horizon, expected):
    """Of the gripper, which never falls and whose episodes are short."""
    for made in (
        gymnasium.make("backflip/GripperGrasp-v0", max_episode_steps=horizon),
        sim.envs.TaskEnv("gripper-grasp", max_episode_steps=horizon),
    ):
        made.reset(seed=0)
        ended = [made.step(np.zeros(5, np.float32))[3] for _ in range(expected or 200)]
        assert ended.count(True) == (expected is not None)
        assert ended[-1] is (expected is not None)


def test_warnings_are_silenced_for_our_simulations_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = []
    mujoco.set_mju_user_warning(told.append)
    try:
        for name in task_names():
            bare = sim.envs.TaskEnv(name)
            rng = np.random.default_rng(0)
            for poison in (np.nan, np.inf, 1e5, 500.0):
                bare.reset(seed=0)
                qvel = bare.episodes.sim.readings.qvel
                qvel[0] = poison * rng.uniform(-1, 1, qvel.shape[1])
                bare.step(np.ones(bare.task.action_size))
        assert told == []
        model = mujoco.MjModel.from_xml_string(get_task("hopper-backflip").model_xml)
        data = mujoco.MjData(model)
        data.qvel[0] = np.nan
        mujoco.mj_step(model, data)
    finally:
        mujoco.set_mju_user_warning(None)
    assert any("QVEL" in warning for warning in told)
    assert list(tmp_path.iterdir()) == []
