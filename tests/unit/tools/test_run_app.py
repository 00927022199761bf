"""What `make app` does with and without a display."""

import itertools
from pathlib import Path

import pytest

from app.desktop import NO_WINDOW
from app.doctor import Finding
from tools import run_app


class Program:
    """Stands for `backflip`: remembers its command lines, and leaves behind what the commands would."""

    def __init__(self, **statuses: int) -> None:
        self.statuses = statuses
        self.calls: list[tuple[str, ...]] = []

    def __call__(self, *arguments: str) -> int:
        self.calls.append(arguments)
        command = arguments[0] if arguments else "desktop"
        status = self.statuses.get(command, 0)
        options = dict(itertools.pairwise(arguments))
        if status == 0 and command == "teach":
            for name in (run_app.BUNDLE, run_app.SESSION):
                (Path(options["--out"]) / name).mkdir(parents=True)
        if status == 0 and command == "play":
            Path(options["--video"]).touch()
            Path(options["--sheet"]).touch()
        return status


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the folders of results go."""
    folder = tmp_path / "a b" / "out"
    monkeypatch.setattr(run_app, "RESULTS", folder)
    return folder


def run(monkeypatch: pytest.MonkeyPatch, program: Program, *, display: bool, opengl: bool = True) -> int:
    monkeypatch.setattr(run_app, "backflip", program)
    monkeypatch.setattr(run_app, "examine", lambda: [Finding("OpenGL egl", opengl, "")])
    monkeypatch.setattr(run_app, "display", lambda: Finding("display", display, "DISPLAY is not set"))
    monkeypatch.setattr("sys.argv", ["run_app", "--labels", "30"])
    return run_app.main()


def test_with_a_display_the_window_opens(monkeypatch: pytest.MonkeyPatch, results: Path) -> None:
    program = Program(desktop=1)
    assert run(monkeypatch, program, display=True) == 1, "its status is ours"
    assert program.calls == [()]
    assert not results.exists()


def test_without_a_display_a_teacher_teaches_and_the_results_are_named(
    monkeypatch: pytest.MonkeyPatch, results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program()
    assert run(monkeypatch, program, display=False) == 0
    folder = results / "first-lesson-1"
    taught = ("teach", "hopper-backflip", "--teacher", "oracle", "--labels", "30", "--out", str(folder))
    played = ("--video", str(folder / "backflip.mp4"), "--sheet", str(folder / "backflip.png"))
    assert program.calls == [taught, ("play", str(folder / "bundle"), *played)]
    said = capsys.readouterr().out
    assert "No window can be opened: DISPLAY is not set.\n" in said
    assert f"'{folder}' holds" in said
    for name in ("backflip.mp4", "backflip.png", "bundle", "session"):
        assert f"  {name} " in said


def test_again_takes_a_fresh_folder(monkeypatch: pytest.MonkeyPatch, results: Path) -> None:
    for _ in range(2):
        assert run(monkeypatch, Program(), display=False) == 0
    assert sorted(path.name for path in results.iterdir()) == ["first-lesson-1", "first-lesson-2"]


def test_a_display_that_is_not_there_after_all_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program(desktop=NO_WINDOW)
    assert run(monkeypatch, program, display=True) == 0
    assert [call[:1] for call in program.calls] == [(), ("teach",), ("play",)]


def test_without_opengl_there_is_a_policy_and_no_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = Program()
    assert run(monkeypatch, program, display=False, opengl=False) == 0
    assert [call[0] for call in program.calls] == ["teach"]
    said = capsys.readouterr().out
    assert "cannot draw" in said and "  bundle " in said and "  backflip.mp4 " not in said


@pytest.mark.parametrize(("command", "status"), [("teach", 130), ("play", 2)])
def test_what_fails_is_not_called_done(monkeypatch: pytest.MonkeyPatch, command: str, status: int) -> None:
    assert run(monkeypatch, Program(**{command: status}), display=False) == status
