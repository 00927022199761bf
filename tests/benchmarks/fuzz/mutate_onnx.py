"""Mutations of an ONNX policy: other operators, weights elsewhere, shapes that lie, graphs inside the graph."""

from random import Random
from typing import Any

import numpy as np
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, helper

from tests.benchmarks.fuzz.mutate_bytes import OUTSIDE_PATHS, STRANGE_TEXTS, mutate_bytes, several

OPERATORS = ("Gemm", "Tanh", "Sub", "Div", "Clip", "MatMul", "Loop", "If", "Scan", "Expand", "Tile", "Resize", "Range")
DIMENSIONS = (0, 1, 2, 7, -1, 2**20, 2**31, 2**40, 2**62, 2**63 - 1)
ALSO_BYTES = 0.1


def mutate_onnx(random: Random, content: bytes, other: bytes = b"") -> bytes:
    """Some mutations of an ONNX file."""
    if random.random() < 0.2:
        return mutate_bytes(random, content, other)
    model = ModelProto()
    model.ParseFromString(content)
    for _ in range(several(random)):
        random.choice(WAYS)(random, model)
    changed = bytes(model.SerializeToString())
    return mutate_bytes(random, changed, other) if random.random() < ALSO_BYTES else changed


def _text(random: Random) -> str:
    return random.choice(STRANGE_TEXTS)


def _node(random: Random, model: ModelProto) -> NodeProto:
    return random.choice(model.graph.node) if model.graph.node else model.graph.node.add()


def _weights(random: Random, model: ModelProto) -> TensorProto:
    return random.choice(model.graph.initializer) if model.graph.initializer else model.graph.initializer.add()


def _operator(random: Random, model: ModelProto) -> None:
    _node(random, model).op_type = random.choice((*OPERATORS, _text(random)))


def _links(random: Random, model: ModelProto) -> None:
    node = _node(random, model)
    names = [name for each in model.graph.node for name in (*each.input, *each.output)] or [""]
    links = random.choice((node.input, node.output))
    if links and random.random() < 0.7:
        links[random.randrange(len(links))] = random.choice((*names, _text(random)))
    else:
        links.append(random.choice(names))


def _add_node(random: Random, model: ModelProto) -> None:
    node = helper.make_node(random.choice(OPERATORS), ["observation"], [f"new{random.randrange(3)}"])
    if random.random() < 0.5:
        body = GraphProto()
        body.CopyFrom(model.graph)
        node.attribute.append(helper.make_attribute("body", body))
    model.graph.node.insert(random.randint(0, len(model.graph.node)), node)


def _drop_node(random: Random, model: ModelProto) -> None:
    if model.graph.node:
        del model.graph.node[random.randrange(len(model.graph.node))]


def _more_layers(random: Random, model: ModelProto) -> None:
    """The same Gemm and Tanh again, some or many times."""
    nodes = list(model.graph.node)
    layer = [node for node in nodes if node.op_type in ("Gemm", "Tanh")][:2]
    at = next((index for index, node in enumerate(nodes) if node.op_type == "Gemm"), 0)
    for _ in range(random.choice((1, 1, 5, 20))):
        for node in reversed(layer):
            model.graph.node.insert(at, node)


def _attribute(random: Random, model: ModelProto) -> None:
    node = _node(random, model)
    value: Any = random.choice((0, 1, 2, -1, 2**63 - 1, 0.5, "x", [1, 2], [0.5]))
    if random.random() < 0.5 and node.attribute:
        name = node.attribute[0].name
        del node.attribute[0]
        node.attribute.append(helper.make_attribute(name, value))
        if random.random() < 0.3:
            node.attribute[-1].type = random.choice(
                (0, AttributeProto.INT, AttributeProto.GRAPH, AttributeProto.TENSOR)
            )
    else:
        name = random.choice(("transB", "transA", "alpha", "beta", _text(random)))
        node.attribute.append(helper.make_attribute(name, value))


