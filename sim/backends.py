"""Which way to OpenGL works on this machine, and how fast it is. Nothing here needs OpenGL to be imported."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from functools import cache
from typing import Protocol

import numpy as np

from sim.errors import UserError
from sim.importing import CHOICE_VARIABLE, LIBRARY_VARIABLE

LINUX_BACKENDS = ("egl", "osmesa")
"""In the order they are tried."""
LIBRARIES = {"egl": ("libEGL", "libegl1"), "osmesa": ("libOSMesa", "libosmesa6")}
"""The library that each of them needs, and its package on Debian and Ubuntu."""
NOT_INSTALLED = "its library is not installed"
"""The last words of a trial process whose backend's library is missing."""
SWITCHED_OFF = ("disable", "disabled", "off", "false", "0")
WITH_A_WINDOW = ("", "enable", "enabled", "on", "true", "1", "glfw", "glx")
"""Further choices that MuJoCo knows: they leave open how to draw without a window."""
QUOTED = 40
"""A wrong choice is quoted up to so many characters."""
TRIAL_SECONDS = 20.0
"""A backend that needs longer than this for a few frames hangs."""
TRIAL_SIZE = (320, 240)
TRIAL_FRAMES = 5
SOFTWARE_NAMES = ("llvmpipe", "softpipe", "swrast", "software", "swiftshader")
"""Parts of the names of OpenGL implementations that draw on the processor."""
SHADOW_BUDGET_MS = 6.0
"""Shadows are drawn where a trial frame with them takes no longer than this."""
SAMPLES = 4
"""Samples a pixel where multisampling is affordable."""


class NoRendererError(UserError):
    """This machine has no way to draw a picture off screen."""


@dataclass(frozen=True, slots=True)
class GLReport:
    """What was found out about OpenGL on this machine."""

    backend: str
    """Such as `egl` or `osmesa`."""
    renderer: str
    """The name OpenGL gives itself."""
    ms_plain: float
    """Milliseconds for a frame of TRIAL_SIZE without shadows."""
    ms_shadows: float
    """The same with shadows."""
    max_samples: int
    """Most samples a pixel that it offers."""

    @property
    def software(self) -> bool:
        """Whether pictures are computed on the processor."""
        return any(name in self.renderer.lower() for name in SOFTWARE_NAMES)


@dataclass(frozen=True, slots=True)
class Quality:
    """How much effort a picture is worth."""

    samples: int = 0
    """Samples a pixel; 0 is no multisampling."""
    shadows: bool = False
    """Real shadows; without them a soft dark patch lies below the robot."""
    reflections: bool = False

    @classmethod
    def affordable(cls, report: GLReport) -> "Quality":
        """What a machine can do while it also learns and plays clips."""
        shadows = report.ms_shadows <= SHADOW_BUDGET_MS
        samples = 0 if report.software else min(SAMPLES, report.max_samples)
        return cls(samples, shadows, reflections=shadows and not report.software)


BEST = Quality(samples=SAMPLES, shadows=True)
"""For pictures and videos that nobody waits for."""


class Context(Protocol):
    """An OpenGL context, current on one thread at a time."""

    def make_current(self) -> None:
        """Makes it the calling thread's context."""
        ...

    def free(self) -> None:
        """Gives it back, on the thread where it is current."""
        ...


def open_context(backend: str, width: int, height: int) -> Context:
    """A fresh context of the backend; drawing itself happens in an off-screen buffer of any size."""
    context: Context
    if backend in LINUX_BACKENDS:
        # PyOpenGL reads it when it is first imported, and would stick to another choice
        os.environ[LIBRARY_VARIABLE] = backend
    if backend == "egl":
        from mujoco.egl import GLContext as EGLContext

        context = EGLContext(width, height)
    elif backend == "osmesa":
        from mujoco.osmesa import GLContext as MesaContext

        context = MesaContext(width, height)
    else:
        import mujoco

        context = mujoco.GLContext(width, height)
    return context


