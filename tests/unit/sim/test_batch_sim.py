"""BatchSim: the same bits whatever the threads, resets that touch only their rows, and broken physics kept apart."""

import numpy as np
import pytest

from sim.batch import STEPS_DOWN_FOR_A_FALL, BatchSim
from sim.score import evaluate
from sim.task import Singles, Task

NSIM = 6


def started(task: Task, nsim: int = NSIM, nthread: int = 1, seed: int = 0) -> BatchSim:
    """Simulations at diverse starts."""
    sim = BatchSim(task, nsim, nthread)
    sim.reset(np.ones(nsim, bool), *task.diverse_start(np.random.default_rng(seed), nsim))
    return sim


def random_actions(steps: int, nsim: int = NSIM, seed: int = 1) -> Singles:
    return np.random.default_rng(seed).uniform(-1, 1, (steps, nsim, 3)).astype(np.float32)


def run(sim: BatchSim, actions: Singles, seed: int = 2) -> list[np.ndarray]:
    """Steps with resets; all that was seen."""
    rng = np.random.default_rng(seed)
    seen: list[np.ndarray] = []
    for action in actions:
        result = sim.step(action)
        seen += [result.observations.copy(), sim.physics_states(), result.fallen, result.truncated]
        done = result.done
        seen.append(sim.reset(done, *sim.task.normal_start(rng, int(done.sum()))).copy())
    return seen


def same(left: list[np.ndarray], right: list[np.ndarray]) -> bool:
    return len(left) == len(right) and all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


def test_one_and_two_threads_give_the_same_bits(task):
    actions = random_actions(150)
    one, two = run(started(task, nthread=1), actions), run(started(task, nthread=2), actions)
    assert same(one, two)
    assert any(array.any() for array in one[2::5]), "no fall: the test says nothing about resets"


def test_a_restored_state_goes_on_with_the_same_bits(task):
    actions = random_actions(120)
    whole = started(task)
    run(whole, actions[:60])
    kept = whole.state()
    rest = run(whole, actions[60:], seed=3)
    other = started(task, nthread=2, seed=9)
    run(other, actions[:7])
    other.restore(kept)
    assert np.array_equal(other.observations, kept["observations"])
    assert same(run(other, actions[60:], seed=3), rest)


def test_a_state_is_a_copy(task):
    sim = started(task)
    kept = sim.state()
    before = {name: array.copy() for name, array in kept.items()}
    run(sim, random_actions(5))
    assert all(np.array_equal(kept[name], before[name]) for name in kept)


def test_observations_belong_to_their_rows(task):
    """Every row gets a height and a pitch of its own; a mix-up of rows or columns would show."""
    sim = BatchSim(task, NSIM, 2)
    qpos = np.zeros((NSIM, 6))
    qpos[:, 1] = 2.0 + 0.1 * np.arange(NSIM)
    qpos[:, 2] = 0.2 * np.arange(NSIM)
    observations = sim.reset(np.ones(NSIM, bool), qpos, np.zeros((NSIM, 6)))
    assert observations[:, 0] == pytest.approx(qpos[:, 1])
    assert np.arctan2(observations[:, 2], observations[:, 1]) == pytest.approx(qpos[:, 2], abs=1e-6)
    states = sim.physics_states()
    assert np.array_equal(states[:, 1:7], qpos)


def test_actions_belong_to_their_rows_and_are_clipped(task):
    sim = started(task)
    sim.reset(
        np.ones(NSIM, bool),
        *(np.repeat(array, NSIM, axis=0) for array in task.diverse_start(np.random.default_rng(0), 1)),
    )
    actions = np.zeros((NSIM, 3), np.float32)
    actions[2], actions[4], actions[5] = 1.0, 7.0, 0.5
    observations = sim.step(actions).observations
    assert np.array_equal(observations[0], observations[1])
    assert np.array_equal(observations[0], observations[3])
    assert np.array_equal(observations[2], observations[4])
    assert len({row.tobytes() for row in observations}) == 3


def test_a_reset_touches_only_its_rows(task):
    sim = started(task)
    run(sim, random_actions(10))
    before, seen = sim.physics_states(), sim.observations.copy()
    mask = np.array([False, True, False, False, True, False])
    qpos, qvel = task.normal_start(np.random.default_rng(5), 2)
    observations = sim.reset(mask, qpos, qvel)
    after = sim.physics_states()
    assert np.array_equal(after[~mask], before[~mask])
    assert np.array_equal(observations[~mask], seen[~mask])
    assert np.array_equal(after[mask, 1:7], qpos)
    assert np.array_equal(after[mask, 7:13], qvel)


