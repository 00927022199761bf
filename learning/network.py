"""Small fully connected networks, and their gradients without a graph: half of the time that autograd takes here.

A network of two times 64 units costs so little arithmetic that the bookkeeping of a graph, and a tanh that torch
computes seven times slower than NumPy does, were most of an update (docs/lab-notes.md).
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn


class TanhNetwork(nn.Module):
    """Linear layers with tanh between them, the last one linear. Not for autograd: see `Tape`."""

    def __init__(self, sizes: Sequence[int], last_gain: float, generator: torch.Generator) -> None:
        """Orthogonal weights from `generator`, those of the last layer scaled by `last_gain`; biases of zero.

        Args:
            sizes: of the input, of each hidden layer, and of the output.
            last_gain: makes the first outputs small.
            generator: where the weights come from.
        """
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(wide, out) for wide, out in pairwise(sizes))
        for layer in self.linear:
            last = layer is self.layers[-1]
            nn.init.orthogonal_(layer.weight, last_gain if last else math.sqrt(2.0), generator)
            nn.init.zeros_(layer.bias)

    @property
    def linear(self) -> list[nn.Linear]:
        """The layers, from the input on."""
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]

    @torch.no_grad()
    def forward(self, inputs: Tensor) -> Tensor:
        """(..., sizes[0]) -> (..., sizes[-1])."""
        layers = self.linear
        for layer in layers:
            outputs = torch.empty(*inputs.shape[:-1], layer.out_features)
            _linear(inputs, layer.weight, layer.bias, outputs)
            inputs = outputs if layer is layers[-1] else _tanh(outputs)
        return inputs


class Tape:
    """Runs a network and keeps what its gradient needs, in memory that is used again. Not for two threads at once.

    Each step is computed by whichever of NumPy and torch was faster at it (docs/lab-notes.md): products of matrices and
    tanh by NumPy, sums over a batch and what works on one number at a time by torch, in the same memory.
    """

    def __init__(self, network: TanhNetwork) -> None:
        """Gives each parameter of `network` a gradient of zero."""
        self._weights = [layer.weight.detach() for layer in network.linear]
        self._biases = [layer.bias.detach() for layer in network.linear]
        for parameter in network.parameters():
            parameter.grad = torch.zeros_like(parameter)
        gradients = [(layer.weight.grad, layer.bias.grad) for layer in network.linear]
        self._gradients = [(weight, bias) for weight, bias in gradients if weight is not None and bias is not None]
        self._inputs: list[Tensor] = []
        self._outputs: list[Tensor] = []
        self._deltas: list[Tensor] = []

    @torch.no_grad()
    def forward(self, inputs: Tensor) -> Tensor:
        """(B, sizes[0]) -> (B, sizes[-1]), which is overwritten by the next call."""
        if not self._outputs or len(self._outputs[0]) != len(inputs):
            self._outputs = [torch.empty(len(inputs), len(bias)) for bias in self._biases]
            self._deltas = [torch.empty_like(output) for output in self._outputs[:-1]]
        self._inputs = [inputs]
        for weight, bias, output in zip(self._weights, self._biases, self._outputs, strict=True):
            _linear(self._inputs[-1], weight, bias, output)
            if output is not self._outputs[-1]:
                self._inputs.append(_tanh(output))
        return self._outputs[-1]

    @torch.no_grad()
    def backward(self, gradient: Tensor) -> None:
        """Writes the gradients of the parameters, from that of the last output, (B, sizes[-1])."""
        for index in reversed(range(len(self._weights))):
            weight, inputs = self._weights[index], self._inputs[index]
            of_weight, of_bias = self._gradients[index]
            _outer_sum(gradient, inputs, of_weight)
            torch.sum(gradient, 0, out=of_bias)
            if index > 0:
                delta = self._deltas[index - 1]
                if gradient.shape[1] == 1:
                    torch.mul(gradient, weight, out=delta)
                else:
                    np.matmul(gradient.numpy(), weight.numpy(), out=delta.numpy())
                gradient = torch.ops.aten.tanh_backward.grad_input(delta, inputs, grad_input=delta)


def _linear(inputs: Tensor, weight: Tensor, bias: Tensor, output: Tensor) -> None:
    """(..., n), (m, n), (m,) -> (..., m)."""
    # with the weights laid out as they are read, a narrow product takes half of the time
    np.matmul(inputs.numpy(), np.ascontiguousarray(weight.numpy().T), out=output.numpy())
    output += bias


def _outer_sum(gradient: Tensor, inputs: Tensor, out: Tensor) -> None:
    """(B, m), (B, n) -> (m, n) the sum over the batch of their outer products."""
    if gradient.shape[1] > inputs.shape[1]:
        out.numpy()[:] = (inputs.numpy().T @ gradient.numpy()).T
    else:
        np.matmul(gradient.numpy().T, inputs.numpy(), out=out.numpy())


def _tanh(values: Tensor) -> Tensor:
    """Overwrites `values`."""
    shared = values.numpy()
    np.tanh(shared, out=shared)
    return values
