"""A bundle that somebody sent: read as far as it is as we write it, refused in one line where it is not."""

import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from app.bundle import ModelCard, load_bundle, write_bundle
from app.bundle_files import CARD, CONFIG, MODEL, ONNX, REWARD, RUN, WEIGHTS
from sim.errors import UserError
from sim.policy import PolicyWeights
from sim.registry import get_task
from sim.task import Task

TASK, OTHER = "hopper-hop", "walker-walk"


def small_policy(task: Task) -> PolicyWeights:
    """A policy of one hidden layer with weights of its own."""
    rng = np.random.default_rng(3)
    shapes = ((4, task.observation_size), (task.action_size, 4))
    weights = tuple(rng.normal(size=shape).astype(np.float32) for shape in shapes)
    biases = tuple(rng.normal(size=shape[0]).astype(np.float32) for shape in shapes)
    return PolicyWeights(task.observation_centre, task.observation_scale, 5.0, weights, biases)


CARD_FACTS = ModelCard(
    session="s", teacher="oracle", labels=3, label_counts={"left": 3}, env_steps=10, iterations=2, seed=0,
    true_score=1.0, falls_per_10s=0.0, evaluation_episodes=2, learned_reward=0.5, peeked=False, versions={},
    created="2026-01-01T00:00:00+00:00", limits=("none",),
)  # fmt: skip


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    task = get_task(TASK)
    return write_bundle(tmp_path / "bundle", task=task, policy=small_policy(task), card=CARD_FACTS, preview=False)


def rewrite(bundle: Path, name: str, content: bytes) -> None:
    """Changes a file, and its checksum with it: a checksum is no signature."""
    (bundle / name).write_bytes(content)
    config = json.loads((bundle / CONFIG).read_text())
    config["files"][name] = hashlib.sha256(content).hexdigest()
    (bundle / CONFIG).write_text(json.dumps(config))


def assert_refused(bundle: Path, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        load_bundle(bundle)
    assert str(bundle) in str(caught.value) and str(caught.value).isprintable()


def test_a_whole_bundle_acts_as_its_policy(bundle: Path) -> None:
    found = load_bundle(bundle)
    observations = np.random.default_rng(0).normal(size=(5, found.task.observation_size)).astype(np.float32)
    np.testing.assert_allclose(found.act(observations), found.policy.act(observations), atol=1e-5)


def test_its_card_names_the_files_that_are_there(bundle: Path, tmp_path: Path) -> None:
    named = set(re.findall(r"`([a-z_]+\.(?:safetensors|onnx|json|xml|py))`", (bundle / CARD).read_text()))
    assert named == {ONNX, WEIGHTS, MODEL, CONFIG, RUN} and all((bundle / name).exists() for name in named)
    task = get_task(TASK)
    mean = np.zeros(task.reward_features(np.zeros((1, task.observation_size), np.float32)).shape[1], np.float32)
    reward = {"mean": mean}
    again = write_bundle(
        tmp_path / "b", task=task, policy=small_policy(task), card=CARD_FACTS, preview=False, reward=reward
    )
    assert f"`{REWARD}`" in (again / CARD).read_text() and (again / REWARD).exists()


@pytest.mark.parametrize("name", [CONFIG, ONNX, WEIGHTS, MODEL, RUN, "notes.txt"])
@pytest.mark.parametrize("way", ["link", "pipe"])
def test_what_is_no_regular_file_is_refused(bundle: Path, tmp_path: Path, name: str, way: str) -> None:
    outside = tmp_path / "outside"
    (bundle / name).rename(outside) if (bundle / name).exists() else outside.write_text("x")
    (bundle / name).symlink_to(outside) if way == "link" else os.mkfifo(bundle / name)
    assert_refused(bundle, f"is a {way}, wanted a regular file")


def test_another_robot_is_described(bundle: Path) -> None:
    rewrite(bundle, MODEL, get_task(OTHER).model_xml.encode())
    assert_refused(bundle, r"another robot \(\d+ positions, \d+ actuators, \d+ geoms\), wanted that of task")


def test_a_model_that_names_files_is_not_compiled(bundle: Path) -> None:
    rewrite(bundle, MODEL, b'<mujoco><include file="/etc/hostname"/></mujoco>')
    assert_refused(bundle, "element <include>")


def _operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "Loop"


def _external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/hostname")


def _function(model: onnx.ModelProto) -> None:
    node = helper.make_node("Tanh", ["x"], ["y"])
    model.functions.append(helper.make_function("own", "Tanh", ["x"], ["y"], [node], model.opset_import))


def _domain(model: onnx.ModelProto) -> None:
    model.graph.node[2].domain = "com.microsoft"


def _opset(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 9


def _doubled(model: onnx.ModelProto) -> None:
    model.graph.node.append(model.graph.node[-1])


def _shape(model: onnx.ModelProto) -> None:
    bias = next(tensor for tensor in model.graph.initializer if tensor.name == "bias.0")
    bias.CopyFrom(onnx.numpy_helper.from_array(np.zeros(3, np.float32), "bias.0"))


@pytest.mark.parametrize("change", [_operator, _external, _function, _domain, _opset, _doubled, _shape])
def test_onnx_that_our_export_never_writes_is_refused(bundle: Path, change: Callable[[onnx.ModelProto], None]) -> None:
    model = onnx.load(bundle / ONNX)
    change(model)
    rewrite(bundle, ONNX, model.SerializeToString())
    assert_refused(bundle, ONNX)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000 + "]" * 100_000, "deep"),
        ('{"kind": "backflip bundle", "format": NaN}', "NaN"),
        ('{"kind": "backflip bundle", "format": 1e999}', "too large"),
        ('{"kind": "\\ud800"}', "no JSON"),
        ("x" * (5 << 20), "at most"),
        ("[]", "kind in"),
    ],
)
def test_a_configuration_that_is_none_is_refused(bundle: Path, text: str, words: str) -> None:
    (bundle / CONFIG).write_text(text)
    assert_refused(bundle, words)
