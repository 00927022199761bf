"""Set-up: what is missing is named with its package, nothing is done twice, and nothing half done counts as done."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import set_up

EGL, CURSOR = "libEGL.so.1", "libxcb-cursor.so.0"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, with a space in its path."""
    root = tmp_path / "a b"
    root.mkdir()
    for name in set_up.PINNED:
        (root / name).write_text("first")
    monkeypatch.setattr(set_up, "ROOT", root)
    monkeypatch.setattr(set_up, "ENVIRONMENT", root / ".venv")
    monkeypatch.setattr(set_up, "PYTHON", root / ".venv" / "bin" / "python")
    monkeypatch.setattr(set_up, "STAMP", root / ".venv" / "ready.json")
    return root


class System:
    """A system that has all libraries but some, and a package manager that may mend that."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *lacking: str, allowed: bool, screen: bool = True) -> None:
        self.lacking = set(lacking)
        self.asked: list[tuple[str, ...]] = []
        programs = {"apt-get", "Xvfb"} if screen else {"apt-get"}
        monkeypatch.setattr(set_up.sys, "platform", "linux")
        monkeypatch.setattr(set_up.importlib.util, "find_spec", lambda name: name)
        monkeypatch.setattr(set_up.shutil, "which", lambda name: name if name in programs else None)
        monkeypatch.setattr(set_up, "loads", lambda library: library not in self.lacking)
        monkeypatch.setattr(set_up, "privilege", lambda: [] if allowed else None)
        monkeypatch.setattr(set_up, "apt_get", self._apt_get)

    def _apt_get(self, prefix: list[str], *arguments: str) -> None:
        self.asked.append(arguments)
        self.lacking = {name for name in self.lacking if set_up.LIBRARIES[name] not in arguments}


def test_what_is_missing_is_installed_where_that_is_allowed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    system = System(monkeypatch, EGL, CURSOR, allowed=True)
    set_up.provide_system_packages(testing=False)
    assert system.asked[0] == ("update",)
    assert system.asked[1][0] == "install" and set(system.asked[1]) >= {"libegl1", "libxcb-cursor0"}
    assert "To install them" not in capsys.readouterr().err
    set_up.provide_system_packages(testing=False)
    assert len(system.asked) == 2, "nothing was missing any more"


def test_else_the_line_to_type_is_printed_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    system = System(monkeypatch, EGL, allowed=False)
    set_up.provide_system_packages(testing=True)
    said = capsys.readouterr().err
    assert not system.asked
    assert "sudo apt-get update && sudo apt-get install --no-install-recommends libegl1\n" in said
    assert EGL in said and set_up.WITHOUT_LIBRARIES in said and CURSOR not in said


def test_the_tests_do_not_start_without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    System(monkeypatch, allowed=False, screen=False)
    set_up.provide_system_packages(testing=False)
    with pytest.raises(set_up.SetUpError, match="Xvfb is missing"):
        set_up.provide_system_packages(testing=True)


def test_a_python_without_ensurepip_needs_a_package(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    System(monkeypatch, allowed=False)
    monkeypatch.setattr(set_up.importlib.util, "find_spec", lambda _name: None)
    minor = set_up.sys.version_info.minor
    assert set_up.missing(testing=False) == {"ensurepip": f"python3.{minor}-venv"}
    make_environment(folder)
    assert set_up.missing(testing=False) == {}, "only to make the environment"


def make_environment(folder: Path) -> None:
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)


Commands = list[tuple[str, ...]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Commands:
    """What was run; each succeeds."""
    run: Commands = []

    def record(_complaint: str, *command: str) -> None:
        run.append(command)
        if "venv" in command:
            make_environment(folder)

    monkeypatch.setattr(set_up, "run", record)
    return run


def made(commands: Commands) -> int:
    return sum("venv" in command for command in commands)


def installed(commands: Commands) -> list[str]:
    return [word for command in commands for word in command if word in (".", ".[dev]")]


def test_nothing_is_done_twice(commands: Commands) -> None:
    set_up.provide_environment(testing=False)
    assert made(commands) == 1 and installed(commands) == ["."]
    set_up.provide_environment(testing=False)
    assert len(installed(commands)) == 1


def test_what_the_tests_need_comes_on_top_and_stays(commands: Commands, folder: Path) -> None:
    for testing in (False, True, False, True):
        set_up.provide_environment(testing)
    assert installed(commands) == [".", ".[dev]"]
    (folder / "constraints.txt").write_text("second")
    set_up.provide_environment(testing=False)
    assert installed(commands) == [".", ".[dev]", ".[dev]"] and made(commands) == 1


def test_a_moved_folder_gets_a_new_environment(commands: Commands) -> None:
    set_up.provide_environment(testing=False)
    stamp = json.loads(set_up.STAMP.read_text())
    set_up.STAMP.write_text(json.dumps({**stamp, "folder": "/elsewhere"}))
    set_up.provide_environment(testing=False)
    assert made(commands) == 2 and installed(commands) == [".", "."]


def test_an_environment_that_somebody_made_by_hand_is_used(commands: Commands, folder: Path) -> None:
    make_environment(folder)
    set_up.provide_environment(testing=False)
    assert made(commands) == 0 and installed(commands) == ["."]


@pytest.mark.parametrize("damage", ["{", "[1]", ""])
def test_a_damaged_stamp_is_no_stamp(commands: Commands, damage: str) -> None:
    set_up.provide_environment(testing=False)
    set_up.STAMP.write_text(damage)
    set_up.provide_environment(testing=False)
    assert installed(commands) == [".", "."] and made(commands) == 1


def test_a_failed_installation_counts_as_none(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    set_up.provide_environment(testing=False)
    (folder / "pyproject.toml").write_text("second")

    def fail(*_: str) -> None:
        raise set_up.SetUpError("no network")

    with monkeypatch.context() as patch:
        patch.setattr(set_up, "run", fail)
        with pytest.raises(set_up.SetUpError):
            set_up.provide_environment(testing=False)
    assert not set_up.STAMP.exists()
    set_up.provide_environment(testing=False)
    assert installed(commands) == [".", "."]


def test_a_command_that_fails_says_what_could_not_be_done() -> None:
    with pytest.raises(set_up.SetUpError, match=r"^it broke; "):
        set_up.run("it broke", "false")
    set_up.run("it did not break", "true")


def test_silent_privilege_is_root_or_a_sudo_that_asks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def sudo(status: int) -> Callable[..., subprocess.CompletedProcess[str]]:
        return lambda command, **_: subprocess.CompletedProcess(command, status)

    monkeypatch.setattr(set_up.os, "geteuid", lambda: 0)
    assert set_up.privilege() == []
    monkeypatch.setattr(set_up.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(set_up.shutil, "which", lambda _name: None)
    assert set_up.privilege() is None
    monkeypatch.setattr(set_up.shutil, "which", lambda name: name)
    monkeypatch.setattr(set_up.subprocess, "run", sudo(1))
    assert set_up.privilege() is None
    monkeypatch.setattr(set_up.subprocess, "run", sudo(0))
    assert set_up.privilege() == ["sudo", "-n"]