def test_a_reset_restarts_the_clock(task):
    sim = BatchSim(task, 2, 1)
    sim.reset(np.ones(2, bool), *task.normal_start(np.random.default_rng(0), 2))
    sim.age_rows(np.array([task.episode_steps - 2, task.episode_steps - 2]))
    still = np.zeros((2, 3), np.float32)
    assert not sim.step(still).truncated.any()
    sim.reset(np.array([True, False]), *task.normal_start(np.random.default_rng(0), 1))
    assert sim.step(still).truncated.tolist() == [False, True]


def test_lying_for_three_steps_is_a_fall(task):
    sim = BatchSim(task, 2, 1)
    qpos = np.zeros((2, 6))
    qpos[0, 1], qpos[0, 2] = 0.05, np.pi / 2
    qpos[1, 1] = 1.25
    sim.reset(np.ones(2, bool), qpos, np.zeros((2, 6)))
    falls = [sim.step(np.zeros((2, 3), np.float32)).fallen.tolist() for _ in range(STEPS_DOWN_FOR_A_FALL)]
    assert falls == [[False, False], [False, False], [True, False]]


def test_time_on_the_floor_is_restored_with_a_state_and_forgotten_by_a_reset(task):
    qpos = np.array([[0.0, 0.05, np.pi / 2, 0.0, 0.0, 0.0]])
    limp, everyone = np.zeros((1, 3), np.float32), np.ones(1, bool)
    sim = BatchSim(task, 1, 1)
    sim.reset(everyone, qpos, np.zeros((1, 6)))
    for _ in range(STEPS_DOWN_FOR_A_FALL - 1):
        assert not sim.step(limp).fallen[0]
    other = BatchSim(task, 1, 1)
    other.restore(sim.state())
    assert other.step(limp).fallen[0]
    sim.reset(everyone, qpos, np.zeros((1, 6)))
    assert not sim.step(limp).fallen[0]


@pytest.mark.parametrize("poison", [np.nan, np.inf, 1e6], ids=["nan", "inf", "too-fast"])
def test_broken_physics_stays_in_its_row(task, tmp_path, monkeypatch, poison):
    monkeypatch.chdir(tmp_path)  # where MuJoCo would leave a log of its warnings
    actions = random_actions(40)
    healthy, ill = started(task, nthread=2), started(task, nthread=2)
    sick, well = 3, np.arange(NSIM) != 3
    for number, action in enumerate(actions):
        if number == 12:
            ill.readings.qvel[sick, 0] = poison
        last = ill.observations.copy()
        expected, found = healthy.step(action), ill.step(action)
        assert np.array_equal(expected.observations[well], found.observations[well])
        assert np.array_equal(healthy.physics_states()[well], ill.physics_states()[well])
        assert np.isfinite(found.observations).all()
        if number == 12:
            assert found.exploded.tolist() == [row == sick for row in range(NSIM)]
            assert not found.fallen[sick]
            assert np.array_equal(found.observations[sick], last[sick])
        else:
            assert not found.exploded.any()
        for sim, result in ((healthy, expected), (ill, found)):
            rng = np.random.default_rng(number)
            starts = task.normal_start(rng, NSIM)  # the same start for a row, whichever others are reset with it
            sim.reset(result.done, *(array[result.done] for array in starts))
    assert (healthy.exploded_total, ill.exploded_total) == (0, 1)
    assert np.isfinite(ill.physics_states()).all()
    assert list(tmp_path.iterdir()) == []


def test_evaluation_is_deterministic_and_counts_falls(task):
    def limp(observations: Singles) -> Singles:
        return np.zeros((len(observations), 3), np.float32)

    one, two = evaluate(task, limp, episodes=4, nthread=1), evaluate(task, limp, episodes=4, nthread=2)
    assert one == two
    assert one.true_score == 0.0
    assert one.falls_per_10s > 1.0
    assert one.sim_seconds == pytest.approx(4 * task.episode_steps * task.control_dt)
    assert len(one.per_episode) == 4
