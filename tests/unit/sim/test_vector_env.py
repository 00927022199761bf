"""Many simulations as one Gymnasium vector environment."""

import copy
import pickle
import warnings

import cloudpickle
import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import sim.envs
from sim.registry import get_task, task_names
from sim.vector_env import TaskVectorEnv

ENV = "backflip/Hopper-v0"
COUNT = 3
HORIZON = 40
"""Short, so that some episodes end by time and some, of the limp hopper, by a fall."""


def heights(observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
    return observations[..., 0] + actions[..., 0]


def make(**options) -> TaskVectorEnv:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return gymnasium.make_vec(ENV, num_envs=COUNT, vectorization_mode="vector_entry_point", **options)


def single_ones(mode: AutoresetMode, **options) -> SyncVectorEnv:
    return SyncVectorEnv([lambda: gymnasium.make(ENV, **options)] * COUNT, autoreset_mode=mode)


def assert_same(left: object, right: object) -> None:
    if isinstance(left, dict):
        assert sorted(left) == sorted(right)
        for name in left:
            assert_same(left[name], right[name])
    elif isinstance(left, np.ndarray) and left.dtype == object:
        assert [one is None for one in left] == [one is None for one in right]
        assert all(np.array_equal(a, b) for a, b in zip(left, right, strict=True) if a is not None)
    else:
        np.testing.assert_array_equal(left, right)
        assert np.asarray(left).dtype == np.asarray(right).dtype


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("horizon", [HORIZON, None])
def test_it_is_as_many_single_environments_step_by_step(mode, horizon):
    batched = make(reward_fn=heights, max_episode_steps=horizon, autoreset_mode=mode)
    singles = single_ones(mode, reward_fn=heights, max_episode_steps=horizon)
    assert batched.observation_space == singles.observation_space
    assert batched.action_space == singles.action_space
    rng = np.random.default_rng(0)
    for one, other in zip(batched.reset(seed=5), singles.reset(seed=5), strict=True):
        assert_same(one, other)
    ends = np.zeros(2, int)
    for step in range(4 * HORIZON):
        actions = rng.uniform(-1.3, 1.3, (COUNT, 3)).astype(np.float32)
        actions[1] = 0.0
        found, wanted = batched.step(actions), singles.step(actions)
        for one, other in zip(found, wanted, strict=True):
            assert_same(one, other)
        ends += [found[2].sum(), found[3].sum()]
        if step == HORIZON:
            assert_same(batched.reset()[0], singles.reset()[0])
    assert ends[0] >= 2, "no fall: resets were not compared"
    assert (ends[1] > 2) == (horizon is not None)
    batched.close()
    singles.close()


def test_a_landing_counts_as_with_single_environments():
    """The share of a score window, in rings that fill and go on beyond the task's own horizon."""
    task = get_task("gripper-grasp")
    longer = task.episode_steps + 30
    batched = gymnasium.make_vec("backflip/GripperGrasp-v0", num_envs=2, max_episode_steps=longer, nthread=1)
    single = gymnasium.make("backflip/GripperGrasp-v0", max_episode_steps=longer)
    twins = [batched.episodes, single.unwrapped.episodes]
    batched.reset(seed=[1, 0])
    single.reset(seed=0)
    pattern = np.random.default_rng(0).random(longer) < 0.5
    scores = []
    for held in pattern:
        for episodes in twins:
            episodes.scorer.update = lambda readings, held=held: np.full(len(readings.qpos), int(held))
        infos = batched.step(np.zeros((2, 5), np.float32))[4]
        info = single.step(np.zeros(5, np.float32))[4]
        assert infos["true_score"][1] == info["true_score"]
        assert infos["landed"][1] == info["landed"]
        scores.append(info["true_score"])
    window = task.scored_steps
    first = task.episode_steps - window
    assert scores[:first] == [0.0] * first
    assert scores[first + 4] == pytest.approx(pattern[first : first + 5].mean())
    assert scores[-1] == pytest.approx(pattern[-window:].mean())


@pytest.mark.parametrize("name", task_names())
def test_every_task_has_one_and_declares_what_it_does(name):
    env_id = next(env_id for env_id, task in sim.envs.env_ids().items() if task == name)
    made = gymnasium.make_vec(env_id, num_envs=2)
    assert isinstance(made, TaskVectorEnv)
    assert made.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP
    assert made.metadata["render_fps"] == pytest.approx(1.0 / get_task(name).control_dt)
    assert made.spec.max_episode_steps == get_task(name).episode_steps == made.episodes.max_steps
    made.reset(seed=0)
    made.step(made.action_space.sample())


@pytest.mark.parametrize(
    "twin_of",
    [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env)), lambda env: cloudpickle.loads(cloudpickle.dumps(env))],
)
def test_a_copy_goes_on_the_same(twin_of):
    made = make(max_episode_steps=HORIZON)
    made.reset(seed=0)
    actions = np.random.default_rng(1).uniform(-1, 1, (3 * HORIZON, COUNT, 3)).astype(np.float32)
    for action in actions[: HORIZON + 1]:
        made.step(action)
    kept, twin = made.get_state(), twin_of(made)
    rest = [made.step(action) for action in actions[HORIZON + 1 :]]
    for wanted, action in zip(rest, actions[HORIZON + 1 :], strict=True):
        for one, other in zip(twin.step(action), wanted, strict=True):
            assert_same(one, other)
    made.set_state(kept)
    for wanted, action in zip(rest, actions[HORIZON + 1 :], strict=True):
        assert_same(made.step(action)[0], wanted[0])


