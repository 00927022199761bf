"""A session: one teaching project in one folder, open in one program at a time."""

import json
import logging
import os
import secrets
import shutil
import stat
import tempfile
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass
from safetensors import SafetensorError

from app.arguments import MOST_SEED
from app.checkpoints import CheckpointShelf
from app.crash_points import crash_point
from app.errors import DamagedSessionError, ForeignSessionError, SessionError, StorageError
from app.files import replace_text, sync
from app.folder_gate import EXPORTS, pass_gate
from app.lock import LOCK_FILE, SOFT_LOCK_FILE, FolderLock
from app.logs import end_session_log, session_log
from app.output import notice
from app.paths import APP, installed_version
from app.settings import SESSION_KINDS, Settings
from app.store.database import BACKUP_FOLDER, open_database
from app.store.journal import OfferedPair, TrainingJournal
from app.store.labels import LabelStore
from app.store.presses import PressStore
from app.store.steering import SteeringStore
from learning.messages import Feedback, Pair, PairKind
from sim.beside import SUFFIX, part_path
from sim.clip import Clip, load_clip, save_clip
from sim.errors import one_line
from sim.registry import get_task
from sim.task import Task
from sim.untrusted import UntrustedError, read_json

log = logging.getLogger(__name__)

FORMAT = 1
"""Of the session folder as a whole."""
HEADER = "session.json"
DATABASE = "session.sqlite3"
SETTINGS = "settings.json"
LOG = "session.log"
CLIPS = "clips"
CHECKPOINTS = "checkpoints"
PICTURE = "picture.png"
NOT_COPIED = shutil.ignore_patterns(LOCK_FILE, SOFT_LOCK_FILE, f"*{SUFFIX}", EXPORTS, BACKUP_FOLDER, "*-shm")
"""What a copy of a session goes without."""
PERSON = "person"
"""The teacher of a session in the window."""
SEED_BITS = 31
Word = Annotated[str, Field(max_length=128, pattern=r"^[!-~]*$")]
"""A word in a header: nothing that steers a terminal when it is shown."""


@checked_dataclass(frozen=True, slots=True, config=ConfigDict(strict=True))
class Header:
    """What a session is, in `session.json`."""

    format: int
    app: str
    version: Word
    """Of the program that made it."""
    id: Word
    task: Word
    model_hash: Word
    seed: Annotated[int, Field(ge=0, le=MOST_SEED)]
    created: Word
    """ISO 8601, UTC."""
    trainer: dict[str, Any] | None = None
    """The trainer's configuration; None until the trainer was first made."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a session is made from."""

    task: str
    seed: int | None = None
    """None draws one."""
    teacher: str = PERSON
    labels: int | None = None
    """How many labels a simulated teacher is to give."""
    feedback: str = "compare"
    """What he gives, as in `app.timed_lesson.FEEDBACK_KINDS`, with commas between,"""
    minutes: float | None = None
    """and for how long; None counts labels in place of his time."""


