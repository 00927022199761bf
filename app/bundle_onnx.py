"""A policy as ONNX: built operator by operator, checked, and run."""

import math
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
from google.protobuf.message import DecodeError
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

from sim.errors import cut, one_line
from sim.policy import PolicyWeights
from sim.task import Singles

OPSET = 17
"""Of the standard operators: every onnxruntime since 1.12 (2022) runs it."""
IR_VERSION = 8
"""The file format that came with that opset."""
OBSERVATION: Final = "observation"
"""Name of the input: (batch, nobs) float32, in natural units."""
ACTION: Final = "action"
"""Name of the output: (batch, nu) float32 in [-1, 1]."""
HEAD, LAYER, TAIL = ("Sub", "Div", "Clip"), ("Gemm", "Tanh"), ("Clip",)
"""Operators before, in, and after the layers; the last layer has no Tanh."""
GEMM_ATTRIBUTE = ("Gemm", "transB")
FLOAT_BYTES = 4
MOST_LAYERS = 16
MOST_WEIGHTS = 1 << 24
"""Of a matrix."""
SHOWN_CHARACTERS = 80
"""Of what was found in a file, in a message."""
BATCH = "batch"
"""Name of the axis that may have any length."""


def build_onnx(policy: PolicyWeights, description: str) -> bytes:
    """The policy's deterministic head as an ONNX file, normaliser and clipping inside.

    Args:
        policy: what is built.
        description: one sentence that the file carries.

    Returns:
        The contents of the file, checked with shape inference.
    """
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, values: ArrayLike) -> str:
        constants.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def node(operator: str, inputs: list[str], output: str, attributes: dict[str, Any] | None = None) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], name=output, **(attributes or {})))
        return output

    x = node("Sub", [OBSERVATION, constant("centre", policy.centre)], "centred")
    x = node("Div", [x, constant("scale", policy.scale)], "scaled")
    x = node("Clip", [x, constant("least", -policy.clip), constant("most", policy.clip)], "normalised")
    last = len(policy.weights) - 1
    for layer, (weight, bias) in enumerate(zip(policy.weights, policy.biases, strict=True)):
        parameters = [constant(f"weight.{layer}", weight), constant(f"bias.{layer}", bias)]
        x = node("Gemm", [x, *parameters], f"linear.{layer}", {"transB": 1})
        if layer < last:
            x = node("Tanh", [x], f"tanh.{layer}")
    node("Clip", [x, constant("action_least", -1.0), constant("action_most", 1.0)], ACTION)

    observation = helper.make_tensor_value_info(OBSERVATION, TensorProto.FLOAT, [BATCH, len(policy.centre)])
    action = helper.make_tensor_value_info(ACTION, TensorProto.FLOAT, [BATCH, len(policy.biases[-1])])
    graph = helper.make_graph(nodes, "policy", [observation], [action], constants, doc_string=description)
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="backflip",
        doc_string=description,
    )
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def check_onnx(contents: bytes) -> tuple[int, int]:
    """Looks at an ONNX file before anything that runs it does: it is a chain of our operators on weights of its own.

    Returns:
        How many numbers go in, and how many come out, as the weights say.

    Raises:
        ValueError: it is no ONNX file, or holds what our export never writes: other operators, weights in other files
            or of shapes that do not fit, functions, graphs inside the graph. Says what was found and what was wanted.
    """
    model = onnx.ModelProto()
    try:
        model.ParseFromString(contents)
    except DecodeError as error:
        raise ValueError(f"it is no ONNX file ({one_line(error)})") from error
    graph = model.graph
    opsets = [(entry.domain, entry.version) for entry in model.opset_import]
    if opsets != [("", OPSET)] or model.ir_version != IR_VERSION:
        raise ValueError(f"it has opset {str(opsets)[:60]} and format {model.ir_version}, wanted {OPSET}, {IR_VERSION}")
    if len(model.functions) or len(model.training_info) or len(graph.sparse_initializer):
        raise ValueError("it has functions, training data or sparse weights, wanted none")
    depth, odd = divmod(len(graph.node) - len(HEAD) - len(TAIL) + 1, len(LAYER))
    wanted = [*HEAD, *(LAYER * depth)[:-1], *TAIL]
    found = [node.op_type for node in graph.node]
    if odd or found != wanted or not 1 <= depth <= MOST_LAYERS:
        raise ValueError(f"its operators are {_short(found)}, wanted {', '.join(HEAD)}, then Gemm and Tanh in turns")
    value = OBSERVATION
    for node in graph.node:
        strange = [attribute.name for attribute in node.attribute if (node.op_type, attribute.name) != GEMM_ATTRIBUTE]
        if node.domain or strange or len(node.output) != 1 or list(node.input[:1]) != [value]:
            raise ValueError(f"its operator {_short(node.name)} is not as we write it")
        value = node.output[0]
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or tensor.data_location != TensorProto.DEFAULT or tensor.external_data:
            raise ValueError(f"its weights {_short(tensor.name)} are of another type, or lie in another file")
        if len(tensor.dims) > 2 or math.prod(tensor.dims) > MOST_WEIGHTS:
            raise ValueError(f"its weights {_short(tensor.name)} have shape {_short(list(tensor.dims))}")
    return _chained_widths(graph)


