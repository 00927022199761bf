"""Every loader of files that a stranger may have made: what a case of it is, and how it is loaded."""

import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from safetensors.numpy import save_file
from sqlalchemy import Engine

from app.bundle import load_bundle
from app.bundle_config import is_bundle, read_config
from app.bundle_files import CONFIG, MODEL, ONNX, REWARD, WEIGHTS
from app.bundle_onnx import OnnxPolicy
from app.catalogue import card, summary
from app.checkpoints import FORMAT, CheckpointShelf, content_hash
from app.session import BACKUP_FOLDER, DATABASE, HEADER, SESSION_KINDS, SETTINGS, Session, read_header
from app.settings import Settings
from app.store.database import open_database, sqlite_engine
from app.store.journal import TrainingJournal
from app.store.labels import LabelStore
from app.store.presses import PressStore
from app.store.steering import SteeringStore
from app.trainers import LearningTrainers, load_learning, load_optimiser
from sim.clip import load_clip
from sim.errors import UserError
from sim.foreign_model import WALL_SECONDS, examine_model
from sim.registry import get_task
from tests.benchmarks.fuzz.corpus import TASK, Corpus, content
from tests.benchmarks.fuzz.mutate_database import mutate_database
from tests.benchmarks.fuzz.mutate_folder import mutate_folder
from tests.benchmarks.fuzz.mutate_json import mutate_json, mutate_value, parse, text_of
from tests.benchmarks.fuzz.mutate_onnx import mutate_onnx
from tests.benchmarks.fuzz.mutate_tensors import mutate_arrays, mutate_tensors, read
from tests.benchmarks.fuzz.mutate_xml import mutate_xml
from tests.unit.app.tampering import tamper

HANG_SECONDS = 10.0
CLIP, CHECKPOINT = "000000-left.safetensors", "checkpoint-00000001-000001.safetensors"
MODEL_SHARE = 0.005
"""Of a bundle's cases in which the model is another one, which is compiled by a process of its own."""
LARGEST_ROWS = 1000
"""Numbers in an observation up to which a policy that was loaded is run."""

Shown = Collection[str | None]
"""What a loader that raised nothing lets the user read."""


@dataclass(frozen=True, slots=True)
class Loader:
    """One loader. Both functions can be found by their names, so that a worker process can be given it."""

    name: str
    make: Callable[[Random, Corpus, Path], None]
    """Fills an empty folder with a case."""
    load: Callable[[Path], Shown]
    """Loads what is in the folder, as the program does."""
    refusals: tuple[type[Exception], ...] = (UserError,)
    """What it may raise."""
    messages: bool = True
    """Whether somebody reads what it raises: then it is one printable line."""
    seconds: float = HANG_SECONDS
    """It takes no longer."""
    start: Callable[[], None] = dict
    """Called once in a process, before the first case."""


def _make_header(random: Random, corpus: Corpus, folder: Path) -> None:
    seeds = content(corpus.session / HEADER), content(corpus.session / SETTINGS)
    (folder / HEADER).write_bytes(mutate_json(random, *seeds))


def _load_header(folder: Path) -> Shown:
    read_header(folder)
    return (_problem(folder),)


def _problem(folder: Path) -> str | None:
    """Why Home says that a session cannot be opened."""
    shown = card(folder)
    return None if shown is None else shown.problem


def _make_folder(random: Random, corpus: Corpus, folder: Path) -> None:
    shutil.copytree(corpus.session, folder, dirs_exist_ok=True)
    mutate_folder(random, folder)


def _load_folder(folder: Path) -> Shown:
    problem = _problem(folder)
    Session(folder).close()
    return (problem,)


def _make_settings(random: Random, corpus: Corpus, folder: Path) -> None:
    program = {
        "schema": 1,
        "theme": "dark",
        "speed": 1.5,
        "depth_cues": True,
        "shortcuts": {"left": "A"},
        "window": {"x": 3},
    }
    seeds = content(corpus.session / SETTINGS), json.dumps(program | {"guidance_seen": ["home"], "other": [1]}).encode()
    (folder / SETTINGS).write_bytes(mutate_json(random, *random.sample(seeds, 2)))