class Session:
    """An open session folder. Close it, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Opens the session at `path`.

        Raises:
            SessionError: it is no session, damaged, newer, of another model, or open elsewhere.
            StorageError: it cannot be written.
        """
        self.header = read_header(path)
        pass_gate(path, written=True)
        self.path = path
        self.task: Task = get_task(self.header.task)
        _refuse_other_model(path, self.header, self.task)
        self._lock = FolderLock(path)
        try:
            for folder in (CLIPS, CHECKPOINTS, EXPORTS):
                _make_folder(path / folder)
            database = path / DATABASE
            self._durable, self._quick = open_database(database, path / BACKUP_FOLDER, new=False)
        except BaseException:
            self._lock.release()
            raise
        self._log = session_log(path / LOG)
        self.labels = LabelStore(self._durable, database)
        self.presses = PressStore(self._durable, database, self.task)
        self.steering = SteeringStore(self._durable, database)
        self.journal = TrainingJournal(self._quick, self._durable, database)
        self.checkpoints = CheckpointShelf(path / CHECKPOINTS, self.header.id)
        self.settings = Settings(path / SETTINGS, SESSION_KINDS)
        log.info("session '%s' opened, held by %s", path, self._lock.kind)
        if self._lock.soft:
            notice(f"'{path}' is on a file system without locks: the file '{SOFT_LOCK_FILE}' in it is the lock.")

    @classmethod
    def create(cls, path: Path, new: NewSession) -> "Session":
        """Makes a session at `path` and opens it. It appears there complete or not at all.

        Raises:
            SessionError: something is there already.
            StorageError: it cannot be written.
            UnknownTaskError: there is no such task.
        """
        task = get_task(new.task)
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise SessionError(f"'{path}' exists and is not empty: choose another folder for the new session.")
        header = Header(
            format=FORMAT,
            app=APP,
            version=own_version(),
            id=uuid.uuid4().hex,
            task=task.name,
            model_hash=task.model_hash,
            seed=secrets.randbits(SEED_BITS) if new.seed is None else new.seed,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        beside = path.with_name(f".{path.name}.part")
        try:
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir(parents=True)
            for engine in open_database(beside / DATABASE, beside / BACKUP_FOLDER, new=True):
                engine.dispose()
            crash_point("database made")
            settings = Settings(beside / SETTINGS, SESSION_KINDS)
            settings.set("teacher", new.teacher)
            if new.labels is not None:
                settings.set("labels", new.labels)
            if new.minutes is not None:
                settings.set("feedback", new.feedback)
                settings.set("minutes", float(new.minutes))
            _write_header(beside, header)
            crash_point("session written")
            if path.exists():
                path.rmdir()
            os.replace(beside, path)
        except (OSError, StorageError) as error:
            shutil.rmtree(beside, ignore_errors=True)
            reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
            raise StorageError(f"No session could be made at '{path}': {reason.rstrip('.')}.") from error
        return cls(path)

    @property
    def exports(self) -> Path:
        """The folder for bundles."""
        return self.path / EXPORTS

    @property
    def picture(self) -> Path:
        """A picture of the robot for Home; need not exist."""
        return self.path / PICTURE

    def set_trainer_config(self, config: dict[str, Any]) -> None:
        """Records the trainer's configuration, once, when the first trainer is made."""
        self.header = replace(self.header, trainer=config)
        _write_header(self.path, self.header)
        crash_point("trainer recorded")

    def save_clips(self, pair: Pair, iteration: int) -> OfferedPair:
        """Writes both clips of a pair to the disk.

        Raises:
            StorageError: they could not be written.
        """
        names = []
        for side, clip in (("left", pair.left), ("right", pair.right)):
            path = self.path / CLIPS / f"{pair.id:06d}-{side}.safetensors"
            try:
                save_clip(clip, path)
                sync(path)
            except (OSError, SafetensorError) as error:
                part_path(path).unlink(missing_ok=True)
                raise StorageError(f"'{path}' could not be written: {error}.") from error
            names.append(path.name)
            crash_point("clip written")
        return OfferedPair(pair, names[0], names[1], iteration)

    def load_pair(self, pair_id: int) -> Pair:
        """A pair that was offered, with its clips.

        Raises:
            AnswerError: it was never offered.
            ClipError: a clip is missing or damaged.
        """
        files = self.labels.pair_files(pair_id)
        left, right = (self._load_clip(name) for name in (files.left_clip, files.right_clip))
        return Pair(files.id, PairKind(files.kind), left, right, files.repeats, files.swapped)

    def events(self, without: Collection[int] = ()) -> list[Feedback]:
        """All events of the teacher, of whatever kind, in the order committed, but those of some ids.

        Raises:
            DamagedSessionError: the moments of a press cannot be read.
        """
        others: list[Feedback] = [*self.labels.events(), *self.steering.events()]
        wanted = [event for event in others if event.id not in without]
        return sorted([*wanted, *self.presses.events(without)], key=lambda event: event.id)

    def close(self) -> None:
        """Lets others open the session. May be called again."""
        self._durable.dispose()
        self._quick.dispose()
        end_session_log(self._log)
        self._lock.release()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _load_clip(self, name: str) -> Clip:
        return load_clip(self.path / CLIPS / name, self.task)


@contextmanager
def open_to_read(path: Path) -> Iterator[Session]:
    """An open session that is only read. Where nothing can be written, a copy of it is opened.

    Raises:
        SessionError: as `Session` does.
        StorageError: there is no room for a copy.
    """
    if os.access(path, os.W_OK) or not path.is_dir():
        with Session(path) as session:
            yield session
        return
    with (
        tempfile.TemporaryDirectory(prefix=f"{APP}-") as folder,
        Session(copy_session(path, Path(folder))) as session,
    ):
        yield session


def copy_session(path: Path, folder: Path) -> Path:
    """A copy in `folder` of the session at `path`, which can be written to; without exports and backups.

    Raises:
        SessionError: it is no session.
        StorageError: it cannot be read as a whole, or there is no room.
    """
    read_header(path)
    pass_gate(path)
    copy = folder / path.resolve().name
    try:
        shutil.copytree(path, copy, ignore=NOT_COPIED, copy_function=shutil.copyfile)
        for inside, _, _ in os.walk(copy):
            os.chmod(inside, stat.S_IRWXU)
    except (OSError, shutil.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise StorageError(f"'{path}' could not be copied to '{copy}': {reason}.") from error
    return copy


def read_header(path: Path) -> Header:
    """Reads what the session at `path` is, without opening it.

    Raises:
        ForeignSessionError: it is no session of ours, or a newer one.
        DamagedSessionError: the header cannot be read.
    """
    file = path / HEADER
    try:
        found = read_json(file)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ForeignSessionError(f"'{path}' is no session: it has no '{HEADER}'.") from error
    except UntrustedError as error:
        raise DamagedSessionError(str(error)) from error
    except OSError as error:
        raise DamagedSessionError(f"'{file}' cannot be read: {error.strerror or error}.") from error
    if not isinstance(found, dict) or found.get("app") != APP:
        raise ForeignSessionError(f"'{file}' was not written by Backflip.")
    if found.get("format") != FORMAT:
        raise ForeignSessionError(
            f"'{file}' has session format {ascii(found.get('format'))[:60]}, wanted {FORMAT}: it is another Backflip's."
        )
    try:
        return Header(**found)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = one_line(first["msg"]).lower()
        raise DamagedSessionError(f"'{file}': the field '{one_line(field)}' is wrong: {reason}.") from error


def free_path(folder: Path, task_name: str) -> Path:
    """A path in `folder` for a new session of the task, named after it and the time."""
    stem = f"{task_name}-{datetime.now():%Y%m%d-%H%M%S}"
    path, number = folder / stem, 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}"
    return path


def own_version() -> str:
    """The program's version."""
    return installed_version() or "0"


def _write_header(folder: Path, header: Header) -> None:
    replace_text(folder / HEADER, json.dumps(asdict(header), indent=2) + "\n")


def _refuse_other_model(path: Path, header: Header, task: Task) -> None:
    if header.model_hash != task.model_hash:
        raise ForeignSessionError(
            f"'{path}' was taught on another model of '{task.name}' ({header.model_hash[:12]}, here "
            f"{task.model_hash[:12]}): open it with Backflip {header.version}."
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StorageError(f"'{folder}' could not be made: {error.strerror}.") from error
