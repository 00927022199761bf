"""What this machine can do."""

import os
import platform
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from app.paths import log_file, sessions_dir, settings_file
from app.session import own_version
from sim.backends import GLReport, NoRendererError, candidates, try_backend
from sim.cores import usable_cores

PACKAGES = ("mujoco", "torch", "PySide6_Essentials", "gymnasium", "numpy", "av", "onnxruntime", "SQLAlchemy")
OPENGL = "OpenGL"
WITHOUT_OPENGL = "pictures and videos need one way to OpenGL; teaching does not"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool
    found: str
    without: str = ""
    """What goes on, or does not, when it is missing."""


def examine(*, try_opengl: bool = True) -> list[Finding]:
    """Looks at everything. Each look is guarded: a machine that lacks something still gets the whole list.

    Args:
        try_opengl: whether to try every way to OpenGL, each in a process of its own, which takes seconds.
    """
    return [
        Finding("backflip", True, own_version()),
        Finding("system", True, f"{platform.platform()}, Python {platform.python_version()}"),
        _cores(),
        *[_package(name) for name in PACKAGES],
        *_ways_to_opengl(try_opengl),
        display(),
        _codec(),
        _folder(),
        Finding("settings", True, str(settings_file())),
        Finding("log", True, str(log_file())),
    ]


def as_text(findings: list[Finding]) -> str:
    """One line a finding."""
    width = max(len(finding.what) for finding in findings)
    lines = []
    for finding in findings:
        hint = f" ({finding.without})" if not finding.good and finding.without else ""
        lines.append(f"{'ok ' if finding.good else 'no '} {finding.what:<{width}}  {finding.found}{hint}")
    return "\n".join(lines)


def display() -> Finding:
    """Whether a window can be opened."""
    without = "no window; `backflip teach` and the other commands work"
    if sys.platform != "linux":
        return Finding("display", True, "the system's own")
    platform_plugin = os.environ.get("QT_QPA_PLATFORM", "")
    if platform_plugin and platform_plugin not in ("xcb", "wayland"):
        return Finding("display", True, f"QT_QPA_PLATFORM={platform_plugin}")
    for variable in ("WAYLAND_DISPLAY", "DISPLAY"):
        if os.environ.get(variable):
            return Finding("display", True, f"{variable}={os.environ[variable]}")
    return Finding("display", False, "neither DISPLAY nor WAYLAND_DISPLAY is set", without)


def _cores() -> Finding:
    usable = usable_cores()
    return Finding(
        "cores", usable >= 2, f"{usable} usable", "learning and drawing share one core: expect half the speed"
    )


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "missing", "run `make app` again")


def can_draw(findings: list[Finding]) -> bool:
    """Whether pictures and videos can be made."""
    return any(finding.good for finding in findings if finding.what.startswith(OPENGL))


def _ways_to_opengl(try_them: bool) -> list[Finding]:
    if not try_them:
        return []
    try:
        backends = candidates()
    except NoRendererError as error:
        return [Finding(OPENGL, False, str(error), WITHOUT_OPENGL)]
    with ThreadPoolExecutor(len(backends)) as pool:  # each waits for a process of its own
        reports = list(pool.map(try_backend, backends))
    works = any(isinstance(report, GLReport) for report in reports)
    without = "not needed: another way works" if works else WITHOUT_OPENGL
    return [
        Finding(f"{OPENGL} {backend}", True, report.renderer)
        if isinstance(report, GLReport)
        else Finding(f"{OPENGL} {backend}", False, report, without)
        for backend, report in zip(backends, reports, strict=True)
    ]


def _codec() -> Finding:
    without = "no videos"
    try:
        import av

        av.codec.Codec("libx264", "w")
    except Exception as error:  # noqa: BLE001 - PyAV raises its own kinds, and ImportError for a broken wheel
        return Finding("H.264 video", False, f"{type(error).__name__}: {error}", without)
    return Finding("H.264 video", True, "libx264")


def _folder() -> Finding:
    folder = sessions_dir()
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free / 1e9
    return Finding(
        "sessions", os.access(place, os.W_OK), f"{folder}, {free:.1f} GB free", "new sessions cannot be made there"
    )
