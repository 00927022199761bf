"""`backflip lab`: experiments run, print their tables and their objects, and leave sessions as they are."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sim.video import SHEET_GAP
from tests.e2e.command import TASK, assert_one_clear_line, backflip, small_backflip
from tests.e2e.test_cli import last_object


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def taught(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("a lesson")
    done = last_object(small_backflip(home, "teach", TASK, "--labels", 3, "--out", out, "--json"))
    return Path(done["session"])


def plant(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes the one run that a file keeps."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    (run,) = kept["runs"]
    change(run)
    path.write_text(json.dumps(kept), encoding="utf-8")


def test_pressure_presses_on_a_session_and_leaves_it_as_it_is(home: Path, taught: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (taught / "checkpoints").iterdir()}
    asked = ("lab", "pressure", taught, "--quick", "--seeds", "3..4", "--out", tmp_path / "o", "--json")
    done = small_backflip(home, *asked)
    found: dict[str, Any] = last_object(done)
    assert found["labels"] == 3 and found["seeds"] == [3] and found["task"] == TASK
    points = found["points"]
    assert points[0]["target"] == points[0]["sqrt_kl"] == 0.0
    assert points[0]["sqrt_kl"] < points[1]["sqrt_kl"]
    assert all(point["true_low"] <= point["true"] <= point["true_high"] for point in points)
    assert {"alpha", "beta", "peak", "r_squared", "fits", "why"} <= found.keys()
    table = (tmp_path / "o" / "pressure.md").read_text(encoding="utf-8")
    assert table in done.stdout and found["why"] in table
    assert (tmp_path / "o" / "pressure.png").read_bytes().startswith(b"\x89PNG")
    drawn = {path.name for path in (tmp_path / "o").iterdir()} - {"pressure.md", "pressure.png"}
    assert drawn == {"best.png", "best.gif", "last.png", "last.gif"} or (not drawn and "No pictures" in done.stderr)
    assert {path.name: path.read_bytes() for path in (taught / "checkpoints").iterdir()} == before


def test_a_session_without_a_checkpoint_is_said_to_have_none(home: Path, taught: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(taught, copy, ignore=shutil.ignore_patterns("lock"))
    for checkpoint in (copy / "checkpoints").iterdir():
        checkpoint.unlink()
    assert_one_clear_line(backflip(home, "lab", "pressure", copy), "no checkpoint yet")


def test_the_alarm_is_measured_on_rewards_that_are_pressed_on(home: Path, tmp_path: Path) -> None:
    asked = ("lab", "alarm", "--quick", "--seeds", "3..9", "--out", tmp_path / "o", "--json")
    done = small_backflip(home, *asked)
    found: dict[str, Any] = last_object(done)
    (run,) = found["runs"]
    assert (run["seed"], run["labels"], run["kind"]) == (3, 2, "gamed")
    assert run["doubt"] > 0.0 and 0.0 <= run["common"] <= 1.0 and 0.0 < run["score"] < 1.0 and 0 <= run["foretold"] <= 3
    assert (found["gamed"], found["honest"], found["auc"]) == (1, 0, None)
    assert (tmp_path / "o" / "alarm.md").read_text(encoding="utf-8") in done.stdout
    plant(tmp_path / "o" / "alarm-runs.json", lambda kept: kept.update(true=7.5))
    assert last_object(small_backflip(home, *asked))["runs"] == [{**run, "true": 7.5, "kind": "honest"}], (
        "not measured anew"
    )


def test_a_teacher_of_pictures_teaches_and_says_what_it_looks_like(home: Path, tmp_path: Path) -> None:
    asked = ("lab", "camera", "--views", "front,side", "--seeds", "5..9", "--quick", "--out", tmp_path / "o", "--json")
    done = small_backflip(home, *asked)
    found: dict[str, Any] = last_object(done)
    assert found["views"] == ["front", "side"] and found["labels"] == 2
    (run,) = found["seeds"]
    assert run["seed"] == 5 and 0.0 <= run["looks_grasped"] <= 1.0 and 0.0 <= run["truly_grasped"] <= 1.0
    assert 0.0 < run["metres_apart"] < 1.0
    assert [look["labels"] for look in run["way"]] == [2] and run["way"][0]["looks_grasped"] == run["looks_grasped"]
    assert (tmp_path / "o" / "camera-front-side.md").read_text(encoding="utf-8") in done.stdout
    plant(tmp_path / "o" / "camera-front-side-runs.json", lambda kept: kept["way"][-1].update(truly_grasped=0.625))
    assert last_object(small_backflip(home, *asked))["seeds"][0]["truly_grasped"] == 0.625, "not measured anew"
    picture = cv2.imread(str(tmp_path / "o" / "camera-front-side-5.png"))
    assert picture is not None and picture.shape == (360, 2 * 480 + SHEET_GAP, 3)
    front, side = picture[:, :480], picture[:, -480:]
    assert front.std() > 5.0 and side.std() > 5.0 and not np.array_equal(front, side)


def test_a_teacher_of_pictures_takes_the_tour(home: Path, tmp_path: Path) -> None:
    asked = ("lab", "tour", "--seeds", "5..9", "--quick", "--out", tmp_path / "o", "--json")
    done = small_backflip(home, *asked)
    found: dict[str, Any] = last_object(done)
    (run,) = found["seeds"]
    assert found["labels"] == [2, 2] and not found["keep"] and run["seed"] == 5 and run["grasps"] is False
    assert [look["labels"] for look in run["front"]] == [2] and [look["labels"] for look in run["both"]] == [4]
    assert (tmp_path / "o" / "tour.md").read_text(encoding="utf-8") in done.stdout
    for part in ("front", "both"):
        assert (tmp_path / "o" / f"tour-5-{part}.png").read_bytes().startswith(b"\x89PNG")
    other = last_object(small_backflip(home, "lab", "tour", "--seeds", "5", "--quick", "--keep", "--json"))
    assert other["keep"] and other["seeds"][0]["front"] == run["front"]
    plant(tmp_path / "o" / "tour-runs.json", lambda kept: kept["both"][-1].update(truly_grasped=0.7))
    assert last_object(small_backflip(home, *asked))["seeds"][0]["grasps"] is True, "not measured anew"
