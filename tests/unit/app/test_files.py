"""Files beside files: nothing is written through a link, and a folder that cannot be synced is no error."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.checkpoints import CheckpointShelf
from app.errors import StorageError
from app.files import replace_text, sync
from app.kept_runs import KeptRuns
from app.session import PICTURE
from learning.messages import Pair, TrainerState
from sim.beside import part_path
from sim.clip import save_clip
from sim.video import write_png
from tests.unit.app.test_kept_runs import Planted

PRECIOUS = "four years of work"


def failing_sync(of_folders: bool, number: int) -> Callable[[int], None]:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode) is of_folders:
            raise OSError(number, os.strerror(number))
        real(descriptor)

    return fsync


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EACCES, errno.ENOSYS, errno.EPERM])
def test_a_folder_that_cannot_be_synced_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(os, "fsync", failing_sync(True, number))
    sync(tmp_path)
    replace_text(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new"


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EINVAL])
def test_a_file_that_does_not_reach_the_disk_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(os, "fsync", failing_sync(False, number))
    with pytest.raises(StorageError, match="could not be written"):
        replace_text(tmp_path / "a", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_a_folder_on_a_broken_disk_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", failing_sync(True, errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        sync(tmp_path)


def write_checkpoint(path: Path) -> None:
    state = TrainerState({"weights": np.zeros(3)}, {"iteration": 1})
    CheckpointShelf(path.parent, "id").save(state, 1, 2)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("settings.json", lambda path: replace_text(path, "new")),
        ("runs.json", lambda path: KeptRuns(path, {}, lambda fields: Planted(**fields)).add(Planted(1, {}))),
        (PICTURE, lambda path: write_png(path, np.zeros((4, 4, 3), np.uint8))),
        ("checkpoint-00000001-000002.safetensors", write_checkpoint),
    ],
)
def test_no_writer_follows_a_planted_link(tmp_path: Path, name: str, write: Callable[[Path], object]) -> None:
    precious, path = tmp_path / "precious", tmp_path / name
    precious.write_text(PRECIOUS)
    part_path(path).symlink_to(precious)
    write(path)
    assert precious.read_text() == PRECIOUS
    assert path.is_file() and not path.is_symlink()
    assert not part_path(path).is_symlink()


def test_no_clip_is_written_through_a_planted_link(tmp_path: Path, make_pair: Callable[[int], Pair]) -> None:
    precious, path = tmp_path / "precious", tmp_path / "000000-left.safetensors"
    precious.write_text(PRECIOUS)
    part_path(path).symlink_to(precious)
    save_clip(make_pair(0).left, path)
    assert precious.read_text() == PRECIOUS
    assert path.is_file() and not path.is_symlink()


def test_what_was_broken_off_does_not_stand_in_the_way(tmp_path: Path) -> None:
    part_path(tmp_path / "a").write_text("half of on")
    replace_text(tmp_path / "a", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "new")]