def _chained_widths(graph: onnx.GraphProto) -> tuple[int, int]:
    """Numbers in and out of a graph with our operators; each operator has weights of the shapes that it needs.

    onnxruntime finds some misfits when it loads a file, others only when it runs it.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    for tensor in graph.initializer:
        shape = tuple(tensor.dims)
        if tensor.name in shapes or len(tensor.raw_data) != FLOAT_BYTES * math.prod(shape) or min(shape, default=1) < 1:
            raise ValueError(f"its weights {_short(tensor.name)} are there twice, or not of shape {_short(shape)}")
        shapes[tensor.name] = shape
    first = width = next(iter(shapes.get(graph.node[0].input[-1], ())), 0)
    for node in graph.node:
        given = [shapes.get(name) for name in node.input[1:]]
        out = given[0][0] if node.op_type == GEMM_ATTRIBUTE[0] and given and given[0] else width
        wanted = {"Gemm": [(out, width), (out,)], "Clip": [(), ()], "Tanh": []}.get(node.op_type, [(width,)])
        transposed = [attribute.i for attribute in node.attribute] == [1]
        if given != wanted or transposed != (node.op_type == GEMM_ATTRIBUTE[0]):
            raise ValueError(
                f"its operator {_short(node.name)} has weights of shapes {_short(given)}, wanted {_short(wanted)}"
            )
        width = out
    return first, width


class OnnxPolicy:
    """A policy that onnxruntime runs, on one thread, so that it gets in nobody's way."""

    def __init__(self, contents: bytes) -> None:
        """Loads an ONNX file's contents.

        Raises:
            ValueError: it is no ONNX file, or none that our export writes; says which.
        """
        widths = check_onnx(contents)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what fails is raised too
        try:
            self._session = onnxruntime.InferenceSession(contents, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class of its own for each way to fail
            raise ValueError(f"onnxruntime cannot load it ({one_line(error)})") from error
        self.observation_size = _width(self._session.get_inputs(), OBSERVATION)
        self.action_size = _width(self._session.get_outputs(), ACTION)
        if (self.observation_size, self.action_size) != widths:
            raise ValueError(
                f"it says that it maps {self.observation_size} numbers to {self.action_size}, its weights {widths}"
            )

    def act(self, observations: Singles) -> Singles:
        """(n, nobs) -> (n, nu) deterministic actions in [-1, 1]."""
        feed = {OBSERVATION: np.ascontiguousarray(observations, np.float32)}
        return np.asarray(self._session.run([ACTION], feed)[0], np.float32)


def _width(values: list[onnxruntime.NodeArg], name: str) -> int:
    """Length of the second axis of the only input or output, which must be `name`."""
    found = ", ".join(f"'{value.name}' {value.shape}" for value in values)
    if len(values) != 1 or values[0].name != name:
        raise ValueError(f"it has {found or 'nothing'}, wanted '{name}'")
    shape = values[0].shape
    if len(shape) != 2 or not isinstance(shape[1], int) or isinstance(shape[0], int):
        raise ValueError(f"it has {found}, wanted (any number, a fixed number)")
    return shape[1]


def _short(value: object) -> str:
    return cut(ascii(value), SHOWN_CHARACTERS)
