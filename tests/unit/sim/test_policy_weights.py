"""The policy as plain numbers."""

import numpy as np
import pytest

from sim.policy import PolicyWeights


def weights(**changed: object) -> PolicyWeights:
    rng = np.random.default_rng(0)
    sizes = [(5, 4), (3, 5), (2, 3)]
    values: dict[str, object] = {
        "centre": np.arange(4, dtype=np.float32),
        "scale": np.full(4, 2.0, np.float32),
        "clip": 5.0,
        "weights": tuple(rng.normal(size=size).astype(np.float32) for size in sizes),
        "biases": tuple(rng.normal(size=size[0]).astype(np.float32) for size in sizes),
    }
    return PolicyWeights(**(values | changed))  # type: ignore[arg-type]


def test_the_action_is_the_clipped_mean():
    policy = weights()
    observation = np.array([[1.0, -2.0, 300.0, 4.0]], np.float32)
    x = np.array([0.5, -1.5, 5.0, 0.5])
    for matrix, bias in zip(policy.weights[:2], policy.biases[:2], strict=True):
        x = np.tanh(matrix @ x + bias)
    expected = np.clip(policy.weights[2] @ x + policy.biases[2], -1, 1)
    action = policy.act(observation)
    assert action.shape == (1, 2)
    assert action.dtype == np.float32
    assert action[0] == pytest.approx(expected, abs=1e-6)


def test_rows_do_not_mix():
    policy = weights()
    rows = np.random.default_rng(1).normal(size=(7, 4)).astype(np.float32)
    together = policy.act(rows)
    assert together == pytest.approx(np.concatenate([policy.act(row[None]) for row in rows]), abs=1e-6)
    assert np.abs(together).max() <= 1.0


@pytest.mark.parametrize(
    "changed",
    [
        {"weights": (np.zeros((5, 3), np.float32), *weights().weights[1:])},
        {"weights": weights().weights[:2]},
        {"biases": (np.zeros(6, np.float32), *weights().biases[1:])},
        {"scale": np.ones(3, np.float32)},
        {"centre": np.zeros(5, np.float32)},
        {"weights": (), "biases": ()},
    ],
)
def test_layers_that_do_not_fit_are_refused(changed):
    with pytest.raises(ValueError, match="policy"):
        weights(**changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"centre": np.array(1.0), "scale": np.array(1.0)},
        {"biases": (np.array(1.0), np.zeros(3), np.zeros(2))},
        {"biases": (np.zeros((5, 1)), np.zeros(3), np.zeros(2))},
    ],
)
def test_arrays_without_axes_or_with_too_many_are_no_policy(changed: dict[str, object]):
    with pytest.raises(ValueError, match=r"policy (normaliser|layer) is"):
        weights(**changed)