def _load_settings(folder: Path) -> Shown:
    for settings in (Settings(folder / SETTINGS, SESSION_KINDS), Settings(folder / SETTINGS)):
        for name in (*SESSION_KINDS, "theme"):
            settings.get(name)
    return ()


def _make_clip(random: Random, corpus: Corpus, folder: Path) -> None:
    one, other = random.choice(corpus.clips), random.choice(corpus.clips)
    (folder / CLIP).write_bytes(mutate_tensors(random, content(one), content(other)))


def _load_clip(folder: Path) -> Shown:
    load_clip(folder / CLIP, get_task(TASK))
    return ()


def _make_checkpoint(random: Random, corpus: Corpus, folder: Path) -> None:
    shutil.copyfile(corpus.session / HEADER, folder / HEADER)
    (folder / CHECKPOINT).write_bytes(mutate_tensors(random, content(corpus.checkpoint)))


def _load_checkpoint(folder: Path) -> Shown:
    CheckpointShelf(folder, read_header(folder).id).load(folder / CHECKPOINT)
    return ()


def _start_trainer() -> None:
    """Loads torch and its compiler, which makes a folder for itself."""
    load_learning()
    load_optimiser()


def _make_trainer(random: Random, corpus: Corpus, folder: Path) -> None:
    """A checkpoint whose checksum is that of what was changed."""
    shutil.copyfile(corpus.session / HEADER, folder / HEADER)
    arrays, about = read(content(corpus.checkpoint))
    meta = about["meta"]
    way = random.random()
    if way < 0.6:
        arrays = mutate_arrays(random, arrays)
    if way > 0.4:
        meta = text_of(mutate_value(random, parse(meta)))
    tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    own = {"format": FORMAT, "session": about["session"], "meta": meta, "sha256": content_hash(tensors, meta)}
    save_file(tensors, folder / CHECKPOINT, own)


def _load_trainer(folder: Path) -> Shown:
    state = CheckpointShelf(folder, read_header(folder).id).load(folder / CHECKPOINT)
    LearningTrainers().restored(get_task(TASK), state)
    return ()


def _make_presses(random: Random, corpus: Corpus, folder: Path) -> None:
    (number, recording), (_, other) = random.choice(corpus.recordings), random.choice(corpus.recordings)
    shutil.copyfile(corpus.session / DATABASE, folder / DATABASE)
    changed = mutate_tensors(random, recording, other)
    tamper(folder / DATABASE, "moments", "UPDATE moments SET recording = ? WHERE number = ?", changed, number)


def _load_presses(folder: Path) -> Shown:
    with _engine(folder) as engine:
        PressStore(engine, folder / DATABASE, get_task(TASK)).events()
    return ()


def _make_points(random: Random, corpus: Corpus, folder: Path) -> None:
    (version, policy), (_, other) = random.choice(corpus.policies), random.choice(corpus.policies)
    shutil.copyfile(corpus.session / DATABASE, folder / DATABASE)
    changed = mutate_tensors(random, policy, other)
    tamper(folder / DATABASE, "meter_point", "UPDATE meter_point SET policy = ? WHERE version = ?", changed, version)


def _load_points(folder: Path) -> Shown:
    with _engine(folder) as engine:
        TrainingJournal(engine, engine, folder / DATABASE).points()
    return ()


def _make_database(random: Random, corpus: Corpus, folder: Path) -> None:
    shutil.copyfile(corpus.session / HEADER, folder / HEADER)
    shutil.copyfile(corpus.session / DATABASE, folder / DATABASE)
    mutate_database(random, folder / DATABASE, corpus.journal)


def _load_database(folder: Path) -> Shown:
    """Looks at it as Home does, opens it, and reads all that a session reads of it."""
    problem = _problem(folder)
    with suppress(UserError):
        summary(folder)
    with _opened(folder) as (labels, presses, steering, journal):
        labels.in_force()
        labels.ever_peeked()
        journal.last_digest()
        for read_all in (labels.events, labels.teachers, steering.events, steering.in_force, presses.events):
            read_all()
        for read_all in (presses.in_force, presses.teachers, presses.seconds_watched):
            read_all()
        for read_all in (journal.points, journal.taken, journal.digests, journal.pair_ids):
            read_all()
        journal.metrics(1000)
        for pair_id in journal.pair_ids():
            labels.pair_files(pair_id)
    return (problem,)


