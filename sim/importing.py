"""Imports MuJoCo where MUJOCO_GL asks for a way to draw that does not work here.

`import mujoco` reads that variable, and ends in an error of PyOpenGL or in a RuntimeError where the library is missing
or the name is none. What draws nothing must work all the same; what draws says which library it is: see `sim.backends`.
"""

import importlib
import os
import sys

CHOICE_VARIABLE = "MUJOCO_GL"
"""Environment variable by which a person chooses the backend, as in MuJoCo itself."""
LIBRARY_VARIABLE = "PYOPENGL_PLATFORM"
"""Environment variable by which PyOpenGL is told the same; it must agree."""
OFF = "off"
"""The value of CHOICE_VARIABLE with which MuJoCo imports no OpenGL at all."""
MUJOCO = "mujoco"


def import_mujoco() -> None:
    """Imports MuJoCo, without a way to draw where the chosen one fails. The environment stays as it is.

    Raises:
        ImportError: MuJoCo itself is not installed.
    """
    before = {name: os.environ.get(name) for name in (CHOICE_VARIABLE, LIBRARY_VARIABLE)}
    try:
        importlib.import_module(MUJOCO)
    except ImportError:
        raise
    except Exception:  # noqa: BLE001 - an AttributeError of PyOpenGL's, a RuntimeError of MuJoCo's, an OSError of a loader
        os.environ[CHOICE_VARIABLE] = OFF
        package = importlib.import_module(MUJOCO)
        # parts that the first attempt loaded are known to Python, but not to the package, which is a fresh one
        for name, part in list(sys.modules.items()):
            parent, _, child = name.rpartition(".")
            if parent == MUJOCO and not hasattr(package, child):
                setattr(package, child, part)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def prepare() -> None:
    """Imports MuJoCo now, if it may fail later: only a choice made by environment can make it fail."""
    if os.environ.get(CHOICE_VARIABLE) and MUJOCO not in sys.modules:
        import_mujoco()
