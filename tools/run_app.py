"""What `make app` does once everything is installed: says what the machine can do, and opens the window.

Where no window can be opened, a simulated teacher teaches the backflip instead, and the results lie in a folder.
"""

import argparse
import itertools
import subprocess
import sys
from pathlib import Path

from app.desktop import NO_WINDOW
from app.doctor import as_text, can_draw, display, examine
from app.output import DEFAULT_LABELS, DEFAULT_TEACHER
from app.teach import BUNDLE, SESSION

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "out"
"""Where the folders of results are."""
TASK = "hopper-backflip"
VIDEO, SHEET = "backflip.mp4", "backflip.png"


def main() -> int:
    """The command line; gives back the exit status."""
    parser = argparse.ArgumentParser(description="Open the window, or teach without one where there is no display.")
    parser.add_argument("--labels", type=int, default=DEFAULT_LABELS, help="how many, where there is no display")
    labels = parser.parse_args().labels
    findings = examine()
    print(as_text(findings), flush=True)
    screen = display()
    if screen.good:
        status = backflip()
        if status != NO_WINDOW:
            return status
    else:
        print(f"No window can be opened: {screen.found}.", flush=True)
    return teach(fresh_folder(), labels, draw=can_draw(findings))


def teach(folder: Path, labels: int, *, draw: bool) -> int:
    """The program's main job without a window; the results are in `folder`."""
    print(f"So a simulated teacher teaches '{TASK}' with {labels} labels; the results go to '{folder}'.", flush=True)
    options = ("--teacher", DEFAULT_TEACHER, "--labels", str(labels), "--out", str(folder))
    status = backflip("teach", TASK, *options)
    if status != 0:
        return status
    if draw:
        print("Now the policy is scored and filmed.", flush=True)
        pictures = ("--video", str(folder / VIDEO), "--sheet", str(folder / SHEET))
        status = backflip("play", str(folder / BUNDLE), *pictures)
    else:
        print("This machine cannot draw, so there is neither a video nor a contact sheet.", flush=True)
    print(f"\n'{folder}' holds")
    contents = {
        VIDEO: "an episode of the policy",
        SHEET: "the first landed backflip, picture by picture, if there was one",
        BUNDLE: "the policy; it runs without us, see its README.md",
        SESSION: "the session; `backflip resume` goes on with it",
    }
    for name, what in contents.items():
        if (folder / name).exists():
            print(f"  {name:<14} {what}")
    return status


def fresh_folder() -> Path:
    """A folder for results that is not there yet."""
    names = (f"first-lesson-{number}" for number in itertools.count(1))
    return next(folder for name in names if not (folder := RESULTS / name).exists())


def backflip(*arguments: str) -> int:
    """Runs the program in a process of its own; gives back its exit status."""
    return subprocess.run([sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