def _outside(random: Random, model: ModelProto) -> None:
    weights = _weights(random, model)
    weights.data_location = random.choice((TensorProto.EXTERNAL, TensorProto.DEFAULT))
    for key in ("location", "offset", "length"):
        if random.random() < 0.8:
            value = random.choice(OUTSIDE_PATHS) if key == "location" else str(random.choice(DIMENSIONS))
            weights.external_data.add(key=key, value=value)


def _dimensions(random: Random, model: ModelProto) -> None:
    weights = _weights(random, model)
    if weights.dims and random.random() < 0.6:
        weights.dims[random.randrange(len(weights.dims))] = random.choice(DIMENSIONS)
    else:
        weights.dims[:] = [random.choice(DIMENSIONS) for _ in range(random.randrange(5))]


def _reshape(random: Random, model: ModelProto) -> None:
    """Weights of another shape that are whole in themselves."""
    weights = _weights(random, model)
    shape = [random.choice((0, 1, 2, 5, 300)) for _ in range(random.randrange(4))]
    weights.dims[:] = shape
    weights.raw_data = np.full(shape, random.choice((0.0, 1.0, np.nan, np.inf)), np.float32).tobytes()


def _kind(random: Random, model: ModelProto) -> None:
    _weights(random, model).data_type = random.choice((*range(24), 2**31 - 1))


def _data(random: Random, model: ModelProto) -> None:
    weights = _weights(random, model)
    way = random.randrange(4)
    if way == 0:
        weights.raw_data = mutate_bytes(random, weights.raw_data)
    elif way == 1:
        weights.float_data.extend([random.choice((np.nan, np.inf, 1e38, 0.0))] * random.choice((1, 4, 100)))
    elif way == 2:
        weights.ClearField("raw_data")
    else:
        weights.string_data.append(b"x" * 100)


def _name(random: Random, model: ModelProto) -> None:
    holder = random.choice((_node(random, model), _weights(random, model), model.graph))
    holder.name = _text(random)


def _doubled(random: Random, model: ModelProto) -> None:
    which = random.choice((model.graph.initializer, model.graph.node, model.graph.input, model.graph.output))
    if which:
        which.add().CopyFrom(random.choice(which))


def _dropped(random: Random, model: ModelProto) -> None:
    which = random.choice((model.graph.initializer, model.graph.input, model.graph.output, model.opset_import))
    if which:
        del which[random.randrange(len(which))]


def _ends(random: Random, model: ModelProto) -> None:
    """What goes in and comes out, of another shape or type."""
    which = random.choice((model.graph.input, model.graph.output, model.graph.value_info))
    value = which.add() if not which else random.choice(which)
    tensor = value.type.tensor_type
    way = random.randrange(5)
    if way == 0:
        tensor.elem_type = random.randrange(24)
    elif way == 1:
        tensor.shape.dim.add().dim_value = random.choice(DIMENSIONS)
    elif way == 2 and tensor.shape.dim:
        random.choice(tensor.shape.dim).dim_value = random.choice(DIMENSIONS)
    elif way == 3 and tensor.shape.dim:
        random.choice(tensor.shape.dim).dim_param = _text(random)
    else:
        value.name = _text(random)


def _version(random: Random, model: ModelProto) -> None:
    if random.random() < 0.5:
        model.ir_version = random.choice((0, 1, 7, 9, 2**31, -1))
    else:
        model.opset_import.append(helper.make_opsetid(_text(random), random.choice((0, 1, 17, 99))))


def _extra(random: Random, model: ModelProto) -> None:
    way = random.randrange(5)
    if way == 0:
        model.functions.add(name=_text(random))
    elif way == 1:
        model.training_info.add()
    elif way == 2:
        model.graph.sparse_initializer.add().dims.append(random.choice(DIMENSIONS))
    elif way == 3:
        model.metadata_props.add(key=_text(random), value=_text(random))
    else:
        model.graph.doc_string = model.producer_name = _text(random)


WAYS = (
    *(_operator, _links, _add_node, _drop_node, _more_layers, _attribute, _outside, _dimensions, _reshape, _kind),
    *(_data, _name, _doubled, _dropped, _ends, _version, _extra, _data, _reshape, _ends),
)
