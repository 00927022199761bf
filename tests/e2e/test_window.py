"""The whole way through the real window, with keys: teach, undo, close, reopen, export, play elsewhere, replay."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.backends import NoRendererError, probe
from tests.e2e.command import SECONDS, backflip, environment

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = 8
"""At least so many, so that two or three of them pay for real practice, and some policies were shown."""
BUNDLE_NEEDS = ("numpy", "mujoco", "onnxruntime")
Lines = list[dict[str, Any]]


def in_the_window(home: Path, *arguments: object) -> Lines:
    """Lets a person teach in the window until it is closed; returns what it told."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.window_teacher", str(home), *map(str, arguments)],
        env=environment(home, QT_QPA_PLATFORM="xcb"),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(lines: Lines, what: str) -> dict[str, Any]:
    """The one line that tells `what`."""
    found = [line for line in lines if line["what"] == what]
    assert len(found) == 1, [line["what"] for line in lines]
    return found[0]


@pytest.mark.timeout(1000)
def test_the_whole_way_through_the_window(tmp_path: Path) -> None:
    home, bundle = tmp_path / "a home", tmp_path / "a bundle"
    first = in_the_window(home, ANSWERS)
    opened, taught, undone = told(first, "open"), told(first, "taught"), told(first, "undone")
    assert opened["answers"] == {} and opened["labels"] == 0
    answered = [line for line in first if line["what"] == "answered"]
    answers = len(answered)
    assert answers >= ANSWERS and len({line["pair"] for line in answered}) == answers
    assert taught["answers"] == {str(line["pair"]): line["choice"] for line in answered}
    assert taught["labels"] == answers
    assert taught["version"] > opened["version"] and taught["policy"] != opened["policy"], (
        "the policy on screen changed"
    )
    last = answered[-1]
    assert undone["name"] == f"Undo: {'prefer ' if last['choice'] in ('left', 'right') else ''}{last['choice']}"
    assert undone["answers"] == {
        pair: choice for pair, choice in taught["answers"].items() if pair != str(last["pair"])
    }
    assert undone["iteration"] == taught["iteration"], "an answer taken back pays for no practice"
    assert undone["status"] == "Training is paused until your next answer."

    again = in_the_window(home, 0, bundle)
    reopened = told(again, "open")
    assert reopened["path"] == opened["path"]
    assert reopened["answers"] == undone["answers"]
    after = told(again, "taught")
    for field in ("labels", "iteration", "version", "policy"):
        assert after[field] == undone[field], field
    assert str(bundle) in told(again, "exported")["where"]

    replayed = backflip(home, "replay", opened["path"], "--check")
    assert replayed.returncode == 0, replayed.stderr
    assert "same weights" in replayed.stdout
    _plays_without_us(bundle, tmp_path)


def _plays_without_us(bundle: Path, folder: Path) -> None:
    """Plays a bundle where nothing is installed but what it needs."""
    python = folder / "elsewhere" / "bin" / "python"
    _run(sys.executable, "-m", "venv", folder / "elsewhere")
    _run(
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--constraint",
        ROOT / "constraints.txt",
        *BUNDLE_NEEDS,
    )
    unknown = subprocess.run([python, "-c", "import torch"], capture_output=True, check=False)
    assert unknown.returncode != 0, "torch must not be there"
    states = folder / "states.npz"
    _run(python, bundle / "run.py", "--states", states, "--episodes", 2, "--seed", 3)
    with np.load(states) as recorded:
        episodes, steps, width = recorded["qpos"].shape
        assert (episodes, width) == (2, 6) and recorded["time"].shape == (episodes, steps)
        assert recorded["qvel"].shape == (episodes, steps, 6)
        # so few answers may teach no more than to stand, which is still a little movement
        assert np.isfinite(recorded["qpos"]).all() and (np.ptp(recorded["qpos"], axis=1).max(axis=1) > 0.01).all()
    try:
        probe()
    except NoRendererError:
        return  # nor could it be drawn there
    pictures = folder / "pictures"
    _run(python, bundle / "run.py", "--frames", pictures, "--episodes", 1)
    assert len(list(pictures.glob("*.png"))) > 1


def _run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
