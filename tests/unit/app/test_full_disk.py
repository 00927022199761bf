"""A full disk loses nothing, and what was refused works again when there is room."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.errors import StorageError
from app.session import NewSession, Session
from learning.messages import Choice

SIZE = 4_000_000
"""Bytes of the small disk."""
CHUNK = 4096


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, of SIZE."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small tmpfs")
    folder = tmp_path / "small disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leaves no byte free; returns the file to remove."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        size = CHUNK
        while size:
            try:
                if file.write(b"\0" * size) < size:
                    size //= 2
            except OSError:
                size //= 2
    return filler


def test_an_answer_on_a_full_disk_is_refused_and_nothing_is_lost(
    small_disk: Path, start: Callable[[Session], Any]
) -> None:
    path = small_disk / "session"
    with Session.create(path, NewSession("hopper-backflip", 1)) as session:
        run = start(session)
        run.until_waiting()
        run.answer(Choice.LEFT)
        run.until_waiting()
        run.runner.checkpoint()
        checkpoints = session.checkpoints.files()
        filler = fill(small_disk)

        with pytest.raises(StorageError, match="full") as caught:  # noqa: PT012
            # the write-ahead log may have room left for a few
            for _ in range(200):
                run.labelling.set_flag(0, True)
        assert "\n" not in str(caught.value)
        shown = run.labelling.pairs()[0].id
        with pytest.raises(StorageError, match="answer could not be stored"):
            run.answer(Choice.RIGHT)
        with pytest.raises(StorageError, match="answers could not be stored"):
            run.labelling.amend_all(Choice.CANNOT_TELL)
        assert [record.choice for record in run.labelling.history(9)] == [Choice.LEFT]
        assert run.labelling.pairs()[0].id == shown and run.labelling.count == 1
        with pytest.raises(StorageError):
            session.checkpoints.save(run.runner.trainer.state(), 99, 1)
        assert session.checkpoints.files() == checkpoints
        assert not list(session.checkpoints.files()[0].parent.glob("*.part"))

        filler.unlink()
        run.answer(Choice.RIGHT)
        assert run.until_waiting().labels == 2
    with Session(path) as again:
        assert [event.choice for event in again.labels.events()] == [Choice.LEFT, Choice.RIGHT]


def test_a_session_opens_on_a_full_disk_as_far_as_it_can(small_disk: Path) -> None:
    path = small_disk / "session"
    Session.create(path, NewSession("hopper-backflip", 1)).close()
    filler = fill(small_disk)
    complaint = ""
    try:
        Session(path).close()
    except StorageError as error:
        complaint = str(error)
    assert "\n" not in complaint and "last good copy" not in complaint, "it is whole"
    filler.unlink()
    Session(path).close()


def test_a_session_that_does_not_fit_leaves_nothing_behind(small_disk: Path) -> None:
    filler = fill(small_disk)
    with pytest.raises(StorageError, match="No session could be made") as caught:
        Session.create(small_disk / "session", NewSession("hopper-backflip", 1))
    assert "\n" not in str(caught.value)
    assert list(small_disk.iterdir()) == [filler]
