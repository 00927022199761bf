"""Each loader: how a case for it is made of the corpus, and how the program calls it."""

import contextlib
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
import onnx
from safetensors import safe_open
from safetensors.numpy import save

from app.bundle import load_bundle
from app.bundle_config import CONFIG, MODEL, ONNX, REWARD, WEIGHTS, read_config
from app.bundle_onnx import OnnxPolicy
from app.catalogue import card
from app.checkpoints import CheckpointShelf, content_hash
from app.session import CHECKPOINTS, CLIPS, DATABASE, HEADER, SETTINGS, Session, read_header
from app.settings import PROGRAM_KINDS, SESSION_KINDS, Settings
from app.store.database import BACKUP_FOLDER, open_database, sqlite_engine
from app.store.journal import TrainingJournal
from app.store.presses import PressStore
from learning.trainer import Trainer
from sim.clip import load_clip
from sim.registry import get_task
from tests.benchmarks.fuzz.corpus import BUNDLE, SESSION, TASK
from tests.benchmarks.fuzz.mutate import (
    Mutator,
    Rng,
    mutate_bytes,
    mutate_json,
    mutate_safetensors,
    mutate_value,
    mutate_xml,
    other_array,
)
from tests.benchmarks.fuzz.replace import replace_file

REPLACED = 0.06
"""Share of cases in which a file is replaced by something that is none."""
SCHEMAS = (
    "DROP TABLE {table}",
    "ALTER TABLE {table} RENAME TO gone; CREATE VIEW {table} AS SELECT * FROM gone",
    (
        "ALTER TABLE {table} RENAME TO gone; CREATE VIEW {table} AS WITH RECURSIVE n(x) AS "
        "(SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT x AS id FROM n"
    ),
    "CREATE TRIGGER t AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END",
    "DELETE FROM alembic_version",
    "UPDATE alembic_version SET version_num = '9999'",
    "UPDATE alembic_version SET version_num = '0001'",
    "UPDATE alembic_version SET version_num = x'ff00'",
    "DROP TABLE alembic_version",
    "DROP TABLE {table}; CREATE TABLE {table} (wrong)",
)
CELLS = ("NULL", "'text'", "x'00ff80'", "9223372036854775807", "-1", "1e999", "zeroblob(100000)", "'nan'", "0.5", "''")
OPERATORS = ("Add", "MatMul", "Loop", "Identity", "Shape", "NonZero", "Tile", "Expand", "Range", "NoSuchOperator")


@dataclass(frozen=True, slots=True)
class Loader:
    """A loader of the program."""

    make: Callable[[Rng, Path, Path], None]
    """From a generator and the corpus to a case in an empty folder."""
    load: Callable[[Path], object]
    """Loads the case as the program does."""
    handled: tuple[type[Exception], ...] = ()
    """What it may raise besides a UserError: its docstring says so, and its caller handles it."""


def _one_file(source: str, name: str, mutate: Mutator) -> Callable[[Rng, Path, Path], None]:
    """A case of one file, which is a mutation of a file of the corpus."""

    def make(rng: Rng, corpus: Path, folder: Path) -> None:
        found = sorted(corpus.glob(source))
        target = folder / name
        target.write_bytes(rng.choice(found).read_bytes())
        if rng.random() < REPLACED:
            replace_file(rng, target)
        else:
            target.write_bytes(mutate(rng, target.read_bytes()))

    return make


def _read_settings(folder: Path) -> None:
    for kinds in (SESSION_KINDS, PROGRAM_KINDS):
        Settings(folder / SETTINGS, kinds).get("teacher")


def _make_checkpoint(rng: Rng, corpus: Path, folder: Path) -> None:
    source = max((corpus / SESSION / CHECKPOINTS).glob("*.safetensors"))
    target = folder / source.name
    (folder / HEADER).write_bytes((corpus / SESSION / HEADER).read_bytes())
    if rng.random() < 0.2:
        target.write_bytes(mutate_safetensors(rng, source.read_bytes()))
        return
    with safe_open(source, framework="numpy") as file:
        about = dict(file.metadata())
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no dict
    meta = about["meta"]
    if rng.random() < 0.6:
        value = json.loads(meta)
        for _ in range(rng.randint(1, 2)):
            value = mutate_value(rng, value)
        meta = json.dumps(value)
    else:
        name = rng.choice(sorted(tensors))
        tensors[name] = other_array(rng, tensors[name])
    about |= {"meta": meta, "sha256": content_hash(tensors, meta)}
    target.write_bytes(save(tensors, about))
    if rng.random() < REPLACED:
        replace_file(rng, target)


