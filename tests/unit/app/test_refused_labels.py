"""A label is stored or refused in one line, whatever the disk does in the middle; then the session goes on."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.session import Session
from learning.messages import Pair
from tests.unit.app.refused_labels import MOST_ROOM, PERMISSION, ROOM, STEP

ATTEMPTS = len(range(0, MOST_ROOM, STEP))
WITHOUT_RIGHTS = (
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)
"""Root may write anywhere, unless it gives up these capabilities."""


@pytest.fixture
def offered(session: Session, make_pair: Callable[[int], Pair]) -> Path:
    """A session with enough pairs, which is closed."""
    session.journal.record(pairs=[session.save_clips(make_pair(number), 0) for number in range(ATTEMPTS)])
    session.close()
    return session.path


def run(path: Path, trouble: str, *prefix: str) -> list[dict[str, Any]]:
    """What the process told."""
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "tests.unit.app.refused_labels", str(path), trouble],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(lines: list[dict[str, Any]], what: str) -> list[str]:
    return [line["told"] for line in lines if line["what"] == what]


def check(path: Path, lines: list[dict[str, Any]]) -> None:
    """Each answer was stored if and only if nothing was said against it, and all of them came to be stored."""
    counts = [line["count"] for line in lines if line["what"] == "count"]
    refused = [bool(sentence) for sentence in told(lines, "answer")]
    assert len(refused) == ATTEMPTS
    assert counts == [number + (not refused[number]) for number in range(ATTEMPTS)]
    assert told(lines, "again") == [""] * sum(refused), "there is room again"
    assert not any("\n" in line.get("told", "") for line in lines)
    with Session(path) as session:
        assert [event.pair_id for event in session.labels.events()] == list(range(ATTEMPTS))
        assert len(session.labels.in_force()) == ATTEMPTS


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit")
def test_a_disk_that_fills_inside_a_commit(offered: Path) -> None:
    lines = run(offered, ROOM)
    check(offered, lines)
    sentences = told(lines, "answer")
    assert any(sentence.startswith("The answer could not be stored in") for sentence in sentences), sentences
    assert not all(sentences), "with enough room it is stored"


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_a_folder_that_loses_its_write_permission(offered: Path) -> None:
    prefix = WITHOUT_RIGHTS if os.geteuid() == 0 else ()
    if prefix and shutil.which(prefix[0]) is None:
        pytest.skip("root cannot give up its rights without setpriv")
    lines = run(offered, PERMISSION, *prefix)
    check(offered, lines)
    assert any(told(lines, "answer")), "an answer that needs the file opened anew is refused"
    assert all("could not be written" in sentence for sentence in told(lines, "checkpoint"))
    (sentence,) = told(lines, "open")
    assert "cannot be opened for writing" in sentence
