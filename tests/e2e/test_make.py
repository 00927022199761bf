"""The two commands that a stranger types: the parts that need no network."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNDER_XVFB = [sys.executable, str(ROOT / "tools" / "under_xvfb.py")]


def on_a_screen(*command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command on a virtual screen."""
    return subprocess.run([*UNDER_XVFB, *command], capture_output=True, text=True, timeout=60, check=False)


def test_make_says_in_one_line_that_there_is_no_python() -> None:
    done = subprocess.run(["make", "-s", "app", "PYTHON="], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.splitlines()[0].startswith("Backflip needs Python 3.11 or newer")
    assert not done.stdout


def test_make_takes_the_first_python_that_is_new_enough(tmp_path: Path) -> None:
    for name, status in {"python3": 1, "python3.11": 1, "python3.12": 0, "python3.13": 0}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    command = ["make", "-n", "set-up-app"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert '"python3.12" tools/set_up.py app' in done.stdout.splitlines()


def test_a_command_gets_a_screen_of_its_own() -> None:
    if sys.platform != "linux":
        pytest.skip("other systems have a screen")
    program = """
        from PySide6.QtWidgets import QApplication
        application = QApplication([])
        size = application.primaryScreen().size()
        print(application.platformName(), size.width(), size.height())
    """
    done = on_a_screen(sys.executable, "-c", "\n".join(line.strip() for line in program.splitlines()))
    assert done.stdout.split() == ["xcb", "1920", "1080"], done.stderr


def test_the_screen_ends_with_the_command_and_its_status_is_handed_on() -> None:
    done = on_a_screen("sh", "-c", 'echo "$DISPLAY $PPID"; exit 7')
    assert done.returncode == 7
    display, _ = done.stdout.split()
    if sys.platform == "linux":
        assert display != os.environ.get("DISPLAY")
        assert not Path(f"/tmp/.X11-unix/X{display.removeprefix(':')}").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_screen_outlives_whoever_asked_for_it(number: signal.Signals) -> None:
    if sys.platform != "linux":
        pytest.skip("other systems have a screen")
    asking = [*UNDER_XVFB, "sh", "-c", 'echo "$DISPLAY"; exec sleep 5']
    with subprocess.Popen(asking, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        socket = Path(f"/tmp/.X11-unix/X{process.stdout.readline().strip().removeprefix(':')}")
        assert socket.exists()
        process.send_signal(number)
        until = time.monotonic() + 4.0
        while socket.exists() and time.monotonic() < until:
            time.sleep(0.05)
        assert not socket.exists()
