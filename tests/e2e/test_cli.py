"""The commands without a window, from teaching to the exported policy."""

import json
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import av
import cv2
import pytest

from app.play import PlayReport
from app.session import Session
from app.teach import TeachReport
from tests.e2e.command import TASK, backflip, small_backflip

LABELS = 6


def last_object(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON object on the last line of stdout."""
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def taught(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of a short lesson, in a folder with a space in its name."""
    out = tmp_path_factory.mktemp("a lesson")
    arguments = ("--labels", LABELS, "--teacher", "oracle", "--seed", 4, "--out", out, "--json")
    return last_object(backflip(home, "teach", TASK, *arguments))


def test_teach_reports_what_it_did(taught: dict[str, Any]) -> None:
    assert list(taught) == [field.name for field in fields(TeachReport)]
    assert (taught["task"], taught["seed"], taught["teacher"], taught["labels"]) == (TASK, 4, "oracle", LABELS)
    assert taught["env_steps"] > 0 and Path(taught["bundle"]).is_dir()


def test_play_scores_the_bundle(home: Path, taught: dict[str, Any]) -> None:
    report = last_object(backflip(home, "play", taught["bundle"], "--episodes", 4, "--json"))
    assert list(report) == [field.name for field in fields(PlayReport)]
    assert report["episodes"] == 4 and report["sim_seconds"] == pytest.approx(32.0)
    assert report["learned_reward"] == pytest.approx(taught["learned_reward"])


def test_play_draws_what_was_asked_for(home: Path, taught: dict[str, Any], tmp_path: Path) -> None:
    video, sheet = tmp_path / "a video.mp4", tmp_path / "a sheet.png"
    arguments = ("--episodes", 1, "--video", video, "--sheet", sheet)
    done = backflip(home, "play", taught["bundle"], *arguments)
    assert done.returncode == 0, done.stderr
    with av.open(str(video)) as container:
        assert float(container.duration or 0) / av.time_base == pytest.approx(8.0, abs=0.1)
    assert cv2.imread(str(sheet)) is not None


def test_the_session_is_a_session_like_any_other(home: Path, taught: dict[str, Any]) -> None:
    with Session(Path(taught["session"])) as session:
        assert len(session.labels.events()) == LABELS
        assert session.labels.teachers() == ("oracle",)
        assert session.header.trainer


def test_a_finished_session_replays_to_the_same_weights(home: Path, taught: dict[str, Any]) -> None:
    report = last_object(backflip(home, "replay", taught["session"], "--check", "--json"))
    assert report["same"] and report["events"] == LABELS


def test_resume_goes_on_and_the_whole_still_replays(home: Path, taught: dict[str, Any], tmp_path: Path) -> None:
    arguments = ("--labels", LABELS + 2, "--out", tmp_path, "--json")
    report = last_object(backflip(home, "resume", taught["session"], *arguments))
    assert report["labels"] == LABELS + 2 and report["teacher"] == "oracle"
    assert report["bundle"] == str(tmp_path / "bundle")
    assert last_object(backflip(home, "replay", taught["session"], "--check", "--json"))["same"]


def test_interrupted_teaching_ends_in_the_same_weights(home: Path, taught: dict[str, Any], tmp_path: Path) -> None:
    common = ("--teacher", "oracle", "--json")
    first = ("--labels", LABELS - 3, "--seed", 4, "--out", tmp_path / "halves")
    last_object(small_backflip(home, "teach", TASK, *first, *common))
    last_object(backflip(home, "resume", tmp_path / "halves" / "session", "--labels", LABELS, *common))
    whole = ("--labels", LABELS, "--seed", 4, "--out", tmp_path / "whole")
    last_object(small_backflip(home, "teach", TASK, *whole, *common))
    digests = []
    for name in ("halves", "whole"):
        with Session(tmp_path / name / "session") as session:
            digests.append(session.journal.digests()[-1])
    assert digests[0] == digests[1]


def test_export_writes_the_bundle_again(home: Path, taught: dict[str, Any], tmp_path: Path) -> None:
    report = last_object(backflip(home, "export", taught["session"], "--to", tmp_path / "again", "--json"))
    assert Path(report["bundle"]).is_dir()
    last_object(backflip(home, "play", report["bundle"], "--episodes", 1, "--json"))


def test_the_lists(home: Path) -> None:
    assert last_object(backflip(home, "tasks", "--json"))["tasks"][0]["name"] == TASK
    assert last_object(backflip(home, "sessions", "--json"))["sessions"] == []
    findings = last_object(backflip(home, "doctor", "--json"))["findings"]
    assert {"cores", "display", "H.264 video"} <= {finding["what"] for finding in findings}


def test_help_shows_every_command_and_examples(home: Path) -> None:
    done = backflip(home, "--help")
    assert done.returncode == 0
    for word in ("teach", "resume", "play", "export", "replay", "sessions", "tasks", "doctor", "Examples:"):
        assert word in done.stdout