def candidates() -> tuple[str, ...]:
    """The backends worth a trial, best first: the one asked for by environment, else all of this system.

    Raises:
        NoRendererError: drawing is switched off by the environment, or its choice is none.
    """
    asked = os.environ.get(CHOICE_VARIABLE, "").strip().lower()
    if asked in SWITCHED_OFF:
        raise NoRendererError(f"Pictures are switched off by {CHOICE_VARIABLE}={asked}: unset it to see the robot.")
    own = {"darwin": ("cgl",), "win32": ("wgl",)}.get(sys.platform, LINUX_BACKENDS)
    if asked not in (*own, *WITH_A_WINDOW):
        found = f"{CHOICE_VARIABLE}={asked[:QUOTED]}"
        raise NoRendererError(f"{found} is no way to draw: wanted {' or '.join(own)}; or unset it.")
    if own is not LINUX_BACKENDS:
        return own
    for wanted in (asked, os.environ.get(LIBRARY_VARIABLE, "").strip().lower()):
        if wanted in LINUX_BACKENDS:
            return (wanted,)
    return LINUX_BACKENDS


_probing = threading.Lock()


def probe() -> GLReport:
    """The best way to OpenGL that works here; measured once in a process, about a second.

    Each backend is tried in a process of its own, since a broken driver ends the process or hangs.

    Raises:
        NoRendererError: none works.
    """
    with _probing:  # two threads that ask at once must not measure against each other
        return _probe()


@cache
def _probe() -> GLReport:
    failures = []
    for backend in candidates():
        result = try_backend(backend)
        if isinstance(result, GLReport):
            return result
        failures.append(f"{backend}: {result}")
    raise NoRendererError(f"No way to draw with OpenGL works here: {'; '.join(failures)}{_hint(failures)}.")


def _hint(failures: list[str]) -> str:
    """What to do about it."""
    packages = " or ".join(LIBRARIES[name][1] for name in LINUX_BACKENDS if any(name in failed for failed in failures))
    return f" (on Debian and Ubuntu install {packages})" if sys.platform == "linux" else ""


def try_backend(backend: str) -> GLReport | str:
    """Draws with `backend` in a process of its own; a report, or a few words on what went wrong."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}
    if backend in LINUX_BACKENDS:
        environment |= {CHOICE_VARIABLE: backend, LIBRARY_VARIABLE: backend}
    # -P: a folder of the same name where the program was started must not stand in for ours
    command = [sys.executable, "-P", "-m", "sim.backends", backend]
    try:
        trial = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=TRIAL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no picture within {TRIAL_SECONDS:.0f} s"
    except OSError as error:
        return str(error)
    if trial.returncode == 0:
        return GLReport(**json.loads(trial.stdout.splitlines()[-1]))
    lines = trial.stderr.strip().splitlines()
    words = lines[-1].rstrip(".") if lines else f"ended with status {trial.returncode}"
    if words == NOT_INSTALLED and backend in LIBRARIES:
        words = f"{LIBRARIES[backend][0]} is not installed"
    return words


def _trial(backend: str) -> GLReport:
    """Draws a robot a few times, with and without shadows, in this process."""
    from sim.registry import get_task, task_names
    from sim.scenes import FrameRequest, TaskScene

    context = open_context(backend, *TRIAL_SIZE)
    context.make_current()
    renderer, max_samples = _describe_context()
    task = get_task(task_names()[0])
    scene = TaskScene(task, Quality())
    state = np.zeros(task.state_size)
    state[1 : 1 + task.model.nq] = task.model.qpos0
    timings = []
    for shadows in (False, True):
        request = FrameRequest(task, state, task.camera, *TRIAL_SIZE, shadows=shadows)
        scene.draw(request)  # the first frame of a kind also compiles shaders
        durations = []
        for _ in range(TRIAL_FRAMES):
            start = time.perf_counter()
            scene.draw(request)
            durations.append(time.perf_counter() - start)
        timings.append(1e3 * float(np.median(durations)))
    scene.free()
    context.free()
    return GLReport(backend, renderer, timings[0], timings[1], max_samples)


def _describe_context() -> tuple[str, int]:
    """The current context's name and its most samples a pixel."""
    from OpenGL import GL

    name = GL.glGetString(GL.GL_RENDERER)
    return name.decode() if name else "unnamed", int(GL.glGetIntegerv(GL.GL_MAX_SAMPLES))


def main() -> None:
    """The trial process: prints a report as JSON, or ends with the reason."""
    try:
        print(json.dumps(asdict(_trial(sys.argv[1]))))
    except (AttributeError, ImportError) as error:
        # PyOpenGL's ways to say it: the library that it did not find has no functions, or cannot be loaded
        if isinstance(error, AttributeError) and "'NoneType'" not in str(error):
            raise
        if isinstance(error, ImportError) and "library" not in str(error):
            raise
        raise SystemExit(NOT_INSTALLED) from error


if __name__ == "__main__":
    main()
