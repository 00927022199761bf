"""The network and its gradient against torch's own."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from learning.network import TanhNetwork, Tape

SIZES = (5, 7, 6, 3)


@pytest.fixture
def network() -> TanhNetwork:
    return TanhNetwork(SIZES, 0.5, torch.Generator().manual_seed(0))


def torchs_own(network: TanhNetwork, inputs: Tensor) -> Tensor:
    *hidden, last = network.linear
    for layer in hidden:
        inputs = torch.tanh(layer(inputs))
    outputs: Tensor = last(inputs)
    return outputs


def batch(rows: int, seed: int = 1) -> Tensor:
    return torch.randn(rows, SIZES[0], generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(SIZES[0],), (4, SIZES[0]), (2, 3, SIZES[0])])
def test_it_is_what_torch_computes(network: TanhNetwork, shape: tuple[int, ...]) -> None:
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    before = inputs.clone()
    torch.testing.assert_close(network(inputs), torchs_own(network, inputs).detach(), atol=1e-6, rtol=1e-5)
    assert torch.equal(inputs, before), "the caller's numbers are left alone"


def test_the_gradient_is_autograds(network: TanhNetwork) -> None:
    reference = copy.deepcopy(network)
    tape = Tape(network)
    for rows, seed in ((9, 1), (4, 2), (9, 3)):
        inputs, target = batch(rows, seed), torch.randn(rows, SIZES[-1], generator=torch.Generator().manual_seed(seed))
        outputs = tape.forward(inputs)
        torch.testing.assert_close(outputs, network(inputs))
        tape.backward(2.0 * (outputs - target))
        reference.zero_grad()
        (torchs_own(reference, inputs) - target).square().sum().backward()  # type: ignore[no-untyped-call]
        for mine, theirs in zip(network.parameters(), reference.parameters(), strict=True):
            assert mine.grad is not None and theirs.grad is not None
            torch.testing.assert_close(mine.grad, theirs.grad, atol=1e-5, rtol=1e-4)


def test_the_tape_follows_its_network(network: TanhNetwork) -> None:
    tape, inputs = Tape(network), batch(4)
    before = tape.forward(inputs).clone()
    with torch.no_grad():
        network.linear[0].weight.mul_(2.0)
    after = tape.forward(inputs)
    assert not torch.equal(before, after)
    torch.testing.assert_close(after, network(inputs))


def test_weights_are_orthogonal_and_drawn_from_the_generator() -> None:
    first, again, other = (TanhNetwork((8, 8, 2), 0.01, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    weight = first.linear[0].weight.detach().numpy()
    np.testing.assert_allclose(weight @ weight.T, 2.0 * np.eye(8), atol=1e-5)
    assert float(first.linear[1].weight.detach().norm(dim=1).max()) == pytest.approx(0.01, rel=1e-4)
    assert torch.equal(first.linear[0].weight, again.linear[0].weight)
    assert not torch.equal(first.linear[0].weight, other.linear[0].weight)
    assert isinstance(first.layers[0], nn.Linear) and not first.linear[0].bias.any()
