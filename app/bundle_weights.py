"""A policy's and a learned reward's weights as named arrays, and back."""

import numpy as np

from sim.policy import PolicyWeights
from sim.task import Singles, Task

CENTRE, SCALE, CLIP = "centre", "scale", "clip"
WEIGHT, BIAS = "weight.", "bias."
"""Each followed by the layer's number, from 0."""
FLOAT = "F32"
"""The type of all arrays, in the words of safetensors."""
MEAN = "mean"
"""(nfeature,) the learned reward's weights."""


def as_tensors(policy: PolicyWeights) -> dict[str, Singles]:
    """The policy as named float32 arrays."""
    tensors = {CENTRE: policy.centre, SCALE: policy.scale, CLIP: np.array([policy.clip])}
    for layer, (weight, bias) in enumerate(zip(policy.weights, policy.biases, strict=True)):
        tensors[f"{WEIGHT}{layer}"], tensors[f"{BIAS}{layer}"] = weight, bias
    return {name: np.ascontiguousarray(array, np.float32) for name, array in tensors.items()}


def as_policy(tensors: dict[str, np.ndarray]) -> PolicyWeights:
    """The policy that `as_tensors` was given.

    Raises:
        ValueError: an array is missing or has another shape; says which.
    """
    depth = sum(name.startswith(WEIGHT) for name in tensors)
    layers = [f"{kind}{layer}" for kind in (WEIGHT, BIAS) for layer in range(depth)]
    missing = [name for name in (CENTRE, SCALE, CLIP, *layers) if name not in tensors]
    if missing:
        raise ValueError(f"it has no '{missing[0]}'")
    if tensors[CLIP].shape != (1,):
        raise ValueError(f"'{CLIP}' has shape {tensors[CLIP].shape}, wanted (1,)")
    weights, biases = layers[:depth], layers[depth:]
    return PolicyWeights(
        centre=tensors[CENTRE],
        scale=tensors[SCALE],
        clip=float(tensors[CLIP][0]),
        weights=tuple(tensors[name] for name in weights),
        biases=tuple(tensors[name] for name in biases),
    )


def checked_reward(tensors: dict[str, np.ndarray], task: Task) -> Singles:
    """(nfeature,) weights of a linear learned reward of `task`.

    Raises:
        ValueError: they are missing or do not fit the task's features.
    """
    if MEAN not in tensors:
        raise ValueError(f"it has no '{MEAN}'")
    mean = tensors[MEAN]
    wanted = task.reward_features(np.zeros((1, task.observation_size), np.float32)).shape[1:]
    if mean.shape != wanted:
        raise ValueError(f"'{MEAN}' has shape {mean.shape}, wanted {wanted} for task '{task.name}'")
    return np.ascontiguousarray(mean, np.float32)