@contextmanager
def _engine(folder: Path) -> Iterator[Engine]:
    """The database as it is, without another check of all that was not changed."""
    engine = sqlite_engine(folder / DATABASE, durable=False)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[LabelStore, PressStore, SteeringStore, TrainingJournal]]:
    path = folder / DATABASE
    durable, quick = open_database(path, folder / BACKUP_FOLDER, new=False)
    try:
        yield (
            LabelStore(durable, path),
            PressStore(durable, path, get_task(TASK)),
            SteeringStore(durable, path),
            TrainingJournal(quick, durable, path),
        )
    finally:
        durable.dispose()
        quick.dispose()


def _make_config(random: Random, corpus: Corpus, folder: Path) -> None:
    (folder / CONFIG).write_bytes(
        mutate_json(random, content(corpus.bundle / CONFIG), content(corpus.session / HEADER))
    )


def _load_config(folder: Path) -> Shown:
    is_bundle(folder)
    config, _ = read_config(folder)
    config.check_fits(get_task(TASK), folder / CONFIG)
    return ()


MUTATIONS = {WEIGHTS: mutate_tensors, REWARD: mutate_tensors, ONNX: mutate_onnx, MODEL: mutate_xml}
"""How the files of a bundle are changed."""


def _make_bundle(random: Random, corpus: Corpus, folder: Path) -> None:
    shutil.copytree(corpus.bundle, folder, dirs_exist_ok=True)
    name = MODEL if random.random() < MODEL_SHARE else random.choice((WEIGHTS, REWARD, ONNX))
    changed = MUTATIONS[name](random, content(corpus.bundle / name))
    (folder / name).write_bytes(changed)
    config = json.loads(content(corpus.bundle / CONFIG))
    config["files"][name] = hashlib.sha256(changed).hexdigest()
    (folder / CONFIG).write_text(json.dumps(config))


def _load_bundle(folder: Path) -> Shown:
    bundle = load_bundle(folder)
    observations = np.zeros((1, bundle.task.observation_size), np.float32)
    with np.errstate(all="ignore"):  # weights may be infinite
        bundle.act(observations)
        bundle.policy.act(observations)
        bundle.learned_reward(observations)
    return ()


def _make_onnx(random: Random, corpus: Corpus, folder: Path) -> None:
    (folder / ONNX).write_bytes(mutate_onnx(random, content(corpus.bundle / ONNX)))


def _load_onnx(folder: Path) -> Shown:
    policy = OnnxPolicy((folder / ONNX).read_bytes())
    if policy.observation_size <= LARGEST_ROWS:
        policy.act(np.zeros((1, policy.observation_size), np.float32))
    return ()


def _make_model(random: Random, corpus: Corpus, folder: Path) -> None:
    (folder / MODEL).write_bytes(mutate_xml(random, content(corpus.bundle / MODEL)))


def _load_model(folder: Path) -> Shown:
    examine_model((folder / MODEL).read_bytes())
    return ()


LOADERS = {
    loader.name: loader
    for loader in (
        Loader("header", _make_header, _load_header),
        Loader("folder", _make_folder, _load_folder),
        Loader("settings", _make_settings, _load_settings, refusals=()),
        Loader("clip", _make_clip, _load_clip),
        Loader("checkpoint", _make_checkpoint, _load_checkpoint),
        # whatever restoring raises, an older checkpoint is tried, and nobody reads why
        Loader("trainer", _make_trainer, _load_trainer, (Exception,), messages=False, start=_start_trainer),
        Loader("presses", _make_presses, _load_presses),
        Loader("points", _make_points, _load_points),
        Loader("database", _make_database, _load_database),
        Loader("config", _make_config, _load_config),
        Loader("bundle", _make_bundle, _load_bundle),
        Loader("onnx", _make_onnx, _load_onnx, (ValueError,)),
        Loader("model", _make_model, _load_model, seconds=WALL_SECONDS + HANG_SECONDS),
    )
}
"""By name. `refusals` are what each documents and its caller handles."""
SLOW = frozenset({"model"})
"""Loaders that start a process for each case."""
