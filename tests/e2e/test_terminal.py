"""What a person sees on a terminal, and what happens where there is none, or where it goes away."""

import itertools
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.command import TASK, assert_one_clear_line, backflip, command, environment
from tests.e2e.terminal import on_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no pseudo terminals")
TYPO = ("teach", TASK, "--lables", "3")
QUICK_STATUS = (0, 130)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def started(home: Path, shell: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs a line of the shell, in which `"$@"` is the command."""
    return subprocess.run(
        ["bash", "-c", shell, "bash", *command(*arguments)],
        env=environment(home), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def labels_in(database: Path) -> int:
    """How many labels a session has that is open elsewhere; 0 while it is made."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM feedback_event").fetchone()[0])


@pytest.mark.parametrize("columns", [20, 40, 200])
def test_a_mistake_reads_the_same_on_a_terminal_as_in_a_pipe(home: Path, columns: int) -> None:
    status, said = on_terminal(home, *TYPO, columns=columns)
    done = backflip(home, *TYPO)
    assert_one_clear_line(done, "--lables", "did you mean '--labels'")
    assert (status, said) == (2, done.stderr)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_encoding_will_do(home: Path, encoding: str) -> None:
    done = backflip(home, "resume", os.fsdecode(b"/caf\xe9\xe2\x82\xac"), PYTHONIOENCODING=encoding, LANG="C")
    assert_one_clear_line(done, r"SESSION is '/caf\xe9", "in UTF-8")
    assert "Traceback" not in backflip(home, "--help", PYTHONIOENCODING=encoding).stderr
    assert backflip(home, "tasks", PYTHONIOENCODING=encoding).returncode == 0


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_help_fits_and_has_no_colours(home: Path, columns: int) -> None:
    status, said = on_terminal(home, "help", columns=columns)
    lines = said.splitlines()
    assert status == 0 and "\x1b" not in said and max(map(len, lines)) <= columns
    for word in ("teach", "--version", "completion", "Examples:"):
        assert word in said
    of_one = backflip(home, "help", "bench", COLUMNS=str(columns)).stdout
    assert "--seeds" in of_one and max(map(len, of_one.splitlines())) <= columns and "\x1b" not in of_one


def test_the_version_is_a_line(home: Path) -> None:
    for option in ("--version", "-V"):
        assert backflip(home, option).stdout.split()[0] == "backflip"
    assert backflip(home, "--version").stdout.count("\n") == 1


def test_the_script_for_completion_works_in_bash(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(backflip(home, "completion", "bash").stdout)
    ask = (
        f"source '{script}'; f=$(complete -p backflip | sed 's/.*-F \\([^ ]*\\).*/\\1/'); "
        "COMP_WORDS=(backflip teach --la); COMP_CWORD=2; COMP_LINE='backflip teach --la'; COMP_POINT=19; "
        '"$f" backflip --la teach; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=False)
    assert "--labels" in done.stdout, done.stderr
    assert backflip(home, "completion", "zsh").stdout.startswith("#compdef backflip")
    assert_one_clear_line(backflip(home, "completion", "bahs"), "did you mean 'bash'")


@pytest.mark.parametrize("columns", [20, 80])
def test_progress_is_never_wider_than_the_terminal(home: Path, tmp_path: Path, columns: int) -> None:
    status, said = on_terminal(home, "teach", TASK, "--labels", 2, "--out", tmp_path, columns=columns, TERM="dumb")
    drawn = [line for line in said.replace("\r", "\n").splitlines() if " labels" in line and "by '" not in line]
    assert status == 0 and drawn and max(map(len, drawn)) < columns, drawn
    assert "\x1b" not in said


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_missing_streams_are_no_trouble(home: Path, closed: str) -> None:
    done = started(home, f'"$@" {closed}', "sessions")
    assert done.returncode == 0 and not done.stderr


def test_a_missing_stream_is_not_written_to_a_database(home: Path, tmp_path: Path) -> None:
    done = started(home, '"$@" 2>&- <&- >&-', "teach", TASK, "--labels", 1, "--out", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "session" / "session.sqlite3").read_bytes().startswith(b"SQLite format 3")
    assert backflip(home, "replay", tmp_path / "session", "--check").returncode == 0


def test_output_that_cannot_be_written_is_told_in_a_line(home: Path) -> None:
    for arguments in (("tasks", "--json"), ("--help",), ("--version",), ("completion", "bash")):
        assert_one_clear_line(started(home, '"$@" >/dev/full', *arguments), "output", "No space left")
    closed = started(home, '"$@" | true; exit ${PIPESTATUS[0]}', "completion", "bash")
    assert closed.returncode not in (0, 120) and closed.stderr == ""
    assert started(home, '"$@" 2>/dev/full', *TYPO).returncode == 2


@pytest.mark.parametrize("arguments", [("tasks",), ("--help",), ("teach", TASK, "--labels", "1")])
def test_ctrl_c_at_any_instant_ends_without_a_traceback(home: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    numbers = itertools.cycle([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    for step, number in zip(range(1, 11), numbers, strict=False):
        place = ("--out", str(tmp_path / str(step))) if arguments[0] == "teach" else ()
        process = subprocess.Popen(
            command(*arguments, *place),
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(0.1 + 0.1 * step)  # Python itself, before any line of ours, may need some 0.1 s
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        assert process.returncode in QUICK_STATUS, (step, number, process.returncode, said)
        assert "Traceback" not in said and "ignored" not in said, (step, number, said)


def heeds_hang_up() -> None:
    """Also where the tests themselves run under nohup, which what they start inherits."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_a_closed_terminal_stops_teaching_after_a_checkpoint_and_nohup_does_not(home: Path, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            command("teach", TASK, "--labels", 100_000, "--out", tmp_path / "one"), env=environment(home), stderr=log,
            preexec_fn=heeds_hang_up,
        )  # fmt: skip
        ignoring = subprocess.Popen(
            ["nohup", *command("teach", TASK, "--labels", 100_000, "--out", tmp_path / "two")],
            env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        for folder in ("one", "two"):
            while not labels_in(tmp_path / folder / "session" / "session.sqlite3"):
                assert process.poll() is None and ignoring.poll() is None
                time.sleep(0.1)
        for each in (process, ignoring):
            each.send_signal(signal.SIGHUP)
        assert process.wait(timeout=60) == 130
        log.seek(0)
        assert "backflip resume" in log.read().splitlines()[-1]
    assert list((tmp_path / "one" / "session" / "checkpoints").glob("*.safetensors"))
    assert ignoring.poll() is None, "nohup has it ignored"
    ignoring.send_signal(signal.SIGINT)
    _, said = ignoring.communicate(timeout=60)
    assert ignoring.returncode == 130 and "backflip resume" in said
