"""The command line: errors as one sentence, paths and numbers checked in one place, help and versions that fit."""

from pathlib import Path

import pytest

from app.arguments import MOST_SEED, any_path, output_file, output_folder, real_number, whole_number
from app.cli import run
from app.cli.parser import parse
from app.errors import UsageError
from app.paths import sessions_dir
from app.plain_json import to_json


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("teach hopper-hop --lables 3", "`backflip teach` has no option '--lables': did you mean '--labels'"),
        ("teach hopper-hop --labels", "--labels needs a value"),
        ("teach hopper-hop --labels=", "--labels is '', wanted a whole number from 1 to"),
        ("teach hopper-hop --labels 3 4", "'4' is one argument too many"),
        ("teach", "`backflip teach` needs TASK"),
        ("teach hopper-hop --seed -1", "--seed is -1, wanted 0 to"),
        (f"teach hopper-hop --seed {2**64}", f"--seed is {2**64}, wanted 0 to {MOST_SEED}"),
        ("teach hopper-hop --seed 1.5", "--seed is '1.5', wanted a whole number"),
        ("teach hopper-hop --minutes nan", "--minutes is nan, wanted 0 to 1440"),
        ("teach hopper-hop --minutes inf", "--minutes is inf, wanted 0 to 1440"),
        ("teach hopper-hop --minutes 1e300", "--minutes is 1e300"),
        ("play x --episodes 0", "--episodes is 0, wanted 1 to"),
        ("play x --video film.txt", "--video is 'film.txt', wanted a file that ends in .mp4 or .gif"),
        ("screenshots --session x --out y --width 10", "--width is 10, wanted 640 to"),
        ("export x --to ~nosuchuser/x", "there is no user 'nosuchuser'"),
        ("export x --to /dev/null/x", "--to is '/dev/null/x', wanted a folder: '/dev/null' is a file"),
        (f"resume {'x' * 300}", "wanted names of at most 255 bytes"),
        ("bench labels --jobs 0", "--jobs is 0, wanted 1 to"),
        ("completion tcl", "SHELL is 'tcl': "),
        ("teech", "No command 'teech': did you mean 'teach'"),
        ("--verison", "Unknown option '--verison': did you mean '--version'"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(arguments.split(" "))
    sentence = str(caught.value)
    assert words in sentence and "\n" not in sentence and "\x1b" not in sentence and "│" not in sentence


def test_nothing_is_made_by_a_command_that_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "folder"
    assert run(["teach", "hopper-hop", "--seed", str(2**64), "--out", str(out)]) == 2
    assert run(["teach", "hopper-hop", "--labels", "0", "--out", str(out)]) == 2
    assert not (tmp_path / "new").exists()
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_tilde_is_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert any_path("~/a") == tmp_path / "a" and any_path("a~") == Path("a~")
    monkeypatch.setenv("BACKFLIP_HOME", "~/b")
    assert sessions_dir() == tmp_path / "b" / "sessions"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "wanted a path"),
        ("a\0b", "NUL"),
        ("\udce9", "UTF-8"),
        ("x/" * 3000, "4095 bytes"),
        ("~nosuchuser", "no user"),
    ],
)
def test_paths_that_nothing_can_open_are_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        any_path(text)
    assert str(caught.value).isprintable()


def test_where_output_goes_is_looked_at_before(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "broken").symlink_to("nowhere")
    assert output_folder(str(tmp_path / "new" / "deep")) == tmp_path / "new" / "deep"
    assert not (tmp_path / "new").exists()
    for place, words in (("file", "it is a file"), ("file/x", "is a file"), ("broken", "link to nothing")):
        with pytest.raises(ValueError, match=words):
            output_folder(str(tmp_path / place))
    assert output_file(str(tmp_path / "a.PNG"), (".png",)).name == "a.PNG"
    for place in ("a.txt", ".png/", "file/a.png", "none/a.png"):
        with pytest.raises(ValueError, match="wanted a file"):
            output_file(str(tmp_path / place), (".png",))


def test_numbers_have_two_ends() -> None:
    assert whole_number("1", 1, 3) == 1 and whole_number("3", 1, 3) == 3 and real_number("0.5", 0.0, 1.0) == 0.5
    for text in ("0", "4", "1.0", "x", "", "nan", "9" * 5000):
        with pytest.raises(ValueError, match="wanted"):
            whole_number(text, 1, 3)
    for text in ("nan", "inf", "-0.1", "1.1", "x"):
        with pytest.raises(ValueError, match="wanted"):
            real_number(text, 0.0, 1.0)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_help_fits_the_screen(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for arguments in (["--help"], ["teach", "--help"], ["help", "bench"]):
        assert parse(arguments)() == 0
        page = capsys.readouterr().out
        assert max(map(len, page.splitlines())) <= columns and "\x1b" not in page


def test_the_version_and_completion(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["--version"])() == 0
    assert capsys.readouterr().out.startswith("backflip 0.")
    assert parse(["completion", "bash"])() == 0
    script = capsys.readouterr().out
    assert "complete " in script and "screenshots" in script


def test_json_has_no_numbers_that_are_none() -> None:
    assert to_json({"a": float("inf"), "b": [float("nan"), 1.5], "c": (True, None)}) == (
        '{"a": null, "b": [null, 1.5], "c": [true, null]}'
    )