def _load_checkpoint(folder: Path) -> None:
    shelf = CheckpointShelf(folder, json.loads((folder / HEADER).read_bytes())["id"])
    for path in shelf.files():
        shelf.load(path)
    for _, state in shelf.good():
        Trainer.from_state(get_task(TASK), state)


def _with_database(change: Callable[[Rng, Path], None]) -> Callable[[Rng, Path, Path], None]:
    def make(rng: Rng, corpus: Path, folder: Path) -> None:
        for name in (DATABASE, HEADER):
            shutil.copyfile(corpus / SESSION / name, folder / name)
        change(rng, folder / DATABASE)

    return make


def _change_blobs(table: str, column: str) -> Callable[[Rng, Path], None]:
    def change(rng: Rng, database: Path) -> None:
        with closing(sqlite3.connect(database)) as connection, connection:
            row, blob = rng.choice(connection.execute(f"SELECT rowid, {column} FROM {table} LIMIT 8").fetchall())
            new = rng.choice((None, "text", 3, 2.5, b"")) if rng.random() < 0.05 else mutate_safetensors(rng, blob)
            _without_triggers(connection)
            connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = ?", (new, row))

    return change


def _without_triggers(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')


def _change_database(rng: Rng, database: Path) -> None:
    kind = rng.randrange(10)
    if kind == 0 and rng.random() < 10 * REPLACED:
        replace_file(rng, database)
    elif kind < 5:
        database.write_bytes(mutate_bytes(rng, database.read_bytes()))
    else:
        with closing(sqlite3.connect(database)) as connection, connection:
            _without_triggers(connection)
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            table = rng.choice([name for name in tables if not name.startswith("sqlite_")])
            # what SQLite itself does not let into a table needs no loader to refuse it
            with contextlib.suppress(sqlite3.Error):
                if kind < 7:
                    connection.executescript(rng.choice(SCHEMAS).format(table=table))
                else:
                    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                    connection.execute("PRAGMA ignore_check_constraints=ON")
                    connection.execute(f"UPDATE OR IGNORE {table} SET {rng.choice(columns)} = {rng.choice(CELLS)}")


def _read_presses(folder: Path) -> None:
    path = folder / DATABASE
    engine = sqlite_engine(path, durable=True)
    try:
        PressStore(engine, path, get_task(TASK)).events()
    finally:
        engine.dispose()


def _read_points(folder: Path) -> None:
    path = folder / DATABASE
    engine = sqlite_engine(path, durable=True)
    try:
        TrainingJournal(engine, engine, path).points()
    finally:
        engine.dispose()


def _open_database(folder: Path) -> None:
    card(folder)
    for engine in open_database(folder / DATABASE, folder / BACKUP_FOLDER, new=False):
        engine.dispose()


def _open_session(folder: Path) -> None:
    with Session(folder) as session:
        session.events()
        session.labels.in_force()
        session.journal.taken()
        session.journal.digests()
        session.journal.metrics(1000)
        session.journal.points()


def _make_bundle(rng: Rng, corpus: Path, folder: Path) -> None:
    """A whole bundle, in which one file is another and the checksums are right."""
    for path in (corpus / BUNDLE).iterdir():
        shutil.copyfile(path, folder / path.name)
    name = rng.choice((WEIGHTS, REWARD, ONNX, MODEL))
    mutate = {ONNX: mutate_onnx, MODEL: mutate_xml}.get(name, mutate_safetensors)
    path = folder / name
    if rng.random() < REPLACED:
        replace_file(rng, path)
        return
    path.write_bytes(mutate(rng, path.read_bytes()))
    config = json.loads((folder / CONFIG).read_bytes())
    config["files"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")


def _load_bundle(folder: Path) -> None:
    bundle = load_bundle(folder)
    observations = np.zeros((2, bundle.task.observation_size), np.float32)
    bundle.act(observations)
    bundle.policy.act(observations)
    bundle.learned_reward(observations)


def mutate_onnx(rng: Rng, content: bytes) -> bytes:
    """An ONNX file with other operators, shapes, constants or external data, or with other bytes."""
    if rng.random() < 0.3:
        return mutate_bytes(rng, content)
    model = onnx.load_from_string(content)
    graph = model.graph
    kind = rng.randrange(9)
    node, constant = rng.choice(graph.node), rng.choice(graph.initializer)
    if kind == 0:
        node.op_type = rng.choice(OPERATORS)
    elif kind == 1:
        node.input[rng.randrange(len(node.input))] = rng.choice(("", "nothing", node.output[0], "observation"))
    elif kind == 2:
        constant.data_location = onnx.TensorProto.EXTERNAL
        location = rng.choice(("../canary/secret", "/dev/zero", "/etc/passwd"))
        for key, value in (("location", location), ("length", "400")):
            constant.external_data.add(key=key, value=value)
    elif kind == 3:
        constant.dims[:] = rng.choice(([], [0], [-1], [2**40], [2**31, 2**31], [1, 1, 1], [7]))
    elif kind == 4:
        constant.data_type = rng.choice((0, 1, 2, 7, 8, 11, 16, 99))
    elif kind == 5:
        axis = rng.choice((*graph.input, *graph.output)).type.tensor_type.shape.dim[rng.randrange(2)]
        axis.dim_value = rng.choice((0, -1, 1, 2**40))
    elif kind == 6:
        del graph.node[rng.randrange(len(graph.node))]
    elif kind == 7:
        tile = onnx.helper.make_node("ConstantOfShape", ["huge"], ["zeros"])
        graph.initializer.append(onnx.numpy_helper.from_array(np.array([rng.choice((-1, 10**5, 2**33))]), "huge"))
        graph.node.insert(0, tile)
        graph.node.insert(1, onnx.helper.make_node("ReduceSum", ["zeros"], ["sum"], keepdims=0))
        graph.node[2].input[0] = "shifted"
        graph.node.insert(2, onnx.helper.make_node("Add", ["observation", "sum"], ["shifted"]))
    else:
        model.ir_version = rng.choice((0, 1, 99, 2**31))
        model.opset_import[0].version = rng.choice((0, 1, 17, 999))
    return bytes(model.SerializeToString())


def _run_onnx(folder: Path) -> None:
    policy = OnnxPolicy((folder / ONNX).read_bytes())
    policy.act(np.zeros((2, policy.observation_size), np.float32))


def _compile(folder: Path) -> None:
    mujoco.MjModel.from_xml_string((folder / MODEL).read_text(encoding="utf-8"))


UNPACKING = (KeyError, ValueError, TypeError)
"""What `learning.trainer_state.unpack` says of a state of another version; the runner handles these."""
LOADERS: dict[str, Loader] = {
    "header": Loader(_one_file(f"{SESSION}/{HEADER}", HEADER, mutate_json), read_header),
    "settings": Loader(_one_file(f"{SESSION}/{SETTINGS}", SETTINGS, mutate_json), _read_settings),
    "clip": Loader(
        _one_file(f"{SESSION}/{CLIPS}/*.safetensors", "clip.safetensors", mutate_safetensors),
        lambda folder: load_clip(folder / "clip.safetensors", get_task(TASK)),
    ),
    "checkpoint": Loader(_make_checkpoint, _load_checkpoint, UNPACKING),
    "presses": Loader(_with_database(_change_blobs("moments", "recording")), _read_presses),
    "points": Loader(_with_database(_change_blobs("meter_point", "policy")), _read_points),
    "database": Loader(_with_database(_change_database), _open_database),
    "session": Loader(_with_database(_change_database), _open_session),
    "config": Loader(_one_file(f"{BUNDLE}/{CONFIG}", CONFIG, mutate_json), read_config),
    "bundle": Loader(_make_bundle, _load_bundle),
    "onnx": Loader(_one_file(f"{BUNDLE}/{ONNX}", ONNX, mutate_onnx), _run_onnx, (ValueError, OSError)),
    "model": Loader(_one_file(f"{BUNDLE}/{MODEL}", MODEL, mutate_xml), _compile, (ValueError, OSError)),
}
"""By the name on the command line. `onnx` and `model` are read from the disk by this harness, not by the program."""
