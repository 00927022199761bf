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


def pack_optimisers(ppo: PPO, prefix: str) -> Tensors:
    """What both Adams remember; nothing before their first step."""
    packed: Tensors = {}
    for index, (optimiser, parameter) in enumerate(_steered(ppo)):
        for name, value in optimiser.state.get(parameter, {}).items():
            packed[f"{prefix}{index}.{name}"] = value.detach().numpy().copy()
    return packed


def unpack_optimisers(ppo: PPO, prefix: str, tensors: Tensors) -> None:
    """Gives both Adams their memory back."""
    for index, (optimiser, parameter) in enumerate(_steered(ppo)):
        own = f"{prefix}{index}."
        found = {
            key.removeprefix(own): torch.from_numpy(np.array(value))
            for key, value in tensors.items()
            if key.startswith(own)
        }
        if found:
            optimiser.state[parameter] = found


def _steered(ppo: PPO) -> list[tuple[torch.optim.Optimizer, nn.Parameter]]:
    """Each optimiser with each of its parameters."""
    return [
        (optimiser, parameter)
        for optimiser in ppo.optimisers
        for group in optimiser.param_groups
        for parameter in group["params"]
    ]


def pack_generator(generator: torch.Generator) -> np.ndarray:
    """Its state as bytes."""
    return np.array(generator.get_state().numpy())


def unpack_generator(generator: torch.Generator, state: np.ndarray) -> None:
    """Goes on where `state` was taken."""
    generator.set_state(torch.from_numpy(np.array(state)))