def test_the_others_go_on_where_some_are_reset():
    made = make(autoreset_mode="Disabled")
    with pytest.raises(ResetNeeded, match="reset"):
        made.step(np.zeros((COUNT, 3)))
    made.reset(seed=3)
    before = made.step(np.ones((COUNT, 3)))[0]
    mask = np.array([False, True, False])
    after, infos = made.reset(seed=[None, 4, None], options={"reset_mask": mask})
    assert np.array_equal(after[~mask], before[~mask])
    assert not np.array_equal(after[mask], before[mask])
    assert infos["_true_score"].tolist() == mask.tolist()
    assert made.np_random_seed == (3, 4, 5)
    while not (made.step(np.zeros((COUNT, 3)))[2]).any():
        pass
    with pytest.raises(ResetNeeded, match="reset"):
        made.step(np.zeros((COUNT, 3)))


def test_wrong_inputs_say_what_was_found_and_wanted():
    made = make()
    made.reset(seed=0)
    for actions in (np.zeros(3), np.zeros((COUNT + 1, 3)), 0.1, "left", None, [[None] * 3] * COUNT):
        with pytest.raises(ValueError, match=rf"shape \({COUNT}, 3\)"):
            made.step(actions)
    with pytest.raises(ValueError, match="finite"):
        made.step(np.full((COUNT, 3), np.nan))
    for seed in (-1, 1.5, "1", [1, 2], [1, 2, -3], True):
        with pytest.raises(ValueError, match="seed"):
            made.reset(seed=seed)
    for options in ({"start": 1}, {"reset_mask": [1, 0, 1]}, {"reset_mask": np.zeros(COUNT, bool)}, "none"):
        with pytest.raises(ValueError, match=r"options|reset_mask"):
            made.reset(options=options)
    for wrong in (
        {"num_envs": 0},
        {"num_envs": 2.0},
        {"max_episode_steps": 0},
        {"autoreset_mode": "Never"},
        {"width": 0},
    ):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            TaskVectorEnv("hopper-backflip", **wrong)
    with pytest.raises(sim.envs.RenderModeError, match="human"):
        TaskVectorEnv("hopper-backflip", render_mode="human")
    bad = make(reward_fn=lambda observations, actions: 1.0)
    bad.reset()
    with pytest.raises(ValueError, match=r"reward_fn must have shape \(3,\); found shape \(\)"):
        bad.step(np.zeros((COUNT, 3)))
    with pytest.raises(ValueError, match="get_state"):
        made.set_state({})


def test_each_simulation_has_a_picture(renderer):
    made = make(render_mode="rgb_array", width=120, height=90)
    made.reset(seed=0)
    made.step(np.array([[1.0] * 3, [0.0] * 3, [-1.0] * 3]))
    for _ in range(10):
        made.step(np.array([[1.0] * 3, [0.0] * 3, [-1.0] * 3]))
    pictures = made.render()
    made.close()
    made.close()
    assert [picture.shape for picture in pictures] == [(90, 120, 3)] * COUNT
    assert (pictures[0] != pictures[2]).any()
    assert make().render() is None
