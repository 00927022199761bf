"""Networks, optimisers and generators as plain arrays and back, bit for bit."""

import numpy as np
import torch
from torch import nn

from learning.ppo import PPO

Tensors = dict[str, np.ndarray]


def pack_module(module: nn.Module, prefix: str) -> Tensors:
    """All parameters of `module`, under names that begin with `prefix`."""
    return {f"{prefix}{name}": parameter.detach().numpy().copy() for name, parameter in module.named_parameters()}


def unpack_module(module: nn.Module, prefix: str, tensors: Tensors) -> None:
    """Sets all parameters of `module`."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(torch.from_numpy(np.array(tensors[f"{prefix}{name}"])))


def pack_optimiser(ppo: PPO, prefix: str) -> Tensors:
    """What Adam remembers; nothing before its first step."""
    packed: Tensors = {}
    for index, parameter in enumerate(ppo.policy.parameters()):
        for name, value in ppo.optimiser.state.get(parameter, {}).items():
            packed[f"{prefix}{index}.{name}"] = value.detach().numpy().copy()
    return packed


def unpack_optimiser(ppo: PPO, prefix: str, tensors: Tensors) -> None:
    """Gives Adam its memory back."""
    for index, parameter in enumerate(ppo.policy.parameters()):
        own = f"{prefix}{index}."
        found = {
            key.removeprefix(own): torch.from_numpy(np.array(value))
            for key, value in tensors.items()
            if key.startswith(own)
        }
        if found:
            ppo.optimiser.state[parameter] = found


def pack_generator(generator: torch.Generator) -> np.ndarray:
    """Its state as bytes."""
    return np.array(generator.get_state().numpy())


def unpack_generator(generator: torch.Generator, state: np.ndarray) -> None:
    """Goes on where `state` was taken."""
    generator.set_state(torch.from_numpy(np.array(state)))
