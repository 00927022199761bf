"""Recording clips and keeping them."""

import numpy as np
import pytest

import sim.batch
from learning.clip_pool import DULL_SHARE, ClipPool, Recording, clip_features, lying, record
from sim.batch import STEPS_DOWN_FOR_A_FALL
from sim.hopper import LAYOUT
from sim.task import Singles, Task

FRAMES = 20
SPEEDS = [LAYOUT.vx, LAYOUT.vz, LAYOUT.rate]
NOT_EXPLODED = 7.0
"""A limit that some of the diverse starts overstep, m/s or rad/s."""


def still(observations: Singles) -> Singles:
    return np.zeros((len(observations), 3), np.float32)


def numbered(task: Task, first: int, count: int) -> Recording:
    """Clips whose arrays hold their number."""
    numbers = np.arange(first, first + count)[:, None, None]
    return Recording(
        np.broadcast_to(numbers, (count, FRAMES, task.state_size)).astype(np.float64),
        np.broadcast_to(numbers, (count, FRAMES, task.observation_size)).astype(np.float32),
        np.zeros((count, FRAMES, task.action_size), np.float32),
    )


def test_falls_and_what_follows_stay_in(task: Task) -> None:
    recording = record(task, still, np.random.default_rng(0), 60, 60, diverse_share=1.0, latest=60, thin_out=False)
    down = lying(task, recording.observations)
    assert (down[:, : 60 - 2 * STEPS_DOWN_FOR_A_FALL].sum(axis=1) > STEPS_DOWN_FOR_A_FALL).any()
    time = recording.states[..., 0]
    np.testing.assert_allclose(np.diff(time, axis=1), task.control_dt, atol=1e-9)
    assert time[:, 0].max() > 30 * task.control_dt
    assert time[:, 0].min() < 20 * task.control_dt


def test_actions_are_kept_as_applied_and_states_fit_observations(task: Task) -> None:
    rng = np.random.default_rng(1)

    def wild(observations: Singles) -> Singles:
        return rng.normal(0, 2, (len(observations), 3)).astype(np.float32)

    recording = record(task, wild, rng, 10, FRAMES, diverse_share=0.5, thin_out=False)
    assert len(recording) == 10
    assert np.abs(recording.actions).max() == 1.0
    assert recording.states.shape == (10, FRAMES, task.state_size)
    np.testing.assert_allclose(recording.observations[..., 0], recording.states[..., 2], atol=1e-6)


def test_the_exploded_are_left_out(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    whole = record(task, still, rng, 40, FRAMES, diverse_share=1.0, thin_out=False)
    assert np.abs(whole.observations[..., SPEEDS]).max() > NOT_EXPLODED
    monkeypatch.setattr(sim.batch, "EXPLODED_SPEED", NOT_EXPLODED)
    kept = record(task, still, np.random.default_rng(2), 40, FRAMES, diverse_share=1.0, thin_out=False)
    assert 0 < len(kept) < 40
    speeds = kept.states[..., 1 + task.model.nq :][..., : task.model.nv]
    assert np.abs(speeds).max() < NOT_EXPLODED


def test_most_dull_clips_are_thinned_out(task: Task) -> None:
    def dull_share(*, thin_out: bool) -> float:
        recording = record(
            task, still, np.random.default_rng(3), 100, FRAMES, diverse_share=1.0, latest=100, thin_out=thin_out
        )
        return float((lying(task, recording.observations).mean(axis=1) > DULL_SHARE).mean())

    before, after = dull_share(thin_out=False), dull_share(thin_out=True)
    assert 0.1 < before < 0.9
    assert after < before - 0.1


def test_dull_clips_fill_up_what_is_missing(task: Task) -> None:
    recording = record(task, still, np.random.default_rng(3), 40, FRAMES, diverse_share=1.0, latest=200)
    assert len(recording) == 40
    assert (lying(task, recording.observations).mean(axis=1) > DULL_SHARE).any()


def test_the_newest_stay_and_keep_their_numbers(task: Task) -> None:
    pool = ClipPool(task, FRAMES, 5)
    assert len(pool) == 0
    pool.add(numbered(task, 10, 4), 10, iteration=1)
    pool.uses[2:] = 3
    pool.add(numbered(task, 20, 3), 20, iteration=2)
    assert pool.numbers.tolist() == [12, 13, 20, 21, 22]
    assert pool.uses.tolist() == [3, 3, 0, 0, 0]
    assert pool.iterations.tolist() == [1, 1, 2, 2, 2]
    assert pool.states[:, 0, 0].tolist() == [12, 13, 20, 21, 22]
    np.testing.assert_allclose(pool.features, clip_features(task, pool.observations))
    clip = pool.clip(2)
    assert (clip.states == 20).all() and len(clip) == FRAMES
    assert clip.origin == {"number": 20} and clip.iteration == 2


def test_features_of_a_clip_are_the_mean_of_its_frames(task: Task) -> None:
    observations = np.random.default_rng(4).normal(size=(3, FRAMES, task.observation_size)).astype(np.float32)
    wanted = [np.mean([task.reward_features(frame) for frame in clip], axis=0) for clip in observations]
    np.testing.assert_allclose(clip_features(task, observations), wanted, atol=1e-6)


def test_a_state_is_a_copy_and_can_be_restored(task: Task) -> None:
    pool = ClipPool(task, FRAMES, 5)
    pool.add(numbered(task, 0, 4), 0, iteration=1)
    pool.uses[1] = 2
    state = pool.state("clips.")
    before = {name: array.copy() for name, array in state.items()}
    pool.uses[0] += 1
    pool.add(numbered(task, 4, 3), 4, iteration=2)
    for name, array in before.items():
        np.testing.assert_array_equal(state[name], array)
    other = ClipPool(task, FRAMES, 5)
    other.restore("clips.", state)
    assert other.uses.tolist() == [0, 2, 0, 0] and other.numbers.tolist() == [0, 1, 2, 3]
    np.testing.assert_array_equal(other.features, clip_features(task, before["clips.observations"]))
