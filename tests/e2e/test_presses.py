"""Teaching by presses without a window: what is asked for is done, resumed, replayed, and refused in one line."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import TASK, backflip, small_backflip
from tests.e2e.test_cli import last_object


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def taught(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("a lesson")
    arguments = ("--feedback", "press", "--teacher", "presser", "--minutes", 0.15, "--seed", 1, "--out", out, "--json")
    return last_object(small_backflip(home, "teach", TASK, *arguments))


def test_presses_are_labels(taught: dict[str, Any]) -> None:
    assert taught["labels"] == taught["presses"] > 0
    assert taught["minutes"] == pytest.approx(0.15, abs=0.01)
    assert taught["teacher"] == "presser"
    card = (Path(taught["bundle"]) / "README.md").read_text(encoding="utf-8")
    assert f"| labels | {taught['labels']} (" in card


def test_they_replay_to_the_same_weights(home: Path, taught: dict[str, Any]) -> None:
    done = backflip(home, "replay", taught["session"], "--check")
    assert done.returncode == 0, done.stderr + done.stdout


def test_comparisons_go_on_where_presses_ended(home: Path, taught: dict[str, Any]) -> None:
    wanted = taught["labels"] + 2
    done = last_object(backflip(home, "resume", taught["session"], "--teacher", "oracle", "--labels", wanted, "--json"))
    assert (done["labels"], done["presses"]) == (wanted, taught["presses"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--feedback", "pres"), "Unknown feedback 'pres': did you mean 'press'?"),
        (("--teacher", "presser"), "The presser presses and does not compare: give --feedback press."),
        (("--feedback", "press", "--minutes", "-3"), "--minutes is -3, wanted 0 to"),
        (("--feedback", "press", "--teacher", "presser", "--minutes", "nan"), "--minutes is nan, wanted 0 to"),
    ],
)
def test_nonsense_is_refused_in_one_line(home: Path, arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    done = small_backflip(home, "teach", TASK, *arguments, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_who_presses_cannot_be_asked_for_a_number_of_labels(home: Path, taught: dict[str, Any]) -> None:
    copy = Path(taught["session"]).with_name("another")
    shutil.copytree(taught["session"], copy, ignore=shutil.ignore_patterns("lock", "settings.json"))
    (copy / "settings.json").write_text('{"schema": 1, "teacher": "presser", "minutes": 0.15}', encoding="utf-8")
    done = backflip(home, "resume", copy, "--labels", 90)
    assert done.returncode == 2
    assert "is taught by presses: give --teacher to go on by comparisons." in done.stderr
