"""A bundle that a stranger made: its parts are compared with what our export writes, to the last shape."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, numpy_helper

from app.bundle_config import BundleConfig, BundleError, read_config
from app.bundle_files import CONFIG
from app.bundle_onnx import OnnxPolicy, build_onnx
from app.model_card import ModelCard
from sim.policy import PolicyWeights
from sim.task import Task


@pytest.fixture
def policy(task: Task) -> PolicyWeights:
    n, m = task.observation_size, task.action_size
    rng = np.random.default_rng(0)
    sizes = (n, 8, 8, m)
    weights = tuple(rng.normal(size=(out, into)).astype(np.float32) for into, out in pairwise(sizes))
    biases = tuple(np.zeros(out, np.float32) for out in sizes[1:])
    return PolicyWeights(task.observation_centre, task.observation_scale, 5.0, weights, biases)


def _set(name: str, values: object) -> Callable[[ModelProto], None]:
    def change(model: ModelProto) -> None:
        found = next(each for each in model.graph.initializer if each.name == name)
        found.CopyFrom(numpy_helper.from_array(np.asarray(values, np.float32), name))

    return change


def _node(name: str) -> Callable[[ModelProto], onnx.NodeProto]:
    return lambda model: next(each for each in model.graph.node if each.name == name)


CHANGES: dict[str, Callable[[ModelProto], object]] = {
    "limits that are a vector": _set("least", [-5.0, -5.0]),
    "limits of actions that are a vector": _set("action_most", [1.0]),
    "a bias that is broadcast": _set("bias.1", [0.0]),
    "a bias of no length": _set("bias.1", np.zeros(0)),
    "a bias that is a matrix": _set("bias.0", np.zeros((1, 8))),
    "a layer that does not fit": _set("weight.1", np.zeros((8, 5))),
    "a centre that is broadcast": _set("centre", 0.0),
    "no transposition": lambda model: _node("linear.1")(model).ClearField("attribute"),
    "another transposition": lambda model: setattr(_node("linear.1")(model).attribute[0], "i", 0),
    "weights that come twice": lambda model: model.graph.initializer.add().CopyFrom(model.graph.initializer[0]),
    "weights cut short": lambda model: setattr(model.graph.initializer[0], "raw_data", b"\0" * 4),
    "negative lengths": lambda model: model.graph.initializer[0].dims.__setitem__(0, -1),
    "a computed weight": lambda model: _node("linear.1")(model).input.__setitem__(1, "scaled"),
    "a missing operand": lambda model: _node("centred")(model).input.pop(),
    "another width": lambda model: setattr(
        model.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_policy_that_our_export_never_writes_is_refused_before_it_runs(policy: PolicyWeights, change: str) -> None:
    model = ModelProto()
    model.ParseFromString(build_onnx(policy, "x"))
    CHANGES[change](model)
    with pytest.raises(ValueError, match=r"its operator|its weights|it says|onnxruntime cannot load it") as caught:
        OnnxPolicy(model.SerializeToString())
    assert str(caught.value).isprintable() and len(str(caught.value)) < 400


def test_our_own_policy_runs(policy: PolicyWeights, task: Task) -> None:
    made = OnnxPolicy(build_onnx(policy, "x"))
    observations = np.random.default_rng(1).normal(size=(5, task.observation_size)).astype(np.float32)
    assert (made.observation_size, made.action_size) == (task.observation_size, task.action_size)
    np.testing.assert_allclose(made.act(observations), policy.act(observations), atol=1e-5)


def test_a_term_that_no_task_has_is_a_field_that_is_wrong(policy: PolicyWeights, task: Task, tmp_path: Path) -> None:
    card = ModelCard("s", "person", 0, {}, 0, 0, 0, 0.0, 0.0, 1, 0.0, False, {}, "now", ())
    (tmp_path / CONFIG).write_text(BundleConfig.describe(task, policy, card, {}).to_json())
    assert read_config(tmp_path)[0].task == task.name
    fields = json.loads((tmp_path / CONFIG).read_text())
    for clip in ([1.0, 0.0], [0.0, 0.0]):
        fields["observation"][0]["clip"] = clip
        (tmp_path / CONFIG).write_text(json.dumps(fields))
        with pytest.raises(BundleError, match=r"observation\.0 is .*clipped to \(least, most\)") as caught:
            read_config(tmp_path)
        assert str(caught.value).isprintable()
