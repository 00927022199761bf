"""Ways to draw that are not there: what draws nothing works, and what draws says what is missing."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SHIM = """
    import ctypes, ctypes.util
    HIDDEN = {hidden}
    find, load = ctypes.util.find_library, ctypes.CDLL.__init__
    def is_hidden(name): return name is not None and any(part in str(name) for part in HIDDEN)
    def find_library(name): return None if is_hidden(name) else find(name)
    def init(self, name, *others, **named):
        if is_hidden(name):
            raise OSError(f"{{name}}: cannot open shared object file: No such file or directory")
        load(self, name, *others, **named)
    ctypes.util.find_library, ctypes.CDLL.__init__ = find_library, init
"""
"""Goes before everything else: libraries with these words in their names are not found."""
SIMULATE = """
    import os
    from sim.envs import TaskEnv
    env = TaskEnv("hopper-backflip", render_mode="rgb_array")
    env.reset(seed=0)
    env.step([0, 0, 0])
    print("simulated", os.environ.get("MUJOCO_GL"), os.environ.get("PYOPENGL_PLATFORM"))
    try:
        print(env.render().shape)
    except Exception as error:
        print(type(error).__name__, error)
"""
EVERYTHING = ("OSMesa", "EGL")


def run(folder: Path, choice: str | None, hidden: tuple[str, ...]) -> list[str]:
    """The lines of SIMULATE, on a machine that lacks some libraries."""
    (folder / "sitecustomize.py").write_text(textwrap.dedent(SHIM.format(hidden=hidden)))
    environment = {name: value for name, value in os.environ.items() if name not in ("MUJOCO_GL", "PYOPENGL_PLATFORM")}
    environment["PYTHONPATH"] = os.pathsep.join((str(folder), os.getcwd()))
    environment |= {} if choice is None else {"MUJOCO_GL": choice}
    command = [sys.executable, "-c", textwrap.dedent(SIMULATE)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert ended.returncode == 0 and "Traceback" not in ended.stderr, ended.stderr
    return ended.stdout.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one way to draw, and it is always there")
@pytest.mark.parametrize(
    ("choice", "hidden", "wanted"),
    [
        ("osmesa", EVERYTHING, ["osmesa: libOSMesa is not installed", "libosmesa6"]),
        ("egl", EVERYTHING, ["egl: libEGL is not installed", "libegl1"]),
        ("glfw", EVERYTHING, ["libEGL is not installed", "libOSMesa is not installed", "libegl1 or libosmesa6"]),
        (None, EVERYTHING, ["libEGL is not installed", "libOSMesa is not installed", "libegl1 or libosmesa6"]),
        ("nonsense", (), ["MUJOCO_GL=nonsense is no way to draw: wanted egl or osmesa"]),
        ("off", (), ["switched off by MUJOCO_GL=off"]),
    ],
)
def test_what_draws_nothing_works_and_what_draws_names_the_library(tmp_path, choice, hidden, wanted):
    simulated, *told = run(tmp_path, choice, hidden)
    assert simulated == f"simulated {choice} None", "the choice is the user's, and other programs may need it"
    assert len(told) == 1
    assert told[0].startswith("NoRendererError ")
    assert all(words in told[0] for words in wanted), told[0]
