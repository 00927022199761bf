"""Finding a way to OpenGL."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

import sim.backends
from sim.backends import GLReport, NoRendererError, Quality, candidates

SOFTWARE = GLReport("egl", "llvmpipe (LLVM 15.0.6, 256 bits)", 3.0, 12.0, 4)
GRAPHICS_CARD = GLReport("egl", "NVIDIA RTX", 0.8, 1.5, 32)


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """No choice made by the environment, and nothing remembered."""
    for variable in (sim.backends.CHOICE_VARIABLE, sim.backends.LIBRARY_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    sim.backends._probe.cache_clear()
    yield
    sim.backends._probe.cache_clear()


def test_quality_follows_what_was_measured():
    assert Quality.affordable(SOFTWARE) == Quality(samples=0, shadows=False, reflections=False)
    assert Quality.affordable(GRAPHICS_CARD) == Quality(samples=4, shadows=True, reflections=True)
    weak = GLReport("egl", "Old Card", 5.0, 30.0, 2)
    assert Quality.affordable(weak) == Quality(samples=2, shadows=False, reflections=False)


def test_the_environment_chooses(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert candidates() == ("egl", "osmesa")
    monkeypatch.setenv("PYOPENGL_PLATFORM", "osmesa")
    assert candidates() == ("osmesa",)
    monkeypatch.setenv("MUJOCO_GL", "EGL")
    assert candidates() == ("egl",)
    monkeypatch.setenv("MUJOCO_GL", "off")
    with pytest.raises(NoRendererError, match="MUJOCO_GL=off"):
        candidates()


@pytest.mark.parametrize(("platform", "backends"), [("darwin", ("cgl",)), ("win32", ("wgl",))])
def test_other_systems_have_one_way(monkeypatch, platform, backends):
    monkeypatch.setattr("sys.platform", platform)
    assert candidates() == backends


def answer(returncode: int, stdout: str = "", stderr: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], returncode, stdout, stderr)


def test_the_second_backend_serves_when_the_first_fails(monkeypatch):
    report = {"backend": "osmesa", "renderer": "x", "ms_plain": 1.0, "ms_shadows": 2.0, "max_samples": 4}
    calls = []

    def run(command, env, **_):
        calls.append((command[-1], env["MUJOCO_GL"], env["PYOPENGL_PLATFORM"]))
        if command[-1] == "egl":
            return answer(-11)
        return answer(0, "libGL talks on stdout\n" + json.dumps(report) + "\n")

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(subprocess, "run", run)
    assert sim.backends.probe().backend == "osmesa"
    assert sim.backends.probe().backend == "osmesa"
    assert calls == [("egl",) * 3, ("osmesa",) * 3], "tried again, or in another order"


def test_when_nothing_works_one_sentence_says_why(monkeypatch):
    def run(command, timeout, **_):
        if command[-1] == "egl":
            raise subprocess.TimeoutExpired(command, timeout)
        return answer(1, stderr="Traceback ...\n  File x\nImportError: no OSMesa.\n")

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(NoRendererError) as caught:
        sim.backends.probe()
    message = str(caught.value)
    assert "egl: no picture within 20 s" in message
    assert "osmesa: ImportError: no OSMesa" in message
    assert "\n" not in message
    assert message.endswith(".")


def test_a_missing_library_is_told_from_a_mistake_of_ours(monkeypatch):
    """PyOpenGL says it as an attribute that None lacks."""

    def fail_with(value: object) -> None:
        monkeypatch.setattr(sim.backends, "_trial", lambda _backend: value.glGetError())

    monkeypatch.setattr("sys.argv", ["sim.backends", "osmesa"])
    fail_with(None)
    with pytest.raises(SystemExit, match=r"^its library is not installed$"):
        sim.backends.main()
    fail_with(3)
    with pytest.raises(AttributeError, match="'int'"):
        sim.backends.main()


@pytest.mark.parametrize(("variable", "value"), [("PYOPENGL_PLATFORM", "glx"), ("MUJOCO_GL", "glfw")])
def test_a_choice_that_needs_a_window_does_not_stop_drawing(renderer, variable, value):
    program = """
        import numpy as np
        from sim.registry import get_task
        from sim.render import FrameRequest, create_renderer
        task = get_task("hopper-backflip")
        with create_renderer() as renderer:
            print(renderer.render(FrameRequest(task, np.zeros(task.state_size), task.camera)).std() > 5)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    ended = subprocess.run(command, env={**os.environ, variable: value}, capture_output=True, text=True, check=False)
    assert (ended.stdout.strip(), ended.returncode) == ("True", 0), ended.stderr


def test_everything_imports_without_opengl():
    modules = "sim.backends, sim.camera, sim.clip, sim.cues, sim.envs, sim.render, sim.scenes, sim.video"
    program = f"import {modules}, sys; print('OpenGL' in sys.modules, 'torch' in sys.modules, 'PySide6' in sys.modules)"
    environment = {**os.environ, "MUJOCO_GL": "off"}
    ended = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["False"] * 3


def test_a_choice_that_is_none_is_told_with_those_there_are(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("MUJOCO_GL", "nonsense" * 100)
    with pytest.raises(NoRendererError, match="wanted egl or osmesa") as caught:
        candidates()
    assert len(str(caught.value)) < 150
    for choice in ("glfw", "glx", "on", "1", ""):
        monkeypatch.setenv("MUJOCO_GL", choice)
        assert candidates() == ("egl", "osmesa")
