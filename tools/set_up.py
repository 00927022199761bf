"""Makes the folder ready to run: system libraries, virtual environment, pinned dependencies.

    python3 tools/set_up.py [app | test]

Needs Python 3.11 and nothing else. Does nothing, in a fraction of a second, when nothing is to be done.
"""

import argparse
import ctypes
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "ready.json"
"""What was installed; written when all of it was."""
PINNED = ("pyproject.toml", "constraints.txt")

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""What Qt's windows and MuJoCo's pictures load from the system, and Debian's packages of it."""
SCREEN = {"Xvfb": "xvfb"}
"""The same for the program that gives the tests a screen."""
WITHOUT_LIBRARIES = "Until then no window opens and no picture is drawn; `backflip teach` works."
WITHOUT_SCREEN = "Without it the tests of the window cannot run."
LOCK_SECONDS = 120
"""How long to wait for another package manager."""


class SetUpError(Exception):
    """Something that must be there cannot be had; the text is what to do."""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Make this folder ready to run.")
    parser.add_argument("purpose", nargs="?", choices=("app", "test"), default="app")
    testing = parser.parse_args().purpose == "test"
    try:
        provide_system_packages(testing)
        provide_environment(testing)
    except SetUpError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


def provide_system_packages(testing: bool) -> None:
    """Installs what the system lacks, or says what to type.

    Raises:
        SetUpError: what cannot be done without is missing, and may not be installed.
    """
    if sys.platform != "linux":
        return
    wanted = missing(testing)
    if not wanted:
        return
    if shutil.which("apt-get") is None:
        tell(f"this system lacks {', '.join(wanted)}: install the packages that hold them. {WITHOUT_LIBRARIES}")
    else:
        prefix = privilege()
        if prefix is not None:
            tell(f"installing {' '.join(wanted.values())}")
            apt_get(prefix, "update")
            apt_get(prefix, "install", "-y", "--no-install-recommends", *wanted.values())
        wanted = missing(testing)
        if wanted:
            packages = " ".join(wanted.values())
            tell(f"this system lacks {', '.join(wanted)}. {WITHOUT_LIBRARIES} To install them, type:")
            tell(f"  sudo apt-get update && sudo apt-get install --no-install-recommends {packages}")
    if testing and "Xvfb" in wanted:
        raise SetUpError(f"Xvfb is missing. {WITHOUT_SCREEN}")


def missing(testing: bool) -> dict[str, str]:
    """Libraries and programs that are not there, and Debian's packages of them."""
    found = {library: package for library, package in LIBRARIES.items() if not loads(library)}
    if importlib.util.find_spec("ensurepip") is None and not PYTHON.exists():
        found["ensurepip"] = f"python3.{sys.version_info.minor}-venv"
    if testing:
        found |= {program: package for program, package in SCREEN.items() if shutil.which(program) is None}
    return found


def loads(library: str) -> bool:
    """Whether the system's loader finds `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def privilege() -> list[str] | None:
    """What to put before a command so that it may change the system; None if nothing helps without asking."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    silent = ["sudo", "-n"]
    return silent if subprocess.run([*silent, "true"], capture_output=True, check=False).returncode == 0 else None


def apt_get(prefix: list[str], *arguments: str) -> None:
    """Runs apt-get; whether it helped is seen afterwards."""
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o"]
    subprocess.run([*command, f"DPkg::Lock::Timeout={LOCK_SECONDS}", *arguments], stdin=subprocess.DEVNULL, check=False)


def provide_environment(testing: bool) -> None:
    """Makes the virtual environment, and installs the pinned dependencies and the program itself.

    Raises:
        SetUpError: they cannot be installed.
    """
    wanted = {"folder": str(ROOT), "pinned": fingerprint()}
    before = read_stamp()
    if PYTHON.exists() and {key: before.get(key) for key in wanted} == wanted and (before.get("dev") or not testing):
        return
    STAMP.unlink(missing_ok=True)
    if not works(PYTHON) or before.get("folder", str(ROOT)) != str(ROOT):
        # the scripts of an environment that was moved point to where it was
        tell(f"making the virtual environment '{ENVIRONMENT}'")
        run("the virtual environment cannot be made", sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT))
    dev = testing or bool(before.get("dev"))
    tell("installing the pinned dependencies; the first time this takes a few minutes")
    # with no isolation, what builds the package is pinned like everything else
    install("--quiet", "setuptools")
    install("--no-build-isolation", "--editable", ".[dev]" if dev else ".", *(["--quiet"] if before else []))
    STAMP.write_text(json.dumps({**wanted, "dev": dev}) + "\n", encoding="utf-8")


def fingerprint() -> str:
    """Changes with whatever says what is to be installed."""
    digest = hashlib.sha256()
    for name in PINNED:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_stamp() -> dict[str, object]:
    """What is installed; empty if it is not known to be whole."""
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def works(python: Path) -> bool:
    """Whether it is an environment's interpreter, new enough, that can install."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def install(*arguments: str) -> None:
    """Runs pip under the constraints."""
    pip = (str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--constraint", "constraints.txt")
    run("the dependencies could not be installed (the reason is above)", *pip, *arguments)


def run(complaint: str, *command: str) -> None:
    """Runs a command in the project's folder.

    Raises:
        SetUpError: it failed.
    """
    if subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise SetUpError(f"{complaint}; mend that, and type the same command again.")


def tell(sentence: str) -> None:
    """Says what is going on."""
    print(f"set-up: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
